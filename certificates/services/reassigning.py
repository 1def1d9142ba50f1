"""Papers of a record that is merged are those of the record that goes on."""

from __future__ import annotations

from certificates.models import Certificate
from people.models import User


def certificates_reassign(*, kept: User, lost: User) -> int:
    """Make the certificates of ``lost`` those of ``kept``; what they and the register say stays. Returns their number.

    Two of one series are both good: each was issued, and each is in the register.
    """
    return Certificate.objects.filter(holder=lost).update(holder=kept)
