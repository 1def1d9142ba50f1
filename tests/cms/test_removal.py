"""What people learnt and what published pages show is not deleted, whichever way it is tried."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Page, ReferenceIndex

from cms.models import CataloguePage, CoursePage, LessonPage, QuizPage
from cms.needed import closing_warnings
from cms.removal import DeleteRefused, history_problems, published_uses
from courses.models import Completion, Course, StepCompletion
from courses.services import enrolment_start, step_complete
from tests.cms.test_paths import path_page
from tests.factories import cms as make


@pytest.fixture
def admin(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def learnt(province, learner):
    """A course of two lessons, of which somebody finished the first."""
    page = make.course(lessons=2)
    course = Course.objects.get()
    enrolment, _ = enrolment_start(user=learner, course=course)
    step_complete(enrolment=enrolment, step=course.steps.get(position=1))
    return page


def _said(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.mark.parametrize("way", ["form", "asking", "bulk", "code", "queryset"])
@pytest.mark.parametrize("what", ["lesson", "course", "catalogue"])
def test_what_people_learnt_stays(admin, learnt, way, what):
    page = {
        "lesson": LessonPage.objects.get(slug="bai-1"),
        "course": learnt,
        "catalogue": CataloguePage.objects.get(),
    }[what]
    pages = Page.objects.count()
    url = reverse("wagtailadmin_pages:delete", args=[page.pk])
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    if way in ("code", "queryset"):
        with pytest.raises(DeleteRefused) as refused, transaction.atomic():
            page.delete() if way == "code" else type(page).objects.filter(pk=page.pk).delete()
        assert "«Gỡ xuống»" in refused.value.fix
    else:
        response = {
            "form": lambda: admin.post(url, {"confirm_site_name": "Học Số"}),
            "asking": lambda: admin.get(url),
            "bulk": lambda: admin.post(f"{bulk}?id={page.pk}", {"next": "/cms/", "confirm_site_name": "Học Số"}),
        }[way]()
        told = _said(response)
        assert "1 người" in told
        assert "«Gỡ xuống»" in told
    assert Page.objects.count() == pages
    assert Course.objects.get().is_published
    assert StepCompletion.objects.count() == 1


def test_what_nobody_learnt_may_go(admin, learnt):
    lesson = LessonPage.objects.get(slug="bai-2")
    assert history_problems(lesson) == []
    admin.post(reverse("wagtailadmin_pages:delete", args=[lesson.pk]))
    assert not LessonPage.objects.filter(slug="bai-2").exists()


def test_a_quiz_that_was_asked_stays(province, learner):
    from quizzes.services import attempt_start

    draft = make.course_draft()
    make.lesson(draft, "bai-1")
    quiz = make.quiz(draft, bank=make.bank())
    make.publish(draft)
    course = Course.objects.get()
    enrolment, _ = enrolment_start(user=learner, course=course)
    assert history_problems(QuizPage.objects.get()) == []
    attempt_start(quiz=course.steps.get(kind="quiz").quiz, enrolment=enrolment)
    assert "đã có 1 người học" in history_problems(QuizPage.objects.get())[0]
    with pytest.raises(DeleteRefused), transaction.atomic():
        quiz.delete()


def test_a_finished_course_names_who_finished_and_unpublishing_keeps_it_all(admin, learnt, learner):
    enrolment = learner.enrolments.get()
    step_complete(enrolment=enrolment, step=Course.objects.get().steps.get(position=2))
    assert "1 người học, 1 người hoàn thành" in history_problems(learnt)[0]
    admin.post(reverse("wagtailadmin_pages:unpublish", args=[learnt.pk]))
    assert not CoursePage.objects.get().live
    assert Completion.objects.count() == 1


# --- Pictures, files ------------------------------------------------------------------------------------------------
@pytest.fixture
def shown(province):
    """A published lesson with a picture and a file, and the index of what refers to what."""
    picture = get_image_model().objects.create(title="Sơ đồ", file=get_test_image_file())
    paper = get_document_model().objects.create(title="Mẫu đơn", file=ContentFile(b"x", name="mau.pdf"))
    body = json.dumps(
        [
            {"type": "image", "value": {"image": picture.pk, "alt": "Một sơ đồ.", "caption": ""}},
            {"type": "document", "value": {"document": paper.pk, "title": ""}},
        ]
    )
    lesson = make.lesson(make.course_draft(), "bai-1", body=body)
    ReferenceIndex.create_or_update_for_object(lesson)
    return lesson, picture, paper


@pytest.mark.parametrize("which", [1, 2])
@pytest.mark.parametrize("way", ["form", "bulk", "code"])
def test_what_a_published_lesson_shows_stays(admin, shown, which, way):
    thing = shown[which]
    model = type(thing)
    app, name = model._meta.app_label, model._meta.model_name
    if way == "code":
        with pytest.raises(DeleteRefused, match="Bài bai-1"), transaction.atomic():
            thing.delete()
    else:
        single = reverse(f"{app}:delete", args=[thing.pk])
        bulk = reverse("wagtail_bulk_action", args=[app, name, "delete"])
        response = admin.post(single if way == "form" else f"{bulk}?id={thing.pk}", {"next": "/cms/"})
        assert "đang dùng ở «Bài bai-1»" in _said(response)
    assert model.objects.filter(pk=thing.pk).exists()


@pytest.mark.parametrize("which", [1, 2])
def test_what_only_a_draft_shows_may_go(admin, shown, which):
    lesson, thing = shown[0], shown[which]
    assert published_uses(thing) == ["Bài bai-1"]
    Page.objects.filter(pk=lesson.pk).update(live=False)
    assert published_uses(thing) == []
    thing.delete()
    assert not type(thing).objects.exists()


def test_an_unused_picture_may_go(admin, province):
    picture = get_image_model().objects.create(title="Thừa", file=get_test_image_file())
    admin.post(reverse("wagtailimages:delete", args=[picture.pk]))
    assert not get_image_model().objects.exists()


# --- Closing what others need -----------------------------------------------------------------------------------------
def _edit(page):
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


@pytest.fixture
def needed(admin):
    """A course that one open path requires, another offers, one open course asks for, and drafts do too."""
    base, after = make.course("nen-tang", title="Khoá nền"), make.course("nang-cao", title="Khoá <sau>")
    after.prerequisites = [Course.objects.get(slug="nen-tang")]
    make.publish(after)
    path = path_page(base, slug="can", title="Lộ trình cần")
    path_page(make.course("khac"), slug="moi", title="Lộ trình mời", optional=[base])
    path_page(base, slug="nhap", title="Lộ trình nháp", live=False)
    return SimpleNamespace(base=base, after=after, path=path)


@pytest.mark.parametrize("way", ["unpublish", "delete", "bulk_unpublish"])
def test_closing_a_course_names_first_who_needs_it(admin, needed, way):
    """Ticked with others it is refused: there nothing is said before."""
    if way == "bulk_unpublish":
        bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])
        shown = _said(admin.post(f"{bulk}?id={needed.base.pk}&id={needed.after.pk}", {"confirm": "1"}))
        assert "hãy gỡ riêng khoá này" in shown
        assert Course.objects.get(slug="nang-cao").is_published
    else:
        shown = admin.get(reverse(f"wagtailadmin_pages:{way}", args=[needed.base.pk])).content.decode()
    assert f'<a href="{_edit(needed.path)}">«Lộ trình cần»</a>' in shown
    assert f'<a href="{_edit(needed.after)}">«Khoá &lt;sau&gt;»</a>' in shown
    assert "Lộ trình mời" not in shown
    assert "Lộ trình nháp" not in shown
    assert Course.objects.get(slug="nen-tang").is_published


def test_what_nobody_needs_is_closed_without_a_word(admin, needed):
    shown = admin.get(reverse("wagtailadmin_pages:unpublish", args=[needed.after.pk])).content.decode()
    assert "Khoá phải học sau" not in shown
    assert "Lộ trình bắt buộc" not in shown
    lesson = LessonPage.objects.child_of(needed.base).first()
    assert closing_warnings(lesson) == []


def test_of_many_the_first_are_named_and_the_rest_counted(admin, needed):
    for number in range(7):
        path_page(needed.base, slug=f"lt-{number}", title=f"A{number}")
    told = closing_warnings(needed.base)[0]
    assert told.count("<a ") == 5
    assert "và 3 nơi khác" in told


def test_the_queries_of_the_warning_do_not_grow(admin, needed):
    counts = []
    for size in (1, 9):
        for number in range(size):
            path_page(needed.base, slug=f"them-{size}-{number}")
        with CaptureQueriesContext(connection) as queries:
            closing_warnings(CoursePage.objects.get(pk=needed.base.pk))
        counts.append(len(queries))
    assert counts[0] == counts[1]
