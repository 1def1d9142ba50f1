"""What is asked of a person by when, and the page "Việc học của tôi"."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from courses.duties import State, assignments_of, scope_of
from courses.models import Assignment, CourseUptake, Enrolment
from courses.my_learning import my_learning_of
from courses.rules import Done, duty_is_done
from courses.services import AssignmentWish, assignments_replace
from people.models import Role, UnitKind, UnitSuccession
from people.services import structures_rebuild
from tests.factories.courses import EnrolmentFactory, complete, course_with_steps
from tests.factories.courses_paths import AssignmentFactory, path_over
from tests.factories.people import AudienceFactory, MembershipFactory, StructureFactory, UnitFactory, UserFactory

ON = date(2026, 11, 22)
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
BEGIN = date(2026, 1, 1)


# --- Rules ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("done", "expected"),
    [
        (None, False),
        (Done(date(2026, 3, 1)), True),
        (Done(date(2025, 3, 1)), True),
        (Done(date(2025, 3, 1), renewal_due=True), False),
        (Done(date(2026, 3, 1), renewal_due=True), True),
    ],
)
def test_a_duty_is_done_within_its_span_or_while_an_earlier_completion_holds(done, expected):
    assert duty_is_done(done, BEGIN) == expected


# --- Whom an assignment reaches --------------------------------------------------------------------------------------
def reaches(user, **assignment):
    AssignmentFactory(course=course_with_steps(lessons=1), **assignment)
    return bool(assignments_of(scope=scope_of(user=user, on=ON), on=ON))


@pytest.fixture
def informatics(province):
    teacher = AudienceFactory(code="giao_vien", name="Giáo viên")
    return AudienceFactory(code="giao_vien_tin_hoc", name="Giáo viên tin học", parent=teacher)


@pytest.fixture
def teacher(province, informatics):
    return MembershipFactory(user=UserFactory(), unit=province.north, audience=informatics, role=Role.LEARNER).user


@pytest.mark.parametrize(
    ("audience", "unit", "expected"),
    [
        ("giao_vien", None, True),
        ("giao_vien_tin_hoc", None, True),
        ("giao_vien", "root", True),
        ("giao_vien", "north", True),
        ("giao_vien", "south", False),
        ("giao_vien", "department", False),
        ("nguoi_dan", None, False),
    ],
)
def test_an_audience_holds_for_those_below_it_and_a_unit_for_what_is_below(province, teacher, audience, unit, expected):
    place = getattr(province, unit) if unit else None
    assert reaches(teacher, audience=AudienceFactory(code=audience), unit=place) == expected


def test_an_audience_does_not_hold_for_those_above_it(province, informatics):
    teacher = MembershipFactory(user=UserFactory(), unit=province.north, audience=informatics.parent).user
    assert not reaches(teacher, audience=informatics)


def test_unit_and_audience_must_hold_in_one_membership(province, teacher):
    MembershipFactory(user=teacher, unit=province.south, audience=province.team, role=Role.LEARNER)
    assert not reaches(teacher, audience=province.team, unit=province.north)
    assert reaches(teacher, audience=province.team, unit=province.south)


def test_a_person_without_any_membership_is_a_citizen_of_unknown_residence(province):
    nobody = UserFactory()
    assert not reaches(nobody, audience=province.citizen, unit=province.north)
    assert reaches(nobody, audience=province.citizen)


def test_a_membership_that_ended_asks_for_nothing(province, teacher):
    teacher.memberships.update(valid_to=ON)
    assert not reaches(teacher, audience=AudienceFactory(code="giao_vien"))


def test_a_province_that_a_reform_ended_still_asks_those_who_came_from_it(db):
    reform = date(2025, 7, 1)
    ended = {"valid_from": date(2022, 1, 1), "valid_to": reform}
    StructureFactory(code="2022", valid_from=date(2022, 1, 1))
    StructureFactory(code="2025-07-01", valid_from=reform)
    old, other = (UnitFactory(code=c, kind=UnitKind.PROVINCE, **ended) for c in ("24", "27"))
    was_here, was_there = UnitFactory(code="0A", parent=old, **ended), UnitFactory(code="0B", parent=other, **ended)
    new = UnitFactory(code="24", kind=UnitKind.PROVINCE, valid_from=reform)
    here, there = (UnitFactory(code=c, parent=new, valid_from=reform) for c in ("1A", "1B"))
    for before, after in ((old, new), (other, new), (was_here, here), (was_there, there)):
        UnitSuccession.objects.create(predecessor=before, successor=after, effective_on=reform, principal=True)
    structures_rebuild()
    team = AudienceFactory(code="to_cnscd")
    AssignmentFactory(course=course_with_steps(lessons=1), audience=team, unit=old)
    asked = {}
    for unit in (here, there):
        user = MembershipFactory(user=UserFactory(), unit=unit, audience=team).user
        asked[unit.code] = len(assignments_of(scope=scope_of(user=user, on=ON), on=ON))
    assert asked == {"1A": 1, "1B": 0}


# --- What a duty says ------------------------------------------------------------------------------------------------
def duty_of(user):
    (duty,) = my_learning_of(user=user, on=ON).duties
    return duty


def test_a_duty_goes_from_waiting_to_learning_to_done(province, learner):
    course = course_with_steps(lessons=2)
    AssignmentFactory(audience=province.citizen, course=course)
    duty = duty_of(learner)
    assert (duty.state, duty.way_on, duty.time_left) == (State.WAITING, course.path, "còn 39 ngày")
    EnrolmentFactory(user=learner, course=course)
    duty = duty_of(learner)
    assert (duty.state, duty.way_on) == (State.GOING, course.steps.first().path)
    assert my_learning_of(user=learner, on=ON).going == [], "told once"
    complete(learner, course, AT)
    assert duty_of(learner).state == State.DONE


@pytest.mark.parametrize(
    ("days", "text"), [(39, "còn 39 ngày"), (1, "còn 1 ngày"), (0, "hôm nay là ngày cuối"), (-5, "đã quá 5 ngày")]
)
def test_days_are_told_in_words(province, learner, days, text):
    AssignmentFactory(audience=province.citizen, course=course_with_steps(1), due_on=ON + timedelta(days=days))
    assert duty_of(learner).time_left == text


def test_what_several_programmes_ask_is_told_once_by_the_nearest_day(province, learner):
    course = course_with_steps(lessons=1)
    for due in (date(2026, 12, 31), date(2026, 11, 30), date(2026, 11, 1)):
        AssignmentFactory(audience=province.citizen, course=course, due_on=due)
    duty = duty_of(learner)
    assert duty.due_on == date(2026, 11, 30)
    assert len(duty.asked) == 3


def test_long_ended_and_future_spans_and_closed_courses_are_not_told(province, learner):
    course = course_with_steps(lessons=1)
    AssignmentFactory(audience=province.citizen, course=course, due_on=ON - timedelta(days=61))
    AssignmentFactory(audience=province.citizen, course=course, begins_on=date(2027, 1, 1), due_on=date(2027, 12, 31))
    AssignmentFactory(audience=province.citizen, course=course_with_steps(lessons=1, is_published=False))
    assert my_learning_of(user=learner, on=ON).duties == []


def test_what_ran_out_before_the_span_must_be_renewed(province, learner):
    course = course_with_steps(lessons=1, yearly_refresh=True)
    AssignmentFactory(audience=province.citizen, course=course)
    complete(learner, course, datetime(2025, 5, 1, tzinfo=UTC))
    assert duty_of(learner).state == State.RENEW
    (finished,) = my_learning_of(user=learner, on=ON).finished
    assert finished.may_renew
    EnrolmentFactory(user=learner, course=course, round=2)
    assert duty_of(learner).state == State.GOING
    (finished,) = my_learning_of(user=learner, on=ON).finished
    assert not finished.may_renew


def test_a_path_is_a_duty_too_and_its_courses_are_not_suggested_beside_it(province, learner):
    first, second = course_with_steps(lessons=1), course_with_steps(lessons=1)
    second.audiences.set([province.citizen])
    AssignmentFactory(audience=province.citizen, learning_path=path_over(first, second))
    mine = my_learning_of(user=learner, on=ON)
    assert (mine.duties[0].state, mine.duties[0].path.next_stop.way_on) == (State.WAITING, first.path)
    assert (mine.suggested, mine.paths, mine.is_new) == ([], [], False)
    complete(learner, first, AT)
    assert duty_of(learner).state == State.GOING
    complete(learner, second, AT)
    assert duty_of(learner).state == State.DONE


# --- Replacing -------------------------------------------------------------------------------------------------------
def test_replacing_assignments_writes_only_what_differs_and_leaves_other_sources(province):
    course, other = course_with_steps(lessons=1), course_with_steps(lessons=1)
    kept = AssignmentFactory(audience=province.citizen, course=course, source="kpi:2025:BG23-01")
    days = {"begins_on": BEGIN, "due_on": date(2026, 12, 31)}
    wish = AssignmentWish("kpi:2026:BG23-01", "Tên", "Văn bản", province.citizen.pk, **days, course_id=course.pk)
    assert vars(assignments_replace(source_prefix="kpi:2026:", wanted=[wish])) == {
        "created": 1, "updated": 0, "removed": 0, "unchanged": 0,
    }  # fmt: skip
    before = Assignment.objects.get(source=wish.source)
    assert assignments_replace(source_prefix="kpi:2026:", wanted=[wish, wish]).unchanged == 1
    renamed = AssignmentWish("kpi:2026:BG23-01", "Tên mới", "", province.citizen.pk, **days, course_id=course.pk)
    assert assignments_replace(source_prefix="kpi:2026:", wanted=[renamed]).updated == 1
    before.refresh_from_db()
    assert before.title == "Tên mới"
    moved = AssignmentWish("kpi:2026:BG23-01", "Tên mới", "", province.citizen.pk, **days, course_id=other.pk)
    done = assignments_replace(source_prefix="kpi:2026:", wanted=[moved])
    assert (done.created, done.removed) == (1, 1)
    assert Assignment.objects.filter(pk=kept.pk).exists()
    with pytest.raises(ValueError, match="does not begin"):
        assignments_replace(source_prefix="kpi:2027:", wanted=[moved])


# --- The page --------------------------------------------------------------------------------------------------------
def page_of(client):
    return client.get(reverse("courses:my_learning")).content.decode()


def test_the_page_tells_duties_first_then_learning_paths_suggestions_and_what_is_finished(client, province, learner):
    now = timezone.now()
    going, next_one, done, asked = (course_with_steps(lessons=2, title=t) for t in ("Đang", "Sau", "Xong", "Phải"))
    path_over(done, going, next_one, title="Lộ trình thử", audiences=("nguoi_dan",))
    year = timezone.localdate().year
    AssignmentFactory(
        audience=province.citizen, course=asked, source=f"kpi:{year}:BG23-15", title="Kỹ năng số cho người dân",
        begins_on=date(year, 1, 1), due_on=timezone.localdate() + timedelta(days=9),
    )  # fmt: skip
    done.valid_months = 12
    done.save()
    complete(learner, done, now)
    Enrolment.objects.create(user=learner, course=going, started_at=now, last_seen_at=now)
    meant = course_with_steps(lessons=1, title="Khoá gợi ý")
    meant.audiences.set([province.citizen])
    client.force_login(learner)
    page = page_of(client)
    headings = ["Việc phải học", "Đang học", "Lộ trình của tôi", "Gợi ý học tiếp", "Đã hoàn thành"]
    places = [page.index(f">{heading}</h2>") for heading in headings]
    assert places == sorted(places)
    assert "còn 9 ngày" in page
    assert "chưa bắt đầu" in page
    assert "Chương trình BG23-15: Kỹ năng số cho người dân" in strip_tags(page)
    assert "1 trên 3 khoá, còn khoảng 10 phút" in page
    assert "Vì khoá này dành cho" in page
    assert "có giá trị đến" in page


def test_another_person_sees_nothing_of_it(client, province, learner, stranger):
    course = course_with_steps(lessons=1, title="Khoá riêng")
    AssignmentFactory(audience=province.citizen, unit=province.north, course=course, due_on=date(2099, 1, 1))
    client.force_login(stranger)
    assert "Khoá riêng" not in page_of(client)
    client.force_login(learner)
    assert "Khoá riêng" in page_of(client)


def test_the_page_costs_the_same_for_two_and_twenty_enrolments(client, province, learner):
    topics = [course_with_steps(lessons=1) for _ in range(2)]
    for course in topics:
        course.audiences.set([province.citizen])
    CourseUptake.objects.create(audience=province.citizen, course=topics[0], people=50)
    client.force_login(learner)
    counts = []
    for more in (2, 18):
        for number in range(more):
            course = course_with_steps(lessons=3)
            if number % 2:
                complete(learner, course, AT)
            else:
                EnrolmentFactory(user=learner, course=course)
            path_over(course, topics[0], audiences=("nguoi_dan",))
            AssignmentFactory(audience=province.citizen, course=course, due_on=date(2099, 1, 1))
            AssignmentFactory(audience=province.citizen, learning_path=path_over(course), due_on=date(2099, 1, 1))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("courses:my_learning"))
        counts.append(len(queries))
    # 1 session  2 user  3 reminders  4 audiences  5 memberships  6 units above
    # 7 enrolments with course and completion  8 steps  9 step completions  10 assignments
    # 11 paths  12 their audiences  13 their places with courses  14 path completions
    # 15 uptake  16 topics learnt  17 prerequisites  18 courses for the audiences  19 courses of the topics
    # 20 the courses looked at  21 their audiences  22 their topics  23 roles for the menu
    assert counts[0] == counts[1] <= 23
