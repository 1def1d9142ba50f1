"""Who may see a batch, a certificate or a register: one function for each, over the scopes of ``people.access``."""

from __future__ import annotations

from typing import Any

from certificates.models import Batch, Certificate, Series
from people import access
from people.models import Role

#: A register names holders of the whole province: more than a team leader needs.
REGISTER_READING = frozenset({Role.COORDINATOR, Role.ISSUING_OFFICIAL, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR})


def can_see_batch(viewer: Any, batch: Batch) -> bool:
    """Whether the viewer's units proposed the batch or are to issue it."""
    return Batch.objects.visible_to(viewer).filter(pk=batch.pk).exists()


def can_download(viewer: Any, certificate: Certificate) -> bool:
    """Whether the viewer is the holder, or an official of the unit that issued or proposed the certificate."""
    return Certificate.objects.visible_to(viewer).filter(pk=certificate.pk).exists()


def can_manage_certificate(viewer: Any, certificate: Certificate) -> bool:
    """Like ``can_download``, as an official only: one's own certificate does not open the officials' page."""
    units = [certificate.series.unit_id, certificate.batch.unit_id if certificate.batch else None]
    return access.scope_units(viewer).filter(descendant__in=[u for u in units if u]).exists()


def can_read_register(viewer: Any, series: Series) -> bool:
    """Whether the viewer may read the register of the unit that issues the series."""
    return access.scope_units(viewer, REGISTER_READING).filter(descendant=series.unit_id).exists()
