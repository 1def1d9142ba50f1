"""What all our pages share: everybody may read them, and their address is known without a query."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import Page, PageViewRestriction

from cms.addresses import OpenPageForm, plain_slug
from cms.caching import mark_cacheable
from cms.forms_pages import DraftCopyForm, ReviewedPageForm
from cms.panels import FindingsPanel

#: What ``courses`` keeps of a title.
LONGEST_TITLE = 200


class OpenPage(Page):
    """A page that is open to everybody: nothing about a course is private, so no restriction is ever asked for."""

    private_page_options: list[str] = []
    base_form_class = OpenPageForm
    copy_form_class = DraftCopyForm
    content_panels = [FindingsPanel(), *Page.content_panels]
    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel("slug"),
                FieldPanel("seo_title"),
                FieldPanel("search_description"),
            ],
            heading=gettext_lazy("Địa chỉ và tìm kiếm"),
        )
    ]

    class Meta:
        abstract = True

    def get_view_restrictions(self) -> Any:
        return PageViewRestriction.objects.none()

    @property
    def site_path(self) -> str:
        """The page's address from the root of the site: ``/khoa-hoc/5-ky-nang-so-co-ban/``."""
        return f"/{self.url_path.split('/', 2)[2]}"

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self._fold_slug()
        super().full_clean(*args, **kwargs)

    def minimal_clean(self) -> None:
        """What a draft must have: an address it can keep."""
        self._fold_slug()
        super().minimal_clean()

    def clean(self) -> None:
        super().clean()
        if len(self.title) > LONGEST_TITLE:
            raise ValidationError(
                {
                    "title": _("Tên dài %(count)s chữ cái, cần không quá %(most)s.")
                    % {"count": len(self.title), "most": LONGEST_TITLE}
                }
            )

    def _fold_slug(self) -> None:
        """No accent survives in an address, however it came in; without one the title gives it."""
        self.slug: str = plain_slug(getattr(self, "slug", None) or "")
        if self.slug or not self.path:
            return
        base, number = plain_slug(self.title), 1
        self.slug = base
        while base and self.get_siblings(inclusive=False).filter(slug=self.slug).exists():
            number += 1
            self.slug = f"{base}-{number}"

    def publish(self, revision: Any, *args: Any, **kwargs: Any) -> Any:
        """Whoever publishes (an editor, a reviewer's approval, the clock, a command): what is unfit stays a draft.

        Raises PublishRefused. Wagtail's two forms do not come through here; there the hook before publishing refuses.
        """
        from cms.checks.gate import refuse_unfit  # the gate knows the page types, which stand on this one

        refuse_unfit(revision.as_object())
        return super().publish(revision, *args, **kwargs)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().serve(request, *args, **kwargs)
        mark_cacheable(request, response)
        return response


class ReviewedPage(OpenPage):
    """A page whose content somebody answers for and looks over by a day: services and laws change."""

    base_form_class = ReviewedPageForm
    content_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=gettext_lazy("Người phụ trách nội dung"),
    )
    review_on = models.DateField(
        gettext_lazy("Rà soát lại vào ngày"),
        null=True,
        blank=True,
        help_text=gettext_lazy("Dịch vụ và quy định thay đổi: thường là sau 6 tháng."),
    )

    class Meta:
        abstract = True


#: For the content panels of reviewed pages.
REVIEW_PANEL = FieldRowPanel(
    [FieldPanel("content_owner"), FieldPanel("review_on")], heading=gettext_lazy("Giữ nội dung luôn đúng")
)
