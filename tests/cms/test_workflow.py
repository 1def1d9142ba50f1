"""Editor, subject reviewer, publisher: the whole way through the admin, and no way around it."""

from __future__ import annotations

import json
import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Page, Revision, Workflow, WorkflowPage, WorkflowState

from cms.models import CataloguePage, CoursePage, LessonPage
from cms.services import pages_publish_scheduled, site_ensure, workflow_ensure
from cms.services.editors import GROUP, PUBLISHERS, REVIEWERS
from cms.services.reviewing import WORKFLOW
from people.models import Notice, Role
from people.querysets import today
from tests.factories import cms as make
from tests.factories.people import MembershipFactory, UserFactory
from tests.proof import with_second_step


def _with_office(province, role, name):
    office = MembershipFactory(
        user=UserFactory(full_name=name), unit=province.department, audience=province.staff, role=role
    )
    return with_second_step(office.user)


@pytest.fixture
def reviewer(province):
    return _with_office(province, Role.CONTENT_REVIEWER, "Ngô Thị Thẩm")


@pytest.fixture
def publisher(province):
    return _with_office(province, Role.PUBLISHER, "Lý Văn Xuất")


@pytest.fixture
def review(settings, province):
    """A province that wants a review before publishing, with a course in writing."""
    settings.REVIEW_BEFORE_PUBLISHING = True
    site_ensure()
    return make.course_draft()


def _lesson_data(lesson, **fields):
    body = {"blocks": [{"key": "a", "text": "Nội dung.", "type": "unstyled", "depth": 0, "inlineStyleRanges": [],
                        "entityRanges": []}], "entityMap": {}}  # fmt: skip
    return {
        "title": lesson.title, "slug": lesson.slug, "seo_title": "", "search_description": "", "minutes": 1,
        "summary": "Bài này giúp thử.", "required": "on", "rule": "marked", "min_minutes": "", "task": "",
        "content_owner": "", "review_on": f"{today():%Y-%m-%d}",
        "narrations-TOTAL_FORMS": 0, "narrations-INITIAL_FORMS": 0, "narrations-MAX_NUM_FORMS": 1000,
        "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0, "comments-MAX_NUM_FORMS": 1000,
        "body-count": 1, "body-0-type": "text", "body-0-order": 0, "body-0-deleted": "", "body-0-id": "",
        "body-0-value": json.dumps(body), **fields,
    }  # fmt: skip


def _edit(client, user, lesson, **fields):
    client.force_login(user)
    return client.post(reverse("wagtailadmin_pages:edit", args=[lesson.pk]), _lesson_data(lesson, **fields))


def _act(client, user, lesson, action, comment=""):
    """Approve or reject in the window that the first page of the admin opens."""
    client.force_login(user)
    state = Page.objects.get(pk=lesson.pk).current_workflow_task_state
    url = reverse("wagtailadmin_pages:workflow_action", args=[lesson.pk, action, state.pk])
    return client.post(url, {"comment": comment}, headers={"x-requested-with": "XMLHttpRequest"})


def _notices(user):
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def test_three_people_bring_a_lesson_out(client, review, editor, reviewer, publisher):
    lesson = make.lesson(review, "bai-1", live=False)
    form = client
    form.force_login(editor)
    page = form.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    assert "action-publish" not in page
    assert f"Gửi duyệt theo {WORKFLOW}" in page
    _edit(client, editor, lesson, **{"action-submit": "1"})
    assert _notices(reviewer) == ["content_task"]
    assert _notices(publisher) == []
    # It is the reviewer's turn: nobody else decides, and the editor waits.
    assert _act(client, editor, lesson, "approve").status_code == 403
    assert _act(client, publisher, lesson, "approve").status_code == 403
    client.force_login(reviewer)
    assert "Bài bai-1" in client.get("/cms/").content.decode()
    assert client.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).status_code == 200
    _act(client, reviewer, lesson, "reject", "Ghi rõ tên cơ quan.")
    notice = Notice.objects.get(user=editor, kind="content_returned")
    assert "«Ghi rõ tên cơ quan.»" in notice.body
    assert notice.actor == reviewer
    assert notice.path == reverse("wagtailadmin_pages:edit", args=[lesson.pk])
    _edit(client, editor, lesson, title="Bài đã sửa", **{"action-submit": "1"})
    _act(client, reviewer, lesson, "approve")
    assert not LessonPage.objects.get().live
    assert _notices(publisher) == ["content_task"]
    assert _act(client, reviewer, lesson, "approve").status_code == 403
    _act(client, publisher, lesson, "approve")
    page = LessonPage.objects.get()
    assert page.live
    assert page.title == "Bài đã sửa"
    assert _notices(editor)[-1] == "content_published"
    assert WorkflowState.objects.get().status == WorkflowState.STATUS_APPROVED
    assert mail.outbox == []  # ours are notices, carried by a job


def test_an_approval_does_not_bring_out_what_has_errors(client, review, editor, reviewer, publisher):
    lesson = make.lesson(review, "bai-1", live=False)
    _edit(client, editor, lesson, rule="signed_off", **{"action-submit": "1"})
    _act(client, reviewer, lesson, "approve")
    response = _act(client, publisher, lesson, "approve")
    assert response.json() == {"step": "success", "redirect": reverse("wagtailadmin_pages:edit", args=[lesson.pk])}
    told = client.get(response.json()["redirect"]).content.decode()
    assert "chưa nói người học nộp gì" in told
    assert not LessonPage.objects.get().live
    # The publisher sends it back; the review goes on.
    assert WorkflowState.objects.get().status == WorkflowState.STATUS_IN_PROGRESS
    _act(client, publisher, lesson, "reject", "Thiếu bài thực hành.")
    assert _notices(editor) == ["content_returned"]


def _window(client, lesson, action="approve"):
    state = Page.objects.get(pk=lesson.pk).current_workflow_task_state
    url = reverse("wagtailadmin_pages:workflow_action", args=[lesson.pk, action, state.pk])
    return client.get(url, headers={"x-requested-with": "XMLHttpRequest"}).json()["html"]


def test_whoever_approves_sees_first_what_the_checks_found(client, review, editor, reviewer):
    """A lesson longer than 15 minutes can be published, and is asked about; every button opens the window."""
    lesson = make.lesson(review, "bai-1", live=False)
    _edit(client, editor, lesson, minutes=40, **{"action-submit": "1"})
    client.force_login(reviewer)
    shown = _window(client, lesson)
    assert "Nên xem lại" in shown
    assert "15 phút" in shown
    assert 'name="comment"' in shown
    assert "Nên xem lại" not in _window(client, lesson, "reject")
    page = client.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    buttons = re.findall(r'<button[^>]*data-workflow-action-name="approve"[^>]*>', page)
    assert buttons
    assert all("data-workflow-action-modal-url" in button for button in buttons)


def test_errors_are_shown_to_whoever_approves(client, review, editor, reviewer):
    lesson = make.lesson(review, "bai-1", live=False)
    _edit(client, editor, lesson, rule="signed_off", **{"action-submit": "1"})
    client.force_login(reviewer)
    shown = _window(client, lesson)
    assert "Phải sửa trước khi xuất bản" in shown
    assert "chưa nói người học nộp gì" in shown


def test_where_nothing_is_found_one_press_approves(client, review, editor, reviewer, monkeypatch):
    monkeypatch.setattr("cms.checks.approving.gate.findings_of", lambda page: [])
    lesson = make.lesson(review, "bai-1", live=False)
    _edit(client, editor, lesson, **{"action-submit": "1"})
    client.force_login(reviewer)
    page = client.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    buttons = re.findall(r'<button[^>]*data-workflow-action-name="approve"[^>]*>', page)
    assert any("data-workflow-action-modal-url" not in button for button in buttons)
    assert "Nên xem lại" not in _window(client, lesson)


@pytest.mark.parametrize("way", ["form", "confirm", "bulk", "schedule", "copy", "unpublish", "delete", "move", "order"])
def test_an_editor_finds_no_way_around_the_review(client, review, editor, way):
    open_lesson = make.lesson(review, "dang-mo")
    make.lesson(review, "cung-mo")
    lesson = make.lesson(review, "bai-1", live=False)
    before = list(review.get_children().order_by("path").values_list("pk", "live"))
    client.force_login(editor)
    if way == "form":
        _edit(client, editor, lesson, **{"action-publish": "1"})
    elif way == "confirm":
        url = reverse("cms_checks:confirm", args=[lesson.pk])
        client.post(url, {"revision": lesson.save_revision().pk})
    elif way == "bulk":
        url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
        client.post(f"{url}?id={lesson.pk}", {"next": "/cms/", "include_descendants": "on"})
    elif way == "schedule":
        soon = f"{timezone.localtime() + timezone.timedelta(minutes=1):%Y-%m-%d %H:%M}"
        _edit(client, editor, lesson, go_live_at=soon, **{"action-publish": "1"})
        assert not Revision.objects.exclude(approved_go_live_at=None).exists()
        pages_publish_scheduled()
    elif way == "copy":
        data = {"new_title": "Sao", "new_slug": "sao", "new_parent_page": review.pk, "publish_copies": "on"}
        client.post(reverse("wagtailadmin_pages:copy", args=[open_lesson.pk]), data)
        assert not Page.objects.get(slug="sao").live
        Page.objects.get(slug="sao").delete()
    elif way == "unpublish":
        client.post(reverse("wagtailadmin_pages:unpublish", args=[open_lesson.pk]))
    elif way == "delete":
        client.post(reverse("wagtailadmin_pages:delete", args=[open_lesson.pk]))
    elif way == "move":
        other = make.course_draft("khac")
        client.post(reverse("wagtailadmin_pages:move_confirm", args=[open_lesson.pk, other.pk]))
    else:
        client.post(f"{reverse('wagtailadmin_pages:set_page_position', args=[open_lesson.pk])}?position=2")
    assert list(review.get_children().order_by("path").values_list("pk", "live")) == before


def test_without_a_review_editors_publish_themselves(client, province, editor):
    lesson = make.lesson(make.course_draft(), "bai-1", live=False)
    _edit(client, editor, lesson, content_owner=editor.pk, **{"action-publish": "1"})
    assert LessonPage.objects.get().live
    assert not Workflow.objects.exists()


def test_the_switch_is_turned_on_and_off(settings, province, editor):
    site_ensure()
    page = make.course_draft()
    may_publish = lambda: page.permissions_for_user(type(editor).objects.get(pk=editor.pk)).can_publish()  # noqa: E731
    assert may_publish()
    settings.REVIEW_BEFORE_PUBLISHING = True
    site_ensure()
    assert not may_publish()
    assert CoursePage.objects.get().get_workflow().name == WORKFLOW
    settings.REVIEW_BEFORE_PUBLISHING = False
    site_ensure()
    assert may_publish()
    assert CoursePage.objects.get().get_workflow() is None


def test_the_workflow_is_made_once_and_keeps_what_an_administrator_added(review):
    workflow_ensure()
    assert [task.name for task in Workflow.objects.get().tasks] == ["Thẩm định nội dung", "Xuất bản"]
    assert GroupApprovalTask.objects.count() == 2
    assert WorkflowPage.objects.get().page_id == CataloguePage.objects.get().pk
    task = GroupApprovalTask.objects.first()
    task.name = "Thẩm định của Sở"
    task.save()
    workflow_ensure()
    assert GroupApprovalTask.objects.get(pk=task.pk).name == "Thẩm định của Sở"
    assert GroupApprovalTask.objects.count() == 2


@pytest.mark.parametrize(
    ("role", "groups"),
    [
        (Role.EDITOR, {GROUP}),
        (Role.CONTENT_REVIEWER, {REVIEWERS}),
        (Role.PUBLISHER, {PUBLISHERS}),
        (Role.ADMINISTRATOR, {GROUP, PUBLISHERS}),
        (Role.COORDINATOR, set()),
    ],
)
def test_groups_follow_offices(province, client, role, groups):
    site_ensure()
    user = _with_office(province, role, "Người thử")
    assert set(user.groups.values_list("name", flat=True)) == groups
    client.force_login(user)
    assert client.get("/cms/").status_code == (200 if groups else 403)
    user.memberships.update(valid_to=today())
    assert client.get("/cms/").status_code == 403
    membership = user.memberships.get()
    membership.save()
    assert not user.groups.exists()


def test_word_of_a_comment_comes_on_the_paper_of_all_our_letters(client, review, editor, reviewer):
    """Comments are the one thing of which Wagtail writes itself."""
    lesson = make.lesson(review, "bai-1", live=False)
    Page.objects.get(pk=lesson.pk).subscribers.create(user=reviewer, comment_notifications=True)
    comment = {"text": "Xin xem lại hình này.", "contentpath": "title", "id": "", "resolved": "", "user": editor.pk}
    replies = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MAX_NUM_FORMS": 1000}
    _edit(
        client, editor, lesson,
        **{"comments-TOTAL_FORMS": 1},
        **{f"comments-0-{name}": value for name, value in comment.items()},
        **{f"comments-0-replies-{name}": value for name, value in replies.items()},
    )  # fmt: skip
    [letter] = mail.outbox
    html = str(letter.alternatives[0][0])
    assert letter.to == [reviewer.email]
    for told in (f"Chào {reviewer.full_name},", "Xin xem lại hình này.", "Học&nbsp;Số", "Chọn thư muốn nhận"):
        assert told in html
    assert not re.search(r"\b(Hello|comments?|You|page|here)\b", re.sub(r"<[^>]+>", " ", html))
    assert "src=" not in html  # nothing is fetched
