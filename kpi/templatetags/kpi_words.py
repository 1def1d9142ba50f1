"""How figures and targets read in the templates of this room: a page has hundreds of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.template.defaultfilters import floatformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.text import vi_number

if TYPE_CHECKING:
    from kpi.figure import Figure
    from kpi.models import Indicator, Target

register = template.Library()

_COMPARED = {">": "trên ", ">=": "ít nhất ", "<=": "trong "}


@register.filter
def asked(target: Target | None, indicator: Indicator | None = None) -> str:
    """``ít nhất 70 %, năm 2030``: what the decision asks of a unit.

    Without a target: whether others have one of this ``indicator``, whose targets should be there (``for_figures``).
    """
    if target is None:
        given = bool(indicator and indicator.all_targets)
        return "không giao riêng cho đơn vị này" if given else "chưa có chỉ tiêu số"
    if target.value is None:
        return "không nêu con số"
    unit = "\u00a0%" if target.measured_in == "%" else f" {target.measured_in}"
    year = f", năm {target.year}" if target.year else ""
    return f"{_COMPARED.get(target.comparator, '')}{floatformat(target.value, '-2g')}{unit}{year}"


@register.filter
def unit_word(figure: Figure) -> str:
    """``tổ``, ``trường``: what is counted, where that is neither people nor a percentage."""
    return "" if figure.words.one in ("", "người", "%") else figure.words.one


@register.filter
def gap_words(figure: Figure) -> str:
    """``426 người``: what is still missing; ``Đạt``; an en dash without a goal."""
    if figure.is_met:
        return "Đạt"
    gap = figure.gap
    if gap is None:
        return "–"
    return f"{vi_number(gap)} {figure.words.one}" if gap else "Chưa đạt"


@register.filter
def bar(figure: Figure) -> SafeString | str:
    """The percentage as a bar with the target's tick; the number beside it says the same in words."""
    if figure.percent is None:
        return "–" if figure.is_declared else format_html('<span class="small">{}</span>', "chưa có số phải học")
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
