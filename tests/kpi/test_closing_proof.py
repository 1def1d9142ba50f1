"""What a proof finds when somebody went into the database, and what it then says."""

from __future__ import annotations

from datetime import date

import pytest

from common.models import AuditEntry
from kpi.models import ClosedFigure, Closing
from kpi.services import closing_make, closing_verify
from kpi.services.closings import FIELDS, checksums
from people.access import current_structure
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import ClosingFactory, IndicatorFactory
from tests.factories.people import MembershipFactory
from tests.kpi.conftest import at
from tests.tampering import past_the_guard


@pytest.fixture
def closing(province, lead, django_capture_on_commit_callbacks):
    """Two indicators; one citizen learnt in each commune."""
    for code in ("BG23-A", "BG23-B"):
        IndicatorFactory(code=code, audiences=[province.citizen])
    with django_capture_on_commit_callbacks(execute=True):
        for unit in (province.north, province.south):
            person = MembershipFactory(unit=unit, audience=province.citizen).user
            complete(person, course_with_steps(1), at("2026-08-08"))
    return closing_make(
        actor=lead, unit=province.root, structure=current_structure(), period="quarter", until=date(2026, 9, 30)
    )


def _figure(closing):
    past_the_guard(ClosedFigure).filter(closing=closing, indicator__code="BG23-A", unit__code="07246").update(count=90)


def _with_its_sum(closing):
    _figure(closing)
    found = checksums(closing, closing.figures.values_list(*FIELDS))
    past_the_guard(Closing).filter(pk=closing.pk).update(checksum=found.whole)


def _target(closing):
    past_the_guard(ClosedFigure).filter(closing=closing, indicator__code="BG23-B").update(comparator=">=")


def _one_less(closing):
    past_the_guard(ClosedFigure).filter(closing=closing, indicator__code="BG23-B", unit__code="24").delete()


def _other_day(closing):
    past_the_guard(Closing).filter(pk=closing.pk).update(until=date(2026, 6, 30))


def _log(closing):
    past_the_guard(AuditEntry).filter(subject_uuid=closing.uuid).delete()


@pytest.mark.parametrize(
    ("tamper", "says", "changed"),
    [
        (_figure, "không khớp mã xác thực", ["BG23-A"]),
        (_with_its_sum, "không phải mã mà nhật ký ghi", ["BG23-A"]),
        (_target, "không khớp mã xác thực", ["BG23-B"]),
        (_one_less, "Lúc chốt có 6 con số, nay có 5", ["BG23-B"]),
        (_other_day, "không khớp mã xác thực", []),
        (_log, "Nhật ký không có việc chốt này", ["BG23-A", "BG23-B"]),
    ],
)
def test_what_was_tampered_with_is_named(closing, tamper, says, changed):
    assert closing_verify(closing).ok
    tamper(closing)
    proof = closing_verify(Closing.objects.get(pk=closing.pk))
    assert not proof.ok
    assert says in proof.says
    assert proof.changed == changed


def test_a_closing_that_nobody_made_is_no_proof(province):
    assert not closing_verify(ClosingFactory(unit=province.root)).ok


def test_two_queries(closing, django_assert_num_queries):
    closing = Closing.objects.for_page().get()
    with django_assert_num_queries(2):
        assert closing_verify(closing).ok
