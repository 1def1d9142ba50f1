"""Learning paths: the rule, finishing one, and what a changed path means for those who learn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from courses.learning import paths_standing
from courses.models import Completion, LearningPath, PathCompletion
from courses.rules import next_on_path, path_progress, roughly
from courses.services import path_close, path_completions_settle, paths_settle
from people.models import CITIZEN
from tests.factories.courses import EnrolmentFactory, complete, course_with_steps
from tests.factories.courses_paths import path_over
from tests.factories.people import AudienceFactory, UserFactory

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


@dataclass(frozen=True)
class P:
    course_id: int
    required: bool = True


places = st.lists(st.builds(P, st.integers(1, 8), st.booleans()), max_size=8, unique_by=lambda p: p.course_id)
ids = st.sets(st.integers(1, 10))


@given(places, ids)
def test_a_path_is_complete_when_no_required_course_is_left(path, done):
    progress = path_progress(path, done)
    left = [p for p in path if p.required and p.course_id not in done]
    assert 0 <= progress.percent <= 100
    assert progress.is_complete == (not left and any(p.required for p in path)) == (progress.percent == 100)


@given(places, ids, st.sets(st.integers(1, 10)))
def test_finishing_more_never_takes_progress_away_and_a_finished_path_stays_finished(path, done, more):
    assert path_progress(path, done | more).done >= path_progress(path, done).done
    assert path_progress(path, set(), finished=True).percent == 100


@given(places, ids, ids)
def test_the_next_course_is_required_and_left_and_a_begun_one_comes_first(path, done, begun):
    found = next_on_path(path, done, begun)
    left = [p for p in path if p.required and p.course_id not in done]
    assert (found is None) == (not left)
    if found:
        assert found in left
        assert found.course_id in begun or not any(p.course_id in begun for p in left)


@pytest.mark.parametrize(("minutes", "said"), [(0, 0), (2, 2), (8, 10), (58, 60), (75, 75), (112, 105), (151, 150)])
def test_time_left_is_said_roughly(minutes, said):
    assert roughly(minutes) == said


@pytest.fixture
def two(db):
    AudienceFactory(code=CITIZEN)
    return course_with_steps(lessons=1, title="Khoá A"), course_with_steps(lessons=1, title="Khoá B")


def test_the_last_required_course_completes_the_path_once_with_what_it_claims_frozen(two):
    user = UserFactory(full_name="Nguyễn Thị Hoa")
    extra = course_with_steps(lessons=1)
    path = path_over(*two, optional=(extra,), title="Lộ trình thử", level="thanh_thao")
    complete(user, two[0], AT)
    assert not PathCompletion.objects.exists()
    complete(user, two[1], AT)
    done = PathCompletion.objects.get()
    assert (done.learner_name, done.path_title, done.path_level) == ("Nguyễn Thị Hoa", "Lộ trình thử", "thanh_thao")
    assert (done.completed_at, done.hours) == (AT, 3)
    assert paths_settle(users=[user], course=two[0], at=AT) == []
    path.title = "Tên khác"
    path.save()
    assert PathCompletion.objects.get().path_title == "Lộ trình thử"
    with pytest.raises(TypeError):
        done.save()


def test_a_closed_path_and_an_optional_course_complete_nothing(two):
    user = UserFactory()
    path = path_over(two[0], optional=(two[1],))
    path_close(key=path.key)
    complete(user, two[0], AT)
    complete(user, two[1], AT)
    assert not PathCompletion.objects.exists()


@pytest.mark.parametrize(
    ("paths", "finishes", "queries"),
    [(0, False, 1), (1, False, 2), (1, True, 4), (5, True, 4)],
)
def test_what_settling_paths_costs_the_completing_submit(two, paths, finishes, queries):
    user = UserFactory()
    for _ in range(paths):
        path_over(*two)
    complete(user, two[0], AT)
    if finishes:
        PathCompletion.objects.all()._raw_delete(PathCompletion.objects.db)
        complete(user, two[1], AT)
        PathCompletion.objects.all()._raw_delete(PathCompletion.objects.db)
    with CaptureQueriesContext(connection) as found:
        made = paths_settle(users=[user], course=two[1], at=AT)
    asked = [q["sql"] for q in found if "SAVEPOINT" not in q["sql"]]
    assert len(asked) == queries, "\n".join(asked)
    assert len(made) == (paths if finishes else 0)


def test_a_path_opened_later_completes_those_who_finished_before(two, django_capture_on_commit_callbacks):
    finished, half = UserFactory(), UserFactory()
    for course in two:
        complete(finished, course, AT)
    complete(half, two[0], AT)
    with django_capture_on_commit_callbacks(execute=True):
        path = path_over(*two)
    assert [c.user for c in path.completions.all()] == [finished]


def test_asking_for_less_completes_and_asking_for_more_takes_nothing_away(two, django_capture_on_commit_callbacks):
    user = UserFactory()
    path = path_over(*two, slug="lo-trinh-thu")
    complete(user, two[0], AT)
    with django_capture_on_commit_callbacks(execute=True):
        path_over(two[0], key=path.key, slug="lo-trinh-thu")
    assert path.completions.get().user == user
    third = course_with_steps(lessons=1)
    path_over(*two, third, key=path.key, slug="lo-trinh-thu")
    assert path.completions.count() == 1
    standing = paths_standing(user=user, paths=LearningPath.objects.published().with_places())[0]
    assert standing.is_done
    assert standing.progress.percent == 100
    assert standing.next_stop is None


def test_publishing_again_changes_nothing_and_asks_for_no_job(two, django_capture_on_commit_callbacks):
    path = path_over(*two, slug="lo-trinh-thu", audiences=("nguoi_dan",))
    before = list(path.places.values_list("pk", flat=True))
    with django_capture_on_commit_callbacks() as callbacks:
        again = path_over(*two, key=path.key, slug="lo-trinh-thu", audiences=("nguoi_dan",))
    assert again == path
    assert list(path.places.values_list("pk", flat=True)) == before
    assert callbacks == []


def test_a_path_that_nobody_could_finish_is_refused(two):
    with pytest.raises(Refusal) as refusal:
        path_over(optional=two)
    assert refusal.value.code == "no_required_course"
    assert not LearningPath.objects.exists()


def test_the_sweep_finds_what_two_courses_finished_at_one_instant_missed(two):
    user = UserFactory()
    path = path_over(*two)
    for course in two:
        complete(user, course, AT)
    PathCompletion.objects.all()._raw_delete(PathCompletion.objects.db)
    assert path_completions_settle() == 1
    assert path_completions_settle() == 0
    assert path.completions.get().user == user


def test_where_somebody_stands_on_a_path(two):
    user = UserFactory()
    two[1].minutes = 120
    two[1].save()
    third = course_with_steps(lessons=2, title="Khoá C")
    path_over(two[0], third, two[1])
    complete(user, two[0], AT)
    EnrolmentFactory(user=user, course=third)
    (standing,) = paths_standing(user=user, paths=LearningPath.objects.with_places())
    assert (standing.progress.done, standing.progress.total) == (1, 3)
    assert standing.next_stop.course == third
    assert standing.next_stop.way_on == third.steps.first().path
    assert standing.minutes_left == 10 + 120


def test_a_course_closed_for_a_while_stays_required_and_is_not_offered(two):
    user = UserFactory()
    path = path_over(*two)
    complete(user, two[0], AT)
    two[1].is_published = False
    two[1].save()
    assert path_completions_settle() == 0
    (standing,) = paths_standing(user=user, paths=LearningPath.objects.with_places())
    assert not standing.is_done
    assert standing.next_stop is None
    assert Completion.objects.filter(user=user).count() == 1
    assert path.completions.count() == 0
