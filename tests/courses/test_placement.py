"""What a new learner wants to do first, and the lesson that it leads to."""

from __future__ import annotations

import pytest
from django.urls import reverse

from courses.models import Enrolment, StepKind, Topic
from courses.placement import CHOICES
from tests.factories.courses import StepFactory, course_with_steps
from tests.factories.people import AudienceFactory, MembershipFactory

pytestmark = pytest.mark.django_db
URL = "courses:placement"


def topic(code):
    return Topic.objects.get_or_create(code=code, defaults={"name": code, "group": "A"})[0]


@pytest.fixture
def skills(province):
    """A course on public services and safety, with a lesson for each."""
    course = course_with_steps(1, title="Kỹ năng số")
    course.topics.add(topic("T-A02"), topic("T-A11"))
    for position, title in enumerate(("Nộp một hồ sơ trực tuyến", "Mua sắm an toàn", "Tự bảo vệ mình"), start=2):
        StepFactory(course=course, title=title, position=position)
    StepFactory(course=course, title="Tự kiểm tra: tự bảo vệ", position=9, kind=StepKind.QUIZ)
    return course


def test_only_what_can_be_learnt_is_offered(client, learner, skills):
    client.force_login(learner)
    page = client.get(reverse(URL)).content.decode()
    offered = [choice.code for choice in CHOICES if f'value="{choice.code}"' in page]
    assert offered == ["dich-vu-cong", "an-toan"]
    assert "checked" not in page


@pytest.mark.parametrize(
    ("choice", "lesson"), [("dich-vu-cong", "Nộp một hồ sơ trực tuyến"), ("an-toan", "Tự bảo vệ mình")]
)
def test_a_choice_enrols_and_opens_the_lesson_that_fits(client, learner, skills, choice, lesson):
    client.force_login(learner)
    response = client.post(reverse(URL), {"muon": choice})
    assert response.url == skills.steps.get(title=lesson).path
    assert Enrolment.objects.get().course == skills


def test_without_a_fitting_lesson_the_course_begins_at_its_beginning(client, learner, skills):
    skills.topics.add(topic("T-A04"))
    client.force_login(learner)
    assert client.post(reverse(URL), {"muon": "suc-khoe"}).url == skills.steps.first().path


@pytest.mark.parametrize("answer", [{}, {"muon": "gi-do"}, {"muon": "thanh-toan"}])
def test_no_choice_is_said(client, learner, skills, answer):
    client.force_login(learner)
    response = client.post(reverse(URL), answer)
    assert "Hãy chọn một việc" in response.content.decode()
    assert not Enrolment.objects.exists()


def test_who_belongs_to_a_trade_finds_their_course_first(client, learner, province, skills):
    teachers = AudienceFactory(code="giao_vien")
    trade = course_with_steps(1, title="Dạy học trên nền tảng số")
    trade.audiences.add(teachers)
    MembershipFactory(user=learner, unit=province.north, audience=teachers, is_main=False)
    client.force_login(learner)
    assert "Học cho công việc của tôi" in client.get(reverse(URL)).content.decode()
    client.post(reverse(URL), {"muon": "cong-viec"})
    assert Enrolment.objects.get().course == trade


def test_with_nothing_to_learn_there_is_the_catalogue(client, learner):
    client.force_login(learner)
    assert client.get(reverse(URL)).url == "/khoa-hoc/"


def test_strangers_sign_in_first(client, province):
    assert client.get(reverse(URL)).url.startswith(reverse("account_login"))


def test_topics_of_the_choices_are_known():
    """Every code stands in the data that every province loads."""
    from courses.loading import topics_load
    from people.loading import audiences_load

    audiences_load()
    topics_load()
    wanted = {code for choice in CHOICES for code in choice.topics}
    assert wanted <= set(Topic.objects.values_list("code", flat=True))
