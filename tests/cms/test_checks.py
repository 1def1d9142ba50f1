"""The gate before publishing: at the forms, and for everything that publishes without them."""

from __future__ import annotations

import json

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.models import Page

from cms.checks import gate
from cms.checks.gate import PublishRefused, errors_of, findings_of
from cms.models import CoursePage, LessonPage, LinkCheck, StandardPage
from courses.models import Course
from courses.services import enrolment_start
from people.querysets import today
from tests.factories import cms as make

pytestmark = pytest.mark.anywhere

SKIPS = json.dumps([{"type": "text", "value": "<h3>Mục</h3><p>Nội dung.</p>"}])


def _rich(html):
    return json.dumps([{"type": "text", "value": html}])


@pytest.fixture
def admin(client, editor):
    client.force_login(editor)
    return client


def _said(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def _codes(page):
    return {finding.code for finding in findings_of(page)}


def _publish_in_form(admin, lesson, **fields):
    """Publish a lesson through its own form, with the values it has."""
    data = {
        "title": lesson.title, "slug": lesson.slug, "seo_title": "", "search_description": "", "minutes": 1,
        "summary": "Bài này giúp thử.", "required": "on", "rule": "marked", "min_minutes": "", "task": "",
        "content_owner": admin.session["_auth_user_id"], "review_on": f"{today():%Y-%m-%d}",
        "narrations-TOTAL_FORMS": 0, "narrations-INITIAL_FORMS": 0, "narrations-MAX_NUM_FORMS": 1000,
        "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0, "comments-MAX_NUM_FORMS": 1000,
        "body-count": 1, "body-0-type": "text", "body-0-order": 0, "body-0-deleted": "", "body-0-id": "",
        "body-0-value": json.dumps({"blocks": [{"key": "a", "text": "Nội dung.", "type": "unstyled", "depth": 0,
                                                "inlineStyleRanges": [], "entityRanges": []}], "entityMap": {}}),
        "action-publish": "1", **fields,
    }  # fmt: skip
    return admin.post(reverse("wagtailadmin_pages:edit", args=[lesson.pk]), data)


def test_a_sound_page_is_published_at_once(admin, province):
    lesson = make.lesson(make.course_draft(), "bai-1", live=False)
    response = _publish_in_form(admin, lesson)
    assert "/truoc-khi-xuat-ban/" not in response.url
    assert LessonPage.objects.get().live


def test_warnings_are_asked_about_first_and_nothing_written_is_lost(admin, province):
    lesson = make.lesson(make.course_draft(), "bai-1", live=False)
    response = _publish_in_form(admin, lesson, summary="", title="Tên mới")
    assert response.url == reverse("cms_checks:confirm", args=[lesson.pk])
    page = LessonPage.objects.get()
    assert not page.live
    assert page.get_latest_revision_as_object().title == "Tên mới"
    asked = admin.get(response.url).content.decode()
    assert "Trước khi xuất bản" in asked
    assert "Chưa có tóm tắt." in asked
    admin.post(response.url, {"revision": page.latest_revision_id})
    page.refresh_from_db()
    assert page.live
    assert page.title == "Tên mới"


def test_a_newer_draft_is_looked_at_before_it_is_confirmed(admin, province):
    lesson = make.lesson(make.course_draft(), "bai-1", live=False, summary="")
    seen = lesson.save_revision()
    lesson.title = "Sửa thêm"
    lesson.save_revision()
    url = reverse("cms_checks:confirm", args=[lesson.pk])
    response = admin.post(url, {"revision": seen.pk})
    assert response.url == url
    assert "vừa được sửa thêm" in _said(response)
    assert not LessonPage.objects.get().live


def test_errors_keep_the_draft_and_name_the_place(admin, province):
    lesson = make.lesson(make.course_draft(), "bai-1", live=False)
    response = _publish_in_form(admin, lesson, rule="signed_off", title="Tên mới")
    assert response.url == reverse("wagtailadmin_pages:edit", args=[lesson.pk])
    assert "Bài thực hành phải nộp: Giảng viên phải xác nhận" in _said(response)
    page = LessonPage.objects.get()
    assert not page.live
    assert page.get_latest_revision_as_object().title == "Tên mới"


def test_the_confirm_page_does_not_publish_what_has_errors(admin, province):
    lesson = make.lesson(make.course_draft(), "bai-1", live=False, body=SKIPS)
    revision = lesson.save_revision()
    url = reverse("cms_checks:confirm", args=[lesson.pk])
    page = admin.get(url).content.decode()
    assert "Phải sửa trước khi xuất bản (1)" in page
    response = admin.post(url, {"revision": revision.pk})
    assert response.url == reverse("wagtailadmin_pages:edit", args=[lesson.pk])
    assert "cấp 3" in _said(response)
    assert not LessonPage.objects.get().live


def test_an_effect_on_learners_is_asked_about(admin, province, monkeypatch):
    monkeypatch.setattr(gate, "effect_lines", lambda page: ["3 người có thêm việc phải học."])
    lesson = make.lesson(make.course_draft(), "bai-1", live=False)
    response = _publish_in_form(admin, lesson)
    assert response.url == reverse("cms_checks:confirm", args=[lesson.pk])
    assert "3 người có thêm việc phải học." in admin.get(response.url).content.decode()


def test_code_that_publishes_meets_the_gate_too(province):
    lesson = make.lesson(make.course_draft(), "bai-1", live=False, body=SKIPS)
    with pytest.raises(PublishRefused) as refused:
        lesson.save_revision().publish()
    assert refused.value.code == "page_unfit"
    assert not LessonPage.objects.get().live


def test_bulk_publishing_looks_below_the_ticked_page(admin, province):
    course = make.course_draft()
    make.lesson(course, "bai-1")
    make.lesson(course, "hong", live=False, body=SKIPS)
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    response = admin.post(f"{url}?id={course.pk}", {"next": "/cms/", "include_descendants": "on"})
    assert "«Bài hong»" in _said(response)
    assert not CoursePage.objects.get().live
    admin.post(f"{url}?id={course.pk}", {"next": "/cms/"})
    assert CoursePage.objects.get().live
    assert not LessonPage.objects.get(slug="hong").live


def test_a_copy_is_a_draft_whatever_is_posted(admin, province):
    lesson = make.course(lessons=1).get_children().get()
    form = admin.get(reverse("wagtailadmin_pages:copy", args=[lesson.pk])).content.decode()
    assert 'name="publish_copies"' not in form
    assert 'name="alias"' not in form
    data = {
        "new_title": "Bản sao", "new_slug": "ban-sao", "new_parent_page": lesson.get_parent().pk,
        "publish_copies": "on", "alias": "on",
    }  # fmt: skip
    admin.post(reverse("wagtailadmin_pages:copy", args=[lesson.pk]), data)
    copy = Page.objects.get(slug="ban-sao")
    assert not copy.live
    assert copy.alias_of_id is None
    assert Course.objects.get().steps.count() == 1


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ('<p>Xem <a linktype="page" id="999999">Trang cũ</a>.</p>', "link_broken"),
        ('<p>Xem <a linktype="document" id="999999">Mẫu đơn</a>.</p>', "link_broken"),
        ('<p>Bấm <a href="https://dichvucong.gov.vn/">tại đây</a>.</p>', "vague_link"),
    ],
)
def test_links_are_followed(province, html, code):
    lesson = make.lesson(make.course_draft(), "bai-1", live=False, body=_rich(html))
    assert code in _codes(lesson)


def test_a_link_to_a_draft_is_broken_until_that_is_published(province):
    course = make.course_draft()
    target = make.lesson(course, "dich", live=False)
    lesson = make.lesson(
        course, "bai-1", live=False, body=_rich(f'<p><a linktype="page" id="{target.pk}">Đích</a></p>')
    )
    assert "link_broken" in _codes(lesson)
    make.publish(target)
    assert "link_broken" not in _codes(lesson)


def test_a_link_outside_that_failed_twice_is_a_warning(province):
    lesson = make.lesson(
        make.course_draft(), "bai-1", live=False, body=_rich('<p><a href="https://x.vn/cu">Trang cũ</a></p>')
    )
    row = LinkCheck.objects.create(url="https://x.vn/cu", status=404, failures=1)
    assert "link_outside" not in _codes(lesson)
    LinkCheck.objects.filter(pk=row.pk).update(failures=2)
    assert "link_outside" in _codes(lesson)
    assert errors_of(lesson) == []


def test_places_are_told_by_block_and_item(province):
    body = json.dumps(
        [
            {"type": "text", "value": "<p>Chào.</p>"},
            {"type": "steps", "value": {"title": "Nộp hồ sơ", "steps": [
                {"type": "item", "value": {"title": "Mở", "text": "Gõ.", "image": None, "alt": ""}, "id": "x"},
                {"type": "item", "value": {"title": "Đọc", "text": "tiếng " * 40, "image": None, "alt": ""}, "id": "x"},
            ]}},
        ]
    )  # fmt: skip
    lesson = make.lesson(make.course_draft(), "bai-1", live=False, body=body)
    found = [finding.where for finding in findings_of(lesson) if finding.code == "long_sentence"]
    assert found == ["Khối 2 (Các bước làm), bước 2"]


def test_courses_must_not_ask_for_each_other(province):
    first, second, third = (make.course(slug, lessons=1) for slug in ("mot", "hai", "ba"))
    for page, asked in ((second, "mot"), (third, "hai")):
        page.prerequisites = [Course.objects.get(slug=asked)]
        make.publish(page)
    first.prerequisites = [Course.objects.get(slug="ba")]
    found = next(finding for finding in findings_of(first) if finding.code == "prerequisite_circle")
    assert "«Khoá mot» → «Khoá ba» → «Khoá hai» → «Khoá mot»" in found.text
    with pytest.raises(ValidationError, match="vòng"):
        first.full_clean()
    with pytest.raises(PublishRefused):
        first.save_revision(clean=False).publish()


def test_a_ring_of_courses_is_told_in_the_form(admin, province):
    first, second = (make.course(slug, lessons=1) for slug in ("mot", "hai"))
    second.prerequisites = [Course.objects.get(slug="mot")]
    make.publish(second)
    url = reverse("wagtailadmin_pages:edit", args=[first.pk])
    form = admin.get(url).context["form"]
    data = {name: form.initial.get(name) or "" for name in form.fields}
    data |= {"audiences": [province.citizen.pk], "prerequisites": [Course.objects.get(slug="hai").pk]}
    data |= {"topics": [], "competences": [], "automatic_confirmation": "on", "action-publish": "1"}
    data |= {"comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0, "comments-MAX_NUM_FORMS": 1000}
    response = admin.post(url, data)
    assert response.status_code == 200
    assert "thành vòng" in response.content.decode()


def test_standing_pages_are_checked_like_lessons(province):
    make.site()
    page = StandardPage.objects.first()
    assert errors_of(page) == []
    page.body = SKIPS
    assert [finding.code for finding in errors_of(page)] == ["heading_skipped"]


def test_the_page_of_findings_shows_the_whole_course(admin, province):
    course = make.course_draft()
    make.lesson(course, "hong", live=False, body=SKIPS)
    make.lesson(course, "tot")
    page = admin.get(reverse("cms_checks:findings", args=[course.pk])).content.decode()
    assert "Bài hong" in page
    assert "Bài tot" in page
    assert "ước tính đọc và làm theo: khoảng 1 phút" in page
    assert "Khối 1 (Đoạn văn)." in page


@pytest.mark.parametrize("name", ["findings", "confirm"])
def test_only_editors_see_what_is_found(client, request, province, name):
    course = make.course_draft()
    url = reverse(f"cms_checks:{name}", args=[course.pk])
    assert client.get(url).status_code == 302
    for who in ("learner", "coordinator"):
        client.force_login(request.getfixturevalue(who))
        assert client.get(url).status_code == 403


def test_the_form_shows_the_findings_of_the_saved_draft(admin, province):
    lesson = make.lesson(make.course_draft(), "bai-1", live=False, body=SKIPS)
    form = admin.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    assert "Kiểm tra trước khi xuất bản" in form
    assert "máy đọc màn hình dựa vào thứ bậc này" in form


def test_a_new_page_is_its_authors_to_be_looked_over_in_half_a_year(admin, province, editor):
    course = make.course_draft()
    url = reverse("wagtailadmin_pages:add", args=["cms", "lessonpage", course.pk])
    form = admin.get(url).context["form"]
    assert form.initial["content_owner"] == editor.pk
    assert 170 < (form.initial["review_on"] - today()).days < 190


def test_checking_costs_the_same_for_many_links(province, django_assert_max_num_queries):
    course = make.course_draft()
    targets = [make.lesson(course, f"dich-{number}") for number in range(12)]
    links = "".join(f'<p><a linktype="page" id="{page.pk}">{page.title}</a></p>' for page in targets)
    lesson = make.lesson(course, "bai-1", live=False, body=_rich(links))
    with django_assert_max_num_queries(2):
        findings_of(lesson)


def test_an_open_course_is_checked_while_people_learn_it(province, learner):
    """Checks only read: nobody's learning is touched."""
    course = make.course(lessons=2)
    enrolment_start(user=learner, course=Course.objects.get())
    before = Course.objects.values().get()
    findings_of(course)
    assert Course.objects.values().get() == before


def test_only_editors_are_offered_as_owners(admin, province, editor, learner):
    lesson = make.lesson(make.course_draft("nhap"), "bai", live=False)
    page = admin.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    assert f'<option value="{editor.pk}"' in page
    assert f'<option value="{learner.pk}"' not in page


def test_the_draft_of_a_course_that_was_never_published_is_checked_with_all_below_it(admin, province):
    """What a draft is tied to lives in its revision, not in tables: reading it must not ask the database by name."""
    course = make.course_draft()
    make.module(course, "phan-1")
    make.lesson(course, "bai-1")
    course.save_revision()
    for name in ("findings", "confirm"):
        assert admin.get(reverse(f"cms_checks:{name}", args=[course.pk])).status_code == 200


# --- What a draft may lack and a published page may not ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("block", "where", "field"),
    [
        ({"type": "text", "value": ""}, "Khối 1 (Đoạn văn)", ""),
        ({"type": "text", "value": "<p> </p>"}, "Khối 1 (Đoạn văn)", ""),
        ({"type": "steps", "value": {"title": "", "steps": []}}, "Khối 1 (Các bước làm)", "Tiêu đề"),
        ({"type": "image", "value": {"image": None, "alt": "Màn hình"}}, "Khối 1 (Hình)", "Hình"),
        ({"type": "try_it", "value": {"label": "Cổng", "url": "", "text": "<p>Làm.</p>"}}, "Khối 1", "Địa chỉ"),
        ({"type": "audio", "value": {"title": "Nghe", "file": None, "transcript": "<p>Lời.</p>"}}, "Khối 1", "Tệp"),
    ],
)
def test_an_empty_field_is_told_with_its_block_and_its_name(province, block, where, field):
    lesson = make.lesson(make.course_draft(), "bai-1", live=False, body=json.dumps([block]))
    found = [finding for finding in findings_of(lesson) if finding.code == "field_empty"]
    assert any(finding.where.startswith(where) and field in finding.text for finding in found)
    with pytest.raises(PublishRefused, match="Khối 1"):
        lesson.save_revision().publish()


def test_the_page_s_own_fields_are_asked_for_too(province):
    course = make.course("khoa", lessons=1)
    course.summary = ""
    assert [f.text for f in findings_of(course) if f.code == "field_empty"] == ["Ô «Học xong làm được gì» chưa điền."]


def test_a_new_lesson_without_minutes_is_estimated(admin, province):
    lesson = make.lesson(make.course_draft(), "bai-1", live=False, minutes=None)
    assert "minutes_far" not in _codes(lesson)
    assert lesson.study_minutes == 1
    _publish_in_form(admin, lesson, minutes="")
    lesson.refresh_from_db()
    assert (lesson.live, lesson.minutes, lesson.outline_step().minutes) == (True, None, 1)


def test_a_title_that_is_taken_is_told_beside_the_title(admin, province):
    course = make.course_draft()
    make.lesson(course, "bai-hoc-dau")
    other = make.lesson(course, "khac", live=False)
    text = _publish_in_form(admin, other, title="Bài học đầu", slug="bai-hoc-dau").content.decode()
    assert "Hãy đặt tên khác" in text
    own = _publish_in_form(admin, other, title="Bài khác hẳn", slug="bai-hoc-dau").content.decode()
    assert "Hãy đặt tên khác" not in own
