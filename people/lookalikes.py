"""Accounts that may be somebody who is about to be written down as new, and how much of them an official sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from common import audit
from common.models import AuditEntry
from common.text import fold, initials
from people import access
from people.claims import main_unit
from people.models import COMMUNE_KINDS, Membership, Unit, UnitAncestor, User
from people.teams import NewPerson

_MOST = 5


def people_like(new: NewPerson) -> list[User]:
    """Accounts that may be the same person: the same number, or the same name and birth date. Not for the screen."""
    same = Q(search_key=fold(new.full_name), birth_date=new.birth_date) if new.birth_date else Q(pk=None)
    if new.phone:
        same |= Q(phone=new.phone) | Q(contact_phone=new.phone)
    return list(User.objects.filter(same, is_active=True).order_by("sort_key", "pk")[:_MOST])


@dataclass(frozen=True)
class Lookalike:
    """An account that may be the person to be added, as far as the official may see it.

    ``known`` are people of the official's scope. Others are shown by initials and ``commune``, and offered only where
    the typed name is theirs (``same_name``): a number alone tells nobody whose it is.
    """

    person: User
    known: bool
    same_name: bool
    commune: str = ""

    @property
    def shown(self) -> str:
        return self.person.full_name if self.known else initials(self.person.full_name)


@transaction.atomic
def people_look_up(*, new: NewPerson, actor: User, team: Unit) -> list[Lookalike]:
    """Accounts that may be ``new``, for the screen of ``actor``. Each stranger among them is kept in the log.

    The entry lies in the scope of the stranger's own unit, whose coordinator reads who asked; once a day is enough.
    """
    people = people_like(new)
    inside = User.objects.visible_to(actor).filter(pk__in=[person.pk for person in people])
    seen = set(inside.values_list("pk", flat=True))
    strangers = [person for person in people if person.pk not in seen]
    communes = _communes_of(strangers)
    lately = AuditEntry.objects.filter(actor=actor, at__gt=timezone.now() - timedelta(days=1))
    looked = lately.filter(act="person_looked_up", subject_uuid__in=[person.uuid for person in strangers])
    logged = set(looked.values_list("subject_uuid", flat=True))
    for person in strangers:
        if person.uuid not in logged:
            audit.record(actor=actor, act="person_looked_up", subject=person, unit=main_unit(person), team=team.name)
    return [
        Lookalike(person, person.pk in seen, same_name(new, person), communes.get(person.pk, "")) for person in people
    ]


def same_name(new: NewPerson, person: User) -> bool:
    """Whether the name is the same but for accents, capitals and spaces."""
    return fold(new.full_name) == person.search_key


def _communes_of(people: Sequence[User]) -> dict[int, str]:
    """The commune of each person's main membership that lies in one. Two queries."""
    held = Membership.objects.in_force().filter(user__in=people).order_by("-is_main", "pk")
    places = list(held.values_list("user", "unit")) if people else []
    if not places:
        return {}
    above = UnitAncestor.objects.filter(
        structure=access.current_structure(),
        descendant__in=[unit for _, unit in places],
        ancestor__kind__in=COMMUNE_KINDS,
    )
    names = dict(above.values_list("descendant", "ancestor__name"))
    found: dict[int, str] = {}
    for user, unit in places:
        if unit in names:
            found.setdefault(user, names[unit])
    return found
