"""Whom a person asks for help: the coordinator of the nearest unit upward that has one, as they show themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from people import access
from people.models import Membership, Role, Structure, UnitAncestor, User
from people.querysets import today

_NOT_DIALLED = re.compile(r"[^\d+]")


@dataclass(frozen=True)
class Supporter:
    """Somebody to ask. ``phone`` and ``email`` are what they show for their office, never what they sign in with."""

    name: str
    unit: str = ""
    phone: str = ""
    email: str = ""

    @property
    def dialled(self) -> str:
        """The number without spaces, as a telephone takes it."""
        return _NOT_DIALLED.sub("", self.phone)


def supporter_of(user: Any) -> Supporter | None:
    """The coordinator in office of the nearest unit upward of where the person stands today, the main unit first.

    Never the person, never somebody beside or below them. Three queries.
    """
    own = Membership.objects.in_force().filter(user=user).order_by("-is_main", "valid_from", "pk")
    units = list(dict.fromkeys(own.values_list("unit", flat=True)))
    now = Structure.objects.filter(valid_from__lte=today()).order_by("-valid_from").values("pk")[:1]
    above = UnitAncestor.objects.filter(structure__in=now, descendant__in=units)
    #: Unit upward → how near it is: by which of the person's units, then by steps.
    near: dict[int, tuple[int, int]] = {}
    for descendant, ancestor, depth in above.values_list("descendant", "ancestor", "depth"):
        place = (units.index(descendant), depth)
        near[ancestor] = min(place, near.get(ancestor, place))
    offices = Membership.objects.in_force().filter(unit__in=near, role=Role.COORDINATOR, user__is_active=True)
    held = offices.exclude(user=user).select_related("user", "unit").order_by("valid_from", "pk")
    office = min(held, key=lambda one: near[one.unit_id], default=None)
    if office is None:
        return None
    return Supporter(office.user.full_name, office.unit.name, office.user.office_phone, office.user.office_email)


def is_asked_by_people(user: Any) -> bool:
    """Whether the person is one whom people are sent to, and says how they are reached."""
    return Role.COORDINATOR in access.roles_of(user)


def office_contact_set(*, user: User, phone: str, email: str) -> None:
    """Record what the people of one's units are shown; empty shows the name and the unit alone."""
    user.office_phone, user.office_email = phone, email
    user.save(update_fields=["office_phone", "office_email"])
