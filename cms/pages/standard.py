"""Help, accessibility, privacy: pages of running text."""

from __future__ import annotations

import re
from typing import Any, Self

from django.db import models
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from cms import shipped
from cms.blocks import BodyBlock
from cms.fields import BodyField
from cms.pages.base import OpenPage

_ADDED = re.compile(r' data-block-key="[^"]*"|(?<=>)\s+(?=<)')


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

    @classmethod
    def of_entry(cls, entry: shipped.Entry) -> Self:
        """The page of an entry of ``data/pages.yaml``, not saved."""
        return cls(title=entry["title"], slug=entry["slug"], intro=entry["intro"], body=entry["body"])

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        shown = self.in_language(get_language() or shipped.WRITTEN_IN)
        return {**context, "shown": shown, "shown_lang": shipped.WRITTEN_IN if shown is self else get_language()}

    def in_language(self, language: str) -> StandardPage:
        """The page as it came with the platform, in another language; once editors changed a word, as they wrote it."""
        came, other = (shipped.standing_pages(code).get(self.slug) for code in (shipped.WRITTEN_IN, language))
        if came is other or not came or not other or self._words != StandardPage.of_entry(came)._words:
            return self
        return StandardPage.of_entry(other)

    @property
    def _words(self) -> tuple[Any, ...]:
        blocks = ((block["type"], _said(block["value"])) for block in self.body.get_prep_value())
        return self.title, self.seo_title, self.intro, *blocks


def _said(value: Any) -> Any:
    """What a block says, without what an editor's window adds by opening it: keys of paragraphs, no line ends."""
    if isinstance(value, dict):
        return {name: _said(one) for name, one in value.items()}
    return _ADDED.sub("", value).strip() if isinstance(value, str) else value
