"""Wagtail's admin without its own letters about reviews: ours are notices, which a job carries after the commit.

Words that Wagtail looks up while it is loaded, before anybody reads them, are in the language of each reader here.
"""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.apps import WagtailAdminAppConfig


class EditorsAdminConfig(WagtailAdminAppConfig):
    default = False

    def ready(self) -> None:
        super().ready()
        from wagtail.admin.viewsets.chooser import ChooserViewSet
        from wagtail.models import TaskState, WorkflowState
        from wagtail.signals import task_submitted, workflow_approved, workflow_rejected, workflow_submitted

        task_submitted.disconnect(sender=TaskState, dispatch_uid="group_approval_task_submitted_email_notification")
        for signal, name in (
            (workflow_submitted, "submitted"),
            (workflow_rejected, "rejected"),
            (workflow_approved, "approved"),
        ):
            signal.disconnect(sender=WorkflowState, dispatch_uid=f"workflow_state_{name}_email_notification")
        ChooserViewSet.search_tab_label = _("Tìm kiếm")
        ChooserViewSet.edit_item_text = _("Sửa")
