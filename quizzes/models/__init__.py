"""Banks, versioned questions, quizzes and attempts."""

from quizzes.models.attempts import (
    GRACE,
    OPEN_STATES,
    Answer,
    Attempt,
    AttemptEvent,
    AttemptState,
    EventKind,
)
from quizzes.models.banks import (
    CONTENT_FIELDS,
    KIND_CHOICES,
    Bank,
    MediaFile,
    Question,
    QuestionState,
    QuestionVersion,
    Tag,
)
from quizzes.models.design import Accommodation, Mode, Paging, Purpose, Quiz, Scoring
from quizzes.models.imports import QuestionImport
from quizzes.models.insight import QuizStatistics, Regrade, RegradeChange

__all__ = [
    "CONTENT_FIELDS",
    "GRACE",
    "KIND_CHOICES",
    "OPEN_STATES",
    "Accommodation",
    "Answer",
    "Attempt",
    "AttemptEvent",
    "AttemptState",
    "Bank",
    "EventKind",
    "MediaFile",
    "Mode",
    "Paging",
    "Purpose",
    "Question",
    "QuestionImport",
    "QuestionState",
    "QuestionVersion",
    "Quiz",
    "QuizStatistics",
    "Regrade",
    "RegradeChange",
    "Scoring",
    "Tag",
]
