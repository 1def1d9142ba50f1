"""Units that ended without anybody saying what took over from them, and what might have."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from people import access
from people.models import ADMINISTRATIVE_KINDS, COMMUNE_KINDS, Unit, UnitSuccession
from people.querysets import today

_KIND_WORDS = re.compile(r"^(xa|phuong|thi tran|huyen|quan|thi xa|thanh pho|tinh)\s+")
MOST = 6
NEAR_KM = 15
#: So far apart two codes are nearly next to each other; and where one of them is no number.
NEAR_CODES, FAR = 100, 10**6


@dataclass(frozen=True)
class Suggestion:
    """A unit that may have taken over, and why one thinks so."""

    unit: Unit
    why: str


def unmapped_units(viewer: Any, *, every_kind: bool = False) -> QuerySet[Unit]:
    """Ended units in the scope of ``viewer`` without a principal successor; only communes unless ``every_kind``."""
    mapped = UnitSuccession.objects.filter(predecessor=OuterRef("pk"), principal=True)
    found: QuerySet[Unit] = Unit.objects.filter(
        ~Exists(mapped), valid_to__lte=today(), pk__in=access.scope_units(viewer, access.TREE_KEEPING)
    )
    if not every_kind:
        found = found.filter(kind__in=COMMUNE_KINDS)
    return found.select_related("parent").order_by("valid_to", "search_key", "pk")


def is_unmapped(unit: Unit) -> bool:
    """Whether the unit ended and has no principal successor."""
    ended = unit.valid_to is not None and unit.valid_to <= today()
    return ended and not unit.successions.filter(principal=True).exists()


def suggestions_for(unit: Unit) -> list[Suggestion]:
    """Units that stood on the day on which ``unit`` ended and may have taken over from it, the likeliest first."""
    if unit.valid_to is None:
        return []
    standing = (
        Unit.objects.filter(kind__in=COMMUNE_KINDS)
        if unit.kind in COMMUNE_KINDS
        else Unit.objects.filter(kind=unit.kind)
    )
    standing = standing.filter(pk__in=Unit.objects.standing_on(unit.valid_to).values("pk")).exclude(pk=unit.pk)
    found: dict[int, Suggestion] = {}
    for suggestion in [*_partly(unit), *_alike(unit, standing), *_of_siblings(unit), *_near(unit, standing)]:
        found.setdefault(suggestion.unit.pk, suggestion)
    return [s for s in found.values() if s.unit.stands_on(unit.valid_to)][:MOST]


def _partly(unit: Unit) -> list[Suggestion]:
    """Those known to have taken over a part."""
    links = unit.successions.filter(principal=False).select_related("successor")
    return [Suggestion(link.successor, _("đã ghi là nhận một phần")) for link in links]


def _bare(unit: Unit) -> str:
    return _KIND_WORDS.sub("", unit.search_key)


def _alike(unit: Unit, standing: QuerySet[Unit]) -> list[Suggestion]:
    """Those of the same name, whatever the accents and whether commune or ward."""
    named = standing.filter(search_key__endswith=_bare(unit))
    return [Suggestion(other, _("trùng tên")) for other in named[:20] if _bare(other) == _bare(unit)]


def _of_siblings(unit: Unit) -> list[Suggestion]:
    """Those that took over from its neighbours under the same parent: by how many, then by the code that is nearest.

    Official codes run from place to place, so the next code is often the next commune. Offices have no neighbours.
    """
    if unit.kind not in ADMINISTRATIVE_KINDS:
        return []
    beside = Unit.objects.filter(parent=unit.parent_id, valid_to=unit.valid_to, kind__in=ADMINISTRATIVE_KINDS)
    siblings = beside.exclude(pk=unit.pk)
    links = UnitSuccession.objects.filter(predecessor__in=siblings, principal=True)
    took: dict[Unit, list[Unit]] = defaultdict(list)
    for link in links.select_related("predecessor", "successor"):
        took[link.successor].append(link.predecessor)
    order = sorted(took, key=lambda heir: (-len(took[heir]), min(_apart(unit, p) for p in took[heir]), heir.search_key))
    return [Suggestion(heir, _took(unit, took[heir])) for heir in order[:4]]


def _took(unit: Unit, neighbours: list[Unit]) -> str:
    if len(neighbours) > 1:
        return _("nhận %(count)s đơn vị liền kề cùng cấp trên") % {"count": len(neighbours)}
    if _apart(unit, neighbours[0]) > NEAR_CODES:
        return _("kế thừa %(unit)s, cùng cấp trên") % {"unit": neighbours[0].name}
    return _("kế thừa %(unit)s, cùng cấp trên, mã gần nhau (%(code)s)") % {
        "unit": neighbours[0].name,
        "code": neighbours[0].code,
    }


def _apart(one: Unit, other: Unit) -> int:
    """How far two codes are apart; far where they are no numbers."""
    return abs(int(one.code) - int(other.code)) if one.code.isdecimal() and other.code.isdecimal() else FAR


def _near(unit: Unit, standing: QuerySet[Unit]) -> list[Suggestion]:
    """The nearest by the places on record; where the unit has none, by those of its neighbours' successors."""
    here = (unit.lat, unit.lon)
    if None in here:
        return []
    placed = standing.exclude(lat=None).exclude(lon=None)
    measured = sorted((_km(unit, other), other.pk, other) for other in placed)
    return [
        Suggestion(other, _("cách khoảng %(km)s km") % {"km": f"{km:.0f}"})
        for km, _pk, other in measured[:3]
        if km <= NEAR_KM
    ]


def _km(one: Unit, other: Unit) -> float:
    """Distance on the globe in kilometres."""
    lat1, lon1, lat2, lon2 = (radians(x or 0) for x in (one.lat, one.lon, other.lat, other.lon))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))
