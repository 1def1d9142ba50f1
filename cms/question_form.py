"""The editors' form of one question: options are rows to fill in, and what is wrong is said beside them."""

from __future__ import annotations

import itertools
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from wagtail.admin.forms import WagtailAdminModelForm

from cms.addresses import PlainSlugField, plain_slug
from cms.models import QuizPage
from quizzes.models import Bank, Purpose, Question
from quizzes.services import question_problems, question_save

OPTION_ROWS = 6


def _rows() -> dict[str, forms.Field]:
    """The fields of all option rows."""
    fields: dict[str, forms.Field] = {}
    for number in range(1, OPTION_ROWS + 1):
        fields[f"option_{number}_text"] = forms.CharField(
            label="Nội dung đáp án", required=False, max_length=500, widget=forms.TextInput
        )
        fields[f"option_{number}_correct"] = forms.BooleanField(label="Là đáp án đúng", required=False)
        fields[f"option_{number}_feedback"] = forms.CharField(
            label="Phản hồi khi chọn",
            required=False,
            max_length=500,
            widget=forms.TextInput,
            help_text="Một câu: vì sao đúng, hoặc vì sao chưa đúng.",
        )
    return fields


def next_code(bank: Bank) -> str:
    """A code that no question of the bank has: "cau-07" for the seventh."""
    taken = set(Question.objects.filter(bank=bank).values_list("code", flat=True))
    numbers = itertools.count(len(taken) + 1)
    return next(code for code in (f"cau-{number:02d}" for number in numbers) if code not in taken)


class BankForm(WagtailAdminModelForm):
    """A bank needs a name; its address follows from it."""

    slug = PlainSlugField(
        label="Tên trong địa chỉ", max_length=120, required=False, help_text="Để trống: lấy theo tên ngân hàng."
    )

    class Meta:
        model = Bank
        fields = ["name", "slug"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        cleaned["slug"] = cleaned.get("slug") or self.instance.slug or plain_slug(cleaned.get("name") or "")
        if not cleaned["slug"] and cleaned.get("name"):
            self.add_error("slug", "Hãy nhập tên trong địa chỉ bằng chữ cái và chữ số, ví dụ «cho-so».")
        return cleaned


OptionRows = type("OptionRows", (forms.Form,), _rows())


class QuestionForm(OptionRows, WagtailAdminModelForm):  # type: ignore[misc, valid-type]
    """A question with up to six options. An option keeps its key while it keeps its row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank"].label = "Ngân hàng câu hỏi"
        self.fields["text"].widget = forms.Textarea(attrs={"rows": 3})
        self.fields["explanation"].widget = forms.Textarea(attrs={"rows": 3})
        self.fields["difficulty"].widget = forms.Select(choices=[(1, "1 – dễ"), (2, "2 – vừa"), (3, "3 – khó")])
        if self.instance.pk is None:
            self.initial["kind"] = self.initial.get("kind") or "single"
            self.fields["code"].required = False
            self.fields["code"].help_text = "Để trống: hệ thống tự đánh số."
        else:
            # Quizzes name questions by bank and code, so both stay.
            self.fields["bank"].disabled = self.fields["code"].disabled = True
        for number, option in enumerate(self.instance.options[:OPTION_ROWS], start=1):
            for part in ("text", "correct", "feedback"):
                self.initial.setdefault(f"option_{number}_{part}", option.get(part))

    def _options(self) -> list[dict[str, Any]]:
        """The rows that were filled in; each with the key that its row had."""
        rows = []
        for number in range(1, OPTION_ROWS + 1):
            before = self.instance.options[number - 1] if number <= len(self.instance.options) else {}
            row = {part: self.cleaned_data.get(f"option_{number}_{part}") for part in ("text", "correct", "feedback")}
            if row["text"]:
                rows.append({**row, "correct": bool(row["correct"]), "key": before.get("key", "")})
            elif row["correct"] or row["feedback"]:
                self.add_error(f"option_{number}_text", "Đáp án này chưa có chữ.")
        return rows

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not cleaned.get("code") and (bank := cleaned.get("bank")):
            cleaned["code"] = next_code(bank)
        self.options = self._options()
        for field, problem in question_problems(self._content(), cleaned.get("difficulty")):
            # Options are many fields; what is wrong with them as a whole stands at the first.
            place = "option_1_text" if field == "options" else field
            if place not in self.errors:
                self.add_error(place, f"{problem[0].upper()}{problem[1:]}.")
        self._check_quizzes()
        return cleaned

    def _content(self) -> dict[str, Any]:
        """The question as the form has it; what the form does not show stays as it is."""
        given = {name: self.cleaned_data.get(name) for name in ("kind", "text", "explanation")}
        return {**self.instance.content, **given, "options": self.options}

    def _check_quizzes(self) -> None:
        """A question that an open quiz cannot do without stays in use."""
        if not self.instance.pk:
            return
        gone = not self.cleaned_data.get("is_active")
        out_of_final = gone or not self.cleaned_data.get("in_final")
        for page in QuizPage.objects.live().filter(bank=self.instance.bank_id):
            if page.codes:
                needed = gone and self.instance.code in page.codes
            else:
                leaves = out_of_final if page.purpose == Purpose.FINAL else gone
                others = Question.objects.for_quiz(bank=page.bank, purpose=page.purpose, question_codes=[])
                needed = leaves and others.exclude(pk=self.instance.pk).count() < page.draw
            if needed:
                raise ValidationError(
                    f"Bài «{page.title}» đang cần câu này. Hãy thêm câu khác vào ngân hàng hoặc sửa bài đó trước."
                )

    def save(self, commit: bool = True) -> Question:
        """Through the quizzes room, which gives a new version when the content changed."""
        values = {
            name: self.cleaned_data[name] for name in ("bank", "code", "topic", "difficulty", "in_final", "is_active")
        }
        question, _ = question_save(content=self._content(), **values)
        self.instance = question
        return question
