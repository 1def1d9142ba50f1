"""The first page of ``/quan-ly/``: what waits for an official, what they can do, the units they are in charge of."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from common import jobs
from people import access
from people.doors import doors_for
from people.models import Membership
from people.waiting import waiting_for

JOBS_SHOWN = 5


@never_cache
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What waits today first, then jobs, then the doors, then the offices with the way to their people."""
    if not access.is_manager(request.user):
        if access.is_teacher(request.user):
            return redirect("teaching:home")
        raise Http404
    offices = (
        Membership.objects.in_force()
        .filter(user=request.user, role__in=access.MANAGING)
        .select_related("unit", "audience")
    )
    keeps_lists = bool(access.roles_of(request.user) & access.ROSTER_KEEPING)
    context = {
        "offices": offices,
        "doors": doors_for(request.user),
        "keeps_lists": keeps_lists,
        "waiting": waiting_for(request.user),
        "jobs": jobs.jobs_of(request.user)[:JOBS_SHOWN],
    }
    return render(request, "people/manage_home.html", context)
