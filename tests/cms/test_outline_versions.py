"""Versions of a page side by side, and two editors on one page."""

from __future__ import annotations

import json
import re

import pytest
from django.urls import reverse

from cms.models import CoursePage, LessonPage, ModulePage, QuizPage
from cms.outline.reading import outline_state
from cms.outline.rules import Line
from cms.outline.services import outline_arrange
from people.models import Role
from tests.factories import cms as make
from tests.factories.people import MembershipFactory, UserFactory
from tests.proof import with_second_step


@pytest.fixture
def admin(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def course(province):
    page = make.course_draft()
    make.module(page, "mot")
    make.lesson(page, "bai-1")
    make.quiz(page, bank=make.bank())
    return make.publish(page)


def _compared(admin, page):
    """The fields that the comparison of a page's live version with its draft shows, by name, as HTML."""
    address = reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, "live", "latest"])
    text = admin.get(address).content.decode()
    rows = re.findall(r'title-wrapper">([^<]*):</div>\s*</td>\s*<td[^>]*>(.*?)</td>', text, re.DOTALL)
    assert "Thay đổi" in text
    return dict(rows)


def _body(text):
    return json.dumps([{"type": "text", "value": f"<p>{text}</p>", "id": "6f1f6a1e-6d0d-4a53-9a45-0c6f2d1f9b11"}])


def test_a_lesson_shows_the_changed_paragraph_and_the_changed_tick(admin, course):
    lesson = LessonPage.objects.get()
    lesson.body = _body("Mở Cổng Dịch vụ công.")
    make.publish(lesson)
    lesson = LessonPage.objects.get()
    lesson.body, lesson.required = _body("Mở ứng dụng VNeID."), False
    lesson.save_revision()
    found = _compared(admin, lesson)
    assert set(found) == {"Nội dung", "Bắt buộc để hoàn thành khoá học"}
    assert re.search(r'class="deletion">Cổng', found["Nội dung"])
    assert re.search(r'class="addition">ứng', found["Nội dung"])
    assert re.search(r"deletion.*(True|Có|Đúng).*addition.*(False|Không|Sai)", found["Bắt buộc để hoàn thành khoá học"])


def test_what_the_outline_changed_is_no_difference_between_live_and_draft(admin, course, editor):
    lesson = LessonPage.objects.get()
    lesson.summary = "Viết dở"
    lesson.save_revision()
    state = outline_state(course)
    lines = tuple(Line(line.page, False, "opened") if line.rule else line for line in state.arrangement)
    outline_arrange(course_page=course, arrangement=lines, token=state.token, actor=editor)
    assert set(_compared(admin, lesson)) == {"Tóm tắt"}


@pytest.mark.parametrize(
    ("model", "values", "fields"),
    [
        (CoursePage, {"summary": "Khác.", "valid_months": 12}, {"Học xong làm được gì", "Kết quả có giá trị (tháng)"}),
        (ModulePage, {"title": "Phần khác"}, {"Tiêu đề"}),
        (QuizPage, {"pass_percent": 60, "draw": 11}, {"Đạt từ (%)", "Số câu rút ngẫu nhiên"}),
    ],
)
def test_courses_modules_and_quizzes_compare_too(admin, course, model, values, fields):
    page = model.objects.get()
    for name, value in values.items():
        setattr(page, name, value)
    page.save_revision()
    assert set(_compared(admin, page)) == fields


@pytest.fixture
def second(province):
    """Another editor."""
    user = MembershipFactory(
        user=UserFactory(full_name="Ngô Văn Bình"), unit=province.department, audience=province.staff, role=Role.EDITOR
    ).user
    return with_second_step(user)


def _ping(client, page, **sent):
    """What the editor's page asks every few seconds, with the form's own addresses."""
    text = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    address = re.search(r"/cms/editing-sessions/ping/[^\"]+", text)[0]
    loaded = re.search(r'name="loaded_revision_id" value="(\d+)"', text)
    return lambda: client.post(address, {"revision_id": loaded[1], **sent} if loaded else sent).json()


def test_the_second_editor_is_warned_in_vietnamese(client, course, editor, second):
    lesson = LessonPage.objects.get()
    client.force_login(editor)
    _ping(client, lesson, is_editing="1")()
    other = type(client)()
    other.force_login(second)
    ask = _ping(other, lesson)
    assert "Đặng Thuỳ Dương có thay đổi chưa lưu" in ask()["html"]
    lesson.save_revision(user=editor)
    told = ask()["html"]
    assert "Đặng Thuỳ Dương đã lưu một phiên bản mới" in told
    assert "Nếu tiếp tục, thay đổi của Đặng Thuỳ Dương sẽ bị ghi đè." in told
    assert "Xem phiên bản mới nhất" in told
    assert not re.search(r"saved a new version|Proceeding|unsaved changes|View latest", told)


def test_the_question_before_overwriting_is_vietnamese(admin, course):
    text = admin.get(reverse("wagtailadmin_pages:edit", args=[LessonPage.objects.get().pk])).content.decode()
    dialog = text[text.index("w-save-confirmation-dialog") :][:4000]
    assert re.search(r">\s*Tiếp tục\s*<", dialog)
    assert not re.search(r"network error|Troubleshoot|Continue|View latest", dialog)
