"""All blocks of a lesson in any order, and what is read out of such a body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wagtail import blocks
from wagtail.images.models import AbstractImage

from cms.blocks.doing import ScenarioBlock, StepsBlock, TryItBlock
from cms.blocks.media import AudioBlock, DocumentBlock, EmbedBlock, GalleryBlock, ImageBlock, VideoBlock
from cms.blocks.shared import GlossaryBlock, ReusableBlock
from cms.blocks.text import AccordionBlock, CalloutBlock, ComparisonBlock, TextBlock


class SimpleBodyBlock(blocks.StreamBlock):
    """What may stand in a piece that lessons share: nothing that is answered, and no other such piece."""

    text = TextBlock()
    callout = CalloutBlock()
    accordion = AccordionBlock()
    comparison = ComparisonBlock()
    image = ImageBlock()
    gallery = GalleryBlock()
    video = VideoBlock()
    embed = EmbedBlock()
    audio = AudioBlock()
    document = DocumentBlock()
    steps = StepsBlock()
    try_it = TryItBlock()

    class Meta:
        required = False


class BodyBlock(SimpleBodyBlock):
    """All blocks of a lesson, in any order."""

    scenario = ScenarioBlock()
    glossary = GlossaryBlock()
    reusable = ReusableBlock()

    class Meta:
        # The words of a lesson stand in one place, where their links lead.
        block_counts = {"glossary": {"max_num": 1}}


def readable_text(body: Any) -> str:
    """All words of a body that a learner can read or hear, without tags: for search."""
    return " ".join(part for part in body.stream_block.get_searchable_content(body) if part)


def walk(body: Any) -> Iterator[Any]:
    """The blocks of a body one after the other, with those of the shared pieces in their places."""
    for child in body:
        if child.block_type != "reusable":
            yield child
        elif child.value:
            yield from walk(child.value.body)


def kinds_of(body: Any) -> set[str]:
    """Which kinds of blocks a body holds."""
    return {child.block_type for child in walk(body)}


def pictures_of(body: Any) -> Iterator[AbstractImage]:
    """Every picture in a body, as often as it stands there."""
    for child in walk(body):
        yield from pictures_in(child.value)


def pictures_in(value: Any) -> Iterator[AbstractImage]:
    """Every picture in the value of one block."""
    if isinstance(value, AbstractImage):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from pictures_in(inner)
    elif isinstance(value, blocks.list_block.ListValue):
        for inner in value:
            yield from pictures_in(inner)
