"""Why a person counts or not: for officials, and for the learner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.errors import Refusal
from kpi.explaining import Condition, Mender
from kpi.explaining_reads import Explained, Offices, explained_of, offices_of
from kpi.explaining_words import said_of
from kpi.forms import FIRST_YEAR
from kpi.rights import explained_by
from people import access
from people.models import User
from people.querysets import today


@login_required
@require_safe
def person(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Each indicator for one person: counted by what, or which condition fails and who can mend it.

    A record that was merged leads to the one that goes on.
    """
    someone = get_object_or_404(User.objects.select_related("merged_into"), uuid=uuid)
    someone = someone.merged_into or someone
    may = access.is_manager(request.user) and someone.pk in explained_by(request.user, [someone.pk])
    access.require(may, request.user, what=_("người này"))
    keeps = access.people_answered_for(request.user, [someone.pk], access.ROSTER_KEEPING)
    return render(request, "kpi/people/person.html", _context(request, someone) | {"may_merge": bool(keeps)})


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The same for the learner themself."""
    someone = get_object_or_404(User, pk=request.user.pk)
    return render(request, "kpi/people/mine.html", _context(request, someone))


def _context(request: HttpRequest, someone: User) -> dict[str, Any]:
    year = _year(request)
    explained = explained_of([someone], year)[someone.pk]
    offices = offices_of(someone)
    lines = [_line(one, offices, year) for one in explained]
    return {
        "person": someone,
        "year": year,
        "years": range(today().year, FIRST_YEAR - 1, -1),
        "counted": [line for line in lines if line["one"].is_counted],
        "missing": [line for line in lines if line["one"].is_concerned and not line["one"].is_counted],
        "others": [line for line in lines if not line["one"].is_concerned],
        "offices": offices,
        "places": someone.memberships.in_force().select_related("unit", "audience").order_by("-is_main", "pk"),
    }


def _line(one: Explained, offices: Offices, year: int) -> dict[str, Any]:
    mender = one.finding.mender
    to_learn = mender == Mender.LEARNER and one.finding.condition != Condition.COUNTED
    return {
        "one": one,
        "said": said_of(one, year),
        "who": offices.of(one),
        "by_learner": mender == Mender.LEARNER,
        "courses": one.courses if to_learn else (),
    }


def _year(request: HttpRequest) -> int:
    asked = request.GET.get("nam") or str(today().year)
    if not asked.isdecimal() or not FIRST_YEAR <= int(asked) <= today().year:
        raise Refusal(
            _("Chỉ có số liệu từ năm %(first)s đến năm %(last)s.") % {"first": FIRST_YEAR, "last": today().year},
            code="unknown_year",
            fix=_("Chọn một năm trong danh sách ở đầu trang."),
            status=404,
        )
    return int(asked)
