"""How certificates reach their holders: a notice when the file is there, the paper handed over, the holder's word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from certificates.models import Batch, Certificate, CertificateState, Delivery
from certificates.services.lists import NAMES_LOGGED
from common import audit
from common.errors import Refusal
from common.text import nfc
from common.wording import day as day_said
from people import access
from people.models import User
from people.notices import notices_send

#: Only certificates of the last days are told of: whoever brings old lists into the platform writes to nobody.
TOLD_WITHIN = timedelta(days=30)
#: Notices of one run.
AT_ONCE = 500
#: The holder's own page.
OWN_PAGE = "/chung-nhan/"


def certificates_notify(*, ids: Sequence[int] | None = None) -> int:
    """Tell holders of certificates by decision that their file is there; returns how many were told.

    Once for each certificate, however often it is called: the row that says so is locked and written with the notice.
    Without ``ids`` all that were missed, which is what the sweep asks for.
    """
    since = timezone.localdate() - TOLD_WITHIN
    due = Certificate.objects.filter(
        Q(delivery=None) | Q(delivery__notified_at=None),
        batch__isnull=False,
        holder__isnull=False,
        state=CertificateState.VALID,
        issued_on__gte=since,
    ).exclude(file="")
    if ids is not None:
        due = due.filter(pk__in=ids)
    told = 0
    while found := list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        told += _told(found)
    return told


@transaction.atomic
def _told(ids: Sequence[int]) -> int:
    Delivery.objects.bulk_create([Delivery(certificate_id=pk) for pk in ids], ignore_conflicts=True)
    rows = Delivery.objects.select_for_update(of=("self",)).filter(certificate__in=ids, notified_at=None)
    mine = list(rows.select_related("certificate__holder", "certificate__series").order_by("pk"))
    groups: dict[tuple[int | None, str, str], list[User]] = defaultdict(list)
    for one in mine:
        paper = one.certificate
        assert paper.holder is not None  # asked for above
        groups[paper.batch_id, paper.series.name, paper.course_title].append(paper.holder)
    for (batch, name, title), holders in groups.items():
        notices_send(
            users=holders,
            kind=f"certificate-{batch}",
            subject=f"{name} của bạn đã có",
            body=f"«{title}»: đã có tệp PDF. Mở trang Chứng nhận của tôi để tải hoặc chia sẻ.",
            path=OWN_PAGE,
        )
    Delivery.objects.filter(pk__in=[one.pk for one in mine]).update(notified_at=timezone.now())
    return len(mine)


def _to_deliver(batch: Batch, actor: User, certificates: Collection[int]) -> list[Certificate]:
    """The certificates of a list that are meant, locked; for the offices that answer for the list."""
    if not Batch.objects.visible_to(actor).filter(pk=batch.pk).exists():
        raise Refusal(
            gettext("Bạn không phụ trách đợt «%(title)s».") % {"title": batch.title},
            code="not_allowed",
            fix=gettext("Nhờ đầu mối của đơn vị đề nghị hoặc đơn vị cấp giấy ghi nhận."),
            status=403,
        )
    if not certificates:
        fix = gettext("Đánh dấu ít nhất một người rồi bấm lại.")
        raise Refusal(gettext("Chưa chọn giấy nào."), code="nobody_chosen", fix=fix)
    locked = batch.certificates.select_for_update(of=("self",)).filter(pk__in=certificates)
    return list(locked.order_by("pk"))


@transaction.atomic
def deliveries_hand_over(
    *, batch: Batch, certificates: Collection[int], day: date, receiver: str = "", actor: User
) -> int:
    """Write down that papers were handed over on a day; returns how many. ``receiver``: who took them for their
    holders; empty: each their own. Those that were handed over before, or do not hold any more, are passed over.

    Raises Refusal ``not_allowed``, ``nobody_chosen``, ``day_in_future`` or ``day_too_early`` (before it was issued).
    """
    found = _to_deliver(batch, actor, certificates)
    _require_day(day, found)
    Delivery.objects.bulk_create([Delivery(certificate=one) for one in found], ignore_conflicts=True)
    valid = {one.pk: one for one in found if one.state == CertificateState.VALID}
    rows = list(Delivery.objects.select_for_update().filter(certificate__in=valid, handed_over_on=None))
    receiver = nfc(receiver)[:150]
    for row in rows:
        row.handed_over_on, row.handed_over_by = day, actor
        row.received_by = receiver or valid[row.certificate_id].holder_name
    Delivery.objects.bulk_update(rows, ["handed_over_on", "handed_over_by", "received_by"], batch_size=200)
    names = [valid[row.certificate_id].holder_name for row in rows]
    _log(batch, actor, "certificates_hand_over", names, received_by=receiver, handed_over_on=day.isoformat())
    return len(rows)


def _require_day(day: date, papers: Collection[Certificate]) -> None:
    today = timezone.localdate()
    if day > today:
        said = gettext("Ngày giao ở sau ngày hôm nay (%(day)s).") % {"day": day_said(today)}
        raise Refusal(said, code="day_in_future", fix=gettext("Kiểm tra lại ngày giao."))
    first = max((paper.issued_on for paper in papers), default=day)
    if day < first:
        said = gettext("Ngày giao ở trước ngày cấp giấy (%(day)s).") % {"day": day_said(first)}
        raise Refusal(said, code="day_too_early", fix=gettext("Kiểm tra lại ngày giao."))


@transaction.atomic
def deliveries_take_back(*, batch: Batch, certificates: Collection[int], actor: User) -> int:
    """Strike out that papers were handed over, for what was ticked by mistake; returns how many."""
    found = {one.pk: one for one in _to_deliver(batch, actor, certificates)}
    rows = Delivery.objects.filter(certificate__in=found, handed_over_on__isnull=False)
    names = [found[pk].holder_name for pk in rows.values_list("certificate", flat=True)]
    rows.update(handed_over_on=None, handed_over_by=None, received_by="")
    _log(batch, actor, "certificates_hand_over_undo", names)
    return len(names)


def _log(batch: Batch, actor: User, act: str, names: list[str], **detail: Any) -> None:
    if names:
        said = ", ".join(names[:NAMES_LOGGED])
        audit.record(actor=actor, act=act, subject=batch, unit=batch.unit, people=len(names), names=said, **detail)


@transaction.atomic
def certificate_acknowledge(*, certificate: Certificate, holder: User) -> tuple[Delivery, bool]:
    """The holder says that they have their certificate. Returns (delivery, new); saying it again changes nothing."""
    access.require(certificate.holder_id == holder.pk, holder, what=gettext("giấy này"))
    delivery, _ = Delivery.objects.select_for_update().get_or_create(certificate=certificate)
    if delivery.acknowledged_at:
        return delivery, False
    delivery.acknowledged_at = timezone.now()
    delivery.save(update_fields=["acknowledged_at"])
    return delivery, True
