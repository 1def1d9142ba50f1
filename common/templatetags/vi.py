"""Template filters for Vietnamese numbers and dates, loaded in every template."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from common import text

register = template.Library()


@register.filter
def number(value: int | float | None, places: int = 0) -> str:
    """``1.234``; an en dash for None."""
    return text.vi_number(value, places)


@register.filter
def signed(value: int | Decimal) -> str:
    """``+12``, ``−3``: a change, with a minus sign that is as wide as the plus."""
    return f"{'+' if value >= 0 else '−'}{text.vi_score(value if value >= 0 else -value)}"


@register.filter
def score(value: int | float | Decimal | None) -> str:
    """``79,9`` for 79.99: at most one decimal, cut off; an en dash for None."""
    return text.vi_score(value)


@register.filter
def percent_of(part: int | None, whole: int | None) -> str:
    """``82,3 %`` of a whole; an en dash where there is no whole."""
    return text.vi_percent(part, whole)


@register.filter
def day(value: date | datetime | None) -> str:
    """``22/11/2026`` in the province's time zone."""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return text.vi_date(value)


@register.filter
def moment(value: datetime | None) -> str:
    """``14:32 ngày 22/11/2026`` in the province's time zone."""
    if value is None:
        return ""
    return timezone.localtime(value).strftime("%H:%M ngày %d/%m/%Y")


@register.filter
def duration(minutes: int | None) -> str:
    """``khoảng 1 giờ 10 phút``."""
    if not minutes:
        return ""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} phút"
    return f"{hours} giờ {rest} phút" if rest else f"{hours} giờ"


@register.filter
def clauses(said: str) -> SafeString:
    """What stands between commas, each part kept together while it fits: a large heading breaks where one breathes."""
    return format_html_join(
        " ", '<span class="clause">{}</span>', ([part] for part in said.replace(", ", ",\n").split("\n"))
    )


@register.filter
def seconds_text(seconds: int) -> str:
    """``1 phút 20 giây``."""
    return text.vi_seconds(seconds)
