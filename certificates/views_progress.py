"""How far an approved list is: numbers and files, pausing, what failed, and everything in one piece."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from certificates import rights, services
from certificates.bundle_jobs import PRINT, ZIP, bundle_open
from certificates.models import Batch
from certificates.services.progress import batch_failures
from certificates.views_batches import batch_of
from certificates.views_office import official_of, page_of, posted_from
from common.wording import number
from people.stepup import demand_fresh_proof


def _approved(request: HttpRequest, uuid: UUID) -> Batch | None:
    """The list, where it was approved; there is no progress before that."""
    batch = batch_of(request, uuid)
    return batch if batch.approved_at else None


@never_cache
@login_required
@require_safe
def progress(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How far the list is, with what may be done about it."""
    batch = _approved(request, uuid)
    if batch is None:
        return redirect("issuing:batch", uuid=uuid)
    steering = rights.on_issuing_side(request.user, batch)
    context: dict[str, Any] = {
        "batch": batch,
        "progress": services.batch_progress(batch=batch),
        "failures": page_of(request, batch_failures(batch=batch)),
        "may_steer": steering,
    }
    return render(request, "certificates/manage/progress.html", context)


@never_cache
@login_required
@require_safe
def progress_state(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same for the page's script: the part that changes, and whether to ask again."""
    batch = _approved(request, uuid)
    if batch is None:
        return redirect("issuing:batch", uuid=uuid)
    found = services.batch_progress(batch=batch)
    html = render_to_string("certificates/manage/_progress.html", {"progress": found, "batch": batch}, request=request)
    return JsonResponse({"percent": found.percent, "unfinished": found.is_unfinished, "html": html})


@login_required
@posted_from("issuing:progress")
def batch_pause(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Stop numbering and files for now."""
    services.batch_pause(batch=batch_of(request, uuid), actor=official_of(request))
    messages.success(request, _("Đã tạm dừng. Số đã cấp và tệp đã tạo vẫn giữ nguyên."))
    return redirect("issuing:progress", uuid=uuid)


@login_required
@posted_from("issuing:progress")
def batch_resume(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Go on where it stopped."""
    services.batch_resume(batch=batch_of(request, uuid), actor=official_of(request))
    messages.success(request, _("Đang làm tiếp từ chỗ đã dừng."))
    return redirect("issuing:progress", uuid=uuid)


@login_required
@posted_from("issuing:progress")
def batch_retry(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Make failed files again: one, or all."""
    batch, one = batch_of(request, uuid), request.POST.get("giay", "")
    certificate = get_object_or_404(batch.certificates.filter(number=one)) if one else None
    done = services.batch_files_retry(batch=batch, actor=official_of(request), certificate=certificate)
    again = ngettext("Đang làm lại %(number)s tệp.", "Đang làm lại %(number)s tệp.", done) % {"number": number(done)}
    messages.success(request, again if done else _("Không còn tệp nào gặp lỗi."))
    return redirect("issuing:progress", uuid=uuid)


@login_required
@posted_from("issuing:progress")
def batch_bundle(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put all files of the list into one piece: a zip, or PDF files to print."""
    batch = batch_of(request, uuid)
    demand_fresh_proof(request, _("tải tệp của cả đợt cấp"))
    kind = PRINT if request.POST.get("kieu") == "in" else ZIP
    back = reverse("issuing:progress", args=[batch.uuid])
    job = bundle_open(kind=kind, batch=batch, owner=official_of(request), back=back)
    return redirect("jobs:job", job.uuid)
