"""Sizes and formats of pictures: which are wanted, which are there, and how to make the rest ahead of the readers.

A reader's request reads what is there for all pictures of a page in one query. The modern formats (AVIF, WebP) take
seconds of a processor: they are made when a page is published, by the queue, and a page without them shows the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import transaction
from wagtail.images.models import AbstractImage, Filter, SourceImageIOError

from cms import blocks
from cms.caching import content_changed
from common.queue import enqueue

#: Best first: browsers take the first that they know. The picture's own format comes last, for all others.
FORMATS = ("avif", "webp")
#: The width at which a photograph opens by itself.
LARGEST = "width-1600"
#: A page that lacks pictures asks the queue at most this often.
ASK_AGAIN_SECONDS = 600


def in_format(size: str, name: str) -> str:
    """The rendition of this size in another format."""
    return f"{size}|format-{name}"


@dataclass(frozen=True)
class Shape:
    """How a picture is shown: the sizes offered, smallest first, and what the page says about the place it gets."""

    sizes: tuple[str, ...]
    place: str

    @property
    def specs(self) -> list[str]:
        """Every rendition of this shape."""
        return [*self.sizes, *(in_format(size, name) for name in FORMATS for size in self.sizes)]


#: The whole picture, as wide as the column of a lesson.
WHOLE = Shape(("width-400", "width-800"), "(max-width: 52rem) 100vw, 48rem")
#: Cut to 16:9 around the focal point, for cards; and for the still of a video, which can be one file only.
CARD = Shape(("fill-400x225", "fill-800x450"), "(max-width: 40rem) 100vw, 24rem")
POSTER = "fill-800x450|format-jpeg"
ALL_SPECS = [*WHOLE.specs, *CARD.specs, POSTER, LARGEST]


# --- Reading --------------------------------------------------------------------------------------------------------
def make_ready(body: Any) -> None:
    """Fetch what is shared in a body, its pictures and files, and what is there of its pictures: one query each."""
    if not getattr(body, "_is_ready", False):
        pieces = [child.value for child in body.blocks_by_name("reusable") if child.value]
        blocks.read_together([body, *(piece.body for piece in pieces)])
        images_ready(blocks.pictures_of(body))
        body._is_ready = True


def images_ready(images: Iterable[AbstractImage | None]) -> None:
    """Fetch the renditions of all these pictures in one query. Drawings need none, unless they are cut."""
    waiting = [image for image in images if image is not None and not hasattr(image, "prefetched_renditions")]
    if not waiting:
        return
    found: dict[int, list[Any]] = {}
    model = waiting[0].get_rendition_model()
    for rendition in model.objects.filter(image__in={image.pk for image in waiting}, filter_spec__in=ALL_SPECS):
        found.setdefault(rendition.image_id, []).append(rendition)
    for image in waiting:
        image.prefetched_renditions = list(found.get(image.pk, []))


def present(image: AbstractImage, specs: Iterable[str]) -> dict[str, Any]:
    """The renditions of a picture that are there, by what they are; none is made."""
    there = image.find_existing_renditions(*(Filter(spec=spec) for spec in specs))
    return {wanted.spec: rendition for wanted, rendition in there.items()}


def fallbacks(image: AbstractImage, specs: Iterable[str]) -> dict[str, Any]:
    """The renditions that every browser shows, made now if they are missing; empty when the file is gone."""
    try:
        made: dict[str, Any] = image.get_renditions(*specs)
    except SourceImageIOError:
        return {}
    return made


# --- Making ---------------------------------------------------------------------------------------------------------
def pictures_of_page(page: Any) -> Iterator[tuple[AbstractImage, list[str]]]:
    """Each picture of a page with the renditions that readers will ask for."""
    for child in blocks.walk(getattr(page, "body", ())):
        poster = child.value.get("poster") if child.block_type in ("video", "embed") else None
        for image in blocks.pictures_in(child.value):
            yield image, [POSTER] if image is poster else [*WHOLE.specs, LARGEST]
    if illustration := getattr(page, "illustration", None):
        yield illustration, [*WHOLE.specs, *CARD.specs]


def page_pictures_make(*, page: Any) -> int:
    """Make every rendition that a page still lacks; returns how many were made. Idempotent.

    Pages that were kept while they lacked some go out of use.
    """
    made = 0
    for image, specs in pictures_of_page(page):
        if not image.is_svg():
            missing = [spec for spec in specs if spec not in present(image, specs)]
            made += len(fallbacks(image, missing)) if missing else 0
    if made:
        content_changed()
    return made


def ask_for(page_id: int | None) -> None:
    """Have the queue make what a page lacks, once in a while however many readers come."""
    if page_id and cache.add(f"cms:pictures-asked:{page_id}", 1, ASK_AGAIN_SECONDS):
        from cms import tasks  # the task calls this module

        transaction.on_commit(partial(enqueue, tasks.pictures_make, page_id))
