"""What a target may say, and how a target of a province is shared out. Pure: no reading, no writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from common.errors import Refusal
from common.text import vi_date, vi_number

if TYPE_CHECKING:
    from kpi.models import Target, TargetVersion

PERCENT, PEOPLE, RANK = "%", "người", "thứ hạng"
#: How a comparator is said to people.
COMPARATORS = {
    ">=": "ít nhất (≥)",
    "=": "đúng (=)",
    ">": "trên (>)",
    "<=": "không quá (≤), dùng cho thứ hạng",
    "exists": "có, không đo bằng số",
}
LAST_YEAR = 2100
HIGHEST = 10**11


@dataclass(frozen=True)
class Said:
    """What a target says."""

    value: Decimal | None
    measured_in: str
    comparator: str
    year: int | None

    @property
    def words(self) -> str:
        """``ít nhất (≥) 70 %, năm 2030``, for messages and the log."""
        if self.comparator == "exists":
            shown = "có"
        else:
            sign = {">=": "≥", "=": "", ">": "trên", "<=": "≤"}.get(self.comparator, self.comparator)
            shown = f"{sign} {number_said(self.value)} {self.measured_in}".strip()
        return f"{shown}, năm {self.year}" if self.year else shown


def said_by(row: Target | TargetVersion) -> Said:
    """What a target, or a version of it, says."""
    return Said(row.value, row.measured_in, row.comparator, row.year)


def number_said(value: Decimal | None) -> str:
    """``70`` or ``70,5``; an en dash for None."""
    if value is None:
        return "–"
    plain = value.normalize()
    return vi_number(plain, max(0, -int(plain.as_tuple().exponent)))


def wrong(text: str, code: str, fix: str, field: str) -> Refusal:
    """A refusal that names the field of the form that it is about."""
    return Refusal(text, code=code, fix=fix, status=400, field=field)


def require_sound(said: Said, *, decided_on: date | None, today: date) -> None:
    """Refuse a target that cannot be meant. The refusal names the ``field``.

    Codes: ``unknown_comparator``, ``comparator_needs_rank``, ``value_missing``, ``value_unasked``, ``negative``,
    ``over_hundred``, ``above_hundred``, ``not_whole``, ``too_high``, ``year_missing``, ``year_past``, ``year_far``,
    ``decided_in_future``, ``year_before_decision``.
    """
    _require_comparator(said)
    _require_value(said)
    _require_year(said.year, decided_on, today)


def _require_comparator(said: Said) -> None:
    if said.comparator not in COMPARATORS:
        known = "; ".join(f"«{sign}» {name}" for sign, name in COMPARATORS.items())
        raise wrong(
            f"Không có phép so sánh «{said.comparator}».", "unknown_comparator", f"Chọn: {known}.", "comparator"
        )
    if said.comparator == "<=" and said.measured_in in (PERCENT, PEOPLE):
        raise wrong(
            f"«Không quá» không dùng được cho chỉ tiêu tính bằng {said.measured_in}.",
            "comparator_needs_rank",
            "Chọn «ít nhất», «đúng» hoặc «trên». «Không quá» chỉ dùng cho thứ hạng.",
            "comparator",
        )


def _require_value(said: Said) -> None:
    value, exists = said.value, said.comparator == "exists"
    if exists and value is not None:
        raise wrong("Chỉ tiêu «có» không kèm con số.", "value_unasked", "Bỏ trống con số.", "value")
    if exists:
        return
    if value is None:
        raise wrong("Chưa ghi con số của chỉ tiêu.", "value_missing", "Ghi con số, ví dụ 70 hoặc 70,5.", "value")
    if value < 0:
        raise wrong("Chỉ tiêu không thể là số âm.", "negative", "Ghi số từ 0 trở lên.", "value")
    if value > HIGHEST:
        raise wrong("Con số quá lớn.", "too_high", f"Ghi số không quá {vi_number(HIGHEST)}.", "value")
    if said.measured_in == PERCENT and value > 100:
        fix = "Ghi từ 0 đến 100. Nếu là số người, hãy đổi đơn vị tính thành «người»."
        raise wrong(f"{number_said(value)} % vượt quá 100 %.", "over_hundred", fix, "value")
    if said.measured_in == PERCENT and value == 100 and said.comparator == ">":
        raise wrong("Không thể đạt trên 100 %.", "above_hundred", "Chọn «đúng» hoặc «ít nhất» 100 %.", "comparator")
    if said.measured_in == PEOPLE and value != value.to_integral_value():
        raise wrong("Số người phải là số nguyên.", "not_whole", "Bỏ phần thập phân.", "value")


def _require_year(year: int | None, decided_on: date | None, today: date) -> None:
    if decided_on and decided_on > today:
        fix = f"Ghi ngày của văn bản đã ban hành, không muộn hơn {vi_date(today)}."
        raise wrong(f"Ngày quyết định {vi_date(decided_on)} chưa tới.", "decided_in_future", fix, "decided_on")
    if year is None:
        raise wrong("Chưa ghi năm phải đạt.", "year_missing", f"Ghi một năm từ {today.year}.", "year")
    if decided_on and year < decided_on.year:
        fix = "Xem lại năm phải đạt và ngày quyết định."
        raise wrong(f"Năm {year} trước năm ban hành quyết định.", "year_before_decision", fix, "year")
    if year < today.year:
        fix = f"Ghi năm từ {today.year} trở đi. Chỉ tiêu của năm đã qua không sửa nữa."
        raise wrong(f"Năm {year} đã qua.", "year_past", fix, "year")
    if year > LAST_YEAR:
        raise wrong(f"Năm {year} quá xa.", "year_far", f"Ghi năm không quá {LAST_YEAR}.", "year")


# --- Sharing out ----------------------------------------------------------------------------------------------------
def allot(total: int, weights: Mapping[int, int]) -> dict[int, int]:
    """Whole shares of ``total`` in proportion to ``weights``, by largest remainder: they add up to ``total`` exactly.

    Of equal remainders the greater weight comes first, then the order given. Without any weight nobody gets anything.
    """
    whole = sum(weights.values())
    if whole <= 0:
        return {}
    shares = {key: total * weight // whole for key, weight in weights.items()}
    left = total - sum(shares.values())
    places = {key: place for place, key in enumerate(weights)}
    by_rest = sorted(weights, key=lambda key: (-(total * weights[key] % whole), -weights[key], places[key]))
    for key in by_rest[:left]:
        shares[key] += 1
    return shares


@dataclass(frozen=True)
class Sum:
    """What the shares come to beside what the target asks for. In percent: of those units whose head-count is known."""

    asked: Decimal
    given: Decimal
    in_people: bool
    without_headcount: int = 0

    @property
    def difference(self) -> Decimal:
        return self.given - self.asked

    @property
    def words(self) -> str:
        """``khớp``, ``thiếu 12`` or ``thừa 3``."""
        if not self.difference:
            return "khớp"
        return f"{'thừa' if self.difference > 0 else 'thiếu'} {number_said(abs(self.difference))}"


def summed(said: Said, shares: Sequence[tuple[Decimal | None, int | None]]) -> Sum:
    """Compare shares with the target. Each is (share, head-count of its unit).

    Shares in percent are added up as people: what each asks of its unit against what the target asks of all of them.
    """
    target = said.value or Decimal(0)
    if said.measured_in != PERCENT:
        return Sum(target, sum((share for share, _ in shares if share is not None), Decimal(0)), in_people=False)
    known = [(share or Decimal(0), heads) for share, heads in shares if heads]
    given = sum((share * heads / 100 for share, heads in known), Decimal(0))
    asked = target * sum(heads for _, heads in known) / 100
    missing = sum(1 for share, heads in shares if share is not None and not heads)
    return Sum(asked.quantize(Decimal(1)), given.quantize(Decimal(1)), in_people=True, without_headcount=missing)
