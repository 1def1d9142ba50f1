"""Marks the words that a lesson explains, each where it first stands. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

_TAG = re.compile(r"""(<(?:[^<>"']|"[^"]*"|'[^']*')*>)""")
_NAME = re.compile(r"^<(/?)([a-zA-Z][a-zA-Z0-9]*)")
#: Inside these nothing is marked: a link in a link is none, and headings stay quiet.
_QUIET = {"a", "h2", "h3"}


@dataclass
class Glossary:
    """The words of one lesson that are still to be marked; ``anchors`` says where the meaning of each stands."""

    anchors: Mapping[str, str]
    _waiting: dict[str, str] = field(init=False)
    _any: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        self._waiting = {escape(term, quote=False).casefold(): anchor for term, anchor in self.anchors.items()}
        # Of two words that begin at the same place the longer one is meant: "mã OTP", not "OTP" alone.
        longest_first = sorted((escape(term, quote=False) for term in self.anchors), key=len, reverse=True)
        self._any = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)

    def mark(self, html: str) -> str:
        """Rich text with the first occurrence of every waiting word as a link to its meaning."""
        if not self._waiting:
            return html
        quiet = 0
        pieces = _TAG.split(html)
        for place, piece in enumerate(pieces):
            if place % 2:
                name = _NAME.match(piece)
                if name and name.group(2).lower() in _QUIET:
                    quiet = max(0, quiet - 1) if name.group(1) else quiet + 1
            elif not quiet and self._waiting:
                pieces[place] = self._mark_words(piece)
        return "".join(pieces)

    def _mark_words(self, words: str) -> str:
        return self._any.sub(self._mark_word, words)

    def _mark_word(self, found: re.Match[str]) -> str:
        anchor = self._waiting.pop(found.group().casefold(), "")
        return f'<a class="term" href="#{anchor}" data-term>{found.group()}</a>' if anchor else found.group()
