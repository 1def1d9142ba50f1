"""Everything about a quiz: as its page keeps it, as it is published, copied, written into a file and read again."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import yaml
from django.core.exceptions import ValidationError
from django.urls import reverse

from cms.blocks.quizzes import section_dict, section_stored
from cms.courseyaml import Entry
from cms.models import QuizPage
from cms.outline.copying import course_copy
from cms.quizyaml import bank_entry, quiz_entry, quiz_values
from common.errors import DataError
from people.models import Role
from quizzes.models import Bank, Question, Quiz
from quizzes.services import bank_load, question_label
from tests.conftest import _member
from tests.factories import cms as make

SETTINGS = {
    "wait_minutes": 30,
    "opens_at": datetime(2026, 12, 1, 1, tzinfo=UTC),
    "closes_at": datetime(2026, 12, 31, 1, tzinfo=UTC),
    "mode": "mastery",
    "mastery_needed": 3,
    "mastery_of": 6,
    "scoring": "average",
    "paging": "all",
    "may_go_back": False,
    "shuffle_questions": True,
    "shuffle_options": False,
    "attempts_allowed": 3,
    "time_limit_minutes": 25,
    "pass_percent": 65,
}
REVIEW = {"review_score": "settled", "review_answers": "closed", "review_key": "never"}


def sections(bank, **fields):
    one = {"title": "Phần chung", "codes": ["c1", "c2"]}
    two = {"title": "Phần khó", "bank": bank.slug, "draw": 2, "difficulty": [2, 3], "pass_percent": 50, **fields}
    return [section_stored(one, {}), section_stored(two, {bank.slug: bank.pk})]


@pytest.fixture
def quiz(db):
    """A published quiz with everything set otherwise than usual."""
    hard = make.bank(4, "kho")
    Question.objects.filter(bank=hard).update(difficulty=3)
    course = make.course("khoa")
    return make.quiz(course, bank=make.bank(5), sections=sections(hard), **SETTINGS, **REVIEW)


def test_everything_is_published(quiz):
    carried = Quiz.objects.get()
    assert {name: getattr(carried, name) for name in SETTINGS} == SETTINGS
    assert carried.review == {"score": "settled", "answers": "closed", "key": "never"}
    assert carried.sections == quiz.quiz_sections
    assert carried.sections[1] == {
        "title": "Phần khó", "bank": "kho", "codes": [], "draw": 2, "tags": [], "topic": None,
        "difficulty": [2, 3], "pass_percent": 50,
    }  # fmt: skip
    assert quiz.size == carried.question_count == 4


def test_a_plain_quiz_says_nothing_beyond_the_usual(db):
    page = make.quiz(make.course(), bank=make.bank(12))
    assert page.quiz_settings["review"] == {}
    assert quiz_entry(page) == {"kind": "quiz", "slug": "cuoi-khoa", "title": page.title, "purpose": "final"}


def test_a_copied_course_keeps_everything(quiz, editor):
    copied = course_copy(course_page=quiz.get_parent().specific, title="Bản sao", code="SAO", actor=editor)
    page = QuizPage.objects.child_of(copied).get()
    assert (page.quiz_sections, page.quiz_settings) == (quiz.quiz_sections, quiz.quiz_settings)


def test_written_out_and_read_again_it_is_the_same_quiz(quiz):
    text = yaml.safe_dump(quiz_entry(quiz), allow_unicode=True)
    values = quiz_values(Entry("course.yaml", yaml.safe_load(text), "phần", 1))
    assert values.pop("sections") == quiz.quiz_sections
    for name, value in values.items():
        assert getattr(quiz, name) == value, name


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"mastery": "5/4"}, "mastery"),
        ({"mode": "lạ"}, "mode"),
        ({"opens": "mai"}, "opens"),
        ({"opens": "2026-13-45 00:00"}, "opens"),
        ({"review": {"score": "lạ"}}, "review"),
        ({"review": {"lạ": "always"}}, "review"),
        ({"review": {"score": ["always"]}}, "review"),
        ({"review": "always"}, "review"),
        ({"paging": "lạ"}, "paging"),
        ({"back": "có"}, "back"),
        ({"wait": -1}, "wait"),
        ({"sections": [{"title": "A"}]}, "draw"),
        ({"sections": [{"title": "A", "draw": 2, "questions": ["c1"]}]}, "draw"),
        ({"sections": [{"draw": 2}]}, "title"),
        ({"sections": [{"title": "A", "draw": 2, "difficulty": [4]}]}, "difficulty"),
        ({"sections": [{"title": "A", "draw": 2, "lạ": 1}]}, "lạ"),
        ({"sections": "A"}, "sections"),
    ],
)
def test_what_a_file_says_wrongly_is_named(said, field):
    with pytest.raises(DataError) as error:
        quiz_values(Entry("course.yaml", {"purpose": "final", **said}, "phần", 1))
    assert error.value.field == field


def test_a_bank_written_out_and_loaded_again_changes_nothing(db):
    bank = make.bank(3)
    question_label(question=bank.questions.get(code="c1"), tags=["Nhãn một"])
    Question.objects.filter(code="c2").update(difficulty=2, in_final=False)
    bank_load(slug=bank.slug, name=bank.name, entries=[bank_entry(q) for q in bank.questions.all()])
    report = bank_load(slug=bank.slug, name=bank.name, entries=[bank_entry(q) for q in bank.questions.all()])
    assert (report.created, report.updated, report.unchanged) == (0, 0, 3)
    assert [tag.name for tag in bank.questions.get(code="c1").tags.all()] == ["Nhãn một"]


# --- What keeps it from being asked ---------------------------------------------------------------------------------
def test_checks_name_the_section(quiz):
    hard = Bank.objects.get(slug="kho")
    quiz.sections = sections(hard, draw=9)
    assert [problem[:8] for problem in quiz.problems()] == ["Phần 2: "]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"closes_at": SETTINGS["opens_at"]}, "closes_at"),
        ({"mastery_needed": 7}, "mastery_needed"),
    ],
)
def test_settings_that_cannot_be_are_told_beside_their_field(quiz, fields, field):
    for name, value in fields.items():
        setattr(quiz, name, value)
    with pytest.raises(ValidationError) as error:
        quiz.full_clean()
    assert field in error.value.message_dict


def test_sections_of_a_stored_page_are_those_of_a_quiz():
    bank = SimpleNamespace(slug="kho")
    value = {"title": " A ", "bank": bank, "codes": " c1 \n\nc2", "draw": 5, "difficulty": ["2"], "tags": ["x"]}
    made = section_dict(value)
    assert (made["title"], made["bank"], made["codes"], made["draw"]) == ("A", "kho", ["c1", "c2"], 0)


# --- The form -------------------------------------------------------------------------------------------------------
def test_the_page_leads_to_its_bank_and_offers_only_readable_ones(client, province, editor, quiz):
    Bank.objects.create(slug="kin", name="Ngân hàng kín", owner=province.north)
    client.force_login(editor)
    page = client.get(reverse("wagtailadmin_pages:edit", args=[quiz.pk])).content.decode()
    assert "Mở ngân hàng câu hỏi" in page
    assert reverse("ngan_hang:bank", args=[quiz.bank_id]) in page
    assert "Thiết lập thêm" in page
    assert "Ngân hàng kín" not in page


@pytest.mark.parametrize(("who", "sees"), [("north", True), ("south", False)])
def test_the_window_of_banks_shows_what_may_be_used(client, province, who, sees):
    Bank.objects.create(slug="cua-bac", name="Ngân hàng phía Bắc", owner=province.north)
    client.force_login(_member(getattr(province, who), province.staff, Role.EDITOR, "Lê Thị Chủ"))
    shown = client.get(reverse("chon_ngan_hang:choose_results"), {"q": "phia bac"}).content.decode()
    assert ("Ngân hàng phía Bắc" in shown) == sees
