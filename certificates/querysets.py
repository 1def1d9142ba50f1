"""Reads of batches, certificates and registers, named for the screens that ask."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

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


_IN_HAND = Q(delivery__handed_over_on__isnull=False) | Q(delivery__acknowledged_at__isnull=False)
#: How the certificates of a list can be narrowed down by their way to the holder.
DELIVERY_FILTERS = {
    "chua-giao": (_("Chưa giao"), ~_IN_HAND & Q(state="valid")),
    "da-giao": (_("Đã giao bản giấy"), Q(delivery__handed_over_on__isnull=False)),
    "da-nhan": (_("Người học báo đã nhận"), Q(delivery__acknowledged_at__isnull=False)),
}


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
        found = self.filter(holder=holder).select_related("series", "delivery", "replaced_by")
        return found.order_by("-issued_on", "-pk")

    def for_delivery(self, narrowed: str = "", words: str = "") -> CertificateQuerySet:
        """The certificates of a list by number, each with how it reached its holder."""
        found = self.select_related("delivery__handed_over_by")
        if narrowed in DELIVERY_FILTERS:
            found = found.filter(DELIVERY_FILTERS[narrowed][1])
        if sought := fold(words):
            found = found.filter(Q(holder__search_key__contains=sought) | Q(number__icontains=words.strip()))
        return found.order_by("year", "seq")

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

    def to_approve(self, viewer: Any) -> BatchQuerySet:
        """Batches that wait and that the viewer may approve."""
        issues = access.scope_units(viewer, frozenset({Role.ISSUING_OFFICIAL}))
        return self.filter(series__unit__in=issues, state__in=["proposed", "checked"])

    def for_list(self, viewer: Any) -> BatchQuerySet:
        """The batches of the viewer's scope, those that wait for approval first, with the number of people."""
        is_open = models.When(state__in=["proposed", "checked"], then=0)
        waiting = models.Case(is_open, default=1, output_field=models.IntegerField())
        people = Count("items", filter=Q(items__excluded_reason="", items__held_reason=""))
        found = self.visible_to(viewer).select_related("series", "course", "learning_path", "unit")
        listed: BatchQuerySet = found.annotate(people=people, waiting=waiting)
        return listed.order_by("waiting", "-proposed_at", "-pk")


#: The name, or the day of birth, that the completion froze is not that of today's roster.
_NAMES_DIFFER = ~Q(completion__learner_name=F("completion__user__full_name"))
_NO_DATE_THEN = Q(completion__learner_birth_date__isnull=True)
_NO_DATE_NOW = Q(completion__user__birth_date__isnull=True)
_DATES_DIFFER = ~_NO_DATE_NOW & (_NO_DATE_THEN | ~Q(completion__learner_birth_date=F("completion__user__birth_date")))
#: What was decided is neither the one nor the other any more: the roster was mended again after the decision.
_NAME_STALE = (
    _NAMES_DIFFER & ~Q(holder_name=F("completion__learner_name")) & ~Q(holder_name=F("completion__user__full_name"))
)
_DATE_STALE = (
    Q(holder_birth_date__isnull=False)
    & (_NO_DATE_THEN | ~Q(holder_birth_date=F("completion__learner_birth_date")))
    & (_NO_DATE_NOW | ~Q(holder_birth_date=F("completion__user__birth_date")))
)
DIFFERING = _NAMES_DIFFER | _DATES_DIFFER
LISTED = Q(excluded_reason="", held_reason="")
UNDECIDED = LISTED & DIFFERING & (Q(name_checked_by__isnull=True) | _NAME_STALE | _DATE_STALE)
#: How the people of a list can be narrowed down, as the address says it, and how the page calls it.
FILTERS = {
    "chua-quyet": (_("Khác biệt chưa chọn cách ghi"), UNDECIDED),
    "khac-biet": (_("Có khác biệt với danh sách hôm nay"), LISTED & DIFFERING),
    "tam-giu": (_("Tạm giữ"), Q(excluded_reason="", held_reason__gt="")),
    "da-loai": (_("Đã loại"), Q(excluded_reason__gt="")),
}
#: People of a list who could be taken for one another; asked for by ids, see ``namesakes``.
SAME_PERSON = "trung-ten"


class BatchItemQuerySet(models.QuerySet[Any]):
    def listed(self) -> BatchItemQuerySet:
        """Those who get a certificate when the list is approved."""
        return self.filter(LISTED)

    def undecided(self) -> BatchItemQuerySet:
        """Those of whom nobody said yet which of two names or days of birth is printed."""
        return self.filter(UNDECIDED)

    def without_certificate(self, *, award: str, standing: Any) -> BatchItemQuerySet:
        """Those who have none in the series of their batch for that award."""
        from certificates.models import Certificate

        whose = Q(completion=OuterRef("completion"))
        if award.startswith("path:"):
            # Finished once by a person: of two records that became one, each may be on a list.
            whose |= Q(holder=OuterRef("completion__user"))
        held = Certificate.objects.filter(whose, series=OuterRef("batch__series"), award=award, state__in=standing)
        return self.filter(~Exists(held))

    def for_page(self, narrowed: str = "", words: str = "") -> BatchItemQuerySet:
        """The people of a batch by given name, those put aside last; with what the page compares."""
        found = self.select_related("completion__user", "name_checked_by")
        if narrowed in FILTERS:
            found = found.filter(FILTERS[narrowed][1])
        if narrowed == SAME_PERSON:
            found = found.filter(pk__in=self.namesakes())
        if sought := fold(words):
            found = found.filter(completion__user__search_key__contains=sought)
        put_aside = models.Case(models.When(LISTED, then=0), default=1, output_field=models.IntegerField())
        ordered: BatchItemQuerySet = found.order_by(put_aside, "completion__user__sort_key", "pk")
        return ordered

    def namesakes(self) -> list[int]:
        """Those on the list who share name and day of birth with somebody else on it."""
        listed = self.filter(LISTED)
        pairs = listed.order_by().values("holder_name", "holder_birth_date").annotate(people=Count("pk"))
        shared = {(one["holder_name"], one["holder_birth_date"]) for one in pairs.filter(people__gt=1)}
        if not shared:
            return []
        named = listed.filter(holder_name__in={name for name, _born in shared})
        rows = named.values_list("pk", "holder_name", "holder_birth_date")
        return [pk for pk, name, born in rows if (name, born) in shared]

    def counted(self) -> dict[str, int]:
        """How many there are of each kind, in one query."""
        kinds = {name.replace("-", "_"): Count("pk", filter=condition) for name, (_label, condition) in FILTERS.items()}
        counts: dict[str, int] = self.aggregate(total=Count("pk"), listed=Count("pk", filter=LISTED), **kinds)
        return counts
