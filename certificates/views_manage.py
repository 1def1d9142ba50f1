"""Officials' pages: lists of certificates, the register, a certificate with its revocation."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certificates import rights, services
from certificates.forms import ApproveForm, ProposalForm, ReasonForm, RevokeForm, TitleForm
from certificates.models import Batch, BatchItem, BatchState, Certificate, CertificateState, RegisterEntry, Series
from certificates.querysets import ISSUER_SIDE
from certificates.services.register import GENESIS, chain_errors
from people import access
from people.models import User
from people.stepup import demand_fresh_proof

PER_PAGE = 50


def _page(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("trang"))


def _official(request: HttpRequest) -> User:
    """Who is signed in; views that ask stand behind ``login_required``."""
    return cast(User, request.user)


def _prove(request: HttpRequest, series: Series, why: str) -> None:
    """A fresh proof before an act for the register; whoever may not do it anyway is refused by the service."""
    if access.can_issue_certificates(request.user, series.unit):
        demand_fresh_proof(request, why)


def _proposing_units(viewer: Any) -> bool:
    return bool(access.roles_of(viewer) & access.PROPOSING)


def _posted_from(page: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """For addresses that only take a form. Who signed in again after the form was sent arrives by a link: they are
    led to the page of the form and told that nothing was done."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, uuid: UUID, **kwargs: Any) -> HttpResponse:
            if request.method in ("GET", "HEAD"):
                messages.info(request, "Chưa ghi thay đổi nào. Hãy làm lại thao tác trên trang này.")
                return redirect(page, uuid=uuid)
            return require_POST(view)(request, uuid, **kwargs)

        return answer

    return decorate


@login_required
@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """Batches of one's scope; those that wait come first."""
    if not access.is_manager(request.user):
        raise Http404
    readable = Series.objects.filter(unit__in=access.scope_units(request.user, ISSUER_SIDE))
    context = {
        "page": _page(request, Batch.objects.for_list(request.user)),
        "registers": readable.order_by("name"),
        "may_propose": _proposing_units(request.user),
        "may_set_up": rights.is_issuer_side(request.user),
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
                proposer=_official(request),
                title=title.cleaned_data["title"],
                completions=proposal.people_shown(request.POST.get("shown", ""), back=request.get_full_path()),
                **chosen,
            )
            messages.success(request, "Đã gửi danh sách. Người ký cấp chứng nhận sẽ duyệt theo quyết định.")
            return redirect("issuing:batch", uuid=batch.uuid)
        context |= {
            "title_form": title,
            "page": _page(request, proposal.eligible),
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
    page = _page(request, items)
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
@_posted_from("issuing:batch")
def batch_approve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Approve by a decision; every certificate gets its number at once, the files follow."""
    batch = _batch(request, uuid)
    form = ApproveForm(request.POST, batch=batch)
    if not form.is_valid():
        return _batch_page(request, batch, approve=form)
    _prove(request, batch.series, "duyệt và cấp giấy cho đợt này")
    _, issued = services.batch_approve(batch=batch, approver=_official(request), **form.decision)
    if issued:
        messages.success(request, "Đã duyệt và vào sổ. Các tệp PDF đang được tạo.")
    else:
        messages.info(request, "Đợt này đã được duyệt trước đó; không cấp thêm giấy nào.")
    return redirect("issuing:batch", uuid=batch.uuid)


@login_required
@_posted_from("issuing:batch")
def batch_reject(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Turn a list down with a reason."""
    batch = _batch(request, uuid)
    form = ReasonForm(request.POST, prefix="khong-duyet")
    if not form.is_valid():
        return _batch_page(request, batch, reject=form)
    services.batch_reject(batch=batch, actor=_official(request), reason=form.cleaned_data["reason"])
    messages.success(request, "Đã ghi không duyệt. Đơn vị có thể lập lại danh sách.")
    return redirect("issuing:batch", uuid=batch.uuid)


@login_required
@_posted_from("issuing:batch")
def batch_exclude(request: HttpRequest, uuid: UUID, completion: UUID) -> HttpResponse:
    """Take a person off a list, with a reason."""
    batch = _batch(request, uuid)
    item = get_object_or_404(BatchItem.objects.select_related("batch"), batch=batch, completion__uuid=completion)
    form = ReasonForm(request.POST)
    if form.is_valid():
        services.batch_item_exclude(item=item, reason=form.cleaned_data["reason"], actor=_official(request))
        messages.success(request, f"Đã loại {item.completion.learner_name} khỏi danh sách.")
    else:
        messages.error(request, f"Chưa ghi lý do loại {item.completion.learner_name} khỏi danh sách.")
    return redirect("issuing:batch", uuid=batch.uuid)


@login_required
@require_GET
def register(request: HttpRequest, code: str) -> HttpResponse:
    """The register of a series, newest act first, with the state of its chain."""
    series = get_object_or_404(Series.objects.select_related("unit"), code=code)
    access.require(rights.can_read_register(request.user, series), request.user, what="sổ gốc này")
    rows = RegisterEntry.objects.filter(series=series).select_related("certificate", "actor", "series")
    page = _page(request, rows.order_by("-position"))
    context = {
        "series": series,
        "page": page,
        "page_errors": _page_errors(series, list(page)),
        "report": services.register_verify(series=series) if "kiem-tra" in request.GET else None,
    }
    return render(request, "certificates/manage/register.html", context)


def _page_errors(series: Series, newest_first: list[RegisterEntry]) -> list[str]:
    """Whether the rows shown follow from each other and from the row before them."""
    if not newest_first:
        return []
    rows = newest_first[::-1]
    before = RegisterEntry.objects.filter(series=series, position=rows[0].position - 1).first()
    return list(
        chain_errors(
            iter(rows), previous=before.row_hash if before else GENESIS, position=before.position if before else 0
        )
    )


def _certificate(request: HttpRequest, uuid: UUID) -> Certificate:
    found = get_object_or_404(Certificate.objects.select_related("series__unit", "batch"), uuid=uuid)
    access.require(rights.can_manage_certificate(request.user, found), request.user, what="giấy này")
    return found


def _certificate_page(request: HttpRequest, certificate: Certificate, form: RevokeForm | None = None) -> HttpResponse:
    may_issue = access.can_issue_certificates(request.user, certificate.series.unit)
    context = {
        "certificate": certificate,
        "history": certificate.register.select_related("actor").order_by("position"),
        "is_valid": certificate.state == CertificateState.VALID,
        "may_revoke": may_issue and certificate.state == CertificateState.VALID,
        "form": form or RevokeForm(certificate=certificate),
        "form_open": form is not None,
    }
    return render(request, "certificates/manage/certificate.html", context)


@login_required
@require_GET
def certificate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A certificate with its history in the register."""
    return _certificate_page(request, _certificate(request, uuid))


@login_required
@_posted_from("issuing:certificate")
def certificate_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Revoke a certificate by a decision."""
    certificate = _certificate(request, uuid)
    form = RevokeForm(request.POST, certificate=certificate)
    if not form.is_valid():
        return _certificate_page(request, certificate, form)
    _prove(request, certificate.series, f"thu hồi giấy số {certificate.number}")
    services.certificate_revoke(
        certificate=certificate, actor=_official(request), reason=form.cleaned_data["reason"], **form.decision
    )
    messages.success(request, f"Đã thu hồi giấy số {certificate.number}. Trang kiểm tra công khai đã báo thu hồi.")
    return redirect("issuing:certificate", uuid=certificate.uuid)
