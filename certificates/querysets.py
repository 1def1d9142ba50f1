"""Reads of batches and certificates, named for the screens that ask."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q


class CertificateQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Any) -> CertificateQuerySet:
        """One's own certificates, and those that the viewer's units issued or asked for."""
        from people import access

        if not viewer.is_authenticated:
            return self.none()
        scope = access.scope_units(viewer)
        return self.filter(Q(holder=viewer) | Q(series__unit__in=scope) | Q(batch__unit__in=scope))


class BatchQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Any) -> BatchQuerySet:
        """Batches that the viewer's units proposed or are to issue."""
        from people import access

        scope = access.scope_units(viewer)
        return self.filter(Q(unit__in=scope) | Q(series__unit__in=scope)) if viewer.is_authenticated else self.none()
