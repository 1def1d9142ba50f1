"""Guides: the Markdown files of ``docs/guides``, as pages with headings that one can point to.

CommonMark with tables, no HTML of one's own. A link to another guide (``[tổ](to-truong.md#in-danh-sach)``) and a
picture (``![lời tả](img/quan-ly.webp)``) are written as they work in a repository, and lead to the site's addresses.

The folder of another language (``en``) holds the same guides, heading for heading; a heading has one address in all
languages, made of its Vietnamese words, so that whoever is sent a link lands in the same place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

from common.text import slug as slug_of

FOLDER = settings.BASE_DIR / "docs" / "guides"
PICTURES = FOLDER / "img"
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Section:
    """What stands under one heading. ``text`` is the same without marks, to be searched."""

    anchor: str
    title: str
    html: SafeString
    text: str


@dataclass(frozen=True)
class Guide:
    """A guide: its title, the words before the first heading, and its sections."""

    slug: str
    title: str
    lead: Section
    sections: tuple[Section, ...]
    anchors: frozenset[str]
    pictures: tuple[str, ...]

    @property
    def html(self) -> SafeString:
        """Everything but the title, as one page."""
        return mark_safe("\n".join(part.html for part in (self.lead, *self.sections)))  # noqa: S308  (made below)


def slugs() -> list[str]:
    """The guides there are, by name of file."""
    return sorted(file.stem for file in FOLDER.glob("*.md"))


def guide(slug: str) -> Guide:
    """The guide of a file in the language of the page. Raises FileNotFoundError where there is none."""
    return _guide(slug, get_language() or settings.LANGUAGE_CODE)


@cache
def _guide(slug: str, language: str) -> Guide:
    return drawn(slug, _written(slug, language), language)


def _written(slug: str, language: str) -> str:
    folder = FOLDER if language == settings.LANGUAGE_CODE else FOLDER / language
    return (folder / f"{slug}.md").read_text(encoding="utf-8")


def drawn(slug: str, text: str, language: str = settings.LANGUAGE_CODE) -> Guide:
    """A guide from its Markdown. Whatever is no Markdown of ours stays text; the first heading is the title.

    Raises ValueError where two headings make one address, or where another language has other headings.
    """
    tokens = _MARKDOWN.parse(text)
    _prepare(tokens, slug, language)
    parts = list(_parts(tokens))
    (title, _), lead = parts[0]
    sections = [_section(heading, body) for heading, body in parts[1:]]
    tokens = [token for _, body in parts for token in body]
    anchors = [section.anchor for section in sections] + [str(t.attrs["id"]) for t in tokens if "id" in t.attrs]
    doubled = {anchor for anchor in anchors if anchors.count(anchor) > 1}
    if doubled:
        raise ValueError(f"{slug}.md: two headings make the same address: {', '.join(sorted(doubled))}")
    return Guide(
        slug=slug,
        title=title,
        lead=_section(("", ""), lead),
        sections=tuple(sections),
        anchors=frozenset(anchors),
        pictures=tuple(str(t.meta["picture"]) for inline in tokens for t in inline.children or () if t.type == "image"),
    )


def _parts(tokens: list[Token]) -> Iterator[tuple[tuple[str, str], list[Token]]]:
    """Heading (title and anchor) and what stands under it: the title of the guide first, then each ``##``."""
    heading, body = ("", ""), []  # type: tuple[str, str], list[Token]
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.type == "heading_open" and token.tag in ("h1", "h2"):
            if heading != ("", ""):
                yield heading, body
            heading, body = (_plain(tokens[place + 1]), str(token.attrs.get("id", ""))), []
            place += 3
        else:
            body.append(token)
            place += 1
    yield heading, body


def _section(heading: tuple[str, str], body: list[Token]) -> Section:
    title, anchor = heading
    html = _MARKDOWN.renderer.render(body, _MARKDOWN.options, {})
    head = f'<h2 id="{anchor}">{escape(title)}</h2>\n' if title else ""
    text = " ".join(said for token in body if token.type == "inline" and (said := _plain(token)))
    return Section(anchor, title, mark_safe(head + html), text)  # noqa: S308  (the library escapes; HTML is off)


def _plain(inline: Token) -> str:
    """The words of a line without marks; of a picture nothing."""
    breaks = ("softbreak", "hardbreak")
    said = (
        child.content if child.type in ("text", "code_inline") else " " if child.type in breaks else ""
        for child in _children(inline)
    )
    return " ".join("".join(said).split())


def _children(inline: Token) -> list[Token]:
    return inline.children or []


# --- From a repository to the site ----------------------------------------------------------------------------------
def _prepare(tokens: list[Token], slug: str, language: str) -> None:
    """Addresses of headings, labels of cells, links and pictures as the site has them."""
    headings = _headings(tokens)
    if language == settings.LANGUAGE_CODE:
        anchors = tuple(slug_of(said) for _, said in headings)
    else:
        anchors = _anchors(slug, settings.LANGUAGE_CODE)
    if len(headings) != len(anchors):
        raise ValueError(f"{language}/{slug}.md: {len(headings)} headings instead of {len(anchors)}")
    for (token, _), anchor in zip(headings, anchors, strict=True):
        token.attrs["id"] = anchor
    for child in (child for token in tokens for child in _children(token)):
        _readdress(child, language)
    _label_cells(tokens)


def _headings(tokens: list[Token]) -> list[tuple[Token, str]]:
    """The headings under the title, with their words."""
    return [
        (token, _plain(tokens[place + 1]))
        for place, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag in ("h2", "h3")
    ]


@cache
def _anchors(slug: str, language: str) -> tuple[str, ...]:
    """The words of each heading of a file as an address: what they lead to in a repository."""
    return tuple(slug_of(said) for _, said in _headings(_MARKDOWN.parse(_written(slug, language))))


def _shared(slug: str, anchor: str, language: str) -> str:
    """The address on the site of a heading that another language words in its own way."""
    own = _anchors(slug, language)
    return _anchors(slug, settings.LANGUAGE_CODE)[own.index(anchor)] if anchor in own else anchor


def _readdress(token: Token, language: str) -> None:
    target = str(token.attrs.get("href", ""))
    if token.type == "link_open" and ".md" in target and "://" not in target:
        name, _, anchor = target.partition("#")
        slug = name.removesuffix(".md")
        token.attrs["href"] = guide_path(slug, _shared(slug, anchor, language) if anchor else "")
    elif token.type == "image":
        name = str(token.attrs["src"]).removeprefix("../").removeprefix("img/")
        width, height = _size(name)
        more: dict[str, Any] = {"src": static(f"guides/{name}"), "width": width, "height": height, "loading": "lazy"}
        token.attrs = {**token.attrs, **more}
        token.meta["picture"] = name
    elif token.type == "code_inline" and language != settings.LANGUAGE_CODE and not token.content.isascii():
        # Names of columns and words on papers are Vietnamese in every language.
        token.attrs["lang"] = settings.LANGUAGE_CODE


def guide_path(slug: str, anchor: str = "") -> str:
    """The address of a guide on the site, or of a heading in it."""
    return reverse("help:guide", args=[slug]) + (f"#{anchor}" if anchor else "")


def _size(name: str) -> tuple[int, int]:
    """Width and height of a picture, so that nothing on the page moves when it comes."""
    with Image.open(PICTURES / name) as picture:
        return picture.size


def _label_cells(tokens: list[Token]) -> None:
    """Tables become cards on a phone: each cell carries the words of its column's head, the first names its row."""
    heads: list[str] = []
    column = 0
    for place, token in enumerate(tokens):
        if token.type == "table_open":
            heads = []
            token.attrs["class"] = "rtable"
        elif token.type == "tr_open":
            column = 0
        elif token.type == "th_open":
            heads.append(_plain(tokens[place + 1]))
            token.attrs["scope"] = "col"
        elif token.type == "td_open":
            if column == 0:
                _as_row_head(tokens, place)
            else:
                token.attrs["data-l"] = heads[column]
            column += 1


def _as_row_head(tokens: list[Token], place: int) -> None:
    tokens[place].tag = tokens[place + 2].tag = "th"
    tokens[place].attrs["scope"] = "row"
