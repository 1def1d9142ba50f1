"""What can happen to courses and learning. One use case, one function; each is one transaction."""

from courses.services.assignments import AssignmentWish, Replaced, assignments_replace
from courses.services.completing import completion_frozen, standings_for, step_complete, step_mark
from courses.services.effects import outline_effect
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
from courses.services.paths import (
    PathOutline,
    PathPlace,
    path_close,
    path_completions_settle,
    path_publish,
    paths_settle,
)
from courses.services.reassigning import Learning, enrolments_lock, learning_reassign
from courses.services.reminding import idle_learners_remind, reminders_due
from courses.services.settling import enqueue_settling, enrolments_settle
from courses.services.submissions import submission_create, submission_review
from courses.services.uptake import uptake_rebuild
from courses.services.visits import scenario_answer, step_read, visit_open, visit_record

__all__ = [
    "AssignmentWish",
    "Learning",
    "Outline",
    "OutlineModule",
    "OutlineStep",
    "PathOutline",
    "PathPlace",
    "Replaced",
    "assignments_replace",
    "completion_frozen",
    "bookmark_toggle",
    "course_close",
    "course_outline_publish",
    "enqueue_settling",
    "enrolment_lock",
    "enrolment_renew",
    "enrolment_seen",
    "enrolment_start",
    "enrolments_lock",
    "enrolments_settle",
    "learning_reassign",
    "outline_effect",
    "path_close",
    "path_completions_settle",
    "path_publish",
    "paths_settle",
    "feedback_give",
    "idle_learners_remind",
    "note_delete",
    "note_save",
    "prerequisites_left",
    "reminders_due",
    "renewal_due",
    "scenario_answer",
    "standings_for",
    "step_complete",
    "uptake_rebuild",
    "step_mark",
    "step_read",
    "submission_create",
    "submission_review",
    "visit_open",
    "visit_record",
]
