"""Pages of records that may be of one person, and of making two of them one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Refusal
from lms.merging import reads
from lms.merging.forms import MergeForm
from lms.merging.service import Merged, people_merge, people_merge_preview
from people import access
from people.claims import is_waiting
from people.models import User
from people.requests import SignedInRequest
from people.stepup import demand_fresh_proof


@never_cache
@login_required
@require_safe
def alike(request: SignedInRequest) -> HttpResponse:
    """Records with one name and one day of birth; with ``ten`` all records of that name."""
    keeps = bool(access.roles_of(request.user) & access.ROSTER_KEEPING)
    access.require(keeps, request.user, what=_("danh sách người"))
    name = request.GET.get("ten", "").strip()[:150]
    groups = reads.named_for(request.user, name) if name else reads.alike_for(request.user)
    context = {"name": name, "groups": groups, "is_all": len(groups) < reads.MOST_GROUPS}
    return render(request, "merging/alike.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: SignedInRequest, kept: UUID, lost: UUID) -> HttpResponse:
    """Both records side by side and what making them one would change; then the act."""
    one, other = (get_object_or_404(User, uuid=uuid) for uuid in (kept, lost))
    if one.merged_into_id or other.merged_into_id:
        return _merged_before(request, one, other)
    _require(request, one, other, what=_("cả hai người này"))
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        demand_fresh_proof(request, _("gộp hai hồ sơ của một người"))
        people_merge(kept=one, lost=other, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _done(one))
        return redirect("merging:alike")
    effect, refusal = _looked_at(one, other, request.user)
    records = reads.records_of([one, other])
    context = {"kept": records[0], "lost": records[1], "form": form, "effect": effect, "refusal": refusal}
    return render(request, "merging/merge.html", context)


def _done(kept: User) -> str:
    if is_waiting(kept):
        said = _("Đã gộp hai hồ sơ của %(name)s làm một. Hãy in phiếu nhận tài khoản mới cho người này.")
    else:
        said = _("Đã gộp hai hồ sơ của %(name)s làm một.")
    return said % {"name": kept.full_name}


def _looked_at(kept: User, lost: User, actor: User) -> tuple[Merged | None, Refusal | None]:
    try:
        return people_merge_preview(kept=kept, lost=lost, actor=actor), None
    except Refusal as refusal:
        return None, refusal


def _require(request: SignedInRequest, *people: User, what: str) -> None:
    """Let pass whoever keeps the lists of all of the people."""
    ids = {one.pk for one in people}
    may = access.people_answered_for(request.user, ids, access.ROSTER_KEEPING) == ids
    access.require(may, request.user, what=what)


def _merged_before(request: SignedInRequest, *records: User) -> HttpResponse:
    """Sent twice, or by two officials: to the record that goes on, for whoever answers for the person."""
    goes_on = next(one.merged_into for one in records if one.merged_into is not None)
    _require(request, goes_on, what=_("người này"))
    messages.info(request, _("Hai hồ sơ của %(name)s đã được gộp trước đó.") % {"name": goes_on.full_name})
    return redirect("kpi:person", uuid=goes_on.uuid)
