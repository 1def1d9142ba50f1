"""Every way of counting people: what counts and what does not, and what changes of it are corrections."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from certificates.services import certificate_cancel, certificate_reissue, certificate_revoke
from courses.models import Level
from kpi import rollup
from kpi.counting import completions_count
from kpi.models import CorrectionReason, CountCorrection, Counted, CountingKind, Recurrence, UnitMonth
from kpi.rules import Closed, Fact, Rule, Standing, day_of, proofs
from kpi.services import people_recount
from tests.factories.certificates import approve, propose, series_defaults
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import ClosingFactory, IndicatorFactory
from tests.factories.people import MembershipFactory, UserFactory
from tests.kpi.conftest import at

HOME = Standing(1, 10, 3, is_main=True)
DECISION = {"decision_number": "500/QĐ-SKHCN", "reason": "Thử"}


def rule(courses=(), series=(), **fields):
    asked = {"indicator_id": 1, "audiences": frozenset({3}), "min_score": None, "yearly": True, "base_year": 2023}
    return Rule(**asked | fields, courses=frozenset(courses), series=frozenset(series))


def facts(*said, user=1):
    """One completion for each (day, hours, level, score), in order of days, with ids from 1."""
    return [
        (Fact(n, user, 7, at(day), score and Decimal(score), level, Decimal(hours)), [HOME])
        for n, (day, hours, level, score) in enumerate(sorted(said, key=lambda one: one[0]), 1)
    ]


BASIC, PROFICIENT = Level.BASIC, Level.PROFICIENT
SHORT, LONG = ("2026-02-01", 2, BASIC, 70), ("2026-04-01", 3, PROFICIENT, 90)
LAST_YEAR, UNSCORED = ("2025-05-01", 4, BASIC, 80), ("2026-06-01", 5, PROFICIENT, None)


@pytest.mark.parametrize(
    ("asked", "history", "proof"),
    [
        pytest.param({"level": BASIC, "kind": "level"}, [SHORT, LONG], {2026: 1}, id="the lower level: the first"),
        pytest.param({"level": PROFICIENT, "kind": "level"}, [SHORT, LONG], {2026: 2}, id="the higher level"),
        pytest.param({"level": PROFICIENT, "kind": "level"}, [SHORT], {}, id="never reached the higher level"),
        pytest.param(
            {"level": PROFICIENT, "kind": "level", "min_score": 80}, [LONG, UNSCORED], {2026: 1}, id="level and score"
        ),
        pytest.param({"kind": "hours", "min_hours": 5}, [SHORT, LONG], {2026: 2}, id="hours reached by the second"),
        pytest.param({"kind": "hours", "min_hours": 5}, [SHORT], {}, id="hours not reached"),
        pytest.param({"kind": "hours", "min_hours": 2}, [SHORT, LONG], {2026: 1}, id="hours reached by the first"),
        pytest.param({"kind": "hours", "min_hours": 5}, [LAST_YEAR, LONG], {}, id="hours of two years stay apart"),
        pytest.param(
            {"kind": "hours", "min_hours": 5, "yearly": False}, [LAST_YEAR, LONG], {2023: 2}, id="cumulative hours"
        ),
        pytest.param(
            {"kind": "hours", "min_hours": 5, "min_score": 80}, [SHORT, LONG], {}, id="hours of what was not passed"
        ),
        pytest.param({"kind": "team"}, [SHORT, LONG], {2026: 1}, id="members of teams count as people do"),
        pytest.param({"kind": "certificate", "series": {5}}, [SHORT, LONG], {}, id="no paper"),
    ],
)
def test_a_history_proves(asked, history, proof):
    found = proofs([rule(**asked)], facts(*history), {})
    assert {year: one.fact.id for (_, _, year), one in found.items()} == proof


@pytest.mark.parametrize(
    ("papers", "proof"),
    [({}, None), ({1: {9}}, None), ({2: {5}}, 2), ({1: {6}, 2: {5}}, 1), ({1: {9, 5}}, 1)],
)
def test_papers_of_the_series_prove(papers, proof):
    found = proofs([rule(kind="certificate", series={5, 6})], facts(SHORT, LONG), papers)
    assert [one.fact.id for one in found.values()] == ([] if proof is None else [proof])


@given(
    st.lists(st.tuples(st.integers(0, 700), st.integers(1, 8)), max_size=12),
    st.integers(1, 20),
)
def test_hours_prove_exactly_where_their_sum_reaches(days, needed):
    """Against a sum written down plainly; and never by a completion after which it would have been reached anyway."""
    said = [(str(date(2025, 1, 1) + timedelta(days=day)), hours, BASIC, None) for day, hours in days]
    history = facts(*said)
    found = proofs([rule(kind="hours", min_hours=Decimal(needed))], history, {})
    for year in (2025, 2026):
        inside = [fact for fact, _ in history if day_of(fact.completed_at).year == year]
        proof = found.get((1, 1, year))
        assert (proof is not None) == (sum(fact.hours for fact in inside) >= needed)
        if proof:
            assert needed > sum(fact.hours for fact in inside if fact.id < proof.fact.id)


@pytest.mark.parametrize(
    ("indicator", "year", "day", "holds"),
    [
        (1, 2026, date(2026, 6, 30), True),
        (1, 2026, date(2026, 7, 1), False),
        (1, 2025, date(2025, 3, 1), False),
        (2, 2023, date(2025, 3, 1), True),
        (2, 2023, date(2026, 6, 30), True),
        (2, 2023, date(2026, 7, 1), False),
    ],
)
def test_what_a_closing_of_the_first_half_of_2026_holds(indicator, year, day, holds):
    """Indicator 1 is yearly, indicator 2 counts under 2023 for good."""
    closed = Closed({2026: date(2026, 6, 30)}, frozenset({1}))
    assert closed.holds(indicator_id=indicator, year=year, day=day) is holds
    assert not Closed({}).holds(indicator_id=indicator, year=year, day=day)


# --- Through the services -------------------------------------------------------------------------------------------
@pytest.fixture
def person(province):
    user = UserFactory(full_name="Lò Thị Hoà")
    return MembershipFactory(user=user, unit=province.north, audience=province.citizen).user


def counted():
    return [(row.counted_on, row.completion.course_hours) for row in Counted.objects.order_by("year")]


def test_two_levels_are_two_indicators(province, person):
    basic, proficient = (
        IndicatorFactory(audiences=[province.citizen], counting=CountingKind.LEVEL, level=level)
        for level in Level.values
    )
    complete(person, course_with_steps(1, level=Level.BASIC), at("2026-03-01"))
    assert set(Counted.objects.values_list("indicator", flat=True)) == {basic.pk}
    complete(person, course_with_steps(1, level=Level.PROFICIENT), at("2026-04-01"))
    assert Counted.objects.get(indicator=proficient).counted_on == date(2026, 4, 1)


def test_hours_add_up_live_and_a_late_arrival_moves_the_day(province, person, django_capture_on_commit_callbacks):
    IndicatorFactory(audiences=[province.citizen], counting=CountingKind.HOURS, min_hours=4)
    with django_capture_on_commit_callbacks(execute=True):
        complete(person, course_with_steps(1, hours=2), at("2026-03-01"))
        assert counted() == []
        complete(person, course_with_steps(1, hours=3), at("2026-05-01"))
    assert counted() == [(date(2026, 5, 1), 3)]
    with django_capture_on_commit_callbacks(execute=True):
        complete(person, course_with_steps(1, hours=Decimal("2.5")), at("2026-04-01"))
    assert counted() == [(date(2026, 4, 1), Decimal("2.5"))]
    assert list(UnitMonth.objects.filter(count__gt=0).values_list("month", "count")) == [(date(2026, 4, 1), 1)]
    assert not rollup.counted_rebuild(check=True).has_drift


@pytest.fixture
def issued(province, lead, official, person):
    """A certificate by decision for a completion of March; the indicator counts certificates of its series."""
    series = series_defaults(province).official
    indicator = IndicatorFactory(audiences=[province.citizen], counting=CountingKind.CERTIFICATE, series=[series])
    course = course_with_steps(1)
    completion = complete(person, course, at("2026-03-01"))
    assert not Counted.objects.exists()
    batch = propose(proposer=lead, series=series, unit=province.north, course=course, only=[completion])
    approve(batch, official)
    return batch.certificates.get(), indicator


def test_a_certificate_counts_when_it_is_numbered_and_for_the_day_of_its_completion(issued, province, person):
    row = Counted.objects.get()
    assert (row.user, row.unit, row.counted_on) == (person, province.north, date(2026, 3, 1))


@pytest.mark.parametrize("act", [certificate_revoke, certificate_cancel])
def test_a_certificate_that_ended_counts_no_longer(issued, official, act):
    act(certificate=issued[0], actor=official, decision_date=timezone.localdate(), **DECISION)
    assert not Counted.objects.exists()


def test_a_certificate_that_was_replaced_counts_by_its_successor_until_that_is_revoked(issued, official):
    today = timezone.localdate()
    new, _ = certificate_reissue(certificate=issued[0], actor=official, decision_date=today, **DECISION)
    assert Counted.objects.get().completion == new.completion
    certificate_revoke(certificate=new, actor=official, decision_date=today, **DECISION)
    assert not Counted.objects.exists()


def test_a_confirmation_counts_in_the_transaction_that_completed(province, person):
    automatic = series_defaults(province).automatic
    IndicatorFactory(audiences=[province.citizen], counting=CountingKind.CERTIFICATE, series=[automatic])
    completion = complete(person, course_with_steps(1), at("2026-03-01"))
    assert Counted.objects.get().completion == completion
    assert not rollup.counted_rebuild(check=True).drifted


@pytest.mark.parametrize(
    ("kinds", "more"),
    [([], 0), ([CountingKind.LEVEL], 0), ([CountingKind.HOURS], 6), ([CountingKind.CERTIFICATE], 10)],
    ids=str,
)
def test_only_kinds_that_need_more_cost_a_learner_more(province, kinds, more):
    """The whole of the completing step, with its numbered confirmation."""
    automatic = series_defaults(province).automatic
    IndicatorFactory(audiences=[province.citizen])
    cost = []
    for kind in (None, *kinds) if kinds else (None, None):
        if kind:
            fields = {"level": Level.BASIC} if kind == CountingKind.LEVEL else {"min_hours": 1, "series": [automatic]}
            IndicatorFactory(audiences=[province.citizen], counting=kind, **fields)
        complete(MembershipFactory(unit=province.north, audience=province.citizen).user, course_with_steps(1))
        person, course = MembershipFactory(unit=province.north, audience=province.citizen).user, course_with_steps(1)
        with CaptureQueriesContext(connection) as captured:
            complete(person, course, timezone.now())
        cost.append(len(captured))
    assert cost[-1] - cost[0] <= more


def test_recounting_costs_the_same_for_many_and_one_query_where_nothing_is_to_do(
    province, django_assert_max_num_queries
):
    people = [MembershipFactory(unit=province.north, audience=province.citizen).user for _ in range(5)]
    for person in people:
        complete(person, course_with_steps(1, hours=2), at("2026-03-01"))
    ids = [person.pk for person in people]
    with django_assert_max_num_queries(3):
        assert people_recount(user_ids=ids, reason=CorrectionReason.REPAIRED) == 0
    IndicatorFactory(audiences=[province.citizen], counting=CountingKind.HOURS, min_hours=2)
    for some in (ids[:1], ids):
        Counted.objects.all().delete()
        with django_assert_max_num_queries(12):
            assert people_recount(user_ids=some, reason=CorrectionReason.REPAIRED) == len(some)
    assert people_recount(user_ids=ids, reason=CorrectionReason.REPAIRED) == 0


# --- Corrections ----------------------------------------------------------------------------------------------------
def corrections():
    rows = CountCorrection.objects.values_list("reason", "before_on", "after_on")
    return [(reason, before and before.isoformat(), after and after.isoformat()) for reason, before, after in rows]


def test_nothing_is_a_correction_before_something_was_reported(province, person):
    IndicatorFactory(audiences=[province.citizen])
    complete(person, course_with_steps(1), at("2026-03-01"))
    complete(person, course_with_steps(1), at("2026-02-01"))
    assert corrections() == []


@pytest.mark.parametrize("recurrence", [Recurrence.YEARLY, Recurrence.CUMULATIVE])
def test_what_arrives_late_in_a_closed_period_is_a_correction(province, person, recurrence):
    IndicatorFactory(audiences=[province.citizen], recurrence=recurrence)
    complete(person, course_with_steps(1), at("2026-09-01"))
    ClosingFactory(unit=province.root, until=date(2026, 6, 30))
    other = MembershipFactory(unit=province.south, audience=province.citizen).user
    complete(other, course_with_steps(1), at("2026-03-01"))
    complete(person, course_with_steps(1), at("2026-04-01"))
    complete(person, course_with_steps(1), at("2026-10-01"))
    assert corrections() == [("late", None, "2026-03-01"), ("late", "2026-09-01", "2026-04-01")]
    moved = CountCorrection.objects.last()
    assert (moved.user, moved.before_unit, moved.after_unit) == (person, province.north, province.north)
    assert moved.before_completion != moved.after_completion


def test_what_arrives_late_after_the_closed_period_is_none(province, person):
    IndicatorFactory(audiences=[province.citizen])
    ClosingFactory(unit=province.root, until=date(2026, 6, 30))
    complete(person, course_with_steps(1), at("2026-07-01"))
    complete(person, course_with_steps(1), at("2025-07-01"))
    assert corrections() == []


def test_counting_the_same_late_completion_twice_is_one_correction(province, person):
    IndicatorFactory(audiences=[province.citizen])
    ClosingFactory(unit=province.root)
    completion = complete(person, course_with_steps(1), at("2026-03-01"))
    completions_count(completions=[completion])
    assert corrections() == [("late", None, "2026-03-01")]


def test_a_paper_issued_or_revoked_after_the_closing_is_a_correction(province, issued, official):
    ClosingFactory(unit=province.root)
    certificate_revoke(certificate=issued[0], actor=official, decision_date=timezone.localdate(), **DECISION)
    assert corrections() == [("revoked", "2026-03-01", None)]


@pytest.mark.parametrize("reason", [CorrectionReason.RULE, CorrectionReason.REPAIRED])
def test_a_rebuild_says_why(province, person, reason):
    complete(person, course_with_steps(1), at("2026-03-01"))
    ClosingFactory(unit=province.root)
    indicator = IndicatorFactory(audiences=[province.citizen])
    rollup.counted_rebuild(check=True)
    assert corrections() == []
    rollup.counted_rebuild(check=False, reason=reason)
    indicator.counts = False
    indicator.save()
    rollup.counted_rebuild(check=False, reason=reason)
    assert corrections() == [(reason, None, "2026-03-01"), (reason, "2026-03-01", None)]


def test_a_person_of_two_audiences_and_units_counts_once_each_and_a_transfer_moves_nothing(province, person):
    MembershipFactory(user=person, unit=province.department, audience=province.staff, is_main=False)
    citizens = IndicatorFactory(audiences=[province.citizen], counting=CountingKind.HOURS, min_hours=3)
    both = IndicatorFactory(audiences=[province.citizen, province.staff], counting=CountingKind.HOURS, min_hours=3)
    staff = IndicatorFactory(audiences=[province.staff], counting=CountingKind.HOURS, min_hours=3)
    complete(person, course_with_steps(1), at("2026-03-01"))
    person.memberships.filter(audience=province.citizen).update(valid_to=date(2026, 4, 1))
    MembershipFactory(user=person, unit=province.south, audience=province.citizen, valid_from=date(2026, 4, 1))
    complete(person, course_with_steps(1), datetime(2026, 5, 1, 3, tzinfo=UTC))
    complete(person, course_with_steps(1), datetime(2026, 6, 1, 3, tzinfo=UTC))
    where = dict(Counted.objects.values_list("indicator", "unit"))
    assert where == {citizens.pk: province.south.pk, both.pk: province.south.pk, staff.pk: province.department.pk}
