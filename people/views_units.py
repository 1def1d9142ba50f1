"""Pages of the unit tree: search, a page for each unit, and its changes, each looked at before it is saved."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Refusal
from common.models import AuditEntry
from people import access
from people.audit_words import act_name, changes_of
from people.forms_units import FORMS, SuccessorForm, actions_for
from people.forms_units_base import ChangeForm
from people.models import Membership, Role, Unit, UnitKind
from people.querysets import today
from people.stepup import demand_fresh_proof
from people.units import reads, unmapped
from people.units.change import Done
from people.units.previews import Preview, preview

PAGE = 50
STALE = "stale_tree"


def _manager(request: HttpRequest) -> None:
    if not access.is_manager(request.user):
        raise Http404


@login_required
@require_safe
def tree(request: HttpRequest) -> HttpResponse:
    """Search over the units of one's scope; without words the highest units and what is right under them."""
    _manager(request)
    words, kind = request.GET.get("q", "").strip(), request.GET.get("loai", "")
    state = request.GET.get("tinh-trang", reads.STANDING)
    structure = access.current_structure()
    context: dict[str, Any] = {
        "words": words,
        "kind": kind,
        "state": state,
        "kinds": UnitKind.choices,
        "searched": bool(words or kind or state != reads.STANDING),
        "may_keep": bool(access.roles_of(request.user) & access.TREE_KEEPING),
        "may_replace": access.can_replace_tree(request.user),
        "now": today(),
    }
    if context["searched"]:
        kind = kind if kind in UnitKind.values else ""
        found = reads.units_found(request.user, words=words, kind=kind, state=state)
        page = reads.units_page(found, request.GET.get("trang"), size=PAGE)
        paths = reads.paths_of(page, structure)
        context |= {"page": page, "rows": [(unit, paths[unit.pk]) for unit in page]}
    else:
        held = Membership.objects.in_force().filter(user=request.user, role__in=access.MANAGING).values("unit")
        offices = Unit.objects.filter(pk__in=held).order_by("search_key")
        context["offices"] = offices
        if len(offices) == 1:
            context |= _below(request, offices[0])
    return render(request, "people/units/tree.html", context)


def _below(request: HttpRequest, unit: Unit) -> dict[str, Any]:
    """The units right under one, a page at a time, with their people."""
    structure = access.current_structure()
    page = Paginator(reads.children_of(unit, structure, today()), PAGE).get_page(request.GET.get("trang"))
    people = reads.people_in([unit.pk, *(child.pk for child in page)], structure)
    children = [(child, people.get(child.pk, 0)) for child in page]
    return {"page": page, "children": children, "people": people.get(unit.pk, 0)}


@login_required
@require_safe
def unit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A unit: where it stands, who and what is under it, what it was, and what can be done with it."""
    found = get_object_or_404(Unit.objects.select_related("parent"), uuid=uuid)
    access.require(access.can_see_unit(request.user, found), request.user, what=f"«{found.name}»")
    structure = access.current_structure()
    standing = found.stands_on(today())
    history = reads.history_of(found)
    acts = reads.acts_on(found, history.earlier) if access.can_read_audit(request.user, found) else []
    unplaced = reads.unplaced_in(found, structure)
    context = _below(request, found) | {
        "unit": found,
        "standing": standing,
        "heir": None if standing else reads.heir_of(found, today()),
        "path": reads.paths_of([found], structure)[found.pk],
        "history": history,
        "acts": [(entry, act_name(entry.act), changes_of(entry)) for entry in acts],
        "unplaced": unplaced[:PAGE],
        "unplaced_count": unplaced.count(),
        "may_keep": access.can_keep_unit(request.user, found) and found.valid_to is None,
        "may_map": access.can_keep_unit(request.user, found) and unmapped.is_unmapped(found),
        "actions": actions_for(found),
        "may_read_kpi": access.can_read_kpi(request.user, found),
    }
    return render(request, "people/units/unit.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, uuid: UUID, act: str) -> HttpResponse:
    """A change of a unit: the form, then what it would do, then saved."""
    if act not in FORMS:
        raise Http404
    found = get_object_or_404(Unit.objects.select_related("parent"), uuid=uuid)
    access.require(
        access.can_keep_unit(request.user, found),
        request.user,
        what=_("việc thay đổi «%(unit)s»") % {"unit": found.name},
    )
    if request.method != "POST" and found.valid_to is not None:
        raise reads.ended_refusal(found, found.valid_to)
    return _changed(request, found, FORMS[act], act)


def _changed(request: HttpRequest, found: Unit, kind: type[ChangeForm], act: str) -> HttpResponse:
    """The three steps of every change; which one is said by the button that was pressed."""
    data = request.POST.copy()
    if "tu-ngay" in data:  # the button of a refusal: the same form, from the day on which it can be done
        data["on"] = request.POST["tu-ngay"]
    form = kind(data or None, unit=found, viewer=request.user)
    context: dict[str, Any] = {"form": form, "unit": found, "act": act}
    if request.method != "POST" or "sua" in request.POST or not form.is_valid():
        return render(request, "people/units/change.html", context)
    expected = request.POST.get("version", "")
    if "luu" in request.POST and expected:
        if _already_done(request, expected):
            messages.info(request, _("Thay đổi này đã được lưu trước đó."))
            return redirect("units:unit", uuid=found.uuid)
        try:
            done = _proved_run(request, form, expected)
        except Refusal as refusal:
            if refusal.code != STALE:
                form.refuse(refusal)
                return render(request, "people/units/change.html", context)
            context["stale"] = refusal
        else:
            messages.success(request, _("Đã lưu thay đổi."))
            return redirect("units:unit", uuid=done.result.uuid)
    try:
        seen: Preview = preview(form.run)
    except Refusal as refusal:
        form.refuse(refusal)
        return render(request, "people/units/change.html", context)
    return render(request, "people/units/preview.html", context | {"preview": seen, "done": seen.done})


@transaction.atomic
def _proved_run(request: HttpRequest, form: ChangeForm, expected: str) -> Done:
    """Save a change; where offices end or are carried elsewhere, nothing stays of it before a fresh proof."""
    held = _offices()
    done = form.run(expected)
    if _offices() != held:
        demand_fresh_proof(request, _("thay đổi đơn vị có người giữ vai trò"))
    return done


def _offices() -> set[tuple[Any, ...]]:
    """Who holds which office where, and until when."""
    offices = Membership.objects.exclude(role=Role.LEARNER)
    return set(offices.values_list("pk", "unit", "role", "valid_from", "valid_to"))


def _already_done(request: HttpRequest, version: str) -> bool:
    """Whether this very form was saved a moment ago: pressed twice, or sent again by the browser."""
    mine = AuditEntry.objects.filter(actor=request.user.pk, subject_kind="people.unit")
    return mine.filter(detail__form_version=version).exists()


@login_required
@require_safe
def unmapped_list(request: HttpRequest) -> HttpResponse:
    """Units of earlier structures of which nobody has said what took over from them."""
    _manager(request)
    access.require(
        bool(access.roles_of(request.user) & access.TREE_KEEPING), request.user, what=_("việc quy đổi đơn vị")
    )
    every_kind = "tat-ca" in request.GET
    found = unmapped.unmapped_units(request.user, every_kind=every_kind)
    page = Paginator(found, PAGE).get_page(request.GET.get("trang"))
    return render(request, "people/units/unmapped.html", {"page": page, "every_kind": every_kind})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def succeed(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Choose what took over from a unit that ended: suggestions, then the preview, then saved."""
    found = get_object_or_404(Unit.objects.select_related("parent"), uuid=uuid)
    access.require(
        access.can_keep_unit(request.user, found),
        request.user,
        what=_("việc quy đổi «%(unit)s»") % {"unit": found.name},
    )
    if request.method == "POST":
        return _changed(request, found, SuccessorForm, "quy-doi")
    form = SuccessorForm(unit=found, viewer=request.user, initial={"successor": request.GET.get("chon", "")})
    context = {"form": form, "unit": found, "act": "quy-doi", "suggestions": unmapped.suggestions_for(found)}
    return render(request, "people/units/change.html", context)
