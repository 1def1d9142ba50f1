"""What a new outline would do to people in progress is what it then does."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses import rules, services
from courses.models import Completion
from tests.courses.test_services import outline, outline_step
from tests.factories.courses import EnrolmentFactory

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
counts = st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 6)), st.integers(1, 50), max_size=8)


@given(counts, st.integers(6, 9), st.integers(6, 9), st.booleans())
def test_everybody_in_progress_is_counted_once(people, before, after, is_open):
    effect = rules.outline_effect(people, total_before=before, total_after=after, is_open=is_open)
    assert effect.learners == sum(people.values())
    assert 0 <= effect.percent_before <= 100
    assert 0 <= effect.percent_after <= 100
    assert effect.completed == (sum(n for (_, done), n in people.items() if done == after) if is_open else 0)


@pytest.fixture
def three_steps(province):
    """A course of three required steps, and people who have done none, one, two of them."""
    key, parts = uuid.uuid4(), [outline_step(), outline_step(), outline_step()]
    course = services.course_outline_publish(outline=outline(*parts, key=key))
    steps = list(course.steps.all())
    for done in (0, 1, 2, 2):
        enrolment = EnrolmentFactory(course=course)
        for step in steps[:done]:
            services.step_complete(enrolment=enrolment, step=step, at=AT)
    return key, parts, course


@pytest.mark.parametrize(
    ("change", "completed", "more", "less", "same"),
    [
        (lambda a, b, c: [a, b, c], 0, 0, 0, 4),
        (lambda a, b, c: [c, b, a], 0, 0, 0, 4),
        (lambda a, b, c: [a, b], 2, 0, 2, 0),
        (lambda a, b, c: [a, b, c, outline_step()], 0, 4, 0, 0),
        (lambda a, b, c: [a, b, outline_step()], 0, 0, 0, 4),
        (lambda a, b, c: [b, c], 0, 0, 1, 3),
        (lambda a, b, c: [a, outline_step(required=False)], 3, 0, 1, 0),
    ],
)  # fmt: skip
def test_the_effect_foretells_what_publishing_does(three_steps, change, completed, more, less, same):
    key, parts, course = three_steps
    plan = outline(*change(*parts), key=key)
    effect = services.outline_effect(outline=plan)
    assert (effect.completed, effect.more, effect.less, effect.same) == (completed, more, less, same)
    services.course_outline_publish(outline=plan)
    services.enrolments_settle(course_id=course.pk, at=AT)
    assert Completion.objects.filter(course=course).count() == completed


def test_a_closed_course_completes_nobody(three_steps):
    key, parts, _ = three_steps
    assert services.outline_effect(outline=outline(parts[0], key=key, is_published=False)).completed == 0


def test_the_effect_costs_the_same_for_few_and_for_many(three_steps, django_assert_num_queries):
    key, parts, course = three_steps
    with django_assert_num_queries(4):  # steps required now, then; what is done; how many learn
        services.outline_effect(outline=outline(*parts[:2], key=key))
    EnrolmentFactory.create_batch(20, course=course)
    with django_assert_num_queries(4):
        services.outline_effect(outline=outline(*parts[:2], key=key))
