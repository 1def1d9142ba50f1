"""Practical tasks that wait for an instructor: read them, sign them off or return them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.errors import Refusal
from courses import services, teaching
from courses.forms_teaching import SignOffForm
from courses.models import Submission, SubmissionState
from courses.views_teaching import OFFICES, PAGE_SIZE, reader_or_refusal, units_offered
from people import access
from people.requests import SignedInRequest

ACCEPT, RETURN = "xac-nhan", "tra-lai"


@never_cache
@login_required
@require_safe
def waiting(request: SignedInRequest) -> HttpResponse:
    """Everything that waits in the viewer's scope, what waited longest first."""
    reader = reader_or_refusal(request, access.SIGNING_OFF)
    found = teaching.submissions_waiting(viewer=request.user, people=reader.people)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("trang"))
    units = units_offered(request, access.SIGNING_OFF)
    return render(request, "courses/teaching/waiting.html", {"page": page, "reader": reader, "units": units})


def _submission_or_refusal(request: SignedInRequest, uuid: UUID) -> Submission:
    found: Submission = get_object_or_404(
        Submission.objects.select_related("enrolment__user", "step__course", "reviewer"), uuid=uuid
    )
    allowed = access.can_sign_off(request.user, found.enrolment.user)
    access.require(allowed, request.user, what=_("người nộp bài này"), offices=OFFICES)
    return found


@never_cache
@login_required
def submission(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """One piece of work with its task and earlier tries; a POST signs it off or returns it with a comment."""
    found = _submission_or_refusal(request, uuid)
    form = SignOffForm(request.POST or None)
    status = HTTPStatus.OK
    if request.method == "POST":
        if request.POST.get("viec") in (ACCEPT, RETURN) and form.is_valid() and _decide(request, found, form):
            return redirect("teaching:waiting")
        status = HTTPStatus.BAD_REQUEST
    context = {
        "submission": found,
        "step": found.step,
        "course": found.step.course,
        "learner": found.enrolment.user,
        "is_waiting": found.state == SubmissionState.WAITING,
        "earlier": teaching.earlier_tries(found),
        "form": form,
        "accept": ACCEPT,
        "return": RETURN,
    }
    return render(request, "courses/teaching/submission.html", context, status=status)


def _decide(request: SignedInRequest, found: Submission, form: SignOffForm) -> bool:
    """Sign off or return; what the service says of the form is put onto it, any other refusal goes to its page."""
    accepted = request.POST.get("viec") == ACCEPT
    try:
        services.submission_review(
            submission=found, reviewer=request.user, accepted=accepted, comment=form.cleaned_data["comment"]
        )
    except Refusal as refusal:
        if refusal.status != HTTPStatus.BAD_REQUEST:
            raise
        form.add_error("comment", f"{refusal.text} {refusal.fix}")
        return False
    yes, no = (
        _("Đã xác nhận bài của %(name)s. Người học được báo ngay."),
        _("Đã trả lại bài của %(name)s. Người học được báo ngay."),
    )
    messages.success(request, (yes if accepted else no) % {"name": found.enrolment.user.full_name})
    return True


@never_cache
@login_required
@require_safe
def file(request: SignedInRequest, uuid: UUID) -> HttpResponseBase:
    """The file that was handed in, to keep; never shown by the browser itself as a page of ours."""
    stored: Any = _submission_or_refusal(request, uuid)
    if not stored.file or not stored.file.storage.exists(stored.file.name):
        raise Http404
    return FileResponse(stored.file.open("rb"), as_attachment=True, filename=stored.file_name)
