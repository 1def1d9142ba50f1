"""What the pages read: the outline as the reader stands in it, the catalogue, the figures of the first page.

Each function costs a fixed number of queries, whatever the length of the course.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Value
from django.utils import timezone

from cms.outlines import Group, Left, Row, groups_of, left_of, rows_of
from courses import finding, rules
from courses.finding import FoundLessons
from courses.models import (
    Completion,
    Course,
    Enrolment,
    Level,
    Module,
    Step,
    StepCompletion,
    StepKind,
    StepVisit,
    Topic,
)
from courses.querysets import Wanted
from courses.services import visit_open
from people.models import Audience, Unit, UnitKind

#: The first page's figures are counted anew this often.
FIGURE_SECONDS = 300


@dataclass(frozen=True)
class Reading:
    """A course's steps, and where one reader stands in them."""

    course: Course
    steps: list[Step]
    current: Step | None = None
    enrolment: Enrolment | None = None
    visit: StepVisit | None = None
    done: frozenset[int] = field(default_factory=frozenset)
    is_guest: bool = False
    is_draft: bool = False

    @cached_property
    def progress(self) -> rules.Progress:
        return rules.progress(self.steps, self.done, finished=self.completion is not None)

    @cached_property
    def next_step(self) -> Step | None:
        """Where to go on: the step last open while it is left to do, else the first that is left."""
        return rules.next_step(self.steps, self.done, self.enrolment.last_step_id if self.enrolment else None)

    @cached_property
    def left(self) -> Left:
        """What is left of the course."""
        return left_of(self.steps, self.done)

    @property
    def minutes_left(self) -> int:
        return self.left.minutes

    @property
    def completion(self) -> Completion | None:
        return getattr(self.enrolment, "completion", None)

    @cached_property
    def lessons(self) -> list[Step]:
        return [step for step in self.steps if step.kind == StepKind.LESSON]

    @property
    def quiz_count(self) -> int:
        """Required quizzes; knowledge checks are not announced as work."""
        return sum(step.kind == StepKind.QUIZ and step.required for step in self.steps)

    @property
    def first(self) -> Step:
        return self.lessons[0] if self.lessons else self.steps[0]

    @cached_property
    def rows(self) -> list[Row]:
        """The outline as it is shown."""
        return rows_of(self.steps, self.done, now=self.next_step if self.enrolment else None, here=self.current)

    @cached_property
    def groups(self) -> list[Group]:
        """The outline under its modules. Beside a lesson, other modules than its own are folded away."""
        return groups_of(self.rows, self.done, long=True if self.current else None)

    @property
    def lesson_number(self) -> int:
        """Which lesson of the course this is, from 1."""
        return self.lessons.index(self.current) + 1 if self.current in self.lessons else 0

    @property
    def percent_before(self) -> int:
        """How much of the course's lessons lie before this one."""
        return (self.lesson_number - 1) * 100 // len(self.lessons) if self.lesson_number else 0

    @property
    def current_is_done(self) -> bool:
        return self.current is not None and self.current.pk in self.done

    @property
    def before(self) -> Step | None:
        """What came before; a guest goes back to the lesson before."""
        earlier = self.steps[: self.steps.index(self.current)] if self.current in self.steps else []
        lessons = [step for step in earlier if step.kind == StepKind.LESSON]
        return next(iter(reversed(lessons if self.is_guest and lessons else earlier)), None)

    @property
    def after(self) -> Step | None:
        """What comes next; a guest goes on to the next lesson, for quizzes ask who is answering."""
        later = self.steps[self.steps.index(self.current) + 1 :] if self.current in self.steps else []
        lessons = [step for step in later if step.kind == StepKind.LESSON]
        return next(iter(lessons if self.is_guest and lessons else later), None)


def _reading(user: Any, at: dict[str, UUID], key: UUID | None = None) -> Reading | None:
    """The course found ``at`` this. Queries: for a signed-in reader the enrolment; the steps with their course, and
    which of them are done."""
    enrolment = None
    if user.is_authenticated:
        rounds = Enrolment.objects.filter(user=user, **at).order_by("-round")
        enrolment = rounds.select_related("completion").first()
    found: list[Any] = list(_open_steps().filter(**at).annotate(is_done=_is_done(enrolment)))
    if not found:
        return None
    return Reading(
        course=found[0].course,
        steps=found,
        current=next((step for step in found if step.key == key), None),
        enrolment=enrolment,
        done=frozenset(step.pk for step in found if step.is_done),
        is_guest=not user.is_authenticated,
    )


def _is_done(enrolment: Enrolment | None) -> Exists | Value:
    """Whether a step is done in this enrolment."""
    if enrolment is None:
        return Value(False)
    return Exists(StepCompletion.objects.filter(enrolment=enrolment, step=OuterRef("pk")))


def _open_steps() -> QuerySet[Step]:
    """The steps of open courses. What search leans on is long, and no page shows it."""
    steps = Step.objects.filter(is_active=True, course__is_published=True).select_related("course", "module")
    return steps.defer("text", "title_key", "search_key", "course__title_key", "course__search_key")


def reading_of_course(*, user: Any, key: UUID) -> Reading | None:
    """A published course as ``user`` stands in it; None while it is closed."""
    return _reading(user, {"course__key": key})


def reading_of_step(*, user: Any, key: UUID) -> Reading | None:
    """The course of a step, with that step as the current one; None while the course or the step is closed."""
    reading = _reading(user, {"course__steps__key": key}, key)
    return reading if reading and reading.current else None


def reading_of_draft(*, course_page: Any, current: Any = None) -> Reading:
    """What the editor's preview shows: the outline from the pages as they are now, nothing done, nothing saved."""
    course = Course(
        key=course_page.translation_key,
        slug=course_page.slug,
        code=course_page.code,
        title=course_page.title,
        summary=course_page.summary,
        path=course_page.site_path if course_page.url_path else "#",
        level=course_page.level or Level.BASIC,
        hours=course_page.hours,
        language=course_page.language,
        valid_months=course_page.valid_months,
        yearly_refresh=course_page.yearly_refresh,
    )
    pages = [page.specific for page in course_page.get_children()] if course_page.pk else []
    if current is not None:
        pages = [current if page.pk == current.pk else page for page in pages]
        if current not in pages:
            pages.append(current)
    steps = _draft_steps(course, pages)
    now = next((s for s in steps if current is not None and s.key == current.translation_key), None)
    course.minutes = sum(step.minutes for step in steps if step.required)
    return Reading(course=course, steps=steps, current=now, is_draft=True)


def _draft_steps(course: Course, pages: Iterable[Any]) -> list[Step]:
    """Unsaved steps of unsaved pages, each under the heading that stands before it."""
    steps: list[Step] = []
    module: Module | None = None
    for position, page in enumerate(pages, start=1):
        if hasattr(page, "outline_module"):
            module = Module(pk=-position, course=course, key=page.translation_key, title=page.title, position=position)
            continue
        if not hasattr(page, "outline_step"):
            continue
        step = Step(
            pk=-position,
            course=course,
            module=module,
            key=page.translation_key,
            kind=StepKind.QUIZ if hasattr(page, "purpose") else StepKind.LESSON,
            title=page.title,
            path=page.site_path if page.url_path else "#",
            position=position,
            minutes=getattr(page, "study_minutes", None) or page.minutes or 0,
            required=page.required,
        )
        steps.append(step)
    return steps


def remember(reading: Reading) -> Reading:
    """Keep where an enrolled reader is, to resume there on any device; the reading with their visit of this step."""
    if reading.enrolment is None or reading.current is None:
        return reading
    return replace(reading, visit=visit_open(enrolment=reading.enrolment, step=reading.current))


def catalogue(wanted: Wanted) -> list[int]:
    """The ids of the courses of the catalogue, in order: one query, whatever the page."""
    return list(Course.objects.for_catalogue(wanted).values_list("pk", flat=True))


def cards(ids: Sequence[int]) -> list[Course]:
    """Courses with what their cards show."""
    return Course.objects.for_cards(ids)


def lessons_found(wanted: Wanted) -> FoundLessons:
    """Lessons in which all the words stand, of courses that are as wanted; none without words."""
    return finding.lessons_found(wanted.words, courses=Course.objects.narrowed(wanted))


def languages_with_courses() -> list[str]:
    """Languages, by BCP 47 tag, in which a published course is written."""
    return list(Course.objects.published().order_by("language").values_list("language", flat=True).distinct())


def audiences_with_courses() -> QuerySet[Audience]:
    """Audiences for whom there is something to learn."""
    some = Course.objects.published().filter(audiences=OuterRef("pk"))
    return Audience.objects.filter(Exists(some)).order_by("position", "pk")


def topics_with_courses() -> QuerySet[Topic]:
    """Topics that a published course treats."""
    return Topic.objects.filter(Exists(Course.objects.published().filter(topics=OuterRef("pk")))).order_by("code")


def audience_cards(home: Any) -> list[Any]:
    """The cards of "Bạn là ai?" with the number of courses there really are; audiences without any are left out."""
    count = Count("courses", filter=Q(courses__is_published=True), distinct=True)
    cards = home.audience_cards.prefetch_related(
        Prefetch("audience", queryset=Audience.objects.annotate(course_count=count))
    )
    return [card for card in cards if card.audience.course_count]


def _count_figures() -> dict[str, int]:
    today = timezone.localdate()
    year_start = timezone.make_aware(datetime(today.year, 1, 1))
    people = Completion.objects.filter(completed_at__gte=year_start).values("user").distinct().count()
    teams = Unit.objects.standing_on().filter(kind=UnitKind.TEAM).count()
    return {"year": today.year, "people": people, "teams": teams}


def home_figures() -> dict[str, int]:
    """People who completed a course this year, and community teams; counted every few minutes."""
    return cast(dict[str, int], cache.get_or_set("cms:home-figures", _count_figures, FIGURE_SECONDS))
