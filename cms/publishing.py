"""From editors' pages to the course that learners meet: what is carried over, and what is refused and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from cms.caching import content_changed
from cms.models import CataloguePage, CoursePage, LessonNarration, LessonPage, ModulePage, PathPage, QuizPage
from cms.narration import media_kinds
from cms.pictures import ask_for
from courses.models import Course, Step
from courses.services import Outline, OutlineModule, OutlineStep, course_close, course_outline_publish
from quizzes.services import quiz_save

StepPage = LessonPage | QuizPage
OutlinePage = ModulePage | StepPage

_paused: ContextVar[bool] = ContextVar("cms_publishing_paused", default=False)


@contextmanager
def paused() -> Iterator[None]:
    """While many pages of one course are written, carry nothing; the caller carries once at the end."""
    token = _paused.set(True)
    try:
        yield
    finally:
        _paused.reset(token)


def live_children(course_page: CoursePage, without: Page | None = None) -> list[Page]:
    """The published modules, lessons and quizzes of a course, in order; ``without`` is a page about to go."""
    pages = course_page.get_children().live().order_by("path").specific()
    return [page for page in pages if without is None or page.pk != without.pk]


# --- Why not --------------------------------------------------------------------------------------------------------
def step_pages(course_page: CoursePage, *, without: Page | None = None) -> list[StepPage]:
    """The published lessons and quizzes of a course, in order; ``without`` is a page about to go."""
    return steps_among(live_children(course_page, without))


def steps_among(children: Sequence[Page]) -> list[StepPage]:
    """Those of a course's published pages that learners meet as steps.

    A quiz that cannot be asked and never could is left out. One that learners already met stays: taking it away
    silently would complete the course for everybody who lacks just that.
    """
    kept = [page for page in children if isinstance(page, StepPage)]
    met = set(
        Step.objects.filter(key__in=[p.translation_key for p in kept], is_active=True).values_list("key", flat=True)
    )
    return [
        page for page in kept if not isinstance(page, QuizPage) or page.translation_key in met or not page.problems()
    ]


def publish_problems(page: Page, *, going: Collection[int] = ()) -> list[str]:
    """Why ``page`` must stay a draft, in words for the editor; empty when it may be published.

    Whether a course that goes out together with others has something to complete is for the caller to see.
    """
    if isinstance(page, QuizPage | PathPage):
        return page.problems()
    if isinstance(page, LessonPage) and not page.body:
        return [_("Bài học chưa có nội dung.")]
    if isinstance(page, CoursePage) and page.pk not in going and not _has_required_step(page):
        return [
            _(
                "Khoá học chưa có phần bắt buộc nào đã xuất bản. Hãy thêm và xuất bản ít nhất một bài học bắt buộc "
                "hoặc bài kiểm tra cuối khoá trước."
            )
        ]
    return []


def _has_required_step(course_page: CoursePage) -> bool:
    """Whether there is something to complete, now or by the time at which the course is to go live."""
    if any(step.required for step in step_pages(course_page)):
        return True
    if not course_page.go_live_at or course_page.go_live_at <= timezone.now():
        return False
    children = [str(pk) for pk in course_page.get_children().values_list("pk", flat=True)]
    scheduled = Revision.page_revisions.filter(object_id__in=children, approved_go_live_at__lte=course_page.go_live_at)
    return any(getattr(revision.as_object(), "required", False) for revision in scheduled)


def removal_problems(page: Page) -> list[str]:
    """Why ``page`` cannot be taken away: an open course would be left without anything to complete."""
    page = page.specific
    if not isinstance(page, StepPage) or not page.live or not page.required:
        return []
    course_page = page.get_parent().specific
    if not course_page.live or any(step.required for step in step_pages(course_page, without=page)):
        return []
    return [
        _(
            "Đây là phần bắt buộc cuối cùng của khoá «%(title)s» đang mở. Hãy thêm phần bắt buộc khác, hoặc "
            "ngừng xuất bản khoá học trước."
        )
        % {"title": course_page.title}
    ]


# --- What is carried ------------------------------------------------------------------------------------------------
def _in_modules(children: Sequence[Page], kept: list[StepPage]) -> tuple[list[OutlineModule], list[OutlineStep]]:
    """The modules of a course, and the steps that are kept, each in the module whose heading stands before it."""
    modules: list[OutlineModule] = []
    steps: list[OutlineStep] = []
    wanted = {page.pk for page in kept}
    for page in children:
        if isinstance(page, ModulePage):
            modules.append(page.outline_module())
        elif page.pk in wanted:
            steps.append(replace(page.outline_step(), module=modules[-1].key if modules else None))
    return modules, steps


def _helps(lessons: list[LessonPage]) -> dict[str, bool]:
    """What the lessons of a course offer to whom: captions come with every video of ours, narration by the lesson."""
    kinds = [media_kinds(lesson.body) for lesson in lessons]
    narrated = LessonNarration.objects.filter(page__in=lessons).values("page").distinct().count()
    return {
        "is_captioned": any("video" in found for found in kinds) and not any("embed" in found for found in kinds),
        "is_narrated": bool(lessons) and narrated == len(lessons),
        "is_light": not any(found for found in kinds),
    }


def outline_of(
    course_page: CoursePage, steps: list[OutlineStep], modules: Sequence[OutlineModule] = (), **helps: bool
) -> Outline:
    """The outline of a course page with the given steps under the given modules."""
    return Outline(
        key=course_page.translation_key,
        slug=course_page.slug,
        code=course_page.code,
        title=course_page.title,
        summary=course_page.summary,
        path=course_page.site_path,
        level=course_page.level,
        hours=course_page.hours,
        audience_codes=list(course_page.audiences.values_list("code", flat=True)),
        topic_codes=list(course_page.topics.values_list("code", flat=True)),
        steps=steps,
        modules=modules,
        language=course_page.language,
        valid_months=course_page.valid_months,
        yearly_refresh=course_page.yearly_refresh,
        prerequisites=list(course_page.prerequisites.values_list("key", flat=True)),
        competence_ids=[competence.pk for competence in course_page.competences.all()],
        **helps,
        automatic_confirmation=course_page.automatic_confirmation,
        # A course that lost its last required step by a way around the editor closes; it never breaks a page.
        is_published=any(step.required for step in steps),
    )


def outline_from(course_page: CoursePage, children: Sequence[Page], pages: list[StepPage] | None = None) -> Outline:
    """The outline of a course page whose published pages are ``children``, in this order; ``pages`` are its steps."""
    pages = steps_among(children) if pages is None else pages
    modules, outline_steps = _in_modules(children, pages)
    helps = _helps([page for page in pages if isinstance(page, LessonPage)])
    return outline_of(course_page, outline_steps, modules, **helps)


@transaction.atomic
def course_carry(*, course_page: CoursePage, without: Page | None = None) -> Course:
    """Carry a live course page with its live lessons and quizzes into ``courses`` and ``quizzes``. Idempotent."""
    children = live_children(course_page, without)
    pages = steps_among(children)
    course = course_outline_publish(outline=outline_from(course_page, children, pages))
    steps = {step.key: step for step in course.steps.filter(is_active=True)}
    for page in pages:
        if isinstance(page, QuizPage) and page.bank is not None and not page.problems():
            quiz_save(
                step=steps[page.translation_key],
                bank=page.bank,
                purpose=page.purpose,
                question_codes=page.codes,
                draw=page.draw,
                sections=page.quiz_sections,
                **page.quiz_settings,
            )
    return course


def _carry_path(path: str, *, without: Page | None = None) -> None:
    """Carry the live course page at a tree path, if there is one."""
    if course_page := CoursePage.objects.filter(path=path, live=True).first():
        course_carry(course_page=course_page, without=without)


# --- When -----------------------------------------------------------------------------------------------------------
def on_published(sender: Any, instance: Page, **kwargs: Any) -> None:
    content_changed()
    ask_for(instance.pk)
    if _paused.get():
        return
    if isinstance(instance, CoursePage):
        _carry_path(instance.path)
    elif isinstance(instance, OutlinePage):
        _carry_path(instance.path[: -instance.steplen])


def on_unpublished(sender: Any, instance: Page, **kwargs: Any) -> None:
    content_changed()
    if _paused.get():
        return
    if isinstance(instance, CoursePage):
        course_close(key=instance.translation_key)
    elif isinstance(instance, OutlinePage):
        _carry_path(instance.path[: -instance.steplen], without=instance)


def on_moved(sender: Any, instance: Page, parent_page_before: Page, parent_page_after: Page, **kwargs: Any) -> None:
    content_changed()
    if _paused.get():
        return
    moved = Page.objects.get(pk=instance.pk)
    if sender is CoursePage:
        _carry_path(moved.path)
    elif sender in (ModulePage, LessonPage, QuizPage):
        for path in {parent_page_before.path, moved.path[: -moved.steplen]}:
            _carry_path(path)


def on_address_changed(sender: Any, instance: Page, **kwargs: Any) -> None:
    """The catalogue got another address: so did every course under it."""
    content_changed()
    if isinstance(instance, CataloguePage):
        for course_page in CoursePage.objects.child_of(instance).live():
            course_carry(course_page=course_page)


def on_deleted(sender: Any, instance: Page, **kwargs: Any) -> None:
    content_changed()
    if sender is CoursePage:
        course_close(key=instance.translation_key)
    elif not _paused.get():
        # Several pages may go at once: what is left is known when all are gone.
        parent = instance.path[: -instance.steplen]
        transaction.on_commit(lambda: _carry_path(parent))


def connect() -> None:
    """Listen to the pages; called once when the room is ready."""
    page_published.connect(on_published, dispatch_uid="cms.on_published")
    page_unpublished.connect(on_unpublished, dispatch_uid="cms.on_unpublished")
    post_page_move.connect(on_moved, dispatch_uid="cms.on_moved")
    page_slug_changed.connect(on_address_changed, dispatch_uid="cms.on_address_changed")
    for model in (CoursePage, ModulePage, LessonPage, QuizPage):
        post_delete.connect(on_deleted, sender=model, dispatch_uid=f"cms.on_deleted.{model.__name__}")
