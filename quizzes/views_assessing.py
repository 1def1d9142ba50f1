"""For whoever assesses: free texts that wait, one attempt in a dispute, more time or attempts for one person."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import audit
from common.errors import Refusal
from courses import teaching
from people import access
from people.models import User
from people.requests import SignedInRequest
from quizzes import insight, services
from quizzes.insight_forms import AccommodationForm, EssayForm
from quizzes.kinds import KINDS
from quizzes.models import OPEN_STATES, Answer, Attempt, Quiz
from quizzes.services.hand_grading import attempt_grade_by_hand, main_unit
from quizzes.views_insight import OFFICES, PAGE_SIZE, quiz_or_404


def can_assess(viewer: Any, person: User) -> bool:
    """Whether ``viewer`` teaches a unit in which the person is; nobody looks into their own attempt as an assessor."""
    if person.pk == viewer.pk:
        return False
    places = person.memberships.in_force().filter(unit__in=access.scope_units(viewer, access.TEACHING))
    return bool(places.exists())


def _require_teaching(request: SignedInRequest) -> None:
    allowed = bool(access.roles_of(request.user) & access.TEACHING)
    access.require(allowed, request.user, what=_("việc giảng dạy ở đơn vị nào"), offices=OFFICES)


# --- Free texts -----------------------------------------------------------------------------------------------------
@never_cache
@login_required
@require_safe
def essays(request: SignedInRequest) -> HttpResponse:
    """Every free text that waits in the viewer's scope, what waited longest first."""
    allowed = bool(access.roles_of(request.user) & access.SIGNING_OFF)
    access.require(allowed, request.user, what=_("việc chấm bài tự luận"), offices=OFFICES)
    people = teaching.people_of(access.scope_units(request.user, access.SIGNING_OFF))
    waiting = insight.essays_waiting(viewer=request.user, people=people)
    page = Paginator(waiting, PAGE_SIZE).get_page(request.GET.get("trang"))
    return render(request, "quizzes/insight/essays.html", {"page": page})


def _essay_or_refusal(request: SignedInRequest, uuid: UUID, position: int) -> Answer:
    answers = Answer.objects.select_related(
        "attempt__enrolment__user", "attempt__quiz__step__course", "graded_by"
    ).exclude(attempt__state__in=OPEN_STATES)
    found: Answer = get_object_or_404(answers, attempt__uuid=uuid, position=position)
    learner = found.attempt.enrolment.user
    access.require(
        access.can_sign_off(request.user, learner), request.user, what=_("người làm bài này"), offices=OFFICES
    )
    if not KINDS[found.attempt.paper[position - 1]["kind"]].by_hand:
        raise Http404
    return found


@never_cache
@login_required
def essay(request: SignedInRequest, uuid: UUID, position: int) -> HttpResponse:
    """One free text with its rubric; a POST gives its levels, or changes them with a reason."""
    answer = _essay_or_refusal(request, uuid, position)
    item, again = answer.attempt.paper[position - 1], answer.graded_at is not None
    given = {f"muc-{key}": level for key, level in answer.marks.items()} | {"comment": answer.comment}
    # What the page was made from: whoever opened it before somebody else graded is told so, not taken for a change.
    meant_again = request.POST.get("sua") == "1" if request.method == "POST" else again
    form = EssayForm(request.POST or None, item=item, again=meant_again, initial=given)
    status = HTTPStatus.OK
    if request.method == "POST":
        if form.is_valid() and _grade(request, answer, form):
            return redirect("insight:essays")
        status = HTTPStatus.BAD_REQUEST
    context = {
        "answer": answer,
        "item": item,
        "attempt": answer.attempt,
        "learner": answer.attempt.enrolment.user,
        "step": answer.attempt.quiz.step,
        "course": answer.attempt.quiz.step.course,
        "again": meant_again,
        "form": form,
        "words": len(answer.response.split()) if isinstance(answer.response, str) else 0,
    }
    return render(request, "quizzes/insight/essay.html", context, status=status)


def _grade(request: SignedInRequest, answer: Answer, form: EssayForm) -> bool:
    """Give the levels; what the service says of the form is put onto it, any other refusal goes to its page."""
    try:
        attempt = attempt_grade_by_hand(
            attempt=answer.attempt,
            position=answer.position,
            marks=form.marks,
            comment=form.cleaned_data["comment"],
            reason=form.cleaned_data.get("reason", ""),
            grader=request.user,
        )
    except Refusal as refusal:
        if refusal.status != HTTPStatus.BAD_REQUEST:
            raise
        form.add_error(None, f"{refusal.text} {refusal.fix}")
        return False
    told = _("Đã chấm câu %(position)s của %(name)s. Bài này còn câu chờ chấm.")
    if attempt.score is not None:
        told = _("Đã chấm câu %(position)s của %(name)s. Người học được báo ngay.")
    messages.success(request, told % {"position": answer.position, "name": attempt.enrolment.user.full_name})
    return True


# --- People of a quiz -----------------------------------------------------------------------------------------------
@never_cache
@login_required
@require_safe
def people(request: SignedInRequest, step: UUID) -> HttpResponse:
    """Who of the viewer's people worked on a quiz, with each attempt."""
    _require_teaching(request)
    quiz, words = quiz_or_404(step), request.GET.get("q", "").strip()
    scope = teaching.people_of(access.scope_units(request.user, access.TEACHING))
    page = Paginator(insight.people_of_quiz(quiz=quiz, people=scope, words=words), PAGE_SIZE).get_page(
        request.GET.get("trang")
    )
    lines = [(person, insight.tries_of(person)) for person in page]
    context = {
        "quiz": quiz,
        "step": quiz.step,
        "course": quiz.step.course,
        "page": page,
        "lines": lines,
        "words": words,
    }
    return render(request, "quizzes/insight/people.html", context)


@never_cache
@login_required
def person(request: SignedInRequest, step: UUID, user: UUID) -> HttpResponse:
    """One person at one quiz: their attempts, and what they are given beyond the others."""
    quiz = quiz_or_404(step)
    found = get_object_or_404(User, uuid=user)
    access.require(can_assess(request.user, found), request.user, what=_("người này"), offices=OFFICES)
    given = insight.accommodation_of(quiz, found)
    initial = {name: getattr(given, name) for name in AccommodationForm.base_fields} if given else None
    form = AccommodationForm(request.POST or None, initial=initial)
    status = HTTPStatus.OK
    if request.method == "POST":
        if form.is_valid() and _grant(request, quiz, found, form):
            return redirect("insight:person", step, user)
        status = HTTPStatus.BAD_REQUEST
    tries = Attempt.objects.filter(quiz=quiz, enrolment__user=found).defer("paper", "rules").order_by("-started_at")
    context = {"quiz": quiz, "step": quiz.step, "course": quiz.step.course, "learner": found, "tries": tries,
               "given": given, "form": form}  # fmt: skip
    return render(request, "quizzes/insight/person.html", context, status=status)


def _grant(request: SignedInRequest, quiz: Quiz, person: User, form: AccommodationForm) -> bool:
    try:
        services.accommodation_grant(quiz=quiz, user=person, actor=request.user, **form.cleaned_data)
    except Refusal as refusal:
        if refusal.status != HTTPStatus.BAD_REQUEST:
            raise
        form.add_error(None, f"{refusal.text} {refusal.fix}")
        return False
    messages.success(
        request, _("Đã cho %(name)s thêm giờ hoặc lượt. Bài đang làm dở giữ giờ cũ.") % {"name": person.full_name}
    )
    return True


# --- One attempt ----------------------------------------------------------------------------------------------------
@never_cache
@login_required
@require_safe
def attempt(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """One attempt in a dispute: paper, answers, points and everything that happened. That it was read is logged."""
    found: Attempt = get_object_or_404(
        Attempt.objects.select_related("quiz__step__course", "enrolment__user"), uuid=uuid
    )
    learner = found.enrolment.user
    access.require(can_assess(request.user, learner), request.user, what=_("người làm bài này"), offices=OFFICES)
    answers = {answer.position: answer for answer in found.answers.select_related("graded_by")}
    responses = {position: answer.response for position, answer in answers.items()}
    if found.state in OPEN_STATES:
        responses = {position: saved.response for position, saved in services.answers_of(found).items()}
    audit.record(
        actor=request.user,
        act="attempt_read",
        subject=found,
        unit=main_unit(learner),
        user=str(learner.uuid),
        step=found.quiz.step.title,
        number=found.number,
    )
    context = {
        "attempt": found,
        "quiz": found.quiz,
        "step": found.quiz.step,
        "course": found.quiz.step.course,
        "learner": learner,
        "lines": insight.paper_lines(found, responses, answers),
        "log": insight.log_lines(found),
        "given": insight.accommodation_of(found.quiz, learner),
        "is_open": found.state in OPEN_STATES,
    }
    return render(request, "quizzes/insight/attempt.html", context)
