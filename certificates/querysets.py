"""Reads of batches, certificates and registers, named for the screens that ask."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Count, Q

from certificates.numbering import number_key
from common.text import fold
from people import access
from people.models import Role

#: What the public page reads beside the certificate: three replacements in a row cost no further query.
_VERIFIED = ("series", "replaced_by__replaced_by__replaced_by")
#: Those who answer for what a unit issues. A coordinator or team leader of that unit answers for its own people only.
ISSUER_SIDE = frozenset({Role.ISSUING_OFFICIAL, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR})


def _of_office(viewer: Any, *, issuer: str, proposer: str) -> Q:
    """Rows whose issuing unit the viewer answers for as issuer, or whose proposing unit as one who proposes."""
    return Q(**{f"{issuer}__in": access.scope_units(viewer, ISSUER_SIDE)}) | Q(
        **{f"{proposer}__in": access.scope_units(viewer, access.PROPOSING)}
    )


class CertificateQuerySet(models.QuerySet[Any]):
    def managed_by(self, viewer: Any) -> CertificateQuerySet:
        """Certificates that the viewer's office issued, or that came from a list of a unit for which it proposes."""
        return self.filter(_of_office(viewer, issuer="series__unit", proposer="batch__unit"))

    def visible_to(self, viewer: Any) -> CertificateQuerySet:
        """One's own certificates, and those that one's office issued or asked for."""
        if not viewer.is_authenticated:
            return self.none()
        return self.filter(Q(holder=viewer) | _of_office(viewer, issuer="series__unit", proposer="batch__unit"))

    def for_my_certificates(self, holder: Any) -> CertificateQuerySet:
        """A person's own certificates, newest first."""
        return self.filter(holder=holder).select_related("series").order_by("-issued_on", "-pk")

    def for_verification(self, token: str) -> Any:
        """The certificate behind a QR code with what replaced it, or None."""
        return self.filter(token=token).select_related(*_VERIFIED).first()

    def for_file(self, digest: str) -> Any:
        """The certificate whose issued file has exactly that SHA-256 (64 small hexadecimal digits), or None."""
        return self.filter(file_sha256=digest).select_related(*_VERIFIED).first()

    def for_lookup(self, *, number: str, name: str) -> Any:
        """The certificate of that number if it was made out to that name (accents, case and the signs between the
        parts of the number do not matter), or None."""
        key = number_key(number)
        for found in self.filter(number_key=key) if key else ():  # the same digits in several series
            if fold(found.holder_name) == fold(name):
                return found
        return None


class BatchQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Any) -> BatchQuerySet:
        """Batches of units for which the viewer proposes, and those that the viewer's office is to issue."""
        return self.filter(_of_office(viewer, issuer="series__unit", proposer="unit"))

    def for_list(self, viewer: Any) -> BatchQuerySet:
        """The batches of the viewer's scope, those that wait for approval first, with the number of people."""
        is_open = models.When(state__in=["proposed", "checked"], then=0)
        waiting = models.Case(is_open, default=1, output_field=models.IntegerField())
        people = Count("items", filter=Q(items__excluded_reason="", items__held_reason=""))
        found = self.visible_to(viewer).select_related("series", "course", "unit")
        listed: BatchQuerySet = found.annotate(people=people, waiting=waiting)
        return listed.order_by("waiting", "-proposed_at", "-pk")
