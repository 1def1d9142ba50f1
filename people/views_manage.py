"""The first page of ``/quan-ly/``: what waits for an official, what they can do, the units they are in charge of."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from common import jobs
from people import access, roster_pages
from people.doors import doors_for
from people.models import Membership

JOBS_SHOWN = 5
LISTS_SHOWN = 5


@never_cache
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Waiting lists and jobs first, then the doors, then the offices with the way to their people."""
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
        "waiting_lists": roster_pages.waiting_for(request.user)[:LISTS_SHOWN] if keeps_lists else [],
        "jobs": jobs.jobs_of(request.user)[:JOBS_SHOWN],
    }
    return render(request, "people/manage_home.html", context)
