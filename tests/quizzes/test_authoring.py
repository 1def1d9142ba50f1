"""Banks, questions and quizzes: wrong input is named, repeats change nothing."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from common.errors import DataError, Refusal
from courses.models import StepKind, Topic
from quizzes.models import CONTENT_FIELDS, Bank, Purpose, Question, Quiz
from quizzes.services import BankReport, bank_load, question_save, quiz_problems, quiz_save
from tests.factories.courses import StepFactory
from tests.factories.quizzes import bank_with_questions, options

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]
COURSES = sorted(Path(settings.BASE_DIR, "cms/data/courses").glob("*/course.yaml"))


def entry(**fields):
    return {
        "code": "dvc-01",
        "kind": "single",
        "topic": "T-A02",
        "difficulty": 2,
        "final": True,
        "text": "Hồ sơ bị yêu cầu bổ sung. Làm gì?",
        "options": [
            {"text": "Gửi bổ sung", "correct": True, "feedback": "Đúng."},
            {"text": "Chờ", "feedback": "Hồ sơ sẽ nằm chờ."},
            {"text": "Nộp mới"},
        ],
        "explanation": "Bổ sung vào hồ sơ cũ.",
        **fields,
    }


@pytest.fixture
def topic():
    return Topic.objects.create(code="T-A02", name="Dịch vụ công", group="A")


def load(*entries, slug="kns"):
    return bank_load(slug=slug, name="Kỹ năng số", entries=entries)


def test_load_gives_keys_in_order_and_keeps_every_field(topic):
    assert load(entry()) == BankReport(created=1, updated=0, unchanged=0)
    question = Question.objects.get()
    assert [(o["key"], o["correct"], o["feedback"]) for o in question.options] == [
        ("a", True, "Đúng."), ("b", False, "Hồ sơ sẽ nằm chờ."), ("c", False, ""),
    ]  # fmt: skip
    assert (question.topic, question.difficulty, question.in_final, question.version) == (topic, 2, True, 1)


def test_loading_again_changes_nothing_and_a_change_makes_a_version(topic):
    load(entry(), entry(code="dvc-02"))
    assert load(entry(), entry(code="dvc-02")) == BankReport(created=0, updated=0, unchanged=2)
    assert load(entry(text="Câu đã sửa?"), entry(code="dvc-02", difficulty=3)) == BankReport(0, 2, 0)
    assert list(Question.objects.values_list("code", "version", "difficulty")) == [("dvc-01", 2, 2), ("dvc-02", 1, 3)]


def test_questions_that_the_file_does_not_name_stay(topic):
    load(entry(), entry(code="cua-bien-tap"))
    load(entry())
    assert Question.objects.filter(is_active=True).count() == 2


def without(field):
    made = entry()
    del made[field]
    return made


def with_options(*made, **fields):
    return entry(options=[dict(zip(("text", "correct"), o, strict=False)) for o in made], **fields)


WRONG = [
    (without("code"), "code", "câu thứ 2"),
    (entry(code=""), "code", "câu thứ 2"),
    (entry(code=7), "code", "câu thứ 2"),
    (entry(code="x" * 61), "code", "câu thứ 2"),
    (entry(code="tot"), "code", "câu tot"),
    ("chữ", "bank", "câu thứ 2"),
    (without("kind"), "kind", "câu dvc-01"),
    (entry(kind="la"), "kind", "câu dvc-01"),
    (entry(kind="essay"), "settings", "câu dvc-01"),
    (entry(kind=["single"]), "kind", "câu dvc-01"),
    (entry(tags="một"), "tags", "câu dvc-01"),
    (entry(settings=["x"]), "settings", "câu dvc-01"),
    (without("text"), "text", "câu dvc-01"),
    (entry(text="  "), "text", "câu dvc-01"),
    (entry(difficulty=4), "difficulty", "câu dvc-01"),
    (entry(difficulty="khó"), "difficulty", "câu dvc-01"),
    (entry(difficulty=True), "difficulty", "câu dvc-01"),
    (entry(explanation=["x"]), "explanation", "câu dvc-01"),
    (entry(topic="T-Z99"), "topic", "câu dvc-01"),
    (entry(final="có"), "final", "câu dvc-01"),
    (entry(diem=2), "diem", "câu dvc-01"),
    (without("options"), "options", "câu dvc-01"),
    (entry(options="a b"), "options", "câu dvc-01"),
    (entry(options=["Một", "Hai"]), "options", "câu dvc-01"),
    (entry(options=[{"correct": True}]), "options", "câu dvc-01"),
    (with_options(("Một", "có"), ("Hai", False)), "options", "câu dvc-01"),
    (entry(options=[{"text": "Một", "correct": True, "feedback": 3}, {"text": "Hai"}]), "options", "câu dvc-01"),
    (with_options(("Một", True)), "options", "câu dvc-01"),
    (with_options(("Một", True), ("Một", False)), "options", "câu dvc-01"),
    (with_options(("Một", True), ("Hai", True)), "options", "câu dvc-01"),
    (with_options(("Một", False), ("Hai", False)), "options", "câu dvc-01"),
    (with_options(*[(str(n), n == 0) for n in range(13)]), "options", "câu dvc-01"),
    (with_options(("Một", True), ("Hai", False), kind="multiple"), "options", "câu dvc-01"),
    (with_options(("Một", True), ("Hai", True), kind="multiple"), "options", "câu dvc-01"),
    (with_options(("Đúng", True), ("Không", False), kind="true_false"), "options", "câu dvc-01"),
    (with_options(("Đúng", True), ("Sai", True), kind="true_false"), "options", "câu dvc-01"),
]


@pytest.mark.parametrize(("wrong", "field", "where"), WRONG)
def test_a_wrong_entry_is_named_and_nothing_is_saved(topic, wrong, field, where):
    with pytest.raises(DataError) as error:
        load(entry(code="tot"), wrong)
    assert (error.value.field, error.value.where, error.value.file) == (field, where, "course.yaml")
    assert error.value.problem
    assert not Question.objects.exists()
    assert not Bank.objects.exists()


@pytest.mark.parametrize("entries", [None, "chữ", {"code": "x"}])
def test_a_bank_that_is_no_list(entries):
    with pytest.raises(DataError, match="bank"):
        bank_load(slug="x", name="X", entries=entries)


@pytest.mark.parametrize("file", COURSES, ids=lambda p: p.parent.name)
def test_the_written_courses_load_and_their_quizzes_can_be_asked(file):
    course = yaml.safe_load(file.read_text(encoding="utf-8"))
    for code in {e["topic"] for e in course["bank"]}:
        Topic.objects.create(code=code, name=code, group="A")
    assert bank_load(slug=course["slug"], name=course["title"], entries=course["bank"]).created == len(course["bank"])
    assert bank_load(slug=course["slug"], name=course["title"], entries=course["bank"]).updated == 0
    bank = Bank.objects.get()
    quizzes = [s for s in course["steps"] if s["kind"] == "quiz"]
    assert len(quizzes) == 5
    for quiz in quizzes:
        codes, draw = quiz.get("questions", []), quiz.get("draw", 10)
        assert quiz_problems(bank=bank, purpose=quiz["purpose"], question_codes=codes, draw=draw) == []


# --- One question ---------------------------------------------------------------------------------------------------


@pytest.fixture
def bank():
    return bank_with_questions(12)


@pytest.mark.parametrize(
    ("change", "version"),
    [
        ({}, 1),
        ({"text": "Khác?"}, 2),
        ({"explanation": "Khác."}, 2),
        ({"options": [*options()[:3], {"text": "Năm"}]}, 2),
        ({"difficulty": 3}, 1),
        ({"in_final": False}, 1),
        ({"is_active": False}, 1),
    ],
)
def test_version_grows_with_what_learners_read(bank, change, version):
    same = {"kind": "single", "text": "Câu hỏi số 1?", "options": options(), "explanation": "Giải thích câu 1."}
    content = {name: value for name, value in (same | change).items() if name in CONTENT_FIELDS}
    steering = {name: value for name, value in change.items() if name not in CONTENT_FIELDS}
    question, created = question_save(bank=bank, code="q01", content=content, **steering)
    assert (created, question.version) == (False, version)
    question.refresh_from_db()
    for name, value in change.items():
        if name != "options":
            assert getattr(question, name) == value


def test_an_option_keeps_its_key_when_another_goes(bank):
    kept = [o for o in options() if o["key"] != "b"]
    question, _ = question_save(
        bank=bank, code="q01", content={"kind": "single", "text": "Mới?", "options": [*kept, {"text": "Năm"}]}
    )
    assert [(o["key"], o["text"]) for o in question.options] == [("a", "Một"), ("c", "Ba"), ("d", "Bốn"), ("b", "Năm")]


def test_a_wrong_question_is_refused_with_its_problems(bank):
    with pytest.raises(Refusal) as refused:
        question_save(bank=bank, code="moi", content={"kind": "single", "text": "", "options": []})
    assert refused.value.code == "wrong_question"
    assert [field for field, _ in refused.value.detail["problems"]] == ["text", "options"]
    assert not Question.objects.filter(code="moi").exists()


# --- The quiz of a step ---------------------------------------------------------------------------------------------


@pytest.fixture
def step():
    return StepFactory(kind=StepKind.QUIZ, title="Bài cuối")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ""),
        ({"draw": 12}, ""),
        ({"draw": 13}, "chỉ có 12 câu hỏi"),
        ({"draw": 0}, "từ 1 trở lên"),
        ({"question_codes": ["q01", "q02"]}, ""),
        ({"question_codes": ["q01", "khong-co"]}, "khong-co"),
        ({"question_codes": ["q01", "q01"]}, "hai lần"),
        ({"bank": None}, "Chưa chọn ngân hàng"),
    ],
)
def test_problems_shown_before_publishing(bank, fields, words):
    problems = quiz_problems(**({"bank": bank, "purpose": Purpose.FINAL, "draw": 10} | fields))
    assert bool(problems) == bool(words)
    assert words in " ".join(problems)


def test_questions_out_of_use_or_kept_for_checks_do_not_count(bank):
    bank.questions.filter(code="q01").update(is_active=False)
    bank.questions.filter(code="q02").update(in_final=False)
    assert quiz_problems(bank=bank, purpose=Purpose.FINAL, draw=10) == []
    assert quiz_problems(bank=bank, purpose=Purpose.FINAL, draw=11)
    assert quiz_problems(bank=bank, purpose=Purpose.CHECK, draw=11) == []
    assert quiz_problems(bank=bank, purpose=Purpose.CHECK, question_codes=["q01"])


def test_quiz_save_creates_then_updates(bank, step):
    quiz, created = quiz_save(step=step, bank=bank, draw=10, attempts_allowed=5, time_limit_minutes=20)
    assert created
    again, created = quiz_save(step=step, bank=bank, draw=8)
    assert (again.pk, created, again.draw, again.attempts_allowed) == (quiz.pk, False, 8, None)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"draw": 99}, "no_questions"),
        ({"pass_percent": 101}, "wrong_setting"),
        ({"pass_percent": -1}, "wrong_setting"),
        ({"attempts_allowed": 0}, "wrong_setting"),
        ({"time_limit_minutes": 0}, "wrong_setting"),
    ],
)
def test_quiz_save_refuses_with_the_reason(bank, step, fields, code):
    with pytest.raises(Refusal) as refused:
        quiz_save(step=step, bank=bank, **fields)
    assert refused.value.code == code
    assert refused.value.fix
    assert not Quiz.objects.exists()


def test_an_empty_bank_is_refused_and_the_reasons_listed(step):
    empty = Bank.objects.create(slug="trong", name="Trống")
    with pytest.raises(Refusal) as refused:
        quiz_save(step=step, bank=empty)
    assert refused.value.code == "no_questions"
    assert refused.value.detail["problems"] == quiz_problems(bank=empty, purpose=Purpose.FINAL, draw=10)


def test_a_lesson_has_no_quiz(bank):
    with pytest.raises(Refusal) as refused:
        quiz_save(step=StepFactory(kind=StepKind.LESSON), bank=bank)
    assert refused.value.code == "not_a_quiz"


def test_entries_are_not_changed_by_loading(topic):
    made = entry()
    before = copy.deepcopy(made)
    load(made)
    assert made == before
