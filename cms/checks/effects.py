"""What a publication changes for those who learn now, in words for the page that asks before it."""

from __future__ import annotations

from wagtail.models import Page

from cms.effects import effect_of_publishing, effect_words


def effect_lines(page: Page) -> list[str]:
    """What changes for learners in progress when ``page`` is published as it is in memory; empty when nothing does."""
    effect = effect_of_publishing(page)
    words = effect_words(effect) if effect is not None else ""
    return [words] if words else []
