"""My learning, enrolment, learning anew, and "I have finished this lesson"."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from common.text import uuid_or_none
from courses import rules, services
from courses.models import Completion, Course, Enrolment, Step, StepKind
from courses.my_learning import my_learning_of
from people.notices import notices_for_my_learning
from people.requests import SignedInRequest


@login_required
def my_learning(request: SignedInRequest) -> HttpResponse:
    """What is asked of a person, what they are learning, where to go on, and what they finished."""
    reminders = notices_for_my_learning(request.user)
    return render(
        request, "courses/my_learning.html", {"mine": my_learning_of(user=request.user), "reminders": reminders}
    )


@login_required
def enrol(request: SignedInRequest, slug: str) -> HttpResponse:
    """Enrol and go to the lesson that was open (``buoc``), else to the first step that is left.

    A GET comes here after signing in again: back to the course.
    """
    course = get_object_or_404(Course, slug=slug)
    if request.method != "POST":
        return redirect(course.path)
    enrolment, _created = services.enrolment_start(user=request.user, course=course)
    wanted = uuid_or_none(request.POST.get("buoc", ""))
    opened = course.steps.filter(is_active=True, uuid=wanted).first() if wanted else None
    return redirect(opened.path) if opened else _to_next(enrolment)


@login_required
def renew(request: SignedInRequest, slug: str) -> HttpResponse:
    """Begin a course anew, for a new year or because the last completion runs out. A GET leads back to the course."""
    course = get_object_or_404(Course, slug=slug)
    if request.method != "POST":
        return redirect(course.path)
    enrolment, _created = services.enrolment_renew(user=request.user, course=course)
    return _to_next(enrolment)


def _to_next(enrolment: Enrolment) -> HttpResponse:
    done = set(enrolment.step_completions.values_list("step_id", flat=True))
    step = rules.next_step(enrolment.course.steps.filter(is_active=True), done, enrolment.last_step_id)
    return redirect(step.path if step else enrolment.course.path)


@login_required
def step_done(request: SignedInRequest, step: UUID) -> HttpResponse:
    """Mark a lesson as done and go to what comes next. Refused for lessons that ask for more than the press.

    A GET comes here after signing in again: back to the lesson, where the button still is.
    """
    lesson = open_lesson(step)
    if request.method != "POST":
        return redirect(lesson.path)
    enrolment, _created = services.enrolment_start(user=request.user, course=lesson.course)
    return onward(request, lesson, services.step_mark(enrolment=enrolment, step=lesson))


def open_lesson(uuid: UUID) -> Step:
    """A lesson of a published course; quizzes are done by passing them, never from here."""
    lessons = Step.objects.select_related("course").filter(kind=StepKind.LESSON, course__is_published=True)
    step: Step = get_object_or_404(lessons, uuid=uuid)
    return step


def finished_said(course: Course) -> str:
    """A word for who has just completed a course."""
    return _("Chúc mừng! Bạn đã hoàn thành khoá học «%(title)s».") % {"title": course.title}


def onward(request: SignedInRequest, lesson: Step, completion: Completion | None) -> HttpResponse:
    """From a lesson that is done to what follows it; at the end back to the course, with a word on what is reached."""
    following = lesson.course.steps.filter(is_active=True, position__gt=lesson.position).first()
    if following is not None:
        return redirect(following.path)
    if completion is not None:
        messages.success(request, finished_said(lesson.course))
    return redirect(lesson.course.path)
