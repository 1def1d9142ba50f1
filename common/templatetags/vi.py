"""Template filters for numbers, dates and times as the reader's language writes them, loaded in every template."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from common import text, wording

register = template.Library()


@register.filter
def number(value: int | float | None, places: int = 0) -> str:
    """``1.234``; an en dash for None."""
    return wording.number(value, places)


@register.filter
def signed(value: int | Decimal) -> str:
    """``+12``, ``−3``: a change, with a minus sign that is as wide as the plus."""
    return f"{'+' if value >= 0 else '−'}{wording.score(value if value >= 0 else -value)}"


@register.filter
def score(value: int | float | Decimal | None) -> str:
    """``79,9`` for 79.99: at most one decimal, cut off; an en dash for None."""
    return wording.score(value)


@register.filter
def percent_of(part: int | None, whole: int | None) -> str:
    """``82,3 %`` of a whole; an en dash where there is no whole."""
    return wording.percent(part, whole)


@register.filter
def lower_first(value: object) -> str:
    """``quý III/2026`` within a sentence."""
    return text.lower_first(str(value))


@register.filter
def whole(code: object) -> SafeString:
    """A code that is not broken at its hyphens."""
    return format_html('<span class="nowrap">{}</span>', code)


@register.filter
def amid(name: object) -> str:
    """``phường Bắc Giang`` within a sentence; in a sentence of another language a name stays as it is."""
    return str(name) if wording.is_foreign() else text.amid(str(name))


@register.filter
def day(value: date | datetime | None) -> str:
    """``22/11/2026`` in the province's time zone."""
    return wording.day(value)


@register.filter
def moment(value: datetime | None) -> str:
    """``14:32 ngày 22/11/2026`` in the province's time zone."""
    return wording.moment(value)


@register.filter
def duration(minutes: int | None) -> str:
    """``khoảng 1 giờ 10 phút``."""
    return wording.duration(minutes)


@register.filter
def clauses(said: str) -> SafeString:
    """What stands between commas, each part kept together while it fits: a large heading breaks where one breathes."""
    return format_html_join(
        " ", '<span class="clause">{}</span>', ([part] for part in said.replace(", ", ",\n").split("\n"))
    )


@register.filter
def seconds_text(seconds: int) -> str:
    """``1 phút 20 giây``."""
    return wording.seconds(seconds)


@register.filter
def quoted(sentence: str) -> str | SafeString:
    """«…» and “…” in Vietnamese, marked as such in a sentence of another language: ``{{ refusal.text|quoted }}``."""
    return wording.quoted(sentence)
