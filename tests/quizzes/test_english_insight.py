"""The office of tests in English: figures, scoring anew, essays, one attempt, files; and what stays Vietnamese."""

from __future__ import annotations

import io
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from common import jobs
from common.errors import Refusal
from common.language import on_record
from common.models import Job
from people.models import Notice, Role
from quizzes.formats import FORMATS, parse, template
from quizzes.insight import export_rows, lines_of
from quizzes.kinds import KINDS
from quizzes.models import Accommodation, AttemptEvent, Bank, EventKind, Question, QuizStatistics
from quizzes.questions import content_problems
from quizzes.services import (
    answers_save,
    attempt_note,
    attempt_submit,
    bank_delete,
    bank_export,
    bank_import,
    measuring,
    question_save,
    quiz_problems,
)
from quizzes.services.design import SETTINGS, setting_problems
from quizzes.statistics import SURE
from tests.conftest import _member
from tests.english import VIETNAMESE, english, held_texts
from tests.factories.quizzes import START, attempt_of, bank_with_questions, quiz_of, right_answers, wrong_answers
from tests.proof import prove

pytestmark = pytest.mark.django_db
LATER = START + timedelta(minutes=5)
RUBRIC = [{"title": "Nội dung", "levels": [{"text": "Thiếu", "points": 0}, {"text": "Đủ", "points": 2}]}]


@pytest.fixture
def reader(client, province):
    """The provincial lead's browser with English chosen."""
    client.force_login(_member(province.root, province.staff, Role.PROVINCIAL_LEAD, "Đỗ Thị Hạnh"))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def handed_in(quiz, user, first):
    """Everything right but the first question of the bank, which is answered as said."""
    attempt = attempt_of(quiz, user)
    asked = Question.objects.get(bank=quiz.bank, code="q01").pk
    place = next(n for n, item in enumerate(attempt.paper, start=1) if item["question"] == asked)
    answers = wrong_answers(attempt) | right_answers(attempt) | {place: [first]}
    return attempt_submit(attempt=attempt, answers=answers, idempotency_key=uuid4(), at=LATER)


@pytest.fixture
def done(province, learner, stranger):
    """A quiz of three choices that two people have done, the key of its first question put right since."""
    quiz = quiz_of(bank=bank_with_questions(3), question_codes=["q01", "q02", "q03"], pass_percent=80)
    mine = handed_in(quiz, learner, "b")
    handed_in(quiz, stranger, "a")
    question = Question.objects.get(bank=quiz.bank, code="q01")
    options = [{**o, "correct": o["key"] == "b"} for o in question.options]
    question, _made = question_save(bank=quiz.bank, code="q01", content=question.content | {"options": options})
    measuring.statistics_rebuild(quiz=quiz)
    return SimpleNamespace(quiz=quiz, mine=mine, question=question)


@pytest.fixture
def written(province, learner):
    """A quiz of one essay, handed in."""
    bank = Bank.objects.create(slug="tu-luan", name="Câu tự luận")
    question_save(bank=bank, code="e1", content={"kind": "essay", "text": "Hãy kể.", "settings": {"rubric": RUBRIC}})
    attempt = attempt_of(quiz_of(bank=bank, question_codes=["e1"]), learner)
    return attempt_submit(attempt=attempt, answers={1: "Tôi đã nộp."}, idempotency_key=uuid4(), at=LATER)


def shown(reader, name, *args, status=200, **data):
    address = reverse(f"insight:{name}", args=args)
    return english(reader.post(address, data) if data else reader.get(address), status, held=held_texts())


# --- Pages ----------------------------------------------------------------------------------------------------------
def test_figures(reader, done):
    step, question = done.quiz.step.uuid, done.question.uuid
    assert "not enough data" in shown(reader, "home")
    assert "at least 30 people with a first attempt are needed" in shown(reader, "quiz", step)
    assert "Not enough data: 2 people have answered" in shown(reader, "question", step, question)
    row = QuizStatistics.objects.get()
    row.figures |= {"attempts": SURE, "mean": 70, "median": 70, "sd": 10}
    for item in row.figures["items"]:
        item |= {"attempts": SURE, "alerts": [{"code": "wrong_key", "answers": []}, {"code": "dead_option"}]}
    row.save()
    page = shown(reader, "quiz", step)
    assert "<b>The key may be wrong:</b> look at question" in page
    assert "Distribution of scores" in page
    assert "Fewer than 5 % choose it." in shown(reader, "question", step, question)
    QuizStatistics.objects.all().delete()
    assert "The figures of this test have not been worked out yet." in shown(reader, "quiz", step)
    assert "There are no figures of this question in the test" in shown(reader, "question", step, question)


def test_scoring_anew(reader, done):
    page = shown(reader, "regrade", done.question.uuid)
    assert "Marking again by the present key (version 2)" in page
    assert "People in your charge whose score changes" in page
    page = shown(reader, "regrade", done.question.uuid, version=2, reason=" ", status=400)
    assert "Write why it is marked again; learners will read this." in page


def test_people_and_what_they_are_given(reader, done, learner):
    step = done.quiz.step.uuid
    assert "2 people in your charge have taken this test." in shown(reader, "people", step)
    assert "Attempt 1, started at" in shown(reader, "person", step, learner.uuid)
    nothing = {"extra_minutes": "0", "extra_attempts": "0", "reason": "Mất mạng"}
    page = shown(reader, "person", step, learner.uuid, **nothing, status=400)
    assert "Neither minutes nor attempts are given." in page
    page = english(
        reader.post(
            reverse("insight:person", args=[step, learner.uuid]), nothing | {"extra_minutes": "10"}, follow=True
        ),
        held=held_texts(),
    )
    assert "gave extra minutes (10) and attempts (0)" in page
    assert "has been given more time or attempts." in page


def test_an_attempt_and_what_happened(reader, done, learner):
    attempt = attempt_of(done.quiz, learner, at=START + timedelta(days=1))
    key = right_answers(attempt)[1]
    for kind in (EventKind.LEFT, EventKind.RETURNED):
        attempt_note(attempt=attempt, kind=kind, at=START + timedelta(days=1, minutes=1))
    answers_save(attempt=attempt, answers={1: key}, at=START + timedelta(days=1, minutes=2))
    assert "The test is under way" in shown(reader, "attempt", attempt.uuid)
    attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4(), at=START + timedelta(days=1, minutes=3))
    with pytest.raises(Refusal):
        answers_save(attempt=attempt, answers={2: key}, at=START + timedelta(days=1, minutes=9))
    page = shown(reader, "attempt", attempt.uuid)
    for words in ("Started the test", "Left the page", "Saved an answer", "Handed in", "(left empty)"):
        assert words in page


def test_essays(reader, written):
    assert "1 essay waits for you to mark it" in shown(reader, "home")
    assert "1 answer, the longest wait first." in shown(reader, "essays")
    assert "Mark this answer" in shown(reader, "essay", written.uuid, 1)
    page = shown(reader, "essay", written.uuid, 1, comment="Rõ", status=400)
    assert "Choose a level for the criterion “Nội dung”." in page
    reader.post(reverse("insight:essay", args=[written.uuid, 1]), {"muc-t1": "m2"})
    page = shown(reader, "essays")
    assert "The learner is told at once." in page
    assert "No essay waits to be marked." in page
    assert "To change the mark, choose the levels again" in shown(reader, "essay", written.uuid, 1)


# --- Refusals and faults --------------------------------------------------------------------------------------------
def test_what_editors_are_told_of_questions_and_quizzes(done, lead):
    bank = Bank.objects.create(slug="trong", name="Ngân hàng trống")
    with translation.override("en"), pytest.raises(Refusal) as refused:
        bank_delete(bank=done.quiz.bank, actor=lead)
    told = [refused.value.text, refused.value.fix]
    with translation.override("en"):
        for kind in KINDS:
            told += [words for _field, words in content_problems({"kind": kind, "text": "", "media": [1]})]
        wrong = {"pass_percent": 101, "attempts_allowed": 0, "wait_minutes": -1, "mode": ""}
        told += setting_problems({**SETTINGS, **wrong})
        told += quiz_problems(bank=bank, purpose="final") + quiz_problems(bank=None, purpose="final")
        told += quiz_problems(bank=bank, purpose="final", sections=[{"codes": ["x", "x"]}, {"bank": "la", "draw": 1}])
    held = held_texts()
    assert [one for one in told if VIETNAMESE.search(held.without(one))] == []
    assert "The pass mark must be from 0 to 100%." in told


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("gift", "::a::Câu {=Một ~Hai\n\n::b::Số {#x}", "the signs { and } do not make exactly one pair"),
        ("aiken", "Câu?\nA. Một\nB. Hai\n\nCâu?\nA. Một\nC. Hai\nANSWER: D", "line 1"),
        ("moodle", "<quiz><question type='calculated'><name><text>x</text></name></question>", "the XML is damaged"),
        ("qti", "<a/>", "not a QTI question"),
        ("xlsx", "a,b\n1,2\n", "no heading row with the columns"),
    ],
)
def test_what_is_wrong_in_a_file(name, text, said):
    with translation.override("en"):
        found = parse(text.encode(), name)
    told = [" ".join((one.where, one.problem, one.fix)) for one in found.faults]
    assert said in " ".join(told)
    quoted = ("Đúng (", "Câu hỏi (", "Đáp án (")
    assert [one for one in told if VIETNAMESE.search(_without(one, quoted))] == []


def _without(text, quoted):
    for one in (*quoted, "“Câu", "Một", "Hai", "Câu"):
        text = text.replace(one, "")
    return text


# --- What is kept, sent and carried away ----------------------------------------------------------------------------
def test_records_and_letters_of_marking_again_are_vietnamese(reader, done):
    prove(reader)
    address = reverse("insight:regrade", args=[done.question.uuid])
    reader.post(address, {"version": done.question.version, "reason": "Đáp án đúng là Hai"})
    job = Job.objects.get()
    assert job.title == "Mark question q01 again"
    with translation.override("en"):
        jobs.job_run(uuid=str(job.uuid))
    assert AttemptEvent.objects.filter(kind=EventKind.REGRADED).first().detail["reason"] == "Đáp án đúng là Hai"
    notice = Notice.objects.get(kind__startswith="regraded")
    assert notice.subject == "Bài kiểm tra được chấm lại: bạn đã đạt"
    assert notice.body.endswith("được chấm lại vì: Đáp án đúng là Hai")


def test_records_and_letters_of_essays_and_of_more_time_are_vietnamese(reader, written, learner):
    reader.post(reverse("insight:essay", args=[written.uuid, 1]), {"muc-t1": "m2"})
    notice = Notice.objects.get(user=learner)
    assert notice.subject == "Bài tự luận đã được chấm"
    assert notice.body.endswith("Bạn đã đạt.")
    asked = {"extra_minutes": "10", "extra_attempts": "0", "reason": "Mất mạng"}
    reader.post(reverse("insight:person", args=[written.quiz.step.uuid, learner.uuid]), asked)
    assert Accommodation.objects.get().reason == "Mất mạng"


def test_sheets_are_vietnamese(reader, done):
    row = QuizStatistics.objects.get()
    for item in row.figures["items"]:
        item |= {"attempts": SURE, "alerts": [{"code": "wrong_key", "answers": []}]}
    row.save()
    answer = reader.get(reverse("insight:export", args=[done.quiz.step.uuid]))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert (sheet.title, sheet["A1"].value, sheet["I2"].value) == ("Câu hỏi", "Mã câu", "Có thể đáp án sai")
    with translation.override("en"):
        assert export_rows(lines_of(row.figures))[0][-1] == "Có thể đáp án sai"


@pytest.mark.parametrize("format", FORMATS)
def test_question_files_are_the_same_whoever_asks(done, format):
    with on_record():
        wanted = parse(bank_export(bank=done.quiz.bank, format=format)[0], format)
    with translation.override("en"):
        found = parse(bank_export(bank=done.quiz.bank, format=format)[0], format)
    assert [one.content for one in found.entries] == [one.content for one in wanted.entries]
    assert len(found.entries) == 3


def test_the_table_to_fill_in_is_read_and_written_in_vietnamese(province):
    with translation.override("en"):
        data = template()
        report = bank_import(
            bank=Bank.objects.create(slug="mau", name="Mẫu"), data=data, name="mau.xlsx", actor=None, dry_run=True
        )
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Câu hỏi", "Hướng dẫn"]
    assert "Đáp án đúng" in [cell.value for cell in book["Câu hỏi"][1]]
    assert report.faults == () or report.faults[0].problem == "no question was found"
