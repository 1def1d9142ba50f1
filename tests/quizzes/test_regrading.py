"""Scoring anew after a wrong key: nobody loses a pass, everybody else gets what the right key would have given."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from io import StringIO
from random import Random
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from common.models import AuditEntry
from courses.models import Completion, StepCompletion
from people.models import Notice
from quizzes import grading
from quizzes.keys import key_problem, with_key
from quizzes.kinds import KINDS
from quizzes.models import Answer, Attempt, AttemptEvent, EventKind, Question, Regrade, RegradeChange
from quizzes.services import answers_save, attempt_submit, question_save, regrading
from quizzes.services.regrading import question_regrade, question_regrade_preview
from tests.factories.people import UserFactory
from tests.factories.quizzes import START, attempt_of, bank_with_questions, quiz_of, right_answers

LATER = START + timedelta(minutes=5)
NOW = START + timedelta(days=3)
REASON = "Đáp án đúng là Hai"


@pytest.fixture
def quiz(db):
    """Five fixed questions, 80 % to pass: four right ones pass."""
    codes = [f"q{n:02d}" for n in range(1, 6)]
    return quiz_of(bank=bank_with_questions(5), question_codes=codes, pass_percent=80)


def handed_in(quiz, changes=(), *, wrong=()):
    """A closed attempt: right answers but for ``wrong`` positions (left out) and ``changes`` {position: response}."""
    attempt = attempt_of(quiz)
    answers = {p: r for p, r in right_answers(attempt).items() if p not in wrong} | dict(changes)
    return attempt_submit(attempt=attempt, answers=answers, idempotency_key=uuid4(), at=LATER)


def mended(question, right="b"):
    """The question with another right option, saved as an editor saves it."""
    options = [{**option, "correct": option["key"] == right} for option in question.options]
    return question_save(bank=question.bank, code=question.code, content=question.content | {"options": options})[0]


def regraded(question, **asked):
    return question_regrade(question=question, **{"reason": REASON, "actor": UserFactory(), "at": NOW} | asked)


# --- One attempt ----------------------------------------------------------------------------------------------------
def test_whoever_was_right_all_along_gets_the_point_the_pass_and_the_course(quiz):
    attempt = handed_in(quiz, {1: ["b"]}, wrong=(2,))
    assert (attempt.score, attempt.passed) == (60, False)
    question = mended(Question.objects.get(pk=attempt.paper[0]["question"]))
    quiz.step.course.steps.exclude(pk=quiz.step.pk).update(is_active=False)
    report = regraded(question)
    attempt.refresh_from_db()
    assert (attempt.score, attempt.passed, attempt.state) == (80, True, "graded")
    assert (report.changed, report.up, report.down, report.passes_gained, report.completions) == (1, 1, 0, 1, 1)
    assert StepCompletion.objects.get(step=quiz.step).completed_at == NOW
    assert Completion.objects.count() == 1
    change = RegradeChange.objects.get()
    assert (change.score_before, change.score_after, change.passed_before, change.passed_after, change.completed) == (
        60, 80, False, True, True,
    )  # fmt: skip
    event = AttemptEvent.objects.get(kind=EventKind.REGRADED)
    assert event.detail["reason"] == REASON
    assert event.detail["positions"] == [1]
    assert AuditEntry.objects.get(act="question_regrade").detail["passes_gained"] == 1
    assert "bạn đã đạt" in Notice.objects.get().subject
    # The result page shows the right key, in the order that was shown; the version stays the one that was asked.
    item = attempt.paper[0]
    assert KINDS["single"].right(item) == ["b"]
    assert (item["version"], item["key_version"]) == (1, 2)


def test_a_pass_that_was_given_stays_and_the_score_tells_the_truth(quiz):
    attempt = handed_in(quiz, wrong=(2,))
    assert (attempt.score, attempt.passed) == (80, True)
    done = StepCompletion.objects.get(step=quiz.step)
    question = mended(Question.objects.get(pk=attempt.paper[0]["question"]))
    preview = question_regrade_preview(question=question)
    assert (preview.down, preview.kept, preview.gained) == (1, 1, 0)
    regraded(question)
    attempt.refresh_from_db()
    assert (attempt.score, attempt.passed) == (60, True)
    assert StepCompletion.objects.get(step=quiz.step) == done
    assert not Notice.objects.exists()


def test_a_second_run_changes_nothing(quiz):
    attempt = handed_in(quiz, {1: ["b"]})
    question = mended(Question.objects.get(pk=attempt.paper[0]["question"]))
    assert regraded(question).changed == 1
    before = list(Attempt.objects.values()), list(AttemptEvent.objects.values()), list(Regrade.objects.values())
    again = regraded(question, at=NOW + timedelta(days=1))
    assert (again.touched, again.changed) == (0, 0)
    assert before == (
        list(Attempt.objects.values()), list(AttemptEvent.objects.values()), list(Regrade.objects.values())
    )  # fmt: skip
    assert AuditEntry.objects.filter(act="question_regrade").count() == 1


def test_the_preview_tells_what_happens_and_writes_nothing(quiz):
    up, down, same = handed_in(quiz, {1: ["b"]}, wrong=(2,)), handed_in(quiz), handed_in(quiz, {1: ["c"]})
    question = mended(Question.objects.get(pk=up.paper[0]["question"]))
    before = list(Attempt.objects.values())
    preview = question_regrade_preview(question=question)
    assert list(Attempt.objects.values()) == before
    assert (preview.closed, preview.up, preview.down, preview.gained) == (3, 1, 1, 1)
    regraded(question)
    told = {one.attempt.pk: (one.score_after, one.passed_after) for one in preview.changes}
    assert told == {a.pk: (a.score, a.passed) for a in Attempt.objects.filter(pk__in=[up.pk, down.pk])}
    # Whose points stay learns of no regrade, and still sees the right key.
    same.refresh_from_db()
    assert same.paper[0]["key_version"] == 2
    assert not RegradeChange.objects.filter(attempt=same).exists()
    assert question_regrade_preview(question=question).changes == []


# --- Attempts that are not closed -----------------------------------------------------------------------------------
def test_an_attempt_under_way_is_graded_by_the_mended_key(quiz):
    attempt = attempt_of(quiz)
    answers_save(attempt=attempt, answers={1: ["b"]}, at=LATER)
    question = mended(Question.objects.get(pk=attempt.paper[0]["question"]))
    order = [option["key"] for option in attempt.paper[0]["options"]]
    report = regraded(question)
    assert (report.touched, report.changed) == (1, 0)
    attempt.refresh_from_db()
    assert [option["key"] for option in attempt.paper[0]["options"]] == order
    done = attempt_submit(attempt=attempt, answers={}, idempotency_key=uuid4(), at=LATER)
    assert done.score == 20


def test_what_cannot_be_scored_anew_is_told_and_left_alone(quiz):
    attempt = handed_in(quiz, {1: ["b"]})
    question = Question.objects.get(pk=attempt.paper[0]["question"])
    options = [o for o in question.options if o["key"] != "d"]
    question = question_save(bank=quiz.bank, code=question.code, content=question.content | {"options": options})[0]
    assert question_regrade_preview(question=question).stuck == {attempt.pk: "option_gone"}
    report = regraded(question)
    assert report.stuck == {str(attempt.uuid): "option_gone"}
    assert (report.touched, Regrade.objects.count()) == (0, 0)
    question = question_save(
        bank=quiz.bank, code=question.code, content=question.content | {"kind": "multiple", "options": [
            {"key": "a", "text": "Một", "correct": True}, {"key": "b", "text": "Hai", "correct": True},
            {"key": "c", "text": "Ba", "correct": False}, {"key": "d", "text": "Bốn", "correct": False}]}
    )[0]  # fmt: skip
    assert regraded(question).stuck == {str(attempt.uuid): "kind_changed"}


def test_one_attempt_that_breaks_does_not_stop_the_others(quiz, monkeypatch):
    first, _ = handed_in(quiz, {1: ["b"]}), handed_in(quiz, {1: ["b"]})
    question = mended(Question.objects.get(pk=first.paper[0]["question"]))
    settle = regrading.step_settle

    def breaks(attempt, at=None):
        if attempt.pk == first.pk:
            raise RuntimeError("certificate engine")
        return settle(attempt, at)

    monkeypatch.setattr(regrading, "step_settle", breaks)
    report = regraded(question)
    assert list(report.failed) == [str(first.uuid)]
    assert report.changed == 1
    first.refresh_from_db()
    assert first.score == 80, "nothing of the broken one was kept"
    monkeypatch.undo()
    assert regraded(question).changed == 1


@pytest.mark.parametrize(("asked", "code"), [({"reason": "  "}, "no_reason"), ({"version": 1}, "changed_meanwhile")])
def test_refusals(quiz, asked, code):
    question = mended(Question.objects.get(pk=handed_in(quiz).paper[0]["question"]))
    with pytest.raises(Refusal) as refused:
        regraded(question, **asked)
    assert refused.value.code == code


# --- The law of it --------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@given(st.data())
def test_a_regrade_is_grading_from_scratch_with_the_mended_paper_except_for_passes_kept(django_db_blocker, data):
    quiz = quiz_of(bank=bank_with_questions(4, kinds=("single", "multiple")), pass_percent=50, draw=4)
    attempt = attempt_of(quiz, seed=data.draw(st.integers(0, 999)))
    keys = st.lists(st.sampled_from("abcd"), unique=True)
    answers = {
        p: data.draw(keys.map(lambda found, item=item: sorted(found[:1] if item["kind"] == "single" else found)))
        for p, item in enumerate(attempt.paper, start=1)
    }
    attempt = attempt_submit(attempt=attempt, answers=answers, idempotency_key=uuid4(), at=LATER)
    had = attempt.passed
    question = Question.objects.get(pk=data.draw(st.sampled_from([item["question"] for item in attempt.paper])))
    right = data.draw(st.permutations("abcd"))[: 1 if question.kind == "single" else 2]
    options = [{**option, "correct": option["key"] in right} for option in question.options]
    question = question_save(bank=quiz.bank, code=question.code, content=question.content | {"options": options})[0]
    regraded(question)
    attempt.refresh_from_db()
    scratch = grading.grade(attempt.paper, answers, pass_percent=50)
    assert attempt.score == scratch.score
    assert attempt.passed == (had or scratch.passed)
    stored = list(Answer.objects.filter(attempt=attempt).order_by("position").values_list("points", flat=True))
    assert stored == [regrading.stored(points) for points in scratch.points]
    for item in attempt.paper:
        now = Question.objects.get(pk=item["question"])
        assert KINDS[item["kind"]].right(item) == KINDS[now.kind].right(now.content)


# --- Keys of every kind ---------------------------------------------------------------------------------------------
SAMPLES = {
    "short_text": ({"accepted": [{"text": "Huế"}]}, {"accepted": [{"text": "Hà Nội"}]}, "Hà Nội"),
    "numeric": ({"accepted": [{"value": "1"}]}, {"accepted": [{"value": "2"}]}, "2"),
    "matching": (
        {"pairs": [{"key": "a", "left": "A", "right": "1"}, {"key": "b", "left": "B", "right": "2"}],
         "choices": [{"key": "1", "text": "Một"}, {"key": "2", "text": "Hai"}]},
        {"pairs": [{"key": "a", "left": "A", "right": "2"}, {"key": "b", "left": "B", "right": "1"}],
         "choices": [{"key": "1", "text": "Một"}, {"key": "2", "text": "Hai"}]},
        {"a": "2", "b": "1"},
    ),
    "blanks": (
        {"gaps": [{"key": "1", "kind": "short_text", "accepted": [{"text": "Huế"}]}]},
        {"gaps": [{"key": "1", "kind": "short_text", "accepted": [{"text": "Hà Nội"}]}]},
        {"1": "Hà Nội"},
    ),
    "scenario": (
        {"parts": [{"key": "p1", "kind": "short_text", "text": "Đâu?", "settings": {"accepted": [{"text": "Huế"}]}}]},
        {"parts": [{"key": "p1", "kind": "short_text", "text": "Đâu?", "settings": {"accepted": [{"text": "Sa Pa"}]}}]},
        {"p1": "Sa Pa"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_kind_takes_a_new_key_and_keeps_what_was_shown(kind):
    before, after, response = SAMPLES[kind]
    text = "Thủ đô là [[1]]?" if kind == "blanks" else "Câu hỏi?"
    old, new = ({"kind": kind, "text": text, "explanation": "", **KINDS[kind].normal({"text": text, "settings": s})}
                for s in (before, after))  # fmt: skip
    item = {"question": 1, "version": 1, "section": 0, **copy.deepcopy(old)}
    KINDS[kind].arrange(item, Random(3), True)
    frozen = json.dumps(item)
    assert key_problem(item, new) == ""
    made = with_key(item, {**new, "text": "Lời khác"}, 2)
    assert (made["text"], made["key_version"]) == (text, 2)
    assert grading.points_of(item, response) == 0
    assert grading.points_of(made, response) == 1
    assert json.dumps(item) == frozen
    assert with_key(made, new, 2) is made


def test_an_order_takes_its_new_order_and_keeps_the_one_shown():
    old = {"kind": "ordering", "text": "?", "explanation": "", **KINDS["ordering"].normal(
        {"options": [{"text": t} for t in ("Một", "Hai", "Ba")]})}  # fmt: skip
    item = {"question": 1, "version": 1, "section": 0, **copy.deepcopy(old)}
    KINDS["ordering"].arrange(item, Random(1), True)
    new = {**old, "options": list(reversed(old["options"]))}
    made = with_key(item, new, 2)
    assert [o["key"] for o in made["options"]] == [o["key"] for o in item["options"]]
    assert KINDS["ordering"].right(made) == {"c": "1", "b": "2", "a": "3"}


# --- The command ----------------------------------------------------------------------------------------------------
def test_the_command_tells_first_and_does_then(quiz):
    attempt = handed_in(quiz, {1: ["b"]}, wrong=(2,))
    question = mended(Question.objects.get(pk=attempt.paper[0]["question"]))
    actor = UserFactory(email="bien.tap@example.vn")
    told = StringIO()
    asked = ["regrade_question", "--bank", quiz.bank.slug, "--code", question.code, "--reason", REASON, "--json"]
    call_command(*asked, "--dry-run", stdout=told)
    assert json.loads(told.getvalue())["up"] == 1
    assert not Regrade.objects.exists()
    with pytest.raises(CommandError, match="--by"):
        call_command(*asked)
    told = StringIO()
    call_command(*asked, "--by", actor.email, stdout=told)
    assert json.loads(told.getvalue())["passes_gained"] == 1
    assert Regrade.objects.get().made_by == actor
    with pytest.raises(CommandError, match="Không có câu"):
        call_command("regrade_question", "--bank", quiz.bank.slug, "--code", "xyz", "--reason", "x")
