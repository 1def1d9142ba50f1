"""What publishing carries into courses and quizzes, and what is refused with its reason."""

from __future__ import annotations

import re

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from cms.models import CataloguePage, CoursePage, LessonPage, QuizPage
from courses.models import Course, Step, Topic
from courses.services import course_outline_publish, enrolment_start, step_complete
from people.models import Audience
from quizzes.models import Quiz
from tests.factories import cms as make
from tests.factories.people import AudienceFactory


@pytest.fixture
def admin(client, editor):
    client.force_login(editor)
    return client


def _said(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def _post(admin, parent, model, publish=True, **values):
    """Create a page through the editors' own form."""
    url = reverse("wagtailadmin_pages:add", args=["cms", model, parent.pk])
    data = {"title": values["title"], "slug": values["slug"], "seo_title": "", "search_description": "", **values}
    data |= {"comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0, "comments-MAX_NUM_FORMS": 1000}
    if publish:
        data["action-publish"] = "action-publish"
    return _confirmed(admin, admin.post(url, _flat(data)))


def _confirmed(admin, response):
    """Publishing that asks «Trước khi xuất bản» is meant so."""
    if response.status_code != 302 or "/truoc-khi-xuat-ban/" not in response.url:
        return response
    page = Page.objects.get(pk=int(response.url.split("/")[-2]))
    return admin.post(response.url, {"revision": page.latest_revision_id})


def _flat(data):
    """Form data with ticked boxes left as a list, which nested_form_data would take for a formset."""
    ticked = data.pop("audiences", None)
    return nested_form_data(data) | ({"audiences": ticked} if ticked else {})


def _lesson_fields(slug="bai-1", **fields):
    body = streamfield([("text", rich_text("<p>Chào bạn.</p>"))])
    return {
        "title": "Bài một", "slug": slug, "minutes": 7, "summary": "", "required": "on", "body": body, "rule": "marked",
        "narrations-TOTAL_FORMS": 0, "narrations-INITIAL_FORMS": 0, "narrations-MAX_NUM_FORMS": 1000, **fields,
    }  # fmt: skip


def _course_fields(province, **fields):
    return {
        "title": "Khoá của biên tập viên", "slug": "khoa-moi", "code": "KM-01", "summary": "Học để thử.",
        "level": "co_ban", "hours": "1.5", "language": "vi", "outcomes": "Một.\nHai.",
        "audiences": [province.citizen.pk], "automatic_confirmation": "on", **fields,
    }  # fmt: skip


def test_an_editor_writes_a_course_from_nothing(admin, province):
    catalogue = make.site()
    _post(admin, catalogue, "coursepage", publish=False, **_course_fields(province))
    page = CoursePage.objects.get(slug="khoa-moi")
    assert not page.live
    _post(admin, page, "lessonpage", **_lesson_fields())
    assert LessonPage.objects.get().live
    assert not Course.objects.exists()
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    form = _flat(
        {**_course_fields(province), "seo_title": "", "search_description": "", "action-publish": "1",
         "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0, "comments-MAX_NUM_FORMS": 1000}
    )  # fmt: skip
    _confirmed(admin, admin.post(edit, form))
    course = Course.objects.get()
    assert (course.title, course.path, course.is_published) == ("Khoá của biên tập viên", "/khoa-hoc/khoa-moi/", True)
    assert list(course.steps.values_list("title", "path", "minutes")) == [("Bài một", "/khoa-hoc/khoa-moi/bai-1/", 7)]
    assert list(course.audiences.all()) == [province.citizen]
    admin.logout()
    assert "Chào bạn." in admin.get("/khoa-hoc/khoa-moi/bai-1/").content.decode()


def test_a_course_without_required_steps_stays_a_draft(admin, province):
    response = _post(admin, make.site(), "coursepage", **_course_fields(province))
    page = CoursePage.objects.get(slug="khoa-moi")
    assert response.url == reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert "chưa có phần bắt buộc" in _said(response)
    assert not page.live
    assert not Course.objects.exists()


#: What the folded part of a quiz's form sends as it stands.
UNTOUCHED = {
    "sections-count": 0, "mode": "exam", "scoring": "best", "mastery_needed": 4, "mastery_of": 5, "wait_minutes": 0,
    "opens_at": "", "closes_at": "", "paging": "", "may_go_back": "on", "shuffle_options": "on",
    "review_score": "always", "review_answers": "always", "review_feedback": "always", "review_key": "settled",
}  # fmt: skip


@pytest.mark.parametrize(
    ("bank_size", "fields", "reason"),
    [
        (None, {}, "ngân hàng"),
        (0, {}, "chỉ có 0 câu hỏi"),
        (9, {}, "chỉ có 9 câu hỏi"),
        (12, {"draw": 13}, "chỉ có 12 câu hỏi"),
    ],
)
def test_a_quiz_without_enough_questions_is_refused_with_the_reason(admin, province, bank_size, fields, reason):
    draft = make.course_draft()
    values = {
        "title": "Kiểm tra", "slug": "cuoi-khoa", "purpose": "final", "minutes": 15, "question_codes": "", "draw": 10,
        "pass_percent": 80, "attempts_allowed": 5, "time_limit_minutes": 20,
        "bank": "" if bank_size is None else make.bank(bank_size).pk, **UNTOUCHED, **fields,
    }  # fmt: skip
    response = _post(admin, draft, "quizpage", **values)
    page = QuizPage.objects.filter(slug="cuoi-khoa").first()
    told = _said(response) if response.status_code == 302 else response.content.decode()
    assert page is None or not page.live
    if bank_size is not None:
        assert reason in told


def test_a_quiz_with_unknown_codes_is_refused_in_the_form(admin, province):
    values = {
        "title": "Kiểm tra", "slug": "kt", "purpose": "check", "minutes": 2, "question_codes": "c1\nkhong-co",
        "draw": 3, "pass_percent": 80, "attempts_allowed": "", "time_limit_minutes": "", "bank": make.bank(3).pk,
        **UNTOUCHED,
    }  # fmt: skip
    response = _post(admin, make.course_draft(), "quizpage", **values)
    assert response.status_code == 200
    assert "khong-co" in response.content.decode()
    assert not QuizPage.objects.exists()


def test_an_empty_lesson_stays_a_draft(admin, province):
    response = _post(admin, make.course_draft(), "lessonpage", **_lesson_fields(body=streamfield([])))
    assert "chưa có nội dung" in _said(response)
    assert not LessonPage.objects.get().live


def test_the_outline_follows_the_pages(province, django_capture_on_commit_callbacks):
    page = make.course(lessons=2)
    course = Course.objects.get()
    titles = lambda: list(course.steps.filter(is_active=True).values_list("title", flat=True))  # noqa: E731
    assert course.revision == 1
    third = make.lesson(page, "bai-3", title="Bài số 3", required=False)
    assert titles() == ["Bài số 1", "Bài số 2", "Bài số 3"]
    third.move(LessonPage.objects.get(slug="bai-1"), pos="left")
    assert titles() == ["Bài số 3", "Bài số 1", "Bài số 2"]
    LessonPage.objects.get(slug="bai-1").unpublish()
    assert titles() == ["Bài số 3", "Bài số 2"]
    with django_capture_on_commit_callbacks(execute=True):
        LessonPage.objects.get(slug="bai-3").delete()
    assert titles() == ["Bài số 2"]
    # What left the outline keeps its row, for somebody may have learnt it.
    assert Step.objects.filter(course=course).count() == 3


def test_publishing_again_changes_nothing(province):
    page = make.course(lessons=2)
    before = Course.objects.values().get() | {"steps": list(Step.objects.values())}
    make.publish(page)
    assert Course.objects.values().get() | {"steps": list(Step.objects.values())} == before


def test_a_quiz_is_carried_with_its_rules(province):
    draft = make.course_draft()
    make.lesson(draft, "bai-1")
    quiz = make.quiz(draft, bank=make.bank(), attempts_allowed=5, time_limit_minutes=20, pass_percent=70)
    make.publish(draft)
    kept = Quiz.objects.get()
    assert kept.step.key == quiz.translation_key
    assert (kept.draw, kept.pass_percent, kept.attempts_allowed, kept.time_limit_minutes) == (10, 70, 5, 20)
    quiz.pass_percent = 90
    make.publish(quiz)
    kept.refresh_from_db()
    assert kept.pass_percent == 90


def test_a_final_quiz_that_lost_its_questions_does_not_vanish_from_the_course(province):
    draft = make.course_draft()
    lesson = make.lesson(draft, "bai-1")
    bank = make.bank()
    make.quiz(draft, bank=bank)
    make.publish(draft)
    bank.questions.update(is_active=False)
    make.publish(lesson)
    assert Step.objects.filter(kind="quiz", is_active=True, required=True).exists()


@pytest.mark.parametrize("how", ["unpublish", "delete"])
def test_a_closed_course_keeps_its_history(province, how, client, django_capture_on_commit_callbacks):
    page = make.course()
    with django_capture_on_commit_callbacks(execute=True):
        getattr(CoursePage.objects.get(pk=page.pk), how)()
    course = Course.objects.get()
    assert not course.is_published
    assert course.steps.count() == 2
    assert client.get("/khoa-hoc/khoa-thu/").status_code == 404


def test_a_new_address_of_the_catalogue_reaches_every_step(province, django_capture_on_commit_callbacks):
    make.course()
    catalogue = CataloguePage.objects.get()
    catalogue.slug = "hoc"
    with django_capture_on_commit_callbacks(execute=True):
        make.publish(catalogue)
    assert Course.objects.get().path == "/hoc/khoa-thu/"
    assert set(Step.objects.values_list("path", flat=True)) == {"/hoc/khoa-thu/bai-1/", "/hoc/khoa-thu/bai-2/"}


@pytest.mark.parametrize("act", ["unpublish", "delete"])
def test_the_last_required_lesson_of_an_open_course_stays(admin, province, act):
    make.course(lessons=1)
    lesson = LessonPage.objects.get()
    response = admin.post(reverse(f"wagtailadmin_pages:{act}", args=[lesson.pk]))
    assert "phần bắt buộc cuối cùng" in _said(response)
    assert LessonPage.objects.get().live


def test_bulk_publishing_refuses_too(admin, province):
    draft = make.course_draft()
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    response = admin.post(f"{url}?id={draft.pk}", {"next": "/cms/"})
    assert "chưa có phần bắt buộc" in _said(response)
    assert not CoursePage.objects.get().live


def test_a_code_or_address_of_another_course_is_refused(province):
    make.course("mot", code="TRUNG")
    page = make.course_draft("hai", code="TRUNG")
    with pytest.raises(ValidationError, match="đã dùng cho"):
        page.full_clean()


def test_courses_publish_refuses_by_itself(province):
    """The editor's refusal is a courtesy; the rule holds below it."""
    from cms.publishing import outline_of

    page = make.course_draft()
    outline = outline_of(page, [])
    assert not outline.is_published
    assert course_outline_publish(outline=outline).is_published is False


@pytest.mark.parametrize("path", ["", "bai-1/"])
def test_preview_shows_a_draft_without_saving(admin, province, path):
    draft = make.course_draft(title="Khoá nháp")
    make.lesson(draft, "bai-1")
    page = CoursePage.objects.get() if not path else LessonPage.objects.get()
    response = page.make_preview_request()
    assert response.status_code == 200
    assert "Khoá nháp" in response.rendered_content
    assert not Course.objects.exists()


def test_a_title_with_accents_gives_a_plain_address(admin, province, client):
    _post(admin, make.site(), "coursepage", publish=False, **_course_fields(province, slug="khoá-thử-đổi-mới"))
    page = CoursePage.objects.get()
    assert page.slug == "khoa-thu-doi-moi"
    _post(admin, page, "lessonpage", **_lesson_fields(slug="Bài Một"))
    assert LessonPage.objects.get().slug == "bai-mot"
    make.publish(CoursePage.objects.get())
    course = Course.objects.get()
    assert admin.get(course.path).status_code == 200
    response = admin.post(reverse("courses:enrol", args=[course.slug]))
    assert response.url == "/khoa-hoc/khoa-thu-doi-moi/bai-mot/"


def test_an_address_that_folds_to_a_taken_one_is_told(admin, province):
    make.course_draft("khoa-thu")
    response = _post(
        admin, CataloguePage.objects.get(), "coursepage", publish=False, **_course_fields(province, slug="khoá-thử")
    )
    assert response.status_code == 200
    assert CoursePage.objects.count() == 1


def test_the_explorer_lists_lessons_in_their_order(admin, province):
    page = make.course(lessons=3)
    make.publish(LessonPage.objects.get(slug="bai-1"))
    listing = admin.get(reverse("wagtailadmin_explore", args=[page.pk])).content.decode()
    places = [listing.index(f"Bài số {number}") for number in (1, 2, 3)]
    assert places == sorted(places)


def test_the_admin_bears_our_name_and_mark(admin, province):
    page = admin.get("/cms/").content.decode()
    assert "img/mark" in page
    assert 'alt="Học Số"' in page


@pytest.mark.parametrize(("act", "what"), [("unpublish", "lesson"), ("delete", "lesson"), ("unpublish", "course")])
def test_taking_away_what_people_learn_says_how_many(admin, province, learner, act, what):
    page = make.course(lessons=2)
    course = Course.objects.get()
    target = page if what == "course" else LessonPage.objects.get(slug="bai-2")
    url = reverse(f"wagtailadmin_pages:{act}", args=[target.pk])
    assert "người đang học" not in admin.get(url).content.decode()
    enrolment, _ = enrolment_start(user=learner, course=course)
    assert "Có 1 người đang học khoá này và chưa xong." in admin.get(url).content.decode()
    for step in course.steps.all():
        step_complete(enrolment=enrolment, step=step)
    assert "người đang học" not in admin.get(url).content.decode()


def test_taking_away_several_at_once_says_it_too(admin, province, learner):
    make.course(lessons=2)
    enrolment_start(user=learner, course=Course.objects.get())
    lesson = LessonPage.objects.get(slug="bai-2")
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])
    response = admin.post(f"{url}?id={lesson.pk}", {"next": "/cms/"})
    assert "«Bài số 2»: Có 1 người đang học" in _said(response)
    assert not LessonPage.objects.get(slug="bai-2").live


def test_an_optional_lesson_goes_without_a_word(admin, province, learner):
    page = make.course(lessons=2)
    extra = make.lesson(page, "them", required=False)
    enrolment_start(user=learner, course=Course.objects.get())
    assert "người đang học" not in admin.get(reverse("wagtailadmin_pages:delete", args=[extra.pk])).content.decode()


GROUP = r"<details( open)?><summary.*?</svg>\s*([^<]*)</summary>"


def test_the_form_groups_what_there_is_to_tick(admin, province):
    AudienceFactory(code="hiem", name="Nhóm ít gặp", short_name="")
    known = AudienceFactory(code="quen", name="Người dân trong tỉnh", short_name="Tên quen dùng")
    make.topic("T-A01", "Kỹ năng số")
    make.topic("T-F03", "Hồ sơ")
    Topic.objects.filter(code="T-F03").update(group="F. Y tế")
    page = make.course_draft(audiences=[known], topics=[Topic.objects.get(code="T-F03")])
    form = admin.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert {name: state for state, name in re.findall(GROUP, form, re.DOTALL)} == {
        "Đối tượng khác (4)": "", "A (1)": "", "F. Y tế (1)": " open",
    }  # fmt: skip
    assert form.count('name="audiences"') == Audience.objects.count()
    assert form.count('name="topics"') == 2
    assert form.index("Tên quen dùng") < form.index("Đối tượng khác") < form.index("Nhóm ít gặp")
