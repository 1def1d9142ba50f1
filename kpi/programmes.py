"""Programmes as planned and as carried out: planned people beside those who learn and who finished; money as planned.

Enrolled: people on the programme's list who were learning one of its courses within the span. Completed: those of them
who finished all of its courses within the span. The span of a yearly programme is the year, else the whole period up
to the year's end.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from common.text import fold
from common.wording import number
from courses.models import Completion, Course, Enrolment, PathCourse
from kpi.assigning import YEARLY
from kpi.denominators import list_day
from kpi.findings import Finding, findings
from kpi.models import Indicator, Programme
from kpi.places import Place
from people import access
from people.audiences import audience_parents, with_descendants
from people.models import Membership, UnitAncestor, User

_TOTAL = re.compile(r"^Tổng cộng ([\d.]+)$")


def programmes() -> QuerySet[Programme]:
    """With everything that a list of programmes names."""
    lasting = PathCourse.objects.filter(required=True)
    found: QuerySet[Programme] = Programme.objects.select_related("decision").prefetch_related(
        "audiences",
        "courses",
        Prefetch("paths__places", lasting),
        Prefetch("indicators", Indicator.objects.order_by("code")),
    )
    return found.order_by("decision__code", "code")


def course_ids(programme: Programme) -> list[int]:
    """Courses that the programme asks for: its own, and those that its paths demand."""
    own = {course.pk for course in programme.courses.all()}
    return sorted(own | {place.course_id for path in programme.paths.all() for place in path.places.all()})


def planned(programme: Programme) -> str:
    """How many people the document names, in words of a table; empty where it names none."""
    if programme.headcount is not None:
        return number(programme.headcount)
    low, high = programme.detail.get("headcount_min"), programme.detail.get("headcount_max")
    return f"{number(low)}–{number(high)}" if low and high else ""


def budget_of(programme: Programme) -> int | None:
    """Đồng, as the document plans; None where it names no number, which is not zero."""
    value = programme.detail.get("budget_vnd")
    return None if value is None else int(value)


def span_of(programme: Programme, year: int) -> tuple[date, date] | None:
    """First and last day of what is counted in a year; None where the programme does not run in it. Pure."""
    first, last = programme.year_from or year, programme.year_to or year
    if not first <= year <= last and programme.recurrence in YEARLY or year < first:
        return None
    begins = year if programme.recurrence in YEARLY else first
    return date(begins, 1, 1), date(min(year, last), 12, 31)


@dataclass(frozen=True)
class Line:
    """A programme with its figures. ``enrolled`` None: no course here yet, or it does not run in the year."""

    programme: Programme
    planned: str
    budget: int | None
    enrolled: int | None = None
    completed: int | None = None
    why: str = ""

    @property
    def says_something(self) -> bool:
        """Whether there is a plan in numbers or anybody who learns; half of the lines of a plan are campaigns."""
        return bool(self.planned or self.budget is not None or self.enrolled is not None or self.budget_text)

    @property
    def budget_text(self) -> str:
        return str(self.programme.detail.get("budget_text") or "")


def units_read(place: Place, viewer: Any) -> QuerySet[Any]:
    """Ids of the units of the place that the viewer reads, as a subquery.

    Whoever reads a unit today reads all that is below it today: the scope is asked for only under another structure,
    for it costs more than the people themselves.
    """
    inside = UnitAncestor.objects.filter(structure=place.home, ancestor=place.unit)
    if place.home != access.current_structure():
        inside = inside.filter(descendant__in=access.scope_units(viewer, access.KPI_READING))
    return inside.values("descendant")


@dataclass(frozen=True)
class Learners:
    """The people of a programme in some units."""

    programme: Programme
    units: QuerySet[Any]
    year: int
    parents: dict[int, int | None]

    @property
    def courses(self) -> list[int]:
        return course_ids(self.programme)

    def members(self) -> QuerySet[Membership]:
        """Rows of the list of those for whom the programme is."""
        audiences = with_descendants({a.pk for a in self.programme.audiences.all()}, self.parents)
        found: QuerySet[Membership] = Membership.objects.in_force(list_day(self.year)).filter(
            audience__in=audiences, unit__in=self.units
        )
        return found

    def people(self, words: str = "") -> QuerySet[User]:
        """Whoever is learning or has learnt within the span, each once, by given name."""
        within = span_of(self.programme, self.year)
        nobody: QuerySet[User] = User.objects.none()
        if within is None or not self.courses:
            return nobody
        begins, ends = _moment(within[0]), _moment(date(within[1].year + 1, 1, 1))
        learnt = Enrolment.objects.filter(
            Q(completion=None) | Q(completion__completed_at__gte=begins),
            user=OuterRef("pk"),
            course__in=self.courses,
            started_at__lt=ends,
        )
        members = self.members().filter(user=OuterRef("pk"))
        named = Q()
        for word in fold(words).split():
            named &= Q(search_key__contains=word)
        found: QuerySet[User] = User.objects.filter(named, Exists(learnt), Exists(members))
        return found.order_by("sort_key", "pk")

    def finished(self) -> QuerySet[Completion]:
        """Completions of the courses within the span."""
        within = span_of(self.programme, self.year)
        if within is None:
            return Completion.objects.none()
        begins, ends = _moment(within[0]), _moment(date(within[1].year + 1, 1, 1))
        return Completion.objects.filter(course__in=self.courses, completed_at__gte=begins, completed_at__lt=ends)

    def completed(self) -> int:
        """People who finished all of the courses."""
        done = self.finished().filter(Exists(self.members().filter(user=OuterRef("user")))).order_by()
        each = done.values("user").annotate(courses=Count("course", distinct=True))
        return each.filter(courses=len(self.courses)).count()

    def done_of(self, people: Collection[User]) -> dict[int, int]:
        """How many of the courses each of some people finished; one query."""
        done = self.finished().filter(user__in=people).order_by()
        return dict(done.values_list("user").annotate(courses=Count("course", distinct=True)))


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def line_of(learners: Learners) -> Line:
    """One programme with its figures: two queries where it has courses and runs in the year."""
    programme, year = learners.programme, learners.year
    plan, budget = planned(programme), budget_of(programme)
    if not learners.courses:
        return Line(programme, plan, budget, why=_("chưa có khoá học trên hệ thống"))
    if span_of(programme, year) is None:
        return Line(programme, plan, budget, why=_("không thực hiện năm %(year)s") % {"year": year})
    return Line(programme, plan, budget, learners.people().count(), learners.completed())


def lines_of(rows: Iterable[Programme], place: Place, year: int, viewer: Any) -> list[Line]:
    """Queries follow from the number of programmes with courses, never from people or units."""
    parents, units = audience_parents(), units_read(place, viewer)
    return [line_of(Learners(programme, units, year, parents)) for programme in rows]


@dataclass(frozen=True)
class SumCheck:
    """The money of a decision: what its lines add up to, and what it says itself. ``finding`` explains a difference."""

    lines: int
    without: int
    total: int
    stated: int | None
    finding: Finding | None

    @property
    def missing(self) -> int:
        """Đồng that the stated total is more than the lines."""
        return (self.stated or self.total) - self.total


def sum_check(rows: Iterable[Line], source: str) -> SumCheck | None:
    """None where no line names any money. The stated total is quoted in a finding about the same document."""
    budgets = [line.budget for line in rows]
    known = [budget for budget in budgets if budget is not None]
    if not known:
        return None
    stated, finding = stated_total(source, findings())
    # Lines of a table that holds money; other tasks of the document have no line there.
    named = [line for line in rows if line.budget is None and line.budget_text]
    return SumCheck(len(known), len(named), sum(known), stated, finding)


def stated_total(source: str, known: Iterable[Finding]) -> tuple[int | None, Finding | None]:
    """The total that a document states, as a finding quotes it. Pure."""
    for finding in known:
        for one in finding.evidence:
            if one.source == source and (match := _TOTAL.match(one.quote)):
                return int(match[1].replace(".", "")), finding
    return None, None


def courses_named(programme: Programme) -> list[Course]:
    """The courses themselves, by title; one query."""
    return list(Course.objects.filter(pk__in=course_ids(programme)).order_by("title"))
