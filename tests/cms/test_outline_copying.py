"""A course is copied into drafts of another one, and both live on independently."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Revision

from cms.models import CoursePage, HomePage, LessonPage, ModulePage, QuizPage
from cms.outline import views
from cms.outline.copying import course_copy
from common import jobs
from common.errors import Refusal
from common.models import Job, JobState
from courses.models import Completion, Course, Enrolment, Step
from courses.services import enrolment_start, step_complete
from tests.factories import cms as make


@pytest.fixture
def course(province):
    """A published course of a module, two lessons and a quiz."""
    page = make.course_draft(title="Khoá gốc", topics=[make.topic()], loaded_hash="x" * 64, review_on=date(2027, 1, 31))
    make.module(page, "mot")
    make.lesson(page, "bai-1", rule="opened", required=False)
    make.lesson(page, "bai-2")
    make.quiz(page, bank=make.bank(), pass_percent=70)
    return make.publish(page)


def _copy(course, editor, title="Khoá mới", code="MOI-01"):
    return course_copy(course_page=course, title=title, code=code, actor=editor)


def _below(page):
    return list(page.get_children().order_by("path").specific())


def test_all_is_copied_and_nothing_goes_live(course, editor):
    before = list(Page.objects.order_by("pk").values("pk", "path", "live", "latest_revision"))
    copied = _copy(course, editor)
    assert (copied.title, copied.code, copied.slug, copied.live) == ("Khoá mới", "MOI-01", "khoa-moi", False)
    assert (copied.loaded_hash, copied.content_owner, copied.review_on) == ("", editor, date(2027, 1, 31))
    assert list(copied.audiences.all()) == list(course.audiences.all())
    assert list(copied.topics.all()) == list(course.topics.all())
    assert [(type(page), page.slug, page.live) for page in _below(copied)] == [
        (ModulePage, "mot", False), (LessonPage, "bai-1", False), (LessonPage, "bai-2", False),
        (QuizPage, "cuoi-khoa", False),
    ]  # fmt: skip
    lesson, quiz = _below(copied)[1], _below(copied)[3]
    assert (lesson.rule, lesson.required, lesson.content_owner, lesson.owner) == ("opened", False, editor, editor)
    assert (quiz.bank, quiz.pass_percent) == (QuizPage.objects.get(pk=_below(course)[3].pk).bank, 70)
    old = {page["pk"] for page in before}
    assert list(Page.objects.filter(pk__in=old).order_by("pk").values("pk", "path", "live", "latest_revision")) == [
        {**page} for page in before
    ]
    assert Page.find_problems() == ([], [], [], [], [])
    assert Course.objects.count() == 1


def test_keys_are_new_and_one_version_begins_the_history(course, editor):
    copied = _copy(course, editor)
    pages = [copied, *_below(copied)]
    assert not {page.translation_key for page in pages} & {p.translation_key for p in [course, *_below(course)]}
    for page in pages:
        (revision,) = page.revisions.all()
        assert (revision.user, page.latest_revision, page.first_published_at) == (editor, revision, None)
        assert revision.content["translation_key"] == str(page.translation_key)


def test_both_courses_live_on_independently(course, editor, learner):
    enrolment, _ = enrolment_start(user=learner, course=Course.objects.get())
    for step in Course.objects.get().steps.all():
        step_complete(enrolment=enrolment, step=step)
    copied = _copy(course, editor)
    for page in [*_below(copied), copied]:
        page.get_latest_revision().publish()
    old, new = Course.objects.order_by("pk")
    assert (new.title, new.code, new.path) == ("Khoá mới", "MOI-01", "/khoa-hoc/khoa-moi/")
    assert not set(old.steps.values_list("key", flat=True)) & set(new.steps.values_list("key", flat=True))
    assert (Enrolment.objects.get().course, Completion.objects.get().course) == (old, old)
    revision = old.revision
    lesson = _below(copied)[2]
    lesson.title = "Chỉ khoá mới"
    make.publish(lesson)
    LessonPage.objects.get(pk=lesson.pk).unpublish()
    old.refresh_from_db()
    assert old.revision == revision
    assert Step.objects.filter(course=old, is_active=True).count() == 3
    assert Step.objects.filter(course=new, is_active=True).count() == 2


def test_the_newest_draft_is_copied_without_its_schedule(course, editor):
    lesson = LessonPage.objects.get(slug="bai-2")
    lesson.title, lesson.go_live_at = "Bản nháp mới nhất", timezone.now() + timedelta(days=3)
    lesson.save_revision().publish()
    assert Revision.objects.filter(approved_go_live_at__isnull=False).count() == 1
    copied = _below(_copy(course, editor))[2]
    assert (copied.title, copied.go_live_at) == ("Bản nháp mới nhất", None)
    assert copied.get_latest_revision_as_object().go_live_at is None
    assert Revision.objects.filter(approved_go_live_at__isnull=False).count() == 1
    assert LessonPage.objects.get(pk=lesson.pk).title == "Bài bai-2"


def test_links_between_lessons_follow_into_the_new_course(course, editor):
    first, second = LessonPage.objects.get(slug="bai-1"), LessonPage.objects.get(slug="bai-2")
    home = HomePage.objects.get().pk
    links = (
        f'<p><a id="{first.pk}" linktype="page">một</a> <a linktype="page" id="{home}">nhà</a> '
        f'<a id="{first.pk}">x</a></p>'
    )
    second.body = json.dumps([{"type": "text", "value": links, "id": "b1"}])
    make.publish(second)
    copied = _below(_copy(course, editor))
    expected = links.replace(f'<a id="{first.pk}" linktype', f'<a id="{copied[1].pk}" linktype')
    for page in (copied[2], copied[2].get_latest_revision_as_object()):
        assert page.body[0].value.source == expected


@pytest.mark.parametrize(
    ("title", "code", "refused"), [(" ", "A", "title_empty"), ("A", " ", "code_empty"), ("A", "KHOA-THU", "code_taken")]
)
def test_a_copy_without_a_name_of_its_own_is_refused(course, editor, title, code, refused):
    with pytest.raises(Refusal) as refusal:
        _copy(course, editor, title, code)
    assert refusal.value.code == refused
    assert CoursePage.objects.count() == 1


def test_the_code_of_a_course_whose_page_is_gone_stays_taken(course, editor, django_capture_on_commit_callbacks):
    other = make.course("khac", code="DA-CO")
    with django_capture_on_commit_callbacks(execute=True):
        other.delete()
    with pytest.raises(Refusal, match="đã dùng cho khoá «Khoá khac»"):
        _copy(course, editor, code="DA-CO")
    assert _copy(course, editor, title="Khac", code="B").slug == "khac-2"


def test_the_form_copies_and_opens_the_new_outline(client, course, editor):
    client.force_login(editor)
    address = reverse("cms_outline:copy", args=[course.pk])
    assert "Khoá gốc (bản sao)" in client.get(address).content.decode()
    wrong = client.post(address, {"title": "", "code": "KHOA-THU"}).content.decode()
    assert "Hãy nhập tên khoá học mới." in wrong
    wrong = client.post(address, {"title": "Mới", "code": "KHOA-THU"}).content.decode()
    assert "Mã này đã dùng cho khoá «Khoá gốc»." in wrong
    response = client.post(address, {"title": "Mới", "code": "MOI"})
    assert response.url == reverse("cms_outline:course", args=[CoursePage.objects.get(code="MOI").pk])
    assert "Tất cả đều là bản nháp" in client.get(response.url).content.decode()


@pytest.fixture
def long_course(course, monkeypatch):
    monkeypatch.setattr(views, "DIRECT_LIMIT", 3)
    return course


def _ask(client, course, code="MOI"):
    return client.post(reverse("cms_outline:copy", args=[course.pk]), {"title": "Mới", "code": code})


def test_a_long_course_is_copied_by_a_job_that_leads_to_the_new_outline(client, long_course, editor):
    client.force_login(editor)
    assert "Mã này đã dùng" in _ask(client, long_course, "KHOA-THU").content.decode()
    response = _ask(client, long_course)
    job = Job.objects.get()
    assert (response.url, job.owner) == (reverse("jobs:job", args=[job.uuid]), editor)
    assert not CoursePage.objects.filter(code="MOI").exists()
    done = jobs.job_run(uuid=str(job.uuid))
    assert (done.state, done.done, done.total) == (JobState.DONE, 4, 4)
    made = CoursePage.objects.get(code="MOI")
    assert client.get(job.next_path).url == reverse("cms_outline:course", args=[made.pk])


def test_a_copy_that_is_repeated_copies_nothing_twice(client, long_course, editor):
    client.force_login(editor)
    for _ in range(2):
        _ask(client, long_course)
    for job in Job.objects.all():
        assert jobs.job_run(uuid=str(job.uuid)).state == JobState.DONE
        Job.objects.update(state=JobState.WAITING)
        assert jobs.job_run(uuid=str(job.uuid)).state == JobState.DONE
        assert CoursePage.objects.filter(code="MOI").count() == 1
        assert CoursePage.objects.get(code="MOI").numchild == 4


def test_a_code_taken_meanwhile_by_something_else_fails_the_job(client, long_course, editor):
    client.force_login(editor)
    _ask(client, long_course)
    make.course_draft("khac", code="MOI")
    done = jobs.job_run(uuid=str(Job.objects.get().uuid))
    assert (done.state, "Mã này đã dùng" in done.error) == (JobState.FAILED, True)


def test_the_job_is_its_owner_s_and_asks_for_the_right_again(client, long_course, editor, learner):
    client.force_login(editor)
    address = _ask(client, long_course).url
    editor.groups.clear()
    editor.memberships.all().delete()
    assert jobs.job_run(uuid=str(Job.objects.get().uuid)).state == JobState.FAILED
    assert CoursePage.objects.count() == 1
    client.force_login(learner)
    assert client.get(address).status_code == 404


def test_wagtails_own_copy_leads_here_for_courses_only(client, course, editor):
    client.force_login(editor)
    response = client.get(reverse("wagtailadmin_pages:copy", args=[course.pk]))
    assert response.url == reverse("cms_outline:copy", args=[course.pk])
    lesson = LessonPage.objects.first()
    assert client.get(reverse("wagtailadmin_pages:copy", args=[lesson.pk])).status_code == 200
