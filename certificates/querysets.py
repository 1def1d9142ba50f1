"""Reads of batches, certificates and registers, named for the screens that ask."""

from __future__ import annotations

import re
from typing import Any

from django.db import models
from django.db.models import Count, Q

from common.text import fold

_NUMBER = re.compile(r"^(?:số\s*:?\s*)?0*(\d{1,9})\s*/\s*(\d{4})\s*/\s*(.+)$", re.IGNORECASE)


def canonical_number(typed: str) -> str:
    """A number as it is kept, from what people type: "số 42 / 2026 / cn-skhcn" gives "00042/2026/CN-SKHCN"."""
    found = _NUMBER.match(" ".join(typed.split()))
    return f"{int(found[1]):05d}/{found[2]}/{found[3].replace(' ', '').upper()}" if found else typed.strip().upper()


class CertificateQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Any) -> CertificateQuerySet:
        """One's own certificates, and those that the viewer's units issued or asked for."""
        from people import access

        if not viewer.is_authenticated:
            return self.none()
        scope = access.scope_units(viewer)
        return self.filter(Q(holder=viewer) | Q(series__unit__in=scope) | Q(batch__unit__in=scope))

    def for_my_certificates(self, holder: Any) -> CertificateQuerySet:
        """A person's own certificates, newest first."""
        return self.filter(holder=holder).select_related("series").order_by("-issued_on", "-pk")

    def for_verification(self, token: str) -> Any:
        """The certificate behind a QR code, or None."""
        return self.filter(token=token).select_related("series").first()

    def for_lookup(self, *, number: str, name: str) -> Any:
        """The certificate of that number if it was made out to that name (accents and case do not matter), or None."""
        found = self.filter(number=canonical_number(number)).first()
        return found if found and fold(found.holder_name) == fold(name) else None


class BatchQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Any) -> BatchQuerySet:
        """Batches that the viewer's units proposed or are to issue."""
        from people import access

        scope = access.scope_units(viewer)
        return self.filter(Q(unit__in=scope) | Q(series__unit__in=scope)) if viewer.is_authenticated else self.none()

    def for_list(self, viewer: Any) -> BatchQuerySet:
        """The batches of the viewer's scope, those that wait for approval first, with the number of people."""
        waiting = models.Case(models.When(state="proposed", then=0), default=1, output_field=models.IntegerField())
        people = Count("items", filter=Q(items__excluded_reason=""))
        found = self.visible_to(viewer).select_related("series", "course", "unit")
        listed: BatchQuerySet = found.annotate(people=people, waiting=waiting)
        return listed.order_by("waiting", "-proposed_at", "-pk")
