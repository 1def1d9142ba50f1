"""Reads the HTML that editors' rich text stores: paragraphs, headings and links. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_PARAGRAPHS = frozenset({"p", "li", "blockquote", "div", "td", "th"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass
class RawLink:
    """A link as it is stored: to a page or document by id, or to an address."""

    words: str = ""
    kind: str = ""  # page, document, or empty
    target: int | None = None
    url: str = ""


@dataclass
class Reading:
    """What stands in a piece of rich text, in order."""

    paragraphs: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    links: list[RawLink] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.reading = Reading()
        self._words: list[str] = []
        self._level = 0
        self._link: RawLink | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _PARAGRAPHS or tag in _HEADINGS or tag == "br":
            self._close()
            self._level = _HEADINGS.get(tag, 0)
        elif tag == "a":
            given = dict(attrs)
            number = given.get("id") or ""
            self._link = RawLink(
                kind=given.get("linktype") or "",
                target=int(number) if number.isdigit() else None,
                url=given.get("href") or "",
            )
            self.reading.links.append(self._link)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = None
        elif tag in _PARAGRAPHS or tag in _HEADINGS:
            self._close()

    def handle_data(self, data: str) -> None:
        self._words.append(data)
        if self._link is not None:
            self._link.words += data

    def close(self) -> None:
        super().close()
        self._close()

    def _close(self) -> None:
        """What was read so far is one paragraph, or one heading."""
        words = " ".join("".join(self._words).split())
        self._words = []
        if words and self._level:
            self.reading.headings.append((self._level, words))
        elif words:
            self.reading.paragraphs.append(words)
        self._level = 0


def read(html: str) -> Reading:
    """Paragraphs, headings and links of a piece of rich text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.reading
