"""Bringing a list of people: choose a unit and a file, look at what it would do, decide what is doubtful, import."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from common import audit
from common.errors import Forbidden, Refusal
from common.text import uuid_or_none
from people import access, roster_export, roster_pages
from people.forms_rosters import UploadForm
from people.models import Decided, Outcome, RosterImport, RosterState, Unit, User
from people.requests import SignedInRequest
from people.rosters import exports, services
from people.rosters.leavers import Leavers
from people.rosters.querysets import rows_for_review
from people.stepup import demand_fresh_proof
from people.units.reads import people_in

PER_PAGE = 50


def _require_keeper(viewer: User) -> None:
    allowed = bool(access.roles_of(viewer) & access.ROSTER_KEEPING)
    access.require(allowed, viewer, what=_("danh sách của đơn vị nào"))


def _list_of(unit: Unit) -> str:
    return _("danh sách của «%(unit)s»") % {"unit": unit.name}


def _unit(request: SignedInRequest, uuid: Any) -> Unit:
    unit = get_object_or_404(Unit, uuid=uuid)
    access.require(access.can_keep_roster(request.user, unit), request.user, what=_list_of(unit))
    return unit


def _roster(request: SignedInRequest, uuid: UUID) -> RosterImport:
    found = get_object_or_404(RosterImport.objects.select_related("unit", "made_by", "applied_by"), uuid=uuid)
    allowed = access.can_keep_roster(request.user, found.unit)
    access.require(allowed, request.user, what=_list_of(found.unit))
    return found


def _posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For addresses that only take a form: who arrives by a link is led to the list, and nothing is done."""

    @wraps(view)
    def answer(request: HttpRequest, uuid: UUID, **kwargs: Any) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            messages.info(request, _("Chưa ghi thay đổi nào. Hãy làm lại thao tác trên trang này."))
            return redirect("rosters:roster", uuid=uuid)
        return require_POST(view)(request, uuid, **kwargs)

    return never_cache(login_required(answer))


# --- Choosing -------------------------------------------------------------------------------------------------------
@never_cache
@login_required
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Lists that were brought, newest first, and the ways in and out."""
    _require_keeper(request.user)
    page = Paginator(roster_pages.lists_for(request.user), PER_PAGE).get_page(request.GET.get("trang"))
    context = {"page": page, **_choice_of_unit(request)}
    return render(request, "people/rosters/home.html", context)


@never_cache
@login_required
def upload(request: SignedInRequest) -> HttpResponse:
    """Choose the unit and send the file; then its check begins."""
    _require_keeper(request.user)
    choice = _choice_of_unit(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and choice["unit"]:
        data = form.cleaned_data
        try:
            _kept, job = services.roster_upload(
                user=request.user,
                unit=choice["unit"],
                file=data["tep"],
                file_name=data["tep"].name,
                whole_unit=data["ca_don_vi"],
                effective_on=data["tu_ngay"],
            )
        except Forbidden:
            raise
        except Refusal as refused:
            form.add_error(*_wrong(refused))
        else:
            return redirect("jobs:job", uuid=job.uuid)
    return render(request, "people/rosters/upload.html", {"form": form, **choice})


def _wrong(refused: Refusal) -> tuple[str | None, str]:
    """Where a refusal stands on the form, and its words: with the way to what took over from an ended unit."""
    successors = refused.detail.get("successors", [])
    if not successors:
        return "tep", f"{refused.text} {refused.fix}".strip()
    several = len(successors) > 1
    ways = [
        (unit.uuid, _("Nhập cho %(unit)s") % {"unit": unit.name} if several else refused.fix) for unit in successors
    ]
    return None, format_html(
        "{} {}", refused.text, format_html_join(" ", '<a class="touch" href="?don-vi={}">{}</a>', ways)
    )


def _choice_of_unit(request: SignedInRequest) -> dict[str, Any]:
    """The unit that the address names, else one's own; and what there is to choose from instead."""
    viewer = request.user
    named = request.GET.get("don-vi", "")
    unit = _unit(request, uuid_or_none(named)) if named else access.office_unit(viewer, access.ROSTER_KEEPING)
    units = list(roster_pages.units_for_lists(viewer)[: roster_pages.PICK_FROM + 1])
    words = request.GET.get("tim", "").strip()
    few = len(units) <= roster_pages.PICK_FROM
    found = roster_pages.units_found(viewer, words)[: roster_pages.FOUND_MOST] if words and not few else []
    return {"unit": unit, "units": units if few else [], "is_few": few, "words": words, "found": found}


@never_cache
@login_required
@require_safe
def template(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """An empty list with the headings, drop-downs and an example, made for one unit."""
    unit = _unit(request, uuid)
    name = roster_export.file_name(unit, roster_export.XLSX, what="mau")
    return _download(exports.template_file(unit=unit), name, roster_export.XLSX)


# --- Looking --------------------------------------------------------------------------------------------------------
@never_cache
@login_required
@require_safe
def roster(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """What the list would do, or did: its numbers, and the lines of one kind."""
    found = _roster(request, uuid)
    numbers = roster_pages.numbers_of(found)
    is_ready = found.state == RosterState.READY
    must_confirm = is_ready and bool(found.problem and numbers.of(Outcome.LEFT)) and not found.leavers_confirmed
    tab = request.GET.get("loai", "")
    if tab not in roster_pages.OUTCOME_OF:
        tab = roster_pages.LEAVERS if must_confirm else roster_pages.first_tab(numbers)
    page = Paginator(rows_for_review(found, roster_pages.OUTCOME_OF[tab]), PER_PAGE).get_page(request.GET.get("trang"))
    context = {
        "roster": found,
        "numbers": numbers,
        "problem": Leavers.counted(found.counts).problem or found.problem,
        "tab": tab,
        "page": page,
        "lines": roster_pages.lines_of(page, request.user),
        "is_ready": is_ready,
        "job": roster_pages.job_of(found, request.user) if found.state in roster_pages.PENDING else None,
        "must_confirm": must_confirm,
    }
    return render(request, "people/rosters/roster.html", context)


@never_cache
@login_required
@require_safe
def rejects(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The lines that are not imported, in the file's own layout, each with why and how to mend it."""
    found = _roster(request, uuid)
    demand_fresh_proof(request, _("xuất các dòng cần sửa"))
    name = roster_export.file_name(found.unit, roster_export.XLSX, what="can-sua")
    content = exports.rejects_file(roster=found)
    audit.record(actor=request.user, act="roster_rejects_export", subject=found, unit=found.unit)
    return _download(content, name, roster_export.XLSX)


# --- Deciding -------------------------------------------------------------------------------------------------------
@_posted
def decide(request: SignedInRequest, uuid: UUID, number: int) -> HttpResponse:
    """Say of one doubtful line whether it means somebody whom the system knows."""
    found = _roster(request, uuid)
    row = get_object_or_404(found.rows.filter(outcome=Outcome.DOUBTFUL), number=number)
    word, _colon, whom = request.POST.get("quyet-dinh", "").partition(":")
    candidate = User.objects.filter(uuid=uuid_or_none(whom)).first() if whom else None
    services.roster_decide(roster=found, row=row, decided=_decided(word), candidate=candidate, by=request.user)
    return _to_tab(found, "xem-lai", page=request.POST.get("trang", ""), anchor=f"dong-{number}")


@_posted
def decide_all(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Say one thing of every doubtful line that is left."""
    found = _roster(request, uuid)
    count = services.rows_decide_all(
        roster=found, decided=_decided(request.POST.get("quyet-dinh", "")), by=request.user
    )
    said = ngettext("Đã ghi quyết định cho %(count)s dòng.", "Đã ghi quyết định cho %(count)s dòng.", count)
    messages.success(request, said % {"count": count})
    return _to_tab(found, "xem-lai")


def _decided(word: str) -> Decided:
    if word not in Decided.values:
        raise Refusal(
            _("Chưa rõ bạn chọn gì."), code="decision_unclear", fix=_("Hãy quay lại và bấm một trong các nút.")
        )
    return Decided(word)


def _to_tab(found: RosterImport, tab: str, *, page: str = "", anchor: str = "") -> HttpResponse:
    asked = {"loai": tab, **({"trang": page} if page.isdigit() else {})}
    address = f"{reverse('rosters:roster', args=[found.uuid])}?{urlencode(asked)}"
    return redirect(f"{address}#{anchor}" if anchor else address)


@_posted
def confirm_leavers(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Say that the many who are missing in the file have really left."""
    found = _roster(request, uuid)
    demand_fresh_proof(request, _("nhập danh sách"))
    services.leavers_confirm(roster=found, by=request.user)
    messages.success(request, _("Đã ghi: những người này rời đơn vị. Việc này chỉ có hiệu lực khi bạn bấm nhập."))
    return _to_tab(found, "roi")


@_posted
def apply(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Import the list: all of it or nothing."""
    found = _roster(request, uuid)
    demand_fresh_proof(request, _("nhập danh sách"))
    job = services.roster_apply(roster=found, by=request.user)
    return redirect("jobs:job", uuid=job.uuid)


@_posted
def cancel(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Drop a list; nothing of it is imported."""
    found = _roster(request, uuid)
    services.roster_cancel(roster=found, by=request.user)
    said = _("Đã bỏ danh sách trong tệp %(file)s. Không ai bị thay đổi.") % {"file": found.file_name}
    messages.success(request, said)
    return redirect("rosters:home")


# --- Out ------------------------------------------------------------------------------------------------------------
@never_cache
@login_required
def export(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The people of a unit as a file that can be imported again; a long list is written by a job."""
    unit = _unit(request, uuid)
    demand_fresh_proof(request, _("xuất danh sách"))
    form = roster_export.CSV if request.GET.get("dang") == roster_export.CSV else roster_export.XLSX
    people = people_in([unit.pk], access.current_structure()).get(unit.pk, 0)
    if people > roster_pages.EXPORT_AT_ONCE:
        if request.method != "POST":
            return render(request, "people/rosters/export.html", {"unit": unit, "people": people, "form": form})
        job = roster_export.roster_export_later(unit=unit, by=request.user, form=form, people=people)
        return redirect("jobs:job", uuid=job.uuid)
    content = roster_export.roster_export(unit=unit, by=request.user, form=form, people=people)
    return _download(content, roster_export.file_name(unit, form), form)


def _download(content: bytes, name: str, form: str) -> HttpResponse:
    response = HttpResponse(content, content_type=roster_export.MIME[form])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
