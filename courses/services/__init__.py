"""What can happen to courses and learning. One use case, one function; each is one transaction."""

from courses.services.assignments import AssignmentWish, Replaced, assignments_replace
from courses.services.completing import standings_for, step_complete
from courses.services.effects import outline_effect
from courses.services.enrolments import (
    enrolment_lock,
    enrolment_renew,
    enrolment_seen,
    enrolment_start,
    prerequisites_left,
    renewal_due,
)
from courses.services.outline import Outline, OutlineModule, OutlineStep, course_close, course_outline_publish
from courses.services.paths import (
    PathOutline,
    PathPlace,
    path_close,
    path_completions_settle,
    path_publish,
    paths_settle,
)
from courses.services.settling import enqueue_settling, enrolments_settle
from courses.services.uptake import uptake_rebuild

__all__ = [
    "AssignmentWish",
    "Outline",
    "OutlineModule",
    "OutlineStep",
    "PathOutline",
    "PathPlace",
    "Replaced",
    "assignments_replace",
    "course_close",
    "course_outline_publish",
    "enqueue_settling",
    "enrolment_lock",
    "enrolment_renew",
    "enrolment_seen",
    "enrolment_start",
    "enrolments_settle",
    "outline_effect",
    "path_close",
    "path_completions_settle",
    "path_publish",
    "paths_settle",
    "prerequisites_left",
    "renewal_due",
    "standings_for",
    "step_complete",
    "uptake_rebuild",
]
