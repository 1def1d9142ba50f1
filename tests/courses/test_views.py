import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from courses.models import StepCompletion
from courses.querysets import states_of_unit
from tests.factories.courses import EnrolmentFactory, complete, course_with_steps
from tests.factories.people import MembershipFactory, UserFactory


def test_my_learning_shows_progress_and_where_to_go_on(client, learner):
    course = course_with_steps(lessons=4, title="Kỹ năng số")
    client.force_login(learner)
    first = course.steps.first()
    client.post(reverse("courses:step_done", args=[first.uuid]))
    page = client.get(reverse("courses:my_learning")).content.decode()
    assert "Đã xong 1 trên 4 phần" in page
    assert f"Học tiếp: {course.steps.all()[1].title}" in strip_tags(page)


def test_my_learning_needs_somebody_signed_in(client, db):
    assert client.get(reverse("courses:my_learning")).status_code == 302


def test_my_learning_costs_the_same_for_one_course_and_twelve(client, learner):
    client.force_login(learner)
    counts = []
    for more in (1, 11):
        for _ in range(more):
            EnrolmentFactory(user=learner, course=course_with_steps(lessons=3))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("courses:my_learning"))
        counts.append(len(queries))
    # What it costs with duties, paths and suggestions is asserted in test_my_learning.py.
    assert counts[0] == counts[1] <= 16


def test_marking_done_goes_to_the_next_step_and_is_safe_to_repeat(client, learner):
    course = course_with_steps(lessons=2)
    one, two = course.steps.all()
    client.force_login(learner)
    for _ in range(2):
        response = client.post(reverse("courses:step_done", args=[one.uuid]))
        assert response["Location"] == two.path
    assert StepCompletion.objects.count() == 1


def test_the_last_lesson_says_that_the_course_is_complete(client, learner):
    course = course_with_steps(lessons=1)
    client.force_login(learner)
    response = client.post(reverse("courses:step_done", args=[course.steps.get().uuid]), follow=False)
    assert response["Location"] == course.path
    assert "Chúc mừng" in client.get(reverse("courses:my_learning")).content.decode()


def test_a_quiz_is_not_done_by_a_button(client, learner):
    course = course_with_steps(lessons=1)
    course.steps.update(kind="quiz")
    client.force_login(learner)
    assert client.post(reverse("courses:step_done", args=[course.steps.get().uuid])).status_code == 404


def test_enrolling_goes_to_the_first_step(client, learner):
    course = course_with_steps(lessons=2)
    client.force_login(learner)
    assert client.post(reverse("courses:enrol", args=[course.slug]))["Location"] == course.steps.first().path


@pytest.mark.parametrize(
    ("who", "status"),
    [("coordinator", 200), ("other_coordinator", 403), ("learner", 404), ("stranger", 404), ("lead", 200)],
)
def test_who_sees_the_people_of_a_unit(client, request, province, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("unit_learning:people", args=[province.north.uuid])).status_code == status


def test_a_unit_page_tells_who_finished_and_who_has_not_begun(client, province, coordinator, learner, stranger):
    complete(learner, course_with_steps(title="Năm kỹ năng"))
    url = reverse("unit_learning:people", args=[province.north.uuid])
    client.force_login(coordinator)
    page = client.get(url).content.decode()
    assert "Năm kỹ năng" in page
    assert stranger.full_name not in page
    assert learner.full_name in client.get(url, {"q": "uong"}).content.decode()
    assert learner.full_name not in client.get(url, {"tinh-trang": "chua"}).content.decode()
    assert learner.full_name in client.get(url, {"tinh-trang": "xong"}).content.decode()


def test_a_unit_page_costs_the_same_for_3_people_and_40(client, province, coordinator):

    client.force_login(coordinator)
    url = reverse("unit_learning:people", args=[province.north.uuid])
    course = course_with_steps(lessons=1)
    counts = []
    for more in (3, 37):
        for _ in range(more):
            person = UserFactory()
            MembershipFactory(user=person, unit=province.north, audience=province.citizen)
            complete(person, course)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    # session, user, roles, second step, unit, scope, structure (twice), count, people, completions, enrolments,
    # memberships, states; rights to figures, to slips and to the roster
    assert counts[0] == counts[1] <= 17


def test_learning_goes_on_where_it_was_left(client, learner):
    course = course_with_steps(lessons=4)
    third = course.steps.all()[2]
    EnrolmentFactory(user=learner, course=course, last_step=third)
    client.force_login(learner)
    page = client.get(reverse("courses:my_learning")).content.decode()
    assert f"Học tiếp: {third.title}" in strip_tags(page)
    assert client.post(reverse("courses:enrol", args=[course.slug]))["Location"] == third.path


@pytest.mark.parametrize("address", ["enrol", "step_done"])
def test_signing_in_again_after_a_press_leads_back_to_the_page(client, learner, address):
    course = course_with_steps(lessons=1)
    step = course.steps.get()
    argument, page = (course.slug, course.path) if address == "enrol" else (step.uuid, step.path)
    client.force_login(learner)
    response = client.get(reverse(f"courses:{address}", args=[argument]))
    assert (response.status_code, response["Location"]) == (302, page)
    assert not StepCompletion.objects.exists()


def test_the_states_of_a_unit_add_up(province, coordinator, learner):
    course = course_with_steps(lessons=2)
    complete(learner, course)
    for begun in (True, False, False):
        person = UserFactory()
        MembershipFactory(user=person, unit=province.north, audience=province.citizen)
        if begun:
            EnrolmentFactory(user=person, course=course)
    # the coordinator is one of the unit's people too
    assert states_of_unit(unit=province.north) == {"total": 5, "finished": 1, "learning": 1, "waiting": 3}
