"""From the editors' admin to the figures of quizzes and questions, for those who may see them."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.models import Role
from quizzes.models import Question, Quiz
from quizzes.services import attempt_submit
from tests.conftest import _member
from tests.factories import cms as make
from tests.factories.quizzes import attempt_of, right_answers

pytestmark = pytest.mark.django_db
CODES = "c1\nc2\nc3"


def done(quiz, user):
    attempt = attempt_of(quiz, user)
    attempt_submit(attempt=attempt, answers=right_answers(attempt), idempotency_key=uuid4(), at=attempt.started_at)


@pytest.fixture
def world(province, learner):
    """A published quiz whose three questions a learner answered, a draft, and an editor of the province."""
    course = make.course()
    page = make.quiz(course, bank=make.bank(4), question_codes=CODES)
    draft = make.quiz(course, "nhap", bank=page.bank, live=False)
    editor = _member(province.root, province.staff, Role.EDITOR, "Vũ Thị Tỉnh")
    quiz = Quiz.objects.get()
    done(quiz, learner)
    asked = Question.objects.get(code="c1")
    return SimpleNamespace(course=course, page=page, draft=draft, editor=editor, quiz=quiz, asked=asked)


def opened(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def edits(page):
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def test_the_editor_of_a_quiz_leads_to_its_figures(client, world):
    client.force_login(world.editor)
    figures = reverse("insight:quiz", args=[world.quiz.step.uuid])
    assert figures in opened(client, edits(world.page))
    assert opened(client, figures)


def test_a_draft_and_a_course_lead_to_no_figures(client, world):
    client.force_login(world.editor)
    for page in (world.draft, world.course):
        assert "/giang-day/kiem-tra/" not in opened(client, edits(page))


def test_a_question_leads_to_its_figures(client, world):
    client.force_login(world.editor)
    way = reverse("cau_hoi:figures", args=[world.asked.pk])
    assert way in opened(client, reverse("cau_hoi:edit", args=[world.asked.pk]))
    assert way in opened(client, reverse("cau_hoi:preview", args=[world.asked.pk]))
    figures = reverse("insight:question", args=[world.quiz.step.uuid, world.asked.uuid])
    assert client.get(way)["Location"] == figures
    assert opened(client, figures)


def test_the_list_leads_there_where_somebody_answered(client, world):
    client.force_login(world.editor)
    shown = opened(client, reverse("cau_hoi:index"))
    never = Question.objects.get(code="c4")
    assert reverse("cau_hoi:figures", args=[world.asked.pk]) in shown
    assert reverse("cau_hoi:figures", args=[never.pk]) not in shown
    assert "chưa ai làm" in shown


def test_a_question_of_several_quizzes_names_them(client, world, stranger):
    make.quiz(world.course, "hai", bank=world.page.bank, question_codes=CODES, title="Bài thứ hai")
    done(Quiz.objects.exclude(pk=world.quiz.pk).get(), stranger)
    client.force_login(world.editor)
    way = client.get(reverse("cau_hoi:figures", args=[world.asked.pk]))["Location"]
    shown = opened(client, way.partition("#")[0])
    assert way.endswith("#so-lieu")
    for quiz in Quiz.objects.all():
        assert reverse("insight:question", args=[quiz.step.uuid, world.asked.uuid]) in shown


def test_whoever_may_not_see_figures_is_shown_no_way_to_them(client, world, django_user_model):
    """A superuser without an office enters ``/cms/``; figures belong to offices."""
    keeper = django_user_model.objects.create_superuser(email="keeper@example.org", password=None, full_name="Quản Trị")
    client.force_login(keeper)
    assert "/giang-day/kiem-tra/" not in opened(client, edits(world.page))
    assert "so-lieu" not in opened(client, reverse("cau_hoi:index"))
    assert "so-lieu" not in opened(client, reverse("cau_hoi:edit", args=[world.asked.pk]))
    usage = reverse("cau_hoi:usage", args=[world.asked.pk])
    assert client.get(reverse("cau_hoi:figures", args=[world.asked.pk]))["Location"].startswith(usage)
    assert "so-lieu" not in opened(client, usage)


def test_figures_of_a_bank_of_others_stay_theirs(client, world, province):
    world.page.bank.owner = province.north
    world.page.bank.save()
    client.force_login(_member(province.south, province.staff, Role.EDITOR, "Phạm Văn Bạn"))
    assert client.get(reverse("cau_hoi:figures", args=[world.asked.pk])).status_code == 403


def test_the_list_costs_the_same_at_any_size(client, world):
    client.force_login(world.editor)
    opened(client, reverse("cau_hoi:index"))
    asked = []
    for size in (1, 30):
        make.bank(size, f"bang-{size}")
        with CaptureQueriesContext(connection) as queries:
            opened(client, reverse("cau_hoi:index"))
        asked.append(len(queries))
    assert asked[0] == asked[1]
