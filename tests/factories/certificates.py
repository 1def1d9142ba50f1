"""Series, batches and certificates for tests, made through the real services."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from certificates.models import Batch
from certificates.services import batch_approve, batch_number, batch_propose, proposal_for, series_ensure_defaults
from common.text import fold, sort_key
from courses.models import Completion, CompletionStanding, Enrolment
from people.models import Role, User
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


def completions_in_bulk(province: Any, unit: Any, count: int, course: Any) -> list[Any]:
    """``count`` people of ``unit`` who finished a course, written at once: for lists too long to learn one by one."""
    names = [
        f"Lê Thị {chr(65 + n % 26)}{'abcdefghij'[n // 26 % 10]}{'klmnopqrst'[n // 260 % 10]}" for n in range(count)
    ]
    users = User.objects.bulk_create(
        User(full_name=name, sort_key=sort_key(name), search_key=fold(name), password="!") for name in names
    )
    rows = Enrolment.objects.bulk_create(
        Enrolment(user=user, course=course, started_at=AT, last_seen_at=AT) for user in users
    )
    done = Completion.objects.bulk_create(
        Completion(
            enrolment=row, user=user, course=course, completed_at=AT, learner_name=user.full_name,
            course_title=course.title, course_revision=1, course_hours=course.hours,
        )
        for row, user in zip(rows, users, strict=True)
    )  # fmt: skip
    CompletionStanding.objects.bulk_create(
        CompletionStanding(completion=one, unit=unit, audience=province.citizen, is_main=True) for one in done
    )
    return done
