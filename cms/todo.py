"""What a lesson still asks of its reader, and what a course asks before it begins or when it runs out.

Worked out where the parts of a page need it, so that a page that does not show it pays no query.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from cms.readers import Reading
from courses import rules
from courses.forms_learning import WorkForm
from courses.models import Completion, Course, Step, StepRule, Submission, SubmissionState
from courses.services import prerequisites_left, renewal_due


@dataclass(frozen=True)
class LessonTodo:
    """What the lesson that is open still asks of the reader."""

    reading: Reading
    user: Any

    @property
    def step(self) -> Step:
        assert self.reading.current is not None, "a lesson page always has a current step"
        return self.reading.current

    @property
    def is_open(self) -> bool:
        """Whether there is something that this reader could do to finish it."""
        return not self.reading.is_draft and self.user.is_authenticated and not self.reading.current_is_done

    @property
    def must_enrol(self) -> bool:
        """Reading time and choices are kept of enrolled people only."""
        return self.is_open and self.reading.enrolment is None and self.rule in (StepRule.OPENED, StepRule.SCENARIO)

    @property
    def rule(self) -> str:
        """What makes the lesson done (``StepRule``)."""
        return self.step.rule

    @property
    def seconds(self) -> int:
        return self.reading.visit.seconds if self.reading.visit else 0

    @property
    def resume_json(self) -> str:
        """The second reached in each video and sound, for the script that goes on there."""
        return json.dumps(self.reading.visit.media if self.reading.visit else {})

    @cached_property
    def scenarios_left(self) -> list[str]:
        answers = self.reading.visit.answers if self.reading.visit else {}
        return rules.scenarios_left(self.step.scenarios, answers)

    @property
    def scenarios_right(self) -> int:
        return len(self.step.scenarios) - len(self.scenarios_left)

    @property
    def an_answer(self) -> tuple[str, int] | None:
        """One of the reader's right choices: to send once more where a change of the lesson left nothing to choose."""
        answers = self.reading.visit.answers if self.reading.visit else {}
        return next(((block, answers[block]) for block in self.step.scenarios if block in answers), None)

    # --- Practical task ---
    @cached_property
    def submissions(self) -> list[Submission]:
        """What the reader handed in for this lesson in this round, newest first."""
        if self.reading.enrolment is None:
            return []
        mine = Submission.objects.filter(enrolment=self.reading.enrolment, step=self.step)
        return list(mine.order_by("-submitted_at", "-pk"))

    @property
    def latest(self) -> Submission | None:
        return next(iter(self.submissions), None)

    @property
    def may_submit(self) -> bool:
        return self.is_open and (self.latest is None or self.latest.state == SubmissionState.RETURNED)

    @property
    def work_form(self) -> WorkForm:
        return WorkForm()


@dataclass(frozen=True)
class Renewal:
    """How long a finished course holds for its learner, and whether they may learn it anew today."""

    course: Course
    completion: Completion
    today: date

    @property
    def is_expired(self) -> bool:
        return self.completion.is_expired(self.today)

    @property
    def is_due(self) -> bool:
        return renewal_due(completion=self.completion, course=self.course, on=self.today)

    @property
    def for_year(self) -> str:
        """The year that learning it anew counts for, where the course is learnt every year; else empty."""
        return str(self.today.year) if self.course.yearly_refresh else ""


@dataclass(frozen=True)
class CourseTodo:
    """What stands before or after the learning of a course."""

    reading: Reading
    user: Any

    @cached_property
    def learn_first(self) -> list[Course]:
        """Courses to finish before this one can be begun; of somebody who has begun nothing is asked any more."""
        if self.reading.is_draft or self.reading.enrolment or not self.user.is_authenticated:
            return []
        return prerequisites_left(user=self.user, course=self.reading.course)

    @cached_property
    def renewal(self) -> Renewal | None:
        completion = self.reading.completion
        return Renewal(self.reading.course, completion, timezone.localdate()) if completion else None

    @cached_property
    def finished_before(self) -> Completion | None:
        """The completion of an earlier round, while the course is being learnt anew."""
        enrolment = self.reading.enrolment
        if enrolment is None or enrolment.round == 1 or self.reading.completion:
            return None
        earlier = Completion.objects.filter(user=self.user, course=self.reading.course)
        return earlier.order_by("-completed_at").first()


def answers_shown(request: HttpRequest, reading: Reading) -> dict[str, int]:
    """The choice to show in each scenario, by block id: those the reader took, and the one that the address names.

    A guest's choice is in the address alone, so that they too read what comes of it.
    """
    answers: dict[str, int] = dict(reading.visit.answers) if reading.visit else {}
    block, chosen = request.GET.get("khoi", ""), request.GET.get("chon", "")
    known = reading.current.scenarios if reading.current else {}
    if block in known and chosen.isascii() and chosen.isdigit() and 1 <= int(chosen[:2]) <= rules.MOST_CHOICES:
        answers[block] = int(chosen[:2])
    return answers
