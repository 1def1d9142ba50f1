"""The table that people fill in: which columns it has, and one line of it as a question. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from common.sheets import CellFault
from common.sheets_out import day_text
from common.text import fold, nfc
from quizzes.formats.base import Gathering, text_of_number
from quizzes.formats.building import (
    is_true,
    matching_of,
    number_read,
    plain_number,
    true_false_of,
    weight_read,
    written_of,
)
from quizzes.kinds import KINDS
from quizzes.kinds.base import ALL, CREDITS, PARTIAL
from quizzes.kinds.choice import TRUE_FALSE_TEXTS

#: Columns that stand once, in the order in which they are written, and what else they may be called.
COLUMNS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "code": ("Mã", ("ma cau", "ma cau hoi")),
    "name": ("Tên", ("ten cau", "ten cau hoi", "tieu de")),
    "kind": ("Loại câu", ("loai", "loai cau hoi", "dang cau")),
    "text": ("Câu hỏi", ("noi dung", "noi dung cau hoi", "de bai")),
    "right": ("Đáp án đúng", ("dung", "dap an", "khoa", "dap an chinh xac")),
    "explanation": ("Giải thích", ("loi giai", "giai thich chung")),
    "topic": ("Chủ đề", ()),
    "difficulty": ("Độ khó", ("muc do",)),
    "tags": ("Nhãn", ("the", "tags")),
    "category": ("Danh mục", ("nhom", "thu muc")),
    "credit": ("Cách tính điểm", ()),
    "unit": ("Đơn vị", ()),
    "case": ("Phân biệt hoa thường", ()),
    "accents": ("Bỏ qua dấu", ()),
    "fallback": ("Phản hồi khi sai", ()),
    "source_title": ("Tên nguồn", ()),
    "source_url": ("Đường dẫn nguồn", ("nguon",)),
}
#: Columns that stand several times, with a number.
ANSWER, WEIGHT, FEEDBACK = "Đáp án", "Tỉ lệ điểm", "Phản hồi"
_NUMBERED = {
    "dap an": "answer", "phuong an": "answer", "lua chon": "answer",
    "ti le diem": "weight", "ti le": "weight", "ty le": "weight", "ty le diem": "weight",
    "phan hoi": "feedback",
}  # fmt: skip
_NAMED_ANSWER = re.compile(r"(?:dap an|phuong an|lua chon) ?([0-9]{1,2}|[a-h])\b")
LEAST_COLUMNS, MOST_COLUMNS = 8, 24
ARROW = "=>"
_ALIASES = {
    "single": ("mot dap an", "chon mot", "trac nghiem", "mot lua chon", ""),
    "multiple": ("nhieu dap an", "chon nhieu", "nhieu lua chon"),
    "true_false": ("dung sai", "dung/sai", "dung - sai", "dung–sai"),
    "short_text": ("ngan", "dien tu"),
    "numeric": ("so", "tra loi so"),
    "matching": ("noi", "ghep cap", "noi cap"),
    "ordering": ("sap xep", "thu tu"),
}
KIND_NAMES = {fold(name): code for code, kind in KINDS.items() for name in (code, kind.label, *_ALIASES.get(code, ()))}
ELSEWHERE = {
    "blanks": gettext_noop("Moodle XML hoặc QTI"),
    "essay": gettext_noop("Moodle XML, GIFT hoặc QTI"),
    "hotspot": gettext_noop("trang soạn câu hỏi"),
    "scenario": gettext_noop("trang soạn câu hỏi"),
}
CREDIT_NAMES = {ALL: "Đúng hết mới được điểm", PARTIAL: "Từng phần"}
_YES = ("co", "x", "1", "dung", "yes", "true")


def heading(cell: Any) -> tuple[str, int] | None:
    """What a heading names: a column, and its number where it stands several times."""
    words = re.sub(r"\(.*?\)|[*:.%]", " ", fold(text_of_cell(cell)))
    words = " ".join(words.split())
    if found := re.fullmatch(r"(.+?) ?(\d{1,2}|[a-h])", words):
        number = int(found[2]) if found[2].isdigit() else ord(found[2]) - 96
        if found[1] in _NUMBERED and 1 <= number <= MOST_COLUMNS:
            return _NUMBERED[found[1]], number
    for name, (title, others) in COLUMNS.items():
        if words and words in (fold(title), *others):
            return name, 0
    return None


def text_of_cell(cell: Any) -> str:
    """A cell as a person reads it; a number without what the computer adds."""
    if cell is None or isinstance(cell, CellFault):
        return ""
    if isinstance(cell, bool):
        return TRUE_FALSE_TEXTS[0] if cell else TRUE_FALSE_TEXTS[1]
    if isinstance(cell, (int, float)):
        return text_of_number(cell)
    return day_text(cell) if isinstance(cell, date) else str(cell)


class Line:
    """One line of the table as it is being read."""

    def __init__(self, cells: Mapping[tuple[str, int], str], number: int, gathering: Gathering) -> None:
        self.cells, self.number, self.gathering = cells, number, gathering
        self.where = _("hàng %(number)s") % {"number": number}

    def tell(self, text: str) -> None:
        self.gathering.note(self.where, text)

    def fault(self, column: str, problem: str, fix: str) -> None:
        self.gathering.fault(_("%(where)s, cột %(column)s") % {"where": self.where, "column": column}, "", problem, fix)

    def one(self, name: str) -> str:
        return self.cells.get((name, 0), "").strip()

    def many(self, name: str) -> dict[int, str]:
        return {n: text.strip() for (found, n), text in sorted(self.cells.items()) if found == name and text.strip()}

    def read(self) -> None:
        kind = self._kind()
        content = _READERS[kind](self) if kind else None
        if content is None:
            return
        source = {"title": self.one("source_title"), "url": self.one("source_url")}
        content = {**content, "text": self.one("text"), "explanation": self.one("explanation"), "source": source}
        self.gathering.add(
            content, where=self.where, line=self.number, tags=re.split(r"[,\n]", self.one("tags")),
            **{name: self.one(name) for name in ("code", "name", "category", "difficulty", "topic")},
        )  # fmt: skip

    def _kind(self) -> str:
        said = fold(self.one("kind"))
        kind = KIND_NAMES.get(said, "")
        if not said:
            kind = self._guessed()
        if kind in ELSEWHERE:
            self.fault(
                "Loại câu", _("câu loại «%(kind)s» không vừa một hàng của bảng") % {"kind": _(KINDS[kind].label)},
                _("Dùng %(other)s cho câu này.") % {"other": _(ELSEWHERE[kind])},
            )  # fmt: skip
            return ""
        if not kind:
            names = ", ".join(KINDS[code].label for code in _READERS)
            self.fault(
                "Loại câu",
                _("không có loại câu «%(kind)s»") % {"kind": self.one("kind")[:40]},
                _("Ghi một trong: %(names)s.") % {"names": names},
            )
        return kind

    def _guessed(self) -> str:
        """The kind of a line that does not say: by its answers."""
        texts = [fold(text) for text in self.many("answer").values()]
        if not texts or sorted(texts) == ["dung", "sai"]:
            return "true_false"
        return "multiple" if len(self._marks()) > 1 else "single"

    def _marks(self) -> list[str]:
        """What the key names: "Đáp án 2" names a column and nothing else."""
        if named := _NAMED_ANSWER.findall(fold(self.one("right"))):
            return [f"#{name}" for name in named]
        return [mark for mark in re.split(r"[,;\s/&+]+", self.one("right")) if mark and fold(mark) != "va"]

    def right(self) -> set[int] | None:
        """Which answers are right: numbers, letters, or the words of one answer. None after telling what is wrong."""
        answers = self.many("answer")
        whole = nfc(self.one("right"))
        marks = self._marks()
        if same := {n for n, text in answers.items() if len(marks) > 1 and nfc(text) == whole}:
            return same
        found = set()
        for mark in marks:
            places = self._places(mark, answers)
            if len(places) != 1:
                problem = _("«%(mark)s» không chỉ vào đáp án nào của câu")
                if places:
                    problem = _("«%(mark)s» có thể hiểu hai cách")
                self.fault(
                    "Đáp án đúng", problem % {"mark": mark[:40]},
                    _("Ghi số thứ tự của đáp án đúng, ví dụ 2, hoặc ghi rõ: Đáp án 2; nhiều đáp án thì cách nhau "
                    "dấu chấm phẩy: 1; 3."),
                )  # fmt: skip
                return None
            found |= places
        if not found:
            self.fault("Đáp án đúng", _("chưa ghi đáp án đúng"), _("Ghi số thứ tự của đáp án đúng, ví dụ 2."))
            return None
        return found

    def _places(self, mark: str, answers: Mapping[int, str]) -> set[int]:
        """Which answers one mark may mean: by place, and where the answers are numbers themselves, by words."""
        name = fold(mark).removeprefix("#").rstrip(".)")
        place = int(name) if re.fullmatch(r"[0-9]{1,2}", name) else ord(name) - 96 if re.fullmatch("[a-z]", name) else 0
        meant = {place} & set(answers)
        if not mark.startswith("#"):
            meant |= {n for n, text in answers.items() if fold(text) == fold(mark)}
        return meant

    def weights(self) -> dict[int, str]:
        read = {n: weight_read(text.rstrip("%"), self.tell) for n, text in self.many("weight").items()}
        return {n: weight for n, weight in read.items() if weight is not None}

    def credit(self, usual: str) -> str:
        said = fold(self.one("credit"))
        names = {fold(name): code for code, name in CREDIT_NAMES.items()} | {code: code for code in CREDITS}
        if said and said not in names:
            self.tell(
                _("cách tính điểm «%(said)s» không có nên lấy «%(usual)s»")
                % {"said": said[:40], "usual": CREDIT_NAMES[usual]}
            )
        return names.get(said, usual)

    # --- Kinds ---
    def choice(self, kind: str) -> dict[str, Any] | None:
        answers, right, weights, feedbacks = self.many("answer"), self.right(), self.weights(), self.many("feedback")
        if right is None:
            return None
        options = [
            {
                "text": text,
                "correct": n in right,
                "feedback": feedbacks.get(n, ""),
                **({"weight": weights[n]} if n in weights else {}),
            }
            for n, text in answers.items()
        ]
        return {
            "kind": kind,
            "options": options,
            "settings": {"credit": self.credit(ALL)} if kind == "multiple" else {},
        }

    def true_false(self) -> dict[str, Any] | None:
        answers, feedbacks = self.many("answer"), self.many("feedback")
        places = {fold(text): n for n, text in answers.items()} or {"dung": 1, "sai": 2}
        truth = is_true(self.one("right"))
        if truth is None or truth and fold(self.one("right")) == "d":
            chosen = self.right() if answers else None
            if not chosen or len(chosen) > 1:
                if not answers:
                    self.fault("Đáp án đúng", _("câu đúng–sai chưa có đáp án"), _("Ghi Đúng hoặc Sai."))
                return None
            truth = places.get("dung") in chosen
        return true_false_of(
            truth,
            feedback_true=feedbacks.get(places.get("dung", 1), ""),
            feedback_false=feedbacks.get(places.get("sai", 2), ""),
        )

    def _accepted(self, read: Callable[[str], dict[str, str] | None]) -> list[dict[str, Any]] | None:
        answers, weights, feedbacks = self.many("answer"), self.weights(), self.many("feedback")
        accepted = []
        for n, text in (answers or {1: self.one("right")}).items():
            row = read(text)
            if row is None:
                self.fault(
                    f"{ANSWER} {n}",
                    _("«%(words)s» không phải số") % {"words": text[:40]},
                    _("Ghi 3,14 hoặc 3,14 ± 0,01 hoặc 3..4."),
                )
                return None
            accepted.append({**row, "weight": weights.get(n), "feedback": feedbacks.get(n, "")})
        return accepted

    def short_text(self) -> dict[str, Any]:
        accepted = self._accepted(lambda text: {"text": text}) or []
        return {
            "kind": "short_text",
            "options": [],
            "settings": {
                "accepted": accepted,
                "fallback": self.one("fallback"),
                "fold_case": fold(self.one("case")) not in _YES,
                "fold_accents": fold(self.one("accents")) in _YES,
            },
        }

    def numeric(self) -> dict[str, Any] | None:
        accepted = self._accepted(_number)
        unit = self.one("unit")
        return None if accepted is None else written_of("numeric", accepted, self.one("fallback"), unit=unit)

    def matching(self) -> dict[str, Any] | None:
        pairs = []
        for n, text in self.many("answer").items():
            left, arrow, right = text.partition(ARROW)
            if not arrow:
                self.fault(
                    f"{ANSWER} {n}",
                    _("«%(text)s» không có dấu %(arrow)s") % {"text": text[:40], "arrow": ARROW},
                    _("Ghi theo dạng vế trái %(arrow)s vế phải.") % {"arrow": ARROW},
                )
                return None
            pairs.append((left, right))
        return matching_of(pairs, self.credit(PARTIAL))

    def ordering(self) -> dict[str, Any]:
        options = [{"text": text} for text in self.many("answer").values()]
        return {"kind": "ordering", "options": options, "settings": {"credit": self.credit(ALL)}}


def _number(text: str) -> dict[str, str] | None:
    """``3,14``, ``3,14 ± 0,01`` or ``3..4``."""
    if ".." in text:
        low, high = (number_read(part) for part in text.split("..", 1))
        if not low or not high or Decimal(low) > Decimal(high):
            return None
        middle, half = (Decimal(low) + Decimal(high)) / 2, (Decimal(high) - Decimal(low)) / 2
        return {"value": plain_number(middle), "tolerance": plain_number(half)}
    value, sign, tolerance = text.replace("+/-", "±").replace("+-", "±").partition("±")
    found, spread = number_read(value), number_read(tolerance) if sign else "0"
    return {"value": found, "tolerance": spread} if found and spread else None


_READERS: Mapping[str, Callable[[Line], dict[str, Any] | None]] = {
    "single": lambda line: line.choice("single"),
    "multiple": lambda line: line.choice("multiple"),
    "true_false": Line.true_false,
    "short_text": Line.short_text,
    "numeric": Line.numeric,
    "matching": Line.matching,
    "ordering": Line.ordering,
}
KINDS_OF_TABLES: Sequence[str] = tuple(_READERS)
