"""Each rule of completion against each door: only its own opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from common.errors import Refusal
from courses import services
from courses.models import Completion, Enrolment, Step, StepCompletion, StepKind, StepRule, StepVisit, Submission
from courses.services import OutlineStep
from tests.factories import cms as make
from tests.factories.courses import EnrolmentFactory, StepFactory, complete, course_with_steps

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
LESSON = "/khoa-hoc/khoa-thu/bai-1/"


@pytest.fixture
def step(learner):
    """The first lesson of a course that the learner has just begun; another one comes after it."""
    course = course_with_steps(lessons=2)
    EnrolmentFactory(user=learner, course=course)
    return course.steps.first()


def with_rule(step, rule):
    Step.objects.filter(pk=step.pk).update(
        rule=rule,
        kind=StepKind.QUIZ if rule == StepRule.PASSED else StepKind.LESSON,
        min_seconds=60,
        scenarios={"a": [1], "b": [2]},
    )
    step.refresh_from_db()
    return step


def opened_long_ago(step):
    """A visit in which everything was done that a visit can do, but for the scenarios."""
    long_ago = timezone.now() - timedelta(hours=1)
    StepVisit.objects.create(
        enrolment=Enrolment.objects.get(), step=step, first_at=long_ago, last_at=long_ago, seconds=3000,
        reached_end=True,
    )  # fmt: skip


def press(name, data):
    return lambda client, step: client.post(reverse(f"courses:{name}", args=[step.uuid]), data(), follow=False)


def answer_all(client, step):
    for block, choice in (("a", 1), ("b", 2)):
        client.post(reverse("courses:scenario_answer", args=[step.uuid]), {"khoi": block, "chon": choice})


DOORS = {
    "step_done": press("step_done", dict),
    "step_read": press("step_read", dict),
    "visit": press("visit", lambda: {"giay": "100", "cuoi": "1"}),
    "scenario_answer": answer_all,
    "submit_work": press("submit_work", lambda: {"viet": "Tôi đã làm", "tep": SimpleUploadedFile("a.pdf", b"%PDF-1")}),
    "enrol": lambda client, step: client.post(reverse("courses:enrol", args=[step.course.slug])),
    "renew": lambda client, step: client.post(reverse("courses:renew", args=[step.course.slug])),
}
OPENS = {
    StepRule.MARKED: {"step_done"},
    StepRule.OPENED: {"step_read", "visit", "scenario_answer"},  # an answer finds what reading has met already
    StepRule.SCENARIO: {"scenario_answer"},
    StepRule.SIGNED_OFF: set(),
    StepRule.PASSED: set(),
}


@pytest.mark.parametrize("rule", StepRule.values)
@pytest.mark.parametrize("door", DOORS)
def test_every_rule_at_every_door(client, learner, step, rule, door):
    with_rule(step, rule)
    opened_long_ago(step)
    client.force_login(learner)
    DOORS[door](client, step)
    assert StepCompletion.objects.filter(step=step).exists() == (door in OPENS[StepRule(rule)])


@pytest.mark.parametrize("rule", StepRule.values)
def test_the_service_behind_the_button_takes_one_rule_only(step, rule):
    with_rule(step, rule)
    enrolment = Enrolment.objects.get()
    if rule == StepRule.MARKED:
        services.step_mark(enrolment=enrolment, step=step, at=AT)
        return
    with pytest.raises(Refusal) as refusal:
        services.step_mark(enrolment=enrolment, step=step, at=AT)
    assert refusal.value.code == "other_rule"


def test_a_refused_button_says_where_the_rest_stands(client, learner, step):
    with_rule(step, StepRule.SIGNED_OFF)
    client.force_login(learner)
    page = client.post(reverse("courses:step_done", args=[step.uuid]))
    assert page.status_code == 409
    assert f'href="{step.path}"><span>Về bài học' in page.content.decode()


# --- Read to the end ------------------------------------------------------------------------------------------------
def test_reading_completes_by_itself_once_end_and_time_are_there(step):
    with_rule(step, StepRule.OPENED)
    enrolment = Enrolment.objects.get()
    services.visit_open(enrolment=enrolment, step=step, at=AT)

    def tell(second, seconds, *, end):
        at = AT + timedelta(seconds=second)
        return services.visit_record(enrolment=enrolment, step=step, seconds=seconds, reached_end=end, at=at)[1]

    assert not tell(30, 30, end=True)  # the end, but only half of the time
    assert not tell(55, 25, end=False)
    assert tell(65, 10, end=False)
    assert not tell(80, 15, end=True)  # done already: nothing new
    assert StepCompletion.objects.get().completed_at == AT + timedelta(seconds=65)


def test_a_browser_cannot_hurry_the_clock(client, learner, step):
    with_rule(step, StepRule.OPENED)
    client.force_login(learner)
    for _ in range(10):
        assert client.post(reverse("courses:visit", args=[step.uuid]), {"giay": "60", "cuoi": "1"}).status_code == 204
    assert not StepCompletion.objects.exists()


@pytest.mark.parametrize(("passed", "left"), [(0, 60), (20, 40), (59, 1), (60, 0), (6000, 0)])
def test_the_button_asks_the_servers_clock(step, passed, left):
    with_rule(step, StepRule.OPENED)
    enrolment = Enrolment.objects.get()
    services.visit_open(enrolment=enrolment, step=step, at=AT)
    at = AT + timedelta(seconds=passed)
    if not left:
        services.step_read(enrolment=enrolment, step=step, at=at)
        assert StepCompletion.objects.filter(step=step).exists()
        return
    with pytest.raises(Refusal) as refusal:
        services.step_read(enrolment=enrolment, step=step, at=at)
    assert (refusal.value.code, refusal.value.detail["seconds"]) == ("too_early", left)
    assert StepVisit.objects.get().reached_end
    assert not StepCompletion.objects.exists()


def test_too_early_comes_back_to_the_lesson_with_how_long_is_left(client, learner, step):
    with_rule(step, StepRule.OPENED)
    client.force_login(learner)
    answer = client.post(reverse("courses:step_read", args=[step.uuid]))
    assert answer["Location"] == step.path
    words = client.get(reverse("courses:my_learning")).content.decode()
    assert "Bài này cần đọc ít nhất 1 phút, còn 1 phút nữa." in words


def test_in_time_goes_on_to_what_follows(client, learner, step):
    with_rule(step, StepRule.OPENED)
    opened_long_ago(step)
    client.force_login(learner)
    answer = client.post(reverse("courses:step_read", args=[step.uuid]))
    assert answer["Location"] == step.course.steps.last().path


def test_the_beacon_says_when_the_lesson_is_done(client, learner, step):
    with_rule(step, StepRule.OPENED)
    opened_long_ago(step)
    client.force_login(learner)
    url = reverse("courses:visit", args=[step.uuid])
    assert client.post(url, {"giay": "1", "cuoi": "1"}).json() == {"done": True}
    assert client.post(url, {"giay": "1", "cuoi": "1"}).status_code == 204


# --- Scenarios ------------------------------------------------------------------------------------------------------
def test_answers_are_kept_the_last_one_counts_and_all_right_completes(client, learner, step):
    with_rule(step, StepRule.SCENARIO)
    client.force_login(learner)
    url = reverse("courses:scenario_answer", args=[step.uuid])
    for block, choice, done in (("a", 1, False), ("b", 1, False), ("a", 2, False), ("b", 2, False), ("a", 1, True)):
        answer = client.post(url, {"khoi": block, "chon": choice})
        assert answer["Location"] == f"{step.path}?khoi={block}&chon={choice}#tinh-huong-{block}"
        assert StepVisit.objects.get().answers[block] == choice
        assert StepCompletion.objects.exists() == done
    # What is done stays done, whatever one tries afterwards.
    client.post(url, {"khoi": "a", "chon": "2"})
    assert StepCompletion.objects.count() == 1


@pytest.mark.parametrize(
    ("block", "choice", "code"),
    [
        ("c", "1", "unknown_scenario"),
        ("", "1", "unknown_scenario"),
        ("a", "0", "unknown_choice"),
        ("a", "", "unknown_choice"),
        ("a", "10", "unknown_choice"),
        ("a", "-1", "unknown_choice"),
        ("a", "một", "unknown_choice"),
        ("a", "²", "unknown_choice"),
    ],
)
def test_what_is_not_in_the_lesson_is_refused(client, learner, step, block, choice, code):
    with_rule(step, StepRule.SCENARIO)
    client.force_login(learner)
    page = client.post(reverse("courses:scenario_answer", args=[step.uuid]), {"khoi": block, "chon": choice})
    assert page.status_code == 400
    assert code in page.content.decode()
    assert not StepVisit.objects.filter(answers__has_key="a").exists()


def test_the_last_scenario_of_a_course_congratulates(client, learner, step):
    with_rule(step, StepRule.SCENARIO)
    step.course.steps.exclude(pk=step.pk).update(is_active=False)
    client.force_login(learner)
    answer_all(client, step)
    assert Completion.objects.exists()
    assert "Chúc mừng" in client.get(reverse("courses:my_learning")).content.decode()


def test_a_lesson_that_waits_for_scenarios_and_has_none_is_marked():
    def rule_of(rule, **fields):
        step = OutlineStep(uuid4(), "lesson", "Bài", "/x/", 5, required=True, rule=rule, **fields)
        return step.effective_rule

    assert rule_of(StepRule.SCENARIO) == StepRule.MARKED
    assert rule_of(StepRule.SCENARIO, scenarios={"a": [1]}) == StepRule.SCENARIO
    assert rule_of(StepRule.OPENED) == StepRule.OPENED


# --- Who may, and what comes first ----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["step_read", "scenario_answer", "submit_work"])
def test_a_get_after_signing_in_again_leads_back(client, learner, step, name):
    client.force_login(learner)
    assert client.get(reverse(f"courses:{name}", args=[step.uuid]))["Location"] == step.path
    client.logout()
    assert reverse("account_login") in client.post(reverse(f"courses:{name}", args=[step.uuid]))["Location"]


@pytest.mark.parametrize("door", ["step_done", "step_read", "scenario_answer", "submit_work", "enrol"])
def test_a_press_enrols_and_what_comes_first_is_said_with_the_way_there(client, learner, door):
    first, second = course_with_steps(lessons=1, title="Khoá trước"), course_with_steps(lessons=1)
    second.prerequisites.add(first)
    step = with_rule(second.steps.get(), StepRule.MARKED)
    data = {"khoi": "a", "chon": "1", "viet": "Đã làm"}
    argument = second.slug if door == "enrol" else step.uuid
    client.force_login(learner)
    page = client.post(reverse(f"courses:{door}", args=[argument]), data)
    assert page.status_code == 409
    assert f'href="{first.path}"><span>Mở khoá «Khoá trước»' in page.content.decode()
    assert not Enrolment.objects.exists()
    complete(learner, first)
    assert client.post(reverse(f"courses:{door}", args=[argument]), data).status_code in (302, 409)
    assert Enrolment.objects.filter(course=second).exists()


def test_enrolling_from_a_lesson_comes_back_to_it_and_to_no_other_address(client, learner):
    course, other = course_with_steps(lessons=3), StepFactory()
    third = course.steps.last()
    client.force_login(learner)
    url = reverse("courses:enrol", args=[course.slug])
    assert client.post(url, {"buoc": str(third.uuid)})["Location"] == third.path
    for wrong in (str(other.uuid), "https://vi-du.vn/", ""):
        assert client.post(url, {"buoc": wrong})["Location"] == course.steps.first().path


# --- Pages ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def lesson(province):
    make.course(lessons=2)
    return Step.objects.get(path=LESSON)


SENTENCES = {
    StepRule.MARKED: ["Tôi đã học xong bài này"],
    StepRule.OPENED: ["Tôi đã đọc đến cuối", "đọc đến cuối và đã đọc ít nhất 1 phút", "data-needs"],
    StepRule.SCENARIO: ["đã đúng 0 trên 2", 'href="#tinh-huong-a"'],
    StepRule.SIGNED_OFF: ["Bài thực hành phải nộp", "Chụp màn hình", "giảng viên xác nhận", "Tiếp: Bài số 2"],
}


@pytest.mark.parametrize("rule", SENTENCES)
def test_a_lesson_says_what_is_still_to_do(client, learner, lesson, rule):
    with_rule(lesson, rule)
    Step.objects.filter(pk=lesson.pk).update(task="Chụp màn hình đã cài VNeID.")
    services.enrolment_start(user=learner, course=lesson.course)
    client.force_login(learner)
    page = client.get(LESSON).content.decode()
    for words in SENTENCES[rule]:
        assert words in page
    for other, words in SENTENCES.items():
        if other != rule:
            assert words[0] not in page
    services.step_complete(enrolment=Enrolment.objects.get(), step=lesson)
    page = client.get(LESSON).content.decode()
    assert "Bạn đã học xong bài này" in page
    assert "Tiếp: Bài số 2" in page


@pytest.mark.parametrize("rule", [StepRule.OPENED, StepRule.SCENARIO])
def test_where_time_or_choices_count_enrolling_comes_first(client, learner, lesson, rule):
    with_rule(lesson, rule)
    client.force_login(learner)
    page = client.get(LESSON).content.decode()
    assert "Ghi danh để được tính" in page
    assert f'name="buoc" value="{lesson.uuid}"' in page


def test_a_lesson_whose_last_wrong_scenario_was_taken_out_can_be_finished(client, learner, lesson):
    with_rule(lesson, StepRule.SCENARIO)
    services.enrolment_start(user=learner, course=lesson.course)
    services.scenario_answer(enrolment=Enrolment.objects.get(), step=lesson, block="a", choice=1)
    Step.objects.filter(pk=lesson.pk).update(scenarios={"a": [1]})
    client.force_login(learner)
    assert "Tôi đã xử lý đúng mọi tình huống" in client.get(LESSON).content.decode()
    client.post(reverse("courses:scenario_answer", args=[lesson.uuid]), {"khoi": "a", "chon": "1"})
    assert StepCompletion.objects.exists()


@pytest.mark.parametrize("rule", SENTENCES)
def test_a_lesson_of_any_rule_stays_within_fifteen_queries(
    client, learner, lesson, rule, django_assert_max_num_queries
):
    with_rule(lesson, rule)
    enrolment, _ = services.enrolment_start(user=learner, course=lesson.course)
    if rule == StepRule.SIGNED_OFF:
        Submission.objects.create(enrolment=enrolment, step=lesson, text="Đã làm", submitted_at=AT)
    client.force_login(learner)
    client.get("/tro-giup/")
    with django_assert_max_num_queries(15):
        client.get(LESSON)
