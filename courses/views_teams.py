"""Team pages under ``/quan-ly/to/``: the team of a leader, lists of teams, figures by commune, reminders."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from common.text import vi_date
from courses import teams, teams_overview
from people import access
from people.models import Membership, Unit, UnitKind
from people.notices import notices_summary
from people.requests import SignedInRequest

PAGE_SIZE = 50
#: In place of a commune: teams that lie in none of today's.
UNPLACED = "chua-quy-doi"


def team_or_refusal(request: SignedInRequest, uuid: UUID) -> Unit:
    """The unit, where the person may lead it; 404 or 403 otherwise."""
    unit = get_object_or_404(Unit, uuid=uuid)
    access.require(access.can_lead_team(request.user, unit), request.user, what=f"«{unit.name}»")
    return unit


@login_required
def team(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """A team: who learnt this year, who did not, what it lacks. ``?in=1`` is the list for the printer."""
    unit = team_or_refusal(request, uuid)
    if unit.kind != UnitKind.TEAM:
        return redirect("unit_learning:people", unit.uuid)
    context = {
        "team": teams.team_page(unit, request.user),
        "unit": unit,
        "may_reconstitute": access.can_keep_roster(request.user, unit),
        "has_more": _keeps_rosters(request),
    }
    printing = bool(request.GET.get("in"))
    return render(request, "courses/teams/print.html" if printing else "courses/teams/team.html", context)


@login_required
def remind(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Remind everybody of the team who did not learn this year, or one of them (``nguoi``)."""
    unit = team_or_refusal(request, uuid)
    if request.method != "POST":
        return redirect("teams:team", unit.uuid)
    page = teams.team_page(unit, request.user)
    members = page.to_learn
    if asked := request.POST.get("nguoi"):
        members = [member for member in members if str(member.user.uuid) == asked]
    made = teams.team_remind(team=page, members=members, actor=request.user)
    if made:
        unclaimed = sum(m.user.pk in {notice.user_id for notice in made} and not m.claimed for m in members)
        more = f" {unclaimed} người chưa nhận tài khoản: hãy gọi điện hoặc in phiếu cho họ." if unclaimed else ""
        messages.success(request, f"Đã nhắc {len(made)} người: {notices_summary(made)}.{more}")
    elif again := min((m.remind_again_on for m in members if m.remind_again_on), default=None):
        messages.info(request, f"Đã nhắc rồi. Có thể nhắc lại từ ngày {vi_date(again)}.")
    else:
        messages.info(request, "Không có ai cần nhắc.")
    return redirect("teams:team", unit.uuid)


def _keeps_rosters(request: SignedInRequest) -> bool:
    """Whether the person answers for more than teams of their own."""
    return bool(access.roles_of(request.user) & access.ROSTER_KEEPING)


def _overview_or_refusal(request: SignedInRequest) -> teams_overview.Overview:
    allowed = bool(access.roles_of(request.user) & access.TEAM_LEADING)
    access.require(allowed, request.user, what="tổ công nghệ số cộng đồng nào")
    return teams_overview.teams_overview(request.user)


@login_required
def home(request: SignedInRequest) -> HttpResponse:
    """A leader of one team goes straight to it; who has one commune sees its teams; the rest see commune by commune."""
    overview = _overview_or_refusal(request)
    keeps = _keeps_rosters(request)
    if len(overview.total.teams) == 1 and not keeps:
        return redirect("teams:team", overview.total.teams[0].uuid)
    if len(overview.communes) <= 1:
        return _list(request, overview, overview.total)
    context = {
        "overview": overview,
        "total": overview.total,
        "reminder": teams_overview.leaders_reminder(overview.total) if keeps else None,
        "where": "",
        "unplaced": UNPLACED,
    }
    return render(request, "courses/teams/communes.html", context)


@login_required
def team_list(request: SignedInRequest) -> HttpResponse:
    """The teams of one commune (``xa``), or all of the scope, narrowed by words and by what they lack."""
    overview = _overview_or_refusal(request)
    return _list(request, overview, _figures(request, overview, request.GET.get("xa", "")))


def _figures(request: SignedInRequest, overview: teams_overview.Overview, where: str) -> teams_overview.Figures:
    """The figures that an address asks for. Raises Http404, or Forbidden for a commune of another scope."""
    if not where:
        return overview.total
    if where == UNPLACED:
        if overview.unplaced is None:
            raise Http404
        return overview.unplaced
    try:
        found = overview.of_commune(UUID(where))
    except ValueError:
        raise Http404 from None
    if found is None:
        commune = get_object_or_404(Unit, uuid=where)
        access.require(False, request.user, what=f"«{commune.name}»")
    assert found is not None
    return found


def _list(request: SignedInRequest, overview: teams_overview.Overview, figures: teams_overview.Figures) -> HttpResponse:
    words, narrowed = request.GET.get("q", "").strip(), request.GET.get("loc", "")
    found = teams_overview.teams_narrowed(figures.teams, words=words, narrowed=narrowed)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("trang"))
    teams_overview.leaders_named(page.object_list)
    unplaced = figures is overview.unplaced
    keeps = _keeps_rosters(request)
    context = {
        "figures": figures,
        "page": page,
        "words": words,
        "narrowed": narrowed,
        "filters": teams_overview.FILTERS,
        "where": UNPLACED if unplaced else (str(figures.commune.uuid) if figures.commune else ""),
        "title": "Tổ chưa quy đổi về xã, phường nào" if unplaced else _title(overview, figures),
        "many_communes": len(overview.communes) > 1,
        "reminder": teams_overview.leaders_reminder(figures) if keeps else None,
    }
    return render(request, "courses/teams/list.html", context)


def _title(overview: teams_overview.Overview, figures: teams_overview.Figures) -> str:
    commune = figures.commune or (overview.communes[0].commune if len(overview.communes) == 1 else None)
    return f"Tổ công nghệ số cộng đồng · {commune.name}" if commune else "Tổ công nghệ số cộng đồng"


@login_required
def remind_leaders(request: SignedInRequest) -> HttpResponse:
    """Remind the leaders of inactive teams, of one commune (``xa``) or of the whole scope."""
    where = request.POST.get("xa", "")
    back = reverse("teams:list") + (f"?xa={where}&loc=chua-hoat-dong" if where else "?loc=chua-hoat-dong")
    overview = _overview_or_refusal(request)
    keeps = _keeps_rosters(request)
    access.require(keeps, request.user, what="việc nhắc các tổ trưởng")
    if request.method != "POST":
        return redirect("teams:home")
    figures = _figures(request, overview, where)
    office = Membership.objects.in_force().filter(user=request.user, role__in=access.ROSTER_KEEPING)
    unit = office.select_related("unit").order_by("-is_main", "id")[0].unit
    made = teams_overview.leaders_remind(figures=figures, actor=request.user, unit=unit)
    if made:
        messages.success(request, f"Đã nhắc {len(made)} tổ trưởng: {notices_summary(made)}.")
    else:
        messages.info(request, "Không có tổ trưởng nào cần nhắc lúc này: họ đã được nhắc trong 3 ngày qua.")
    return redirect(back)
