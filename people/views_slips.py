"""Pages under ``/quan-ly/phieu/``: who still waits for an account, and slips for them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from common import jobs
from common.text import slug, uuid_or_none
from people import access, slips, slips_job
from people.models import Unit
from people.requests import SignedInRequest
from people.stepup import demand_fresh_proof

PER_PAGE = 50
_CLAIMED = "da-nhan"


@login_required
def home(request: SignedInRequest) -> HttpResponse:
    """Units in the viewer's scope with the number of people who have not claimed their accounts."""
    if not access.roles_of(request.user) & access.TEAM_LEADING:
        if access.is_manager(request.user):
            access.require(False, request.user, what=_("việc in phiếu nhận tài khoản"))
        raise Http404
    words = request.GET.get("q", "").strip()
    found = slips.units_with_waiting(by=request.user, words=words)
    offices = (
        request.user.memberships.in_force().filter(role__in=access.TEAM_LEADING).select_related("unit").order_by("pk")
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("trang"))
    if page.paginator.count == 1 and not words:  # a team leader: nothing to choose
        return redirect("slips:unit", page[0].uuid)
    context = {"page": page, "words": words, "offices": {office.unit for office in offices}}
    return render(request, "people/slips/home.html", context)


@login_required
def unit(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The people of a unit who wait, with the state of their slips; or those who can get a new password by a slip."""
    at = _unit(request, uuid)
    claimed, words = request.GET.get("loai") == _CLAIMED, request.GET.get("q", "").strip()
    state = request.GET.get("phieu", "")
    state = state if state in {"chua-in", "da-in"} else ""
    found = slips.slips_for_unit(unit=at, by=request.user, claimed=claimed, words=words, state=state)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("trang"))
    context = {
        "unit": at,
        "page": page,
        "claimed": claimed,
        "words": words,
        "state": state,
        "now": timezone.now(),
        "direct": slips.DIRECT_LIMIT,
    }
    return render(request, "people/slips/unit.html", context)


@login_required
def print_slips(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Print slips for the people who were ticked, or for everybody in the list; many are a job."""
    if request.method != "POST":
        return redirect("slips:unit", uuid)
    at = _unit(request, uuid)
    demand_fresh_proof(request, _("in phiếu nhận tài khoản"))
    claimed, chosen = "claimed" in request.POST, request.POST.getlist("people")
    people = slips.slips_for_unit(
        unit=at, by=request.user, claimed=claimed, words=request.POST.get("q", ""), state=request.POST.get("phieu", "")
    )
    if "everybody" not in request.POST:
        people = people.filter(uuid__in=[known for text in chosen if (known := uuid_or_none(text))])
    count = people.count()
    if not count:
        messages.warning(request, _("Hãy chọn ít nhất một người để in phiếu."))
        return redirect("slips:unit", uuid)
    if count > slips.DIRECT_LIMIT:
        return _print_later(request, at, people, claimed, count)
    from people.slips_pdf import slips_print  # loads the renderer, which nobody else needs

    return _pdf(slips_print(people=list(people), unit=at, by=request.user), at)


def _print_later(request: SignedInRequest, at: Unit, people: Any, claimed: bool, count: int) -> HttpResponse:
    job = jobs.job_open(
        kind=slips_job.JOB,
        owner=request.user,
        title=(_("In %(count)s phiếu của %(unit)s") % {"count": count, "unit": at.name})[:200],
        args={
            "unit": str(at.uuid),
            "by": str(request.user.uuid),
            "people": [str(uuid) for uuid in people.values_list("uuid", flat=True)],
            "claimed": claimed,
        },
        next_path=request.path.removesuffix("in/"),
        total=count,
    )
    return redirect("jobs:job", job.uuid)


def _pdf(content: bytes, at: Unit) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="phieu-{slug(at.name)}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


def _unit(request: SignedInRequest, uuid: UUID) -> Unit:
    if not access.is_manager(request.user):
        raise Http404
    at = get_object_or_404(Unit, uuid=uuid)
    access.require(
        access.can_lead_team(request.user, at), request.user, what=_("việc in phiếu của %(unit)s") % {"unit": at.name}
    )
    return at
