"""A page for long work: how far it is, what came of it, what to do when it failed. For whoever started it, only."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common import jobs
from common.errors import Refusal
from common.models import Job, JobState
from people import access
from people.stepup import demand_fresh_proof


def _own(request: HttpRequest, uuid: UUID) -> Job:
    """A job of the person's own. Everybody else's does not exist for them, whatever their office."""
    return get_object_or_404(Job, uuid=uuid, owner=request.user)


def _shown(job: Job) -> dict[str, Any]:
    now = timezone.now()
    progress = jobs.progress_of(job)
    keeping = jobs.keeping_of(job)
    return {
        "job": job,
        "has_file": jobs.has_file(job),
        "once": keeping.once,
        "kept": _how_long(keeping.kept),
        "progress": progress,
        "minutes_left": jobs.minutes_left(job, progress, now),
        "is_stuck": jobs.is_stuck(job, now),
        "is_unfinished": job.state in jobs.UNFINISHED,
        "is_fault": jobs.is_fault(job),
        "is_failed": job.state == JobState.FAILED,
        "way_on": jobs.way_on(job),
    }


@never_cache
@login_required
@require_safe
def job(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How far the work is. Done work that leads to a page goes there at once."""
    found = _own(request, uuid)
    if found.state == JobState.DONE and found.next_path and not found.file:
        return redirect(found.next_path)
    jobs.failure_seen(found)
    return render(request, "people/jobs/job.html", _shown(found))


@never_cache
@login_required
@require_safe
def state(request: HttpRequest, uuid: UUID) -> JsonResponse:
    """The same for the page's script: the part of the page that changes, and whether to ask again."""
    found = _own(request, uuid)
    jobs.failure_seen(found)
    context = _shown(found)
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
        messages.info(request, _("Việc này đang được làm hoặc đã xong, không cần làm lại."))
    return redirect("jobs:job", uuid=uuid)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The file that the work made, for an owner who still has the right to it and has just proved who they are.

    It is personal: nothing on the way may keep it. What is handed out once is asked for by POST, so that no browser
    fetches it ahead.
    """
    found = _own(request, uuid)
    if not jobs.has_file(found):
        raise _gone(found)
    access.require(jobs.may_fetch(found), request.user, what=_("đơn vị có tên trong tệp này"))
    once = jobs.keeping_of(found).once
    if once and request.method != "POST":
        return redirect("jobs:job", uuid)
    demand_fresh_proof(request, _("tải tệp có dữ liệu cá nhân"))
    if not once:
        return FileResponse(found.file.open(), as_attachment=True, filename=found.file_name)
    content = jobs.file_take(job=found)
    if content is None:
        raise _gone(found)
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=found.file_name)


def _gone(job: Job) -> Refusal:
    keeping = jobs.keeping_of(job)
    kept = {"kept": _how_long(keeping.kept)}
    once = _("Tệp chỉ tải được một lần và chỉ được giữ %(kept)s. Hãy làm lại việc đã tạo ra tệp.") % kept
    return Refusal(
        _("Tệp này không còn trên máy chủ."),
        code="file_gone",
        fix=once if keeping.once else _("Tệp chỉ được giữ %(kept)s. Hãy làm lại việc đã tạo ra tệp.") % kept,
        status=404,
    )


def _how_long(kept: timedelta) -> str:
    hours = kept.seconds // 3600
    if kept.days:
        return ngettext("%(days)s ngày", "%(days)s ngày", kept.days) % {"days": kept.days}
    return ngettext("%(hours)s giờ", "%(hours)s giờ", hours) % {"hours": hours}
