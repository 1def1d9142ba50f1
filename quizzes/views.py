"""Pages of quizzes: parse, call one service, answer."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Forbidden, Refusal
from courses.services import enrolment_start
from people import access
from quizzes import forms, rules, screens, services
from quizzes.access import can_see_attempt
from quizzes.models import OPEN_STATES, Answer, Attempt, AttemptState, EventKind, Quiz

#: Signing in again after a session ran out ends in a GET of where a form was sent: every address answers one.
METHODS = ["GET", "HEAD", "POST"]
#: What a page may tell of itself, by the word it uses.
NOTES = {"roi": EventKind.LEFT, "lai": EventKind.RETURNED}
#: So many notes of one attempt are kept in a minute; whoever sends more tells nothing new.
MOST_NOTES = 20


def _attempt_for(request: HttpRequest, uuid: UUID) -> Attempt:
    """The person's own attempt; 404 for a stranger, 403 for an official. A foreign hand that sends is written down."""
    attempt = get_object_or_404(Attempt.objects.for_page(), uuid=uuid)
    try:
        access.require(can_see_attempt(request.user, attempt), request.user, what=_("bài làm của người khác"))
    except (Http404, Forbidden):
        if request.method == "POST":
            _note_foreign(request, attempt)
        raise
    return cast(Attempt, attempt)


def _note_foreign(request: HttpRequest, attempt: Attempt) -> None:
    _note(attempt, EventKind.REFUSED, {"code": "not_yours", "user": str(getattr(request.user, "uuid", ""))})


def _note(attempt: Attempt, kind: str, detail: dict[str, Any]) -> None:
    """Write down something about an attempt, unless the last minute was full of such."""
    since = timezone.now() - timedelta(minutes=1)
    if attempt.events.filter(kind=kind, at__gt=since).count() < MOST_NOTES:
        services.attempt_note(attempt=attempt, kind=kind, detail=detail)


def _answers_of(attempt: Attempt) -> dict[int, Answer]:
    return {answer.position: answer for answer in attempt.answers.all()}


def _open_or_expired(attempt: Attempt) -> Attempt:
    """The attempt as the server's clock has it: an overdue one is closed before anybody looks at it."""
    if attempt.state not in OPEN_STATES or not attempt.is_overdue(timezone.now()):
        return attempt
    services.attempt_expire(attempt=attempt)
    return cast(Attempt, Attempt.objects.for_page().get(pk=attempt.pk))


# --- Starting -------------------------------------------------------------------------------------------------------
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
    found = list(Attempt.objects.for_start(quiz=quiz, viewer=request.user)) if overdue else tries
    for one in found:
        one.quiz = quiz
    return found


def _start(request: HttpRequest, quiz: Quiz) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    enrolment, _ = enrolment_start(user=request.user, course=quiz.step.course)
    attempt, _ = services.attempt_start(quiz=quiz, enrolment=enrolment)
    return redirect("quizzes:attempt", attempt.uuid)


# --- Working --------------------------------------------------------------------------------------------------------
@never_cache
@login_required
@require_http_methods(METHODS)
def attempt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The question to answer (POST saves and moves on), all questions on one page, or the result."""
    attempt = _open_or_expired(_attempt_for(request, uuid))
    if request.method == "POST" and attempt.state in OPEN_STATES:
        return _moves_on(request, attempt)
    if request.method == "POST":
        return redirect("quizzes:attempt", attempt.uuid)
    if attempt.state in OPEN_STATES:
        return _working_page(request, attempt)
    if attempt.state == AttemptState.SUBMITTED:
        return render(request, "quizzes/waiting.html", screens.waiting(attempt, _answers_of(attempt)))
    tries = list(Attempt.objects.beside(attempt))
    page = screens.result(attempt, _answers_of(attempt), tries, viewer=request.user, at=timezone.now())
    return render(request, "quizzes/result.html", page)


def _working_page(request: HttpRequest, attempt: Attempt, *, missing: int | None = None) -> HttpResponse:
    """One question a page, or all of them; ``missing`` is a question that was to be checked without an answer."""
    answers, at, key = services.answers_of(attempt), timezone.now(), uuid4()
    if not screens.one_a_page(attempt):
        page = screens.working(attempt, answers, at) | {"key": key}
        _opened(request, attempt, key, None)
        return render(request, "quizzes/check.html", page)
    asked = request.GET.get("cau")
    position = missing or screens.position_for(attempt, answers, asked)
    if asked and asked != str(position) and rules.goes_one_way(attempt.rules):
        return redirect(_page_of(attempt, position))
    page = screens.working(attempt, answers, at, only=[position])
    page |= {"key": key, "position": position, "question": page["questions"][0], "missing": missing is not None}
    page["percent"] = position * 100 // page["total"]
    _opened(request, attempt, key, position)
    template = "question" if page["mode"] == rules.EXAM else "practice"
    return render(request, f"quizzes/{template}.html", page)


def _opened(request: HttpRequest, attempt: Attempt, key: UUID, position: int | None) -> None:
    """Write down that a page of the attempt was opened, and by what page id its saves will be known."""
    if request.method == "GET":
        detail = {"khoa": str(key), **({"cau": position} if position else {})}
        services.attempt_note(attempt=attempt, kind=EventKind.OPENED, detail=detail)


def _page_of(attempt: Attempt, position: int | None = None) -> str:
    own = reverse("quizzes:attempt", args=[attempt.uuid])
    return f"{own}?cau={position}" if position else own


def _moves_on(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """Save what was on the page, then go where the pressed button says."""
    target = request.POST.get("toi", "")
    if target in ("kiem-tra", "bo-qua"):
        return _check(request, attempt, gives_up=target == "bo-qua")
    try:
        services.answers_save(attempt=attempt, answers=forms.answers_from(request.POST, attempt))
    except Refusal as refusal:
        if refusal.status == HTTPStatus.BAD_REQUEST:
            raise
        return redirect(_page_of(attempt))  # closed or left behind meanwhile: its page explains
    if target == "xem-lai":
        return redirect("quizzes:review", attempt.uuid)
    position = forms.position_from(target, len(attempt.paper))
    if rules.goes_one_way(attempt.rules):
        services.attempt_advance(attempt=attempt, to=position)
        return redirect(_page_of(attempt))
    return redirect(_page_of(attempt, position))


def _check(request: HttpRequest, attempt: Attempt, *, gives_up: bool) -> HttpResponse:
    """Give the one answer on the page for good; its page then tells whether it is right. Mastery may end by it."""
    position, response = forms.shown_answer(request.POST, attempt)
    if not response and not gives_up:
        return _working_page(request, attempt, missing=position)
    try:
        checked = services.answer_check(
            attempt=attempt, position=position, response=forms.blank_of(attempt, position) if gives_up else response
        )
    except Refusal as refusal:
        if refusal.status != HTTPStatus.BAD_REQUEST:
            return redirect(_page_of(attempt))
        _note(attempt, EventKind.REFUSED, {"code": refusal.code, "positions": [position]})
        raise
    if checked.is_over and screens.mode(attempt) == rules.MASTERY:
        services.attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4())
        return redirect(_page_of(attempt))
    return redirect(_page_of(attempt, position))


@require_http_methods(METHODS)
def save(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Autosave. Answers {"saved_at", "text"}; 409 with text and code when nothing more is taken.

    A GET belongs to nobody's autosave: it leads to the attempt.
    """
    if request.method != "POST":
        return redirect("quizzes:attempt", uuid)
    if not request.user.is_authenticated:
        text = _("Bạn đã đăng xuất. Đăng nhập lại rồi mở bài này: những câu đã lưu vẫn còn.")
        return JsonResponse({"code": "signed_out", "text": text}, status=HTTPStatus.UNAUTHORIZED)
    at = timezone.now()
    with transaction.atomic():
        # One read for whose it is, what was asked and the lock: a rush of autosaves pays for each query.
        attempt = get_object_or_404(Attempt.objects.for_saving(), uuid=uuid)
        if not can_see_attempt(request.user, attempt):
            return _foreign_save(request, attempt)
        answers, sending = forms.answers_from(request.POST, attempt), forms.sending_from(request.POST)
        try:
            services.answers_save(attempt=attempt, answers=answers, sending=sending, at=at, held=True)
        except Refusal as refusal:
            # Answered from in here, so that what came too late is kept.
            told = {"code": refusal.code, "text": f"{refusal.text} {refusal.fix}"}
            return JsonResponse(told, status=refusal.status)
    return JsonResponse({"saved_at": at.isoformat(), "text": screens.saved_text(at)})


def _foreign_save(request: HttpRequest, attempt: Attempt) -> HttpResponse:
    """The same answer as any page of somebody else's attempt, given without an error so that the note is kept."""
    _note_foreign(request, attempt)
    is_official = bool(access.roles_of(request.user) & access.MANAGING)
    status = HTTPStatus.FORBIDDEN if is_official else HTTPStatus.NOT_FOUND
    return JsonResponse({"code": "not_yours", "text": _("Đây không phải bài làm của bạn.")}, status=status)


@login_required
@require_http_methods(METHODS)
def note(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The page tells that it was left ("roi") or come back to ("lai"). Answers nothing, whatever it is told."""
    if request.method != "POST":
        return redirect("quizzes:attempt", uuid)
    attempt = _attempt_for(request, uuid)
    kind = NOTES.get(request.POST.get("viec", ""))
    if kind and attempt.state in OPEN_STATES:
        _note(attempt, kind, forms.note_from(request.POST))
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


# --- Handing in -----------------------------------------------------------------------------------------------------
@never_cache
@login_required
@require_safe
def review(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The last look before handing in: how many are answered, and links to those that are not."""
    attempt = _open_or_expired(_attempt_for(request, uuid))
    if attempt.state not in OPEN_STATES:
        return redirect("quizzes:attempt", attempt.uuid)
    page = screens.review(attempt, services.answers_of(attempt), timezone.now())
    return render(request, "quizzes/review.html", page | {"key": uuid4()})


@login_required
@require_http_methods(METHODS)
def submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand in. The result is on the attempt's own page; so does a GET end there, after signing in again."""
    if request.method != "POST":
        return redirect("quizzes:attempt", uuid)
    attempt = _attempt_for(request, uuid)
    answers = forms.answers_from(request.POST, attempt)
    key = forms.key_from(request.POST)
    try:
        services.attempt_submit(attempt=attempt, answers=answers, idempotency_key=key)
    except Refusal as refusal:
        _note(attempt, EventKind.REFUSED, {"code": refusal.code, "positions": sorted(answers)[:20]})
        raise
    return redirect("quizzes:attempt", attempt.uuid)
