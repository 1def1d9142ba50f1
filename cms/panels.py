"""What stands in the editors' forms besides fields."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel
from wagtail.models import Page


class FindingsPanel(Panel):
    """What the checks say about the page as it was saved last, with the way to check again."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"heading": _("Kiểm tra trước khi xuất bản"), "icon": "tasks", **kwargs})

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/admin/findings_panel.html"

        def is_shown(self) -> bool:
            return bool(self.instance and self.instance.pk)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            from cms.checks import gate  # the gate knows the page types, and those show this panel

            context: dict[str, Any] = super().get_context_data(parent_context)
            findings = gate.findings_of(self.instance)
            return {**context, "findings": findings, "page": self.instance, "course": _course_of(self.instance)}


class BankPanel(Panel):
    """From a quiz to the bank from which it asks, with how many questions stand ready."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/admin/bank_panel.html"

        def is_shown(self) -> bool:
            return bool(getattr(self.instance, "bank_id", None))

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            bank = self.instance.bank
            return {**context, "bank": bank, "in_use": bank.questions.in_use().count()}


def _course_of(page: Page) -> int | None:
    """The page of the course that a page is or belongs to; None for other pages."""
    from cms.models import CoursePage  # whose form shows this panel

    course = page if isinstance(page, CoursePage) else page.get_parent()
    if course is None or not issubclass(course.specific_class or Page, CoursePage):
        return None
    return int(course.pk)
