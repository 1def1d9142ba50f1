"""The delivery list of an issued list: who has their certificate, on paper or by their own word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from certificates import services
from certificates.forms import HandOverForm
from certificates.models import Batch, Certificate
from certificates.querysets import DELIVERY_FILTERS
from certificates.views_batches import batch_of
from certificates.views_office import official_of, page_of, posted_from
from common import audit
from common.sheets_out import write_xlsx
from common.text import slug, uuid_or_none
from common.wording import number
from people.stepup import demand_fresh_proof

#: Rows of one print: some thirty sheets.
PRINTED = 1000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _narrowed(given: Any) -> tuple[str, str]:
    return given.get("loc", ""), given.get("q", "")


def delivery_page(request: HttpRequest, batch: Batch, form: HandOverForm | None = None) -> HttpResponse:
    """The list with what is known of each paper; the form comes back with its errors."""
    narrowed, words = _narrowed(request.GET)
    counts = batch.certificates.aggregate(
        total=Count("pk"),
        **{name.replace("-", "_"): Count("pk", filter=condition) for name, (_, condition) in DELIVERY_FILTERS.items()},
        notified=Count("pk", filter=Q(delivery__notified_at__isnull=False)),
    )
    context = {
        "batch": batch,
        "page": page_of(request, batch.certificates.for_delivery(narrowed, words)),
        "counts": counts,
        "narrowed": narrowed,
        "words": words,
        "filters": [(name, label, counts[name.replace("-", "_")]) for name, (label, _) in DELIVERY_FILTERS.items()],
        "form": form or HandOverForm(initial={"day": timezone.localdate()}),
    }
    return render(request, "certificates/manage/delivery.html", context)


@login_required
@require_safe
def delivery(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who of a list has their certificate."""
    batch = batch_of(request, uuid)
    if not batch.approved_at:
        return redirect("issuing:batch", uuid=uuid)
    return delivery_page(request, batch)


def _chosen(request: HttpRequest, batch: Batch) -> list[int]:
    """The certificates that a form means: those ticked, or all that the filter of the page shows."""
    if request.POST.get("ca-loc"):
        return list(batch.certificates.for_delivery(*_narrowed(request.POST)).values_list("pk", flat=True))
    ticked = [found for text in request.POST.getlist("giay") if (found := uuid_or_none(text))]
    return list(batch.certificates.filter(uuid__in=ticked).values_list("pk", flat=True))


@login_required
@posted_from("issuing:delivery")
def hand_over(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write down that papers were handed over, or strike that out."""
    batch, actor = batch_of(request, uuid), official_of(request)
    chosen = _chosen(request, batch)
    if request.POST.get("viec") == "bo":
        done = services.deliveries_take_back(batch=batch, certificates=chosen, actor=actor)
        said = ngettext("Đã bỏ ghi nhận giao của %(count)s giấy.", "Đã bỏ ghi nhận giao của %(count)s giấy.", done)
        messages.success(request, said % {"count": number(done)})
    else:
        form = HandOverForm(request.POST)
        if not form.is_valid():
            return delivery_page(request, batch, form)
        done = services.deliveries_hand_over(batch=batch, certificates=chosen, actor=actor, **form.cleaned_data)
        said = ngettext("Đã ghi nhận giao %(count)s giấy.", "Đã ghi nhận giao %(count)s giấy.", done)
        messages.success(request, said % {"count": number(done)})
    kept = {name: value for name in ("loc", "q", "trang") if (value := request.POST.get(name))}
    address = reverse("issuing:delivery", args=[uuid])
    return redirect(f"{address}?{urlencode(kept)}" if kept else address)


@login_required
@require_safe
def delivery_print(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The list on A4 with a column to sign, a thousand rows at a time."""
    batch = batch_of(request, uuid)
    rows = batch.certificates.for_delivery(*_narrowed(request.GET))
    page = Paginator(rows, PRINTED).get_page(request.GET.get("trang"))
    return render(request, "certificates/manage/delivery_print.html", {"batch": batch, "page": page})


@login_required
@require_safe
def delivery_export(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The list as a workbook."""
    batch = batch_of(request, uuid)
    demand_fresh_proof(request, gettext("tải tệp có dữ liệu cá nhân"))
    papers = batch.certificates.for_delivery(*_narrowed(request.GET))
    content = write_xlsx(_HEADINGS, _rows(papers), sheet="Giao nhận")
    audit.record(
        actor=official_of(request), act="delivery_export", subject=batch, unit=batch.unit, people=papers.count()
    )
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="giao-nhan-{slug(batch.title)}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


_HEADINGS = [
    "STT", "Số giấy", "Họ và tên", "Ngày sinh", "Ngày cấp", "Báo có tệp", "Ngày giao", "Người nhận", "Người giao",
    "Người học báo đã nhận", "Ký nhận",
]  # fmt: skip


def _rows(papers: Any) -> Iterator[list[Any]]:
    for place, paper in enumerate(papers.iterator(chunk_size=1000), start=1):
        yield [place, paper.number, paper.holder_name, paper.holder_birth_date, paper.issued_on, *_reached(paper), ""]


def _reached(paper: Certificate) -> list[Any]:
    found = getattr(paper, "delivery", None)
    if found is None:
        return [None] * 5
    by = found.handed_over_by.full_name if found.handed_over_by else None
    days = [timezone.localdate(at) if at else None for at in (found.notified_at, found.acknowledged_at)]
    return [days[0], found.handed_over_on, found.received_by, by, days[1]]
