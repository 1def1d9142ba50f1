"""Ways on from a quiz: past a self-check, back to its lesson, and first to the lessons a final quiz rests on."""

from __future__ import annotations

import re
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Enrolment, StepKind
from courses.services import step_complete
from quizzes.models import Attempt, Question
from quizzes.services import attempt_submit
from tests.factories.courses import CourseFactory, EnrolmentFactory, StepFactory, course_with_steps
from tests.factories.quizzes import attempt_of, check_of, quiz_of, right_answers, wrong_answers

pytestmark = pytest.mark.django_db

SKIP = "Bỏ qua, học tiếp: "


@pytest.fixture
def owner(client, learner):
    client.force_login(learner)
    return client


def link(path, text):
    return f'href="{path}">{text}</a>'


def bare(page):
    """The page without the marks of what is quoted in its own language."""
    return re.sub(r"</?span( lang=\"vi\")?>", "", page)


def start_page(client, quiz):
    return bare(client.get(reverse("quizzes:start", args=[quiz.step.uuid])).content.decode())


def handed_in(quiz, user, answers=wrong_answers):
    attempt = attempt_of(quiz, user, at=timezone.now())
    return attempt_submit(attempt=attempt, answers=answers(attempt), idempotency_key=uuid4())


def one_right(attempt):
    return wrong_answers(attempt) | right_answers(attempt, 1)


def result_page(client, attempt):
    return bare(client.get(reverse("quizzes:attempt", args=[attempt.uuid])).content.decode())


@pytest.fixture
def check(db):
    """An optional self-check between two lessons, beside a lesson that was taken out."""
    course = CourseFactory()
    StepFactory(course=course, title="Bài trước", position=1)
    StepFactory(course=course, title="Bài đã bỏ", position=2, is_active=False)
    StepFactory(course=course, title="Bài sau", position=95)
    quiz = check_of(course, pass_percent=80)
    quiz.step.required = False
    quiz.step.save()
    return quiz


def step(quiz, title):
    return quiz.step.course.steps.get(title=title)


# --- A self-check is practice ---------------------------------------------------------------------------------------


def test_a_check_says_that_it_does_not_count_and_lets_one_pass(owner, check):
    page = start_page(owner, check)
    assert "3 câu, làm bao nhiêu lần cũng được, không tính vào kết quả khoá học." in page
    assert link(step(check, "Bài sau").path, f"{SKIP}Bài sau") in page
    assert "trở lên" not in page
    assert "Mức đạt" not in page


def test_a_guest_may_pass_a_check_too(client, check):
    assert link(step(check, "Bài sau").path, f"{SKIP}Bài sau") in start_page(client, check)


def test_a_check_at_the_end_leads_back_to_the_course(owner, learner, check):
    check.step.course.steps.filter(title="Bài sau").update(is_active=False)
    words = link(check.step.course.path, "Bỏ qua, về khoá học")
    assert words in start_page(owner, check)
    assert words in result_page(owner, handed_in(check, learner))


def test_failing_a_check_is_told_without_a_verdict_and_leads_on(owner, learner, check):
    attempt = handed_in(check, learner, one_right)
    page = result_page(owner, attempt)
    assert "Bạn đúng 1 trên 3 câu" in page
    assert "Xem lại phần giải thích rồi thử lại nếu muốn." in page
    assert 'class="banner practice"' in page
    assert link(step(check, "Bài trước").path, "Ôn lại bài học") in page
    assert link(step(check, "Bài sau").path, f"{SKIP}Bài sau") in page
    assert "Làm lại" in page
    for verdict in ("Chưa đạt", "Điểm", "Mức đạt", "tag red", "banner bad"):
        assert verdict not in page


def test_earlier_tries_of_a_check_are_told_without_a_verdict(owner, learner, check):
    handed_in(check, learner, one_right)
    page = start_page(owner, check)
    assert "Đúng 1 trên 3 câu" in page
    assert "Chưa đạt" not in page
    assert "Điểm" not in page


@pytest.mark.parametrize("pass_percent", [0, 80])
def test_a_check_without_a_mistake_leads_on(owner, learner, check, pass_percent):
    type(check).objects.update(pass_percent=pass_percent)
    check.refresh_from_db()
    attempt = handed_in(check, learner, right_answers)
    page = result_page(owner, attempt)
    assert "Bạn đúng 3 trên 3 câu" in page
    assert link(step(check, "Bài sau").path, "Học tiếp: Bài sau") in page
    for words in ("Bỏ qua", "Làm lại", "Ôn lại", "giải thích rồi"):
        assert words not in page
    assert link(step(check, "Bài sau").path, "Học tiếp: Bài sau") in start_page(owner, check)


def test_after_the_course_is_completed_a_check_is_still_practice(owner, learner, check):
    check.step.course.steps.filter(title="Bài sau").update(required=False)
    attempt = handed_in(check, learner)
    step_complete(enrolment=attempt.enrolment, step=step(check, "Bài trước"))
    page = result_page(owner, attempt)
    assert "Bạn đã hoàn thành khoá học" not in page
    assert "Làm lại" in page


@pytest.mark.parametrize(("percent", "needed"), [(80, "Cần đúng cả 3 câu"), (60, "Cần đúng từ 2 câu trở lên")])
def test_a_check_that_counts_says_so(owner, learner, check, percent, needed):
    check.step.required, check.pass_percent = True, percent
    check.step.save()
    check.save()
    page = start_page(owner, check)
    assert "không tính" not in page
    assert f"{needed} để hoàn thành phần này." in page
    page = result_page(owner, handed_in(check, learner))
    assert f"{needed} để hoàn thành phần này." in page
    assert "Chưa đạt" not in page


def test_a_check_that_counts_and_completes_the_course_says_so(owner, learner):
    check = check_of(CourseFactory())
    page = result_page(owner, handed_in(check, learner, right_answers))
    assert reverse("certificates:mine") in page


def test_start_and_result_of_a_check_cost_the_same_in_any_course(owner, learner, check, django_assert_num_queries):
    attempt = handed_in(check, learner)
    StepFactory.create_batch(30, course=check.step.course)
    # session, user, quiz with step and course, the person's tries, the next step, roles for the menu
    with django_assert_num_queries(6):
        start_page(owner, check)
    # session, user, attempt with quiz, step and course, tries, answers, steps of the course, regrades of the attempt,
    # roles for the menu
    with django_assert_num_queries(8):
        result_page(owner, attempt)


# --- A final quiz rests on its lessons ------------------------------------------------------------------------------


@pytest.fixture
def final(db):
    """A final quiz after three required lessons, beside one that is optional, one taken out, and a self-check."""
    course = course_with_steps(lessons=3)
    StepFactory(course=course, position=4, required=False)
    StepFactory(course=course, position=5, is_active=False)
    StepFactory(course=course, position=6, kind=StepKind.QUIZ)
    return quiz_of(course)


NOTICE = "bài chưa học xong. Nên học trước khi làm bài này."


@pytest.mark.parametrize("done", range(4))
def test_a_final_quiz_names_the_lessons_left_and_stays_open(owner, learner, final, done):
    lessons = list(final.step.course.steps.all())[:3]
    if done:
        enrolment = EnrolmentFactory(course=final.step.course, user=learner)
        for lesson in lessons[:done]:
            step_complete(enrolment=enrolment, step=lesson)
    page = start_page(owner, final)
    assert (f"Bạn còn {3 - done} {NOTICE}" in page) == (done < 3)
    assert (NOTICE in page) == (done < 3)
    if done < 3:
        assert link(lessons[done].path, f"Học bài: {lessons[done].title}") in page
    assert "Bắt đầu làm bài" in page
    assert "Bỏ qua" not in page


def test_lessons_of_somebody_else_are_not_mine(owner, learner, final):
    enrolment = EnrolmentFactory(course=final.step.course)
    for lesson in list(final.step.course.steps.all())[:3]:
        step_complete(enrolment=enrolment, step=lesson)
    assert f"Bạn còn 3 {NOTICE}" in start_page(owner, final)


@pytest.mark.parametrize("who", ["guest", "working", "passed"])
def test_no_word_of_lessons_to(client, learner, final, who):
    if who != "guest":
        client.force_login(learner)
    if who == "working":
        attempt_of(final, learner, at=timezone.now())
    elif who == "passed":
        handed_in(final, learner, right_answers)
    assert NOTICE not in start_page(client, final)
    assert Enrolment.objects.exists() == (who != "guest")


@pytest.mark.parametrize(
    ("limit", "minutes", "told"),
    [
        (20, 15, "Tối đa 20 phút (thường mất khoảng 15 phút), tính từ lúc bấm Bắt đầu làm bài"),
        (20, 20, "Tối đa 20 phút, tính từ lúc bấm Bắt đầu làm bài"),
        (20, 30, "Tối đa 20 phút, tính từ lúc bấm Bắt đầu làm bài"),
        (None, 15, "Không giới hạn (thường mất khoảng 15 phút)"),
    ],
)
def test_limit_and_usual_time_are_told_apart(client, limit, minutes, told):
    quiz = quiz_of(time_limit_minutes=limit)
    quiz.step.minutes = minutes
    quiz.step.save()
    assert f"<dd>{told}</dd>" in start_page(client, quiz)


@pytest.mark.parametrize(("percent", "told"), [(80, "Đúng từ 8 câu trở lên"), (100, "Đúng cả 10 câu")])
def test_the_pass_mark_of_a_final_quiz(client, percent, told):
    assert told in start_page(client, quiz_of(pass_percent=percent))


@pytest.mark.parametrize(("score", "told"), [("79.99", "79,9 trên 100"), ("80.00", "80 trên 100")])
def test_a_score_is_cut_off_never_rounded_up(owner, learner, final, score, told):
    attempt = handed_in(final, learner)
    Attempt.objects.update(score=Decimal(score))
    assert told in start_page(owner, final)
    assert told in result_page(owner, attempt)


@pytest.mark.parametrize("words", [5, 16, 17, 60])
def test_a_question_is_named_by_its_first_whole_words(words):
    text = " ".join(f"từ{n}" for n in range(words))
    named = str(Question(text=text))
    assert text.startswith(named.removesuffix("…"))
    assert (named == text) == (words <= 16)
    assert named.removesuffix("…").split() == text.split()[:16]
