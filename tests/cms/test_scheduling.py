"""Going live and expiring by the clock: what is fit goes, what is not stays and somebody hears of it."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Page, Revision

from cms.models import CoursePage, LessonPage
from cms.services import pages_publish_scheduled
from cms.tasks_pages import publish_scheduled
from courses.models import Course
from people.models import Notice
from tests.factories import cms as make

SOON = timedelta(hours=1)


def _schedule(page, user=None, **fields):
    """Publish with a time to come, as the form does."""
    page.go_live_at = timezone.now() + SOON
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision(user=user).publish(user=None)
    return type(page).objects.get(pk=page.pk)


def _hour_comes():
    Revision.objects.exclude(approved_go_live_at=None).update(approved_go_live_at=timezone.now() - SOON)
    for revision in Revision.objects.exclude(approved_go_live_at=None):
        revision.content["go_live_at"] = (timezone.now() - SOON).isoformat()
        revision.save()


def test_lessons_and_their_course_go_live_together(province):
    course = make.course_draft()
    _schedule(make.lesson(course, "bai-1", live=False))
    _schedule(CoursePage.objects.get())
    assert not Page.objects.filter(slug__in=["bai-1", "khoa-thu"], live=True).exists()
    assert pages_publish_scheduled().as_dict() == {"published": [], "expired": [], "refused": []}
    _hour_comes()
    assert publish_scheduled() == 2
    assert Course.objects.get().is_published
    assert pages_publish_scheduled().published == []


def test_a_course_cannot_be_scheduled_before_its_lessons(province):
    from cms.checks.gate import PublishRefused

    course = make.course_draft()
    make.lesson(course, "bai-1", live=False)
    with pytest.raises(PublishRefused, match="phần bắt buộc"):
        _schedule(CoursePage.objects.get())


def test_a_page_with_errors_stays_a_draft_and_the_others_go(province, editor, stranger):
    course = make.course(lessons=1)
    good, bad = (make.lesson(course, slug, live=False, content_owner=stranger) for slug in ("tot", "hong"))
    for page in (good, bad):
        _schedule(page, user=editor)
    revision = Revision.objects.for_instance(bad).latest("pk")
    revision.content["body"] = json.dumps([{"type": "text", "value": "<h3>Mục</h3>"}])
    revision.save()
    _hour_comes()
    report = pages_publish_scheduled()
    assert report.published == ["Bài tot"]
    assert report.refused == ["Bài hong"]
    assert not LessonPage.objects.get(slug="hong").live
    told = Notice.objects.filter(kind="content_schedule")
    assert {notice.user for notice in told} == {editor, stranger}
    assert "cấp 3" in told[0].body
    # The schedule is over: nobody is told every two minutes.
    assert pages_publish_scheduled().refused == []
    assert Notice.objects.count() == 2


def test_a_fault_in_one_page_is_not_anothers(province, monkeypatch):
    course = make.course(lessons=1)
    for slug in ("mot", "hai"):
        _schedule(make.lesson(course, slug, live=False))
    _hour_comes()
    publish = LessonPage.publish

    def broken(page, *args, **kwargs):
        if page.slug == "mot":
            raise RuntimeError("disk")
        return publish(page, *args, **kwargs)

    monkeypatch.setattr(LessonPage, "publish", broken)
    report = pages_publish_scheduled()
    assert (report.published, report.refused) == (["Bài hai"], ["Bài mot"])


def test_a_lesson_expires_and_leaves_the_outline(province):
    make.course(lessons=2)
    Page.objects.filter(slug="bai-2").update(expire_at=timezone.now() - SOON)
    assert pages_publish_scheduled().expired == ["Bài số 2"]
    page = LessonPage.objects.get(slug="bai-2")
    assert (page.live, page.expired) == (False, True)
    assert Course.objects.get().steps.filter(is_active=True).count() == 1


def test_the_last_required_step_of_an_open_course_does_not_expire(province, editor):
    make.course(lessons=1)
    LessonPage.objects.update(content_owner=editor)
    Page.objects.filter(slug="bai-1").update(expire_at=timezone.now() - SOON)
    assert pages_publish_scheduled().refused == ["Bài số 1"]
    page = LessonPage.objects.get()
    assert page.live
    assert page.expire_at is None
    assert "phần bắt buộc cuối cùng" in Notice.objects.get(user=editor).body


def test_the_command_stands_in_for_wagtails(province):
    course = make.course(lessons=1)
    _schedule(make.lesson(course, "sau", live=False))
    _hour_comes()
    out = StringIO()
    call_command("publish_scheduled", "--dry-run", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"dry_run": True, "published": ["Bài sau"], "expired": [], "refused": []}
    assert not LessonPage.objects.get(slug="sau").live
    out = StringIO()
    call_command("publish_scheduled", stdout=out)
    assert out.getvalue() == "Đã xuất bản: Bài sau\n"
    assert LessonPage.objects.get(slug="sau").live
