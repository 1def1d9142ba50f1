"""What can happen to an outline: it is arranged anew, and something is added to it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page

from cms import publishing
from cms.addresses import plain_slug
from cms.caching import content_changed
from cms.forms_pages import REVIEW_AFTER
from cms.models import CoursePage, LessonPage, ModulePage, QuizPage
from cms.narration import right_choices
from cms.outline.reading import RULE_WORDS, OutlineState, Row, changes_of, children_as, outline_state
from cms.outline.rules import Arrangement, Line, block_of
from cms.pages.base import ReviewedPage
from common.errors import Refusal
from common.language import on_record
from courses.models import StepRule
from people.models import User
from people.querysets import today
from quizzes.models import Purpose

ARRANGED = "cms.outline.arrange"
CHANGED = "cms.outline.change"
MODELS: dict[str, type[Page]] = {"module": ModulePage, "lesson": LessonPage, "quiz": QuizPage}


@transaction.atomic
def outline_arrange(*, course_page: CoursePage, arrangement: Arrangement, token: str, actor: User) -> OutlineState:
    """Put a course's pages into this order, and make its lessons required and done as said; all or nothing.

    What changes on a published lesson is published at once, and written into its draft too; nothing else of a draft
    is published. Refuses as ``arrangement_check`` does. Gives the outline as it stands afterwards.
    """
    locked = CoursePage.objects.select_for_update(of=("self",)).get(pk=course_page.pk)
    state = outline_state(locked)
    arrangement_check(state=state, arrangement=arrangement, token=token, actor=actor)
    with on_record():
        changes = changes_of(state, arrangement)
    if not changes:
        return state
    with publishing.paused():
        pages_reorder(course_page=locked, order=[line.page for line in arrangement])
        for row, line in _rewritten(state, arrangement):
            _lesson_write(row, line, actor)
    if locked.live:
        publishing.course_carry(course_page=locked)
    content_changed()
    said = [f"«{change.title}» {change.words}" for change in changes]
    log(instance=locked, action=ARRANGED, user=actor, data={"changes": said}, content_changed=True)
    return outline_state(locked)


# --- Why not --------------------------------------------------------------------------------------------------------
def arrangement_check(*, state: OutlineState, arrangement: Arrangement, token: str, actor: User) -> None:
    """Refuse an arrangement that was made from another state, or that learners could not use.

    Codes: ``outline_changed``, ``pages_differ``, ``rule_unknown``, ``rule_without_scenarios``, ``rule_without_task``,
    ``page_locked``, ``no_required_step``.
    """
    if token != state.token:
        raise Refusal(
            _("Đề cương đã được thay đổi ở nơi khác trong lúc bạn sắp xếp, nên chưa áp dụng gì."),
            code="outline_changed",
            fix=_("Dưới đây là đề cương hiện tại. Hãy sắp xếp lại từ đây."),
        )
    if sorted(line.page for line in arrangement) != sorted(state.order):
        raise Refusal(
            _("Danh sách gửi lên thiếu hoặc thừa trang so với đề cương, nên chưa áp dụng gì."),
            code="pages_differ",
            fix=_("Hãy tải lại trang rồi sắp xếp lại."),
        )
    for row, line in _rewritten(state, arrangement):
        _line_check(row, line)
        _lock_check(row, actor)
    steps = publishing.steps_among(children_as(state, arrangement))
    if state.course_page.live and not any(step.required for step in steps):
        raise Refusal(
            _("Khoá học đang mở sẽ không còn phần bắt buộc nào, nên không ai có thể hoàn thành."),
            code="no_required_step",
            fix=_("Hãy giữ ít nhất một bài học đã xuất bản là bắt buộc."),
        )


def _rewritten(state: OutlineState, arrangement: Arrangement) -> list[tuple[Row, Line]]:
    """The lessons of which the arrangement says something new."""
    pairs = [(state.by_page[line.page], line) for line in arrangement]
    return [(row, line) for row, line in pairs if row.kind == "lesson" and row.line != line]


def _line_check(row: Row, line: Line) -> None:
    page = row.page
    if line.rule not in RULE_WORDS:
        raise Refusal(
            _("Chưa chọn khi nào bài «%(title)s» được tính là xong.") % {"title": row.title}, code="rule_unknown"
        )
    if line.rule == row.line.rule or not isinstance(page, LessonPage):
        return
    newest = page if page.live else page.get_latest_revision_as_object()
    if line.rule == StepRule.SCENARIO and not right_choices(newest.body):
        raise Refusal(
            _("Bài «%(title)s» chưa có tình huống nào để trả lời, nên không ai học xong được.") % {"title": row.title},
            code="rule_without_scenarios",
            fix=_("Hãy thêm khối tình huống vào bài và xuất bản trước, hoặc chọn cách tính khác."),
        )
    if line.rule == StepRule.SIGNED_OFF and not newest.task.strip():
        raise Refusal(
            _("Bài «%(title)s» chưa nói người học phải nộp gì để giảng viên xác nhận.") % {"title": row.title},
            code="rule_without_task",
            fix=_("Hãy điền «Bài thực hành phải nộp» trong bài và xuất bản trước, hoặc chọn cách tính khác."),
        )


def _lock_check(row: Row, actor: User) -> None:
    """What waits for its hour or for a reviewer must not be changed behind their back."""
    lock = row.page.get_lock()
    if row.is_scheduled or row.page.workflow_in_progress or (lock and lock.for_user(actor)):
        raise Refusal(
            _("Bài «%(title)s» đang bị khoá, đang chờ duyệt hoặc đang hẹn giờ xuất bản, nên chưa đổi được.")
            % {"title": row.title},
            code="page_locked",
            fix=_("Hãy để nguyên bài này, hoặc mở khoá, bỏ hẹn giờ hay chờ duyệt xong."),
        )


# --- Writing --------------------------------------------------------------------------------------------------------
def pages_reorder(*, course_page: CoursePage, order: Sequence[int]) -> None:
    """Put the pages below a course into ``order`` (all of their ids), in three queries however many move.

    They have no pages below them, so they can trade their places in the tree among themselves.
    """
    pages = list(course_page.get_children().order_by("path"))
    by_id = {page.pk: page for page in pages}
    places = [page.path for page in pages]
    moving = []
    for place, pk in zip(places, order, strict=True):
        if by_id[pk].path != place:
            by_id[pk].path = place
            moving.append(by_id[pk])
    # Places are unique: all leave theirs before any takes another.
    ids = [page.pk for page in moving]
    Page.objects.filter(pk__in=ids).update(path=Concat(Value("~"), Substr("path", 2)))
    Page.objects.bulk_update(moving, ["path"], batch_size=500)


def _lesson_write(row: Row, line: Line, actor: User) -> None:
    """Say of a lesson and of its draft what the outline says, as revisions of their own."""
    page: Any = row.page
    values: dict[str, Any] = {}
    if line.required != row.line.required:
        values["required"] = line.required
    if line.rule != row.line.rule:
        values["rule"] = line.rule
    draft = page.get_latest_revision_as_object() if page.has_unpublished_changes else page
    LessonPage.objects.filter(pk=page.pk).update(**values)
    said = {"user": actor, "clean": False, "log_action": CHANGED}
    if page.live:
        _set(page, values)
        revision = page.save_revision(changed=False, **said)
        Page.objects.filter(pk=page.pk).update(live_revision=revision, last_published_at=timezone.now())
    if draft is not page or not page.live:
        _set(draft, values)
        draft.save_revision(**said)


def _set(page: Page, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(page, name, value)


# --- Adding ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def outline_page_add(*, course_page: CoursePage, kind: str, title: str, module: int | None, actor: User) -> Page:
    """Add a draft "module", "lesson" or "quiz" at the end of a module; without one, before the first module.

    Lessons and quizzes are their author's, to be looked over in half a year, as if made in their own form.
    A course's first quiz is its final one; it asks from the bank that the course's other quizzes ask from.
    """
    page = MODELS[kind](title=title.strip(), live=False, owner=actor)
    if isinstance(page, ReviewedPage):
        page.content_owner, page.review_on = actor, today() + REVIEW_AFTER
    if not plain_slug(title):
        page.slug = f"{kind}-{uuid.uuid4().hex[:6]}"
    if isinstance(page, QuizPage):
        quizzes = QuizPage.objects.child_of(course_page)
        page.purpose = Purpose.CHECK if quizzes.filter(purpose=Purpose.FINAL).exists() else Purpose.FINAL
        page.bank = next((quiz.bank for quiz in quizzes.exclude(bank=None).select_related("bank")), None)
    locked = CoursePage.objects.select_for_update(of=("self",)).get(pk=course_page.pk)
    below = list(locked.get_children().order_by("path"))
    order = [child.pk for child in below]
    headings = {child.pk for child in below if child.specific_class is ModulePage}
    locked.add_child(instance=page)
    page.save_revision(user=actor, clean=False, log_action="wagtail.create")
    if module is not None and module in headings:
        at = block_of(order, module, headings).stop
    else:
        at = next((number for number, pk in enumerate(order) if pk in headings), len(order))
    pages_reorder(course_page=locked, order=[*order[:at], page.pk, *order[at:]])
    return page
