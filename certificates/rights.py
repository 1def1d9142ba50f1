"""Who may see a batch, a certificate or a register: one function for each, over the scopes of ``people.access``."""

from __future__ import annotations

from typing import Any

from certificates.models import Batch, Certificate, Series
from certificates.querysets import ISSUER_SIDE
from people import access


def can_see_batch(viewer: Any, batch: Batch) -> bool:
    """Whether the viewer proposes for the unit of the batch, or answers for the unit that is to issue it."""
    return Batch.objects.visible_to(viewer).filter(pk=batch.pk).exists()


def can_download(viewer: Any, certificate: Certificate) -> bool:
    """Whether the viewer is the holder, or answers for the unit that issued or proposed the certificate."""
    return Certificate.objects.visible_to(viewer).filter(pk=certificate.pk).exists()


def can_manage_certificate(viewer: Any, certificate: Certificate) -> bool:
    """Like ``can_download``, as an official only: one's own certificate does not open the officials' page."""
    return Certificate.objects.managed_by(viewer).filter(pk=certificate.pk).exists()


def can_read_register(viewer: Any, series: Series) -> bool:
    """Whether the viewer answers for the unit that issues the series: a register names people of the whole province."""
    return access.scope_units(viewer, ISSUER_SIDE).filter(descendant=series.unit_id).exists()


def on_issuing_side(viewer: Any, batch: Batch) -> bool:
    """Whether the viewer answers for what the unit that is to issue the batch issues."""
    return access.scope_units(viewer, ISSUER_SIDE).filter(descendant=batch.series.unit_id).exists()


def can_work_on_list(viewer: Any, batch: Batch) -> bool:
    """Whether the viewer may put people of a list aside and decide on their names: proposing and approving offices."""
    return access.can_propose_certificates(viewer, batch.unit) or access.can_issue_certificates(
        viewer, batch.series.unit
    )
