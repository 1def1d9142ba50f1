"""Closing a period: what it freezes, what it refuses, and that nothing moves it afterwards."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from threading import Barrier, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from common import jobs
from common.errors import Refusal
from common.models import AuditEntry, Job, JobState
from kpi import places
from kpi.closed import closed_and_now
from kpi.closing_jobs import closing_open, comparison_open
from kpi.closings_compared import closings_compared, compared_below, indicators_compared, units_compared
from kpi.models import ClosedFigure, Closing, CorrectionReason, Population
from kpi.services import closing_make, closing_verify
from kpi.services.comparing import closings_export
from people.models import Membership, Role
from people.services import structures_rebuild
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory, TargetFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.kpi.conftest import REFORM, at
from tests.kpi.test_figures import learn
from tests.tampering import past_the_guard

UNTIL = date(2026, 9, 30)
QUARTER = {"period": "quarter", "until": UNTIL}


@pytest.fixture(autouse=True)
def _in_november(monkeypatch):
    for module in ("kpi.services.closings", "kpi.denominators", "kpi.places"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 20))


@pytest.fixture
def lead(reform):
    """Keeps the figures of today's province."""
    person = UserFactory(full_name="Vi Thị Ánh", email="lead@example.vn")
    MembershipFactory(
        user=person, unit=reform.new, audience=reform.citizen, role=Role.PROVINCIAL_LEAD, valid_from=REFORM
    )
    return person


@pytest.fixture
def indicator(reform, django_capture_on_commit_callbacks):
    """Three learnt in X and one in Y by September, one more in October; 40 are to learn."""
    indicator = IndicatorFactory(code="T-1", audiences=[reform.citizen])
    TargetFactory(indicator=indicator, unit=reform.new, value=100)
    Population.objects.create(indicator=indicator, unit=reform.new, year=2026, value=40, source="s", quote="q")
    with django_capture_on_commit_callbacks(execute=True):
        for unit, day in ((reform.x, "2026-03-05"),) * 3 + ((reform.y, "2026-09-30"), (reform.y, "2026-10-01")):
            learn(unit, reform.citizen, day, valid_from=REFORM)
    return indicator


def close(reform, lead, **more):
    return closing_make(**{"actor": lead, "unit": reform.new, "structure": reform.now, **QUARTER, **more})


def frozen(closing):
    return {row.unit.code: (row.count, row.denominator, row.goal) for row in closing.figures.select_related("unit")}


def test_what_is_frozen(reform, lead, indicator):
    closing = close(reform, lead)
    assert frozen(closing) == {"24": (4, 40, 40), "0A": (3, None, None), "0C": (1, None, None)}
    assert closing.figures_count == 3
    assert closing_verify(closing).ok
    entry = AuditEntry.objects.get(act="kpi.closed")
    assert entry.detail["checksum"] == closing.checksum
    assert entry.actor == lead


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ({"period": "month", "until": date(2026, 11, 30)}, "open_period", "Sớm nhất là ngày 01/12/2026"),
        ({"period": "day", "until": date(2026, 11, 20)}, "open_period", "21/11/2026"),
        ({"period": "quarter", "until": date(2026, 9, 14)}, "no_period_end", "30/09/2026"),
        ({"structure": "before"}, "other_structure", "Cơ cấu"),
    ],
)
def test_what_is_refused(reform, lead, indicator, more, code, says):
    if "structure" in more:
        more = {"structure": reform.before}
    with pytest.raises(Refusal) as refusal:
        close(reform, lead, **more)
    assert refusal.value.code == code
    assert says.lower() in refusal.value.fix.lower()
    assert not Closing.objects.exists()


def test_a_period_is_closed_once(reform, lead, indicator):
    first = close(reform, lead)
    with pytest.raises(Refusal) as refusal:
        close(reform, lead)
    assert refusal.value.code == "closed_already"
    assert str(first.uuid) in refusal.value.detail["link"][0]


def test_who_may_not(reform, indicator):
    reader = UserFactory()
    MembershipFactory(user=reader, unit=reform.new, audience=reform.citizen, role=Role.COORDINATOR, valid_from=REFORM)
    with pytest.raises(Refusal) as refusal:
        close(reform, reader)
    assert refusal.value.status == 403


def test_what_comes_later_stands_beside(reform, lead, indicator, django_capture_on_commit_callbacks):
    closing = close(reform, lead)
    before = frozen(closing)
    with django_capture_on_commit_callbacks(execute=True):
        learn(reform.x, reform.citizen, "2026-11-02", valid_from=REFORM)  # after the period: no business of it
        late = learn(reform.x, reform.citizen, "2026-08-08", valid_from=REFORM)  # sent in late
    assert frozen(closing) == before
    assert closing_verify(closing).ok
    [line] = closed_and_now(closing, reform.new)
    assert (line.before.count, line.after.count, line.difference) == (4, 5, 1)
    assert line.why == {CorrectionReason.LATE: 1}
    assert line.unexplained == 0
    [below] = closed_and_now(closing, reform.y)
    assert not below.has_changed
    assert late.pk


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (lambda rows: rows.filter(unit__code="0A").update(count=30), "nội dung không khớp"),
        (lambda rows: rows.filter(unit__code="0A").delete(), "nay có 2"),
    ],
)
def test_a_tampered_figure_is_found(reform, lead, indicator, tamper, says):
    closing = close(reform, lead)
    tamper(past_the_guard(ClosedFigure))
    proof = closing_verify(closing)
    assert not proof.ok
    assert says in proof.says
    with pytest.raises(CommandError):
        call_command("kpi_closing_verify", stdout=StringIO())


def test_rows_are_written_once(reform, lead, indicator):
    closing = close(reform, lead)
    with pytest.raises(TypeError):
        closing.figures.update(count=1)
    with pytest.raises(TypeError):
        closing.save()


def test_two_closings_compared(reform, lead, indicator):
    first = close(reform, lead)
    second = close(reform, lead, period="month", until=date(2026, 10, 31))
    [line] = closings_compared(first, second, reform.new)
    assert (line.before.count, line.after.count, line.difference) == (4, 5, 1)
    [one] = indicators_compared(first, second)
    units = units_compared(first, second, reform.new).in_bulk()
    below = {line.unit.code: line.difference for line in compared_below(first, second, one, units)}
    assert below == {"24": 1, "0A": 0, "0C": 1}


def test_the_sheet_of_two_closings_asks_as_often_for_many_units(
    reform, lead, indicator, django_assert_max_num_queries, django_capture_on_commit_callbacks
):
    """Head, access, units, indicators, two for the one indicator, the log."""
    first = close(reform, lead)
    for _ in range(20):
        UnitFactory(parent=reform.new, valid_from=REFORM)
    structures_rebuild()
    second = close(reform, lead, period="month", until=date(2026, 10, 31))
    with django_assert_max_num_queries(14):
        closings_export(actor=lead, first=first, second=second, unit=reform.new, form="csv")


def test_the_job_hands_the_sheet_over_while_the_right_holds(
    reform, lead, indicator, django_capture_on_commit_callbacks
):
    first, second = close(reform, lead), close(reform, lead, period="month", until=date(2026, 10, 31))
    with django_capture_on_commit_callbacks(execute=True):
        job = comparison_open(actor=lead, first=first, second=second, unit=reform.new, form="csv")
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.done, job.total) == (JobState.DONE, 1, 1), job.error
    assert job.file.read().decode("utf-8-sig").count("\n") == 4
    assert AuditEntry.objects.filter(act="kpi.closings_compared", detail__rows=3).count() == 1
    assert jobs.may_fetch(job)
    Membership.objects.filter(user=lead).update(valid_to=date(2026, 1, 1))
    assert not jobs.may_fetch(job)


def test_the_commands(reform, lead, indicator):
    out = StringIO()
    asked = ["kpi_close", "--unit", "24", "--period", "quarter", "--until", "2026-09-30", "--actor", "LEAD@example.vn"]
    call_command(*asked, "--dry-run", "--json", stdout=out)
    assert json.loads(out.getvalue())["figures"] == 3
    assert not Closing.objects.exists()
    call_command(*asked, stdout=StringIO())
    out = StringIO()
    call_command("kpi_closing_verify", "--json", stdout=out)
    assert [row["ok"] for row in json.loads(out.getvalue())] == [True]
    with pytest.raises(CommandError, match="đã được chốt"):
        call_command(*asked, stdout=StringIO())
    with pytest.raises(CommandError, match="Không có ai dùng email"):
        call_command(*asked[:-1], "nobody@example.vn", stdout=StringIO())


def test_the_job_makes_the_closing_that_it_promised(reform, lead, indicator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = closing_open(actor=lead, unit=reform.new, structure=reform.now, note="", **QUARTER)
    job = Job.objects.get(pk=job.pk)
    assert job.state == JobState.DONE, job.error
    assert str(Closing.objects.get().uuid) in job.next_path


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_at_once_close_once(on_postgres, reform, lead, indicator):
    barrier, ended = Barrier(2), []

    def one() -> None:
        barrier.wait()
        try:
            ended.append(close(reform, lead).figures_count)
        except Refusal as refusal:
            ended.append(refusal.code)
        finally:
            connection.close()

    threads = [Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, ended)) == ["3", "closed_already"]
    assert ClosedFigure.objects.count() == 3


def test_a_unit_that_only_moved_keeps_its_frozen_figures(reform, lead, indicator):
    """Whoever learnt stays where they were then: a person who moves away later changes nothing."""
    closing = close(reform, lead)
    person = UserFactory()
    MembershipFactory(user=person, unit=reform.y, audience=reform.citizen, valid_from=REFORM)
    complete(person, course_with_steps(1), at("2026-11-11"))
    known = places.structures()
    assert places.place_of(reform.new, reform.now, known).home == reform.now
    assert closing_verify(closing).ok
