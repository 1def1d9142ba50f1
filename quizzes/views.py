"""Pages of quizzes: parse, call one service, answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Refusal
from courses.services import enrolment_start
from people import access
from quizzes import forms, screens, services
from quizzes.access import can_see_attempt
from quizzes.models import OPEN_STATES, Answer, Attempt, AttemptState, Purpose, Quiz

#: Signing in again after a session ran out ends in a GET of where a form was sent: every address answers one.
METHODS = ["GET", "HEAD", "POST"]


def _attempt_for(request: HttpRequest, uuid: UUID) -> Attempt:
    """The person's own attempt; 404 for a stranger, 403 for an official."""
    attempt = get_object_or_404(Attempt.objects.for_page(), uuid=uuid)
    access.require(can_see_attempt(request.user, attempt), request.user, what="bài làm của người khác")
    return cast(Attempt, attempt)


def _answers_of(attempt: Attempt) -> dict[int, Answer]:
    return {answer.position: answer for answer in attempt.answers.all()}


def _open_or_expired(attempt: Attempt) -> Attempt:
    """The attempt as the server's clock has it: an overdue one is closed before anybody looks at it."""
    if attempt.state not in OPEN_STATES or not attempt.is_overdue(timezone.now()):
        return attempt
    services.attempt_expire(attempt=attempt)
    return cast(Attempt, Attempt.objects.for_page().get(pk=attempt.pk))


@never_cache
@require_http_methods(METHODS)
def start(request: HttpRequest, step: UUID) -> HttpResponse:
    """What awaits you; POST begins or continues."""
    quizzes = Quiz.objects.select_related("step__course")
    quiz = get_object_or_404(quizzes, step__uuid=step, step__is_active=True, step__course__is_published=True)
    if request.method == "POST":
        return _start(request, quiz)
    attempts = _tries(request, quiz)
    page = screens.start(quiz, attempts, timezone.now(), viewer=request.user)
    return render(request, "quizzes/start.html", page)


def _tries(request: HttpRequest, quiz: Quiz) -> list[Attempt]:
    """The person's tries at the quiz, those that are overdue closed first."""
    tries = list(Attempt.objects.for_start(quiz=quiz, viewer=request.user))
    at = timezone.now()
    overdue = [one for one in tries if one.state in OPEN_STATES and one.is_overdue(at)]
    for one in overdue:
        services.attempt_expire(attempt=one, at=at)
    return list(Attempt.objects.for_start(quiz=quiz, viewer=request.user)) if overdue else tries


def _start(request: HttpRequest, quiz: Quiz) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    enrolment, _ = enrolment_start(user=request.user, course=quiz.step.course)
    attempt, _ = services.attempt_start(quiz=quiz, enrolment=enrolment)
    return redirect("quizzes:attempt", attempt.uuid)


@never_cache
@login_required
@require_http_methods(METHODS)
def attempt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The question to answer (POST saves and moves on), all questions of a self-check, or the result."""
    attempt = _open_or_expired(_attempt_for(request, uuid))
    if request.method == "POST" and attempt.state in OPEN_STATES:
        return _save_and_move(request, attempt)
    if request.method == "POST":
        return redirect("quizzes:attempt", attempt.uuid)
    if attempt.state in OPEN_STATES:
        return _question_page(request, attempt)
    if attempt.state == AttemptState.SUBMITTED:
        return render(request, "quizzes/waiting.html", {"attempt": attempt, "step": attempt.quiz.step})
    tries = list(Attempt.objects.beside(attempt))
    return render(request, "quizzes/result.html", screens.result(attempt, _answers_of(attempt), tries))


def _question_page(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """One question a page, or all of them for a self-check."""
    page = screens.working(attempt, services.answers_of(attempt), timezone.now()) | {"key": uuid4()}
    if attempt.quiz.purpose == Purpose.CHECK:
        return render(request, "quizzes/check.html", page)
    position = forms.position_from(request.GET.get("cau"), page["total"])
    page |= {"question": page["questions"][position - 1], "position": position}
    page["percent"] = position * 100 // page["total"]
    return render(request, "quizzes/question.html", page)


def _save_and_move(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Save what was on the page, then go where the pressed button says."""
    own_page = reverse("quizzes:attempt", args=[attempt.uuid])
    try:
        services.answers_save(attempt=attempt, answers=forms.answers_from(request.POST, attempt))
    except Refusal as refusal:
        if refusal.status == HTTPStatus.BAD_REQUEST:
            raise
        return redirect(own_page)  # closed meanwhile: its page explains
    target = request.POST.get("toi", "")
    if target == "xem-lai":
        return redirect("quizzes:review", attempt.uuid)
    return redirect(f"{own_page}?cau={forms.position_from(target, len(attempt.paper))}")


@require_http_methods(METHODS)
def save(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Autosave. Answers {"saved_at", "text"}; 409 with text and code when nothing more is taken.

    A GET belongs to nobody's autosave: it leads to the attempt.
    """
    if request.method != "POST":
        return redirect("quizzes:attempt", uuid)
    if not request.user.is_authenticated:
        text = "Bạn đã đăng xuất. Đăng nhập lại rồi mở bài này: những câu đã lưu vẫn còn."
        return JsonResponse({"code": "signed_out", "text": text}, status=HTTPStatus.UNAUTHORIZED)
    at = timezone.now()
    with transaction.atomic():
        # One read for whose it is, what was asked and the lock: a rush of autosaves pays for each query.
        attempt = get_object_or_404(Attempt.objects.for_saving(), uuid=uuid)
        access.require(can_see_attempt(request.user, attempt), request.user, what="bài làm của người khác")
        answers, sending = forms.answers_from(request.POST, attempt), forms.sending_from(request.POST)
        try:
            services.answers_save(attempt=attempt, answers=answers, sending=sending, at=at, held=True)
        except Refusal as refusal:
            # Answered from in here, so that what came too late is kept.
            told = {"code": refusal.code, "text": f"{refusal.text} {refusal.fix}"}
            return JsonResponse(told, status=refusal.status)
    return JsonResponse({"saved_at": at.isoformat(), "text": screens.saved_text(at)})


@never_cache
@login_required
@require_safe
def review(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The last look before handing in: how many are answered, and links to those that are not."""
    attempt = _open_or_expired(_attempt_for(request, uuid))
    if attempt.state not in OPEN_STATES:
        return redirect("quizzes:attempt", attempt.uuid)
    page = screens.working(attempt, services.answers_of(attempt), timezone.now())
    page |= {"key": uuid4(), "unanswered": [row for row in page["questions"] if not row.answered]}
    page["is_check"] = attempt.quiz.purpose == Purpose.CHECK
    return render(request, "quizzes/review.html", page)


@login_required
@require_http_methods(METHODS)
def submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand in. The result is on the attempt's own page; so does a GET end there, after signing in again."""
    if request.method != "POST":
        return redirect("quizzes:attempt", uuid)
    attempt = _attempt_for(request, uuid)
    answers = forms.answers_from(request.POST, attempt)
    key = forms.key_from(request.POST)
    services.attempt_submit(attempt=attempt, answers=answers, idempotency_key=key)
    return redirect("quizzes:attempt", attempt.uuid)
