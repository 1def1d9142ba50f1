"""Pages of figures, grading and disputes: who may read what, what they say, what they cost."""

from __future__ import annotations

import io
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from common import jobs
from common.errors import Refusal
from common.models import AuditEntry, Job
from courses.models import Completion, StepCompletion
from people.models import Notice, Role
from quizzes.insight_jobs import STATISTICS
from quizzes.models import (
    Accommodation,
    Answer,
    Attempt,
    AttemptEvent,
    EventKind,
    Question,
    QuizStatistics,
    Regrade,
)
from quizzes.services import answers_save, attempt_note, attempt_submit, measuring, question_save
from quizzes.services.hand_grading import attempt_grade_by_hand
from quizzes.services.regrading import question_regrade_preview
from quizzes.services.saving import Sending
from quizzes.tasks import rebuild_statistics
from tests.conftest import _member
from tests.factories.courses import EnrolmentFactory
from tests.factories.people import MembershipFactory, UserFactory
from tests.factories.quizzes import START, attempt_of, bank_with_questions, quiz_of, right_answers, wrong_answers
from tests.proof import prove

LATER = START + timedelta(minutes=5)
HOME = "/quan-ly/giang-day/kiem-tra/"
RUBRIC = [
    {"title": "Nội dung", "levels": [{"text": "Thiếu", "points": 0}, {"text": "Đủ", "points": 2}]},
    {"title": "Cách viết", "levels": [{"text": "Khó hiểu", "points": 0}, {"text": "Rõ", "points": 2}]},
]
BEST, POOR = {"t1": "m2", "t2": "m2"}, {"t1": "m1", "t2": "m2"}


@pytest.fixture
def instructor(province):
    """The instructor of Xã Xuân Lương."""
    return _member(province.north, province.staff, Role.INSTRUCTOR, "Nguyễn Văn Lâm")


@pytest.fixture
def other_instructor(province):
    return _member(province.south, province.staff, Role.INSTRUCTOR, "Hoàng Thị Lan")


@pytest.fixture
def quiz(province):
    """Four fixed questions."""
    return quiz_of(bank=bank_with_questions(4), question_codes=["q01", "q02", "q03", "q04"], pass_percent=75)


def handed_in(quiz, user=None, *, right=4, at=LATER):
    attempt = attempt_of(quiz, user)
    answers = wrong_answers(attempt) | right_answers(attempt, right)
    return attempt_submit(attempt=attempt, answers=answers, idempotency_key=uuid4(), at=at)


def someone(province, unit, name="Người Thử"):
    return MembershipFactory(user=UserFactory(full_name=name), unit=unit, audience=province.citizen).user


@pytest.fixture
def done(quiz, learner, stranger):
    """One of Xuân Lương and one of Yên Thế have done the quiz; its figures are worked out."""
    mine, theirs = handed_in(quiz, learner, right=2), handed_in(quiz, stranger)
    measuring.statistics_rebuild(quiz=quiz)
    question = Question.objects.get(bank=quiz.bank, code="q01")
    return SimpleNamespace(quiz=quiz, mine=mine, theirs=theirs, question=question, step=quiz.step)


def figure_pages(done):
    step = done.step.uuid
    return [
        HOME,
        reverse("insight:quiz", args=[step]),
        reverse("insight:export", args=[step]),
        reverse("insight:question", args=[step, done.question.uuid]),
    ]


def people_pages(done):
    step = done.step.uuid
    return {
        "people": reverse("insight:people", args=[step]),
        "person": reverse("insight:person", args=[step, done.mine.enrolment.user.uuid]),
        "attempt": reverse("insight:attempt", args=[done.mine.uuid]),
        "regrade": reverse("insight:regrade", args=[done.question.uuid]),
        "essays": reverse("insight:essays"),
    }


# --- Who ------------------------------------------------------------------------------------------------------------
def test_figures_are_open_to_teachers_and_editors_and_carry_no_names(
    client, done, instructor, other_instructor, coordinator, lead, editor, official, learner
):
    for who, status in (
        (instructor, 200), (other_instructor, 200), (coordinator, 200), (lead, 200), (editor, 200), (official, 403),
        (learner, 404),
    ):  # fmt: skip
        client.force_login(who)
        for address in figure_pages(done):
            answer = client.get(address)
            assert answer.status_code == status, (who, address)
            if status == 200:
                assert "Trần Văn Đức".encode() not in answer.content
                assert "Nguyễn Thị Ngọc Ưỡng".encode() not in answer.content


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        ("instructor", {"people": 200, "person": 200, "attempt": 200, "regrade": 403, "essays": 200}),
        ("other_instructor", {"people": 200, "person": 403, "attempt": 403, "regrade": 403, "essays": 200}),
        ("coordinator", {"people": 200, "person": 200, "attempt": 200, "regrade": 403, "essays": 200}),
        ("lead", {"people": 200, "person": 200, "attempt": 200, "regrade": 200, "essays": 200}),
        ("editor", {"people": 403, "person": 403, "attempt": 403, "regrade": 200, "essays": 403}),
        ("official", {"people": 403, "person": 403, "attempt": 403, "regrade": 403, "essays": 403}),
        ("stranger", {"people": 404, "person": 404, "attempt": 404, "regrade": 404, "essays": 404}),
        ("learner", {"people": 404, "person": 404, "attempt": 404, "regrade": 404, "essays": 404}),
    ],
)
def test_people_are_read_within_the_scope(client, done, request, who, wanted):
    client.force_login(request.getfixturevalue(who))
    assert {name: client.get(address).status_code for name, address in people_pages(done).items()} == wanted


def test_lists_name_only_people_of_the_scope(client, done, instructor, lead):
    client.force_login(instructor)
    page = client.get(people_pages(done)["people"]).content.decode()
    assert "Nguyễn Thị Ngọc Ưỡng" in page
    assert "Trần Văn Đức" not in page
    client.force_login(lead)
    assert "Trần Văn Đức" in client.get(people_pages(done)["people"]).content.decode()
    narrowed = client.get(people_pages(done)["people"] + "?q=uong").content.decode()
    assert "Trần Văn Đức" not in narrowed


def test_nobody_looks_into_their_own_attempt_as_an_assessor(client, quiz, instructor):
    own = handed_in(quiz, instructor)
    client.force_login(instructor)
    assert client.get(reverse("insight:attempt", args=[own.uuid])).status_code == 403
    assert client.get(reverse("insight:person", args=[quiz.step.uuid, instructor.uuid])).status_code == 403


# --- Figures --------------------------------------------------------------------------------------------------------
def many(quiz, first, *, others=lambda n: n % 3):
    """A hundred attempts: answers to the first question in turn, the others right as often as said."""
    for n in range(100):
        attempt = attempt_of(quiz, None, seed=n)
        answers = wrong_answers(attempt) | dict(list(right_answers(attempt).items())[: 1 + others(n)])
        by_code = {item["question"]: p for p, item in enumerate(attempt.paper, start=1)}
        position = by_code[Question.objects.get(bank=quiz.bank, code="q01").pk]
        answers[position] = [first(n)]
        attempt_submit(attempt=attempt, answers=answers, idempotency_key=uuid4(), at=LATER + timedelta(days=n % 30))


@pytest.mark.slow
def test_a_wrong_key_stands_on_top_of_the_page(client, quiz, lead):
    many(quiz, lambda n: "b" if n % 3 == 2 else "a")
    measuring.statistics_rebuild(quiz=quiz)
    client.force_login(lead)
    page = client.get(reverse("insight:quiz", args=[quiz.step.uuid])).content.decode()
    assert "Có thể đáp án sai" in page
    assert page.index("Có thể đáp án sai") < page.index("Phân bố điểm")
    assert 'aria-labelledby="phan-bo-ten phan-bo-ta"' in page
    assert "Xem thành bảng" in page
    question = Question.objects.get(bank=quiz.bank, code="q01")
    page = client.get(reverse("insight:question", args=[quiz.step.uuid, question.uuid])).content.decode()
    assert "Vì sao Hai." in page
    assert "✓ Đúng" in page


def test_below_thirty_nothing_is_said(client, done, lead):
    client.force_login(lead)
    page = client.get(reverse("insight:quiz", args=[done.step.uuid])).content.decode()
    assert "Chưa đủ dữ liệu" in page
    assert "Phân bố điểm" not in page
    assert "chưa đủ dữ liệu" in page


def test_the_sheet_holds_no_formula(client, done, lead):
    Question.objects.filter(pk=done.question.pk).update(text="=HYPERLINK(1)")
    client.force_login(lead)
    answer = client.get(reverse("insight:export", args=[done.step.uuid]))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert cells["=HYPERLINK(1)"] in ("s", "inlineStr")
    assert sheet.max_row == 5


def test_first_attempts_count_and_everybody_is_told_apart(quiz, learner):
    handed_in(quiz, learner, right=1)
    handed_in(quiz, learner)
    again = EnrolmentFactory(user=learner, course=quiz.step.course, round=2)
    Attempt.objects.filter(number=2).update(number=1, enrolment=again)
    row = measuring.statistics_rebuild(quiz=quiz)
    assert (row.attempts, row.figures["attempts"], row.figures["everybody"]["passed"]) == (2, 1, 1)
    assert row.figures["mean"] == 25
    assert [week["attempts"] for week in row.figures["trend"]] == [2]
    row.refresh_from_db()
    assert row.figures["items"][0]["versions"] == [[1, 1]]


def test_the_button_is_a_job_and_the_night_takes_what_is_new(client, done, lead, django_capture_on_commit_callbacks):
    client.force_login(lead)
    handed_in(done.quiz, None)
    answer = client.post(reverse("insight:rebuild", args=[done.step.uuid]))
    job = Job.objects.get(kind=STATISTICS)
    assert answer.url == reverse("jobs:job", args=[job.uuid])
    jobs.job_run(uuid=str(job.uuid))
    assert QuizStatistics.objects.get().attempts == 3
    handed_in(done.quiz, None)
    assert list(measuring.quizzes_to_measure()) == [done.quiz]
    rebuild_statistics()
    assert QuizStatistics.objects.get().attempts == 4
    assert not measuring.quizzes_to_measure().exists()


def test_the_course_page_leads_to_the_figures(client, done, instructor):
    client.force_login(instructor)
    page = client.get(reverse("teaching:course", args=[done.step.course.uuid])).content.decode()
    assert reverse("insight:quiz", args=[done.step.uuid]) in page


# --- Scoring anew ---------------------------------------------------------------------------------------------------
def test_regrading_from_the_page(client, done, lead):
    options = [{**o, "correct": o["key"] == "b"} for o in done.question.options]
    question, _ = question_save(bank=done.quiz.bank, code="q01", content=done.question.content | {"options": options})
    client.force_login(lead)
    address = reverse("insight:regrade", args=[question.uuid])
    page = client.get(address).content.decode()
    assert "vẫn đạt" in page
    assert "Trần Văn Đức" in page
    assert client.post(address, {"version": question.version, "reason": " "}).status_code == 400
    assert not Job.objects.exists()
    prove(client)
    client.post(address, {"version": question.version, "reason": "Đáp án đúng là Hai"})
    job = jobs.job_run(uuid=str(Job.objects.get().uuid))
    assert job.result["changed"] == 2
    assert Regrade.objects.get().made_by == lead
    client.force_login(done.theirs.enrolment.user)
    page = client.get(reverse("quizzes:attempt", args=[done.theirs.uuid])).content.decode()
    assert "Bài này đã được chấm lại ngày" in page
    assert "Đáp án đúng là Hai" in page


def test_an_editor_regrades_without_reading_names(client, done, editor):
    options = [{**o, "correct": o["key"] == "b"} for o in done.question.options]
    question_save(bank=done.quiz.bank, code="q01", content=done.question.content | {"options": options})
    client.force_login(editor)
    answer = client.get(reverse("insight:regrade", args=[done.question.uuid]))
    assert answer.context["preview"].down == 2
    assert "Trần Văn Đức" not in answer.content.decode()


def test_a_preview_of_a_part_says_what_it_looked_at(client, done, editor, monkeypatch):
    """Of two attempts it looks at the later one, and says since when and how many it did not see."""
    options = [{**o, "correct": o["key"] == "b"} for o in done.question.options]
    question_save(bank=done.quiz.bank, code="q01", content=done.question.content | {"options": options})
    whole = question_regrade_preview(question=done.question)
    assert (whole.seen, whole.unseen) == (2, 0)
    part = question_regrade_preview(question=done.question, most=1)
    later = max(done.mine, done.theirs, key=lambda attempt: attempt.pk)
    assert (part.seen, part.unseen, part.since) == (1, 1, later.started_at)
    monkeypatch.setattr("quizzes.views_insight.regrading.question_regrade_preview", lambda question: part)
    client.force_login(editor)
    shown = client.get(reverse("insight:regrade", args=[done.question.uuid])).content.decode()
    assert "Số trên tính từ 1 bài gần nhất, bắt đầu làm từ ngày" in shown
    assert "1 bài cũ hơn chưa xem" in shown


# --- Free texts -----------------------------------------------------------------------------------------------------
@pytest.fixture
def written(province, learner):
    """A final quiz of one choice and one essay, handed in."""
    bank = bank_with_questions(1)
    question_save(bank=bank, code="e1", content={"kind": "essay", "text": "Hãy kể.", "settings": {"rubric": RUBRIC}})
    quiz = quiz_of(bank=bank, question_codes=["q01", "e1"], pass_percent=75)
    quiz.step.course.steps.exclude(pk=quiz.step.pk).update(is_active=False)
    attempt = attempt_of(quiz, learner)
    answers = {1: right_answers(attempt)[1], 2: "Tôi đã nộp hồ sơ trên mạng."}
    return attempt_submit(attempt=attempt, answers=answers, idempotency_key=uuid4(), at=LATER)


def graded(attempt, grader, marks=BEST, **asked):
    return attempt_grade_by_hand(attempt=attempt, position=2, marks=marks, grader=grader, at=LATER, **asked)


def test_the_last_mark_gives_the_result_and_the_course(written, instructor, learner):
    assert (written.state, written.needs_grader, written.score) == ("submitted", True, None)
    attempt = graded(written, instructor, comment="Rõ ràng.")
    assert (attempt.state, attempt.score, attempt.passed) == ("graded", 100, True)
    answer = Answer.objects.get(attempt=attempt, position=2)
    assert (answer.points, answer.marks, answer.comment, answer.graded_by) == (1, BEST, "Rõ ràng.", instructor)
    assert Completion.objects.filter(enrolment=attempt.enrolment).exists()
    assert Notice.objects.get(user=learner).subject == "Bài tự luận đã được chấm"
    assert AuditEntry.objects.get(act="essay_grade").unit_uuid is not None


def test_the_second_grader_is_told_and_a_change_needs_a_reason(written, instructor, coordinator, learner):
    graded(written, instructor, POOR)
    with pytest.raises(Refusal) as refused:
        graded(written, coordinator)
    assert refused.value.code == "already_graded"
    assert "Nguyễn Văn Lâm" in refused.value.text
    attempt = graded(written, coordinator, reason="Chấm nhầm tiêu chí.")
    assert (attempt.score, attempt.passed) == (100, True)
    assert AttemptEvent.objects.get(kind=EventKind.REGRADED).detail["score_before"] == "75.00"
    assert AuditEntry.objects.get(act="essay_regrade").detail["reason"] == "Chấm nhầm tiêu chí."
    assert Notice.objects.filter(user=learner).count() == 2


def test_a_lower_mark_keeps_the_pass(written, instructor):
    graded(written, instructor)
    attempt = graded(written, instructor, {"t1": "m1", "t2": "m1"}, reason="Chép bài.")
    assert (attempt.score, attempt.passed) == (50, True)
    assert StepCompletion.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [({"marks": {"t1": "m1"}}, "marks_missing"), ({"position": 1}, "not_by_hand"), ({"position": 9}, "not_by_hand")],
)
def test_marks_that_cannot_be_given(written, instructor, change, code):
    with pytest.raises(Refusal) as refused:
        attempt_grade_by_hand(
            **{"attempt": written, "position": 2, "marks": BEST, "grader": instructor, "at": LATER} | change
        )
    assert refused.value.code == code


def test_nobody_grades_their_own(written, learner, province):
    MembershipFactory(user=learner, unit=province.north, audience=province.staff, role=Role.INSTRUCTOR, is_main=False)
    with pytest.raises(Refusal) as refused:
        graded(written, learner)
    assert refused.value.code == "own_work"


def test_the_queue_and_its_page(client, written, instructor, other_instructor, editor, official, stranger):
    address = reverse("insight:essay", args=[written.uuid, 2])
    for who, status in ((other_instructor, 403), (editor, 403), (official, 403), (stranger, 404), (instructor, 200)):
        client.force_login(who)
        assert client.get(address).status_code == status
    assert "Nguyễn Thị Ngọc Ưỡng" in client.get(reverse("insight:essays")).content.decode()
    assert "1 bài tự luận chờ bạn chấm" in client.get(HOME).content.decode()
    page = client.get(address).content.decode()
    assert "Tôi đã nộp hồ sơ trên mạng." in page
    assert client.post(address, {"muc-t1": "m2"}).status_code == 400
    assert client.post(address, {"muc-t1": "m2", "muc-t2": "m2"}).url == reverse("insight:essays")
    assert "Không có bài tự luận nào chờ chấm" in client.get(reverse("insight:essays")).content.decode()
    # Whoever had the page open before is told, whoever opens it now changes with a reason.
    assert client.post(address, {"muc-t1": "m1", "muc-t2": "m2"}).status_code == 409
    assert client.post(address, {"sua": "1", "muc-t1": "m1", "muc-t2": "m2"}).status_code == 400
    assert client.post(address, {"sua": "1", "muc-t1": "m1", "muc-t2": "m2", "reason": "Nhầm"}).status_code == 302
    assert client.get(reverse("insight:essay", args=[written.uuid, 1])).status_code == 404
    client.force_login(other_instructor)
    assert "Nguyễn Thị Ngọc Ưỡng" not in client.get(reverse("insight:essays")).content.decode()


# --- One attempt ----------------------------------------------------------------------------------------------------
def test_an_attempt_tells_what_happened_in_words_and_that_it_was_read(client, quiz, learner, instructor):
    attempt = attempt_of(quiz, learner)
    attempt_note(attempt=attempt, kind=EventKind.LEFT, at=START + timedelta(minutes=1))
    key = right_answers(attempt)[1]
    answers_save(attempt=attempt, answers={1: key}, at=START + timedelta(minutes=2),
                 sending=Sending(delay=timedelta(seconds=35)))  # fmt: skip
    address = reverse("insight:attempt", args=[attempt.uuid])
    client.force_login(instructor)
    page = client.get(address).content.decode()
    assert "Đáp án:" not in page
    attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4(), at=LATER)
    with pytest.raises(Refusal):
        answers_save(attempt=attempt, answers={2: key}, at=LATER + timedelta(minutes=1))
    page = client.get(address).content.decode()
    told = [
        "Bắt đầu làm bài",
        "Rời trang",
        "Lưu câu trả lời",
        "đến máy chủ muộn 35 giây",
        "Nộp bài",
        "Gửi câu trả lời khi bài đã đóng",
    ]
    places = [page.index(words) for words in told]
    assert places == sorted(places)
    assert "Đáp án:" in page
    assert "10:02:00" in page
    entries = AuditEntry.objects.filter(act="attempt_read")
    assert entries.count() == 2
    assert entries[0].actor == instructor


def test_more_time_is_granted_with_a_reason(client, done, instructor, other_instructor, learner):
    address = people_pages(done)["person"]
    asked = {"extra_minutes": "10", "extra_attempts": "1", "reason": "Mất mạng"}
    client.force_login(other_instructor)
    assert client.post(address, asked).status_code == 403
    client.force_login(instructor)
    assert client.post(address, asked | {"reason": ""}).status_code == 400
    assert client.post(address, asked | {"extra_minutes": "0", "extra_attempts": "0"}).status_code == 400
    assert not Accommodation.objects.exists()
    assert client.post(address, asked).status_code == 302
    given = Accommodation.objects.get()
    assert (given.user, given.extra_minutes, given.extra_attempts, given.granted_by) == (learner, 10, 1, instructor)
    assert "Mất mạng" in client.get(people_pages(done)["attempt"]).content.decode()


# --- Cost -----------------------------------------------------------------------------------------------------------
def test_queries_do_not_grow(client, done, instructor, written, province):
    client.force_login(instructor)
    lists = [*figure_pages(done), *(people_pages(done)[name] for name in ("people", "essays", "attempt", "person"))]
    client.get(HOME)
    asked = {address: _queries(client, address) for address in lists}
    for n in range(6):
        handed_in(done.quiz, someone(province, province.north, f"Người {n}"), right=n % 4)
        other = attempt_of(written.quiz, someone(province, province.north, f"Người viết {n}"))
        attempt_submit(attempt=other, answers={2: "Bài viết."}, idempotency_key=uuid4(), at=LATER)
        handed_in(quiz_of(), None, right=1)
    rebuild_statistics()
    assert {address: _queries(client, address) for address in lists} == asked
    assert max(asked.values()) <= 22, asked


def test_the_preview_of_a_regrade_does_not_ask_attempt_by_attempt(client, done, lead, province):
    options = [{**o, "correct": o["key"] == "b"} for o in done.question.options]
    question_save(bank=done.quiz.bank, code="q01", content=done.question.content | {"options": options})
    client.force_login(lead)
    address = people_pages(done)["regrade"]
    client.get(address)
    before = _queries(client, address)
    for n in range(5):
        handed_in(done.quiz, someone(province, province.north, f"Người {n}"))
    assert _queries(client, address) == before


def _queries(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
