"""The outline view in the editors' admin, as a person without JavaScript uses it."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import GroupPagePermission

from cms.models import CoursePage, LessonPage, ModulePage, QuizPage
from courses.models import Course
from courses.services import enrolment_start
from people.models import Role
from tests.factories import cms as make
from tests.factories.people import MembershipFactory


@pytest.fixture
def admin(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def course(province):
    page = make.course_draft(title="Khoá thử")
    make.module(page, "mot", title="Phần một")
    make.lesson(page, "bai-1", title="Bài một")
    make.lesson(page, "bai-2", title="Bài hai")
    make.quiz(page, bank=make.bank())
    return make.publish(page)


def _address(page, name="course"):
    return reverse(f"cms_outline:{name}", args=[page.pk])


def _said(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def _form(html):
    """What the browser would send of the outline's form, without any button."""
    form = html[html.index('<form method="post"') :]
    form = form[: form.index("</form>")]
    data = {"token": re.search(r'name="token" value="(\w+)"', form)[1]}
    data["page"] = re.findall(r'name="page" value="(\d+)"', form)
    data["required"] = re.findall(r'name="required" value="(\d+)" checked', form)
    data["required"] += re.findall(r'type="hidden" name="required" value="(\d+)"', form)
    for name, options in re.findall(r'<select name="(rule-\d+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        data[name] = re.search(r'value="(\w+)" selected', options)[1]
    data |= dict(re.findall(r'type="hidden" name="(rule-\d+)" value="(\w+)"', form))
    return data


def _slugs(page):
    return list(page.get_children().order_by("path").values_list("slug", flat=True))


def _text(response):
    return response.content.decode()


@pytest.mark.parametrize("name", ["course", "copy"])
@pytest.mark.parametrize(
    ("who", "status"), [("editor", 200), ("learner", 403), ("coordinator", 403), ("stranger", 403), ("lead", 403)]
)
def test_the_outline_is_for_editors(client, request, course, name, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(_address(course, name)).status_code == status


@pytest.mark.parametrize("name", ["course", "copy", "add"])
def test_nobody_else_posts_there(client, coordinator, course, name):
    client.force_login(coordinator)
    assert client.post(_address(course, name), {"kind": "lesson", "title": "X", "code": "X"}).status_code == 403
    client.logout()
    assert client.post(_address(course, name)).status_code == 302
    assert LessonPage.objects.count() == 2


def test_other_pages_have_no_outline(admin, course):
    assert admin.get(_address(LessonPage.objects.first())).status_code == 404


def test_the_page_shows_what_belongs_to_a_course(admin, course, learner):
    enrolment_start(user=learner, course=Course.objects.get())
    lesson = LessonPage.objects.get(slug="bai-2")
    lesson.title, lesson.required = "Bài hai mới", False
    lesson.save_revision()
    make.lesson(course, "nhap", live=False, title="Bài nháp")
    text = _text(admin.get(_address(course)))
    assert [text.index(word) for word in ("Phần một", "Bài một", "Bài hai mới", "Kiểm tra", "Bài nháp")] == sorted(
        text.index(word) for word in ("Phần một", "Bài một", "Bài hai mới", "Kiểm tra", "Bài nháp")
    )
    assert "1 người đang học và chưa xong" in text
    assert "Bản nháp: thành tự chọn" in text
    assert reverse("wagtailadmin_pages:revisions_compare", args=[lesson.pk, "live", "latest"]) in text
    assert "Bắt buộc: bài cuối khoá" in text
    assert "Đạt từ 80 %" in text


def test_what_the_checks_find_in_the_newest_text_is_counted(admin, course):
    assert "1 lỗi" not in _text(admin.get(_address(course)))
    lesson = LessonPage.objects.get(slug="bai-1")
    lesson.body = "[]"
    lesson.save_revision()
    assert re.search(r"findings--errors[^>]*>\s*1 lỗi", _text(admin.get(_address(course))))
    lesson.body = make.TEXT
    lesson.save_revision()
    assert "1 lỗi" not in _text(admin.get(_address(course)))


def test_ids_above_a_thousand_keep_their_digits(admin, course):
    LessonPage.objects.filter(slug="bai-1").update(title="x")
    page = LessonPage(pk=12345, title="Bài xa", slug="xa", live=False, minutes=5)
    course.refresh_from_db()
    course.add_child(instance=page)
    text = _text(admin.get(_address(course)))
    assert 'value="12345"' in text
    assert "12.345" not in text


def test_an_arrow_rearranges_the_form_and_saves_nothing(admin, course):
    before = _slugs(course)
    data = _form(_text(admin.get(_address(course))))
    quiz = QuizPage.objects.get()
    text = _text(admin.post(_address(course), {**data, "move": f"up:{quiz.pk}"}))
    assert _form(text)["page"] == [data["page"][0], data["page"][1], data["page"][3], data["page"][2]]
    assert re.search(rf'value="up:{quiz.pk}"[^>]*autofocus', text)
    assert "data-changed>" in text
    assert _slugs(course) == before
    # Ticks and rules that were not saved either go along.
    again = _form(text)
    again["required"].remove(str(LessonPage.objects.get(slug="bai-1").pk))
    assert _form(_text(admin.post(_address(course), {**again, "move": f"up:{quiz.pk}"})))["required"] == [
        str(LessonPage.objects.get(slug="bai-2").pk)
    ]


def test_from_the_form_over_the_preview_to_the_new_outline(admin, course, learner):
    enrolment_start(user=learner, course=Course.objects.get())
    data = _form(_text(admin.get(_address(course))))
    data["page"] = [data["page"][0], data["page"][2], data["page"][1], data["page"][3]]
    data["required"] = data["required"][:1]
    preview = _text(admin.post(_address(course), {**data, "preview": "1"}))
    assert "«Bài hai»: " in preview
    assert "thành tự chọn" in preview
    assert re.search(r"Có ít việc hơn</dt><dd>1 người", preview)
    assert _slugs(course)[1] == "bai-1"
    sent = _form(preview)
    assert sent["page"] == data["page"]
    back = _form(_text(admin.post(_address(course), {**sent, "back": "1"})))
    assert (back["page"], back["required"]) == (data["page"], data["required"])
    response = admin.post(_address(course), {**sent, "apply": "1"})
    assert response.url == _address(course)
    assert _slugs(course) == ["mot", "bai-2", "bai-1", "cuoi-khoa"]
    assert Course.objects.get().steps.get(position=1).required is False
    history = _text(admin.get(reverse("wagtailadmin_pages:history", args=[course.pk])))
    assert "Đã sắp xếp đề cương: «Bài" in history


def test_two_editors_at_once(admin, course):
    first = _form(_text(admin.get(_address(course))))
    second = {**first, "page": first["page"][::-1]}
    admin.post(_address(course), {**second, "apply": "1"})
    text = _text(admin.post(_address(course), {**first, "required": [], "apply": "1"}))
    assert "Đề cương đã được thay đổi ở nơi khác" in text
    assert _form(text)["page"] == second["page"]
    assert LessonPage.objects.filter(required=True).count() == 2
    assert "thay đổi ở nơi khác" in _text(admin.post(_address(course), {**first, "move": f"up:{first['page'][1]}"}))


def test_a_refusal_keeps_what_was_arranged(admin, course):
    QuizPage.objects.get().delete()
    data = _form(_text(admin.get(_address(course))))
    response = admin.post(_address(course), {**data, "required": [], "apply": "1"})
    assert "không còn phần bắt buộc nào" in _text(response)
    assert _form(_text(response))["required"] == []
    assert LessonPage.objects.filter(required=True).count() == 2


@pytest.mark.parametrize("junk", [{"page": ["x", "-1", "99999"]}, {"page": []}, {"move": "up:99999"}, {"move": ":"}])
def test_made_up_forms_do_nothing(admin, course, junk):
    data = _form(_text(admin.get(_address(course))))
    before = _slugs(course)
    assert admin.post(_address(course), {**data, **junk, "apply": "1"}).status_code in (200, 302)
    assert _slugs(course) == before


def test_who_may_not_publish_arranges_closed_courses_only(client, province, course, editor):
    GroupPagePermission.objects.filter(permission__codename="publish_page").delete()
    client.force_login(editor)
    text = _text(client.get(_address(course)))
    assert "chưa có quyền sắp xếp" in text
    assert 'name="move"' not in text
    assert client.post(_address(course), {"apply": "1"}).url == "/cms/"  # with Wagtail's word that it is not allowed
    draft = make.course_draft("nhap")
    make.lesson(draft, "bai", live=False)
    assert 'name="move"' in _text(client.get(_address(draft)))


def _queries(admin, page):
    with CaptureQueriesContext(connection) as queries:
        assert admin.get(_address(page)).status_code == 200
    return len(queries)


@pytest.mark.slow
def test_the_outline_costs_the_same_for_three_and_for_thirty(admin, province):
    counts, home = [], make.site().pk
    for size in (3, 30):
        page = make.course_draft(f"khoa-{size}")
        for number in range(size):
            link = f"<p>Đọc <a linktype='page' id='{home}'>danh mục</a> này.</p>"
            body = json.dumps([{"type": "text", "value": link}])
            lesson = make.lesson(page, f"bai-{number}", body=body)
            if number % 2:
                lesson.save_revision()
        make.module(page, "phan")
        make.quiz(page, bank=make.bank(12, f"nh-{size}"))
        make.publish(page)
        _queries(admin, page)
        counts.append(_queries(admin, page))
    assert counts[0] == counts[1] <= 40


# --- Adding ---------------------------------------------------------------------------------------------------------
def test_an_empty_course_says_what_to_do_first(admin, province):
    text = _text(admin.get(_address(make.course_draft())))
    assert "Khoá học chưa có gì. Bắt đầu từ đây:" in text
    assert text.count("<li><strong>Thêm") == 3


def test_a_title_is_enough_to_go_on_writing(admin, course):
    module = ModulePage.objects.get()
    sent = {"kind": "lesson", "title": "Bài ba", "module": module.pk, "write": "1"}
    response = admin.post(_address(course, "add"), sent)
    page = LessonPage.objects.get(title="Bài ba")
    assert response.url == reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert _text(admin.get(response.url)).count("Bài ba") > 0
    assert not page.live
    newest = page.get_latest_revision_as_object()
    assert newest.content_owner is not None
    assert newest.review_on is not None  # so nothing asks for them when the lesson is published


def test_a_skeleton_is_typed_without_leaving_the_outline(admin, province):
    draft = make.course_draft("nhap")
    for number in (1, 2):
        admin.post(_address(draft, "add"), {"kind": "module", "title": f"Phần {number}", "module": "start"})
    first, last = ModulePage.objects.order_by("path")
    response = admin.post(_address(draft, "add"), {"kind": "lesson", "title": "Bài", "module": first.pk})
    assert response.url == f"{_address(draft)}?vao={first.pk}#them"
    text = _text(admin.get(response.url))
    assert f'value="{first.pk}" selected' in text
    assert "autofocus" in text
    assert f'value="{last.pk}" selected' in _text(admin.get(_address(draft)))
    assert "selected" in _text(admin.get(f"{_address(draft)}?vao=khong-co"))


@pytest.mark.parametrize(
    ("sent", "told"),
    [({"title": " "}, "Hãy nhập tên."), ({"title": "x" * 201}, "không quá 200"), ({"module": "1"}, "")],
)
def test_a_wrong_addition_is_told(admin, course, sent, told):
    response = admin.post(_address(course, "add"), {"kind": "lesson", "title": "Bài", "module": "start", **sent})
    assert told in _said(response)
    assert response.url == _address(course)
    assert LessonPage.objects.count() == 2


# --- The ways there -------------------------------------------------------------------------------------------------
def test_the_menu_lists_courses_with_their_state(admin, course, learner, province):
    enrolment_start(user=learner, course=Course.objects.get())
    make.course_draft("nhap", title="Khoá nháp")
    text = _text(admin.get(reverse("cms_outline:index")))
    assert text.index("Khoá nháp") < text.index("Khoá thử")
    assert "Đang xuất bản" in text
    assert _text(admin.get(reverse("cms_outline:index"), {"q": "khoa-thu"})).count(_address(course)) >= 1
    assert "Không có khoá học nào" in _text(admin.get(reverse("cms_outline:index"), {"q": "không có"}))
    assert reverse("cms_outline:index") in _text(admin.get("/cms/"))


@pytest.mark.slow
def test_the_list_costs_the_same_for_one_and_for_many_courses(admin, province):
    make.course_draft("khoa-0")
    address = reverse("cms_outline:index")
    counts = []
    for more in ((), range(1, 12)):
        for number in more:
            make.course_draft(f"khoa-{number}")
        admin.get(address)
        with CaptureQueriesContext(connection) as queries:
            admin.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("model", [CoursePage, LessonPage, QuizPage, ModulePage])
def test_every_page_of_a_course_leads_to_its_outline(admin, course, model):
    page = model.objects.first()
    assert _address(course) in _text(admin.get(reverse("wagtailadmin_pages:edit", args=[page.pk])))


def test_the_explorer_leads_there_too(admin, course):
    assert _address(course) in _text(admin.get(reverse("wagtailadmin_explore", args=[course.pk])))
    assert _address(course) in _text(admin.get(reverse("wagtailadmin_explore", args=[course.get_parent().pk])))


def test_an_editor_whose_office_is_over_is_turned_away(client, course, province):
    gone = MembershipFactory(unit=province.department, audience=province.staff, role=Role.EDITOR)
    client.force_login(gone.user)
    gone.delete()
    assert client.get(_address(course)).status_code == 403
