"""Course outline, enrolment, progress, and ``Completion``: the immutable row on which every count rests."""

from courses.models.frameworks import Competence, Framework
from courses.models.learning import Completion, CompletionStanding, Enrolment, StepCompletion, StepVisit
from courses.models.notes import Bookmark, LessonFeedback, LessonNote, Verdict
from courses.models.outline import Course, Level, Module, Step, StepKind, StepRule, Topic
from courses.models.paths import Assignment, CourseUptake, LearningPath, PathCompletion, PathCourse
from courses.models.submissions import Submission, SubmissionState

__all__ = [
    "Assignment",
    "Bookmark",
    "Competence",
    "Completion",
    "CompletionStanding",
    "Course",
    "CourseUptake",
    "Enrolment",
    "Framework",
    "LearningPath",
    "LessonFeedback",
    "LessonNote",
    "Level",
    "Module",
    "PathCompletion",
    "PathCourse",
    "Step",
    "StepCompletion",
    "StepKind",
    "StepRule",
    "StepVisit",
    "Submission",
    "SubmissionState",
    "Topic",
    "Verdict",
]
