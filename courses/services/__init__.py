"""What can happen to courses and learning. One use case, one function; each is one transaction."""

from courses.services.completing import standings_for, step_complete
from courses.services.enrolments import (
    enrolment_lock,
    enrolment_renew,
    enrolment_seen,
    enrolment_start,
    prerequisites_left,
    renewal_due,
)
from courses.services.notes import bookmark_toggle, feedback_give, note_delete, note_save
from courses.services.outline import Outline, OutlineModule, OutlineStep, course_close, course_outline_publish
from courses.services.reminding import idle_learners_remind, reminders_due
from courses.services.settling import enqueue_settling, enrolments_settle

__all__ = [
    "Outline",
    "OutlineModule",
    "OutlineStep",
    "bookmark_toggle",
    "course_close",
    "course_outline_publish",
    "enqueue_settling",
    "enrolment_lock",
    "enrolment_renew",
    "enrolment_seen",
    "enrolment_start",
    "enrolments_settle",
    "feedback_give",
    "idle_learners_remind",
    "note_delete",
    "note_save",
    "prerequisites_left",
    "reminders_due",
    "renewal_due",
    "standings_for",
    "step_complete",
]
