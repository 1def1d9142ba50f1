"""Team pages under ``/quan-ly/to/``: the team of a leader, lists of teams, figures by commune, reminders."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import wording
from common.text import uuid_or_none
from courses import teams, teams_overview
from people import access
from people.models import Notice, Unit, UnitKind
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
    members, without = page.to_learn, len(page.unclaimed)
    if asked := request.POST.get("nguoi"):
        members, without = [member for member in members if str(member.user.uuid) == asked], 0
    made = teams.team_remind(team=page, members=members, actor=request.user)
    if made:
        said = ngettext("Đã nhắc %(count)s người: %(how)s.", "Đã nhắc %(count)s người: %(how)s.", len(made))
        said %= {"count": wording.number(len(made)), "how": notices_summary(made)}
    elif again := min((m.remind_again_on for m in members if m.remind_again_on), default=None):
        said = _("Đã nhắc rồi. Có thể nhắc lại từ ngày %(day)s.") % {"day": wording.day(again)}
    else:
        said = _("Không có ai cần nhắc.")
    if without:
        more = ngettext(
            "%(count)s người chưa có tài khoản: in phiếu cho họ.",
            "%(count)s người chưa có tài khoản: in phiếu cho họ.",
            without,
        )
        said = f"{said} {more % {'count': wording.number(without)}}"
    (messages.success if made else messages.info)(request, said)
    return redirect("teams:team", unit.uuid)


def _keeps_rosters(request: SignedInRequest) -> bool:
    """Whether the person answers for more than teams of their own."""
    return bool(access.roles_of(request.user) & access.ROSTER_KEEPING)


def _overview_or_refusal(request: SignedInRequest) -> teams_overview.Overview:
    allowed = bool(access.roles_of(request.user) & access.TEAM_LEADING)
    access.require(allowed, request.user, what=_("tổ công nghệ số cộng đồng nào"))
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
    uuid = uuid_or_none(where)
    if uuid is None:
        raise Http404
    found = overview.of_commune(uuid)
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
        "title": _("Tổ chưa quy đổi về xã, phường nào") if unplaced else _title(overview, figures),
        "many_communes": len(overview.communes) > 1,
        "reminder": teams_overview.leaders_reminder(figures) if keeps else None,
    }
    return render(request, "courses/teams/list.html", context)


def _title(overview: teams_overview.Overview, figures: teams_overview.Figures) -> str:
    commune = figures.commune or (overview.communes[0].commune if len(overview.communes) == 1 else None)
    teams_of_all = _("Tổ công nghệ số cộng đồng")
    return f"{teams_of_all} · {commune.name}" if commune else teams_of_all


@login_required
def remind_leaders(request: SignedInRequest) -> HttpResponse:
    """Remind the leaders of inactive teams, of one commune (``xa``) or of the whole scope.

    Opened by its address it only says whom this would reach; a reminder to many leaves from that page (``chac-chan``).
    """
    where = (request.POST if request.method == "POST" else request.GET).get("xa", "")
    back = reverse("teams:list") + (f"?xa={where}&loc=chua-hoat-dong" if where else "?loc=chua-hoat-dong")
    overview = _overview_or_refusal(request)
    keeps = _keeps_rosters(request)
    access.require(keeps, request.user, what=_("việc nhắc các tổ trưởng"))
    figures = _figures(request, overview, where)
    reminder = teams_overview.leaders_reminder(figures)
    if request.method != "POST" and not reminder.count:
        return redirect(back)
    if request.method != "POST":
        context = {"reminder": reminder, "where": where, "figures": figures, "back": back}
        return render(request, "courses/teams/remind_leaders.html", context)
    if reminder.is_many and "chac-chan" not in request.POST:
        return redirect(reverse("teams:remind_leaders") + (f"?xa={where}" if where else ""))
    unit = access.office_unit(request.user, access.ROSTER_KEEPING)
    assert unit is not None  # who keeps a roster holds the office
    made = teams_overview.leaders_remind(figures=figures, actor=request.user, unit=unit)
    (messages.success if made else messages.info)(request, _leaders_told(made, reminder))
    return redirect(back)


def _leaders_told(made: list[Notice], reminder: teams_overview.LeadersReminder) -> str:
    """What came of reminding leaders, and how many of them could not be reached."""
    if made:
        said = ngettext("Đã nhắc %(count)s tổ trưởng: %(how)s.", "Đã nhắc %(count)s tổ trưởng: %(how)s.", len(made))
        said %= {"count": wording.number(len(made)), "how": notices_summary(made)}
    elif reminder.last_at:
        said = _("Không có ai cần nhắc lúc này: các tổ trưởng đã được nhắc trong 3 ngày qua.")
    else:
        said = _("Không có tổ trưởng nào cần nhắc lúc này.")
    if not reminder.without_account:
        return said
    more = ngettext(
        "%(count)s tổ trưởng chưa có tài khoản: in phiếu cho họ.",
        "%(count)s tổ trưởng chưa có tài khoản: in phiếu cho họ.",
        reminder.without_account,
    )
    return f"{said} {more % {'count': wording.number(reminder.without_account)}}"
