"""Choosers of what lies in a library, and how whole bodies are read with one query for each library.

A chooser of Wagtail asks for itself: a body with pictures in six kinds of blocks costs six queries. Within
``read_together`` all choosers of some bodies first say what they want, then share what was fetched once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from contextvars import ContextVar
from copy import copy
from typing import Any

from django.db.models import Model
from wagtail.blocks import ChooserBlock
from wagtail.documents.blocks import DocumentChooserBlock as WagtailDocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock as WagtailImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock as WagtailSnippetChooserBlock


class _Together:
    """What the choosers of some bodies want, and what of it was fetched: by library."""

    def __init__(self) -> None:
        self.wanted: dict[type[Model], set[Any]] = defaultdict(set)
        self.found: dict[type[Model], dict[Any, Any]] = {}
        self.is_asking = True

    def answer(self, model: type[Model], keys: Collection[Any]) -> list[Any]:
        """What lies under these keys, each a copy of its own as choosers give it; nothing while all are asked."""
        if self.is_asking:
            self.wanted[model].update(key for key in keys if key is not None)
            return [None] * len(keys)
        if model not in self.found:
            self.found[model] = model._default_manager.in_bulk(self.wanted[model])
        return [copy(self.found[model].get(key)) for key in keys]


_together: ContextVar[_Together | None] = ContextVar("together", default=None)


def read_together(streams: Iterable[Any]) -> None:
    """Turn the raw blocks of these bodies into values, with one query for each library that they choose from."""
    waiting, together = list(streams), _Together()
    token = _together.set(together)
    try:
        for stream in waiting:
            stream.stream_block.bulk_to_python([list(stream.raw_data)])
        together.is_asking = False
        for stream in waiting:
            list(stream)
    finally:
        _together.reset(token)


class _LibraryChooser(ChooserBlock):
    """A chooser that shares its query with all others of its library where bodies are read together."""

    def bulk_to_python(self, values: Collection[Any]) -> list[Any]:
        together = _together.get()
        if together is None:
            alone: list[Any] = super().bulk_to_python(values)
            return alone
        return together.answer(self.model_class, values)


class ImageChooserBlock(_LibraryChooser, WagtailImageChooserBlock):
    """A picture of the library."""


class DocumentChooserBlock(_LibraryChooser, WagtailDocumentChooserBlock):
    """A file of the library."""


class SnippetChooserBlock(_LibraryChooser, WagtailSnippetChooserBlock):
    """A word or a piece that lessons share."""
