"""How a reader wants pages shown: size of the text, contrast, light or dark, and whether data is to be saved.

One cookie holds it, with one of a few values: whatever else stands there is read as nothing. So a page that is kept for
everybody is kept once per value, and nobody can make it be kept more often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse

COOKIE = "cach-doc"
COOKIE_SECONDS = 365 * 24 * 3600
#: What an answer that was made after a reader's wishes depends on.
VARY = ["Cookie", "Save-Data"]

#: Words of the cookie and of the form, in the order in which they stand there.
TEXTS = {"vua": "", "to": "to", "rat-to": "rat-to"}
CONTRASTS = {"thuong": False, "cao": True}
#: ``may``: nothing was chosen, what the browser asks for holds.
SAVERS: dict[str, bool | None] = {"may": None, "tat": False, "bat": True}
#: Nothing chosen: light or dark, as the machine is set.
GROUNDS = {"theo-may": "", "sang": "sang", "toi": "toi"}


@dataclass(frozen=True)
class Display:
    """What holds for one request. ``text`` is "", "to" or "rat-to"; ``ground`` "", "sang" (light) or "toi" (dark).

    ``saver_chosen`` is what the reader said; ``saver_asked`` what the browser asks for by ``Save-Data: on``.
    """

    text: str = ""
    contrast: bool = False
    saver_chosen: bool | None = None
    saver_asked: bool = False
    ground: str = ""

    @property
    def saver(self) -> bool:
        """Whether data is to be saved: what was chosen, else what the browser asks for."""
        return self.saver_asked if self.saver_chosen is None else self.saver_chosen

    @property
    def value(self) -> str:
        """What the cookie holds: ``to.cao.may.theo-may``."""
        return self._words(self.saver_chosen)

    @property
    def key(self) -> str:
        """What pages differ by: one of 36, whatever stands in the cookie."""
        return self._words(self.saver)

    def _words(self, saver: bool | None) -> str:
        chosen = (TEXTS, self.text), (CONTRASTS, self.contrast), (SAVERS, saver), (GROUNDS, self.ground)
        return ".".join(_word(words, meaning) for words, meaning in chosen)


def _word(words: Mapping[str, object], meaning: object) -> str:
    return next(word for word, meant in words.items() if meant == meaning)


def display_read(value: str, *, saver_asked: bool = False) -> Display:
    """What a cookie's value says; a value that is not one of ours says nothing.

    Cookies of three words are from before light and dark could be chosen.
    """
    offered: tuple[Mapping[str, Any], ...] = (TEXTS, CONTRASTS, SAVERS, GROUNDS)
    words = value.split(".")
    if len(words) == 3:
        words.append("theo-may")
    if len(words) != len(offered) or any(word not in those for word, those in zip(words, offered, strict=True)):
        return Display(saver_asked=saver_asked)
    text, contrast, saver, ground = (those[word] for word, those in zip(words, offered, strict=True))
    return Display(text, contrast, saver, saver_asked, ground)


def display_of(request: HttpRequest) -> Display:
    """How the reader behind a request wants it shown."""
    asked = request.headers.get("Save-Data", "").strip().lower() == "on"
    return display_read(request.COOKIES.get(COOKIE, ""), saver_asked=asked)


def display_chosen(before: Display, *, text: str, contrast: str, saver: str, ground: str) -> Display:
    """What a form of four choices means; a word that is not offered changes nothing.

    Leaving the saving of data as it was found is no choice: whoever only made the text larger is still served as the
    browser asks.
    """
    chosen = SAVERS.get(saver, before.saver_chosen)
    untouched = before.saver_chosen is None and chosen == before.saver
    return replace(
        before,
        text=TEXTS.get(text, before.text),
        contrast=CONTRASTS.get(contrast, before.contrast),
        saver_chosen=None if untouched else chosen,
        ground=GROUNDS.get(ground, before.ground),
    )


def display_remember(response: HttpResponse, display: Display, *, secure: bool) -> None:
    """Send the choice to the browser, for a year."""
    response.set_cookie(COOKIE, display.value, max_age=COOKIE_SECONDS, samesite="Lax", httponly=True, secure=secure)
