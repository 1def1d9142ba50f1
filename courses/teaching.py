"""What an instructor reads: courses that their people learn, who is where, and how each step fares."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, When
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext_noop

from common.text import fold
from courses import rules, teaching_rules
from courses.models import (
    Course,
    Enrolment,
    LessonFeedback,
    Step,
    StepCompletion,
    StepVisit,
    Submission,
    SubmissionState,
    Verdict,
)
from courses.teaching_rules import GRAIN_SECONDS, LONGEST_SECONDS, Bar, Spread
from people import access
from people.models import Membership

#: Whoever did not come for so many days, and has not finished, counts as having stopped.
QUIET_DAYS = 14
#: The latest comments on a lesson; older ones were read before.
COMMENTS_SHOWN = 30


#: In place of a grain: the browser told no time.
UNTIMED = -1


def people_of(units: QuerySet[Any]) -> QuerySet[Any]:
    """Ids of the people with a membership in force in some units, as a subquery.

    Where the units are the whole province, those too who stand in none today: else nobody would answer for them.
    """
    members = Membership.objects.in_force().filter(unit__in=units).order_by().values("user")
    return members.union(access.people_without_unit(units))


def quiet_since(now: datetime | None = None) -> datetime:
    """Whoever came last before this has stopped."""
    return (now or timezone.now()) - timedelta(days=QUIET_DAYS)


# --- Courses --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class CourseRow:
    """A course in the list: how many learn it, finished it, stopped, and wait for their work to be looked at."""

    course: Course
    learners: int
    finished: int
    quiet: int
    waiting: int

    @property
    def percent(self) -> int:
        return _percent(self.finished, self.learners)


def courses_taught(*, people: QuerySet[Any], waiting: QuerySet[Any], words: str = "") -> list[CourseRow]:
    """Courses that ``people`` learn, most learners first; three queries. ``waiting``: submissions that wait."""
    counts = (
        Enrolment.objects.latest_rounds()
        .filter(user__in=people)
        .order_by()
        .values_list("course")
        .annotate(learners=Count("pk"), finished=Count("completion"), quiet=Count("pk", filter=_stopped()))
    )
    tasks = dict(waiting.order_by().values_list("step__course").annotate(number=Count("pk")))
    numbers = {course: (learners, finished, quiet) for course, learners, finished, quiet in counts}
    courses = Course.objects.defer("search_key").in_bulk(list(numbers))
    rows = [CourseRow(c, *numbers[pk], tasks.get(pk, 0)) for pk, c in courses.items() if _is_named(c, words)]
    return sorted(rows, key=lambda row: (-row.learners, row.course.title, row.course.pk))


def _is_named(course: Course, words: str) -> bool:
    """Whether every word stands in the course's title or code, accents aside."""
    name = fold(f"{course.title} {course.code}")
    return all(word in name for word in fold(words).split())


def _stopped() -> Q:
    return Q(completion=None, last_seen_at__lt=quiet_since())


# --- A course -------------------------------------------------------------------------------------------------------
@dataclass
class StepFigures:
    """How a step fares. ``opened`` and ``done`` are people; ``quiet`` those who stopped with this as their place."""

    step: Step
    opened: int = 0
    done: int = 0
    quiet: int = 0
    useful: int = 0
    unclear: int = 0
    times: dict[int, int] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Who opened the step and has not done it."""
        return self.opened - self.done

    @property
    def spread(self) -> Spread | None:
        return teaching_rules.spread(self.times)

    @property
    def bars(self) -> list[Bar]:
        return teaching_rules.distribution(self.times)


@dataclass(frozen=True)
class Box:
    """Quartiles in percent of the longest bar: where the middle half begins, how wide it is, where the median is."""

    x: int
    width: int
    tick: int

    @classmethod
    def of(cls, spread: Spread, longest: int) -> Box:
        low, middle, high = (_percent(value, longest) for value in (spread.lower, spread.median, spread.upper))
        return cls(low, max(2, high - low), middle)


@dataclass(frozen=True)
class StepLine:
    """A step in the table: its figures and its bars, in percent of all learners."""

    figures: StepFigures
    opened: int
    done: int
    box: Box | None


def _percent(part: int, whole: int) -> int:
    return min(100, part * 100 // whole) if whole else 0


@dataclass(frozen=True)
class CourseFigures:
    """A course as some people learn it: totals, and its steps in order."""

    learners: int
    finished: int
    quiet: int
    steps: list[StepFigures]

    @property
    def learning(self) -> int:
        return self.learners - self.finished - self.quiet

    @property
    def lines(self) -> list[StepLine]:
        """The steps with the lengths of their bars."""
        longest = max((spread.upper for row in self.steps if (spread := row.spread)), default=1)
        return [
            StepLine(
                figures=row,
                opened=_percent(row.opened, self.learners),
                done=_percent(row.done, self.learners),
                box=Box.of(row.spread, longest) if row.spread else None,
            )
            for row in self.steps
        ]

    @property
    def worst(self) -> StepFigures | None:
        """The step at which most people stopped, if anybody did."""
        return max((row for row in self.steps if row.quiet), key=lambda row: row.quiet, default=None)


def course_figures(*, course: Course, people: QuerySet[Any] | None = None, step: Step | None = None) -> CourseFigures:
    """The figures of a course, or of one of its steps; of ``people``, or of everybody. Six queries at any size."""
    learning = Enrolment.objects.latest_rounds().filter(course=course)
    opinions = LessonFeedback.objects.filter(step__course=course)
    steps = course.steps.filter(is_active=True).select_related("module").defer("text", "search_key")
    if people is not None:
        learning = learning.filter(user__in=people)
        opinions = opinions.filter(user__in=people)
    if step is not None:
        steps, opinions = steps.filter(pk=step.pk), opinions.filter(step=step)
    rows = {row.pk: StepFigures(row) for row in steps}
    totals = learning.aggregate(
        learners=Count("pk"), finished=Count("completion"), quiet=Count("pk", filter=_stopped())
    )
    _count_ways(rows, learning)
    for pk, verdict, number in opinions.order_by().values_list("step", "verdict").annotate(n=Count("pk")):
        if pk in rows:
            setattr(rows[pk], "useful" if verdict == Verdict.USEFUL else "unclear", number)
    return CourseFigures(**totals, steps=list(rows.values()))


def _count_ways(rows: dict[int, StepFigures], learning: QuerySet[Any]) -> None:
    """Fill in who opened and did each step, where people stopped, and how long they took."""
    visits = StepVisit.objects.filter(enrolment__in=learning.values("pk"), step__in=rows).order_by()
    done = StepCompletion.objects.filter(enrolment__in=learning.values("pk"), step__in=rows).order_by()
    seen = StepVisit.objects.filter(enrolment=OuterRef("enrolment"), step=OuterRef("step"))
    grain = Case(When(seconds=0, then=UNTIMED), default=Least(F("seconds"), LONGEST_SECONDS) / GRAIN_SECONDS)
    for pk, at, number in visits.annotate(grain=grain).values_list("step", "grain").annotate(n=Count("pk")):
        rows[pk].opened += number
        if at != UNTIMED:
            rows[pk].times[at] = number
    # Whoever did a step was there, also where no visit was written: before visits were, and without a browser's script.
    for pk, number, unseen in done.values_list("step").annotate(n=Count("pk"), u=Count("pk", filter=~Exists(seen))):
        rows[pk].done = number
        rows[pk].opened += unseen
    stopped = learning.filter(_stopped(), last_step__in=rows).order_by()
    for pk, number in stopped.values_list("last_step").annotate(n=Count("pk")):
        rows[pk].quiet = number


def comments_on(*, step: Step, people: QuerySet[Any] | None = None) -> list[LessonFeedback]:
    """What people wrote about a lesson, latest first; nobody's name. Nothing where too few said anything at all."""
    said = LessonFeedback.objects.filter(step=step)
    if people is not None:
        said = said.filter(user__in=people)
    if said.count() < teaching_rules.FEWEST_PEOPLE:
        return []
    found = said.exclude(comment="").order_by("-given_at", "pk").only("verdict", "comment", "given_at")
    return list(found[:COMMENTS_SHOWN])


# --- Who is where ---------------------------------------------------------------------------------------------------
#: What the list of learners can be narrowed to; a page says it in the language of its reader.
STATES = {
    "xong": gettext_noop("Đã hoàn thành"),
    "dang-hoc": gettext_noop("Đang học"),
    "dung-lai": gettext_noop("Dừng lại: chưa xong, 14 ngày chưa vào học"),
}


@dataclass(frozen=True)
class Learner:
    """A line of the list: a person, how far they are, and the step that they would go on with."""

    enrolment: Any
    progress: rules.Progress
    following: Step | None
    is_quiet: bool


def learners_of_course(
    *, course: Course, people: QuerySet[Any], words: str = "", state: str = "", step: Step | None = None
) -> QuerySet[Any]:
    """Enrolments of ``people`` in a course, by name; narrowed by words, by state, and by the step they came to."""
    found = Enrolment.objects.latest_rounds().filter(course=course, user__in=people)
    if words:
        found = found.filter(user__search_key__contains=fold(words))
    if state == "xong":
        found = found.exclude(completion=None)
    elif state == "dang-hoc":
        found = found.filter(completion=None, last_seen_at__gte=quiet_since())
    elif state == "dung-lai":
        found = found.filter(_stopped())
    if step is not None:
        found = found.filter(last_step=step, completion=None)
    return found.order_by("user__sort_key", "pk")


def learners_on_page(*, enrolments: Any, course: Course, units: QuerySet[Any]) -> list[Learner]:
    """Lines for a page of ``learners_of_course``; the queries do not grow with them.

    ``units``: those whose names stand beside the people.
    """
    steps = list(course.steps.filter(is_active=True).defer("text", "search_key"))
    places = Membership.objects.in_force().filter(unit__in=units).select_related("unit")
    rows = enrolments.select_related("user", "completion").prefetch_related(
        "step_completions", Prefetch("user__memberships", queryset=places, to_attr="places")
    )
    lines = []
    for row in rows:
        done = {completion.step_id for completion in row.step_completions.all()}
        finished = hasattr(row, "completion")
        lines.append(
            Learner(
                enrolment=row,
                progress=rules.progress(steps, done, finished=finished),
                following=None if finished else rules.next_step(steps, done, row.last_step_id),
                is_quiet=not finished and row.last_seen_at < quiet_since(),
            )
        )
    return lines


# --- Practical tasks ------------------------------------------------------------------------------------------------
def submissions_waiting(*, viewer: Any, people: QuerySet[Any]) -> QuerySet[Any]:
    """Work of ``people`` that waits to be looked at, what waited longest first; never the viewer's own."""
    waiting: QuerySet[Any] = Submission.objects.filter(state=SubmissionState.WAITING, enrolment__user__in=people)
    return (
        waiting.exclude(enrolment__user=viewer)
        .select_related("enrolment__user", "step__course")
        .defer("step__text", "step__search_key", "step__course__search_key")
        .order_by("submitted_at", "pk")
    )


def earlier_tries(submission: Submission) -> list[Submission]:
    """What the same person handed in for the same step before, latest first."""
    tries = Submission.objects.filter(enrolment=submission.enrolment_id, step=submission.step_id)
    return list(tries.exclude(pk=submission.pk).select_related("reviewer").order_by("-submitted_at", "-pk"))
