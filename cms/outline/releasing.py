"""Everything of a course that is ready goes out at once; what is not stays, and is told with its reasons."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page, WorkflowState

from cms import publishing
from cms.caching import content_changed
from cms.checks import gate
from cms.checks.plain import ERROR, WARNING, Finding
from cms.models import CoursePage
from cms.outline.reading import Row, outline_state
from common.errors import Refusal
from courses.rules import OutlineEffect
from courses.services import outline_effect
from people.models import User


@dataclass(frozen=True)
class Candidate:
    """A page with something unpublished: its newest text, and why it cannot go out with the others, if it cannot."""

    draft: Any
    reasons: Sequence[str] = ()
    warnings: int = 0

    @property
    def title(self) -> str:
        return str(self.draft.get_admin_display_title())

    @property
    def is_new(self) -> bool:
        """Whether learners have not met it yet."""
        return not self.draft.live


@dataclass(frozen=True)
class Release:
    """What would go out of a course at once, and what would not; the course's own page comes last."""

    course_page: CoursePage
    rows: Sequence[Row]
    ready: Sequence[Candidate]
    held: Sequence[Candidate]

    @cached_property
    def token(self) -> str:
        """Names exactly what was looked at: the versions that would go out, in their order."""
        said = [(each.draft.pk, each.draft.latest_revision_id) for each in self.ready]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]

    @cached_property
    def children(self) -> list[Page]:
        """The published modules, lessons and quizzes as they would be afterwards."""
        going = {each.draft.pk: each.draft for each in self.ready}
        return [going.get(row.page.pk, row.page) for row in self.rows if row.page.live or row.page.pk in going]

    @cached_property
    def course_afterwards(self) -> CoursePage | None:
        """The course's page as learners would have it; None where it stays closed."""
        going = [each.draft for each in self.ready if each.draft.pk == self.course_page.pk]
        return going[0] if going else self.course_page if self.course_page.live else None

    @cached_property
    def effect(self) -> OutlineEffect | None:
        """What this does to the people in progress; None while the course stays closed."""
        if self.course_afterwards is None:
            return None
        return outline_effect(outline=publishing.outline_from(self.course_afterwards, self.children))


def course_release_plan(*, course_page: CoursePage) -> Release:
    """What of a course could go out now. Reads the newest text of every page with something unpublished.

    Pages that go out together may link to each other; whoever leads to one that is held back is held back too.
    """
    rows = outline_state(course_page).rows
    waiting = [row.page for row in rows if row.state != "live"]
    if not course_page.live or course_page.has_unpublished_changes:
        waiting.append(course_page)
    busy = _busy(waiting, {row.page.pk for row in rows if row.is_scheduled})
    drafts = {page.pk: page.get_latest_revision_as_object() for page in waiting}
    held = {pk: [busy.get(pk) or _own_hour(draft)] for pk, draft in drafts.items() if busy.get(pk) or _own_hour(draft)}
    found: dict[int, list[Finding]] = {}
    while True:
        going = drafts.keys() - held.keys()
        with gate.together(going):
            found = {pk: gate.findings_of(drafts[pk]) for pk in drafts if pk in going}
        unfit = {pk: _reasons(found[pk]) for pk in going if _reasons(found[pk])}
        if not unfit:
            break
        held |= unfit
    release = Release(course_page, rows, _ready(drafts, found), [Candidate(drafts[pk], held[pk]) for pk in held])
    return _with_course(release)


def _ready(drafts: dict[int, Any], found: dict[int, list[Finding]]) -> list[Candidate]:
    counts = {pk: sum(finding.level == WARNING for finding in findings) for pk, findings in found.items()}
    return [Candidate(drafts[pk], warnings=counts[pk]) for pk in found]


def _busy(pages: Sequence[Page], scheduled: set[int]) -> dict[int, str]:
    """Pages that somebody else has a hand on, with why; one query."""
    reviewed = WorkflowState.objects.active().filter(object_id__in=[str(page.pk) for page in pages])
    under_review = {int(pk) for pk in reviewed.values_list("object_id", flat=True)}
    found = {page.pk: _("Trang đang bị khoá. Hãy mở khoá trước.") for page in pages if page.locked}
    found |= {page.pk: _("Trang đang chờ duyệt.") for page in pages if page.pk in under_review}
    return found | {page.pk: _("Trang đã hẹn giờ xuất bản.") for page in pages if page.pk in scheduled}


def _own_hour(draft: Any) -> str:
    if draft.go_live_at and draft.go_live_at > timezone.now():
        return _("Bản nháp có hẹn giờ xuất bản. Hãy xuất bản riêng trang này.")
    return ""


def _reasons(findings: Sequence[Finding]) -> list[str]:
    """Errors in words. Whether a course has something to complete is asked when it is known what else goes out."""
    return [gate.in_words([each]) for each in findings if each.level == ERROR]


def _with_course(release: Release) -> Release:
    """The course's page opens only with something to complete."""
    steps = publishing.steps_among(release.children)
    if any(step.required for step in steps):
        return release
    own = [each for each in release.ready if each.draft.pk == release.course_page.pk]
    ready = [each for each in release.ready if each not in own]
    reasons = [_("Khoá học sẽ chưa có phần bắt buộc nào. Hãy sửa các trang bị giữ lại, hoặc thêm một bài bắt buộc.")]
    held = [*release.held, *(Candidate(each.draft, reasons) for each in own)]
    return Release(release.course_page, release.rows, ready, held)


def release_require(release: Release, *, token: str) -> None:
    """Refuse a release that is not what was looked at, or that leaves learners without a way to the end."""
    if not release.ready:
        raise Refusal(
            _("Chưa có trang nào sẵn sàng để xuất bản."), code="nothing_ready", fix=_("Hãy sửa các chỗ nêu dưới.")
        )
    if token != release.token:
        raise Refusal(
            _("Có trang vừa được sửa thêm, nên chưa xuất bản gì."),
            code="release_changed",
            fix=_("Hãy xem lại danh sách dưới đây rồi xuất bản."),
        )
    if release.course_page.live and not any(step.required for step in publishing.steps_among(release.children)):
        raise Refusal(
            _("Khoá học đang mở sẽ không còn phần bắt buộc nào, nên không ai có thể hoàn thành."),
            code="no_required_step",
            fix=_("Hãy giữ ít nhất một bài học hoặc bài kiểm tra là bắt buộc."),
        )


@transaction.atomic
def course_release(
    *, course_page: CoursePage, token: str, actor: User, published_one: Callable[[], None] | None = None
) -> Release:
    """Publish everything of a course that is ready, in one go, and carry it to learners once; return what went out.

    ``published_one`` is called after each page. Raises Refusal ``release_changed`` when that is no longer what
    ``token`` names, ``nothing_ready``, and ``no_required_step`` when an open course would be left without anything to
    complete.
    """
    locked = CoursePage.objects.select_for_update(of=("self",)).get(pk=course_page.pk)
    release = course_release_plan(course_page=locked)
    release_require(release, token=token)
    with publishing.paused(), gate.together([each.draft.pk for each in release.ready]):
        for each in release.ready:
            each.draft.latest_revision.publish(user=actor)
            if published_one:
                published_one()
    course = CoursePage.objects.get(pk=locked.pk)
    if course.live:
        publishing.course_carry(course_page=course)
    content_changed()
    return release
