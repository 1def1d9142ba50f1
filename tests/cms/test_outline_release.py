"""Publishing everything of a course that is ready, from its outline."""

from __future__ import annotations

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from wagtail.models import PageLogEntry

from cms.models import CoursePage, LessonPage
from cms.outline import views_release
from cms.outline.releasing import course_release, course_release_plan
from cms.services.reviewing import review_settings_apply
from common import jobs
from common.errors import Refusal
from common.models import Job, JobState
from courses.models import Course, Step
from courses.services import enrolment_start, step_complete
from people.models import Role
from tests.factories import cms as make
from tests.factories.people import MembershipFactory

EMPTY = "[]"


@pytest.fixture
def draft(province):
    """A course of two good lessons and an empty one, none of it published."""
    page = make.course_draft(title="Khoá thử")
    for slug in ("bai-1", "bai-2"):
        make.lesson(page, slug, live=False).save_revision()
    make.lesson(page, "rong", live=False, title="Bài rỗng", body=EMPTY).save_revision()
    page.save_revision()
    return page


def titles(candidates):
    return [each.title for each in candidates]


def address(page):
    return reverse("cms_outline:release", args=[page.pk])


def token_in(response):
    return re.search(r'name="token" value="(\w+)"', response.content.decode())[1]


def said(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_what_is_ready_goes_out_and_the_rest_stays(draft, editor):
    plan = course_release_plan(course_page=draft)
    assert titles(plan.ready) == ["Bài bai-1", "Bài bai-2", "Khoá thử"]
    assert titles(plan.held) == ["Bài rỗng"]
    assert "chưa có nội dung" in plan.held[0].reasons[0]
    course_release(course_page=draft, token=plan.token, actor=editor)
    assert Course.objects.get().is_published
    assert list(Step.objects.values_list("title", flat=True)) == ["Bài bai-1", "Bài bai-2"]
    assert not LessonPage.objects.get(slug="rong").live


def test_every_publication_stands_in_the_history_with_its_person(draft, editor):
    course_release(course_page=draft, token=course_release_plan(course_page=draft).token, actor=editor)
    entries = PageLogEntry.objects.filter(action="wagtail.publish", user=editor)
    assert entries.count() == 3


def test_pages_that_go_out_together_may_link_to_each_other(draft, editor):
    one, two = LessonPage.objects.get(slug="bai-1"), LessonPage.objects.get(slug="bai-2")
    for page, other in ((one, two), (two, one)):
        page.body = (
            f'[{{"type": "text", "value": "<p>Xem <a linktype=\\"page\\" id=\\"{other.pk}\\">bài kia</a>.</p>"}}]'
        )
        page.save_revision()
    plan = course_release_plan(course_page=draft)
    assert titles(plan.ready) == ["Bài bai-1", "Bài bai-2", "Khoá thử"]
    course_release(course_page=draft, token=plan.token, actor=editor)
    assert LessonPage.objects.live().count() == 2


def test_whoever_leads_to_what_is_held_back_is_held_back_too(draft):
    one, empty = LessonPage.objects.get(slug="bai-1"), LessonPage.objects.get(slug="rong")
    one.body = f'[{{"type": "text", "value": "<p>Xem <a linktype=\\"page\\" id=\\"{empty.pk}\\">bài rỗng</a>.</p>"}}]'
    one.save_revision()
    plan = course_release_plan(course_page=draft)
    assert titles(plan.ready) == ["Bài bai-2", "Khoá thử"]
    assert "chưa xuất bản" in next(each for each in plan.held if each.title == "Bài bai-1").reasons[0]


def test_a_course_stays_closed_while_nothing_could_be_completed(draft):
    for slug in ("bai-1", "bai-2"):
        page = LessonPage.objects.get(slug=slug)
        page.required = False
        page.save_revision()
    plan = course_release_plan(course_page=draft)
    assert titles(plan.ready) == ["Bài bai-1", "Bài bai-2"]
    assert titles(plan.held) == ["Bài rỗng", "Khoá thử"]
    assert plan.effect is None


def test_an_open_course_keeps_something_to_complete(draft, editor):
    course_release(course_page=draft, token=course_release_plan(course_page=draft).token, actor=editor)
    for page in LessonPage.objects.live():
        page.required = False
        page.save_revision()
    plan = course_release_plan(course_page=CoursePage.objects.get())
    with pytest.raises(Refusal, match="không còn phần bắt buộc") as refused:
        course_release(course_page=draft, token=plan.token, actor=editor)
    assert refused.value.code == "no_required_step"
    assert Step.objects.filter(required=True).count() == 2


@pytest.mark.parametrize(
    ("fields", "reason"), [({"locked": True}, "bị khoá"), ({"go_live_at": "2099-01-01T00:00:00Z"}, "hẹn giờ")]
)
def test_what_waits_for_somebody_or_for_its_hour_is_left_alone(draft, fields, reason):
    page = LessonPage.objects.get(slug="bai-1")
    for name, value in fields.items():
        setattr(page, name, value)
    page.save()
    page.save_revision()
    plan = course_release_plan(course_page=draft)
    assert reason in next(each for each in plan.held if each.title == "Bài bai-1").reasons[0]


def test_a_page_written_on_meanwhile_is_looked_at_again(draft, editor):
    token = course_release_plan(course_page=draft).token
    LessonPage.objects.get(slug="bai-1").save_revision()
    with pytest.raises(Refusal) as refused:
        course_release(course_page=draft, token=token, actor=editor)
    assert refused.value.code == "release_changed"
    assert not LessonPage.objects.live().exists()


def test_the_page_tells_what_goes_out_what_stays_and_for_whom(client, editor, draft, learner):
    client.force_login(editor)
    assert address(draft) in client.get(reverse("cms_outline:course", args=[draft.pk])).content.decode()
    shown = client.get(address(draft))
    text = shown.content.decode()
    assert "Sẽ xuất bản (3)" in text
    assert "Còn giữ lại (1)" in text
    assert reverse("wagtailadmin_pages:edit", args=[LessonPage.objects.get(slug="rong").pk]) in text
    sent = client.post(address(draft), {"token": token_in(shown)})
    assert sent.status_code == 302
    assert "Đã xuất bản 3 trang. Còn 1 trang bị giữ lại." in said(sent)


def test_the_effect_on_who_learns_now_is_told_first(client, editor, draft, learner):
    course_release(course_page=draft, token=course_release_plan(course_page=draft).token, actor=editor)
    enrolment, _ = enrolment_start(user=learner, course=Course.objects.get())
    step_complete(enrolment=enrolment, step=Step.objects.first())
    page = LessonPage.objects.get(slug="bai-2")
    page.required = False
    page.save_revision()
    effect = course_release_plan(course_page=CoursePage.objects.get()).effect
    assert (effect.learners, effect.completed) == (1, 1)
    client.force_login(editor)
    assert "Việc ghi hoàn thành không rút lại được" in client.get(address(draft)).content.decode()


@pytest.mark.parametrize(
    ("who", "status"), [("editor", 200), ("learner", 403), ("coordinator", 403), ("stranger", 403), ("lead", 403)]
)
def test_it_is_for_who_may_publish(client, request, draft, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(address(draft)).status_code == status
    if status == 403:
        assert client.post(address(draft), {"token": "x"}).status_code == 403
        assert not LessonPage.objects.live().exists()


def test_with_a_review_before_publishing_only_publishers_may(client, settings, editor, draft, province):
    settings.REVIEW_BEFORE_PUBLISHING = True
    review_settings_apply()
    client.force_login(editor)
    outline = client.get(reverse("cms_outline:course", args=[draft.pk])).content.decode()
    assert address(draft) not in outline
    assert "gửi thẩm định" in outline
    sent = client.post(address(draft), {"token": course_release_plan(course_page=draft).token})
    assert (sent.status_code, sent.url) == (302, reverse("wagtailadmin_home"))  # as Wagtail says no to an editor
    assert not LessonPage.objects.live().exists()
    publisher = MembershipFactory(role=Role.PUBLISHER, unit=province.root).user
    client.force_login(publisher)
    assert client.get(address(draft)).status_code == 200


def test_what_awaits_a_reviewer_is_not_overtaken(settings, editor, draft):
    settings.REVIEW_BEFORE_PUBLISHING = True
    review_settings_apply()
    page = LessonPage.objects.get(slug="bai-1")
    page.get_workflow().start(page, editor)
    held = course_release_plan(course_page=draft).held
    assert next(each for each in held if each.title == "Bài bai-1").reasons == ["Trang đang chờ duyệt."]


# --- Many pages -------------------------------------------------------------------------------------------------------
@pytest.fixture
def many(draft, monkeypatch):
    monkeypatch.setattr(views_release, "DIRECT_LIMIT", 2)
    return draft


def ask(client, page, token=None):
    plan = course_release_plan(course_page=page)
    return client.post(address(page), {"token": plan.token if token is None else token})


def test_many_pages_go_out_by_a_job_that_leads_back(client, many, editor):
    client.force_login(editor)
    response = ask(client, many)
    job = Job.objects.get()
    assert (response.url, job.owner) == (reverse("jobs:job", args=[job.uuid]), editor)
    assert job.next_path == reverse("cms_outline:course", args=[many.pk])
    assert not Course.objects.filter(is_published=True).exists()
    done = jobs.job_run(uuid=str(job.uuid))
    assert (done.state, done.done, done.total) == (JobState.DONE, 3, 3)
    assert done.result == {"pages": 3, "held": 1}
    assert [step.title for step in Course.objects.get().steps.order_by("position")] == ["Bài bai-1", "Bài bai-2"]


def test_many_pages_that_changed_are_refused_at_once(client, many, editor):
    client.force_login(editor)
    response = ask(client, many, token="cu")
    assert "chưa xuất bản gì" in said(response)
    assert not Job.objects.exists()


def test_a_page_written_after_the_press_keeps_all_back(client, many, editor):
    client.force_login(editor)
    ask(client, many)
    LessonPage.objects.get(slug="bai-1").save_revision()
    done = jobs.job_run(uuid=str(Job.objects.get().uuid))
    assert done.state == JobState.FAILED
    assert not LessonPage.objects.filter(live=True).exists()


def test_a_release_that_is_repeated_publishes_nothing_twice(client, many, editor):
    client.force_login(editor)
    for _ in range(2):
        ask(client, many)
    for job in Job.objects.all():
        assert jobs.job_run(uuid=str(job.uuid)).state == JobState.DONE
    assert PageLogEntry.objects.filter(action="wagtail.publish", user=editor).count() == 3


def test_whose_right_ended_meanwhile_publishes_nothing(client, many, editor):
    client.force_login(editor)
    ask(client, many)
    editor.memberships.update(role=Role.LEARNER)
    editor.groups.clear()
    assert jobs.job_run(uuid=str(Job.objects.get().uuid)).state == JobState.FAILED
    assert not LessonPage.objects.filter(live=True).exists()
