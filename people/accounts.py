"""What people can change about their own account. One use case, one function."""

from __future__ import annotations

from datetime import date

from django.db import models, transaction

from people.models import CITIZEN, Audience, Membership, Role, Unit, User
from people.querysets import today


def residence_of(user: User) -> Unit | None:
    """The commune in which the person lives, as they told us; None for "chưa rõ"."""
    membership = _residences(user).select_related("unit").first()
    return membership.unit if membership else None


def _residences(user: User, on: date | None = None) -> models.QuerySet[Membership]:
    return user.memberships.in_force(on).filter(role=Role.LEARNER, audience__code=CITIZEN)


@transaction.atomic
def residence_set(*, user: User, commune: Unit | None, on: date | None = None) -> Membership | None:
    """Record where the person lives from ``on`` (today); None means "chưa rõ". The same commune again is a no-op.

    Earlier figures keep the commune of their time: the old membership ends, nothing is rewritten.
    """
    on = on or today()
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    current = list(_residences(user, on))
    if commune is not None and any(membership.unit_id == commune.pk for membership in current):
        return None
    for membership in current:
        if membership.valid_from == on:
            # Corrected on the day it was entered: it never held for a whole day.
            membership.delete()
        else:
            membership.valid_to = on
            membership.save(update_fields=["valid_to"])
    if commune is None:
        return None
    return Membership.objects.create(
        user=user,
        unit=commune,
        audience=Audience.objects.get(code=CITIZEN),
        role=Role.LEARNER,
        is_main=not user.memberships.in_force(on).filter(is_main=True).exists(),
        valid_from=on,
    )


@transaction.atomic
def profile_change(*, user: User, full_name: str, birth_date: date | None, commune: Unit | None) -> User:
    """Change what the person says about themselves. Certificates issued earlier keep the name they were issued with."""
    user.full_name = full_name
    user.birth_date = birth_date
    user.save(update_fields=["full_name", "sort_key", "search_key", "birth_date"])
    residence_set(user=user, commune=commune)
    return user
