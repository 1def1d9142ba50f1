"""Who can be put on a list: completions of a course under a unit, told apart by what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from certificates.models import BatchItem, BatchState, Certificate, Series
from courses.models import Completion, CompletionStanding, Course
from people import access
from people.models import Unit, UnitAncestor

#: Not eligible, and why; shown to the official who puts the list together.
WAITING = "Đang chờ duyệt trong một đợt khác"
BAD_NAME = "Họ và tên lúc hoàn thành chưa đúng để in lên giấy"


@dataclass(frozen=True)
class Proposal:
    """The preview of a batch. Held-back completions carry ``held_reason``."""

    eligible: QuerySet[Any]
    issued: QuerySet[Any]
    held: QuerySet[Any]


def proposal_for(*, series: Series, course: Course, unit: Unit) -> Proposal:
    """Completions of ``course`` reached under ``unit`` (today's structure): eligible, already issued, held back."""
    below = UnitAncestor.objects.filter(structure=access.current_structure(), ancestor=unit).values("descendant")
    standing = CompletionStanding.objects.filter(completion=OuterRef("pk"), unit__in=below)
    issued = Certificate.objects.filter(series=series, completion=OuterRef("pk"))
    waiting = BatchItem.objects.filter(
        batch__series=series, batch__state=BatchState.PROPOSED, excluded_reason="", completion=OuterRef("pk")
    )
    found = (
        Completion.objects.filter(Exists(standing), course=course)
        .annotate(has_certificate=Exists(issued), is_waiting=Exists(waiting))
        .order_by("user__sort_key", "pk")
    )
    # One word, a digit or an @ is a log-in, not a name: nobody should hold a certificate made out to an address.
    bad_name = Q(learner_name__regex=r"[0-9@]") | ~Q(learner_name__contains=" ")
    open_ = found.filter(has_certificate=False)
    return Proposal(
        eligible=open_.filter(is_waiting=False).exclude(bad_name),
        issued=found.filter(has_certificate=True),
        held=open_.filter(bad_name | Q(is_waiting=True)).annotate(
            held_reason=Case(
                When(is_waiting=True, then=Value(WAITING)), default=Value(BAD_NAME), output_field=CharField()
            )
        ),
    )
