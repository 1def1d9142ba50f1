"""The first page of ``/quan-ly/``: the units that an official is in charge of."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from people import access
from people.models import Membership, Role


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The units a person is in charge of, each with the way to its people and figures."""
    if not access.is_manager(request.user):
        raise Http404
    offices = (
        Membership.objects.in_force()
        .filter(user=request.user, role__in=access.MANAGING)
        .select_related("unit", "audience")
    )
    roles = access.roles_of(request.user)
    context = {
        "offices": offices,
        "may_read_kpi": bool(roles & access.KPI_READING),
        "may_see_batches": bool(roles & (access.PROPOSING | {Role.ISSUING_OFFICIAL})),
    }
    return render(request, "people/manage_home.html", context)
