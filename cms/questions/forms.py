"""Forms of banks, and what all kinds of questions share."""

from __future__ import annotations

import itertools
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cms.addresses import PlainSlugField, plain_slug
from cms.questions.fields import TagsField, line
from cms.questions.rows import PlainForm
from cms.widgets import GroupedCheckboxes
from courses.models import Competence, Topic
from people import access
from people.models import Unit, User
from quizzes.kinds import KINDS
from quizzes.models import Bank, Question, QuestionState, Tag
from quizzes.questions import LONGEST_TEXT

HARDNESS = [(1, gettext_lazy("1 – dễ")), (2, gettext_lazy("2 – vừa")), (3, gettext_lazy("3 – khó"))]
ANY = ("", gettext_lazy("Tất cả"))


def next_code(bank: Bank) -> str:
    """A code that no question of the bank has: "cau-07" for the seventh."""
    taken = set(Question.objects.filter(bank=bank).values_list("code", flat=True))
    numbers = itertools.count(len(taken) + 1)
    return next(code for code in (f"cau-{number:02d}" for number in numbers) if code not in taken)


class BankForm(PlainForm):
    """A bank needs a name; its address follows from it."""

    name = forms.CharField(label=gettext_lazy("Tên ngân hàng câu hỏi"), max_length=200)
    parent = forms.ModelChoiceField(
        label=gettext_lazy("Thuộc ngân hàng"),
        queryset=Bank.objects.none(),
        required=False,
        empty_label=gettext_lazy("Không thuộc ngân hàng nào"),
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Đơn vị giữ"),
        queryset=Unit.objects.none(),
        required=False,
        empty_label=gettext_lazy("Cả tỉnh"),
        help_text=gettext_lazy(
            "Chỉ biên tập viên của đơn vị giữ (và của cấp trên) sửa được. «Cả tỉnh»: mọi biên tập viên."
        ),
    )
    is_shared = forms.BooleanField(
        label=gettext_lazy("Cho đơn vị khác dùng"),
        required=False,
        help_text=gettext_lazy("Họ xem, sao và ra đề từ đây; không sửa được."),
    )
    needs_review = forms.BooleanField(
        label=gettext_lazy("Câu hỏi phải được duyệt trước khi dùng"),
        required=False,
        help_text=gettext_lazy("Câu mới hoặc vừa sửa trở về bản nháp cho đến khi người thẩm định duyệt."),
    )
    slug = PlainSlugField(
        label=gettext_lazy("Tên trong địa chỉ"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Để trống: lấy theo tên ngân hàng."),
    )

    def __init__(self, *args: Any, bank: Bank | None, user: User, **kwargs: Any) -> None:
        self.bank = bank
        values = ("name", "parent", "owner", "is_shared", "needs_review", "slug")
        initial = {name: getattr(bank, name) for name in values} if bank else {}
        super().__init__(*args, **{**kwargs, "initial": {**initial, **kwargs.get("initial", {})}})
        banks = Bank.objects.writable_by(user) | Bank.objects.filter(
            pk__in=[bank.parent_id] if bank and bank.parent_id else []
        )
        self.fields["parent"].queryset = banks.exclude(pk__in=[bank.pk] if bank else []).distinct()  # type: ignore[attr-defined]
        self.fields["owner"].queryset = owners_for(user, bank)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        kept = self.bank.slug if self.bank else ""
        cleaned["slug"] = cleaned.get("slug") or kept or plain_slug(cleaned.get("name") or "")
        if not cleaned["slug"] and cleaned.get("name") and "slug" not in self.errors:
            self.add_error("slug", _("Hãy nhập tên trong địa chỉ bằng chữ cái và chữ số, ví dụ «cho-so»."))
        others = Bank.objects.exclude(pk__in=[self.bank.pk] if self.bank else [])
        if cleaned.get("slug") and others.filter(slug=cleaned["slug"]).exists():
            self.add_error("slug", _("Đã có ngân hàng mang tên này trong địa chỉ. Hãy đặt tên khác."))
        return cleaned


def owners_for(user: User, bank: Bank | None = None) -> Any:
    """Units whose editors this person is one of: their offices, not everything below them; and the present holder."""
    offices = user.memberships.in_force().filter(role__in=access.EDITING).values("unit")
    kept = [bank.owner_id] if bank and bank.owner_id else []
    return Unit.objects.filter(pk__in=offices) | Unit.objects.filter(pk__in=kept)


class BaseForm(PlainForm):
    """What every kind of question has."""

    code = line(gettext_lazy("Mã câu"), longest=60, help_text=gettext_lazy("Để trống: hệ thống tự đánh số."))
    text = forms.CharField(
        label=gettext_lazy("Câu hỏi"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4})
    )
    explanation = forms.CharField(
        label=gettext_lazy("Giải thích"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Người học đọc sau khi làm: vì sao đáp án ấy đúng."),
    )
    source_title = line(gettext_lazy("Nguồn: tên tài liệu"), longest=200)
    source_url = line(gettext_lazy("Nguồn: đường dẫn"), longest=500, help_text=gettext_lazy("Bắt đầu bằng https://"))
    topic = forms.ModelChoiceField(
        label=gettext_lazy("Chủ đề"),
        queryset=Topic.objects.all(),
        required=False,
        empty_label=gettext_lazy("Chưa chọn"),
    )
    difficulty = forms.TypedChoiceField(label=gettext_lazy("Độ khó"), choices=HARDNESS, coerce=int, initial=1)
    tags = TagsField(
        label=gettext_lazy("Nhãn"), help_text=gettext_lazy("Các nhãn cách nhau bằng dấu phẩy; nhãn mới được tạo luôn.")
    )
    competences = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Năng lực số"),
        queryset=Competence.objects.select_related("framework"),
        required=False,
        widget=GroupedCheckboxes(lambda one: str(one.framework)),
    )
    in_final = forms.BooleanField(label=gettext_lazy("Dùng cho bài cuối khoá"), required=False, initial=True)
    is_active = forms.BooleanField(label=gettext_lazy("Đang dùng"), required=False, initial=True)

    def __init__(self, *args: Any, kind: str, question: Question | None, bank: Bank, **kwargs: Any) -> None:
        self.question, self.bank = question, bank
        super().__init__(*args, **{**kwargs, "initial": {**_initial(question), **kwargs.get("initial", {})}})
        if question is not None:
            # Quizzes name questions by bank and code, so both stay.
            self.fields["code"].disabled = True
            self.fields["code"].help_text = ""
        if kind == "blanks":
            self.fields["text"].help_text = _(
                "Viết [[1]], [[2]]… vào chỗ cần điền, rồi bấm «Hiện các chỗ trống» để ghi đáp án."
            )
        if kind == "scenario":
            self.fields["text"].label = _("Tình huống")

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if self.question is None and code and Question.objects.filter(bank=self.bank, code=code).exists():
            raise forms.ValidationError(_("Mã câu này đã tồn tại trong ngân hàng. Hãy đặt mã khác hoặc để trống."))
        return code or (self.question.code if self.question else next_code(self.bank))


def _initial(question: Question | None) -> dict[str, Any]:
    if question is None:
        return {}
    same = ("code", "text", "explanation", "topic", "difficulty", "in_final", "is_active")
    return {
        **{name: getattr(question, name) for name in same},
        "source_title": question.source.get("title", ""),
        "source_url": question.source.get("url", ""),
        "tags": list(question.tags.values_list("name", flat=True)),
        "competences": list(question.competences.values_list("pk", flat=True)),
    }


class FilterForm(PlainForm):
    """What narrows the list of questions."""

    q = line(gettext_lazy("Từ khoá"), longest=100)
    bank = forms.ModelChoiceField(
        label=gettext_lazy("Ngân hàng"), queryset=Bank.objects.none(), required=False, empty_label=ANY[1]
    )
    kind = forms.ChoiceField(label=gettext_lazy("Loại"), required=False)
    state = forms.ChoiceField(
        label=pgettext_lazy("filter", "Duyệt"), required=False, choices=[ANY, *QuestionState.choices]
    )
    topic = forms.ModelChoiceField(
        label=gettext_lazy("Chủ đề"), queryset=Topic.objects.all(), required=False, empty_label=ANY[1]
    )
    tag = forms.ModelChoiceField(
        label=gettext_lazy("Nhãn"), queryset=Tag.objects.all(), required=False, empty_label=ANY[1], to_field_name="slug"
    )
    difficulty = forms.ChoiceField(
        label=gettext_lazy("Độ khó"), required=False, choices=[ANY, *((str(n), w) for n, w in HARDNESS)]
    )
    active = forms.ChoiceField(
        label=gettext_lazy("Tình trạng"),
        required=False,
        choices=[("", gettext_lazy("Đang dùng")), ("cat", gettext_lazy("Đã cất")), ("het", gettext_lazy("Tất cả"))],
    )

    def __init__(self, *args: Any, banks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank"].queryset = banks  # type: ignore[attr-defined]
        self.fields["kind"].choices = [ANY, *((code, _(kind.label)) for code, kind in KINDS.items())]  # type: ignore[attr-defined]

    def narrowed(self, questions: Any) -> Any:
        """The questions that fit; what was not understood narrows nothing."""
        from quizzes.services.banks import questions_saying

        self.is_valid()
        given = self.cleaned_data
        if given.get("bank"):
            questions = questions.filter(bank__in=_with_below(given["bank"]))
        for name in ("kind", "state", "topic", "difficulty"):
            if given.get(name):
                questions = questions.filter(**{name: given[name]})
        if given.get("tag"):
            questions = questions.filter(tags=given["tag"])
        if given.get("active") != "het":
            questions = questions.filter(is_active=given.get("active") != "cat")
        return questions_saying(questions, given["q"]) if given.get("q") else questions


def _with_below(bank: Bank) -> set[int]:
    """The bank and all below it."""
    parents = dict(Bank.objects.values_list("pk", "parent"))
    below = {bank.pk}
    while more := {pk for pk, parent in parents.items() if parent in below} - below:
        below |= more
    return below


class TargetForm(PlainForm):
    """To which bank a question goes."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("Sang ngân hàng"), queryset=Bank.objects.none(), empty_label=gettext_lazy("Chọn ngân hàng")
    )

    def __init__(self, *args: Any, user: User, bank: Bank, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = Bank.objects.writable_by(user).exclude(pk=bank.pk)  # type: ignore[attr-defined]
