"""Answers on their way: two tabs, two devices, a bad line, a wrong clock. Nothing is lost, nothing comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from quizzes import grading
from quizzes.forms import answers_from, sending_from
from quizzes.models import Answer, Attempt, AttemptEvent, EventKind, Mode
from quizzes.rules import Save, fold
from quizzes.services import (
    Sending,
    answer_check,
    answers_of,
    answers_save,
    attempt_note,
    attempt_submit,
    saving,
)
from tests.factories.quizzes import START, attempt_of, check_of, quiz_of, right_answers, wrong_answers

TABS = [UUID(int=n) for n in (1, 2, 3)]


def after(**parts):
    return START + timedelta(**parts)


def stands(attempt):
    return {position: saved.response for position, saved in answers_of(attempt).items()}


def save(attempt, answers, at, *, tab=None, seq=None, delay=timedelta(0)):
    sending = Sending(tab, seq, delay)
    return answers_save(attempt=attempt, answers=answers, sending=sending, at=at)


# --- Which answer stands (pure) -------------------------------------------------------------------------------------
@st.composite
def histories(draw):
    """Changes as people made them on up to three pages, in the order in which they were made."""
    count = draw(st.integers(1, 14))
    seconds = sorted(draw(st.lists(st.integers(0, 3600), min_size=count, max_size=count, unique=True)))
    numbers = dict.fromkeys(TABS, 0)
    made = []
    for second in seconds:
        tab = draw(st.sampled_from(TABS))
        numbers[tab] += 1
        answers = draw(st.dictionaries(st.integers(1, 4), st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=2))
        made.append((datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second), tab, numbers[tab], answers))
    return made


@given(histories(), st.randoms(use_true_random=False))
def test_whatever_order_saves_arrive_in_what_was_given_last_stands(history, rng):
    arrived = [Save(0, at, answers, tab, seq) for at, tab, seq, answers in history]
    rng.shuffle(arrived)
    saves = [Save(n, s.made_at, s.answers, s.client, s.seq) for n, s in enumerate(arrived)]
    last = {position: response for *_, answers in history for position, response in answers.items()}
    assert {position: saved.response for position, saved in fold(saves).items()} == last


@given(histories())
def test_a_page_whose_clock_jumps_back_still_keeps_its_own_order(history):
    """Each page's times run backwards; its numbers do not."""
    start = history[-1][0]
    saves = [Save(n, start - timedelta(seconds=n), answers, TABS[0], n + 1) for n, (*_, answers) in enumerate(history)]
    last = {position: response for *_, answers in history for position, response in answers.items()}
    assert {position: saved.response for position, saved in fold(saves).items()} == last


def test_the_first_check_of_an_answer_is_final():
    saves = [
        Save(1, after(), {1: "a"}),
        Save(2, after(seconds=1), {1: "b"}, checked=True),
        Save(3, after(seconds=2), {1: "c"}, checked=True),
        Save(4, after(seconds=3), {1: "d"}),
    ]
    assert fold(saves)[1].response == "b"
    assert fold(saves)[1].checked


# --- Through the services -------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_two_tabs_change_different_questions_and_both_stand():
    attempt = attempt_of(quiz_of())
    save(attempt, {1: ["a"]}, after(seconds=1), tab=TABS[0], seq=1)
    save(attempt, {2: ["b"]}, after(seconds=2), tab=TABS[1], seq=1)
    save(attempt, {1: ["c"]}, after(seconds=3), tab=TABS[1], seq=2)
    assert stands(attempt) == {1: ["c"], 2: ["b"]}


@pytest.mark.django_db
def test_an_old_save_that_waited_for_the_network_does_not_undo_a_newer_one():
    attempt = attempt_of(quiz_of())
    save(attempt, {1: ["b"]}, after(minutes=50), tab=TABS[1], seq=1)
    # Chosen an hour ago on a phone that was offline; it also holds an answer nobody else gave.
    save(attempt, {1: ["a"], 2: ["c"]}, after(minutes=61), tab=TABS[0], seq=1, delay=timedelta(minutes=60))
    assert stands(attempt) == {1: ["b"], 2: ["c"]}


@pytest.mark.django_db
def test_the_same_save_twice_is_kept_once():
    attempt = attempt_of(quiz_of())
    for second in (1, 5):
        save(attempt, {1: ["a"]}, after(seconds=second), tab=TABS[0], seq=1)
    save(attempt, {1: ["b"]}, after(seconds=9), tab=TABS[0], seq=2)
    save(attempt, {1: ["a"]}, after(seconds=12), tab=TABS[0], seq=1)
    assert AttemptEvent.objects.count() == 2
    assert stands(attempt) == {1: ["b"]}


@pytest.mark.django_db
@pytest.mark.parametrize("days", [-400, -2, 2, 400])
def test_a_clock_that_is_wrong_by_days_changes_nothing(days):
    """Pages send how long a save waited, never what time they think it is; nonsense is kept within the attempt."""
    attempt = attempt_of(quiz_of())
    waited = timedelta(days=days)
    save(attempt, {1: ["a"]}, after(minutes=1), tab=TABS[0], seq=1, delay=waited)
    event = AttemptEvent.objects.get()
    assert attempt.started_at <= event.made_at <= event.at == after(minutes=1)
    save(attempt, {1: ["b"]}, after(minutes=2), tab=TABS[0], seq=2, delay=waited)
    assert stands(attempt) == {1: ["b"]}


@pytest.mark.django_db
def test_an_hour_offline_and_then_everything_at_once_is_one_full_result():
    attempt = attempt_of(quiz_of())
    right = right_answers(attempt)
    back = after(minutes=61)
    for n, position in enumerate(right, start=1):
        save(attempt, {position: right[position]}, back, tab=TABS[0], seq=n, delay=timedelta(minutes=60 - n))
    result = attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4(), at=back + timedelta(seconds=1))
    assert (result.score, Attempt.objects.count(), Answer.objects.count()) == (100, 1, 10)
    times = list(Answer.objects.order_by("position").values_list("saved_at", flat=True))
    assert all(earlier < later < back for earlier, later in pairwise(times))


@pytest.mark.django_db
def test_an_autosave_replayed_after_handing_in_is_kept_beside_the_result_and_changes_nothing():
    attempt = attempt_of(quiz_of())
    attempt_submit(attempt=attempt, answers=right_answers(attempt), idempotency_key=uuid4(), at=after(minutes=5))
    with pytest.raises(Refusal) as refused:
        save(attempt, wrong_answers(attempt), after(minutes=6), tab=TABS[0], seq=9)
    assert refused.value.code == "attempt_closed"
    attempt.refresh_from_db()
    assert attempt.score == 100
    late = AttemptEvent.objects.get()
    assert (late.kind, late.detail["code"], len(late.answers)) == (EventKind.LATE, "attempt_closed", 10)


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "code"), [(21, "time_up"), (5, "unknown_option")])
def test_what_is_refused_is_written_down_and_does_not_count(minutes, code):
    attempt = attempt_of(quiz_of(time_limit_minutes=20))
    answers = {1: ["a"]} if code == "time_up" else {1: ["z"]}
    with pytest.raises(Refusal) as refused:
        save(attempt, answers, after(minutes=minutes))
    assert refused.value.code == code
    event = AttemptEvent.objects.get()
    assert event.kind == (EventKind.LATE if code == "time_up" else EventKind.REFUSED)
    assert event.detail["code"] == code
    assert stands(attempt) == {}


@pytest.mark.django_db
def test_notes_of_an_attempt_come_to_an_end_and_answers_do_not(monkeypatch):
    monkeypatch.setattr(saving, "MOST_NOTES", 3)
    attempt = attempt_of(quiz_of())
    for second in range(6):
        attempt_note(attempt=attempt, kind=EventKind.LEFT, at=after(seconds=second))
        save(attempt, {1: ["a"]}, after(seconds=second))
    kinds = list(AttemptEvent.objects.values_list("kind", flat=True))
    assert (kinds.count("left"), kinds.count("saved")) == (3, 6)


# --- Forms ----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_page_made_before_another_tab_changed_an_answer_does_not_take_it_back():
    attempt = attempt_of(check_of())
    base = grading.digest([])
    save(attempt, {1: ["a"], 2: ["a", "c"]}, after(seconds=5), tab=TABS[1], seq=1)
    # The old page: nothing ticked in 2 and 3, something new in 1.
    form = QueryDict(f"cau=1&cau=2&cau=3&c1=b&g1={base}&g2={base}&g3={base}")
    answers = answers_from(form, attempt)
    assert answers == {1: ["b"]}
    result = attempt_submit(attempt=attempt, answers=answers, idempotency_key=uuid4(), at=after(minutes=1))
    assert dict(result.answers.values_list("position", "response")) == {1: ["b"], 2: ["a", "c"], 3: []}


@pytest.mark.django_db
def test_a_form_without_a_base_says_everything_that_is_on_it():
    attempt = attempt_of(check_of())
    several = next(n for n, item in enumerate(attempt.paper, start=1) if item["kind"] == "multiple")
    assert answers_from(QueryDict(f"cau={several}"), attempt) == {several: []}
    assert answers_from(QueryDict(f"cau={several}&g{several}={grading.digest([])}"), attempt) == {}
    assert answers_from(QueryDict("cau=99&c99=a"), attempt) == {99: ["a"]}


@pytest.mark.parametrize(
    ("query", "sending"),
    [
        ("", Sending()),
        (f"khoa={TABS[0]}", Sending()),
        (f"khoa={TABS[0]}&luot=4&tre=1500", Sending(TABS[0], 4, timedelta(milliseconds=1500))),
        (f"khoa={TABS[0]}&luot=-4&tre=-5", Sending()),
        (f"khoa=x&luot=4&tre={10**12}", Sending(None, 4, timedelta(0))),
        (f"khoa={TABS[0]}&luot=1&tre=999999999", Sending(TABS[0], 1, timedelta(milliseconds=999999999))),
    ],
)
def test_how_a_save_came_is_read_and_nonsense_is_left_out(query, sending):
    assert sending_from(QueryDict(query)) == sending


# --- Practice and mastery -------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_checked_answer_is_final_and_tells_at_once():
    attempt = attempt_of(quiz_of(mode=Mode.PRACTICE, draw=3))
    right, wrong = right_answers(attempt), wrong_answers(attempt)
    assert answer_check(attempt=attempt, position=2, response=wrong[2], at=after(seconds=1)).points == 0
    assert answer_check(attempt=attempt, position=2, response=right[2], at=after(seconds=2)).points == 0
    save(attempt, {2: right[2]}, after(seconds=3))
    assert stands(attempt) == {2: wrong[2]}
    assert not answer_check(attempt=attempt, position=1, response=right[1], at=after(seconds=4)).is_over
    assert answer_check(attempt=attempt, position=3, response=right[3], at=after(seconds=5)).is_over
    result = attempt_submit(attempt=attempt, answers={2: right[2]}, idempotency_key=uuid4(), at=after(minutes=1))
    assert list(result.answers.values_list("points", flat=True)) == [1, 0, 1]


@pytest.mark.django_db
def test_mastery_ends_when_enough_of_the_last_ones_were_right():
    attempt = attempt_of(quiz_of(mode=Mode.MASTERY, mastery_needed=2, mastery_of=3, draw=6))
    right, wrong = right_answers(attempt), wrong_answers(attempt)
    given = [(4, right), (1, wrong), (2, wrong), (3, right), (5, right)]
    over = [
        answer_check(attempt=attempt, position=p, response=answers[p], at=after(seconds=n)).is_over
        for n, (p, answers) in enumerate(given, start=1)
    ]
    assert over == [False, False, False, False, True]
    result = attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4(), at=after(minutes=1))
    assert (result.score, result.passed) == (100, True)


@pytest.mark.django_db
def test_mastery_not_reached_is_not_passed_however_many_are_right():
    attempt = attempt_of(quiz_of(mode=Mode.MASTERY, mastery_needed=3, mastery_of=3, draw=4, pass_percent=10))
    right, wrong = right_answers(attempt), wrong_answers(attempt)
    for position, answers in ((1, right), (2, right), (3, wrong), (4, right)):
        checked = answer_check(
            attempt=attempt, position=position, response=answers[position], at=after(seconds=position)
        )
    assert (checked.points, checked.is_over) == (Fraction(1), True)
    result = attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4(), at=after(minutes=1))
    assert (str(result.score), result.passed) == ("66.66", False)


@pytest.mark.django_db
def test_an_exam_tells_nothing_before_it_is_handed_in():
    attempt = attempt_of(quiz_of())
    with pytest.raises(Refusal) as refused:
        answer_check(attempt=attempt, position=1, response=["a"], at=after(seconds=1))
    assert refused.value.code == "no_checking"
    assert not AttemptEvent.objects.exists()
