"""What several lines of one list say of one person: the first makes the account, later ones fill what it left blank."""

from __future__ import annotations

from typing import Any

from people.models import Membership, User

#: What only one account can hold.
_UNIQUE = ("phone", "email", "staff_code")

Wanted = dict[int, dict[str, Any]]


def without_taken(wanted: Wanted) -> None:
    """Take out the numbers, addresses and codes that somebody else has by now. A query for each of the three."""
    for name in _UNIQUE:
        values = {fields[name] for fields in wanted.values() if fields.get(name)}
        if not values:
            continue
        holders = dict(User.objects.filter(**{f"{name}__in": values}).values_list(name, "pk"))
        for pk, fields in wanted.items():
            if fields.get(name) and holders.setdefault(fields[name], pk) != pk:
                del fields[name]


def blanks_of(wanted: Wanted) -> Wanted:
    """Of what later lines say, what the accounts do not have yet."""
    found: Wanted = {}
    for user in User.objects.filter(pk__in=wanted):
        fields = {name: value for name, value in wanted[user.pk].items() if not getattr(user, name)}
        if fields.get("contact_phone") == user.phone:
            del fields["contact_phone"]
        if fields:
            found[user.pk] = fields
    return found


def not_held(batch: list[Membership]) -> tuple[list[Membership], list[int]]:
    """Those of ``batch`` that nobody holds yet, each once, and the keys of those that are held. One query.

    Two lines may put one person into one place, by an official's decision. Nobody gets a second main place.
    """
    held: dict[tuple[Any, ...], int] = {}
    mains: set[int] = set()
    users = {membership.user_id for membership in batch}
    for membership in Membership.objects.filter(user__in=users, valid_to__isnull=True):
        held[_place(membership)] = membership.pk
        if membership.is_main:
            mains.add(membership.user_id)
    new: list[Membership] = []
    kept: list[int] = []
    for membership in batch:
        place = _place(membership)
        if place in held:
            kept.append(held[place])
            continue
        held[place] = 0
        membership.is_main = membership.is_main and membership.user_id not in mains
        if membership.is_main:
            mains.add(membership.user_id)
        new.append(membership)
    return new, [pk for pk in kept if pk]


def _place(membership: Membership) -> tuple[Any, ...]:
    return membership.user_id, membership.unit_id, membership.role, membership.audience_id
