"""My learning, enrolment, and "I have finished this lesson"."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from courses import rules, services
from courses.models import Course, Step, StepKind
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
    """Enrol and go to the first step that is left. A GET comes here after signing in again: back to the course."""
    course = get_object_or_404(Course, slug=slug)
    if request.method != "POST":
        return redirect(course.path)
    enrolment, _ = services.enrolment_start(user=request.user, course=course)
    done = set(enrolment.step_completions.values_list("step_id", flat=True))
    step = rules.next_step(course.steps.filter(is_active=True), done, enrolment.last_step_id)
    return redirect(step.path if step else course.path)


@login_required
def step_done(request: SignedInRequest, step: UUID) -> HttpResponse:
    """Mark a lesson as done and go to what comes next. Quizzes are done by passing them, never from here.

    A GET comes here after signing in again: back to the lesson, where the button still is.
    """
    lesson = get_object_or_404(
        Step.objects.select_related("course"), uuid=step, kind=StepKind.LESSON, course__is_published=True
    )
    if request.method != "POST":
        return redirect(lesson.path)
    enrolment, _ = services.enrolment_start(user=request.user, course=lesson.course)
    completion = services.step_complete(enrolment=enrolment, step=lesson)
    following = lesson.course.steps.filter(is_active=True, position__gt=lesson.position).first()
    if following is not None:
        return redirect(following.path)
    if completion is not None:
        messages.success(request, f"Chúc mừng! Bạn đã hoàn thành khoá học «{lesson.course.title}».")
    return redirect(lesson.course.path)
