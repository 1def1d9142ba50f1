"""What a target may say, and how a target of a province is shared out. Pure: no reading, no writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from common import wording
from common.errors import Refusal
from common.text import vi_number
from kpi.wording import counted_in

if TYPE_CHECKING:
    from kpi.models import Target, TargetVersion

PERCENT, PEOPLE, RANK = "%", "người", "thứ hạng"
#: How a comparator is said to people.
COMPARATORS = {
    ">=": gettext_noop("ít nhất (≥)"),
    "=": gettext_noop("đúng (=)"),
    ">": gettext_noop("trên (>)"),
    "<=": gettext_noop("không quá (≤), dùng cho thứ hạng"),
    "exists": gettext_noop("có, không đo bằng số"),
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
        """``≥ 70 %, năm 2030``, for messages; in the log of acts under ``on_record``."""
        if self.comparator == "exists":
            shown = pgettext("mục tiêu", "có")
        else:
            signs = {">=": "≥", "=": "", ">": pgettext("phép so sánh", "trên"), "<=": "≤"}
            sign = signs.get(self.comparator, self.comparator)
            shown = f"{sign} {number_shown(self.value)} {self.measure}".strip()
        return _("%(asked)s, năm %(year)s") % {"asked": shown, "year": self.year} if self.year else shown

    @property
    def measure(self) -> str:
        """What it is a number of, in the language of the page."""
        return counted_in(self.measured_in, self.value or Decimal(0))


def said_by(row: Target | TargetVersion) -> Said:
    """What a target, or a version of it, says."""
    return Said(row.value, row.measured_in, row.comparator, row.year)


def number_said(value: Decimal | None) -> str:
    """``70`` or ``70,5``, as it is typed and kept; an en dash for None."""
    return "–" if value is None else vi_number(value, _places(value))


def number_shown(value: Decimal | None) -> str:
    """The same in the language of the page."""
    return "–" if value is None else wording.number(value, _places(value))


def _places(value: Decimal) -> int:
    return max(0, -int(value.normalize().as_tuple().exponent))


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
        known = "; ".join(f"«{sign}» {_(name)}" for sign, name in COMPARATORS.items())
        raise wrong(
            _("Không có phép so sánh «%(sign)s».") % {"sign": said.comparator},
            "unknown_comparator",
            _("Chọn: %(known)s.") % {"known": known},
            "comparator",
        )
    if said.comparator == "<=" and said.measured_in in (PERCENT, PEOPLE):
        raise wrong(
            _("«Không quá» không dùng được cho chỉ tiêu tính bằng %(measure)s.") % {"measure": said.measure},
            "comparator_needs_rank",
            _("Chọn «ít nhất», «đúng» hoặc «trên». «Không quá» chỉ dùng cho thứ hạng."),
            "comparator",
        )


def _require_value(said: Said) -> None:
    value, exists = said.value, said.comparator == "exists"
    if exists and value is not None:
        raise wrong(_("Chỉ tiêu «có» không kèm con số."), "value_unasked", _("Bỏ trống con số."), "value")
    if exists:
        return
    if value is None:
        raise wrong(_("Chưa ghi con số của chỉ tiêu."), "value_missing", _("Ghi con số, ví dụ 70 hoặc 70,5."), "value")
    if value < 0:
        raise wrong(_("Chỉ tiêu không thể là số âm."), "negative", _("Ghi số từ 0 trở lên."), "value")
    if value > HIGHEST:
        fix = _("Ghi số không quá %(most)s.") % {"most": wording.number(HIGHEST)}
        raise wrong(_("Con số quá lớn."), "too_high", fix, "value")
    if said.measured_in == PERCENT and value > 100:
        fix = _("Ghi từ 0 đến 100. Nếu là số người, hãy đổi đơn vị tính thành «người».")
        text = _("%(number)s %% vượt quá 100 %%.") % {"number": number_shown(value)}
        raise wrong(text, "over_hundred", fix, "value")
    if said.measured_in == PERCENT and value == 100 and said.comparator == ">":
        fix = _("Chọn «đúng» hoặc «ít nhất» 100 %.")
        raise wrong(_("Không thể đạt trên 100 %."), "above_hundred", fix, "comparator")
    if said.measured_in == PEOPLE and value != value.to_integral_value():
        raise wrong(_("Số người phải là số nguyên."), "not_whole", _("Bỏ phần thập phân."), "value")


def _require_year(year: int | None, decided_on: date | None, today: date) -> None:
    if decided_on and decided_on > today:
        fix = _("Ghi ngày của văn bản đã ban hành, không muộn hơn %(day)s.") % {"day": wording.day(today)}
        text = _("Ngày quyết định %(day)s chưa tới.") % {"day": wording.day(decided_on)}
        raise wrong(text, "decided_in_future", fix, "decided_on")
    if year is None:
        fix = _("Ghi một năm từ %(year)s.") % {"year": today.year}
        raise wrong(_("Chưa ghi năm phải đạt."), "year_missing", fix, "year")
    if decided_on and year < decided_on.year:
        fix = _("Xem lại năm phải đạt và ngày quyết định.")
        text = _("Năm %(year)s trước năm ban hành quyết định.") % {"year": year}
        raise wrong(text, "year_before_decision", fix, "year")
    if year < today.year:
        fix = _("Ghi năm từ %(year)s trở đi. Chỉ tiêu của năm đã qua không sửa nữa.") % {"year": today.year}
        raise wrong(_("Năm %(year)s đã qua.") % {"year": year}, "year_past", fix, "year")
    if year > LAST_YEAR:
        fix = _("Ghi năm không quá %(year)s.") % {"year": LAST_YEAR}
        raise wrong(_("Năm %(year)s quá xa.") % {"year": year}, "year_far", fix, "year")


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
            return pgettext("tổng giao", "khớp")
        said = _("thừa %(number)s") if self.difference > 0 else _("thiếu %(number)s")
        return said % {"number": number_shown(abs(self.difference))}


def summed(said: Said, shares: Sequence[tuple[Decimal | None, int | None]]) -> Sum:
    """Compare shares with the target. Each is (share, head-count of its unit).

    Shares in percent are added up as people: what each asks of its unit against what the target asks of all of them.
    """
    target = said.value or Decimal(0)
    if said.measured_in != PERCENT:
        return Sum(target, sum((share for share, _heads in shares if share is not None), Decimal(0)), in_people=False)
    known = [(share or Decimal(0), heads) for share, heads in shares if heads]
    given = sum((share * heads / 100 for share, heads in known), Decimal(0))
    asked = target * sum(heads for _share, heads in known) / 100
    missing = sum(1 for share, heads in shares if share is not None and not heads)
    return Sum(asked.quantize(Decimal(1)), given.quantize(Decimal(1)), in_people=True, without_headcount=missing)
