"""How far an approved list is, and what its office may do about it: pause, go on, try failed files again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Batch, BatchState, Certificate, Signing
from certificates.rights import on_issuing_side
from certificates.services.files import enqueue_rendering
from certificates.services.issuing import require_issuing_right
from certificates.services.lists import batch_lock, batch_page
from certificates.services.numbering import enqueue_numbering
from common import audit
from common.errors import Refusal
from people.models import User

#: Lists that were approved.
_APPROVED = (BatchState.APPROVED, BatchState.ISSUED)


@dataclass(frozen=True)
class BatchProgress:
    """People on the list; how many have a number, a drawn paper, an issued file; how many files failed."""

    people: int
    numbered: int
    drawn: int
    made: int
    failed: int
    is_numbering: bool
    is_paused: bool
    is_signed: bool
    is_handed_off: bool

    @property
    def waiting_to_be_signed(self) -> int:
        """Papers that wait for an official's own device."""
        return self.drawn - self.made if self.is_handed_off else 0

    @property
    def is_unfinished(self) -> bool:
        """Whether a worker has something to do now: what failed waits for the sweep, or for people."""
        return not self.is_paused and (self.is_numbering or self.drawn + self.failed < self.numbered)

    @property
    def is_done(self) -> bool:
        """Whether everybody has an issued file."""
        return not self.is_numbering and self.made == self.numbered

    @property
    def percent(self) -> int:
        """0 to 100; a number and a file count alike."""
        whole = 2 * max(self.people, self.numbered)
        return (self.numbered + self.drawn) * 100 // whole if whole else 100


def batch_progress(*, batch: Batch) -> BatchProgress:
    """How far an approved list is; two queries."""
    counts = batch.certificates.aggregate(
        numbered=Count("pk"),
        made=Count("pk", filter=~Q(file="")),
        drawn=Count("pk", filter=~Q(file="") | ~Q(draft_file="")),
        failed=Count("pk", filter=_FAILED),
    )
    return BatchProgress(
        people=batch.items.listed().count(),
        is_numbering=batch.state == BatchState.APPROVED,
        is_paused=batch.paused_at is not None,
        is_signed=batch.series.signing != Signing.NONE,
        is_handed_off=batch.series.signing == Signing.HANDOFF,
        **counts,
    )


_FAILED = Q(file="", draft_file="") & ~Q(render_error="")


def batch_failures(*, batch: Batch) -> QuerySet[Certificate]:
    """Certificates whose file could not be made, by number."""
    found: QuerySet[Certificate] = batch.certificates.filter(_FAILED)
    return found.order_by("year", "seq")


def _require_steering(batch: Batch, actor: User) -> None:
    if not on_issuing_side(actor, batch):
        require_issuing_right(actor, batch.series.unit)


@transaction.atomic
def batch_pause(*, batch: Batch, actor: User) -> tuple[Batch, bool]:
    """Stop numbering and files of an approved list after what a worker has in hand. Returns (batch, changed).

    Raises Refusal ``not_allowed``, or ``nothing_to_pause`` when nothing is left to do or the list is not approved.
    """
    batch = batch_lock(batch)
    _require_steering(batch, actor)
    if batch.paused_at:
        return batch, False
    if batch.state not in _APPROVED or batch_progress(batch=batch).is_done:
        raise Refusal(
            _("Đợt cấp này không có việc nào đang chạy."),
            code="nothing_to_pause",
            fix=_("Chỉ tạm dừng được đợt đang cấp số hoặc đang tạo tệp."),
            back=batch_page(batch),
        )
    batch.paused_at = timezone.now()
    batch.save(update_fields=["paused_at"])
    audit.record(actor=actor, act="batch_pause", subject=batch, unit=batch.unit)
    return batch, True


@transaction.atomic
def batch_resume(*, batch: Batch, actor: User) -> tuple[Batch, bool]:
    """Let a paused list go on where it stopped. Returns (batch, changed)."""
    batch = batch_lock(batch)
    _require_steering(batch, actor)
    if not batch.paused_at:
        return batch, False
    batch.paused_at = None
    batch.save(update_fields=["paused_at"])
    audit.record(actor=actor, act="batch_resume", subject=batch, unit=batch.unit)
    transaction.on_commit(partial(_go_on, batch))
    return batch, True


def _go_on(batch: Batch) -> None:
    if batch.state == BatchState.APPROVED:
        enqueue_numbering(batch)
    left = batch.certificates.filter(file="", draft_file="").order_by("pk")
    enqueue_rendering(list(left.values_list("pk", flat=True)))


@transaction.atomic
def batch_files_retry(*, batch: Batch, actor: User, certificate: Certificate | None = None) -> int:
    """Have failed files of a list made again now, all of them or that of one certificate; returns how many."""
    batch = batch_lock(batch)
    _require_steering(batch, actor)
    failed = batch_failures(batch=batch)
    ids = list((failed.filter(pk=certificate.pk) if certificate else failed).values_list("pk", flat=True))
    if ids:
        # The row says that it waits again, so that the page shows what happens this time.
        Certificate.objects.filter(pk__in=ids).update(render_error="")
        audit.record(actor=actor, act="batch_files_retry", subject=batch, unit=batch.unit, certificates=len(ids))
        transaction.on_commit(partial(enqueue_rendering, ids))
    return len(ids)
