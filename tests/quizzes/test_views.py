"""Pages of quizzes: who gets in, what the pages say, what they cost."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from courses.models import Completion, Enrolment
from courses.services import step_complete
from quizzes.models import Attempt, AttemptEvent, AttemptState
from quizzes.services import answers_of, answers_save, attempt_submit
from quizzes.urls import urlpatterns
from tests.factories.courses import EnrolmentFactory, StepFactory, course_with_steps
from tests.factories.quizzes import attempt_of, bank_with_questions, check_of, quiz_of, right_answers, wrong_answers

pytestmark = pytest.mark.django_db


def url(name, attempt):
    return reverse(f"quizzes:{name}", args=[attempt.uuid])


def start_url(quiz):
    return reverse("quizzes:start", args=[quiz.step.uuid])


def form(answers, **more):
    """What a browser posts for these answers."""
    return {"cau": list(answers), **{f"c{n}": keys for n, keys in answers.items()}, **more}


@pytest.fixture
def attempt(learner):
    return attempt_of(quiz_of(time_limit_minutes=20), learner, at=timezone.now())


@pytest.fixture
def owner(client, learner):
    client.force_login(learner)
    return client


# --- Who gets in ----------------------------------------------------------------------------------------------------

PAGES = [
    ("attempt", "get", 200),
    ("review", "get", 200),
    ("save", "post", 200),
    ("note", "post", 204),
    ("attempt", "post", 302),
]


@pytest.mark.parametrize(("page", "method", "for_owner"), [*PAGES, ("submit", "post", 302)])
@pytest.mark.parametrize(
    ("who", "status"),
    [("learner", None), ("coordinator", 403), ("other_coordinator", 403), ("official", 403), ("stranger", 404)],
)
def test_only_the_learner_opens_an_attempt(client, request, attempt, page, method, for_owner, who, status):
    client.force_login(request.getfixturevalue(who))
    answer = getattr(client, method)(url(page, attempt), {"khoa": uuid4()})
    assert answer.status_code == (status or for_owner)
    assert (Attempt.objects.get().state == AttemptState.GRADED) == (page == "submit" and who == "learner")


def test_visible_to_says_the_same(attempt, learner, coordinator, stranger):
    assert [Attempt.objects.visible_to(u).exists() for u in (learner, coordinator, stranger)] == [True, False, False]


@pytest.mark.parametrize("page", ["attempt", "review", "submit"])
def test_a_guest_is_sent_to_sign_in(client, attempt, page):
    answer = client.get(url(page, attempt))
    assert answer.status_code == 302
    assert answer.url == f"{reverse('account_login')}?next={url(page, attempt)}"


def test_autosave_tells_a_signed_out_learner(client, attempt):
    answer = client.post(url("save", attempt), form({1: ["a"]}))
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


@pytest.mark.parametrize("page", ["submit", "save", "note"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_signing_in_again_where_a_form_was_sent_leads_back_to_the_attempt(owner, attempt, page, method):
    assert getattr(owner, method)(url(page, attempt)).url == url("attempt", attempt)


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("state", [AttemptState.OPEN, AttemptState.GRADED])
def test_every_address_answers_whoever_just_opens_it(owner, attempt, method, state):
    if state == AttemptState.GRADED:
        attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4())
    addresses = [pattern.name for pattern in urlpatterns if pattern.name != "start"]
    for address in [*(url(name, attempt) for name in addresses), start_url(attempt.quiz)]:
        assert getattr(owner, method)(address, follow=True).status_code == 200, address


def test_a_guest_on_the_autosave_address_ends_at_signing_in(client, attempt):
    answer = client.get(url("save", attempt), follow=True)
    assert answer.redirect_chain[-1][0] == f"{reverse('account_login')}?next={url('attempt', attempt)}"


# --- Starting -------------------------------------------------------------------------------------------------------


def test_start_page_says_what_awaits(owner):
    quiz = quiz_of(time_limit_minutes=20, attempts_allowed=5, pass_percent=75)
    page = owner.get(start_url(quiz)).content.decode()
    for words in ("10 câu", "Đúng từ 8 câu", "Tối đa 20 phút", "5 trên 5 lần", "Bắt đầu làm bài"):
        assert words in page
    assert not Enrolment.objects.exists(), "looking enrols nobody"


def test_a_guest_sees_what_awaits_and_is_asked_to_sign_in(client, db):
    quiz = quiz_of()
    page = client.get(start_url(quiz)).content.decode()
    assert f"{reverse('account_login')}?next={start_url(quiz)}" in page
    assert client.post(start_url(quiz)).url == f"{reverse('account_login')}?next={start_url(quiz)}"
    assert not Attempt.objects.exists()


def test_starting_enrols_and_opens_the_attempt_once(owner, learner):
    quiz = quiz_of()
    first, second = owner.post(start_url(quiz)), owner.post(start_url(quiz))
    attempt = Attempt.objects.get()
    assert attempt.enrolment.user == learner
    assert first.url == second.url == url("attempt", attempt)
    assert "Làm tiếp" in owner.get(start_url(quiz)).content.decode()


@pytest.mark.parametrize("gone", ["step", "course", "nothing"])
def test_start_page_of_what_is_not_open_is_not_found(owner, gone):
    quiz = quiz_of()
    if gone == "step":
        quiz.step.course.steps.update(is_active=False)
    elif gone == "course":
        type(quiz.step.course).objects.update(is_published=False)
    address = start_url(quiz) if gone != "nothing" else reverse("quizzes:start", args=[StepFactory().uuid])
    assert owner.get(address).status_code == 404
    assert owner.post(address).status_code == 404


def test_used_up_attempts_are_explained_instead_of_a_button(owner, learner):
    quiz = quiz_of(attempts_allowed=1)
    attempt = attempt_of(quiz, learner)
    attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4())
    page = owner.get(start_url(quiz)).content.decode()
    assert "Bạn đã dùng hết 1 lần làm bài" in page
    assert "Làm lại" not in page
    assert "✗ Chưa đạt" in page
    answer = owner.post(start_url(quiz))
    assert answer.status_code == 409
    assert "attempts_used_up" in answer.content.decode()
    assert "Làm lại" not in owner.get(url("attempt", attempt)).content.decode()


@pytest.mark.parametrize("tries", [1, 12])
def test_start_page_costs_the_same_for_any_number_of_tries(owner, learner, tries, django_assert_num_queries):
    quiz = quiz_of()
    for _ in range(tries):
        attempt_submit(attempt=attempt_of(quiz, learner), answers={}, idempotency_key=uuid4())
    # session, user, quiz with step and course, the person's tries, lessons left, roles for the menu
    with django_assert_num_queries(6):
        owner.get(start_url(quiz))


# --- Working --------------------------------------------------------------------------------------------------------


def test_a_final_quiz_asks_one_question_a_page_and_saves_on_the_way(owner, attempt):
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "Câu 1 trên 10" in page
    assert page.count("<fieldset") == 1
    assert "data-autosave-status></p>" in page, "nothing saved yet, nothing said"
    assert re.search(r"Còn (19|20) phút", page)
    chosen = right_answers(attempt)[1]
    answer = owner.post(url("attempt", attempt), form({1: chosen}, toi="2"))
    assert answer.url == f"{url('attempt', attempt)}?cau=2"
    page = owner.get(url("attempt", attempt)).content.decode()
    assert f'value="{chosen[0]}" checked' in page
    assert "Đã lưu lúc" in page


@pytest.mark.parametrize(
    ("asked", "shown"), [("", 1), ("4", 4), ("0", 1), ("99", 10), ("-3", 1), ("abc", 1), ("9" * 30, 1), ("٣", 1)]
)
def test_whatever_page_is_asked_for_there_is_a_question(owner, attempt, asked, shown):
    assert f"Câu {shown} trên 10" in owner.get(url("attempt", attempt), {"cau": asked}).content.decode()


def test_a_page_of_an_open_attempt_gives_nothing_away(owner, attempt):
    for page in (url("attempt", attempt), url("review", attempt)):
        text = owner.get(page).content.decode()
        assert "Vì sao" not in text
        assert "Giải thích" not in text
        assert "correct" not in text


def test_pages_of_an_attempt_are_not_kept_by_the_browser(owner, attempt):
    for page in ("attempt", "review"):
        assert "no-store" in owner.get(url(page, attempt))["Cache-Control"]


def test_a_self_check_asks_everything_on_one_page(owner, learner):
    attempt = attempt_of(check_of(), learner)
    page = owner.get(url("attempt", attempt)).content.decode()
    assert page.count("<fieldset") == 3
    assert 'type="checkbox"' in page
    owner.post(url("submit", attempt), form(right_answers(attempt), khoa=uuid4()))
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "đúng 3 trên 3 câu" in page
    assert "Giải thích câu 1." in page


def test_unticked_boxes_take_an_answer_back_and_untouched_radios_do_not(owner, learner):
    attempt = attempt_of(check_of(), learner)
    owner.post(url("save", attempt), form({1: ["a"], 2: ["a", "b"]}))
    owner.post(url("save", attempt), {"cau": [1, 2]})
    assert {position: saved.response for position, saved in answers_of(attempt).items()} == {1: ["a"], 2: []}


def test_the_review_names_what_is_left(owner, attempt):
    answers_save(attempt=attempt, answers=right_answers(attempt, 9))
    page = owner.get(url("review", attempt)).content.decode()
    assert "Bạn đã trả lời 9 trên 10 câu" in page
    assert f"{url('attempt', attempt)}?cau=10" in page
    keys = set(re.findall(r'name="khoa" value="([^"]+)"', page))
    assert len(keys) == 1
    assert keys != set(re.findall(r'name="khoa" value="([^"]+)"', owner.get(url("review", attempt)).content.decode()))


def test_autosave_says_when(owner, attempt):
    answer = owner.post(url("save", attempt), form({3: ["a"]}))
    assert answer.status_code == 200
    assert re.fullmatch(r"Đã lưu lúc \d\d:\d\d", answer.json()["text"])
    assert answer.json()["saved_at"]
    assert answers_of(attempt)[3].response == ["a"]


def test_autosave_into_a_closed_attempt_says_so(owner, attempt):
    attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4())
    answer = owner.post(url("save", attempt), form({3: ["a"]}))
    assert (answer.status_code, answer.json()["code"]) == (409, "attempt_closed")


def test_autosave_after_time_is_up_says_so(owner, attempt):
    expire(attempt)
    answer = owner.post(url("save", attempt), form({3: ["a"]}))
    assert (answer.status_code, answer.json()["code"]) == (409, "time_up")


@pytest.mark.parametrize(
    ("data", "code"),
    [({"cau": ["1"], "c1": ["z"]}, "unknown_option"), ({"cau": ["77"], "c77": ["a"]}, "unknown_question")],
)
def test_made_up_answers_are_refused(owner, attempt, data, code):
    assert owner.post(url("save", attempt), data).json()["code"] == code
    answer = owner.post(url("attempt", attempt), data)
    assert answer.status_code == 400
    assert code in answer.content.decode()


@pytest.mark.parametrize("data", [{"cau": ["x", "", "9" * 40], "cx": ["a"]}, {}, {"c1": ["a"]}])
def test_noise_in_a_form_saves_nothing(owner, attempt, data):
    assert owner.post(url("save", attempt), data).status_code == 200
    assert not AttemptEvent.objects.exists()


# --- Results --------------------------------------------------------------------------------------------------------


def expire(attempt):
    Attempt.objects.update(deadline=timezone.now() - timedelta(minutes=5))
    attempt.refresh_from_db()


@pytest.mark.parametrize("key", ["", "abc", "1"])
def test_submit_without_a_key_is_refused(owner, attempt, key):
    assert owner.post(url("submit", attempt), {"khoa": key}).status_code == 400
    assert Attempt.objects.get().state == AttemptState.OPEN


def test_failing_shows_what_was_wrong_and_offers_another_try(owner, attempt):
    owner.post(url("submit", attempt), form(wrong_answers(attempt), khoa=uuid4()))
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "✗ Chưa đạt: đúng 0 trên 10 câu" in page
    assert page.count("✗ Chưa đúng") == 10
    assert "Làm lại" in page
    assert "Đáp án đúng" not in page.replace("Đáp án đầy đủ", ""), "the next try is not a memory test"


def test_passing_leads_to_the_next_step(owner, learner):
    course = course_with_steps(lessons=2)
    attempt = attempt_of(quiz_of(course), learner)
    answers_save(attempt=attempt, answers=right_answers(attempt, 8))
    owner.post(url("submit", attempt), {"khoa": uuid4()})
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "✓ Đạt: đúng 8 trên 10 câu" in page
    assert f'Học tiếp: <span lang="vi">{course.steps.first().title}</span>' in page
    assert page.count("✗ Bỏ trống") == 2


def test_completing_leads_to_the_confirmation(owner, learner):
    course = course_with_steps(lessons=1)
    attempt = attempt_of(quiz_of(course), learner)
    step_complete(enrolment=attempt.enrolment, step=course.steps.first())
    owner.post(url("submit", attempt), form(right_answers(attempt), khoa=uuid4()))
    assert Completion.objects.get().user == learner
    page = owner.get(url("attempt", attempt)).content.decode()
    assert reverse("certificates:mine") in page
    assert "Bạn đã hoàn thành khoá học" in page


def test_double_submit_from_two_tabs_gives_one_result(owner, attempt):
    owner.post(url("submit", attempt), form(right_answers(attempt), khoa=uuid4()))
    answer = owner.post(url("submit", attempt), form(wrong_answers(attempt), khoa=uuid4()))
    assert answer.url == url("attempt", attempt)
    assert Attempt.objects.get().score == 100


@pytest.mark.parametrize("how", ["get", "post", "submit", "review", "start"])
def test_an_expired_attempt_is_explained(owner, attempt, how):
    answers_save(attempt=attempt, answers=right_answers(attempt, 3))
    expire(attempt)
    if how == "submit":
        owner.post(url("submit", attempt), form(right_answers(attempt), khoa=uuid4()))
    elif how == "post":
        assert owner.post(url("attempt", attempt), form({9: ["a"]}, toi="10")).url == url("attempt", attempt)
    elif how == "review":
        assert owner.get(url("review", attempt)).url == url("attempt", attempt)
    elif how == "start":
        assert "hết giờ" in owner.get(start_url(attempt.quiz)).content.decode()
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "Đã hết giờ làm bài lúc" in page
    assert "đúng 3 trên 10 câu" in page
    assert Attempt.objects.get().state == AttemptState.EXPIRED


def test_a_submitted_attempt_that_waits_says_so(owner, attempt):
    Attempt.objects.update(state=AttemptState.SUBMITTED)
    assert "đang chờ chấm" in owner.get(url("attempt", attempt)).content.decode()


# --- Cost -----------------------------------------------------------------------------------------------------------


# What a submit of ten questions asks of the database, apart from the marks of transactions (BEGIN, SAVEPOINT, …):
#   1 session  2 user  3 attempt with quiz, step, course and enrolment
#   4 lock enrolment  5 lock attempt with quiz and step  6 saved answers  7 write all answers at once  8 result
# and when passed, in courses.services.step_complete:
#   9 lock enrolment with completion  10 steps done  11 step done  12 last seen  13 steps of the course
SUBMIT_QUERIES = {"failed": 8, "passed": 13}


@pytest.mark.parametrize("size", [12, 300])
@pytest.mark.parametrize("outcome", SUBMIT_QUERIES)
def test_submit_of_ten_questions_costs_at_most_15_queries(client, size, outcome):
    quiz = quiz_of(bank=bank_with_questions(size))
    enrolment = EnrolmentFactory(course=quiz.step.course)
    attempt = attempt_of(quiz, enrolment.user, at=timezone.now())
    client.force_login(enrolment.user)
    answers = right_answers(attempt) if outcome == "passed" else wrong_answers(attempt)
    with CaptureQueriesContext(connection) as queries:
        client.post(url("submit", attempt), form(answers, khoa=uuid4()))
    assert Attempt.objects.get().passed == (outcome == "passed")
    sql = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(sql) <= SUBMIT_QUERIES[outcome], "\n".join(sql)


# session, user, attempt with enrolment and lock, event; apart from the marks of the transaction (BEGIN, SAVEPOINT, …)
AUTOSAVE_QUERIES = 4


@pytest.mark.parametrize("saves", [0, 40])
def test_autosave_costs_four_queries_however_much_was_saved_before(owner, attempt, saves):
    for _ in range(saves):
        answers_save(attempt=attempt, answers={2: ["b"]})
    with CaptureQueriesContext(connection) as queries:
        owner.post(url("save", attempt), form({1: ["a"]}))
    sql = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(sql) <= AUTOSAVE_QUERIES, "\n".join(sql)


def test_question_page_costs_seven_queries(owner, attempt, django_assert_num_queries):
    # session, user, attempt with quiz, step, course and enrolment, saves, notes so far, a note that it was opened,
    # roles for the menu
    with django_assert_num_queries(7):
        owner.get(url("attempt", attempt))


def test_a_worse_try_says_that_the_earlier_pass_stands(owner, learner):
    quiz = quiz_of(attempts_allowed=2)
    for answers in (right_answers, wrong_answers):
        attempt = attempt_of(quiz, learner)
        attempt_submit(attempt=attempt, answers=answers(attempt), idempotency_key=uuid4())
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "✗ Chưa đạt" in page
    assert "Bạn đã đạt bài này ở một lần khác" in page
    assert "dùng hết" not in page
    assert "Học tiếp" in page
