"""What a publication changes for those who learn now: the one seam to ``cms.effects``."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from wagtail.models import Page


def effect_lines(page: Page) -> list[str]:
    """What changes for learners in progress when ``page`` is published as it is in memory; empty when nothing does."""
    if find_spec("cms.effects") is None:
        return []
    effects = import_module("cms.effects")
    effect = effects.effect_of_publishing(page)
    words = effects.effect_words(effect) if effect is not None else ""
    return [words] if words else []
