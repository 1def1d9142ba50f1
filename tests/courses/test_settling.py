"""Completions of many at once: the same rows as one by one, in few queries, beside learners who go on learning."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from certificates.models import Certificate
from certificates.services import register_verify
from courses import services
from courses.models import Completion, CompletionStanding, Enrolment, StepCompletion
from courses.services import settling
from kpi import rollup
from kpi.models import Counted
from tests.factories.certificates import series_defaults
from tests.factories.courses import EnrolmentFactory, StepFactory, complete, course_with_steps
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import MembershipFactory, UserFactory
from tests.threads import at_once

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
SCORED = Decimal("85.50")


@pytest.fixture(autouse=True)
def no_breath(monkeypatch):
    monkeypatch.setattr(settling, "BREATH", 0)


def nearly(province, count, course):
    """People of Xuân Lương who did the first of two steps."""
    first = course.steps.first()
    rows = []
    for _ in range(count):
        user = MembershipFactory(unit=province.north, audience=province.citizen).user
        enrolment = EnrolmentFactory(user=user, course=course)
        StepCompletion.objects.create(enrolment=enrolment, step=first, completed_at=AT, score=SCORED)
        rows.append(enrolment)
    return rows


def take_out_last(course):
    course.steps.filter(pk=course.steps.last().pk).update(is_active=False)


def test_what_many_claim_is_frozen_like_what_one_claims(province):
    course = course_with_steps(valid_months=12, level="thanh_thao", revision=4)
    series = series_defaults(province)
    IndicatorFactory(audiences=[province.citizen])
    enrolments = nearly(province, 3, course)
    nowhere = EnrolmentFactory(user=UserFactory(full_name="Người Chưa Rõ", birth_date=date(1950, 1, 2)), course=course)
    StepCompletion.objects.create(enrolment=nowhere, step=course.steps.first(), completed_at=AT)
    take_out_last(course)
    assert services.enrolments_settle(course_id=course.pk, at=AT) == 4
    completions = Completion.objects.order_by("pk")
    assert [c.enrolment for c in completions] == [*enrolments, nowhere]
    assert {
        (c.course_level, c.course_revision, c.valid_until, c.completed_at, c.course_title) for c in completions
    } == {("thanh_thao", 4, date(2027, 11, 19), AT, course.title)}
    assert [c.score for c in completions] == [SCORED] * 3 + [None]
    assert (completions[3].learner_name, completions[3].learner_birth_date) == ("Người Chưa Rõ", date(1950, 1, 2))
    standings = CompletionStanding.objects.order_by("completion_id").values_list("unit", "is_main")
    assert list(standings) == [(province.north.pk, True)] * 3 + [(None, True)]
    assert Counted.objects.count() == 4
    assert list(Certificate.objects.order_by("seq").values_list("seq", "completion")) == [
        (n, c.pk) for n, c in enumerate(completions, start=1)
    ]
    assert register_verify(series=series.automatic).ok
    assert not rollup.counted_rebuild(check=True).drifted


def test_settling_again_changes_nothing(province):
    course = course_with_steps()
    series = series_defaults(province)
    nearly(province, 2, course)
    take_out_last(course)
    assert (services.enrolments_settle(), services.enrolments_settle()) == (2, 0)
    assert Completion.objects.count() == series.automatic.certificates.count() == 2


def test_a_round_begun_anew_is_settled_and_the_earlier_one_stays(province):
    course = course_with_steps(valid_months=12)
    (first,) = nearly(province, 1, course)
    last = course.steps.last()
    before = services.step_complete(enrolment=first, step=last, at=AT)
    second = EnrolmentFactory(user=first.user, course=course, round=2)
    StepCompletion.objects.create(enrolment=second, step=course.steps.first(), completed_at=AT)
    take_out_last(course)
    assert services.enrolments_settle() == 1
    assert set(Completion.objects.values_list("enrolment", flat=True)) == {first.pk, second.pk}
    assert Completion.objects.get(enrolment=first) == before


def test_the_queries_of_a_chunk_do_not_grow_with_it(province):
    """Locks, what is done, steps, completions, memberships, standings, paths; five of kpi; seven of certificates."""
    series_defaults(province)
    IndicatorFactory(audiences=[province.citizen])
    asked = []
    for size in (2, 20, 20):  # the first run also opens the year's counter
        course = course_with_steps()
        nearly(province, size, course)
        take_out_last(course)
        with CaptureQueriesContext(connection) as queries:
            assert services.enrolments_settle(course_id=course.pk) == size
        asked.append(len([q for q in queries if "SAVEPOINT" not in q["sql"]]))
    assert asked[0] - 1 == asked[1] == asked[2] <= 21


def test_chunks_cover_everybody_of_every_course(province, monkeypatch):
    monkeypatch.setattr(settling, "CHUNK", 2)
    courses = [course_with_steps(), course_with_steps()]
    for course in courses:
        nearly(province, 5, course)
        take_out_last(course)
    assert services.enrolments_settle() == 10
    assert not Enrolment.objects.nothing_left().exists()


# --- At one instant --------------------------------------------------------------------------------------------------
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_last_step_pressed_twice_at_one_instant_completes_once(on_postgres, province):
    course = course_with_steps(lessons=1)
    for _ in range(5):
        enrolment = EnrolmentFactory(course=course)
        step = course.steps.get()
        at_once(*[lambda e=enrolment, s=step: services.step_complete(enrolment=e, step=s, at=AT)] * 4)
    assert Completion.objects.count() == 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_learning_anew_pressed_twice_at_one_instant_begins_one_round(on_postgres, province, learner):
    course = course_with_steps(lessons=1, yearly_refresh=True)
    complete(learner, course, datetime(2025, 3, 1, tzinfo=UTC))
    at_once(*[lambda: services.enrolment_renew(user=learner, course=course, at=AT)] * 4)
    assert list(Enrolment.objects.order_by("round").values_list("round", flat=True)) == [1, 2]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_learners_submit_while_settling_runs_nobody_lost_nobody_twice(on_postgres, province, monkeypatch):
    """Two settling jobs, and forty learners who hand in something meanwhile."""
    monkeypatch.setattr(settling, "CHUNK", 5)
    series = series_defaults(province)
    IndicatorFactory(audiences=[province.citizen])
    course = course_with_steps(lessons=2)
    enrolments = nearly(province, 40, course)
    take_out_last(course)
    optional = StepFactory(course=course, position=3, required=False)

    def learn(part):
        for enrolment in enrolments[part::4]:
            services.step_complete(enrolment=enrolment, step=optional, at=AT)

    settle = lambda: services.enrolments_settle(course_id=course.pk)  # noqa: E731
    at_once(settle, settle, *[lambda part=part: learn(part) for part in range(4)])
    assert Completion.objects.count() == Completion.objects.values("enrolment").distinct().count() == 40
    assert Counted.objects.count() == series.automatic.certificates.count() == 40
    assert register_verify(series=series.automatic).ok
    assert not rollup.counted_rebuild(check=True).drifted


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_somebody_who_is_handing_in_does_not_hold_up_the_others(on_postgres, province):
    course = course_with_steps()
    enrolments = nearly(province, 3, course)
    take_out_last(course)
    held, settled, release = threading.Event(), threading.Event(), threading.Event()

    def hand_in():
        try:
            with transaction.atomic():
                services.enrolment_lock(enrolment=enrolments[1])
                held.set()
                release.wait(20)
        finally:
            connection.close()

    def settle():
        try:
            services.enrolments_settle(course_id=course.pk)
        finally:
            settled.set()
            connection.close()

    threads = [threading.Thread(target=hand_in), threading.Thread(target=settle)]
    threads[0].start()
    assert held.wait(10)
    threads[1].start()
    for _ in range(100):
        if Completion.objects.count() == 2:
            break
        settled.wait(0.1)
    assert set(Completion.objects.values_list("enrolment", flat=True)) == {enrolments[0].pk, enrolments[2].pk}
    assert not settled.is_set()  # it comes back for the third, once that one is free
    release.set()
    for thread in threads:
        thread.join(20)
    assert Completion.objects.count() == 3
