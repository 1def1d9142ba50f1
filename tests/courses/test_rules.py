from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from courses.rules import next_step, progress, steps_left


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
