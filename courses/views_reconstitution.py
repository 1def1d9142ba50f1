"""Kiện toàn: setting the composition of a team, step by step; and the versions it had."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID

from allauth.core import ratelimit
from allauth.core.internal.ratelimit import consume
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from common import wording
from common.errors import Refusal
from common.forms import DayField
from common.text import fold
from courses.forms_teams import DecisionForm, NewMemberForm
from courses.team_draft import Draft
from courses.team_rules import Seat as RuleSeat
from courses.team_rules import team_gaps
from courses.views_teams import team_or_refusal
from people import access, teams
from people.lookalikes import Lookalike, people_like, people_look_up, same_name
from people.models import RosterVersion, Unit, UnitKind, User
from people.phones import PhoneError, parse_phone
from people.querysets import today
from people.requests import SignedInRequest
from people.stepup import demand_fresh_proof

FOUND = 10


def _team_to_keep(request: SignedInRequest, uuid: UUID) -> Unit:
    unit = get_object_or_404(Unit, uuid=uuid, kind=UnitKind.TEAM)
    allowed = access.can_keep_roster(request.user, unit)
    access.require(allowed, request.user, what=_("việc kiện toàn «%(unit)s»") % {"unit": unit.name})
    return unit


@login_required
def composition(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Who stays, who leads, from when, by which decision. Every button keeps what was filled in."""
    unit = _team_to_keep(request, uuid)
    draft = Draft(request.session, unit)
    if request.method == "POST":
        if "lam-lai" in request.POST:
            draft.forget()
            return redirect("teams:reconstitute", unit.uuid)
        draft.read(request.POST, set(request.POST.getlist("o-lai")))
        if "them" in request.POST:
            return redirect("teams:add_member", unit.uuid)
        return _checked_or_shown(request, unit, draft)
    return _shown(request, unit, draft, DecisionForm(initial=draft.decision))


def _checked_or_shown(request: SignedInRequest, unit: Unit, draft: Draft) -> HttpResponse:
    """On to the preview, or the form again with what is wrong."""
    form = DecisionForm(draft.decision)
    try:
        seats = draft.seats()
        teams.composition_checked(team=unit, actor=request.user, seats=seats)
        if form.is_valid():
            teams.day_checked(team=unit, day=form.cleaned_data["effective_on"])
    except Refusal as refusal:
        form.full_clean()
        field = "effective_on" if refusal.code in {"too_early", "too_late", "team_closed"} else None
        form.add_error(field, f"{refusal.text} {refusal.fix}".strip())
    if form.errors:
        return _shown(request, unit, draft, form)
    return redirect("teams:preview", unit.uuid)


def _shown(request: SignedInRequest, unit: Unit, draft: Draft, form: DecisionForm) -> HttpResponse:
    context = {"unit": unit, "draft": draft, "form": form}
    return render(request, "courses/teams/reconstitute.html", context)


@login_required
def add_member(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Find somebody in one's scope, or write down somebody new; what looks like an account we have is asked about."""
    unit = _team_to_keep(request, uuid)
    draft = Draft(request.session, unit)
    form = NewMemberForm()
    alike: list[Lookalike] = []
    if request.method == "POST":
        if asked := request.POST.get("nguoi"):
            return _added(request, unit, draft, _person_asked(request, unit, asked))
        form = NewMemberForm(request.POST)
        if form.is_valid() and "sua-lai" not in request.POST:
            if "nguoi-khac" not in request.POST:
                if not _may_look(request, dry_run=True):
                    return cast(HttpResponse, ratelimit.respond_429(request))
                alike = _looked_up(request, unit, form)
            if not alike:
                draft.add_new(form.person())
                messages.success(request, _("Đã thêm %(name)s vào danh sách.") % {"name": form.person().full_name})
                return redirect("teams:reconstitute", unit.uuid)
    words = request.GET.get("q", "").strip()
    found = _people_found(request.user, words) if words else []
    context = {
        "unit": unit,
        "form": form,
        "alike": alike,
        "may_be_one": any(one.same_name for one in alike),
        "strangers": not all(one.known for one in alike),
        "words": words,
        "found": found,
        "draft": draft,
    }
    return render(request, "courses/teams/add_member.html", context)


def _looked_up(request: SignedInRequest, unit: Unit, form: NewMemberForm) -> list[Lookalike]:
    """Whom the form may mean. Finding strangers is counted: nobody reads the province through this page."""
    alike = people_look_up(new=form.person(), actor=request.user, team=unit)
    if not all(one.known for one in alike):
        _may_look(request)
    return alike


def _may_look(request: SignedInRequest, *, dry_run: bool = False) -> bool:
    return consume(request, app="allauth.account", action="person_look", dry_run=dry_run) is not None


def _person_asked(request: SignedInRequest, unit: Unit, asked: str) -> User:
    """The person to add: one in the official's scope, or one whose name they knew, with the birth date or number."""
    try:
        person: User = get_object_or_404(User, uuid=UUID(asked), is_active=True)
    except ValueError:
        raise Refusal(
            _("Chưa chọn người nào."),
            code="nobody",
            fix=_("Quay lại trang thêm người, tìm theo tên hoặc số điện thoại rồi bấm «Thêm» ở đúng người."),
            back=reverse("teams:add_member", args=[unit.uuid]),
        ) from None
    form = NewMemberForm(request.POST)
    new = form.person() if form.is_valid() else None
    known = new is not None and same_name(new, person) and person in people_like(new)
    access.require(known or access.can_see_person(request.user, person), request.user, what=_("người này"))
    return person


def _added(request: SignedInRequest, unit: Unit, draft: Draft, person: User) -> HttpResponse:
    draft.add_user(person)
    messages.success(request, _("Đã thêm %(name)s vào danh sách.") % {"name": person.full_name})
    return redirect("teams:reconstitute", unit.uuid)


def _people_found(viewer: User, words: str) -> list[User]:
    """People in the viewer's scope by name, or by phone number in any spacing."""
    matching = Q(search_key__contains=fold(words))
    try:
        number = parse_phone(words)
    except PhoneError:
        pass
    else:
        matching = Q(phone=number) | Q(contact_phone=number)
    found = User.objects.visible_to(viewer).filter(matching, is_active=True).order_by("sort_key", "pk")
    return list(found.prefetch_related("memberships__unit")[:FOUND])


@login_required
def preview(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Who comes, who leaves, who changes, before anything is saved."""
    unit = _team_to_keep(request, uuid)
    draft = Draft(request.session, unit)
    form = DecisionForm(draft.decision)
    if not form.is_valid():
        return redirect("teams:reconstitute", unit.uuid)
    seats = draft.seats()
    day: date = form.cleaned_data["effective_on"]
    after = teams.seats_placed(seats)
    context = {
        "unit": unit,
        "decision": form.cleaned_data,
        "after": after,
        "change": teams.differences(teams.composition(unit, day), after),
        "gaps": team_gaps(_rule_seat(seat) for seat in seats),
    }
    return render(request, "courses/teams/preview.html", context)


def _rule_seat(seat: teams.Seat) -> RuleSeat:
    person = seat.person
    reachable = bool(person.phone or (isinstance(person, User) and person.contact_phone))
    return RuleSeat(leads=seat.leads, reachable=reachable)


@login_required
def save(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Save the composition that was previewed."""
    unit = _team_to_keep(request, uuid)
    draft = Draft(request.session, unit)
    form = DecisionForm(draft.decision)
    if request.method != "POST" or not form.is_valid():
        return redirect("teams:reconstitute", unit.uuid)
    demand_fresh_proof(request, _("thay đổi thành phần của tổ"))
    try:
        version = teams.team_reconstitute(
            team=unit, actor=request.user, seats=draft.seats(), based_on=draft.data["mark"], **form.cleaned_data
        )
    except Refusal as refusal:
        if refusal.code == "team_changed":
            draft.forget()
        refusal.detail.setdefault("back", request.path.removesuffix("luu/"))
        raise
    draft.forget()
    said = _("Đã lưu thành phần mới của tổ, có từ ngày %(day)s.") % {"day": wording.day(version.effective_on)}
    messages.success(request, said)
    return redirect("teams:team", unit.uuid)


@login_required
def history(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The versions of a team, each with what it changed; ``ngay`` shows the composition of one day."""
    unit = team_or_refusal(request, uuid)
    if unit.kind != UnitKind.TEAM:
        return redirect("unit_learning:people", unit.uuid)
    versions = list(RosterVersion.objects.filter(unit=unit).select_related("made_by"))
    day, problem = _day_asked(request.GET.get("ngay", "").strip())
    context: dict[str, Any] = {
        "unit": unit,
        "versions": [{"version": version, "changed": _changed(versions, n)} for n, version in enumerate(versions)],
        "day": day,
        "asked": request.GET.get("ngay", ""),
        "problem": problem,
        "members": teams.team_on(unit, day) if day else [],
        "may_reconstitute": access.can_keep_roster(request.user, unit),
    }
    return render(request, "courses/teams/history.html", context)


def _day_asked(text: str) -> tuple[date | None, str]:
    if not text:
        return today(), ""
    try:
        return DayField().clean(text), ""
    except ValidationError as error:
        return None, " ".join(error.messages)


def _changed(versions: list[RosterVersion], place: int) -> list[tuple[teams.Placed, teams.Placed]]:
    """Who got another role or title with a version; versions stand newest first."""
    if place + 1 >= len(versions):
        return []
    before, after = ([teams.Placed(**m) for m in versions[n].members] for n in (place + 1, place))
    return teams.differences(before, after).changed
