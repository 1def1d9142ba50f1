"""Dates, numbers and spans of time in the language of the page. What is kept or printed uses ``common.text``."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.text import vi_date, vi_number, vi_percent, vi_score

_SEPARATORS = str.maketrans(".,", ",.")
_QUOTED = re.compile(r"([«“])([^«»“”]*)([»”])")
_ACCENTS = re.compile(r"[À-ỹ]")


def is_foreign() -> bool:
    """Whether the page is shown in another language than its content is written in."""
    return translation.get_language() not in (None, settings.LANGUAGE_CODE)


def _figure(vietnamese: str) -> str:
    return vietnamese.translate(_SEPARATORS) if is_foreign() else vietnamese


def number(value: int | float | Decimal | None, places: int = 0) -> str:
    """``1.234,5``, or ``1,234.5``; an en dash for None."""
    return _figure(vi_number(value, places))


def score(value: int | float | Decimal | None) -> str:
    """At most one decimal, cut off, so that nobody seems to have passed."""
    return _figure(vi_score(value))


def percent(part: int | None, whole: int | None) -> str:
    """``82,3 %`` of a whole, ``82.3%`` in English; an en dash where there is no whole."""
    said = _figure(vi_percent(part, whole))
    return said.replace("\u00a0", "") if is_foreign() else said


def day(value: date | datetime | None) -> str:
    """``22/11/2026``, or ``22 November 2026``, in the province's time zone."""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return date_format(value, "DATE_FORMAT") if value and is_foreign() else vi_date(value)


def moment(value: datetime | None) -> str:
    """``14:32 ngày 22/11/2026`` in the province's time zone."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return _("%(time)s ngày %(day)s") % {"time": local.strftime("%H:%M"), "day": day(local)}


def minutes(count: int) -> str:
    """``10 phút``."""
    return ngettext("%(count)s phút", "%(count)s phút", count) % {"count": count}


def hours(count: Decimal | int) -> str:
    """``1,5 giờ`` or ``2 giờ``."""
    said = number(count, 0 if count == int(count) else 1)
    return ngettext("%(count)s giờ", "%(count)s giờ", 1 if count == 1 else 2) % {"count": said}


def duration(count: int | None) -> str:
    """``1 giờ 10 phút``; nothing for no minutes."""
    if not count:
        return ""
    whole, rest = divmod(count, 60)
    return " ".join([*([hours(whole)] if whole else []), *([minutes(rest)] if rest else [])])


def seconds(count: int) -> str:
    """``2 phút``, ``1 phút 20 giây``, ``45 giây``."""
    whole, rest = divmod(count, 60)
    said = ngettext("%(count)s giây", "%(count)s giây", rest) % {"count": rest}
    return " ".join([*([minutes(whole)] if whole else []), *([said] if rest or not whole else [])])


def province(name: str) -> str:
    """``tỉnh Bắc Ninh``, or ``Bắc Ninh province``; the name alone is data and stays."""
    if name.startswith("tỉnh "):
        return _("tỉnh %(name)s") % {"name": name.removeprefix("tỉnh ")}
    if name.startswith("thành phố "):
        return _("thành phố %(name)s") % {"name": name.removeprefix("thành phố ")}
    return name


def quoted(sentence: str) -> str | SafeString:
    """A sentence of another language in which every quotation in Vietnamese says so, for the voice that reads it."""
    if not is_foreign():
        return sentence
    return mark_safe(_QUOTED.sub(_as_quotation, conditional_escape(str(sentence))))  # noqa: S308  (escaped)


def _as_quotation(found: re.Match[str]) -> str:
    before, said, after = found.groups()
    return f'{before}<span lang="vi">{said}</span>{after}' if _ACCENTS.search(said) else found[0]
