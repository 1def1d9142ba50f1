"""The blocks of a course file as the stream field stores them, with their pictures and words in the library."""

from __future__ import annotations

import json
import re
import uuid
from hashlib import sha1
from html import unescape
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from wagtail.images import get_image_model
from wagtail.models import Collection

from cms.blocks import BodyBlock
from cms.models import GlossaryTerm
from cms.yamlblocks import BlockFile

SVG_TITLE = re.compile(r"<title>([^<]+)</title>")
#: Ids of blocks are made from where they stand, so that the same file gives the same page.
BLOCKS = uuid.UUID("6f1f6a1e-6d0d-4a53-9a45-0c6f2d1f9b11")


def body_stored(blocks: list[BlockFile], *, slug: str, course_title: str) -> str:
    """The blocks of the lesson at ``slug``. Makes the pictures and glossary words that are not there yet."""
    children = BodyBlock().child_blocks
    stored = []
    for place, block in enumerate(blocks):
        at = f"{slug}/{place}"
        value = _words(block.value) if block.kind == "glossary" else block.value
        value = _stored(children[block.kind], _with_pictures(value, course_title), at)
        stored.append({"type": block.kind, "value": value, "id": _id(at)})
    return json.dumps(stored)


def _id(place: str) -> str:
    return str(uuid.uuid5(BLOCKS, place))


def _stored(block: Any, value: Any, place: str) -> Any:
    """A value with an id for every item of its lists, as an editor's browser would give them."""
    if isinstance(value, dict):
        return {name: _stored(block.child_blocks[name], inner, f"{place}/{name}") for name, inner in value.items()}
    if isinstance(value, list):
        return [
            {"type": "item", "value": _stored(block.child_block, item, at), "id": _id(at)}
            for at, item in ((f"{place}/{number}", item) for number, item in enumerate(value))
        ]
    return value


def _with_pictures(value: Any, course_title: str) -> Any:
    """A value with every file replaced by its picture in the library."""
    if isinstance(value, dict):
        return {
            name: picture(inner, course_title, value.get("alt") or "").pk
            if isinstance(inner, Path)
            else _with_pictures(inner, course_title)
            for name, inner in value.items()
        }
    return [_with_pictures(item, course_title) for item in value] if isinstance(value, list) else value


def _words(value: dict[str, Any]) -> dict[str, Any]:
    """A glossary with its words in the library. The meaning in the file is the one that holds."""
    terms = []
    for word, meaning in value["terms"].items():
        term = GlossaryTerm.objects.filter(term__iexact=word).first() or GlossaryTerm(term=word)
        if term.meaning != meaning:
            term.meaning = meaning
            term.save()
        terms.append(term.pk)
    return {"title": value["title"], "terms": terms}


def picture(file: Path, course_title: str, description: str = "") -> Any:
    """The picture with this very content, made if there is none yet, in the collection of its course."""
    content = file.read_bytes()
    digest = sha1(content, usedforsecurity=False).hexdigest()
    model = get_image_model()
    if found := model.objects.filter(file_hash=digest).first():
        return found
    named = SVG_TITLE.search(content.decode("utf-8", errors="ignore")) if file.suffix == ".svg" else None
    title = unescape(named.group(1)).strip() if named else file.stem.replace("-", " ")
    return model.objects.create(
        title=title[:255],
        description=description[:255],
        file=ContentFile(content, name=file.name),
        file_hash=digest,
        file_size=len(content),
        collection=_collection(course_title),
    )


def _collection(title: str) -> Collection:
    root = Collection.get_first_root_node()
    found = root.get_children().filter(name=title[:255]).first()
    return found or root.add_child(instance=Collection(name=title[:255]))
