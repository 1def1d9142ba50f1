"""What the outline view reads. Each function costs a fixed number of queries, whatever the length of the course."""

from __future__ import annotations

import time
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail.models import Page, Revision

from cms.checks.gate import findings_of
from cms.models import CoursePage, LessonPage, ModulePage, QuizPage
from cms.outline.rules import Arrangement, Line, displaced, token_of
from cms.publishing import OutlinePage, outline_from
from courses.models import Enrolment, StepRule
from courses.rules import OutlineEffect
from courses.services import outline_effect

KINDS = {ModulePage: "module", LessonPage: "lesson", QuizPage: "quiz"}
KIND_WORDS = {
    "module": gettext_noop("Phần"),
    "lesson": gettext_noop("Bài học"),
    "quiz": gettext_noop("Bài kiểm tra"),
}
#: What checks found in a version may change without it: links outside break, banks lose questions.
FINDING_SECONDS = 600
#: Rules of completion in the few words that a row has room for.
RULE_WORDS = {
    StepRule.MARKED.value: gettext_noop("Bấm «Tôi đã học xong»"),
    StepRule.OPENED.value: gettext_noop("Đọc đến cuối, đủ thời gian"),
    StepRule.SCENARIO.value: gettext_noop("Trả lời đúng tình huống"),
    StepRule.SIGNED_OFF.value: gettext_noop("Giảng viên xác nhận"),
}


@dataclass(frozen=True)
class Row:
    """A page of the outline as it stands. ``draft`` is what its unpublished draft says, where that differs."""

    page: OutlinePage
    line: Line
    draft: Line | None = None
    is_scheduled: bool = False
    errors: int = 0
    warnings: int = 0

    @property
    def kind(self) -> str:
        return KINDS[type(self.page)]

    @property
    def kind_words(self) -> str:
        return _(KIND_WORDS[self.kind])

    @property
    def title(self) -> str:
        return str(self.page.get_admin_display_title())

    @property
    def state(self) -> str:
        """ "live", "changed" (published, with a newer draft) or "draft"."""
        if not self.page.live:
            return "draft"
        return "changed" if self.page.has_unpublished_changes else "live"

    @property
    def required(self) -> bool:
        """Whether learners must do it; of a quiz its purpose says it."""
        return bool(getattr(self.page, "required", False) if self.line.required is None else self.line.required)

    @property
    def draft_words(self) -> str:
        """What publishing the draft would change of what this page shows."""
        return "; ".join(_changed_words(self.line, self.draft)) if self.draft else ""

    @property
    def rule_words(self) -> str:
        if isinstance(self.page, QuizPage):
            return _("Đạt từ %(percent)s %%") % {"percent": self.page.pass_percent}
        return _(RULE_WORDS[self.line.rule]) if self.line.rule in RULE_WORDS else ""


@dataclass(frozen=True)
class OutlineState:
    """A course's outline as it stands in the pages, in order."""

    course_page: CoursePage
    rows: list[Row] = field(default_factory=list)

    @cached_property
    def by_page(self) -> dict[int, Row]:
        return {row.page.pk: row for row in self.rows}

    @cached_property
    def headings(self) -> frozenset[int]:
        return frozenset(row.page.pk for row in self.rows if row.kind == "module")

    @property
    def arrangement(self) -> Arrangement:
        return tuple(row.line for row in self.rows)

    @property
    def order(self) -> list[int]:
        return [row.page.pk for row in self.rows]

    @cached_property
    def token(self) -> str:
        return token_of(self.arrangement, {row.page.pk for row in self.rows if row.page.live})

    def in_order(self, arrangement: Arrangement) -> list[Row]:
        """The rows as ``arrangement`` would have them; pages it does not know are left out."""
        return [replace(self.by_page[line.page], line=line) for line in arrangement if line.page in self.by_page]


def outline_state(course_page: CoursePage) -> OutlineState:
    """The outline of a course. Queries: the pages with each kind's own fields (4), their drafts, their schedules."""
    pages = [page for page in course_page.get_children().order_by("path").specific() if isinstance(page, OutlinePage)]
    drafts = _drafts(pages)
    scheduled = _scheduled(pages)
    rows = []
    for page in pages:
        line, draft = line_of(page), drafts.get(page.pk)
        if draft and not page.live:
            line, draft = draft, None
        rows.append(Row(page, line, draft if draft != line else None, page.pk in scheduled))
    return OutlineState(course_page, rows)


def line_of(page: OutlinePage) -> Line:
    """What a page says of itself."""
    return Line(page.pk, page.required, page.rule) if isinstance(page, LessonPage) else Line(page.pk)


def _drafts(pages: Iterable[Page]) -> dict[int, Line]:
    """What the newest drafts of lessons say, out of their stored content, without the text of the lessons."""
    newest = [p.latest_revision_id for p in pages if isinstance(p, LessonPage) and p.has_unpublished_changes]
    found = Revision.objects.filter(pk__in=newest).values_list("object_id", "content__required", "content__rule")
    return {
        int(page): Line(int(page), True if required is None else required, rule or StepRule.MARKED)
        for page, required, rule in found
    }


def _scheduled(pages: list[Any]) -> set[int]:
    """The pages that wait for their hour to be published."""
    waiting = Revision.page_revisions.filter(
        object_id__in=[str(page.pk) for page in pages], approved_go_live_at__isnull=False
    )
    return {int(page) for page in waiting.values_list("object_id", flat=True)}


def with_findings(course_page: CoursePage, rows: list[Row]) -> list[Row]:
    """The rows with how many errors and warnings the checks find in the newest text of each.

    Looking at the text of every lesson takes long, so what was found is kept for a while, for just this version.
    """
    key, now = f"cms:findings:{course_page.pk}", time.time()
    kept: dict[Any, tuple[int, int, float]] = cache.get(key) or {}
    found = {}
    for row in rows:
        version = (row.page.pk, row.page.latest_revision_id, row.page.live)
        known = kept.get(version)
        found[version] = known if known and now - known[2] < FINDING_SECONDS else (*_findings(row.page), now)
    if found != kept:
        cache.set(key, found, FINDING_SECONDS)
    return [
        replace(row, errors=errors, warnings=warnings)
        for row, (errors, warnings, _at) in zip(rows, found.values(), strict=True)
    ]


def _findings(page: OutlinePage) -> tuple[int, int]:
    levels = [finding.level for finding in findings_of(page.get_latest_revision_as_object())]
    return levels.count("error"), levels.count("warning")


def learners_in_progress(course_page: CoursePage) -> int:
    """How many people learn the course and have not finished."""
    return Enrolment.objects.filter(course__key=course_page.translation_key, completion=None).count()


def learners_of(course_pages: Iterable[CoursePage]) -> dict[UUID, int]:
    """The same of several courses at once, by their keys; courses without any are left out."""
    keys = [page.translation_key for page in course_pages]
    learning = Enrolment.objects.filter(course__key__in=keys, completion=None)
    return dict(learning.values_list("course__key").annotate(Count("pk")).order_by())


# --- What would be --------------------------------------------------------------------------------------------------
def children_as(state: OutlineState, arrangement: Arrangement) -> list[OutlinePage]:
    """The published pages as they would be under an arrangement; the pages of ``state`` stay as they are."""
    children = []
    for row in state.in_order(arrangement):
        if row.page.live:
            page = copy(row.page)
            if isinstance(page, LessonPage) and row.line.required is not None:
                page.required, page.rule = row.line.required, row.line.rule
            children.append(page)
    return children


def effect_of_arrangement(state: OutlineState, arrangement: Arrangement) -> OutlineEffect | None:
    """What an arrangement would do to the people in progress; None while the course is closed."""
    if not state.course_page.live:
        return None
    return outline_effect(outline=outline_from(state.course_page, children_as(state, arrangement)))


@dataclass(frozen=True)
class Change:
    """One thing that an arrangement changes, in words."""

    title: str
    words: str


def changes_of(state: OutlineState, arrangement: Arrangement) -> list[Change]:
    """What an arrangement changes, in its order: the fewest moves, then what is required and by which rule."""
    went = set(displaced(state.order, [line.page for line in arrangement]))
    changes, module, place = [], "", 0
    for row in state.in_order(arrangement):
        if row.kind == "module":
            module, place = row.title, 0
        else:
            place += 1
        words = _changed_words(state.by_page[row.page.pk].line, row.line)
        if row.page.pk in went:
            words = [place_words(row.kind, module, place), *words]
        if words:
            changes.append(Change(row.title, "; ".join(words)))
    return changes


def place_words(kind: str, module: str, place: int) -> str:
    """Where something went: a lesson to its place in its module, a module with all it holds."""
    if kind == "module":
        return _("chuyển chỗ cùng các bài trong phần")
    if module:
        return _("chuyển đến vị trí %(place)s trong «%(module)s»") % {"place": place, "module": module}
    return _("chuyển đến vị trí %(place)s trong đầu đề cương") % {"place": place}


def _changed_words(before: Line, after: Line) -> list[str]:
    words = []
    if before.required != after.required:
        words.append(_("thành bắt buộc") if after.required else _("thành tự chọn"))
    if before.rule != after.rule:
        words.append(_("được tính là xong khi: %(rule)s") % {"rule": _(RULE_WORDS.get(after.rule, after.rule))})
    return words
