"""How lessons are gone through: the clock that nobody can cheat, two devices, and what browsers may tell."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cms.readers import Reading
from cms.todo import LessonTodo, answers_shown
from courses import rules, services
from courses.models import Enrolment, StepCompletion, StepRule, StepVisit
from tests.factories import cms as make
from tests.factories.courses import EnrolmentFactory, StepFactory, course_with_steps

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
BLOCK = "0b0e52d4-1f1c-4b5e-9a53-6b3f5b7c9d10"


def later(seconds):
    return AT + timedelta(seconds=seconds)


@pytest.fixture
def enrolment(learner):
    return EnrolmentFactory(user=learner, course=course_with_steps(lessons=2))


@pytest.fixture
def step(enrolment):
    return enrolment.course.steps.first()


def address(step):
    return reverse("courses:visit", args=[step.uuid])


# --- Pure rules -----------------------------------------------------------------------------------------------------
@dataclass
class Visit:
    first_at: datetime = AT
    last_at: datetime = AT
    seconds: int = 0
    reached_end: bool = False
    answers: dict = field(default_factory=dict)


@given(st.lists(st.tuples(st.integers(-10, 4000), st.integers(-100, 10**9)), max_size=30))
def test_no_telling_makes_more_time_than_the_clock(reports):
    visit, now = Visit(), AT
    for passed, told in reports:
        now += timedelta(seconds=passed)
        credited = rules.seconds_credited(told=told, visit=visit, at=now)
        assert 0 <= credited <= max(0, told)
        visit.seconds += credited
        visit.last_at = max(visit.last_at, now)
        assert visit.seconds <= (visit.last_at - AT).total_seconds() + rules.GRACE_SECONDS


@given(st.lists(st.integers(1, 60), min_size=1, max_size=30))
def test_an_honest_reader_loses_nothing(pieces):
    visit, now = Visit(), AT
    for piece in pieces:
        now += timedelta(seconds=piece)
        visit.seconds += rules.seconds_credited(told=piece, visit=visit, at=now)
        visit.last_at = now
    assert visit.seconds == sum(pieces)


names = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
places = st.dictionaries(names, st.integers(0, rules.LONGEST_MEDIA), max_size=rules.MOST_MEDIA)


@given(places, places)
def test_merging_keeps_every_told_place_and_stays_bounded(kept, told):
    merged = rules.media_merged(kept, told)
    assert len(merged) <= rules.MOST_MEDIA
    assert told.items() <= merged.items()
    assert merged.items() <= {**kept, **told}.items()
    if len(kept.keys() | told.keys()) <= rules.MOST_MEDIA:
        assert merged == {**kept, **told}


@given(places)
def test_what_a_browser_tells_rightly_is_taken_as_it_is(told):
    assert rules.media_told(json.loads(json.dumps(told))) == told


@pytest.mark.parametrize(
    "raw",
    [
        None, [], "x", 3, {BLOCK: "12"}, {BLOCK: -1}, {BLOCK: 86401}, {BLOCK: True}, {BLOCK: None}, {BLOCK: [1]},
        {BLOCK: float("nan")}, {BLOCK: float("inf")}, {"": 1}, {"<script>": 1}, {"a b": 1}, {"x" * 65: 1}, {"ộ": 1},
        {f"b{n}": 1 for n in range(51)},
    ],
)  # fmt: skip
def test_other_shapes_are_not_taken(raw):
    assert rules.media_told(raw) is None


@dataclass
class Ruled:
    rule: str
    min_seconds: int = 60
    scenarios: dict = field(default_factory=lambda: {"a": [1], "b": [2, 3]})


@given(
    st.sampled_from([*StepRule.values, "", "khac"]),
    st.integers(0, 200),
    st.booleans(),
    st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(1, 4)),
)
def test_only_reading_to_the_end_and_right_choices_meet_a_rule_by_themselves(rule, seconds, end, answers):
    met = rules.step_is_met(Ruled(rule), Visit(seconds=seconds, reached_end=end, answers=answers))
    read = rule == StepRule.OPENED and end and seconds >= 60
    decided = rule == StepRule.SCENARIO and answers.get("a") == 1 and answers.get("b") in (2, 3)
    assert met == (read or decided)


def test_a_lesson_without_scenarios_is_not_met_by_having_none_left():
    assert not rules.step_is_met(Ruled(StepRule.SCENARIO, scenarios={}), Visit())


def test_the_names_of_the_rules_are_those_of_the_model():
    assert {"opened", "scenario"} < set(StepRule.values)


# --- Opening --------------------------------------------------------------------------------------------------------
def test_opening_begins_a_visit_and_opening_again_soon_writes_nothing(enrolment, step, django_assert_num_queries):
    services.visit_open(enrolment=enrolment, step=step, at=AT)
    enrolment.refresh_from_db()
    assert (enrolment.last_step, enrolment.last_seen_at) == (step, AT)
    with django_assert_num_queries(1):
        again = services.visit_open(enrolment=enrolment, step=step, at=later(299))
    assert (again.first_at, again.last_at) == (AT, AT)
    services.visit_open(enrolment=enrolment, step=step, at=later(300))
    visit = StepVisit.objects.get()
    assert (visit.first_at, visit.last_at) == (AT, later(300))


def test_coming_back_after_days_is_not_time_read(enrolment, step):
    services.visit_open(enrolment=enrolment, step=step, at=AT)
    back = AT + timedelta(days=3)
    services.visit_open(enrolment=enrolment, step=step, at=back)
    visit, _ = services.visit_record(enrolment=enrolment, step=step, seconds=5000, at=back + timedelta(seconds=20))
    assert visit.seconds == 20 + rules.GRACE_SECONDS


# --- Telling --------------------------------------------------------------------------------------------------------
def test_reports_add_up_and_what_is_reached_stays(enrolment, step):
    services.visit_open(enrolment=enrolment, step=step, at=AT)
    services.visit_record(
        enrolment=enrolment, step=step, seconds=15, reached_end=True, media={BLOCK: 135}, at=later(15)
    )
    services.visit_record(enrolment=enrolment, step=step, seconds=15, media={"b2": 7}, at=later(30))
    services.visit_record(enrolment=enrolment, step=step, seconds=-40, media={BLOCK: 20}, at=later(20))
    visit = StepVisit.objects.get()
    assert (visit.seconds, visit.reached_end, visit.last_at) == (30, True, later(30))
    assert visit.media == {BLOCK: 20, "b2": 7}


def test_a_report_without_an_opened_page_begins_the_visit(enrolment, step):
    visit, done = services.visit_record(enrolment=enrolment, step=step, seconds=500, at=AT)
    assert (visit.seconds, done) == (rules.GRACE_SECONDS, False)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_devices_at_one_instant_lose_nothing_of_each_other(on_postgres, enrolment, step):
    """Without the row's lock the later write puts the earlier one's places and answers back to what they were."""
    services.visit_open(enrolment=enrolment, step=step, at=AT)
    step.scenarios = {f"t{n}": [1] for n in range(2)}
    step.save()
    barrier = threading.Barrier(4)

    def tell(number):
        try:
            barrier.wait()
            for turn in range(10):
                told = {"seconds": 1, "media": {f"v{number}-{turn}": turn}}
                services.visit_record(enrolment=enrolment, step=step, at=later(1000), **told)
                if number < 2:
                    answer = {"block": f"t{number}", "choice": 1}
                    services.scenario_answer(enrolment=enrolment, step=step, at=later(1000), **answer)
        finally:
            connection.close()

    threads = [threading.Thread(target=tell, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    visit = StepVisit.objects.get()
    assert visit.media == {f"v{number}-{turn}": turn for number in range(4) for turn in range(10)}
    assert visit.answers == {"t0": 1, "t1": 1}
    assert visit.seconds == 40


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_devices_that_open_and_tell_at_one_instant_make_one_visit(on_postgres, enrolment, step):
    barrier = threading.Barrier(4)

    def begin(number):
        try:
            barrier.wait()
            if number % 2:
                services.visit_open(enrolment=enrolment, step=step, at=AT)
            else:
                services.visit_record(enrolment=enrolment, step=step, media={f"v{number}": 9}, at=AT)
        finally:
            connection.close()

    threads = [threading.Thread(target=begin, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert StepVisit.objects.get().media == {"v0": 9, "v2": 9}


# --- The address ----------------------------------------------------------------------------------------------------
def test_a_browser_tells_and_hears_nothing(client, learner, enrolment, step):
    client.force_login(learner)
    answer = client.post(address(step), {"giay": "4", "cuoi": "1", "media": json.dumps({BLOCK: 61.9})})
    assert (answer.status_code, answer.content) == (204, b"")
    visit = StepVisit.objects.get()
    assert (visit.seconds, visit.reached_end, visit.media) == (4, True, {BLOCK: 61})


@pytest.mark.parametrize(
    "data",
    [
        {"giay": "-3"}, {"giay": "1.5"}, {"giay": "nhiều"}, {"giay": "9" * 30}, {"giay": "٣"}, {"media": "{"},
        {"media": "[1]"}, {"media": '{"a": NaN}'}, {"media": "[" * 5000}, {"media": '{"a b": 1}'},
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_nothing_kept(client, learner, enrolment, step, data):
    client.force_login(learner)
    assert client.post(address(step), data).status_code == 400
    assert not StepVisit.objects.exists()


def test_owner_colleague_stranger_and_guest(client, learner, stranger, coordinator, enrolment, step):
    assert client.post(address(step), {"giay": "1"}).status_code == 403
    for other in (stranger, coordinator):  # neither is enrolled; nothing of the learner's can be reached from here
        client.force_login(other)
        assert client.post(address(step), {"giay": "1"}).status_code == 404
    assert not StepVisit.objects.exists()
    client.force_login(learner)
    assert client.get(address(step)).status_code == 405
    assert client.post(address(step), {"giay": "1"}).status_code == 204
    step.is_active = False
    step.save()
    assert client.post(address(step), {"giay": "1"}).status_code == 404
    Enrolment.objects.update(course=course_with_steps())
    assert client.post(address(StepFactory(course__is_published=False)), {"giay": "1"}).status_code == 404


def test_the_report_of_another_site_is_refused(learner, enrolment, step):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(learner)
    assert strict.post(address(step), {"giay": "1"}).status_code == 403


def test_a_report_costs_the_same_whatever_the_course(client, learner, django_assert_max_num_queries):
    for lessons in (2, 60):
        course = course_with_steps(lessons=lessons)
        EnrolmentFactory(user=learner, course=course)
        step = course.steps.first()
        client.force_login(learner)
        client.post(address(step), {"giay": "1"})
        # session, user, second step's roles, step with course, enrolment, savepoint, visit, update, release
        with django_assert_max_num_queries(9):
            client.post(address(step), {"giay": "1"})


def test_a_finished_round_goes_on_being_remembered_without_completing_anything(client, learner, enrolment, step):
    services.step_complete(enrolment=enrolment, step=step)
    client.force_login(learner)
    assert client.post(address(step), {"media": json.dumps({BLOCK: 30})}).status_code == 204
    assert StepVisit.objects.get().media == {BLOCK: 30}
    assert StepCompletion.objects.count() == 1


# --- The page -------------------------------------------------------------------------------------------------------
@pytest.fixture
def page(province):
    make.course(lessons=2)
    return "/khoa-hoc/khoa-thu/bai-1/"


def test_only_the_enrolled_tell_and_resume(client, learner, page):
    assert "data-visit" not in client.get(page).content.decode()
    client.force_login(learner)
    assert "data-visit" not in client.get(page).content.decode()
    client.post(reverse("courses:enrol", args=["khoa-thu"]))
    client.get(page)
    StepVisit.objects.update(media={BLOCK: 135})
    html = client.get(page).content.decode()
    assert f'data-resume="{{&quot;{BLOCK}&quot;: 135}}"' in html
    assert "js/visit" in html
    assert "data-needs" not in html  # nothing to wait for: this lesson is marked as done


def test_the_choice_in_the_address_is_shown_to_guests_and_never_kept(rf, enrolment, step):
    step.scenarios = {"a": [1], "b": [2]}
    visit = StepVisit(enrolment=enrolment, step=step, answers={"a": 2})
    guest, member = (Reading(enrolment.course, [step], current=step, visit=kept) for kept in (None, visit))

    def shown(query, reading):
        return answers_shown(rf.get(f"/{query}"), reading)

    assert shown("", guest) == {}
    assert shown("?khoi=a&chon=1", guest) == {"a": 1}
    assert shown("", member) == {"a": 2}
    assert shown("?khoi=b&chon=3", member) == {"a": 2, "b": 3}
    for nonsense in ("?khoi=c&chon=1", "?khoi=a&chon=0", "?khoi=a&chon=10", "?khoi=a&chon=-1", "?khoi=a", "?chon=1"):
        assert shown(nonsense, guest) == {}, nonsense
    assert visit.answers == {"a": 2}
    assert LessonTodo(member, enrolment.user).scenarios_right == 0
