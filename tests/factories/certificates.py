"""Series, batches and certificates for tests, made through the real services."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from certificates.models import Batch
from certificates.services import batch_approve, batch_number, batch_propose, proposal_for, series_ensure_defaults
from people.models import Role
from tests.factories.courses import complete, course_with_steps
from tests.factories.people import MembershipFactory, UserFactory

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
DECISION = {"decision_number": "412/QĐ-SKHCN", "decision_date": date(2026, 11, 20)}


def series_defaults(province: Any) -> SimpleNamespace:
    """The two series of the department, as a province starts with them."""
    automatic, official = series_ensure_defaults(
        unit=province.department, signer_name="Trần Đức Hiếu", signer_title="Phó Giám đốc"
    )
    return SimpleNamespace(automatic=automatic, official=official)


def completions(province: Any, unit: Any, count: int = 1, course: Any = None, **user: Any) -> list[Any]:
    """``count`` people of ``unit`` who finished a course."""
    course = course or course_with_steps(lessons=1)
    found = []
    for _ in range(count):
        member = MembershipFactory(
            user=UserFactory(**({"full_name": "Nguyễn Thị Hoa"} | user)),
            unit=unit,
            audience=province.citizen,
            role=Role.LEARNER,
        )
        found.append(complete(member.user, course, AT))
    return found


def propose(
    *, proposer: Any, series: Any, unit: Any, course: Any, title: str = "Đợt tháng 11", only: Any = None
) -> Batch:
    """A batch of everybody eligible, or of ``only`` some."""
    people = only or proposal_for(series=series, course=course, unit=unit).eligible
    return batch_propose(proposer=proposer, series=series, course=course, unit=unit, title=title, completions=people)


def approve(batch: Batch, official: Any) -> Batch:
    """Approve a batch and give it its numbers, as a worker does after the commit."""
    batch_approve(batch=batch, approver=official, **DECISION)
    batch_number(batch=batch)
    batch.refresh_from_db()
    return batch
