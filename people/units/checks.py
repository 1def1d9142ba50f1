"""What the tree does not allow, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _

from common import wording
from common.errors import Refusal
from people.models import Structure, Unit, UnitAncestor
from people.querysets import today
from people.units.reads import ended_refusal, newest_structure

DAYS_BACK = 30


def day_allowed(on: date, newest: Structure) -> None:
    """A change cannot reach behind the newest version of the tree, nor far back. Raises ``before_structure``,
    ``too_far_back``."""
    if on < newest.valid_from:
        day = wording.day(newest.valid_from)
        raise Refusal(
            _("Cây đơn vị đã có thay đổi hiệu lực từ ngày %(day)s.") % {"day": day},
            code="before_structure",
            fix=_("Chọn ngày hiệu lực từ %(day)s trở đi, để số liệu đã báo cáo không đổi.") % {"day": day},
            next_day=newest.valid_from,
        )
    if on < (earliest := today() - timedelta(days=DAYS_BACK)):
        raise Refusal(
            _("Ngày %(day)s đã qua hơn %(days)s ngày.") % {"day": wording.day(on), "days": DAYS_BACK},
            code="too_far_back",
            fix=_("Chọn ngày hiệu lực từ %(day)s trở đi; ngày trong quyết định ghi ở ô riêng.")
            % {"day": wording.day(earliest)},
        )


def stands(unit: Unit, on: date) -> None:
    """A unit that is pointed at must stand on the day. Raises ``unit_has_ended``, ``unit_not_begun``."""
    unit.refresh_from_db()
    if not unit.stands_on(on):
        raise ended_refusal(unit, on)


def may_change(unit: Unit, on: date) -> None:
    """A unit can end on a day on which it stands and after which it is not to end anyway, once it has begun.

    Raises ``before_unit``, ``unit_has_ended``, ``unit_ends_already``.
    """
    unit.refresh_from_db()
    if unit.valid_from >= on:
        next_day = unit.valid_from + timedelta(days=1)
        raise Refusal(
            _(
                "«%(unit)s» mới bắt đầu từ ngày %(day)s; mỗi ngày một đơn vị chỉ có một thay đổi, "
                "để biết số liệu của ngày đó thuộc về ai."
            )
            % {"unit": unit.name, "day": wording.day(unit.valid_from)},
            code="before_unit",
            fix=_("Chọn ngày hiệu lực từ %(day)s trở đi.") % {"day": wording.day(next_day)},
            next_day=next_day,
        )
    if not unit.stands_on(on):
        raise ended_refusal(unit, on)
    if unit.valid_to is not None:
        raise Refusal(
            _("«%(unit)s» đã được ghi kết thúc từ ngày %(day)s.")
            % {"unit": unit.name, "day": wording.day(unit.valid_to)},
            code="unit_ends_already",
            fix=_("Chọn đơn vị kế thừa của đơn vị này."),
        )


def may_receive(unit: Unit, on: date) -> None:
    """A unit that takes others in must stand before the day, so that what it came from stays what it is."""
    may_change(unit, on)


def not_below(unit: Unit, others: Sequence[Unit]) -> None:
    """``unit`` must not be one of ``others`` nor stand under one of them. Raises ``under_itself``."""
    above = UnitAncestor.objects.filter(structure=newest_structure(), descendant=unit, ancestor__in=others)
    if row := above.select_related("ancestor").first():
        said = (
            _("«%(unit)s» không thể thuộc chính nó.") % {"unit": unit.name}
            if row.ancestor_id == unit.pk
            else _("«%(unit)s» đang nằm dưới «%(above)s».") % {"unit": unit.name, "above": row.ancestor.name}
        )
        raise Refusal(said, code="under_itself", fix=_("Chọn một đơn vị nằm ngoài nhánh này, hoặc chuyển nó ra trước."))


def code_free(code: str, on: date, *, ending: Iterable[Unit] = ()) -> None:
    """No other unit may bear the code from the day on. Raises ``code_taken``."""
    bearers = Unit.objects.filter(code__iexact=code).exclude(pk__in=[unit.pk for unit in ending])
    taken = next((u for u in bearers if u.valid_to is None or u.valid_to > on), None)
    if taken:
        raise Refusal(
            _("Mã %(code)s đang là của «%(unit)s».") % {"code": code, "unit": taken.name},
            code="code_taken",
            fix=_("Ghi một mã khác, đúng theo quyết định."),
        )


def codes_differ(codes: Sequence[str]) -> None:
    """Parts of one unit need different codes. Raises ``code_taken``."""
    folded = [code.casefold() for code in codes]
    if twice := next((code for code in codes if folded.count(code.casefold()) > 1), None):
        raise Refusal(
            _("Mã %(code)s ghi cho hai đơn vị.") % {"code": twice},
            code="code_taken",
            fix=_("Mỗi đơn vị cần một mã riêng."),
        )
