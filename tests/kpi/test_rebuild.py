"""Rebuilt counts equal live ones on random histories; drift is found, named and repaired."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from certificates.models import Act, Certificate, CertificateState
from certificates.services import (
    certificate_cancel,
    certificate_reissue,
    certificate_revoke,
    issuing,
    replacing,
    series_ensure_defaults,
)
from certificates.services.issuing import certificates_issue, claim_of
from courses.models import Completion, CompletionStanding, Enrolment, Level
from courses.services import standings_for
from courses.signals import course_completed
from kpi import comparing, rollup
from kpi.chunks import Chunk
from kpi.models import Counted, CountingKind, Recurrence, UnitMonth
from kpi.rules import LEVELS
from kpi.tasks import refresh, sweep
from people.models import Audience, Role, UnitKind
from people.services import structures_rebuild
from tests.factories.courses import CourseFactory, complete, course_with_steps
from tests.factories.kpi import ClosingFactory, IndicatorFactory
from tests.factories.people import AudienceFactory, MembershipFactory, StructureFactory, UnitFactory, UserFactory
from tests.kpi.conftest import at
from tests.lanes import draws

START = date(2025, 11, 1)
PEOPLE, UNITS, COURSES = 3, 3, 4
ACTS = {Act.REVOKE: certificate_revoke, Act.CANCEL: certificate_cancel, Act.REISSUE: certificate_reissue}

memberships = st.tuples(
    st.integers(0, PEOPLE - 1),
    st.integers(0, UNITS - 1),
    st.integers(0, 2),
    st.booleans(),
    st.integers(0, 100),
    st.none() | st.integers(1, 100),
)
completions = st.tuples(
    st.integers(0, PEOPLE - 1),
    st.integers(0, COURSES - 1),
    st.integers(0, 120),
    st.none() | st.integers(0, 100),
)


#: A paper: which of the completions so far, which series, what is done with it.
papers = st.tuples(st.integers(0, 9), st.booleans(), st.sampled_from([Act.ISSUE, Act.ISSUE, *ACTS]))


def _facts():
    return set(Counted.objects.values_list("indicator", "user", "year", "unit", "audience", "completion", "counted_on"))


def _cells():
    cells = UnitMonth.objects.filter(count__gt=0)
    return set(cells.values_list("indicator", "unit", "year", "month", "count"))


class RebuildEqualsLive(TestCase):
    """A world of three audiences (one below another), units, courses, and indicators of every kind of rule."""

    def setUp(self):
        staff, citizen = AudienceFactory(code="cccvc"), AudienceFactory(code="nguoi_dan")
        leaders = AudienceFactory(code="lanh_dao_xa")
        Audience.objects.filter(pk=leaders.pk).update(parent=staff)
        self.audiences = [citizen, staff, leaders]
        self.units = [UnitFactory() for _ in range(UNITS)]
        self.people = [UserFactory() for _ in range(PEOPLE)]
        self.courses = [CourseFactory(hours=n + 1, level=LEVELS[n % 2]) for n in range(COURSES)]
        IndicatorFactory(audiences=[staff])
        IndicatorFactory(audiences=[leaders], courses=self.courses[:2])
        IndicatorFactory(audiences=[citizen, staff], min_score=Decimal(60))
        IndicatorFactory(audiences=[citizen], recurrence=Recurrence.CUMULATIVE)
        IndicatorFactory(audiences=[citizen, leaders], recurrence=Recurrence.SNAPSHOT, courses=self.courses[1:])
        IndicatorFactory(audiences=[citizen, staff], counting=CountingKind.LEVEL, level=Level.PROFICIENT)
        IndicatorFactory(audiences=[citizen, staff], counting=CountingKind.HOURS, min_hours=4)
        IndicatorFactory(
            audiences=[citizen], counting=CountingKind.HOURS, min_hours=6, recurrence=Recurrence.CUMULATIVE
        )
        IndicatorFactory(audiences=[citizen, staff], counting=CountingKind.TEAM, min_score=Decimal(30))
        office = UnitFactory(kind=UnitKind.DEPARTMENT)
        StructureFactory()
        structures_rebuild()
        self.series = list(
            series_ensure_defaults(unit=office, signer_name="Trần Đức Hiếu", signer_title="Phó Giám đốc")
        )
        official = MembershipFactory(unit=office, audience=staff, role=Role.ISSUING_OFFICIAL)
        self.official = official.user
        IndicatorFactory(audiences=[citizen, staff], counting=CountingKind.CERTIFICATE, series=self.series[1:])
        IndicatorFactory(
            audiences=[citizen, leaders],
            counting=CountingKind.CERTIFICATE,
            series=self.series,
            recurrence=Recurrence.CUMULATIVE,
        )
        for module in (issuing, replacing):
            patched = mock.patch.object(module, "enqueue_rendering")
            patched.start()
            self.addCleanup(patched.stop)

    @settings(max_examples=draws(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        held=st.lists(memberships, max_size=8),
        done=st.lists(completions, max_size=10),
        together=st.integers(1, 5),
        issued=st.lists(papers, max_size=6),
        closed=st.booleans(),
    )
    def test_random_history(self, held, done, together, issued, closed):
        """However many completions come at once (one by a learner, many by a settling job), whatever papers are issued
        and ended in between, and whether or not the year was closed, the counts are the same."""
        if closed:
            ClosingFactory(unit=self.units[0], year=2026, until=date(2026, 1, 31))
        for person, unit, audience, main, start, length in held:
            begins = START + timedelta(days=start)
            MembershipFactory(
                user=self.people[person],
                unit=self.units[unit],
                audience=self.audiences[audience],
                is_main=main,
                valid_from=begins,
                valid_to=begins + timedelta(days=length or 300),
            )
        with self.captureOnCommitCallbacks(execute=True):
            made = [
                self._complete(self.people[who], self.courses[course], day, score) for who, course, day, score in done
            ]
            new = [completion for completion in made if completion is not None]
            for start in range(0, len(new), together):
                course_completed.send(sender=Completion, completions=new[start : start + together])
                self._papers(new[: start + together], issued[start // together :: 2])
        live, summary = _facts(), _cells()
        assert not rollup.counted_rebuild(check=True).has_drift
        Counted.objects.all().delete()
        UnitMonth.objects.all().delete()
        assert rollup.counted_rebuild(check=True).has_drift is bool(live)
        rollup.counted_rebuild(check=False)
        assert (_facts(), _cells()) == (live, summary)
        assert sum(count for *_, count in summary) == len(live)

    def _papers(self, so_far, issued):
        """Issue and end papers for completions so far through the services, whatever is possible of it."""
        for number, automatic, act in issued:
            completion, series = so_far[number % len(so_far)], self.series[not automatic]
            standing = Certificate.objects.filter(
                completion=completion, series=series, state__in=[CertificateState.VALID, CertificateState.REVOKED]
            ).first()
            if act == Act.ISSUE and standing is None:
                certificates_issue(series=series, claims=[claim_of(completion)], at=timezone.now())
            elif act != Act.ISSUE and standing is not None and standing.state == CertificateState.VALID:
                ACTS[act](
                    certificate=standing, actor=self.official, reason="Thử",
                    decision_number="9/QĐ-SKHCN", decision_date=timezone.localdate(),
                )  # fmt: skip

    def _complete(self, person, course, day, score):
        """A completion as ``courses`` writes it, with any score, recorded in any order of days."""
        moment = datetime(START.year, START.month, START.day, 10, tzinfo=UTC) + timedelta(days=day)
        enrolment, created = Enrolment.objects.get_or_create(
            user=person, course=course, defaults={"started_at": moment, "last_seen_at": moment}
        )
        if not created:
            return None
        completion = Completion.objects.create(
            enrolment=enrolment,
            user=person,
            course=course,
            completed_at=moment,
            learner_name=person.full_name,
            course_title=course.title,
            course_revision=1,
            course_hours=course.hours,
            course_level=course.level,
            score=score,
        )
        CompletionStanding.objects.bulk_create(standings_for([completion], moment))
        return completion


@pytest.fixture
def counted(province, django_capture_on_commit_callbacks):
    """Three citizens counted, with the summary refreshed."""
    indicator = IndicatorFactory(code="BG23-T", audiences=[province.citizen])
    with django_capture_on_commit_callbacks(execute=True):
        for unit in (province.north, province.north, province.south):
            person = MembershipFactory(unit=unit, audience=province.citizen).user
            complete(person, course_with_steps(), at("2026-03-05"))
    return indicator


def test_check_passes_and_changes_nothing(counted, capsys):
    before = (_facts(), _cells())
    call_command("kpi_rebuild", "--check")
    assert "3 lượt hoàn thành, 3 lượt được tính" in capsys.readouterr().out
    assert (_facts(), _cells()) == before


@pytest.mark.parametrize("spoil", ["missing", "superfluous", "moved", "summary"])
def test_drift_is_found_named_and_repaired(counted, province, capsys, spoil):
    before = (_facts(), _cells())
    row = Counted.objects.first()
    if spoil == "missing":
        row.delete()
    elif spoil == "superfluous":
        row.pk, row.year = None, 2020
        row.save()
    elif spoil == "moved":
        Counted.objects.filter(pk=row.pk).update(unit=province.department)
    else:
        UnitMonth.objects.update(count=99)
    with pytest.raises(CommandError, match="tổng hợp" if spoil == "summary" else "Số đã tính") as caught:
        call_command("kpi_rebuild", "--check", "--wait", "0")
    assert caught.value.returncode == 1
    assert "BG23-T" in capsys.readouterr().out
    call_command("kpi_rebuild", "--json")
    result = json.loads(capsys.readouterr().out)
    assert result["drifted"] + result["summary_drifted"] > 0
    assert (_facts(), _cells()) == before
    call_command("kpi_rebuild", "--check")


def test_a_check_waits_for_a_refresh_that_is_under_way(counted, capsys, monkeypatch):
    """The queue has not reached these cells yet; it does while the check looks."""
    UnitMonth.objects.update(count=0)
    monkeypatch.setattr(rollup, "sleep", lambda seconds: sweep())
    call_command("kpi_rebuild", "--check", "--json")
    result = json.loads(capsys.readouterr().out)
    assert (result["drifted"], result["summary_drifted"], result["summary_pending"]) == (0, 0, 2)


def test_a_cell_that_nobody_refreshes_alarms_while_others_come_and_go(counted, province, capsys, monkeypatch):
    UnitMonth.objects.update(count=0)
    cell = [counted.pk, province.north.pk, 2026, "2026-03-01"]
    monkeypatch.setattr(rollup, "sleep", lambda seconds: refresh([cell]))
    clock = iter(range(100))
    monkeypatch.setattr(rollup, "monotonic", lambda: next(clock))
    with pytest.raises(CommandError, match="sau 3 giây") as caught:
        call_command("kpi_rebuild", "--check", "--json", "--wait", "3")
    assert caught.value.returncode == 1
    result = json.loads(capsys.readouterr().out)
    assert (result["summary_drifted"], result["summary_pending"]) == (1, 1)
    assert f"đơn vị {province.south.pk}" in result["examples"][0]


def test_somebody_who_finishes_during_the_check_is_no_drift(counted, province, monkeypatch):
    """One completion comes while the database compares; an earlier one is sent in while that person is looked at."""
    person = MembershipFactory(unit=province.north, audience=province.citizen).user
    compare, read_history = Chunk.in_doubt, comparing.history_of
    coming = ["2026-03-01", "2026-03-06"]

    def in_doubt(chunk, rule):
        if len(coming) == 2:
            complete(person, course_with_steps(), at(coming.pop()))
        return compare(chunk, rule)

    def history(people):
        if coming:
            assert list(people) == [person.pk]
            complete(person, course_with_steps(), at(coming.pop()))
        return read_history(people)

    monkeypatch.setattr(Chunk, "in_doubt", in_doubt)
    monkeypatch.setattr(comparing, "history_of", history)
    result = rollup.counted_rebuild(check=True)
    assert coming == []
    assert (result.drifted, result.counted) == (0, 3)


def test_new_rule_counts_past_completions(counted, province):
    later = IndicatorFactory(audiences=[province.citizen])
    rollup.counted_rebuild(check=False)
    assert Counted.objects.filter(indicator=later).count() == 3
    later.counts = False
    later.save()
    rollup.counted_rebuild(check=False)
    assert not Counted.objects.filter(indicator=later).exists()


def test_rebuild_goes_through_people_in_chunks(counted, monkeypatch):
    monkeypatch.setattr(rollup, "CHUNK", 1)
    steps = []
    Counted.objects.all().delete()
    result = rollup.counted_rebuild(check=False, progress=lambda done, total: steps.append((done, total)))
    assert (result.counted, steps[-1]) == (3, (3, 3))
    assert Counted.objects.count() == 3


def test_sweep_repairs_what_a_lost_job_left(counted):
    before = _cells()
    UnitMonth.objects.all().delete()
    assert sweep() == 2
    assert _cells() == before
    assert sweep() == 0


def test_refresh_is_safe_to_repeat(counted, province):
    before = _cells()
    cell = [counted.pk, province.north.pk, 2026, "2026-03-01"]
    assert refresh([cell, cell]) == 1
    refresh([[counted.pk, None, 2026, "2026-12-01"]])
    assert _cells() == before


def test_empty_province_has_nothing_to_rebuild(db):
    result = rollup.counted_rebuild(check=True)
    assert (result.completions, result.has_drift) == (0, False)
