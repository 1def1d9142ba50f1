"""What a page says in English mode beside what it quotes: the texts that must hold no Vietnamese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

VIETNAMESE = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
#: Names that stay as they are wherever they stand.
NAMES = re.compile(r"Học Số|Bắc Giang|Bắc Ninh|Tiếng Việt|VNeID")
#: Attributes that a reader sees or hears.
SPOKEN = frozenset({"alt", "aria-label", "aria-description", "title", "placeholder", "summary", "label"})
EMPTY = frozenset("area base br col embed hr img input link meta source track wbr".split())


class _Page(HTMLParser):
    """Texts but those of elements marked ``lang="vi"`` or ``translate="no"``, of scripts and of what was typed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []

    @property
    def is_quoted(self) -> bool:
        return any(quoted for _tag, quoted in self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        quoted = tag in ("script", "style", "textarea") or given.get("lang") == "vi" or given.get("translate") == "no"
        if not (quoted or self.is_quoted):
            self.texts += [value for name, value in attrs if name in SPOKEN and value]
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.texts.append(given.get("value") or "")
        if tag not in EMPTY:
            self.open.append((tag, quoted))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                del self.open[place:]
                return

    def handle_data(self, data: str) -> None:
        if not self.is_quoted:
            self.texts.append(data)


def vietnamese_in(page: str) -> Iterator[str]:
    """Each text of a page that speaks Vietnamese without saying so."""
    reader = _Page()
    reader.feed(page)
    for text in reader.texts:
        if VIETNAMESE.search(NAMES.sub("", text)):
            yield " ".join(text.split())


def english(answer: Any, status: int = 200) -> str:
    """The page of an answer, which is English but for what it quotes; white space as a reader sees it."""
    assert answer.status_code == status
    page: str = answer.content.decode()
    assert '<html lang="en"' in page
    assert list(vietnamese_in(page)) == []
    return " ".join(page.split())
