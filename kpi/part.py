"""The parts of a place that a figure can be of."""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """Which people of a place a row holds."""

    TOTAL = "tong"
    UNIT = "don-vi"
    OWN = "truc-tiep"
    UNCONVERTED = "chua-quy-doi"
    UNKNOWN = "chua-ro"


PART_NAMES = {
    Part.OWN: "Trực tiếp tại đơn vị",
    Part.UNCONVERTED: "Chưa quy đổi",
    Part.UNKNOWN: "Chưa rõ đơn vị",
}
