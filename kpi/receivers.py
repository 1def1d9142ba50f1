"""Receivers of the domain signals ``course_completed`` and ``certificates_changed``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from certificates.models import Act
from certificates.signals import certificates_changed
from courses.models import Completion
from courses.signals import course_completed
from kpi import counting
from kpi.models import CorrectionReason, CountingKind
from kpi.services import people_recount

#: Why a figure that was reported changes when a paper does. One that is replaced counts by its successor: no change.
_REASONS = {
    Act.REVOKE: CorrectionReason.REVOKED,
    Act.CANCEL: CorrectionReason.REVOKED,
    Act.ISSUE: CorrectionReason.LATE,
}


@receiver(course_completed, dispatch_uid="kpi.completions_count")
def count_completions(sender: Any, completions: Sequence[Completion], **kwargs: Any) -> None:
    """Count the people, in the transaction that created the completions."""
    counting.completions_count(completions=completions)


@receiver(certificates_changed, dispatch_uid="kpi.people_recount")
def recount_holders(
    sender: Any, act: Act, holders: Sequence[int], completions: Sequence[Completion], **kwargs: Any
) -> None:
    """Count those whose papers changed once more, in the transaction that changed them.

    Confirmations are numbered in the transaction that completed and counted: where papers count nowhere, counting has
    found that out a moment ago, and nobody who finishes a course waits for another query.
    """
    if completions and not any(getattr(one, counting.PAPERS_COUNT, True) for one in completions):
        return
    reason = _REASONS.get(act, CorrectionReason.REPAIRED)
    people_recount(user_ids=holders, reason=reason, kinds={CountingKind.CERTIFICATE})
