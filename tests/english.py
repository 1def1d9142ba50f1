"""What a page says in English mode beside what it quotes: the texts that must hold no Vietnamese."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

VIETNAMESE = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
#: Names that stay as they are wherever they stand.
NAMES = re.compile(r"Học Số|Bắc Giang|Bắc Ninh|Tiếng Việt|VNeID")
WORD = re.compile(r"\w+")
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


class Held:
    """Texts that a database holds: names of people and units, titles, reasons. Pages of offices are full of them, and
    nobody translates a name. Found by their first word, for a province holds tens of thousands."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.by_first: dict[str, list[str]] = defaultdict(list)
        for text in sorted({" ".join(text.lower().split()) for text in texts}, key=len, reverse=True):
            if first := WORD.search(text):
                self.by_first[first[0]].append(text[first.start() :])

    def without(self, text: str) -> str:
        """The text without whatever of it is held, the longest first; of what a page cuts off, as far as it goes."""
        low, kept, at = text.lower(), [], 0
        cut = low.removesuffix("…") if low.endswith("…") else None
        for word in WORD.finditer(low):
            if word.start() >= at:
                rest = cut and cut[word.start() :]
                known = self.by_first.get(word[0], ())
                found = next((one for one in known if low.startswith(one, word.start())), "")
                found = found or next((str(rest) for one in known if rest and one.startswith(rest)), "")
                kept.append(text[at : word.start() if found else word.end()])
                at = word.start() + len(found) if found else word.end()
        return "".join(kept) + text[at:]


NOTHING = Held(())


def vietnamese_in(page: str, held: Held = NOTHING) -> Iterator[str]:
    """Each text of a page that speaks Vietnamese without saying so, but for what is ``held``."""
    reader = _Page()
    reader.feed(page)
    for text in reader.texts:
        shown = " ".join(text.split())
        if VIETNAMESE.search(shown) and VIETNAMESE.search(NAMES.sub("", held.without(shown))):
            yield shown


def held_texts(*more: str) -> Held:
    """Whatever Vietnamese the database holds, the names by which people are greeted, and ``more``."""
    found = {text for model in apps.get_models() for text in _texts_of(model) if VIETNAMESE.search(text)}
    return Held(
        found | set(more) | {name.split()[-1] for name in get_user_model().objects.values_list("full_name", flat=True)}
    )


def _texts_of(model: type[models.Model]) -> Iterator[str]:
    kinds = (models.CharField, models.TextField, models.JSONField)
    names = [field.attname for field in model._meta.concrete_fields if isinstance(field, kinds)]
    for row in model._base_manager.values_list(*names) if names and model._meta.managed else ():
        for value in row:
            yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def english(answer: Any, status: int = 200, *, held: Held = NOTHING) -> str:
    """The page of an answer, which is English but for what it quotes; white space as a reader sees it."""
    assert answer.status_code == status
    page: str = answer.content.decode()
    assert '<html lang="en"' in page
    assert list(vietnamese_in(page, held)) == []
    return " ".join(page.split())
