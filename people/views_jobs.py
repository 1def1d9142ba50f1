"""A page for long work: how far it is, what came of it, what to do when it failed. For whoever started it, only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import jobs
from common.errors import Refusal
from common.models import Job, JobState


def _own(request: HttpRequest, uuid: UUID) -> Job:
    """A job of the person's own. Everybody else's does not exist for them, whatever their office."""
    return get_object_or_404(Job, uuid=uuid, owner=request.user)


def _shown(job: Job) -> dict[str, Any]:
    now = timezone.now()
    progress = jobs.progress_of(job)
    return {
        "job": job,
        "progress": progress,
        "minutes_left": jobs.minutes_left(job, progress, now),
        "is_stuck": jobs.is_stuck(job, now),
        "is_unfinished": job.state in jobs.UNFINISHED,
        "is_fault": jobs.is_fault(job),
        "is_failed": job.state == JobState.FAILED,
    }


@never_cache
@login_required
@require_safe
def job(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How far the work is. Done work that leads to a page goes there at once."""
    found = _own(request, uuid)
    if found.state == JobState.DONE and found.next_path and not found.file:
        return redirect(found.next_path)
    return render(request, "people/jobs/job.html", _shown(found))


@never_cache
@login_required
@require_safe
def state(request: HttpRequest, uuid: UUID) -> JsonResponse:
    """The same for the page's script: the part of the page that changes, and whether to ask again."""
    context = _shown(_own(request, uuid))
    done = {
        "percent": context["progress"].percent,
        "unfinished": context["is_unfinished"],
        "html": render_to_string("people/jobs/progress.html", context, request=request),
    }
    return JsonResponse(done)


@never_cache
@login_required
def retry(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Do failed work once more."""
    found = _own(request, uuid)
    if request.method == "POST" and not jobs.job_retry(job=found):
        messages.info(request, "Việc này đang được làm hoặc đã xong, không cần làm lại.")
    return redirect("jobs:job", uuid=uuid)


@never_cache
@login_required
@require_safe
def file(request: HttpRequest, uuid: UUID) -> FileResponse:
    """The file that the work made. It is personal: nothing on the way may keep it."""
    found = _own(request, uuid)
    if found.state != JobState.DONE or not found.file:
        raise Refusal(
            "Tệp này không còn trên máy chủ.",
            code="file_gone",
            fix=f"Tệp chỉ được giữ {jobs.FILE_KEPT.days} ngày. Hãy làm lại việc đã tạo ra tệp.",
            status=404,
        )
    return FileResponse(found.file.open(), as_attachment=True, filename=found.file_name)
