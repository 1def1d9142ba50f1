"""What a lesson sends while it is learnt: how far one read, what one chose, the work one hands in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from common.errors import Refusal
from courses import services
from courses.access import can_read_submission
from courses.forms_learning import WorkForm, told_from
from courses.models import Completion, Enrolment, Submission
from courses.views import finished_said, onward, open_lesson
from people import access
from people.requests import SignedInRequest


@require_POST
def visit(request: HttpRequest, step: UUID) -> HttpResponse:
    """The browser tells how long one has read and how far: 204, or {"done": true} when the lesson is done by it.

    403 without a person (nobody follows a redirect of such a call), 404 without an enrolment, 400 for nonsense.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    lesson = open_lesson(step)
    mine = Enrolment.objects.rounds_of(user=request.user, course=lesson.course).first()
    if mine is None or not lesson.is_active:
        raise Http404
    told = told_from(request.POST)
    if told is None:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    _visit, done_now = services.visit_record(
        enrolment=mine, step=lesson, seconds=told.seconds, reached_end=told.reached_end, media=told.media
    )
    return JsonResponse({"done": True}) if done_now else HttpResponse(status=HTTPStatus.NO_CONTENT)


@login_required
def step_read(request: SignedInRequest, step: UUID) -> HttpResponse:
    """«Tôi đã đọc đến cuối»: on to what follows, or back to the lesson with a word on how long it still takes."""
    lesson = open_lesson(step)
    if request.method != "POST":
        return redirect(lesson.path)
    enrolment, _created = services.enrolment_start(user=request.user, course=lesson.course)
    try:
        completion = services.step_read(enrolment=enrolment, step=lesson)
    except Refusal as refusal:
        if refusal.code != "too_early":
            raise
        messages.info(request, f"{refusal.text} {refusal.fix}")
        return redirect(lesson.path)
    return onward(request, lesson, completion)


@login_required
def scenario_answer(request: SignedInRequest, step: UUID) -> HttpResponse:
    """Keep the choice taken in a scenario and show, at its place in the lesson, what comes of it."""
    lesson = open_lesson(step)
    if request.method != "POST":
        return redirect(lesson.path)
    block, chosen = request.POST.get("khoi", ""), request.POST.get("chon", "")
    choice = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) == 1 else 0
    enrolment, _created = services.enrolment_start(user=request.user, course=lesson.course)
    _visit, done_now = services.scenario_answer(enrolment=enrolment, step=lesson, block=block, choice=choice)
    if done_now and Completion.objects.filter(enrolment=enrolment).exists():
        messages.success(request, finished_said(lesson.course))
    return redirect(f"{lesson.path}?{urlencode({'khoi': block, 'chon': choice})}#tinh-huong-{block}")


@login_required
def submit_work(request: SignedInRequest, step: UUID) -> HttpResponse:
    """Hand in a practical task. What cannot be taken is shown with its words kept; a file has to be chosen again."""
    lesson = open_lesson(step)
    if request.method != "POST":
        return redirect(lesson.path)
    form = WorkForm(request.POST, request.FILES)
    if form.is_valid():
        enrolment, _created = services.enrolment_start(user=request.user, course=lesson.course)
        try:
            services.submission_create(
                enrolment=enrolment, step=lesson, text=form.cleaned_data["viet"], file=form.cleaned_data["tep"]
            )
        except Refusal as refusal:
            if refusal.status != HTTPStatus.BAD_REQUEST:
                raise
            form.add_error(_field_of(refusal), f"{refusal.text} {refusal.fix}")
        else:
            messages.success(request, _("Đã nộp bài thực hành. Bạn học tiếp được trong lúc chờ giảng viên xem."))
            return redirect(lesson.path)
    return render(request, "courses/work.html", {"form": form, "step": lesson}, status=HTTPStatus.BAD_REQUEST)


def _field_of(refusal: Refusal) -> str | None:
    """Where on the form a refusal stands."""
    return "tep" if refusal.code.startswith("file_") else None


@never_cache
@login_required
@require_safe
def submission_file(request: SignedInRequest, uuid: UUID) -> HttpResponseBase:
    """The file that was handed in, to keep; never shown by the browser itself as a page of ours."""
    submissions: Any = Submission.objects.select_related("enrolment__user")
    submission = get_object_or_404(submissions, uuid=uuid)
    access.require(can_read_submission(request.user, submission), request.user, what=_("người nộp bài này"))
    if not submission.file or not submission.file.storage.exists(submission.file.name):
        raise Http404
    return FileResponse(submission.file.open("rb"), as_attachment=True, filename=submission.file_name)
