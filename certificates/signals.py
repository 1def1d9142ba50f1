"""The domain signal of certificates; see ``docs/decisions/0019``.

``certificates_changed`` is sent inside the transaction that issued certificates or ended them, with ``act`` (what was
done, of ``models.Act``), ``holders`` (ids of the people for whose completions they are made out, each once; never
empty) and ``completions`` (those of them that are at hand, else none). A list is told in the portions in which it is
numbered. Papers that were taken over from a register prove no completion of this platform and are not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.dispatch import Signal

from certificates.models import Act, Certificate
from courses.models import Completion

certificates_changed = Signal()


def tell_changed(act: Act, certificates: Iterable[Certificate], completions: Sequence[Completion] = ()) -> None:
    """Send ``certificates_changed`` for those of the certificates that are made out for a completion."""
    holders = {one.holder_id for one in certificates if one.completion_id is not None and one.holder_id is not None}
    if holders:
        certificates_changed.send(sender=Certificate, act=act, holders=sorted(holders), completions=completions)
