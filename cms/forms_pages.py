"""The editors' forms of pages, where they differ from Wagtail's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from wagtail.admin.forms.pages import CopyForm

from cms.addresses import OpenPageForm
from cms.prerequisites import ring_problem
from people.access import EDITING
from people.models import Membership, User
from people.querysets import today
from quizzes.models import Bank

#: Services and rules change: half a year is how long a lesson is trusted without a look.
REVIEW_AFTER = timedelta(days=182)


class DraftCopyForm(CopyForm):
    """A copy is a draft, always: it passes the checks like everything that is published. There are no aliases."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("publish_copies", "alias"):
            self.fields.pop(name, None)


class ReviewedPageForm(OpenPageForm):
    """A new page is its author's, to be looked over in half a year, unless they say otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "content_owner" in self.fields:
            self.fields["content_owner"].queryset = self._may_answer()
        if self.instance.pk is None and self.for_user is not None:
            self.initial["content_owner"] = self.initial.get("content_owner") or self.for_user.pk
            self.initial["review_on"] = self.initial.get("review_on") or today() + REVIEW_AFTER

    def _may_answer(self) -> QuerySet[User]:
        """Who may answer for a page: editors, who writes now, and whoever answers already. Never the whole province."""
        known = [pk for pk in (getattr(self.for_user, "pk", None), self.instance.content_owner_id) if pk]
        editors = Membership.objects.in_force().filter(role__in=EDITING).values("user")
        found: QuerySet[User] = User.objects.filter(Q(pk__in=editors) | Q(pk__in=known))
        return found


class CoursePageForm(ReviewedPageForm):
    """The form of a course: what is ticked must let somebody begin."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        asked = cleaned.get("prerequisites")
        problem = ring_problem(key=self.instance.translation_key, wanted=[course.pk for course in asked or ()])
        if problem:
            self.add_error("prerequisites", problem)
        return cleaned


class QuizPageForm(ReviewedPageForm):
    """The form of a quiz: it asks only from banks that its editor may use, and from those it asked from before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "bank" in self.fields and self.for_user is not None:
            kept = Bank.objects.filter(pk=self.instance.bank_id)
            self.fields["bank"].queryset = Bank.objects.readable_by(self.for_user) | kept

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self.for_user is None:
            return cleaned
        before = {section["bank"] for section in self.instance.sections_kept()}
        readable = set(Bank.objects.readable_by(self.for_user).values_list("slug", flat=True))
        for number, block in enumerate(cleaned.get("sections") or (), start=1):
            bank = block.value.get("bank")
            if bank and bank.slug not in readable | before:
                self.add_error(
                    "sections", _("Phần %(number)s: bạn không dùng được ngân hàng câu hỏi này.") % {"number": number}
                )
        return cleaned
