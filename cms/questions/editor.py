"""The whole form of one question: what all kinds share, its files, and what its kind needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cms.models import QuizPage
from cms.questions.compound import FORMS
from cms.questions.forms import BaseForm
from cms.questions.kindforms import said
from cms.questions.media import files_named, uploads_keep
from cms.questions.rowforms import MediaRow
from cms.questions.rows import ADD, Rows
from people.models import User
from quizzes.models import Bank, Question
from quizzes.services import question_label, question_problems, question_save

#: Fields of the form in which a problem of the content is told.
FIELD_OF = {"text": "text", "explanation": "explanation", "source": "source_url", "difficulty": "difficulty"}


class QuizNeedsIt(Exception):
    """A quiz that learners meet could no longer be asked; carries its title."""


class QuestionEditor:
    """Reads, checks and saves. Files are kept as soon as they come, so that none is lost when the form comes back."""

    def __init__(
        self,
        *,
        kind: str,
        bank: Bank,
        user: User,
        question: Question | None = None,
        data: Any = None,
        files: Any = None,
    ) -> None:
        self.kind, self.bank, self.user, self.question = kind, bank, user, question
        self.wrong_files: Mapping[str, str] = {}
        if data is not None and files:
            data, self.wrong_files = uploads_keep(bank=bank, data=data, files=files, actor=user)
        self.data = data
        content = question.content if question else {}
        self.base = BaseForm(data, kind=kind, question=question, bank=bank)
        self.media = Rows(
            prefix="tep",
            form=MediaRow,
            data=data,
            title=_("Hình của câu hỏi") if kind == "hotspot" else _("Hình, tiếng của câu hỏi"),
            row_title=_("Tệp"),
            add_label=_("Thêm tệp"),
            least=1 if kind == "hotspot" else 0,
            initial=[dict(row) for row in content.get("media") or ()],
        )
        self.parts = FORMS[kind](content=content, data=data)

    @property
    def added_to(self) -> str:
        """The rows to which the editor asked to add one; empty when they want to save."""
        return self.data.get(ADD, "") if self.data is not None else ""

    def add(self) -> None:
        """One more row, and nothing said of what is not finished; but of a file that was refused."""
        self.base.quiet()
        self.media.quiet()
        self.parts.quiet()
        if self.added_to == self.media.prefix:
            self.media.add()
        self.parts.add(self.added_to)
        self._refuse_files()

    def _refuse_files(self) -> None:
        if not self.wrong_files:
            return
        for row in self.media:
            for name, problem in self.wrong_files.items():
                if name == row.add_prefix("upload"):
                    row.tell("upload", problem)
        self.parts.refuse_uploads(self.wrong_files)

    def is_valid(self) -> bool:
        """Whether it could be saved; what keeps it from that stands beside the fields."""
        fine = [self.base.is_valid(), self.media.is_valid(), self.parts.is_valid()]
        self._refuse_files()
        if not all(fine) or self.wrong_files:
            return False
        problems = question_problems(self.content, self.base.cleaned_data["difficulty"])
        for field, problem in problems:
            if field in FIELD_OF:
                self.base.add_error(FIELD_OF[field], said(problem))
            elif field == "media":
                self.media.tell(None, said(problem))
            else:
                self.parts.tell((field, problem))
        return not problems

    @property
    def content(self) -> dict[str, Any]:
        """The question as it was filled in; ask only where every field is valid."""
        given = self.base.cleaned_data
        source = {"title": given["source_title"], "url": given["source_url"]} if given["source_url"] else {}
        media = [{"file": row["file"], "alt": row["alt"]} for row in self.media.values()]
        return {
            "kind": self.kind,
            "text": given["text"],
            "explanation": given["explanation"],
            "media": media,
            "source": source,
            **self.parts.values(),
        }

    @transaction.atomic
    def save(self) -> Question:
        """Keep the question, with a new version when its content changed. Raises QuizNeedsIt; then nothing was kept."""
        pages = _asking_from(self.bank) if self.question else []
        given = self.base.cleaned_data
        question, _ = question_save(
            bank=self.bank,
            code=given["code"],
            content=self.content,
            topic=given["topic"],
            difficulty=given["difficulty"],
            in_final=given["in_final"],
            is_active=given["is_active"],
            actor=self.user,
        )
        question_label(question=question, tags=given["tags"], competences=given["competences"])
        if broken := next((page for page in pages if page.problems()), None):
            raise QuizNeedsIt(broken.title)
        return question

    @property
    def files(self) -> dict[str, Any]:
        """The kept files that the form shows, by their name in it."""
        rows = [*self.media, *(row for rows in self.parts.rowsets for row in rows)]
        return files_named([{"file": row["file"].value()} for row in rows if "file" in row.fields])


def _asking_from(bank: Bank) -> list[QuizPage]:
    """Published quizzes that draw on the bank and can be asked now."""
    return [page for page in QuizPage.objects.live() if page.uses_bank(bank) and not page.problems()]


@transaction.atomic
def with_quizzes_kept(bank: Bank, act: Any) -> Any:
    """Do something to questions of a bank; raises QuizNeedsIt, and nothing was done, where a quiz cannot go on then."""
    pages = _asking_from(bank)
    done = act()
    if broken := next((page for page in pages if page.problems()), None):
        raise QuizNeedsIt(broken.title)
    return done
