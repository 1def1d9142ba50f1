"""Wagtail's admin without its own letters about reviews: ours are notices, which a job carries after the commit."""

from wagtail.admin.apps import WagtailAdminAppConfig


class EditorsAdminConfig(WagtailAdminAppConfig):
    default = False

    def ready(self) -> None:
        super().ready()
        from wagtail.models import TaskState, WorkflowState
        from wagtail.signals import task_submitted, workflow_approved, workflow_rejected, workflow_submitted

        task_submitted.disconnect(sender=TaskState, dispatch_uid="group_approval_task_submitted_email_notification")
        for signal, name in (
            (workflow_submitted, "submitted"),
            (workflow_rejected, "rejected"),
            (workflow_approved, "approved"),
        ):
            signal.disconnect(sender=WorkflowState, dispatch_uid=f"workflow_state_{name}_email_notification")
