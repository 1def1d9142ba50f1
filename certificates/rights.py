"""Who may see a batch, a certificate or a register: one function for each, over the scopes of ``people.access``."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from certificates.models import Batch, Certificate, Design, DesignState, Series
from certificates.querysets import ISSUER_SIDE
from people import access
from people.models import Unit


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


def is_issuer_side(viewer: Any) -> bool:
    """Whether the viewer answers for what some unit issues: may read kinds of paper and designs."""
    return bool(access.roles_of(viewer) & ISSUER_SIDE) or _keeps_the_system(viewer)


def issuer_units(viewer: Any) -> QuerySet[Any]:
    """Ids of the units for whose issuing the viewer answers, as a subquery; of all for who keeps the system."""
    if _keeps_the_system(viewer):
        return Unit.objects.values("pk")
    return access.scope_units(viewer, ISSUER_SIDE)


def _keeps_the_system(viewer: Any) -> bool:
    """A superuser sets kinds of paper up before anybody has an office."""
    return bool(viewer.is_authenticated and viewer.is_superuser)


def can_keep_series(viewer: Any, unit: Unit) -> bool:
    """Whether the viewer may make and change kinds of paper that ``unit`` issues."""
    return Unit.objects.filter(pk__in=issuer_units(viewer)).filter(pk=unit.pk).exists()


def can_edit_design(viewer: Any, design: Design) -> bool:
    """Whether the viewer may make a new version of a design.

    A variant belongs to those who answer for its unit. A general design belongs to those who answer for every unit that
    issues with it; one that nobody uses, to whoever made it and to those who answer for the whole province.
    """
    units = issuer_units(viewer)
    if design.unit_id:
        return Unit.objects.filter(pk__in=units).filter(pk=design.unit_id).exists()
    if not is_issuer_side(viewer):
        return False
    users = Series.objects.filter(design__code=design.code)
    if users.exists():
        return not users.exclude(unit__in=units).exists()
    made_here = design.changed_by_id is not None and design.changed_by_id == viewer.pk
    return made_here or Unit.objects.standing_on().filter(parent=None, pk__in=units).exists()


def can_see_design(viewer: Any, design: Design) -> bool:
    """General designs are shown to all who issue; a variant or a draft to those who may change it."""
    if design.unit_id is None and design.state != DesignState.DRAFT:
        return is_issuer_side(viewer)
    return can_edit_design(viewer, design)


def on_issuing_side(viewer: Any, batch: Batch) -> bool:
    """Whether the viewer answers for what the unit that is to issue the batch issues."""
    return access.scope_units(viewer, ISSUER_SIDE).filter(descendant=batch.series.unit_id).exists()


def can_work_on_list(viewer: Any, batch: Batch) -> bool:
    """Whether the viewer may put people of a list aside and decide on their names: proposing and approving offices."""
    return access.can_propose_certificates(viewer, batch.unit) or access.can_issue_certificates(
        viewer, batch.series.unit
    )
