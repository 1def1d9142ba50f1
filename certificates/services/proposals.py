"""Who can be put on a list: completions of a course under a unit, told apart by what stands in the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from certificates.models import OPEN_STATES, BatchItem, BatchState, Certificate, CertificateState, Series
from common.errors import Refusal
from courses.models import Completion, Course
from courses.querysets import completions_under
from people.models import Unit

#: Certificates that keep their holder from getting another one for the same completion.
STANDING = (CertificateState.VALID, CertificateState.REVOKED)


@dataclass(frozen=True)
class Proposal:
    """The preview of a batch: ``waiting`` are on another list that is not decided yet, ``unfit`` cannot be printed."""

    eligible: QuerySet[Any]
    issued: QuerySet[Any]
    waiting: QuerySet[Any]
    unfit: QuerySet[Any]

    def fingerprint(self) -> str:
        """A short name for exactly the people who are eligible now: a page carries it to the act that follows."""
        return _fingerprint(self.eligible.values_list("pk", flat=True))

    def people_shown(self, fingerprint: str, *, back: str = "") -> list[Completion]:
        """The eligible people, if they are those whom the fingerprint names; otherwise Refusal ``list_changed``, with
        the way ``back`` to the page."""
        people = list(self.eligible)
        if _fingerprint(completion.pk for completion in people) != fingerprint:
            raise Refusal(
                "Danh sách đã thay đổi sau khi trang được mở, nên chưa gửi đề nghị nào.",
                code="list_changed",
                fix="Có người vừa hoàn thành khoá học, hoặc vừa được đề nghị trong một đợt khác. "
                "Hãy mở lại trang lập đợt cấp, xem danh sách mới rồi gửi.",
                back=back,
            )
        return people


def _fingerprint(ids: Iterable[int]) -> str:
    return hashlib.sha256(",".join(str(pk) for pk in sorted(ids)).encode()).hexdigest()


def proposal_for(*, series: Series, course: Course, unit: Unit) -> Proposal:
    """Completions of ``course`` reached under ``unit`` (today's structure): eligible, already issued, in the way.

    Of somebody who finished the course several times, in rounds, only the last time is put forward.
    """
    issued = Certificate.objects.filter(series=series, completion=OuterRef("pk"), state__in=STANDING)
    waiting = BatchItem.objects.filter(
        batch__series=series,
        batch__state__in=[*OPEN_STATES, BatchState.APPROVED],
        excluded_reason="",
        held_reason="",
        completion=OuterRef("pk"),
    )
    found = (
        completions_under(unit=unit, course=course)
        .annotate(has_certificate=Exists(issued), is_waiting=Exists(waiting))
        .order_by("user__sort_key", "pk")
    )
    # One word, a digit or an @ is a log-in, not a name: nobody should hold a certificate made out to an address.
    bad_name = Q(learner_name__regex=r"[0-9@]") | ~Q(learner_name__contains=" ")
    later = Completion.objects.filter(
        user=OuterRef("user"), course=OuterRef("course"), enrolment__round__gt=OuterRef("enrolment__round")
    )
    open_ = found.filter(~Exists(later), has_certificate=False)
    return Proposal(
        eligible=open_.filter(is_waiting=False).exclude(bad_name),
        issued=found.filter(has_certificate=True),
        waiting=open_.filter(is_waiting=True),
        unfit=open_.filter(bad_name, is_waiting=False),
    )
