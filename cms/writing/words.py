"""The words of a body of blocks, one by one: read out of what is stored, and put back into it.

Only words are touched. Whatever else stands in a body (pictures, links, the order of blocks) goes through unchanged,
and so does rich text in which no word changed, to the last byte.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from bs4 import BeautifulSoup
from bs4.dammit import EntitySubstitution
from bs4.element import NavigableString, Tag
from bs4.formatter import HTMLFormatter
from django.utils.translation import gettext_noop
from wagtail import blocks

#: What a run of words in rich text is, by the nearest of these around it; in a plain paragraph nothing is said.
RUNS = {
    "a": gettext_noop("chữ của liên kết"),
    "b": gettext_noop("chữ đậm"),
    "strong": gettext_noop("chữ đậm"),
    "i": gettext_noop("chữ nghiêng"),
    "em": gettext_noop("chữ nghiêng"),
    "h2": gettext_noop("tiêu đề"),
    "h3": gettext_noop("tiêu đề nhỏ"),
    "li": gettext_noop("ý"),
}
_HOLDERS = ["p", "li", "h2", "h3", "ol", "ul"]
#: What holds no words and still is not empty.
_KEPT = ["embed", "img", "hr"]


@dataclass(frozen=True)
class Words:
    """A run of words: its address in the body, the label of its field, what it is in rich text (a word of RUNS, or ""),
    and how long it may be. ``block`` is the number of the block it belongs to, from 0."""

    address: str
    label: str
    run: str
    text: str
    longest: int | None

    @property
    def block(self) -> int:
        return int(self.address.partition(".")[0])


Visit = Callable[[Words], str]


def words_of(body: blocks.StreamBlock, stored: list[dict[str, Any]]) -> list[Words]:
    """Every run of words of a body as it is stored, in order."""
    found: list[Words] = []

    def keep(words: Words) -> str:
        found.append(words)
        return words.text

    _through(body, stored, "", keep)
    return found


def rewritten(body: blocks.StreamBlock, stored: list[dict[str, Any]], said: Mapping[str, str]) -> list[dict[str, Any]]:
    """The body with the words in ``said`` (by their addresses) in place of its own."""
    written: list[dict[str, Any]] = _through(body, stored, "", lambda words: said.get(words.address, words.text))
    return written


def section(heading: str, text: str) -> dict[str, Any]:
    """A block of running text: a heading if there is one, and a paragraph for whatever stands between empty lines."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))]
    html = f"<h2>{escape(heading, quote=False)}</h2>" if heading else ""
    html += "".join(f"<p>{escape(part, quote=False)}</p>" for part in paragraphs if part)
    return {"type": "text", "value": html, "id": str(uuid.uuid4())}


def _through(block: Any, value: Any, address: str, visit: Visit) -> Any:
    """``value`` with each run of words replaced by what ``visit`` says to it."""
    if isinstance(block, blocks.StreamBlock):
        return [
            _item(block.child_blocks.get(one["type"]), one, f"{address}{at}", visit) for at, one in enumerate(value)
        ]
    if isinstance(block, blocks.ListBlock):
        return [_item(block.child_block, one, f"{address}.{at}", visit) for at, one in enumerate(value)]
    if isinstance(block, blocks.StructBlock):
        inner = {name: child for name, child in block.child_blocks.items() if name in value}
        return value | {name: _through(child, value[name], f"{address}.{name}", visit) for name, child in inner.items()}
    if isinstance(block, blocks.RichTextBlock):
        return _through_html(value, str(block.label), address, visit)
    if isinstance(block, blocks.CharBlock | blocks.TextBlock):
        return visit(Words(address, str(block.label), "", value or "", block.field.max_length))
    return value


def _item(block: Any, item: Any, address: str, visit: Visit) -> Any:
    """One of a list or stream; lists that were stored long ago hold bare values."""
    if not (isinstance(item, dict) and "value" in item):
        return _through(block, item, address, visit)
    return item | {"value": _through(block, item["value"], address, visit)}


# --- Rich text ------------------------------------------------------------------------------------------------------
class _AsStored(HTMLFormatter):
    """Attributes stay in their order, and only what HTML needs is escaped."""

    def attributes(self, tag: Tag) -> Iterable[tuple[str, Any]]:
        return tag.attrs.items()


_AS_STORED = _AsStored(entity_substitution=EntitySubstitution.substitute_xml)


def _through_html(html: str, label: str, address: str, visit: Visit) -> str:
    soup = BeautifulSoup(html or "", "html.parser")
    runs = [run for run in soup.find_all(string=True) if type(run) is NavigableString and run.strip()]
    said = [
        visit(Words(f"{address}.{at}", label, _what_is(run), run.strip(), None)).strip() for at, run in enumerate(runs)
    ]
    changed = [(run, text) for run, text in zip(runs, said, strict=True) if text != run.strip()]
    if not changed:
        return html
    for run, text in changed:
        before, after = re.match(r"\s*", run), re.search(r"\s*$", run)
        run.replace_with(f"{before and before[0]}{text}{after and after[0]}" if text else "")
    _sweep(soup)
    return soup.decode(formatter=_AS_STORED)


def _what_is(run: NavigableString) -> str:
    around = (parent.name for parent in run.parents if isinstance(parent, Tag))
    return next((name for name in around if name in RUNS), "")


def _sweep(soup: BeautifulSoup) -> None:
    """Take out what lost its last word: inner parts first."""
    for holder in reversed(soup.find_all([*_HOLDERS, "a", "b", "strong", "i", "em"])):
        if not holder.get_text(strip=True) and not holder.find(_KEPT):
            holder.decompose()
