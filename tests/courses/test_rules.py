from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.rules import (
    RENEWAL_WINDOW,
    final_score,
    months_later,
    next_step,
    progress,
    renewal_due,
    steps_left,
    valid_until,
)


@dataclass(frozen=True)
class S:
    pk: int
    required: bool = True
    is_active: bool = True


steps = st.lists(st.builds(S, st.integers(1, 12), st.booleans(), st.booleans()), max_size=12, unique_by=lambda s: s.pk)
done = st.sets(st.integers(1, 15))


@given(steps, done)
def test_progress_stays_between_0_and_100_whatever_is_added_or_taken_out(outline, finished):
    p = progress(outline, finished)
    assert 0 <= p.percent <= 100
    assert p.is_complete == (p.percent == 100)
    assert p.is_complete == (p.total > 0 and not steps_left(outline, finished))


@given(steps, done)
def test_next_step_is_the_first_that_is_left(outline, finished):
    left = steps_left(outline, finished)
    assert next_step(outline, finished) == (left[0] if left else None)
    for step in outline:
        assert next_step(outline, finished, step.pk) == (step if step in left else next_step(outline, finished))
    assert all(s.required and s.is_active and s.pk not in finished for s in left)


def test_a_course_without_required_steps_is_never_complete():
    assert not progress([S(1, required=False), S(2, is_active=False)], {1, 2}).is_complete


# --- Days -----------------------------------------------------------------------------------------------------------
days = st.dates(date(2000, 1, 1), date(2100, 12, 31))
months = st.integers(1, 120)


@given(days, months, months)
def test_months_later_keeps_the_day_or_the_last_of_a_shorter_month(day, some, more):
    later = months_later(day, some)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == some
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)
    assert months_later(day, some + more) > later
    assert months_later(day, 0) == day


@given(days, months)
def test_a_completion_holds_whole_months_and_nobody_loses_by_finishing_later(day, some):
    last = valid_until(day, some)
    assert months_later(day, some) - timedelta(days=1) <= last <= months_later(day, some)
    assert last > day
    assert valid_until(day + timedelta(days=1), some) >= last
    assert valid_until(day, some + 1) > last


@pytest.mark.parametrize(
    ("day", "some", "last"),
    [
        (date(2026, 11, 20), 12, date(2027, 11, 19)),
        (date(2026, 3, 1), 1, date(2026, 3, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 20), None, None),
        (date(2026, 11, 20), 0, None),
    ],
)
def test_the_last_day_of_validity(day, some, last):
    assert valid_until(day, some) == last


@given(days, months, st.booleans(), st.integers(0, 4000))
def test_once_due_a_renewal_stays_due_and_is_due_before_the_completion_ran_out(day, some, yearly, passed):
    last = valid_until(day, some)
    on = day + timedelta(days=passed)

    def due(at):
        return renewal_due(completed_on=day, valid_until=last, yearly=yearly, on=at)

    assert not due(day)
    assert due(last)
    assert due(on + timedelta(days=1)) or not due(on)
    assert due(date(day.year + 1, 1, 1)) or not yearly
    if not yearly and on < last - RENEWAL_WINDOW:
        assert not due(on)


@given(days, st.booleans(), st.integers(0, 4000))
def test_what_holds_for_good_is_renewed_yearly_or_never(day, yearly, passed):
    on = day + timedelta(days=passed)
    assert renewal_due(completed_on=day, valid_until=None, yearly=yearly, on=on) is (yearly and on.year > day.year)


# --- Finished -------------------------------------------------------------------------------------------------------
@given(steps, done)
def test_a_finished_course_stays_at_100_whatever_is_published(outline, finished):
    assert progress(outline, finished, finished=True).percent == 100


@given(steps, done, st.integers(1, 15))
def test_doing_one_more_step_never_takes_anything_away(outline, finished, one):
    assert progress(outline, finished | {one}).percent >= progress(outline, finished).percent


@given(steps, st.dictionaries(st.integers(1, 15), st.none() | st.decimals(0, 100, places=2)))
def test_the_final_score_is_that_of_the_last_required_step_that_has_one(outline, scores):
    found = final_score(outline, scores)
    required = [scores.get(s.pk) for s in outline if s.required and s.is_active]
    assert found == next((score for score in reversed(required) if score is not None), None)
