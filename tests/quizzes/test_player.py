"""Every kind of question in front of a learner, and every rule of a quiz as its pages apply it."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.templatetags.vi import moment
from quizzes import rules
from quizzes.grading import response_read
from quizzes.kinds import KINDS
from quizzes.models import Accommodation, Attempt, AttemptEvent, AttemptState, EventKind, MediaFile, Mode
from quizzes.services import answers_of, answers_save, attempt_submit
from quizzes.views import MOST_NOTES
from tests.factories.people import UserFactory
from tests.factories.quizzes import attempt_of, bank_with_questions, quiz_of, right_answers, wrong_answers
from tests.factories.samples import PICTURE, SAMPLES, sample_bank

pytestmark = pytest.mark.django_db
BY_RULE = sorted(set(SAMPLES) - {"essay"})


def url(name, attempt):
    return reverse(f"quizzes:{name}", args=[attempt.uuid])


@pytest.fixture
def owner(client, learner):
    client.force_login(learner)
    return client


def quiz_with(*kinds, **fields):
    bank = sample_bank(kinds=kinds)
    MediaFile.objects.create(
        uuid=PICTURE, bank=bank, file="cau-hoi/1.png", name="1.png", mime="image/png",
        width=1200, height=800, size=5000, sha256="0" * 64,
    )  # fmt: skip
    return quiz_of(bank=bank, question_codes=list(kinds), **fields)


def fields_of(response, name):
    """What a browser sends for a response."""
    if not isinstance(response, dict):
        return {name: response}
    found = {}
    for key, inner in response.items():
        found |= fields_of(inner, f"{name}.{key}")
    return found


def form(attempt, answers, **more):
    fields = {"cau": list(answers)}
    for position, response in answers.items():
        fields |= fields_of(response, f"c{position}")
    return fields | more


# --- Every kind -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", SAMPLES)
def test_a_kind_is_asked_answered_and_read_back(owner, learner, kind):
    attempt = attempt_of(quiz_with(kind), learner, at=timezone.now())
    right = right_answers(attempt)[1] or "Một đoạn văn\ncó hai dòng."
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "<legend>" in page
    ids = re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', page)
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    wrapped = set(re.findall(r'<label>\s*<input[^>]* id="([^"]+)"', page))
    assert set(ids) <= labelled | wrapped, "every control has its label"
    sent = fields_of(right, "c1")
    names = set(re.findall(r'name="(c1[^"]*)"', page))
    assert set(sent) <= names, "the page has a control for every part of the answer"
    owner.post(url("attempt", attempt), {"cau": 1, **sent, "toi": "xem-lai"})
    assert answers_of(attempt)[1].response == KINDS[kind].tidy(attempt.paper[0], right)
    # What was answered stands in the page, and a page that changes nothing says nothing.
    page = owner.get(url("attempt", attempt)).content.decode()
    base = re.search(r'name="g1" value="(\w{8})"', page).group(1)
    saves = AttemptEvent.objects.filter(kind=EventKind.SAVED)
    owner.post(url("attempt", attempt), {"cau": 1, "g1": base, **sent, "toi": "xem-lai"})
    assert saves.count() == 1


@pytest.mark.parametrize("kind", BY_RULE)
def test_a_kind_is_explained_when_it_was_right(owner, learner, kind):
    attempt = attempt_of(quiz_with(kind), learner, at=timezone.now())
    owner.post(url("submit", attempt), form(attempt, right_answers(attempt), khoa=uuid4()))
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "✓ Đạt: đúng 1 trên 1 câu" in page
    assert "Đáp án đúng" not in page


@pytest.mark.parametrize("kind", BY_RULE)
def test_a_kind_left_out_tells_the_right_answer_only_where_it_may(owner, learner, kind):
    quiz = quiz_with(kind)
    attempt = attempt_of(quiz, learner, at=timezone.now())
    attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4())
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "✗ Bỏ trống" in page
    assert "→ Đáp án đúng" not in page
    quiz.attempts_allowed = 1
    quiz.save()
    assert "→ Đáp án đúng" in owner.get(url("attempt", attempt)).content.decode()


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_page_of_any_kind_gives_nothing_away(owner, learner, kind):
    attempt = attempt_of(quiz_with(kind), learner, at=timezone.now())
    page = owner.get(url("attempt", attempt)).content.decode()
    for secret in ("Vì sao", "correct", "accepted", "Đúng tên.", "Tên miền lạ", "Mã OTP chỉ dành", "giả mạo"):
        assert secret not in page


@pytest.mark.parametrize(
    ("kind", "response", "words"),
    [
        ("short_text", "vneid", "Đúng tên."),
        ("short_text", "Zalo", "Tên có năm chữ cái."),
        ("short_text", "ứng dụng định danh", "◐ Đúng một phần (50 %)"),
        ("multiple", ["a"], "Bạn chọn đúng nhưng chưa đủ"),
        ("multiple", ["a"], "◐ Đúng một phần (50 %)"),
        ("hotspot", ["b"], "Ai cũng chép được."),
        ("blanks", {"1": "114", "2": "8"}, "◐ Đúng một phần (33 %)"),
        ("blanks", {"1": "114", "2": "8"}, '<b>✗</b> <span>Chỗ trống 2</span>: <b lang="vi">8</b>'),
        (
            "matching",
            {"a": "r1"},
            '<b>✓</b> <span lang="vi">Nộp hồ sơ khai sinh</span>: <b lang="vi">Cổng dịch vụ công</b>',
        ),
        ("scenario", {"p1": ["b"]}, "✓ Đúng"),
    ],
)
def test_feedback_fits_the_answer(owner, learner, kind, response, words):
    attempt = attempt_of(quiz_with(kind), learner, at=timezone.now())
    attempt_submit(attempt=attempt, answers={1: response}, idempotency_key=uuid4())
    assert words in owner.get(url("attempt", attempt)).content.decode()


def test_text_is_never_html_and_keeps_its_lines(owner, learner):
    bank = sample_bank(kinds=("scenario",))
    question = bank.questions.get()
    question.text = "<b>Một</b>\nHai"
    question.save()
    attempt = attempt_of(quiz_of(bank=bank, question_codes=["scenario"]), learner, at=timezone.now())
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "&lt;b&gt;Một&lt;/b&gt;<br>Hai" in page


def test_a_source_is_a_link_that_opens_nothing_to_the_other_side(owner, learner):
    quiz = quiz_with("single")
    quiz.bank.questions.update(source={"title": "Cẩm nang", "url": "https://vi.example.org/a"})
    attempt = attempt_of(quiz, learner, at=timezone.now())
    attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4())
    page = owner.get(url("attempt", attempt)).content.decode()
    assert 'Đọc thêm: <a href="https://vi.example.org/a" rel="noopener" lang="vi">Cẩm nang</a>' in page


# --- Pictures -------------------------------------------------------------------------------------------------------
def test_a_picture_has_words_and_size_and_waits_for_who_saves_data(owner, learner):
    attempt = attempt_of(quiz_with("hotspot"), learner, at=timezone.now())
    page = owner.get(url("attempt", attempt)).content.decode()
    img = re.search(r"<img class=\"quiz-medium\"[^>]*>", page).group(0)
    for words in ('alt="Ảnh chụp một trang web giả', 'width="1200"', 'height="800"', 'loading="lazy"'):
        assert words in img
    assert 'viewBox="0 0 360 240"' in page
    assert '<foreignObject x="18" y="36" width="72" height="48">' in page
    page = owner.get(url("attempt", attempt), headers={"save-data": "on"}).content.decode()
    assert "Tải hình" in page
    assert "<img" not in re.sub(r"<template>.*?</template>", "", page, flags=re.S)


def test_a_small_picture_has_a_drawing_of_its_own_width(owner, learner):
    quiz = quiz_with("hotspot")
    MediaFile.objects.update(width=120, height=80)
    page = owner.get(url("attempt", attempt_of(quiz, learner, at=timezone.now()))).content.decode()
    assert 'viewBox="0 0 120 80"' in page
    assert '<foreignObject x="6" y="12" width="24" height="16">' in page


@pytest.mark.parametrize(
    ("chosen", "places", "lines"),
    [
        (["b"], {"wrong": "✗ 2", "missed": "→ 1"}, ["Bạn chọn: 2. Hình quốc huy", "Đáp án đúng: 1. Thanh"]),
        (["a"], {"right": "✓ 1"}, ["Bạn chọn đúng: 1. Thanh địa chỉ"]),
        ([], {"missed": "→ 1"}, ["Đáp án đúng: 1. Thanh địa chỉ"]),
    ],
)
def test_the_result_shows_on_the_picture_what_was_chosen_and_what_is_right(owner, learner, chosen, places, lines):
    review = dict.fromkeys(rules.REVIEW, "always")
    attempt = attempt_of(quiz_with("hotspot", review=review), learner, at=timezone.now())
    attempt_submit(attempt=attempt, answers={1: chosen} if chosen else {}, idempotency_key=uuid4())
    page = owner.get(url("attempt", attempt)).content.decode()
    assert dict(re.findall(r'<div class="told-place (\w+)"><span>([^<]+)</span>', page)) == places
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    for line in lines:
        assert line in told
    page = owner.get(url("attempt", attempt), headers={"save-data": "on"}).content.decode()
    assert "<img" not in re.sub(r"<template>.*?</template>", "", page, flags=re.S)


def test_a_result_that_tells_no_key_marks_no_place_but_the_chosen(owner, learner):
    quiz = quiz_with("hotspot", review=dict.fromkeys(rules.REVIEW, "never"))
    attempt = attempt_of(quiz, learner, at=timezone.now())
    attempt_submit(attempt=attempt, answers={1: ["b"]}, idempotency_key=uuid4())
    page = owner.get(url("attempt", attempt)).content.decode()
    assert set(re.findall(r'<div class="told-place (\w+)"><span>([^<]+)</span>', page)) <= {("chosen", "2")}


def test_all_files_of_a_page_are_read_at_once(owner, learner):
    quiz = quiz_with("hotspot", "single", "multiple", paging="all")
    media = [{"file": str(PICTURE), "alt": "Hình"}]
    quiz.bank.questions.filter(code__in=["single", "multiple"]).update(media=media)
    attempt = attempt_of(quiz, learner, at=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        page = owner.get(url("attempt", attempt)).content.decode()
    assert page.count("<img") == 3
    assert sum("mediafile" in q["sql"] for q in queries) == 1


def test_a_file_that_is_gone_leaves_the_question(owner, learner):
    quiz = quiz_with("hotspot")
    MediaFile.objects.all().delete()
    attempt = attempt_of(quiz, learner, at=timezone.now())
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "<img" not in page
    assert "1. Thanh địa chỉ" in page


# --- No way back ----------------------------------------------------------------------------------------------------
@pytest.fixture
def one_way(learner):
    return attempt_of(quiz_of(may_go_back=False), learner, at=timezone.now())


def test_no_way_back_is_said_before_and_on_the_button(owner, one_way):
    assert "Không quay lại được câu trước" in owner.get(start_url(one_way.quiz)).content.decode()
    page = owner.get(url("attempt", one_way)).content.decode()
    assert "Chốt câu này, sang câu tiếp" in page
    assert "Câu trước" not in page


def test_pages_lead_to_the_question_that_was_reached(owner, one_way):
    for target, shown in [("2", 2), ("3", 3), ("9", 3), ("1", 3)]:
        current = Attempt.objects.get().reached
        owner.post(url("attempt", one_way), form(one_way, {current: ["a"]}, toi=target))
        assert f"Câu {shown} trên 10" in owner.get(url("attempt", one_way)).content.decode()
    for asked in ("1", "2", "7"):
        assert owner.get(url("attempt", one_way), {"cau": asked}).url == f"{url('attempt', one_way)}?cau=3"
    review = owner.get(url("review", one_way)).content.decode()
    assert "?cau=3" in review
    assert "?cau=1" not in review


@pytest.mark.parametrize("how", ["save", "attempt", "submit"])
def test_what_was_left_behind_takes_no_answer(owner, one_way, how):
    answers_save(attempt=one_way, answers={1: ["b"]})
    Attempt.objects.update(reached=2)
    answer = owner.post(url(how, one_way), form(one_way, {1: ["a"]}, khoa=uuid4(), toi="3"))
    refused = AttemptEvent.objects.get(kind=EventKind.REFUSED)
    assert refused.detail == {"code": "passed_by", "positions": [1]}
    if how == "save":
        assert (answer.status_code, answer.json()["code"]) == (409, "passed_by")
    if how == "submit":
        assert Attempt.objects.get().answers.get(position=1).response == ["b"]
    else:
        assert answers_of(one_way)[1].response == ["b"]


# --- Practice and mastery -------------------------------------------------------------------------------------------
def checked(client, attempt, position, response, button="kiem-tra"):
    return client.post(url("attempt", attempt), form(attempt, {position: response}, toi=button))


def test_practice_tells_at_once_and_only_of_what_was_checked(owner, learner):
    attempt = attempt_of(quiz_of(mode=Mode.PRACTICE), learner, at=timezone.now())
    right, wrong = right_answers(attempt), wrong_answers(attempt)
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "Kiểm tra</button>" in page
    assert "Giải thích câu" not in page
    answer = checked(owner, attempt, 1, wrong[1])
    assert answer.url == f"{url('attempt', attempt)}?cau=1"
    page = owner.get(answer.url).content.decode()
    assert "✗ Chưa đúng" in page
    assert "→ Đáp án đúng:" in page
    assert "Giải thích câu" in page
    # The first check counts.
    checked(owner, attempt, 1, right[1])
    assert "✗ Chưa đúng" in owner.get(answer.url).content.decode()
    assert "Câu 2 trên 10" in owner.get(url("attempt", attempt)).content.decode()


def test_checking_without_an_answer_asks_for_one_and_giving_up_explains(owner, learner):
    attempt = attempt_of(quiz_of(mode=Mode.PRACTICE), learner, at=timezone.now())
    page = owner.post(url("attempt", attempt), {"cau": 1, "toi": "kiem-tra"}).content.decode()
    assert "Bạn chưa trả lời câu này" in page
    assert not AttemptEvent.objects.filter(kind=EventKind.CHECKED).exists()
    answer = owner.post(url("attempt", attempt), {"cau": 1, "toi": "bo-qua"})
    page = owner.get(answer.url).content.decode()
    assert "✗ Bỏ trống" in page
    assert "→ Đáp án đúng:" in page


def test_practice_ends_with_a_button_when_all_is_checked(owner, learner):
    attempt = attempt_of(quiz_of(mode=Mode.PRACTICE), learner, at=timezone.now())
    for position, response in right_answers(attempt).items():
        checked(owner, attempt, position, response)
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "Kết thúc và xem kết quả" in page
    owner.post(url("submit", attempt), {"khoa": uuid4()})
    assert Attempt.objects.get().score == 100


def test_mastery_counts_the_last_ones_and_ends_by_itself(owner, learner):
    attempt = attempt_of(quiz_of(mode=Mode.MASTERY, mastery_needed=2, mastery_of=3), learner, at=timezone.now())
    right, wrong = right_answers(attempt), wrong_answers(attempt)
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "Bạn cần đúng 2 trong 3 câu gần nhất. Hiện đúng 0 câu." in page
    checked(owner, attempt, 1, right[1])
    checked(owner, attempt, 2, wrong[2])
    page = owner.get(url("attempt", attempt)).content.decode()
    strip = re.search(r'<ol class="streak".*?</ol>', page, flags=re.S).group(0)
    assert [re.sub(r"<[^>]*>", "", li).strip() for li in re.findall(r"<li.*?</li>", strip, flags=re.S)] == [
        "✓ đúng", "✗ chưa đúng", "· chưa có",
    ]  # fmt: skip
    # Nobody skips ahead.
    assert "Câu 3" in owner.get(url("attempt", attempt), {"cau": 9}).content.decode()
    checked(owner, attempt, 3, right[3])
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "✓ Bạn đã thành thạo" in page
    assert page.count('class="verdict"') == 3, "what was never asked is no blank"
    assert Attempt.objects.get().state == AttemptState.GRADED


def test_mastery_ends_when_questions_are_used_up(owner, learner):
    quiz = quiz_of(mode=Mode.MASTERY, draw=3, mastery_needed=2, mastery_of=3)
    attempt = attempt_of(quiz, learner, at=timezone.now())
    for position in (1, 2, 3):
        owner.post(url("attempt", attempt), {"cau": position, "toi": "bo-qua"})
    assert "Bạn chưa đủ câu đúng để thành thạo" in owner.get(url("attempt", attempt)).content.decode()


def test_an_exam_tells_nothing_to_who_asks_for_a_check(owner, learner):
    attempt = attempt_of(quiz_of(), learner, at=timezone.now())
    answer = checked(owner, attempt, 1, ["a"])
    assert answer.status_code == 400
    assert "Giải thích" not in answer.content.decode()
    assert kinds_of(attempt) == [EventKind.REFUSED]


# --- What the start page says ---------------------------------------------------------------------------------------
def start_url(quiz):
    return reverse("quizzes:start", args=[quiz.step.uuid])


NOW = timezone.now()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"opens_at": NOW - timedelta(days=1)}, f"Mở từ {moment(NOW - timedelta(days=1))}."),
        ({"closes_at": NOW + timedelta(days=1)}, f"Đóng lúc {moment(NOW + timedelta(days=1))}"),
        ({"wait_minutes": 90}, "Sau khi nộp, chờ 1 giờ 30 phút mới làm lại được."),
        ({"scoring": "average"}, "Kết quả: lấy điểm trung bình của các lần."),
        ({"scoring": "last"}, "Kết quả: lấy lần làm cuối cùng."),
        ({"mode": "practice"}, "bấm «Kiểm tra» để biết đúng sai"),
        ({"mode": "mastery"}, "bạn đúng 4 trong 5 câu gần nhất"),
        ({"review": {"key": "never"}}, "Đáp án đúng: không công bố."),
        ({"review": {"score": "closed"}}, "Điểm và kết quả: sau khi bài đóng."),
        (
            {"sections": [{"title": "An toàn", "draw": 4, "pass_percent": 50}, {"draw": 2}]},
            '<span lang="vi">An toàn</span>: 4 câu, riêng phần này cần từ 50 % số điểm',
        ),
        ({"paging": "all"}, "Các câu hỏi nằm trên một trang."),
    ],
)
def test_every_rule_is_told_in_plain_words(client, fields, words):
    assert words in client.get(start_url(quiz_of(**fields))).content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"opens_at": NOW + timedelta(days=1)}, "Bài này mở lúc"),
        ({"closes_at": NOW - timedelta(days=1)}, "Bài này đã đóng lúc"),
        ({"wait_minutes": 60}, "Bạn làm lại được bài này từ"),
    ],
)
def test_whoever_may_not_begin_is_told_why_instead_of_a_button(owner, learner, fields, words):
    quiz = quiz_of()
    attempt_submit(attempt=attempt_of(quiz, learner, at=NOW), answers={}, idempotency_key=uuid4(), at=NOW)
    for name, value in fields.items():
        setattr(quiz, name, value)
    quiz.save()
    for page in (start_url(quiz), url("attempt", Attempt.objects.get())):
        text = owner.get(page).content.decode()
        assert words in text
        assert "Làm lại</button>" not in text
    assert owner.post(start_url(quiz)).status_code == 409


def test_what_one_person_is_given_is_told_to_them_alone(owner, client, learner, official):
    quiz = quiz_of(attempts_allowed=1, time_limit_minutes=20)
    Accommodation.objects.create(
        quiz=quiz, user=learner, extra_minutes=10, extra_attempts=2, reason="x", granted_by=official, granted_at=NOW
    )
    page = owner.get(start_url(quiz)).content.decode()
    for words in ("Bạn được thêm 10 phút làm bài và 2 lần làm bài.", "3 trên 3 lần", "Tối đa 30 phút"):
        assert words in page
    client.force_login(UserFactory())
    page = client.get(start_url(quiz)).content.decode()
    assert "1 trên 1 lần" in page
    assert "Bạn được thêm" not in page


# --- What the result says -------------------------------------------------------------------------------------------
def graded(quiz, user, answers=wrong_answers):
    attempt = attempt_of(quiz, user, at=timezone.now())
    return attempt_submit(attempt=attempt, answers=answers(attempt), idempotency_key=uuid4())


@pytest.mark.parametrize("when", ["always", "settled", "closed", "never"])
@pytest.mark.parametrize("state", ["failed", "passed", "used_up", "closed"])
@pytest.mark.parametrize("part", ["score", "answers", "feedback", "key"])
def test_each_part_of_a_result_is_shown_when_it_may_be(owner, learner, part, when, state):
    quiz = quiz_of(
        review={"score": "never", "answers": "never", "feedback": "never", "key": "never"} | {part: when},
        attempts_allowed=1 if state == "used_up" else 3,
    )
    attempt = graded(quiz, learner, one_wrong if state == "passed" else wrong_answers)
    if state == "closed":
        quiz.closes_at = timezone.now() - timedelta(seconds=1)
        quiz.save()
    page = owner.get(url("attempt", attempt)).content.decode()
    sign = {
        "score": "trên 100", "answers": "✗ Chưa đúng", "feedback": "Giải thích câu", "key": "→ Đáp án đúng"
    }  # fmt: skip
    may = {"always": True, "settled": state in ("passed", "used_up"), "closed": state == "closed", "never": False}[when]
    assert {name: words in page for name, words in sign.items()} == {name: name == part and may for name in sign}
    assert (f"{sign['score']}" in owner.get(start_url(quiz)).content.decode()) == (part == "score" and may)


def one_wrong(attempt):
    return right_answers(attempt) | {1: wrong_answers(attempt)[1]}


@pytest.mark.parametrize(
    ("scoring", "told"),
    [("best", "100 trên 100"), ("last", "0 trên 100"), ("first", "0 trên 100"), ("average", "33,3 trên 100")],
)
def test_the_way_of_scoring_is_said_and_applied(owner, learner, scoring, told):
    quiz = quiz_of(scoring=scoring)
    for answers in (wrong_answers, right_answers, wrong_answers):
        attempt = graded(quiz, learner, answers)
    page = owner.get(url("attempt", attempt)).content.decode()
    assert f"Kết quả của bạn: {told}" in page
    assert f"Kết quả được tính: {told}" in owner.get(start_url(quiz)).content.decode()


def test_sections_are_told_apart_with_their_own_marks(owner, learner):
    quiz = quiz_of(sections=[{"title": "Phần A", "draw": 2, "pass_percent": 100}, {"title": "Phần B", "draw": 8}])
    attempt = graded(quiz, learner, one_wrong)
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "✗ Chưa đạt: đúng 9 trên 10 câu" in page
    rows = [re.sub(r"<[^>]*>|\s+", " ", row) for row in re.findall(r"<tr>.*?</tr>", page, flags=re.S)]
    assert [" ".join(row.split()) for row in rows[1:]] == [
        "Phần A 50 trên 100 ✗ Chưa đạt cần từ 100",
        "Phần B 100 trên 100 Không có mức riêng",
    ]
    open_one = attempt_of(quiz, learner, at=timezone.now())
    assert "· Phần A" in owner.get(url("attempt", open_one)).content.decode()


def test_an_essay_waits_and_shows_what_was_written(owner, learner):
    attempt = attempt_of(quiz_with("single", "essay"), learner, at=timezone.now())
    answers = {1: ["b"], 2: "Bảo họ xem kỹ đường dẫn."}
    owner.post(url("submit", attempt), form(attempt, answers, khoa=uuid4()))
    page = owner.get(url("attempt", attempt)).content.decode()
    assert "đang chờ chấm" in page
    assert "câu 2 chờ người chấm đọc" in page
    assert "Bảo họ xem kỹ đường dẫn." in page
    assert "✓" not in page
    assert "Chờ chấm" in owner.get(start_url(attempt.quiz)).content.decode()


# --- Notes and tampering --------------------------------------------------------------------------------------------
def kinds_of(attempt):
    return list(attempt.events.values_list("kind", flat=True))


def test_opening_a_page_is_noted_once(owner, learner):
    attempt = attempt_of(quiz_of(), learner, at=timezone.now())
    page = owner.get(url("attempt", attempt), {"cau": 4}).content.decode()
    owner.head(url("attempt", attempt))
    event = attempt.events.get()
    assert event.kind == EventKind.OPENED
    assert event.detail == {"khoa": re.search(r'name="khoa" value="([^"]+)"', page).group(1), "cau": 4}


def test_leaving_and_coming_back_is_noted_a_few_times_a_minute(owner, learner):
    attempt = attempt_of(quiz_of(), learner, at=timezone.now())
    key = str(uuid4())
    for data in ({"viec": "roi", "khoa": key}, {"viec": "lai", "giay": "12"}, {"viec": "score"}, {}):
        assert owner.post(url("note", attempt), data).status_code == 204
    assert [(e.kind, e.detail) for e in attempt.events.all()] == [
        (EventKind.LEFT, {"khoa": key}),
        (EventKind.RETURNED, {"seconds": 12}),
    ]
    for _ in range(MOST_NOTES + 5):
        owner.post(url("note", attempt), {"viec": "roi"})
    assert kinds_of(attempt).count(EventKind.LEFT) == MOST_NOTES
    attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4())
    owner.post(url("note", attempt), {"viec": "lai"})
    assert kinds_of(attempt).count(EventKind.RETURNED) == 1, "a closed attempt is left alone"


@pytest.mark.parametrize("page", ["save", "attempt", "submit", "note"])
def test_a_foreign_hand_is_refused_and_noted(client, learner, stranger, page):
    attempt = attempt_of(quiz_of(), learner, at=timezone.now())
    client.force_login(stranger)
    data = form(attempt, right_answers(attempt), khoa=uuid4(), viec="roi")
    assert client.post(url(page, attempt), data).status_code == 404
    event = attempt.events.get()
    assert (event.kind, event.detail) == (EventKind.REFUSED, {"code": "not_yours", "user": str(stranger.uuid)})


@pytest.mark.parametrize("page", ["save", "attempt", "submit"])
@pytest.mark.parametrize(
    ("data", "code"),
    [({"cau": 77, "c77": "a"}, "unknown_question"), ({"cau": 1, "c1": "zzz"}, "unknown_option")],
)
def test_made_up_answers_are_refused_and_noted(owner, learner, page, data, code):
    attempt = attempt_of(quiz_of(), learner, at=timezone.now())
    assert owner.post(url(page, attempt), {**data, "khoa": uuid4()}).status_code == 400
    event = attempt.events.get()
    assert (event.kind, event.detail["code"]) == (EventKind.REFUSED, code)
    assert Attempt.objects.get().state == AttemptState.OPEN


def test_made_up_checks_are_refused_and_noted(owner, learner):
    attempt = attempt_of(quiz_of(mode=Mode.PRACTICE), learner, at=timezone.now())
    for data in ({"cau": 77, "c77": "a"}, {"cau": 1, "c1": "zzz"}):
        assert owner.post(url("attempt", attempt), {**data, "toi": "kiem-tra"}).status_code == 400
    assert kinds_of(attempt) == [EventKind.REFUSED] * 2


def test_a_made_up_score_is_ignored(owner, learner):
    attempt = attempt_of(quiz_of(), learner, at=timezone.now())
    score = {"score": "100", "passed": "1", "points": "1", "diem": "100", "reached": "10", "state": "graded"}
    owner.post(url("save", attempt), form(attempt, {1: ["a"]}, **score))
    owner.post(url("submit", attempt), form(attempt, wrong_answers(attempt), khoa=uuid4(), **score))
    assert Attempt.objects.values_list("score", "passed", "reached").get() == (0, False, 1)


def test_a_form_is_read_the_way_a_browser_fills_it(learner):
    """The helper of these tests sends what ``quizzes.kinds`` reads."""
    attempt = attempt_of(quiz_with(*BY_RULE), learner, at=timezone.now())
    for position, response in right_answers(attempt).items():
        fields = {
            name: value if isinstance(value, list) else [value]
            for name, value in fields_of(response, f"c{position}").items()
        }
        assert response_read(attempt.paper[position - 1], fields, f"c{position}") == response


@pytest.mark.parametrize("size", [1, 12])
def test_a_result_costs_the_same_for_any_number_of_questions(owner, learner, size, django_assert_num_queries):
    attempt = graded(quiz_of(bank=bank_with_questions(size), draw=size), learner)
    # session, user, attempt with quiz, step, course and enrolment, answers, tries, completion, steps of the course,
    # steps done, regrades of the attempt, roles for the menu
    with django_assert_num_queries(10):
        owner.get(url("attempt", attempt))
