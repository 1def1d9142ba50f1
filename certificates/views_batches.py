"""Officials' pages of lists: put together, gone through, checked, approved or turned down."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import storages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from certificates import rights, services
from certificates.eligibility import LABELS, Code
from certificates.forms import ApproveForm, ProposalForm, ReasonForm, SeriesForm, TitleForm
from certificates.models import Batch, BatchState, Certificate, Series, Signing
from certificates.querysets import FILTERS, ISSUER_SIDE
from certificates.services.lists import COMPLETION, ROSTER, as_source
from certificates.services.proposals import Proposal
from certificates.views_office import PER_PAGE, official_of, page_of, posted_from, prove
from common.errors import Refusal
from common.wording import day, number
from courses.models import Course, LearningPath
from people import access
from people.querysets import today


def batch_of(request: HttpRequest, uuid: UUID) -> Batch:
    """The list of an address, for whoever may see it."""
    found = get_object_or_404(
        Batch.objects.select_related(
            "series__unit", "course", "learning_path", "unit", "proposed_by", "checked_by", "approved_by"
        ),
        uuid=uuid,
    )
    access.require(rights.can_see_batch(request.user, found), request.user, what=_("đợt cấp này"))
    return found


def _proposing_units(viewer: Any) -> bool:
    return bool(access.roles_of(viewer) & access.PROPOSING)


@login_required
@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """Batches of one's scope; those that wait come first. With ``cho=duyet`` only those that the reader may approve."""
    if not access.is_manager(request.user):
        raise Http404
    readable = Series.objects.filter(unit__in=access.scope_units(request.user, ISSUER_SIDE))
    registers = list(readable.select_related("unit").order_by("name"))
    handed_off = [series for series in registers if series.signing == Signing.HANDOFF]
    found, only_waiting = Batch.objects.for_list(request.user), request.GET.get("cho") == "duyet"
    if only_waiting:
        found = found.filter(pk__in=Batch.objects.to_approve(request.user).values("pk"))
    context = {
        "page": page_of(request, found),
        "only_waiting": only_waiting,
        "registers": registers,
        "to_sign": [series for series in handed_off if access.can_issue_certificates(request.user, series.unit)],
        "may_propose": _proposing_units(request.user),
        "may_set_up": rights.is_issuer_side(request.user),
    }
    return render(request, "certificates/manage/batches.html", context)


# --- Putting a list together ----------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def batch_new(request: HttpRequest) -> HttpResponse:
    """Choose a series, then for what and for whom; see who would be on the list and who not, and why; propose it."""
    access.require(_proposing_units(request.user), request.user, what=_("việc đề nghị cấp chứng nhận"))
    kinds = SeriesForm(request.GET if "series" in request.GET else None)
    series = kinds.chosen
    if series is None:
        return render(request, "certificates/manage/batch_new.html", {"form": kinds, "is_first_step": True})
    form = ProposalForm(request.GET if "unit" in request.GET else None, viewer=request.user, series=series)
    context: dict[str, Any] = {"form": form, "series": series, "is_only_series": kinds.is_only_one}
    if form.is_bound and form.is_valid():
        chosen = {"series": series, **form.cleaned_data}
        proposal = services.proposal_for(**chosen)
        title = TitleForm(request.POST or None, initial={"title": _title(chosen)})
        if request.method == "POST" and title.is_valid():
            batch = services.batch_propose(
                proposer=official_of(request),
                title=title.cleaned_data["title"],
                completions=proposal.people_shown(request.POST.get("shown", ""), back=request.get_full_path()),
                **chosen,
            )
            messages.success(request, _("Đã gửi danh sách. Người ký cấp chứng nhận sẽ duyệt theo quyết định."))
            return redirect("issuing:batch", uuid=batch.uuid)
        context |= {"title_form": title, "chosen": chosen, "what": _what(chosen), **_shown(request, proposal)}
    return render(request, "certificates/manage/batch_new.html", context)


def _what(chosen: dict[str, Any]) -> str:
    about: Course | LearningPath | None = chosen.get("course") or chosen.get("learning_path")
    series: Series = chosen["series"]
    return about.title if about else series.award_title or series.name


def _title(chosen: dict[str, Any]) -> str:
    return f"{_what(chosen)}: {chosen['unit'].name}"[:200]


def _shown(request: HttpRequest, proposal: Proposal) -> dict[str, Any]:
    """The group of people that the address asks for, and how many there are in each."""
    asked = request.GET.get("loai", "")
    code = Code(asked) if asked in set(Code) else Code.ELIGIBLE
    words = request.GET.get("q", "")
    return {
        "page": Paginator(proposal.of(code, words), PER_PAGE).get_page(request.GET.get("trang")),
        "groups": [(one, _(LABELS[one]), count) for one, count in proposal.counts.items()],
        "group": code,
        "words": words,
        "eligible": proposal.counts[Code.ELIGIBLE],
        "shown": proposal.fingerprint(),
    }


# --- One list -------------------------------------------------------------------------------------------------------
def batch_page(
    request: HttpRequest, batch: Batch, approve: ApproveForm | None = None, reject: ReasonForm | None = None
) -> HttpResponse:
    """The list with its people; the forms come back with their errors."""
    narrowed, words = request.GET.get("loc", ""), request.GET.get("q", "")
    page = page_of(request, batch.items.for_page(narrowed, words))
    _describe(batch, page)
    counts = batch.items.counted()
    may_issue = access.can_issue_certificates(request.user, batch.series.unit)
    may_propose = access.can_propose_certificates(request.user, batch.unit)
    is_proposer = batch.proposed_by_id == request.user.pk
    open_for = batch.is_open and not is_proposer
    context = {
        "batch": batch,
        "page": page,
        "counts": counts,
        "narrowed": narrowed,
        "words": words,
        "filters": [(name, label, counts[name.replace("-", "_")]) for name, (label, _rows) in FILTERS.items()],
        "what": batch.course or batch.learning_path or batch.series.award_title or batch.series.name,
        "notes": _notes(batch),
        "is_proposer": is_proposer,
        "may_work": batch.is_open and (may_issue or may_propose),
        "may_check": open_for
        and batch.state == BatchState.PROPOSED
        and (may_propose or rights.on_issuing_side(request.user, batch)),
        "may_approve": open_for and may_issue,
        "may_reject": batch.is_open and may_issue,
        "approve_form": approve or ApproveForm(batch=batch, people=counts["listed"]),
        "reject_form": reject or ReasonForm(prefix="khong-duyet"),
        "reject_open": reject is not None,
    }
    return render(request, "certificates/manage/batch.html", context)


def _describe(batch: Batch, page: Any) -> None:
    """Beside each person of the page: certificate, the two names and days that differ, and whether others share
    them."""
    certificates: dict[int, Certificate] = {}
    if not batch.is_open:
        found = batch.certificates.filter(completion__in=[item.completion_id for item in page])
        certificates = {one.completion_id: one for one in found if one.completion_id}
    alike = set(batch.items.namesakes()) if batch.is_open else set()
    for item in page:
        then, now = as_source(item, COMPLETION), as_source(item, ROSTER)
        item.certificate = certificates.get(item.completion_id)
        item.then, item.now = then, now
        item.differs = batch.is_open and then != now
        item.is_decided = item.name_checked_by_id and (item.holder_name, item.holder_birth_date) in (then, now)
        item.has_namesake = item.pk in alike
    page.namesakes = len(alike)


def _notes(batch: Batch) -> list[str]:
    """What changed around an open list since it was put together: told, and nothing is stopped by it."""
    if not batch.is_open:
        return []
    notes = []
    about = batch.course or batch.learning_path
    if about and not about.is_published:
        said = _("«%(title)s» đã được gỡ khỏi trang khoá học sau khi lập đợt. Kết quả đã đạt vẫn cấp được.")
        notes.append(said % {"title": about.title})
    if batch.unit.valid_to and batch.unit.valid_to <= today():
        said = _(
            "%(unit)s đã kết thúc hoặc sáp nhập từ ngày %(day)s. Người trong danh sách vẫn cấp được; giấy không ghi "
            "tên đơn vị này."
        )
        notes.append(said % {"unit": batch.unit.name, "day": day(batch.unit.valid_to)})
    return notes


@login_required
@require_GET
def batch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A list: its people, what is undecided, its state, and what may be done with it."""
    return batch_page(request, batch_of(request, uuid))


def _chosen(request: HttpRequest, batch: Batch) -> list[int]:
    """The rows that a form means: one, those ticked, or everybody whom the filter of the page shows."""
    if request.POST.get("ca-loc") and (request.POST.get("loc") or request.POST.get("q")):
        rows = batch.items.for_page(request.POST.get("loc", ""), request.POST.get("q", ""))
        return list(rows.values_list("pk", flat=True))
    ticked = request.POST.getlist("nguoi")
    one = request.POST.get("viec", "").partition(":")[2]
    try:
        wanted = [UUID(text) for text in ([one] if one else ticked)]
    except ValueError:
        return []
    return list(batch.items.filter(completion__uuid__in=wanted).values_list("pk", flat=True))


#: What the page says when something was done with people of a list.
DONE = {
    "ghi-danh-sach": ngettext_lazy(
        "Đã chọn ghi theo danh sách hôm nay cho %(number)s người.",
        "Đã chọn ghi theo danh sách hôm nay cho %(number)s người.",
        "people",
    ),
    "ghi-hoan-thanh": ngettext_lazy(
        "Đã chọn ghi theo lúc hoàn thành cho %(number)s người.",
        "Đã chọn ghi theo lúc hoàn thành cho %(number)s người.",
        "people",
    ),
    "tam-giu": ngettext_lazy(
        "Đã tạm giữ lại cho đợt sau %(number)s người.", "Đã tạm giữ lại cho đợt sau %(number)s người.", "people"
    ),
    "tra-lai": ngettext_lazy(
        "Đã đưa lại vào danh sách %(number)s người.", "Đã đưa lại vào danh sách %(number)s người.", "people"
    ),
    "loai": ngettext_lazy(
        "Đã loại khỏi danh sách %(number)s người.", "Đã loại khỏi danh sách %(number)s người.", "people"
    ),
}


@login_required
@posted_from("issuing:batch")
def batch_items(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put people of a list aside, take them off or back, or decide which name is printed."""
    batch = batch_of(request, uuid)
    act = request.POST.get("viec", "").partition(":")[0]
    common: dict[str, Any] = {"batch": batch, "items": _chosen(request, batch), "actor": official_of(request)}
    reason = request.POST.get("reason", "")
    match act:
        case "ghi-danh-sach":
            done = services.batch_items_name_confirm(source=ROSTER, **common)
        case "ghi-hoan-thanh":
            done = services.batch_items_name_confirm(source=COMPLETION, **common)
        case "tam-giu":
            done = services.batch_items_hold(reason=reason, **common)
        case "tra-lai":
            done = services.batch_items_release(**common)
        case "loai":
            done = services.batch_items_exclude(reason=reason, **common)
        case _:
            fix = _("Quay lại danh sách rồi bấm một nút.")
            raise Refusal(_("Chưa chọn việc cần làm."), code="unknown_act", fix=fix)
    messages.success(request, DONE[act] % {"people": done, "number": number(done)})
    return redirect(_back(request, batch))


def _back(request: HttpRequest, batch: Batch) -> str:
    """The page of the list as it was narrowed down."""
    query = QueryDict(mutable=True)
    for name in ("loc", "q", "trang"):
        if value := request.POST.get(name):
            query[name] = value
    address = reverse("issuing:batch", args=[batch.uuid])
    return f"{address}?{query.urlencode()}" if query else address


@login_required
@posted_from("issuing:batch")
def batch_check(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say that the list was gone through."""
    batch = batch_of(request, uuid)
    _batch, changed = services.batch_check(batch=batch, actor=official_of(request))
    done = _("Đã ghi là đã kiểm tra. Người ký cấp chứng nhận có thể duyệt.")
    messages.success(request, done if changed else _("Đợt này đã được kiểm tra."))
    return redirect("issuing:batch", uuid=batch.uuid)


@login_required
@posted_from("issuing:batch")
def batch_approve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Approve a list by a decision; numbers and files follow, by a worker."""
    batch = batch_of(request, uuid)
    form = ApproveForm(request.POST, request.FILES, batch=batch, people=batch.items.listed().count())
    if not form.is_valid():
        return batch_page(request, batch, approve=form)
    prove(request, batch.series, _("duyệt và cấp giấy cho đợt này"))
    _batch, approved = services.batch_approve(
        batch=batch, approver=official_of(request), decision_file=form.cleaned_data["decision_file"], **form.decision
    )
    if approved:
        messages.success(request, _("Đã duyệt. Hệ thống đang cấp số, vào sổ và tạo tệp; bạn có thể rời trang này."))
    else:
        messages.info(request, _("Đợt này đã được duyệt trước đó; không cấp thêm giấy nào."))
    return redirect("issuing:progress", uuid=batch.uuid)


@login_required
@posted_from("issuing:batch")
def batch_reject(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Turn a list down with a reason."""
    batch = batch_of(request, uuid)
    form = ReasonForm(request.POST, prefix="khong-duyet")
    if not form.is_valid():
        return batch_page(request, batch, reject=form)
    services.batch_reject(batch=batch, actor=official_of(request), reason=form.cleaned_data["reason"])
    messages.success(request, _("Đã ghi không duyệt. Đơn vị có thể lập lại danh sách."))
    return redirect("issuing:batch", uuid=batch.uuid)


@login_required
@require_GET
def decision_file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The file of the decision by which a list was approved."""
    batch = batch_of(request, uuid)
    if not batch.decision_file:
        raise Http404
    name = str(batch.decision_file.name)
    response = FileResponse(storages["private"].open(name), as_attachment=True, filename=name.rsplit("/", 1)[-1])
    response["Cache-Control"] = "private, no-store"
    return response
