"""The act itself, and the same act looked at before: done for real and rolled back, so that it cannot differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from certificates.services import certificates_reassign
from common import audit
from common.models import AuditEntry
from courses.services import Learning, enrolments_lock, learning_reassign
from kpi.models import CorrectionReason, CountCorrection, Counted, Indicator, Recurrence
from kpi.services import people_recount
from people.audit_words import Change, changes_of
from people.claims import is_waiting, main_unit
from people.merging import Reassigned, lists_stand_still, record_reassign, records_check, records_lock
from people.models import Unit, User
from people.notices import notices_send
from quizzes.services import accommodations_reassign

#: An indicator and the year under which its rows stand: for how many of the two records it counts.
Counts = Counter[tuple[int, int]]


@dataclass(frozen=True)
class Recounted:
    """A figure in which the person counted twice, or counts now. ``year`` is None for what is counted once for all."""

    indicator: Indicator
    year: int | None
    before: int
    after: int


@dataclass(frozen=True)
class Merged:
    """What a merge did. ``corrections``: changes of figures that were closed already, kept beside them."""

    kept: User
    lost: User
    record: Reassigned
    learning: Learning
    certificates: int
    recounted: list[Recounted]
    corrections: int

    @property
    def taken(self) -> list[Change]:
        """What the record that goes on takes from the other, in words."""
        return changes_of(AuditEntry(after=self.record.taken))


@transaction.atomic
def people_merge(*, kept: User, lost: User, actor: User, reason: str) -> Merged:
    """Make ``lost`` a part of ``kept``: where they stood, what they learnt and hold, and what counts for them.

    ``lost`` is closed and says which record goes on; what was issued, closed and logged keeps its words. A figure that
    was reported and changes is a correction (``merged``). Not undone. Raises Refusal, see ``people.merging``.
    """
    lists_stand_still()
    enrolments_lock(users=[kept, lost])
    kept, lost = records_lock(kept=kept, lost=lost)
    records_check(kept=kept, lost=lost, actor=actor)
    ids, units = [kept.pk, lost.pk], (main_unit(kept), main_unit(lost))
    before, corrected = _counts(ids), _corrections(ids)
    learning = learning_reassign(kept=kept, lost=lost)
    certificates = certificates_reassign(kept=kept, lost=lost)
    accommodations_reassign(kept=kept, lost=lost)
    record = record_reassign(kept=kept, lost=lost)
    people_recount(user_ids=ids, reason=CorrectionReason.MERGED)
    merged = Merged(
        kept, lost, record, learning, certificates, _recounted(before, _counts(ids)), _corrections(ids) - corrected
    )
    _write_down(merged, units, actor, reason)
    _tell(kept, actor)
    return merged


def people_merge_preview(*, kept: User, lost: User, actor: User) -> Merged:
    """What the merge would do; nothing is kept. Raises what the merge raises."""
    with transaction.atomic():
        merged = people_merge(kept=kept, lost=lost, actor=actor, reason="")
        transaction.set_rollback(True)
    return merged


def _counts(people: Collection[int]) -> Counts:
    return Counter(Counted.objects.filter(user__in=people).values_list("indicator", "year"))


def _corrections(people: Collection[int]) -> int:
    return CountCorrection.objects.filter(user__in=people, reason=CorrectionReason.MERGED).count()


def _recounted(before: Counts, after: Counts) -> list[Recounted]:
    changed = sorted(key for key in before | after if before[key] != after[key])
    indicators = Indicator.objects.in_bulk({indicator for indicator, _ in changed})
    return [
        Recounted(
            indicators[pk],
            year if indicators[pk].recurrence == Recurrence.YEARLY else None,
            before[pk, year],
            after[pk, year],
        )
        for pk, year in changed
    ]


def _write_down(merged: Merged, units: tuple[Unit | None, Unit | None], actor: User, reason: str) -> None:
    """Two entries, so that whoever reads the log of either record's unit finds it."""
    of_kept, of_lost = units
    audit.record(
        actor=actor,
        act="person_merge",
        subject=merged.kept,
        unit=of_kept or of_lost,
        before=dict.fromkeys(merged.record.taken),
        after=merged.record.taken,
        lost_name=merged.lost.full_name,
        completions=merged.learning.completions,
        certificates=merged.certificates,
        places=[place.unit.name for place in merged.record.places],
        reason=reason,
    )
    audit.record(
        actor=actor,
        act="person_merged",
        subject=merged.lost,
        unit=of_lost or of_kept,
        before=merged.record.given_up,
        after=dict.fromkeys(merged.record.given_up),
        into=str(merged.kept.uuid),
        reason=reason,
    )


def _tell(kept: User, actor: User) -> None:
    """Whoever uses the account reads that it holds more now, and how they sign in."""
    if is_waiting(kept):
        return
    notices_send(
        users=[kept],
        kind="records_merged",
        subject="Hai hồ sơ của bạn đã được gộp làm một",
        body=(
            "Bạn từng có hai hồ sơ học trên hệ thống. Từ nay mọi khoá học và giấy chứng nhận nằm trong một hồ sơ. "
            "Hãy đăng nhập như bạn vẫn đăng nhập vào tài khoản này. "
            "Nếu có điều gì chưa đúng, hãy báo đầu mối của đơn vị."
        ),
        path="/viec-hoc/",
        actor=actor,
        unit=main_unit(kept),
    )
