"""The way of a page from its editor over a subject reviewer to a publisher, on Wagtail's workflows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from wagtail.models import GroupApprovalTask, Page, Task, TaskState, Workflow, WorkflowPage, WorkflowState, WorkflowTask

from cms.models import CataloguePage
from cms.services.editors import PUBLISHERS, REVIEWERS, editor_group_ensure
from people.models import User
from people.notices import notices_send

WORKFLOW = "Thẩm định và xuất bản"
STEPS = ((REVIEWERS, "Thẩm định nội dung"), (PUBLISHERS, "Xuất bản"))
SUBJECT_LONGEST = 120


@transaction.atomic
def workflow_ensure() -> Workflow | None:
    """The workflow over the catalogue, where the settings ask for a review before publishing; else none. Idempotent.

    An administrator may add steps to it or hang it elsewhere; what is there stays.
    """
    if not settings.REVIEW_BEFORE_PUBLISHING:
        # Pages under review go on; nothing new is submitted.
        WorkflowPage.objects.filter(workflow__name=WORKFLOW).delete()
        return None
    catalogue = CataloguePage.objects.first()
    if catalogue is None:
        return None
    editor_group_ensure()
    workflow, made = Workflow.objects.get_or_create(name=WORKFLOW)
    for place, (group, name) in enumerate(STEPS if made else ()):
        task = GroupApprovalTask.objects.create(name=name)
        task.groups.set(Group.objects.filter(name=group))
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=place)
    WorkflowPage.objects.get_or_create(page=Page.objects.get(pk=catalogue.pk), defaults={"workflow": workflow})
    return workflow


def review_settings_apply() -> None:
    """Give the groups and the workflow the shape that the settings want; nothing before there is a site. Idempotent."""
    if CataloguePage.objects.exists():
        editor_group_ensure()
        workflow_ensure()


# --- Who is told ------------------------------------------------------------------------------------------------------
def task_tell(*, task_state: TaskState, actor: Any) -> None:
    """Tell those whose turn it is that a page waits for them."""
    task = Task.objects.get(pk=task_state.task_id).specific
    page = task_state.workflow_state.content_object
    if not isinstance(task, GroupApprovalTask) or not isinstance(page, Page):
        return
    turn = User.objects.filter(groups__in=task.groups.all(), is_active=True).distinct()
    sender = task_state.workflow_state.requested_by
    by = f" do {sender.full_name} gửi" if sender else ""
    title = page.get_admin_display_title()
    _tell(
        [person for person in turn if person != actor],
        kind="content_task",
        subject=f"Chờ bạn duyệt: {title}",
        body=f"Bước «{task.name}» của trang «{title}»{by}. Mở trang để xem, nhận xét và duyệt.",
        page=page,
        actor=actor,
    )


def rejection_tell(*, task_state: TaskState, actor: Any) -> None:
    """Tell whoever submitted the page that it needs changes, with the reviewer's words."""
    state: WorkflowState = task_state.workflow_state
    page = state.content_object
    if state.requested_by is None or not isinstance(page, Page):
        return
    by = f"{actor.full_name} đề nghị sửa" if actor else "Cần sửa"
    said = f": «{task_state.comment}»" if task_state.comment else ""
    _tell(
        [state.requested_by],
        kind="content_returned",
        subject=f"Cần sửa: {page.get_admin_display_title()}",
        body=f"{by} trang «{page.get_admin_display_title()}»{said}. Sửa xong hãy gửi lại.",
        page=page,
        actor=actor,
    )


def approval_tell(*, workflow_state: WorkflowState, actor: Any) -> None:
    """Tell whoever submitted the page that it is out."""
    page = workflow_state.content_object
    if workflow_state.requested_by is None or not isinstance(page, Page) or workflow_state.requested_by == actor:
        return
    _tell(
        [workflow_state.requested_by],
        kind="content_published",
        subject=f"Đã duyệt: {page.get_admin_display_title()}",
        body=f"Trang «{page.get_admin_display_title()}» đã được duyệt và xuất bản.",
        page=page,
        actor=actor,
    )


def _tell(users: list[User], *, kind: str, subject: str, body: str, page: Page, actor: Any) -> None:
    notices_send(
        users=users,
        kind=kind,
        subject=subject[:SUBJECT_LONGEST],
        body=body,
        path=reverse("wagtailadmin_pages:edit", args=[page.pk]),
        actor=actor,
    )
