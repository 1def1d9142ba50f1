"""How courses are learnt, for whoever teaches: ``/quan-ly/giang-day/``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.text import uuid_or_none
from courses import teaching
from courses.models import Course, Step
from people import access
from people.models import Unit, UnitAncestor
from people.requests import SignedInRequest

PAGE_SIZE = 50
OFFICES = access.MANAGING | access.TEACHING
#: A province has about a hundred communes; more units than this are not offered for choice.
UNITS_OFFERED = 200


@dataclass(frozen=True)
class Reader:
    """Whose learning is read: everybody in the viewer's scope, or the part of it under ``unit``."""

    units: QuerySet[Any]
    unit: Unit | None

    @property
    def people(self) -> QuerySet[Any]:
        return teaching.people_of(self.units)

    @property
    def query(self) -> str:
        """The part of an address that keeps the choice of the unit."""
        return f"don-vi={self.unit.uuid}" if self.unit else ""


def reader_or_refusal(request: SignedInRequest, roles: frozenset[str] = access.TEACHING) -> Reader:
    """The scope in which the person holds one of ``roles``, narrowed to ``don-vi``; 404 or 403 otherwise."""
    allowed = bool(access.roles_of(request.user) & roles)
    access.require(allowed, request.user, what=_("việc giảng dạy ở đơn vị nào"), offices=OFFICES)
    scope = access.scope_units(request.user, roles)
    if not (asked := request.GET.get("don-vi")):
        return Reader(scope, None)
    if (uuid := uuid_or_none(asked)) is None:
        raise Http404
    unit = get_object_or_404(Unit, uuid=uuid)
    what = _("việc giảng dạy ở «%(unit)s»") % {"unit": unit.name}
    access.require(scope.filter(descendant=unit).exists(), request.user, what=what, offices=OFFICES)
    below = UnitAncestor.objects.filter(structure=access.current_structure(), ancestor=unit)
    return Reader(below.values("descendant"), unit)


def units_offered(request: SignedInRequest, roles: frozenset[str] = access.TEACHING) -> list[Unit]:
    """Units to narrow the figures to: those right below the viewer's own; none where there are too many."""
    own = request.user.memberships.in_force().filter(role__in=roles).values("unit")
    found = list(Unit.objects.standing_on().filter(parent__in=own).order_by("search_key", "pk")[: UNITS_OFFERED + 1])
    return found if len(found) <= UNITS_OFFERED else []


def _common(request: SignedInRequest, reader: Reader) -> dict[str, Any]:
    return {"reader": reader, "units": units_offered(request)}


@never_cache
@login_required
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The courses that the viewer's people learn, and how many practical tasks wait."""
    reader = reader_or_refusal(request)
    words = request.GET.get("q", "").strip()
    signing = teaching.people_of(access.scope_units(request.user, access.SIGNING_OFF))
    waiting = teaching.submissions_waiting(viewer=request.user, people=signing)
    rows = teaching.courses_taught(people=reader.people, waiting=waiting, words=words)
    context = {
        **_common(request, reader),
        "words": words,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("trang")),
        "signs_off": bool(access.roles_of(request.user) & access.SIGNING_OFF),
        "waiting": waiting.count(),
    }
    return render(request, "courses/teaching/home.html", context)


@never_cache
@login_required
@require_safe
def course(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """A course step by step: who opened it, did it, stopped there, how long it took, what was said of it."""
    reader = reader_or_refusal(request)
    found = get_object_or_404(Course, uuid=uuid)
    figures = teaching.course_figures(course=found, people=reader.people)
    context = {**_common(request, reader), "course": found, "figures": figures}
    return render(request, "courses/teaching/course.html", context)


@never_cache
@login_required
@require_safe
def step(request: SignedInRequest, uuid: UUID, step: UUID) -> HttpResponse:
    """A step: how its times are spread, and what people wrote about it, without their names."""
    reader = reader_or_refusal(request)
    found = get_object_or_404(Step.objects.select_related("course"), uuid=step, course__uuid=uuid, is_active=True)
    figures = teaching.course_figures(course=found.course, people=reader.people, step=found)
    context = {
        **_common(request, reader),
        "course": found.course,
        "step": found,
        "figures": figures,
        "row": figures.steps[0],
        "comments": teaching.comments_on(step=found, people=reader.people),
    }
    return render(request, "courses/teaching/step.html", context)


@never_cache
@login_required
@require_safe
def learners(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Who is where: the people of the scope who learn a course, by name."""
    reader = reader_or_refusal(request)
    found = get_object_or_404(Course, uuid=uuid)
    words, state = request.GET.get("q", "").strip(), request.GET.get("tinh-trang", "")
    at = _asked_step(found, request.GET.get("o-bai", ""))
    enrolments = teaching.learners_of_course(course=found, people=reader.people, words=words, state=state, step=at)
    page = Paginator(enrolments, PAGE_SIZE).get_page(request.GET.get("trang"))
    lines = teaching.learners_on_page(enrolments=page.object_list, course=found, units=reader.units)
    context = {
        **_common(request, reader),
        "course": found,
        "page": page,
        "lines": lines,
        "words": words,
        "state": state,
        "states": teaching.STATES,
        "at": at,
    }
    return render(request, "courses/teaching/learners.html", context)


def _asked_step(course: Course, asked: str) -> Step | None:
    """The step that an address narrows to; an unknown one narrows nothing."""
    uuid = uuid_or_none(asked)
    return course.steps.filter(uuid=uuid).first() if uuid else None
