"""The part of a question's form that belongs to its kind: rows and settings in, ``options`` and ``settings`` out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.questions import rowforms as row
from cms.questions.rows import RowForm, Rows
from quizzes.kinds import Problem
from quizzes.kinds.choice import SIDES, TRUE_FALSE_TEXTS

KEYS = [*"abcdefghijklmnopqrstuvwxyz", *(f"k{n}" for n in range(1, 80))]


def place_of(problem: str) -> re.Match[str] | None:
    """Which row a problem is about, and what it says of it, in the language in which it was said."""
    rows = "|".join(re.escape(word) for word in (_("đáp án"), _("vị trí"), _("tiêu chí")))
    return re.match(rf"(?:{rows}) (\d+):? ?(.*)$", problem, re.DOTALL)


def said(problem: str) -> str:
    """A problem as a sentence."""
    return f"{problem[0].upper()}{problem[1:].rstrip('.')}."


def keyed(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows with a key each: the one they have, or one that no other row has."""
    taken = {one["key"] for one in rows if one.get("key")}
    free = (key for key in KEYS if key not in taken)
    return [{**one, "key": one.get("key") or next(free)} for one in rows]


class KindForms:
    """The fields of one kind. ``content`` is what they show at first, ``data`` what was sent."""

    #: The kind's code, and its form of settings, if it has one.
    code: ClassVar[str]
    settings_form: ClassVar[type[row.SettingsForm] | None] = None

    def __init__(self, *, prefix: str = "", content: Mapping[str, Any] | None = None, data: Any = None) -> None:
        self.prefix, self.data, self.content = prefix, data, content or {}
        self.before: Mapping[str, Any] = self.content.get("settings") or {}
        self.settings = (
            self.settings_form(data, prefix=self.name("cach"), initial=self.settings_initial())
            if self.settings_form
            else None
        )
        self.rowsets: list[Rows] = self.make_rows()

    def name(self, part: str) -> str:
        return f"{self.prefix}-{part}" if self.prefix else part

    def settings_initial(self) -> dict[str, Any]:
        return dict(self.before)

    def make_rows(self) -> list[Rows]:
        return []

    def rows_of(self, part: str, form: type[RowForm], **kwargs: Any) -> Rows:
        return Rows(prefix=self.name(part), form=form, data=self.data, **kwargs)

    # --- What a form does ---
    def add(self, prefix: str) -> None:
        """One more row among those of this prefix."""
        for rows in self.rowsets:
            if rows.prefix == prefix:
                rows.add()

    def quiet(self) -> None:
        if self.settings is not None:
            self.settings.quiet()
        for rows in self.rowsets:
            rows.quiet()

    def is_valid(self) -> bool:
        fine = [rows.is_valid() for rows in self.rowsets]
        return (self.settings is None or self.settings.is_valid()) and all(fine)

    def values(self) -> dict[str, Any]:
        """``options`` and ``settings`` as they were filled in."""
        raise NotImplementedError

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen among the settings."""
        return dict(self.settings.cleaned_data) if self.settings is not None else {}

    def tell(self, problem: Problem) -> None:
        """Say what is wrong as near to its field as can be."""
        rows = self.rowsets[0]
        found = place_of(problem[1])
        if found:
            rows.tell(int(found[1]), said(found[2].strip() or problem[1]))
        else:
            rows.tell(None, said(problem[1]))

    def refuse_uploads(self, wrong: Mapping[str, str]) -> None:
        """Say beside its field what is wrong with a file."""
        for rows in self.rowsets:
            for one in rows:
                for name, problem in wrong.items():
                    if "upload" in one.fields and name == one.add_prefix("upload"):
                        one.tell("upload", problem)


class ChoiceForms(KindForms):
    code = "single"
    row_form: ClassVar[type[RowForm]] = row.OptionRow

    def make_rows(self) -> list[Rows]:
        return [
            self.rows_of(
                "dap-an",
                self.row_form,
                title=_("Các đáp án"),
                row_title=_("Đáp án"),
                add_label=_("Thêm đáp án"),
                least=4,
                initial=[row.option_initial(option) for option in self.content.get("options") or ()],
                help_text=_("Đánh dấu đáp án đúng. Xoá hết chữ của một đáp án để bỏ nó."),
            )
        ]

    def values(self) -> dict[str, Any]:
        return {"options": [row.option_value(one) for one in self.rowsets[0].values()], "settings": self.chosen}


class PlainChoiceForms(ChoiceForms):
    """The options of a gap: words only."""

    row_form = row.PlainOptionRow


class MultipleForms(ChoiceForms):
    code = "multiple"
    settings_form = row.AllOrPartForm


class TrueFalseForms(KindForms):
    code = "true_false"
    settings_form = row.TrueFalseForm

    def settings_initial(self) -> dict[str, Any]:
        options = self.content.get("options") or ()
        right = next((option["text"] for option in options if option.get("correct")), "")
        feedback = {option["text"]: option.get("feedback", "") for option in options}
        return {"right": right, "feedback_true": feedback.get(_("Đúng"), ""), "feedback_false": feedback.get("Sai", "")}

    def values(self) -> dict[str, Any]:
        given = self.chosen
        keys = {option["text"]: option.get("key") for option in self.content.get("options") or ()}
        feedback = dict(zip(TRUE_FALSE_TEXTS, (given["feedback_true"], given["feedback_false"]), strict=True))
        options = [
            {"key": keys.get(text), "text": text, "correct": text == given["right"], "feedback": feedback[text]}
            for text in TRUE_FALSE_TEXTS
        ]
        return {"options": options, "settings": {}}

    def tell(self, problem: Problem) -> None:
        assert self.settings is not None
        self.settings.add_error("right", said(problem[1]))


class ShortTextForms(KindForms):
    code = "short_text"
    settings_form: ClassVar[type[row.SettingsForm] | None] = row.ShortTextForm
    row_form: ClassVar[type[RowForm]] = row.AcceptedTextRow
    note = gettext_lazy("Dấu * thay cho chữ bất kỳ: «*công*» nhận mọi câu có chữ «công». Dòng đầu tiên khớp được tính.")

    def settings_initial(self) -> dict[str, Any]:
        return {"fold_case": True, **self.before}

    def make_rows(self) -> list[Rows]:
        return [
            self.rows_of(
                "chap-nhan",
                self.row_form,
                title=_("Đáp án được chấp nhận"),
                row_title=_("Đáp án"),
                add_label=_("Thêm đáp án được chấp nhận"),
                least=2,
                initial=[row.accepted_initial(one) for one in self.before.get("accepted") or ()],
                help_text=self.note,
            )
        ]

    def values(self) -> dict[str, Any]:
        return {"options": [], "settings": {**self.chosen, "accepted": self.rowsets[0].values()}}


class NumericForms(ShortTextForms):
    code = "numeric"
    settings_form = row.NumericForm
    row_form = row.AcceptedNumberRow
    note = gettext_lazy("Viết số thập phân bằng dấu phẩy, ví dụ 1,5. Người học viết 1,5 hay 1.5 đều được.")

    def settings_initial(self) -> dict[str, Any]:
        return dict(self.before)


class MatchingForms(KindForms):
    code = "matching"
    settings_form = row.PartOrAllForm

    def make_rows(self) -> list[Rows]:
        choices = {choice["key"]: choice["text"] for choice in self.before.get("choices") or ()}
        pairs = self.before.get("pairs") or ()
        used = {pair["right"] for pair in pairs}
        return [
            self.rows_of(
                "cap",
                row.PairRow,
                title=_("Các cặp"),
                row_title=_("Cặp"),
                add_label=_("Thêm cặp"),
                least=4,
                initial=[
                    {"key": p["key"], "right_key": p["right"], "left": p["left"], "right": choices.get(p["right"], "")}
                    for p in pairs
                ],
                help_text=_("Người học thấy vế trái và chọn vế phải; các vế phải luôn được xáo trộn."),
            ),
            self.rows_of(
                "nhieu",
                row.ExtraRow,
                title=_("Vế phải thừa (không bắt buộc)"),
                row_title=_("Vế thừa"),
                add_label=_("Thêm vế thừa"),
                least=1,
                initial=[{"key": key, "text": text} for key, text in choices.items() if key not in used],
                help_text=_("Làm cho câu khó hơn: các vế này không ghép với dòng nào."),
            ),
        ]

    def values(self) -> dict[str, Any]:
        pairs, extras = (rows.values() for rows in self.rowsets)
        taken = {row["right_key"] for row in pairs} | {row["key"] for row in extras}
        free = (key for key in KEYS if key not in taken)
        texts: dict[str, str] = {}
        rights = [_choice_key(texts, pair["right_key"], pair["right"], free) for pair in pairs]
        for extra in extras:
            _choice_key(texts, extra["key"], extra["text"], free)
        # New choices stand behind those that are there: where the others stand says nothing.
        places = {choice["key"]: place for place, choice in enumerate(self.before.get("choices") or ())}
        choices = [{"key": key, "text": text} for key, text in texts.items()]
        choices.sort(key=lambda choice: places.get(choice["key"], len(places)))
        made = [{"key": p["key"], "left": p["left"], "right": right} for p, right in zip(pairs, rights, strict=True)]
        return {"options": [], "settings": {**self.chosen, "pairs": keyed(made), "choices": choices}}


def _choice_key(texts: dict[str, str], key: str, text: str, free: Iterator[str]) -> str:
    """The key under which these words stand among ``texts``: their own while it has one meaning, or that of the same
    words, or a new one."""
    if not key or texts.get(key, text) != text:
        key = next((known for known, words in texts.items() if words == text), "") or next(free)
    texts[key] = text
    return key


class OrderingForms(KindForms):
    code = "ordering"
    settings_form = row.AllOrPlacesForm

    def make_rows(self) -> list[Rows]:
        options = self.content.get("options") or ()
        return [
            self.rows_of(
                "buoc",
                row.OrderRow,
                title=_("Các dòng, theo thứ tự đúng"),
                row_title=_("Dòng"),
                add_label=_("Thêm dòng"),
                least=4,
                initial=[{"key": o["key"], "text": o["text"], "place": n} for n, o in enumerate(options, start=1)],
                help_text=_(
                    "Ghi theo thứ tự đúng; muốn đổi chỗ thì sửa số thứ tự. Người học thấy các dòng bị xáo trộn."
                ),
            )
        ]

    def values(self) -> dict[str, Any]:
        given = list(enumerate(self.rowsets[0].values()))
        given.sort(key=lambda one: (one[1]["place"] or len(given) + one[0], one[0]))
        return {"options": [{"key": v["key"], "text": v["text"]} for _, v in given], "settings": self.chosen}


class HotspotForms(KindForms):
    code = "hotspot"
    settings_form = row.HotspotForm

    def make_rows(self) -> list[Rows]:
        return [
            self.rows_of(
                "vi-tri",
                row.AreaRow,
                title=_("Các vị trí trên hình"),
                row_title=_("Vị trí"),
                add_label=_("Thêm vị trí"),
                least=3,
                initial=[dict(option) for option in self.content.get("options") or ()],
                help_text=_(
                    "Mỗi vị trí là một khung chữ nhật, tính theo phần trăm của hình từ góc trên bên trái. "
                    "Tên vị trí dùng cho người không nhìn được hình, nên đừng để lộ đáp án."
                ),
            )
        ]

    def values(self) -> dict[str, Any]:
        options = [
            {**one, **{side: float(one[side]) for side in SIDES if one[side]}} for one in self.rowsets[0].values()
        ]
        return {"options": options, "settings": self.chosen}


class EssayForms(KindForms):
    code = "essay"
    settings_form = row.EssayForm

    def make_rows(self) -> list[Rows]:
        return [
            self.rows_of(
                "tieu-chi",
                row.CriterionRow,
                title=_("Thang chấm"),
                row_title=_("Tiêu chí"),
                add_label=_("Thêm tiêu chí"),
                least=2,
                initial=[row.criterion_initial(one) for one in self.before.get("rubric") or ()],
                help_text=_("Người chấm chọn một mức cho mỗi tiêu chí; điểm của câu là tổng điểm các mức đã chọn."),
            )
        ]

    def values(self) -> dict[str, Any]:
        return {
            "options": [],
            "settings": {**self.chosen, "rubric": [row.criterion_value(v) for v in self.rowsets[0].values()]},
        }
