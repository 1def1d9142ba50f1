"""What a KPI page is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from common.errors import Refusal
from kpi import places
from people import access
from people.models import Structure, Unit, UnitAncestor
from people.querysets import today

FIRST_YEAR = 2022


class ReadingForm(forms.Form):
    """Year and structure; the unit goes along unseen."""

    nam = forms.TypedChoiceField(label=pgettext_lazy("số liệu", "Năm"), coerce=int)
    co_cau = forms.ChoiceField(label=gettext_lazy("Cơ cấu đơn vị"))

    def __init__(self, reading: Reading) -> None:
        super().__init__(initial={"nam": reading.year, "co_cau": reading.structure.code}, auto_id="loc_%s")
        self.fields["nam"].choices = [(y, str(y)) for y in range(today().year, FIRST_YEAR - 1, -1)]  # type: ignore[attr-defined]
        choices = places.offered(reading.known, reading.structure)
        self.fields["co_cau"].choices = choices  # type: ignore[attr-defined]
        self.fields["co_cau"].widget.attrs["name"] = "co-cau"

    def add_prefix(self, field_name: str) -> str:
        return field_name.replace("_", "-")


@dataclass(frozen=True)
class Reading:
    """Which figures a page shows: of a unit, in a year, under a structure."""

    unit: Unit
    year: int
    structure: Structure
    known: list[Structure]

    def query(self, unit: Unit | None = None, structure: Structure | None = None, **more: str) -> str:
        """The address parameters of this reading, or of the same reading of another unit."""
        asked = {
            "nam": str(self.year),
            "co-cau": (structure or self.structure).code,
            "don-vi": str((unit or self.unit).uuid),
        }
        return urlencode(asked | more)


def reading_of(request: HttpRequest) -> Reading:
    """Parse year, structure and unit, and require the right to read that unit's figures.

    Without a unit: the highest unit whose figures the person may read.
    """
    known = places.structures()
    code = request.GET.get("co-cau")
    structure = next((s for s in known if s.code == code), None) if code else places.structure_now(known)
    if structure is None:
        raise Refusal(
            _("Không có cơ cấu đơn vị này."),
            code="unknown_structure",
            fix=_("Chọn một cơ cấu trong danh sách ở đầu trang chỉ tiêu."),
            status=404,
        )
    unit = _unit(request, places.structure_now(known))
    what = _("chỉ tiêu của %(unit)s") % {"unit": unit}
    access.require(access.can_read_kpi(request.user, unit), request.user, what=what)
    return Reading(unit, _year(request), structure, known)


def _year(request: HttpRequest) -> int:
    asked = request.GET.get("nam") or str(today().year)
    if not asked.isdecimal() or not FIRST_YEAR <= int(asked) <= today().year:
        raise Refusal(
            _("Chỉ có số liệu từ năm %(first)s đến năm %(last)s.") % {"first": FIRST_YEAR, "last": today().year},
            code="unknown_year",
            fix=_("Chọn một năm trong danh sách ở đầu trang chỉ tiêu."),
            status=404,
        )
    return int(asked)


def _unit(request: HttpRequest, now: Structure) -> Unit:
    if not access.is_manager(request.user):
        raise Http404
    if asked := request.GET.get("don-vi"):
        try:
            return Unit.objects.get(uuid=UUID(asked))
        except (ValueError, Unit.DoesNotExist) as error:
            raise Http404 from error
    unit = own_highest_unit(request.user, now)
    if unit is None:
        access.require(False, request.user, what=_("chỉ tiêu của đơn vị nào"))
        raise Http404
    return unit


def own_highest_unit(viewer: Any, now: Structure) -> Unit | None:
    """Of the units whose figures the person may read, the one nearest to the root."""
    held = Unit.objects.filter(pk__in=viewer.memberships.in_force().filter(role__in=access.KPI_READING).values("unit"))
    units = {u.pk: u for u in held}
    if not units:
        return None
    depth = dict.fromkeys(units, 0)
    for pk in UnitAncestor.objects.filter(structure=now, descendant__in=units).values_list("descendant_id", flat=True):
        depth[pk] += 1
    return units[min(units, key=lambda pk: (depth[pk], pk))]
