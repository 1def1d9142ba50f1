"""Who is counted for what: the rule as a table, then the rows of real completions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from time import monotonic

import pytest
from django.utils import timezone

from courses.models import Completion, CompletionStanding
from kpi.counting import completions_count
from kpi.models import Counted, Recurrence, UnitMonth
from kpi.rules import Fact, Rule, Standing, proofs
from lms.celery import app as celery_app
from people.audiences import with_descendants
from people.models import Audience
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import AudienceFactory, MembershipFactory, UnitFactory, UserFactory
from tests.kpi.conftest import at

STAFF, TEAM, CITIZEN = 1, 2, 3
HOME = Standing(10, 100, CITIZEN, is_main=False)
TEAM_PLACE = Standing(11, 101, TEAM, is_main=False)
OFFICE = Standing(12, 102, STAFF, is_main=True)
OTHER_OFFICE = Standing(13, 103, STAFF, is_main=False)
NOWHERE = Standing(14, None, CITIZEN, is_main=True)


@pytest.mark.parametrize(
    ("audiences", "courses", "min_score", "standings", "score", "expected"),
    [
        ({STAFF}, set(), None, [OFFICE], None, OFFICE),
        ({STAFF}, set(), None, [HOME], None, None),
        ({STAFF}, set(), None, [], None, None),
        ({CITIZEN}, set(), None, [HOME, OFFICE], None, HOME),
        ({STAFF}, set(), None, [OTHER_OFFICE, OFFICE], None, OFFICE),
        ({CITIZEN, TEAM}, set(), None, [TEAM_PLACE, HOME], None, HOME),
        ({CITIZEN, TEAM}, set(), None, [HOME, TEAM_PLACE], None, HOME),
        ({CITIZEN}, set(), None, [NOWHERE], None, NOWHERE),
        ({STAFF}, {7}, None, [OFFICE], None, OFFICE),
        ({STAFF}, {8}, None, [OFFICE], None, None),
        ({STAFF}, set(), 80, [OFFICE], 80, OFFICE),
        ({STAFF}, set(), 80, [OFFICE], "79.99", None),
        ({STAFF}, set(), 80, [OFFICE], None, None),
        ({STAFF}, set(), 0, [OFFICE], None, None),
    ],
)
def test_rule(audiences, courses, min_score, standings, score, expected):
    rule = Rule(
        indicator_id=1,
        audiences=frozenset(audiences),
        courses=frozenset(courses),
        min_score=None if min_score is None else Decimal(min_score),
        yearly=True,
        base_year=2023,
    )
    fact = Fact(1, 1, 7, at("2026-03-01"), None if score is None else Decimal(score))
    found = proofs([rule], [(fact, standings)], {})
    assert [proof.standing for proof in found.values()] == ([] if expected is None else [expected])


def test_audiences_below_count_and_a_loop_ends():
    parents = {1: None, 2: 1, 3: 2, 4: None, 5: 6, 6: 5}
    assert with_descendants({1}, parents) == {1, 2, 3}
    assert with_descendants({2, 4}, parents) == {2, 3, 4}
    assert with_descendants({5}, parents) == {5, 6}
    assert with_descendants(set(), parents) == frozenset()


def _citizen(unit, audience, **fields):
    return MembershipFactory(unit=unit, audience=audience, **fields).user


def test_person_counts_once_a_year_and_again_next_year(province):
    indicator = IndicatorFactory(audiences=[province.citizen])
    person = _citizen(province.north, province.citizen)
    first, second, third = course_with_steps(), course_with_steps(), course_with_steps()
    complete(person, first, at("2026-03-01"))
    complete(person, second, at("2026-04-01"))
    complete(person, third, at("2027-01-02"))
    rows = Counted.objects.order_by("year").values_list("indicator", "year", "unit", "counted_on")
    assert list(rows) == [
        (indicator.pk, 2026, province.north.pk, date(2026, 3, 1)),
        (indicator.pk, 2027, province.north.pk, date(2027, 1, 2)),
    ]


@pytest.mark.parametrize("recurrence", [Recurrence.CUMULATIVE, Recurrence.SNAPSHOT, Recurrence.OTHER])
def test_others_count_once_under_their_base_year(province, recurrence):
    IndicatorFactory(audiences=[province.citizen], recurrence=recurrence, base_year=2023)
    person = _citizen(province.north, province.citizen)
    complete(person, course_with_steps(), at("2026-03-01"))
    complete(person, course_with_steps(), at("2027-03-01"))
    assert list(Counted.objects.values_list("year", "counted_on")) == [(2023, date(2026, 3, 1))]


def test_year_is_that_of_the_province_not_of_utc(province):
    IndicatorFactory(audiences=[province.citizen])
    person = _citizen(province.north, province.citizen)
    complete(person, course_with_steps(), datetime(2026, 12, 31, 17, 30, tzinfo=UTC))
    assert list(Counted.objects.values_list("year", "counted_on")) == [(2027, date(2027, 1, 1))]


def test_person_of_several_units_counts_where_the_audience_is(province):
    staff = IndicatorFactory(audiences=[province.staff])
    citizens = IndicatorFactory(audiences=[province.citizen])
    teams = IndicatorFactory(audiences=[province.team])
    person = UserFactory()
    MembershipFactory(user=person, unit=province.department, audience=province.staff, is_main=True)
    MembershipFactory(user=person, unit=province.north, audience=province.citizen, is_main=False)
    MembershipFactory(user=person, unit=province.south, audience=province.team, is_main=False)
    complete(person, course_with_steps())
    assert dict(Counted.objects.values_list("indicator", "unit")) == {
        staff.pk: province.department.pk,
        citizens.pk: province.north.pk,
        teams.pk: province.south.pk,
    }


def test_audience_below_feeds_the_one_above(province):
    leaders = AudienceFactory(code="lanh_dao_xa")
    Audience.objects.filter(pk=leaders.pk).update(parent=province.staff)
    staff = IndicatorFactory(audiences=[province.staff])
    IndicatorFactory(audiences=[leaders])
    complete(_citizen(province.north, leaders), course_with_steps())
    assert Counted.objects.filter(indicator=staff).get().audience == leaders
    complete(_citizen(province.north, province.staff), course_with_steps())
    assert Counted.objects.filter(indicator=staff).count() == 2
    assert Counted.objects.count() == 3


def test_person_without_any_membership_is_of_unknown_unit(province):
    IndicatorFactory(audiences=[province.citizen])
    complete(UserFactory(), course_with_steps())
    assert Counted.objects.get().unit is None


def test_what_does_not_count_gives_no_row(province):
    IndicatorFactory(audiences=[province.citizen], counts=False)
    IndicatorFactory(audiences=[province.citizen], courses=[course_with_steps()])
    IndicatorFactory(audiences=[province.citizen], min_score=80)
    IndicatorFactory(audiences=[province.staff])
    complete(_citizen(province.north, province.citizen), course_with_steps())
    assert not Counted.objects.exists()


def test_counting_twice_changes_nothing(province):
    IndicatorFactory(audiences=[province.citizen])
    completion = complete(_citizen(province.north, province.citizen), course_with_steps())
    before = list(Counted.objects.values())
    completions_count(completions=[completion])
    assert list(Counted.objects.values()) == before


def test_later_transfer_moves_nothing(province):
    IndicatorFactory(audiences=[province.citizen])
    person = _citizen(province.north, province.citizen)
    complete(person, course_with_steps(), at("2026-03-01"))
    person.memberships.update(valid_to=date(2026, 4, 1))
    MembershipFactory(user=person, unit=province.south, audience=province.citizen, valid_from=date(2026, 4, 1))
    complete(person, course_with_steps(), at("2026-05-01"))
    assert Counted.objects.get().unit == province.north


def test_earlier_completion_that_arrives_late_takes_the_place(province, django_capture_on_commit_callbacks):
    IndicatorFactory(audiences=[province.citizen])
    person = _citizen(province.north, province.citizen)
    with django_capture_on_commit_callbacks(execute=True):
        complete(person, course_with_steps(), at("2026-05-01"))
    with django_capture_on_commit_callbacks(execute=True):
        offline = complete(person, course_with_steps(), at("2026-03-01"))
    assert Counted.objects.get().completion == offline
    cells = UnitMonth.objects.filter(count__gt=0).values_list("month", "count")
    assert list(cells) == [(date(2026, 3, 1), 1)]


def test_summary_follows_after_commit(province, django_capture_on_commit_callbacks):
    indicator = IndicatorFactory(audiences=[province.citizen])
    for unit in (province.north, province.north, province.south, None):
        person = _citizen(unit, province.citizen) if unit else UserFactory()
        with django_capture_on_commit_callbacks(execute=True):
            complete(person, course_with_steps(), at("2026-03-01"))
    cells = UnitMonth.objects.values_list("indicator", "unit", "year", "month", "count")
    assert set(cells) == {
        (indicator.pk, unit, 2026, date(2026, 3, 1), count)
        for unit, count in ((province.north.pk, 2), (province.south.pk, 1), (None, 1))
    }


def test_a_queue_that_is_down_does_not_keep_the_learner_waiting(
    province, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    """Nobody listens on the port: the completion stands, is counted, and the page is there at once."""
    as_with_redis = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
    for name, value in (
        ("task_always_eager", False),
        ("broker_url", "redis://127.0.0.1:9/0"),
        ("broker_transport_options", as_with_redis),
    ):
        monkeypatch.setattr(celery_app.conf, name, value)
    monkeypatch.setattr(celery_app, "_pool", None)
    monkeypatch.setattr(celery_app.amqp, "_producer_pool", None)
    IndicatorFactory(audiences=[province.citizen])
    begun = monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        complete(_citizen(province.north, province.citizen), course_with_steps())
    assert monotonic() - begun < 2
    assert [record.name for record in caplog.records if record.levelname == "ERROR"] == ["common.queue"]
    assert Counted.objects.count() == 1
    assert not UnitMonth.objects.exists()


@pytest.mark.parametrize(("age", "queries"), [(0, 7), (3, 8)], ids=["today", "late"])
@pytest.mark.parametrize("size", [1, 30])
def test_counting_takes_as_many_queries_for_many_indicators(province, django_assert_num_queries, size, age, queries):
    """Only what arrives after its day asks whether that day was reported already."""
    for _ in range(size):
        IndicatorFactory(audiences=[province.citizen, province.team])
    person = _citizen(province.north, province.citizen)
    completion = complete(person, course_with_steps(), timezone.now() - timedelta(days=age))
    Counted.objects.all().delete()
    # savepoint, standings, rules, audiences, insert (with its own savepoint), later rows of the person, release
    with django_assert_num_queries(queries):
        completions_count(completions=[completion])
    assert Counted.objects.count() == size


def test_standing_rows_are_what_is_read_not_memberships(province):
    """Counting reads the frozen standings: what memberships say now does not matter."""
    IndicatorFactory(audiences=[province.citizen])
    completion = complete(_citizen(province.north, province.citizen), course_with_steps())
    Counted.objects.all().delete()
    completion.user.memberships.update(unit=province.south)
    completions_count(completions=[Completion.objects.get(pk=completion.pk)])
    assert Counted.objects.get().unit == province.north
    assert CompletionStanding.objects.get().unit == province.north


def test_unit_created_later_is_no_matter(province):
    IndicatorFactory(audiences=[province.citizen])
    team = UnitFactory(parent=province.north)
    complete(_citizen(team, province.citizen), course_with_steps())
    assert Counted.objects.get().unit == team
