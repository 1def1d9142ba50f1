"""What team leaders and coordinators see: who of theirs finished, who is learning, who has not begun."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from courses.querysets import learners_of_unit, states_of_unit
from people import access
from people.models import Unit, UnitKind

PAGE_SIZE = 50


@login_required
def unit_people(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """People of a unit and of everything below it, with the state of their learning."""
    unit = get_object_or_404(Unit, uuid=uuid)
    access.require(access.can_see_unit(request.user, unit), request.user, what=f"«{unit.name}»")
    words = request.GET.get("q", "").strip()
    state = request.GET.get("tinh-trang", "")
    learners = learners_of_unit(unit=unit, words=words, state=state)
    page = Paginator(learners, PAGE_SIZE).get_page(request.GET.get("trang"))
    leads = access.can_lead_team(request.user, unit)
    context = {
        "unit": unit,
        "page": page,
        "words": words,
        "state": state,
        "states": states_of_unit(unit=unit),
        "leads_team": leads and unit.kind == UnitKind.TEAM,
        "may_print_slips": leads,
        "reads_figures": access.can_read_kpi(request.user, unit),
        "keeps_roster": access.can_keep_roster(request.user, unit),
    }
    return render(request, "courses/unit_people.html", context)
