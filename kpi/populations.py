"""Head-counts as a page shows them: of a unit and the units below, by audience, and whether they cover the whole."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kpi.models import AudiencePopulation, Indicator
from kpi.places import Place
from people import access
from people.models import ADMINISTRATIVE_KINDS, COMMUNE_KINDS, Audience, Unit, UnitAncestor, UnitKind, User
from people.querysets import today


@dataclass(frozen=True)
class Coverage:
    """One audience in one year: the head-count of a place beside the sum of the units below it.

    ``rows`` holds each administrative unit below with its head-count, None where there is none, and every other unit
    that has one; ``missing`` the communes without.
    """

    audience: Audience
    own: AudiencePopulation | None
    rows: list[tuple[Unit, AudiencePopulation | None]]

    @property
    def known(self) -> list[AudiencePopulation]:
        return [row for _unit, row in self.rows if row]

    @property
    def total(self) -> int | None:
        """Sum of the units below; None while none of them has a figure."""
        return sum(row.value for row in self.known) if self.known else None

    @property
    def difference(self) -> int | None:
        """Units below less the place; None while one of the two has no figure."""
        return None if self.total is None or self.own is None else self.total - self.own.value

    @property
    def missing(self) -> list[Unit]:
        return [unit for unit, row in self.rows if row is None and unit.kind in COMMUNE_KINDS]

    @property
    def is_unknown(self) -> bool:
        """Whether neither the place nor anybody below it has a figure."""
        return not (self.own or self.known)

    @property
    def is_complete(self) -> bool:
        return bool(self.known) and not self.missing

    @property
    def verdict(self) -> str:
        """What the check says, in words."""
        if self.total is None:
            return _("Các đơn vị bên dưới chưa có số") if self.rows else _("Không có đơn vị bên dưới")
        if self.own is None:
            return _("Cấp trên chưa có số để đối chiếu")
        if not self.difference:
            return _("Khớp") if self.is_complete else _("Tổng đã bằng cấp trên nhưng còn xã chưa có số")
        if self.difference > 0:
            return _("Cộng các đơn vị nhiều hơn cấp trên")
        return _("Cộng các đơn vị ít hơn cấp trên") if self.is_complete else _("Còn thiếu số của một số xã")


def asked_audiences() -> list[Audience]:
    """The audiences that indicators ask for."""
    asked = Indicator.objects.order_by().values("audiences")
    return list(Audience.objects.filter(pk__in=asked).order_by("name"))


def coverage(place: Place, audiences: list[Audience], year: int) -> list[Coverage]:
    """The check for every audience; one query. A head-count holds from its year on until a newer one."""
    units = [place.unit, *place.rows]
    held = {
        (row.audience_id, row.unit_id): row
        for row in AudiencePopulation.objects.filter(unit__in=units, audience__in=audiences, year__lte=year).order_by(
            "year"
        )
    }
    rows = [unit for unit in place.rows if unit.stands_on(today())]
    return [
        Coverage(
            audience,
            held.get((audience.pk, place.unit.pk)),
            [
                (unit, held.get((audience.pk, unit.pk)))
                for unit in rows
                if unit.kind in ADMINISTRATIVE_KINDS or (audience.pk, unit.pk) in held
            ],
        )
        for audience in audiences
    ]


def template_units(unit: Unit, actor: User) -> list[Unit]:
    """The units of a scope for which head-counts are entered: those that stand today, but not teams."""
    below = UnitAncestor.objects.filter(structure=access.current_structure(), ancestor=unit).values("descendant")
    found = Unit.objects.standing_on().filter(pk__in=below).exclude(kind=UnitKind.TEAM)
    return list(found.filter(pk__in=access.scope_units(actor, access.KPI_KEEPING)).order_by("code"))
