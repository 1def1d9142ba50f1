"""The parts of a place that a figure can be of."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_noop as _


class Part(StrEnum):
    """Which people of a place a row holds."""

    TOTAL = "tong"
    UNIT = "don-vi"
    OWN = "truc-tiep"
    UNCONVERTED = "chua-quy-doi"
    UNKNOWN = "chua-ro"


#: As files say it; pages say it in the language of their reader.
PART_NAMES = {
    Part.OWN: _("Trực tiếp tại đơn vị"),
    Part.UNCONVERTED: _("Chưa quy đổi"),
    Part.UNKNOWN: _("Chưa rõ đơn vị"),
}
