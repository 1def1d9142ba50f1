"""The first page of a new learner: "what would you like to do first?"."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from courses import services
from courses.placement import choices_for, first_step
from people.requests import SignedInRequest

CATALOGUE = "/khoa-hoc/"


@never_cache
@login_required
def placement(request: SignedInRequest) -> HttpResponse:
    """Show the choices; the answer enrols in its course and opens the lesson that fits."""
    choices = choices_for(request.user)
    if not choices:
        return redirect(CATALOGUE)
    missing = False
    if request.method == "POST":
        wanted = request.POST.get("muon", "")
        for choice, course in choices:
            if choice.code == wanted:
                services.enrolment_start(user=request.user, course=course)
                step = first_step(choice, course)
                return redirect(step.path if step else course.path)
        missing = True
    return render(request, "courses/placement.html", {"choices": choices, "missing": missing})
