"""Who may enter ``/cms/`` follows the offices that people hold, and who is told how a review goes on."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_delete, post_save
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import task_rejected, task_submitted, workflow_approved

from cms.services import editor_access_sync
from cms.services.reviewing import approval_tell, rejection_tell, task_tell
from people.models import Membership, User


def on_membership(sender: Any, instance: Membership, **kwargs: Any) -> None:
    if not kwargs.get("raw"):
        # A fresh person: the roles kept on the instance may be those of a moment ago.
        editor_access_sync(user=User.objects.get(pk=instance.user_id))


def on_login(sender: Any, user: User, **kwargs: Any) -> None:
    editor_access_sync(user=User.objects.get(pk=user.pk))


def on_task_submitted(sender: Any, instance: TaskState, user: User | None = None, **kwargs: Any) -> None:
    task_tell(task_state=instance, actor=user)


def on_task_rejected(sender: Any, instance: TaskState, user: User | None = None, **kwargs: Any) -> None:
    rejection_tell(task_state=instance, actor=user)


def on_workflow_approved(sender: Any, instance: WorkflowState, user: User | None = None, **kwargs: Any) -> None:
    approval_tell(workflow_state=instance, actor=user)


def connect() -> None:
    """Listen to memberships, sign-ins and reviews; called once when the room is ready."""
    post_save.connect(on_membership, sender=Membership, dispatch_uid="cms.membership_saved")
    post_delete.connect(on_membership, sender=Membership, dispatch_uid="cms.membership_deleted")
    user_logged_in.connect(on_login, dispatch_uid="cms.logged_in")
    task_submitted.connect(on_task_submitted, dispatch_uid="cms.task_submitted")
    task_rejected.connect(on_task_rejected, dispatch_uid="cms.task_rejected")
    workflow_approved.connect(on_workflow_approved, dispatch_uid="cms.workflow_approved")
