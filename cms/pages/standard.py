"""Help, accessibility, privacy: pages of running text."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from cms.blocks import BodyBlock
from cms.fields import BodyField
from cms.pages.base import OpenPage


class StandardPage(OpenPage):
    """A page of text."""

    intro = models.CharField(_("Giới thiệu ngắn"), max_length=300, blank=True)
    body = BodyField(BodyBlock(), blank=True, verbose_name=_("Nội dung"))

    parent_page_types = ["cms.HomePage"]
    subpage_types: list[str] = []
    template = "cms/standard.html"
    content_panels = [*OpenPage.content_panels, FieldPanel("intro"), FieldPanel("body")]

    class Meta:
        verbose_name = _("trang thông tin")
        verbose_name_plural = _("trang thông tin")
