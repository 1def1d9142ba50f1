"""Those who teach look at a quiz: figures, a wrong key mended and scored anew, a free text, a dispute."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from courses.models import Enrolment
from people.models import Audience, Membership, Role, Unit, User
from quizzes.models import AttemptEvent, Question
from quizzes.services import attempt_start, attempt_submit, question_save
from quizzes.services.measuring import statistics_rebuild
from tests.factories.courses import course_with_steps
from tests.factories.quizzes import bank_with_questions, quiz_of, right_answers, wrong_answers
from tests.journeys import people
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_every_page import complaints

pytestmark = pytest.mark.sweep

HERE = "/quan-ly/giang-day/"
RUBRIC = [{"title": "Nội dung", "levels": [{"text": "Còn thiếu", "points": 0}, {"text": "Đầy đủ", "points": 2}]}]


@pytest.fixture
def taught(house):
    """A quiz that a hundred and twenty people of the instructor's commune did; its first question has a wrong key."""
    rng, at = Random(11), timezone.now() - timedelta(days=40)
    course = course_with_steps(lessons=1, title="An toàn trên mạng", is_published=False)
    quiz = quiz_of(course, bank=bank_with_questions(6), question_codes=[f"q{n:02d}" for n in range(1, 7)])
    unit, audience = Unit.objects.get(code="07210", valid_to=None), Audience.objects.order_by("pk")[0]
    users = User.objects.bulk_create(
        User(full_name=f"Lò Thị Ước {n}", sort_key=f"uoc {n:03d}", search_key=f"lo thi uoc {n}", password="!")
        for n in range(120)
    )
    Membership.objects.bulk_create(
        Membership(user=user, unit=unit, audience=audience, role=Role.LEARNER, valid_from=at.date()) for user in users
    )
    attempts = []
    for n, user in enumerate(users):
        begun = at + timedelta(days=n % 35)
        enrolment = Enrolment.objects.create(user=user, course=course, started_at=begun, last_seen_at=begun)
        attempt, _ = attempt_start(quiz=quiz, enrolment=enrolment, at=begun, rng=rng)
        right = rng.randint(0, 5)
        answers = wrong_answers(attempt) | dict(rng.sample(sorted(right_answers(attempt).items())[1:], right))
        answers[1] = ["b"] if right > 2 else [rng.choice("acd")]
        attempts.append(
            attempt_submit(attempt=attempt, answers=answers, idempotency_key=uuid4(), at=begun + timedelta(minutes=9))
        )
    statistics_rebuild(quiz=quiz)
    return SimpleNamespace(quiz=quiz, attempts=attempts, question=Question.objects.get(bank=quiz.bank, code="q01"))


@pytest.fixture
def written(house, taught):
    """A free text of one of them that waits."""
    bank = bank_with_questions(1)
    question_save(bank=bank, code="e1", content={"kind": "essay", "text": "Hãy kể một lần bạn nộp hồ sơ trên mạng.",
                                                 "settings": {"rubric": RUBRIC}})  # fmt: skip
    quiz = quiz_of(taught.quiz.step.course, bank=bank, question_codes=["e1"])
    at = timezone.now() - timedelta(hours=3)
    attempt, _ = attempt_start(quiz=quiz, enrolment=taught.attempts[0].enrolment, at=at)
    return attempt_submit(
        attempt=attempt,
        answers={1: "Tôi nộp hồ sơ khai sinh.\nBa ngày sau có kết quả."},
        idempotency_key=uuid4(),
        at=at,
    )


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
def test_who_teaches_looks_mends_and_grades(taught, written, visit, snapshot, size):
    step, question, wrong = taught.quiz.step.uuid, taught.question, {}
    learner = taught.attempts[0].enrolment.user
    pages = {
        "bai-kiem-tra": f"{HERE}kiem-tra/",
        "so-lieu": f"{HERE}kiem-tra/{step}/",
        "cau": f"{HERE}kiem-tra/{step}/cau/{question.uuid}/",
        "cham-lai": f"{HERE}kiem-tra/cau/{question.uuid}/cham-lai/",
        "nguoi-lam": f"{HERE}kiem-tra/{step}/nguoi-lam/",
        "mot-nguoi": f"{HERE}kiem-tra/{step}/nguoi-lam/{learner.uuid}/",
        "bai-lam": f"{HERE}bai-lam/{taught.attempts[5].uuid}/",
        "tu-luan": f"{HERE}kiem-tra/tu-luan/",
        "cham-tu-luan": f"{HERE}kiem-tra/tu-luan/{written.uuid}/1/",
    }
    options = [{**o, "correct": o["key"] == "b"} for o in question.options]
    question_save(bank=question.bank, code=question.code, content=question.content | {"options": options})
    page = visit(size=size)
    people.sign_in(page, "chutri")
    for name, address in pages.items():
        if found := complaints(page, address):
            wrong[name] = found
        snapshot(page, f"so-lieu-{name}", (size,))
    assert wrong == {}
    # The wrong key stands on top; it is mended, and everybody who was right all along is scored anew.
    page.goto(pages["so-lieu"])
    expect(page.get_by_role("heading", name="Câu cần xem lại")).to_be_visible()
    expect(page.get_by_text("Có thể đáp án sai").first).to_be_visible()
    page.goto(pages["cham-lai"])
    page.get_by_label("Lý do chấm lại").fill("Đáp án đúng là Hai, không phải Một")
    page.get_by_role("button", name="Chấm lại câu này").click()
    page.wait_for_url(lambda url: "/cau/" in url and "cham-lai" not in url)
    expect(page.get_by_text("Đáp án đúng là Hai, không phải Một")).to_be_visible()
    assert AttemptEvent.objects.filter(kind="regraded", attempt__quiz=taught.quiz).exists()
    # A free text is graded.
    page.goto(pages["cham-tu-luan"])
    page.get_by_label("Nội dung").select_option(label="Đầy đủ (2 điểm)")
    page.get_by_label("Nhận xét cho người học").fill("Rõ ràng, đủ ý.")
    page.get_by_role("button", name="Chấm câu này").click()
    expect(page.get_by_text("Người học được báo ngay")).to_be_visible()
    # More time is given.
    page.goto(pages["mot-nguoi"])
    page.get_by_label("Thêm số phút").fill("15")
    page.get_by_label("Lý do").fill("Mất mạng lúc làm bài")
    page.get_by_role("button", name="Cho thêm").click()
    expect(page.get_by_text("đã cho thêm 15 phút").first).to_be_visible()
    snapshot(page, "so-lieu-da-cho-them", (size,))
