"""Certificates that will soon hold no more: their holders are told in time, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from certificates.models import Basis, Certificate, CertificateState, Series
from common.text import vi_date
from people.models import Notice
from people.notices import notices_send

#: What one run writes; the rest follows the next day.
AT_ONCE = 2000


def certificates_remind(*, limit: int = AT_ONCE) -> int:
    """Tell holders whose certificate ends within its kind's ``remind_days`` how to learn anew; return how many.

    Nobody is told twice about one certificate, and nobody who already has a later one for the same. Safe to repeat.
    """
    told = 0
    for certificate in list(_due(timezone.localdate())[:limit]):
        told += bool(
            notices_send(
                users=[certificate.holder] if certificate.holder else [],
                kind=notice_kind(certificate),
                subject="Giấy của bạn sắp hết giá trị",
                body=f"{certificate.series.name} số {certificate.number} ({certificate.course_title}) có giá trị đến "
                f"hết ngày {vi_date(certificate.expires_on)}. Hãy học lại để được cấp giấy mới.",
                path=_where_to_learn(certificate),
                not_within_days=3650,
            )
        )
    return told


def notice_kind(certificate: Certificate) -> str:
    """One kind for each certificate: so it is told once, and shown beside others."""
    return f"renew-{certificate.pk}"


def _due(today: date) -> QuerySet[Certificate]:
    windows = Q(pk__in=[])
    for pk, days in Series.objects.filter(remind_days__gt=0).values_list("pk", "remind_days"):
        windows |= Q(series=pk, expires_on__lte=today + timedelta(days=days))
    mine = Notice.objects.filter(
        user=OuterRef("holder"), kind=Concat(Value("renew-"), Cast(OuterRef("pk"), CharField()))
    )
    later = Certificate.objects.filter(
        Q(expires_on=None) | Q(expires_on__gt=OuterRef("expires_on")),
        series=OuterRef("series"), holder=OuterRef("holder"), award=OuterRef("award"), state=CertificateState.VALID,
    )  # fmt: skip
    found: QuerySet[Certificate] = Certificate.objects.filter(
        windows,
        ~Exists(mine),
        ~Exists(later),
        state=CertificateState.VALID,
        expires_on__gte=today,
        holder__is_active=True,
    )
    related = found.select_related("series__learning_path", "completion__course", "holder")
    return related.order_by(F("expires_on"), "pk")


def _where_to_learn(certificate: Certificate) -> str:
    return next(_places(certificate), "/khoa-hoc/")


def _places(certificate: Certificate) -> Iterator[str]:
    series = certificate.series
    if series.basis == Basis.PATH and series.learning_path:
        yield f"/lo-trinh/{series.learning_path.slug}/"
    if series.basis == Basis.COURSE and certificate.completion:
        yield f"/khoa-hoc/{certificate.completion.course.slug}/"
