"""What a report says of a closing: its figures, ranks and changes, and the sentences that it begins with.

Everything comes from the frozen rows; nothing is counted anew. Pure: no models, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_noop as _

from common.text import amid, vi_date, vi_number

#: Units named at either end of a comparison; indicators told in words (all of them stand in the tables).
NAMED, TOLD = 3, 5
#: Fewer units with a percentage are no ranking.
FEWEST = 2


@dataclass(frozen=True)
class Cite:
    """A closing as a report cites it."""

    until: date
    checksum: str

    @property
    def text(self) -> str:
        return f"số liệu chốt đến {vi_date(self.until)}, mã xác thực {self.checksum[:8]}…"


def named(code: str, text: str) -> str:
    """An indicator as people know it: by its name, with the code to look it up by."""
    return f"{text.rstrip('.')} ({code})" if text else code


class Missing(NamedTuple):
    """An indicator without any figure, and why. ``text`` is empty in reports that were issued before it was kept."""

    code: str
    why: str
    text: str = ""

    @property
    def named(self) -> str:
        return named(self.code, self.text)


@dataclass(frozen=True)
class Line:
    """One frozen figure: of the unit itself, or of a unit below it. ``before``: of the compared closing."""

    code: str
    text: str
    decision: str
    unit: str
    count: Decimal
    denominator: int | None = None
    goal: int | None = None
    target_value: Decimal | None = None
    measured_in: str = ""
    comparator: str = ""
    source: str = ""
    deadline: date | None = None
    before: Decimal | None = None
    is_declared: bool = False
    caution: str = ""

    @property
    def named(self) -> str:
        return named(self.code, self.text)

    @property
    def whole(self) -> int | None:
        """What the percentage is taken of, as in ``kpi.figures.Figure``: a declared percentage is one already."""
        if self.is_declared:
            return 100 if self.measured_in == "%" else self.goal
        return self.denominator if self.measured_in == "%" or self.goal is None else self.goal

    @property
    def due(self) -> int | None:
        """What the table says had to learn: as many as the percentage is taken of; nothing of a declared value."""
        return None if self.is_declared else self.whole

    @property
    def percent(self) -> Decimal | None:
        """With one decimal, cut off: never 100 before it is."""
        return Decimal(int(self.count * 1000) // self.whole) / 10 if self.whole else None

    @property
    def lacks_heads(self) -> bool:
        """Whether it has no percentage because nobody said how many there are."""
        return self.denominator is None and self.measured_in == "%" and not self.is_declared

    @property
    def gap(self) -> Decimal | None:
        return None if self.goal is None else max(Decimal(0), self.goal - self.count)

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached, as in ``kpi.figure.Figure.is_met``; None where nothing can be said."""
        asked = self.target_value if self.is_declared and self.target_value is not None else self.goal
        match self.comparator if self.is_declared else "":
            case "exists":
                return self.count > 0
            case ">" if asked is not None:
                return self.count > asked
            case "<=" if asked is not None:
                return self.count <= asked
            case _:
                return None if asked is None else self.count >= asked

    @property
    def change(self) -> Decimal | None:
        return None if self.before is None else self.count - self.before

    @property
    def target(self) -> str:
        """The target as the decision puts it."""
        if self.target_value is None:
            return "–"
        sign = {">=": "từ ", ">": "trên ", "<=": "không quá "}.get(self.comparator, "")
        joint = "\N{NO-BREAK SPACE}" if self.measured_in == "%" else " "
        return f"{sign}{_number(self.target_value)}{joint}{self.measured_in}".strip()

    def per_month(self, day: date) -> int | None:
        """Needed each month from the one after ``day`` until the deadline; None when reached, over or unknown."""
        if not self.gap or self.deadline is None:
            return None
        months = (self.deadline.year - day.year) * 12 + self.deadline.month - day.month
        return -(-int(self.gap) // months) if months > 0 else None


@dataclass(frozen=True)
class Facts:
    """Everything that a report may say. ``lines`` and ``missing`` together are all indicators of the decisions.

    ``units_below``: how many units stand right below, with a figure or without. ``issuer``: the head of the paper.
    """

    unit: str
    cite: Cite
    lines: list[Line]
    below: dict[str, list[Line]] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    compared: Cite | None = None
    late: list[str] = field(default_factory=list)
    units_below: int = 0
    issuer: list[str] = field(default_factory=list)

    @property
    def leading(self) -> Line | None:
        """The indicator that most units below have a percentage of, the first of several; before others one of which
        they are not all alike, and one with a target.
        """
        ranked = [line for line in self.lines if len(self.ranked(line.code)) >= FEWEST]

        def worth(line: Line) -> tuple[bool, bool, int]:
            return self.differ(line.code), line.goal is not None, len(self.ranked(line.code))

        return max(ranked, key=worth, default=None)

    def differ(self, code: str) -> bool:
        """Whether units below are ahead of others: where all are alike nobody is ranked."""
        ranked = self.ranked(code)
        return bool(ranked) and ranked[0].percent != ranked[-1].percent

    def ranked(self, code: str) -> list[Line]:
        """Units below that have a percentage, the highest first; equal ones by name."""
        known = [line for line in self.below.get(code, []) if line.percent is not None]
        return sorted(known, key=lambda line: (-(line.percent or 0), line.unit))


def _number(value: Decimal | int) -> str:
    """As people write it, with decimals only where there are some."""
    number = Decimal(value)
    return vi_number(number, max(0, -int(number.normalize().as_tuple().exponent)))


def percent_text(line: Line) -> str:
    """A space that does not break keeps the sign beside its number."""
    return "–" if line.percent is None else f"{vi_number(line.percent, 1)}\N{NO-BREAK SPACE}%"


def count_text(value: Decimal | int | None) -> str:
    return "–" if value is None else _number(value)


def _cited(facts: Facts, *paragraphs: str) -> str:
    return "\n".join([*paragraphs, f"({facts.cite.text[0].upper()}{facts.cite.text[1:]})"])


# --- Sentences ------------------------------------------------------------------------------------------------------
def overview(facts: Facts) -> str:
    """How many indicators have a figure, of all there are: the same numbers stand above the list of indicators."""
    return _cited(facts, _counts(facts, ", lý do ở phần «Nội dung chưa có số liệu và lý do»"))


def overview_in_brief(facts: Facts) -> str:
    """The same for a briefing, which has no part about what is missing."""
    return _cited(facts, _counts(facts, ""))


def _counts(facts: Facts, where: str) -> str:
    reached = sum(line.reached is True for line in facts.lines)
    behind = sum(line.reached is False for line in facts.lines)
    unknown = len(facts.lines) - reached - behind
    parts = [f"{reached} chỉ tiêu đạt mục tiêu", f"{behind} chỉ tiêu chưa đạt"]
    parts += [f"{unknown} chỉ tiêu chưa đủ căn cứ để so với mục tiêu"] if unknown else []
    decisions = len({line.decision for line in facts.lines})
    told = f"có số liệu của {len(facts.lines)} chỉ tiêu thuộc {decisions} văn bản: {', '.join(parts)}."
    if not facts.missing:
        return f"{facts.unit} {told}"
    every = len(facts.lines) + len(facts.missing)
    rest = f"{len(facts.missing)} chỉ tiêu chưa có số liệu đến ngày chốt{where}."
    return f"Trong {every} chỉ tiêu của các văn bản, {amid(facts.unit)} {told} {rest}"


def results(facts: Facts) -> str:
    """The indicators that lack most, each with what is needed; all of them stand in the tables below."""
    behind = sorted((line for line in facts.lines if line.gap), key=lambda line: -(line.gap or 0))
    if not behind:
        return _cited(facts, "Không có chỉ tiêu nào còn thiếu so với mục tiêu; số liệu từng chỉ tiêu ở bảng dưới đây.")
    told = [_told(line, facts.cite.until) for line in behind[:TOLD]]
    more = f"Còn {len(behind) - TOLD} chỉ tiêu khác chưa đạt, xem bảng dưới đây." if len(behind) > TOLD else ""
    return _cited(facts, *told, *([more] if more else []))


def _told(line: Line, day: date) -> str:
    of = f" trên {count_text(line.whole)} ({percent_text(line)})" if line.whole else ""
    month = line.per_month(day)
    needed = f", cần {vi_number(month)} mỗi tháng đến {vi_date(line.deadline)}" if month else ""
    return (
        f"{line.named}: đạt {count_text(line.count)}{of}, mục tiêu {line.target}, "
        f"còn thiếu {count_text(line.gap)}{needed}."
    )


def comparison(facts: Facts) -> str:
    line = facts.leading
    if line is None:
        return "Chưa có đủ số liệu của các đơn vị bên dưới để so sánh."
    ranked = facts.ranked(line.code)
    rows = facts.below.get(line.code, [])
    told = [f"Theo chỉ tiêu {line.named}, {len(ranked)} đơn vị có tỷ lệ. {_ends(ranked)}"]
    if without := len(rows) - len(ranked):
        told.append(f"{without} đơn vị chưa có số phải học nên chưa xếp được.")
    if (silent := facts.units_below - len(rows)) > 0:
        told.append(f"{silent} đơn vị chưa ghi nhận kết quả nào và chưa có số phải học.")
    return _cited(facts, *told)


def _ends(ranked: list[Line]) -> str:
    """Who is first and who is last; nobody where all are alike."""
    if ranked[0].percent == ranked[-1].percent:
        return f"Các đơn vị này bằng nhau: {percent_text(ranked[0])}."
    return f"Cao nhất: {_end(ranked)}. Thấp nhất: {_end(list(reversed(ranked)))}."


def _end(ranked: list[Line]) -> str:
    """The units at one end by name, or how many they are where too many to name are alike."""
    alike = [line for line in ranked if line.percent == ranked[0].percent]
    if len(alike) > NAMED:
        return f"{len(alike)} đơn vị cùng {percent_text(ranked[0])}"
    named = ranked[: min(NAMED, len(ranked) // 2)]
    return _units([line for line in named if line.percent != ranked[-1].percent])


def _units(lines: list[Line]) -> str:
    return ", ".join(f"{line.unit} ({percent_text(line)})" for line in lines)


def changes(facts: Facts) -> str:
    if facts.compared is None:
        return "Không so sánh với kỳ chốt trước."
    moved = [line for line in facts.lines if line.change]
    new = [line.named for line in facts.lines if line.before is None]
    told = [f"So với {facts.compared.text}:"]
    told += [
        f"{line.named}: {'tăng' if _change(line) > 0 else 'giảm'} {count_text(abs(_change(line)))}, "
        f"từ {count_text(line.before)} đến {count_text(line.count)}."
        for line in sorted(moved, key=lambda line: -abs(_change(line)))[:TOLD]
    ]
    told += [f"{len(moved) - TOLD} chỉ tiêu khác có thay đổi, xem cột «Kỳ trước»."] if len(moved) > TOLD else []
    same = len(facts.lines) - len(moved) - len(new)
    told += [f"{same} chỉ tiêu không đổi."] if same else []
    told += _list("Kỳ trước chưa có số liệu", new)
    return _cited(facts, *told)


def _change(line: Line) -> Decimal:
    return line.change or Decimal(0)


def without_figures(facts: Facts) -> str:
    heads = [line.named for line in facts.lines if line.lacks_heads]
    told = _list("Chưa có số phải học nên chưa tính được tỷ lệ", heads)
    reasons: dict[str, list[str]] = {}
    for one in facts.missing:
        reasons.setdefault(one.why, []).append(one.named)
    for why, names in reasons.items():
        reason = f"{why[:1].upper()}{why[1:]}".rstrip(".")
        told += [f"{names[0]}: {why}"] if len(names) == 1 else _list(f"{reason} ({len(names)} chỉ tiêu)", names)
    return "\n".join(told) or "Mọi chỉ tiêu đều có số liệu."


def _list(about: str, names: list[str]) -> list[str]:
    """Names under what is said of them: one in the same line, several each in a line of its own."""
    if len(names) < 2:
        return [f"{about}: {name}." for name in names]
    return [f"{about}:", *(f"+ {name}{'.' if name == names[-1] else ';'}" for name in names)]


def proposals(facts: Facts) -> str:
    told = []
    if (line := facts.leading) and facts.differ(line.code):
        low = _end(list(reversed(facts.ranked(line.code))))
        told.append(f"Tập trung hỗ trợ các đơn vị có tỷ lệ thấp nhất theo chỉ tiêu {line.named}: {low}.")
    if any(line.lacks_heads for line in facts.lines):
        told.append("Bổ sung số người phải học, kèm văn bản nguồn, cho các chỉ tiêu chưa tính được tỷ lệ.")
    if any(line.gap for line in facts.lines):
        told.append("Tiếp tục tổ chức đào tạo để đạt các chỉ tiêu còn thiếu so với mục tiêu.")
    return "\n".join(told) or "Duy trì kết quả đã đạt."


def late_reports(facts: Facts) -> str:
    if not facts.late:
        return "Không có báo cáo nào quá hạn."
    return "\n".join(["Báo cáo quá hạn chưa nộp:", *facts.late])


#: Parts of each kind of report: name → title, as the paper has it, and the sentences that it begins with.
SECTIONS = {
    "periodic": {
        "chung": (_("Tình hình chung"), overview),
        "ket_qua": (_("Kết quả thực hiện chỉ tiêu"), results),
        "so_sanh": (_("So sánh giữa các đơn vị"), comparison),
        "thay_doi": (_("Thay đổi so với kỳ chốt trước"), changes),
        "chua_co_so": (_("Nội dung chưa có số liệu và lý do"), without_figures),
        "kien_nghi": (_("Nhiệm vụ thời gian tới và kiến nghị"), proposals),
    },
    "briefing": {
        "chung": (_("Kết quả chính"), overview_in_brief),
        "so_sanh": (_("Xếp hạng đơn vị"), comparison),
        "cham": (_("Báo cáo chậm"), late_reports),
        "quyet_dinh": (_("Nội dung đề nghị Ban Chỉ đạo quyết định"), proposals),
    },
}


def narrative(kind: str, facts: Facts) -> dict[str, str]:
    """The parts of a report, filled with what the closing says."""
    return {name: write(facts) for name, (_title, write) in SECTIONS[kind].items()}
