"""What can happen to quizzes. One use case, one function; each is one transaction."""

from quizzes.services.banks import (
    bank_delete,
    bank_require,
    bank_save,
    can_read_bank,
    can_write_bank,
    question_review,
)
from quizzes.services.closing import (
    CloseReport,
    attempt_expire,
    attempt_grade,
    attempt_submit,
    attempts_close_overdue,
)
from quizzes.services.design import accommodation_grant, accommodations_reassign, quiz_problems, quiz_save
from quizzes.services.importing import (
    ImportReport,
    bank_export,
    bank_import,
    import_apply,
    import_keep,
    imports_forget_old,
)
from quizzes.services.library import (
    media_keep,
    question_archive,
    question_copy,
    question_delete,
    question_label,
    question_move,
)
from quizzes.services.questions import (
    BankReport,
    bank_load,
    question_problems,
    question_save,
)
from quizzes.services.saving import (
    Checked,
    Sending,
    answer_check,
    answers_of,
    answers_save,
    attempt_advance,
    attempt_note,
)
from quizzes.services.starting import attempt_start, attempts_allowed, may_start_from, start_refusal

__all__ = [
    "BankReport",
    "Checked",
    "CloseReport",
    "Sending",
    "accommodation_grant",
    "accommodations_reassign",
    "answer_check",
    "answers_of",
    "answers_save",
    "attempt_advance",
    "attempt_expire",
    "attempt_grade",
    "attempt_note",
    "attempt_start",
    "attempt_submit",
    "attempts_allowed",
    "attempts_close_overdue",
    "bank_load",
    "may_start_from",
    "question_problems",
    "question_save",
    "quiz_problems",
    "quiz_save",
    "start_refusal",
    "ImportReport",
    "bank_export",
    "bank_import",
    "import_apply",
    "import_keep",
    "imports_forget_old",
    "bank_delete",
    "bank_require",
    "bank_save",
    "can_read_bank",
    "can_write_bank",
    "media_keep",
    "question_archive",
    "question_copy",
    "question_delete",
    "question_label",
    "question_move",
    "question_review",
]
