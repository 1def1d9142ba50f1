"""How figures and targets read in the templates of this room: a page has hundreds of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.template.defaultfilters import floatformat
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.wording import is_foreign
from kpi import wording

if TYPE_CHECKING:
    from decimal import Decimal

    from kpi.figure import Figure
    from kpi.models import Indicator, Target

register = template.Library()


@register.filter
def asked(target: Target | None, indicator: Indicator | None = None) -> str:
    """``ít nhất 70 %, năm 2030``: what the decision asks of a unit.

    Without a target: whether others have one of this ``indicator``, whose targets should be there (``for_figures``).
    """
    if target is None:
        given = bool(indicator and indicator.all_targets)
        return _("không giao riêng cho đơn vị này") if given else _("chưa có chỉ tiêu số")
    if target.value is None:
        return _("không nêu con số")
    compared = {
        ">": pgettext("mục tiêu", "trên %(number)s"),
        ">=": pgettext("mục tiêu", "ít nhất %(number)s"),
        "<=": pgettext("mục tiêu", "trong %(number)s"),
    }
    number = f"{floatformat(target.value, '-2g')}{_unit(target.measured_in, target.value)}"
    asked = compared.get(target.comparator, "%(number)s") % {"number": number}
    return _("%(asked)s, năm %(year)s") % {"asked": asked, "year": target.year} if target.year else asked


def _unit(measured_in: str, number: Decimal) -> str:
    if measured_in == "%":
        return "%" if is_foreign() else "\u00a0%"
    return f" {wording.counted_in(measured_in, number)}"


@register.filter
def unit_word(figure: Figure) -> str:
    """``tổ``, ``trường``: what is counted, where that is neither people nor a percentage."""
    return "" if figure.words.one in ("", "người", "%") else wording.counted_in(figure.words.one, figure.count)


@register.filter
def so_many(number: int | Decimal, one: str) -> str:
    """``426 người``, ``426 people``."""
    return wording.so_many(number, one)


@register.filter
def many(one: str) -> str:
    """``tổ``, ``teams``: all that are counted."""
    return wording.counted_in(one)


@register.filter
def single(one: str) -> str:
    """``tổ``, ``team``: one of what is counted."""
    return wording.counted_in(one, 1)


@register.filter
def gap_words(figure: Figure) -> str:
    """``426 người``: what is still missing; ``Đạt``; an en dash without a goal."""
    if figure.is_met:
        return pgettext("mục tiêu", "Đạt")
    gap = figure.gap
    if gap is None:
        return "–"
    return wording.so_many(gap, figure.words.one) if gap else pgettext("mục tiêu", "Chưa đạt")


@register.filter
def vietnamese(text: str) -> SafeString | str:
    """What a document says, marked as what it is on a page of another language."""
    return format_html('<span lang="vi">{}</span>', text) if text and is_foreign() else text


@register.filter
def bar(figure: Figure) -> SafeString | str:
    """The percentage as a bar with the target's tick; the number beside it says the same in words."""
    if figure.percent is None:
        return "–" if figure.is_declared else format_html('<span class="small">{}</span>', _("chưa có số phải học"))
    tick = figure.tick
    target = format_html('<rect class="target" x="{}" y="2" width="3" height="21" transform="translate(-3 0)"/>', tick)
    return format_html(
        '<svg class="kpi" aria-hidden="true" focusable="false">'
        '<rect class="track" y="8" width="100%" height="9" rx="4.5"/>'
        '<rect class="value{}" y="8" width="{}" height="9" rx="4.5"/>{}</svg>',
        " low" if figure.is_low else "",
        figure.bar,
        target if tick else "",
    )
