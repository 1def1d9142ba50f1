"""Content that is to be looked over: the report, the first page, the letter; and the guide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cms.models import LessonPage
from cms.reviews import due_reviews
from cms.services import owners_tell
from people.models import Notice
from people.querysets import today
from tests.factories import cms as make


@pytest.fixture
def due(province, editor, lead):
    """Four lessons: overdue, due in ten days, due in a year, without a day; the first two the editor's."""
    course = make.course_draft()
    days = {"qua-han": -1, "sap-den": 10, "con-lau": 365, "khong-ngay": None}
    for slug, days_left in days.items():
        owner = editor if slug in ("qua-han", "sap-den") else lead
        when = None if days_left is None else today() + timedelta(days=days_left)
        make.lesson(course, slug, review_on=when, content_owner=owner)
    return course


@pytest.mark.parametrize(
    ("within", "mine", "found"),
    [
        ("qua-han", False, ["Bài qua-han"]),
        ("30-ngay", False, ["Bài qua-han", "Bài sap-den"]),
        ("30-ngay", True, ["Bài qua-han", "Bài sap-den"]),
        ("khong-ngay", False, ["Bài khong-ngay"]),
        ("khong-ngay", True, []),
        ("sai", False, ["Bài qua-han", "Bài sap-den"]),
    ],
)
def test_the_report_is_narrowed_by_day_and_owner(client, due, editor, within, mine, found):
    client.force_login(editor)
    query = {"han": within} | ({"cua": "toi"} if mine else {})
    response = client.get(reverse("cms_reviews"), query)
    assert [row.page.title for row in response.context["rows"]] == found
    table = client.get(reverse("cms_reviews"), {**query, "dang": "csv"})
    assert table["Content-Type"].startswith("text/csv")
    lines = table.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(found)
    assert all(title in "".join(lines) for title in found)


@pytest.mark.parametrize("name", ["cms_reviews", "cms_guide"])
@pytest.mark.parametrize(("who", "status"), [("editor", 200), ("learner", 403), ("coordinator", 403)])
def test_only_editors_open_these_pages(client, request, province, name, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(name)).status_code == status


@pytest.mark.parametrize("lessons", [3, 12])
def test_the_report_costs_the_same_for_many_pages(province, editor, lessons, django_assert_max_num_queries):
    course = make.course_draft()
    for number in range(lessons):
        make.lesson(course, f"bai-{number}", review_on=today(), content_owner=editor)
    with django_assert_max_num_queries(4):
        rows = due_reviews(within="30-ngay")
        assert [row.owner.full_name for row in rows] == [editor.full_name] * lessons


def test_drafts_are_not_due(due):
    LessonPage.objects.get(slug="qua-han").unpublish()
    assert [row.page.slug for row in due_reviews(within="30-ngay")] == ["sap-den"]


def test_an_owner_hears_once_and_again_when_another_page_is_due(due, editor):
    assert owners_tell() == 1
    notice = Notice.objects.get()
    assert notice.user == editor
    assert "«Bài qua-han»" in notice.body
    assert "sap-den" not in notice.body
    assert owners_tell() == 0
    make.lesson(due, "moi-den", review_on=today(), content_owner=editor)
    assert owners_tell() == 1
    assert owners_tell() == 0


def test_the_first_page_says_where_to_begin_and_what_waits(client, due, editor):
    make.lesson(due, "dang-viet", live=False).save_revision(user=editor)
    client.force_login(editor)
    page = client.get("/cms/").content.decode()
    for words in ("Bắt đầu", "Tạo khoá học mới", "Việc của bạn", "Bài dang-viet", "Bài qua-han", "quá hạn"):
        assert words in page
    assert reverse("cms_guide") in page


def test_the_guide_is_drawn(client, province, editor):
    client.force_login(editor)
    page = client.get(reverse("cms_guide")).content.decode()
    assert '<h2 id="buoc-1-tao-khoa-hoc-3-phut">Bước 1. Tạo khoá học (3 phút)</h2>' in page
    assert "<strong>Tạo khoá học mới</strong>" in page
    assert "/cms/de-cuong/" in page
    assert "**" not in page.split("cms-guide")[1]
