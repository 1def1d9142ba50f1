"""Officials' pages: lists of certificates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from certificates import rights, services
from certificates.forms import ApproveForm, ProposalForm, ReasonForm, TitleForm
from certificates.models import Batch, BatchItem, BatchState, Series
from certificates.querysets import ISSUER_SIDE
from certificates.views_office import PER_PAGE, official_of, page_of, posted_from, prove
from people import access


def _proposing_units(viewer: Any) -> bool:
    return bool(access.roles_of(viewer) & access.PROPOSING)


@login_required
@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """Batches of one's scope; those that wait come first."""
    if not access.is_manager(request.user):
        raise Http404
    readable = Series.objects.filter(unit__in=access.scope_units(request.user, ISSUER_SIDE))
    context = {
        "page": page_of(request, Batch.objects.for_list(request.user)),
        "registers": readable.order_by("name"),
        "may_propose": _proposing_units(request.user),
    }
    return render(request, "certificates/manage/batches.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def batch_new(request: HttpRequest) -> HttpResponse:
    """Choose course, unit and series; see who would be on the list; propose it."""
    access.require(_proposing_units(request.user), request.user, what="việc đề nghị cấp chứng nhận")
    form = ProposalForm(request.GET if request.GET else None, viewer=request.user)
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data
        proposal = services.proposal_for(**chosen)
        title = TitleForm(request.POST or None, initial={"title": f"{chosen['course'].title}: {chosen['unit'].name}"})
        if request.method == "POST" and title.is_valid():
            batch = services.batch_propose(
                proposer=official_of(request),
                title=title.cleaned_data["title"],
                completions=proposal.people_shown(request.POST.get("shown", ""), back=request.get_full_path()),
                **chosen,
            )
            messages.success(request, "Đã gửi danh sách. Người ký cấp chứng nhận sẽ duyệt theo quyết định.")
            return redirect("issuing:batch", uuid=batch.uuid)
        context |= {
            "title_form": title,
            "page": page_of(request, proposal.eligible),
            "shown": proposal.fingerprint(),
            "issued": proposal.issued.count(),
            "waiting": proposal.waiting.count(),
            "unfit": proposal.unfit[:PER_PAGE],
            "unfit_count": proposal.unfit.count(),
            "chosen": chosen,
        }
    return render(request, "certificates/manage/batch_new.html", context)


def _batch(request: HttpRequest, uuid: UUID) -> Batch:
    found = get_object_or_404(
        Batch.objects.select_related("series__unit", "course", "unit", "proposed_by", "approved_by"), uuid=uuid
    )
    access.require(rights.can_see_batch(request.user, found), request.user, what="đợt cấp này")
    return found


def _batch_page(
    request: HttpRequest, batch: Batch, approve: ApproveForm | None = None, reject: ReasonForm | None = None
) -> HttpResponse:
    """The batch with its people; the forms come back with their errors."""
    items = batch.items.select_related("completion").order_by("excluded_reason", "completion__user__sort_key", "pk")
    page = page_of(request, items)
    certificates = {
        c.completion_id: c for c in batch.certificates.filter(completion__in=[i.completion_id for i in page])
    }
    for item in page:
        item.certificate = certificates.get(item.completion_id)
    is_open = batch.state == BatchState.PROPOSED
    may_issue = access.can_issue_certificates(request.user, batch.series.unit)
    files = batch.certificates.aggregate(
        total=Count("pk"), made=Count("pk", filter=~Q(file="")), failed=Count("pk", filter=~Q(render_error=""))
    )
    counts = batch.items.aggregate(listed=Count("pk", filter=Q(excluded_reason="")), total=Count("pk"))
    context = {
        "batch": batch,
        "page": page,
        "listed": counts["listed"],
        "excluded": counts["total"] - counts["listed"],
        "files": files,
        "files_percent": files["made"] * 100 // files["total"] if files["total"] else 0,
        "is_open": is_open,
        "is_proposer": batch.proposed_by_id == request.user.pk,
        "may_approve": is_open and may_issue and batch.proposed_by_id != request.user.pk,
        "may_reject": is_open and may_issue,
        "may_exclude": is_open and (may_issue or access.can_propose_certificates(request.user, batch.unit)),
        "approve_form": approve or ApproveForm(batch=batch),
        "reject_form": reject or ReasonForm(prefix="khong-duyet"),
        "reject_open": reject is not None,
    }
    return render(request, "certificates/manage/batch.html", context)


@login_required
@require_GET
def batch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A batch: its people, what can be done with it, and what became of it."""
    return _batch_page(request, _batch(request, uuid))


@login_required
@posted_from("issuing:batch")
def batch_approve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Approve by a decision; every certificate gets its number at once, the files follow."""
    batch = _batch(request, uuid)
    form = ApproveForm(request.POST, batch=batch)
    if not form.is_valid():
        return _batch_page(request, batch, approve=form)
    prove(request, batch.series, "duyệt và cấp giấy cho đợt này")
    _, issued = services.batch_approve(batch=batch, approver=official_of(request), **form.decision)
    if issued:
        messages.success(request, "Đã duyệt và vào sổ. Các tệp PDF đang được tạo.")
    else:
        messages.info(request, "Đợt này đã được duyệt trước đó; không cấp thêm giấy nào.")
    return redirect("issuing:batch", uuid=batch.uuid)


@login_required
@posted_from("issuing:batch")
def batch_reject(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Turn a list down with a reason."""
    batch = _batch(request, uuid)
    form = ReasonForm(request.POST, prefix="khong-duyet")
    if not form.is_valid():
        return _batch_page(request, batch, reject=form)
    services.batch_reject(batch=batch, actor=official_of(request), reason=form.cleaned_data["reason"])
    messages.success(request, "Đã ghi không duyệt. Đơn vị có thể lập lại danh sách.")
    return redirect("issuing:batch", uuid=batch.uuid)


@login_required
@posted_from("issuing:batch")
def batch_exclude(request: HttpRequest, uuid: UUID, completion: UUID) -> HttpResponse:
    """Take a person off a list, with a reason."""
    batch = _batch(request, uuid)
    item = get_object_or_404(BatchItem.objects.select_related("batch"), batch=batch, completion__uuid=completion)
    form = ReasonForm(request.POST)
    if form.is_valid():
        services.batch_item_exclude(item=item, reason=form.cleaned_data["reason"], actor=official_of(request))
        messages.success(request, f"Đã loại {item.completion.learner_name} khỏi danh sách.")
    else:
        messages.error(request, f"Chưa ghi lý do loại {item.completion.learner_name} khỏi danh sách.")
    return redirect("issuing:batch", uuid=batch.uuid)
