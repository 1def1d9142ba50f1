"""HTML of other systems to the plain text with lines that we keep, and back. Pure.

Blocks become lines, lists get "- ", links keep their address behind their words, raised and lowered digits become the
letters that look so. Formulas stay as they are written. What cannot be kept is named, so that a person can look.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import CData, Comment, Declaration, Doctype, NavigableString, ProcessingInstruction, Tag
from bs4.exceptions import ParserRejectedMarkup
from django.utils.translation import gettext as _

from common.text import nfc
from quizzes.questions import text_normal

BLOCKS = frozenset(
    "p div h1 h2 h3 h4 h5 h6 ul ol li table thead tbody tr caption blockquote pre section article header footer figure "
    "figcaption dl dt dd hr address fieldset center".split()
)
DROPPED = frozenset("script style head title noscript template iframe object embed form input button select".split())
_BOLD = frozenset("b strong i em u s strike del ins mark font".split())
_SOUND = frozenset("audio source".split())
_MARKS = frozenset({Comment, CData, Declaration, Doctype, ProcessingInstruction})
_UP = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
_DOWN = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))
_WEB = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
#: What one text may be before it is only stripped of its tags; a question has 8,000 letters at most.
MOST_ELEMENTS = 5_000
MOST_LETTERS = 200_000
#: As much of a link or a raised text as is looked at.
FEW, DEEP = 50, 4
_PACKED = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=%\s]+")
#: A tag that never closes: parsers look for its end again and again.
_OPEN_END = re.compile(r"<(?=[^<>]*(?:<|\Z))")
_PARAGRAPHS = re.compile(r"(?:<p>[^<]*</p>\s*)+")

#: What becomes of a picture or sound: its address and its description; True where it was kept.
Keep = Callable[[str, str], bool]


@dataclass
class Made:
    """Plain text, and what was lost on the way."""

    text: str
    lost: list[str] = field(default_factory=list)


@dataclass
class _Walk:
    """One text on its way: pieces, where a line break is ``\\n`` and a break between blocks ``\\f``."""

    keep: Keep | None
    #: Pictures that stood in the text itself.
    packed: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    lost: dict[str, None] = field(default_factory=dict)
    #: Whether lines of the source count.
    preformatted: int = 0


def text_of_html(html: str, keep: Keep | None = None) -> Made:
    """The plain text of a piece of HTML; ``keep`` takes its pictures and sounds."""
    if not re.search(r"[<&]", html):
        return Made(text_normal(re.sub(r"\s+", " ", html)))
    if _PARAGRAPHS.fullmatch(html):
        return Made(text_normal("\n".join(_lines_of(html))))
    packed: list[str] = []
    bare = _OPEN_END.sub("&lt;", _without_comments(_PACKED.sub(lambda found: _put_aside(found[0], packed), html)))
    try:
        if bare.count("<") > MOST_ELEMENTS or len(bare) > MOST_LETTERS:
            raise ParserRejectedMarkup("more than a question has")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            soup = BeautifulSoup(bare, "html.parser")
    except (ParserRejectedMarkup, RecursionError):
        return Made(text_normal(unescape(re.sub(r"<[^<>]*>", "\n", bare))), [_("định dạng")])
    walk = _Walk(keep, packed)
    _walk(soup, walk)
    return Made(_joined(walk.pieces), list(walk.lost))


def _lines_of(html: str) -> Iterator[str]:
    """The lines of what is only paragraphs of words, which most texts are."""
    for words in re.findall(r"<p>([^<]*)</p>", html):
        if line := re.sub(r"\s+", " ", unescape(words)):
            yield line


def _put_aside(address: str, packed: list[str]) -> str:
    """A picture in the middle of a text is kept beside it while the text is taken apart."""
    packed.append(address)
    return f"data:#{len(packed) - 1}"


def _without_comments(html: str) -> str:
    """The text without comments and instructions of word processors."""
    kept, at = [], 0
    while (begun := html.find("<!--", at)) >= 0 and (end := html.find("-->", begun)) >= 0:
        kept.append(html[at:begun])
        at = end + 3
    return re.sub(r"<[!?][^<>]*>", "", "".join(kept) + html[at:])


def _walk(soup: Tag, walk: _Walk) -> None:
    """Depth first without recursion: what others write may be nested as deep as they like."""
    stack: list[Any] = [soup]
    while stack:
        node = stack.pop()
        if callable(node) and not isinstance(node, Tag):
            node()
        elif isinstance(node, NavigableString):
            if type(node) not in _MARKS:
                walk.pieces.append(str(node) if walk.preformatted else re.sub(r"\s+", " ", str(node)))
        elif node.name not in DROPPED:
            after = _enter(node, walk)
            stack.append(after)
            if node.name not in ("sup", "sub") or _shifted(node) is None:
                stack.extend(reversed(node.contents))
        elif node.name != "head":
            walk.lost[_("phần tử %(name)s") % {"name": node.name}] = None


def _enter(tag: Tag, walk: _Walk) -> Callable[[], None]:
    """What an element says before its content; returns what it says after."""
    name, pieces = tag.name, walk.pieces
    if name in BLOCKS:
        return _enter_block(tag, walk)
    if name == "br":
        pieces.append("\n")
    elif name in ("img", *_SOUND):
        _media(tag, str(tag.get("src") or ""), walk)
    elif name in ("td", "th"):
        walk.lost[_("kẻ bảng")] = None
        if tag.find_previous_sibling(["td", "th"]):
            pieces.append(" | ")
    elif name in ("sup", "sub"):
        return _enter_shifted(tag, walk)
    elif name == "a":
        return _enter_link(tag, walk)
    elif name == "math":
        walk.lost[_("công thức MathML")] = None
    elif name in _BOLD or tag.get("style"):
        walk.lost[_("chữ đậm, nghiêng, màu")] = None
    return lambda: None


def _enter_block(tag: Tag, walk: _Walk) -> Callable[[], None]:
    pieces, is_pre = walk.pieces, tag.name == "pre"
    pieces.append("\f- " if tag.name == "li" else "\f")
    walk.preformatted += is_pre

    def leave() -> None:
        walk.preformatted -= is_pre
        pieces.append("\f")

    return leave


def _shifted(tag: Tag) -> str | None:
    """Raised or lowered letters where every one of them exists as such."""
    letters = _UP if tag.name == "sup" else _DOWN
    words = _words_of(tag)
    return "".join(letters[letter] for letter in words) if words and all(w in letters for w in words) else None


def _words_of(tag: Tag) -> str:
    """The words of a short element; empty for a long one, and for one that is nested deep."""
    found = _few_words(tag, DEEP)
    return nfc(found) if found is not None else ""


def _few_words(tag: Tag, depth: int) -> str | None:
    if not depth or len(tag.contents) > FEW:
        return None
    parts = [
        _few_words(one, depth - 1) if isinstance(one, Tag) else str(one)
        for one in tag.contents
        if type(one) not in _MARKS
    ]
    return None if None in parts else "".join(part for part in parts if part)


def _enter_shifted(tag: Tag, walk: _Walk) -> Callable[[], None]:
    shifted = _shifted(tag)
    if shifted is not None:
        walk.pieces.append(shifted)
        return lambda: None
    walk.pieces.append("^(" if tag.name == "sup" else "_(")
    return lambda: walk.pieces.append(")")


def _enter_link(tag: Tag, walk: _Walk) -> Callable[[], None]:
    address = str(tag.get("href") or "").strip()
    words = _words_of(tag)
    if address.startswith("@@PLUGINFILE@@"):
        _media(tag, address, walk, words)
        return lambda: None
    shown = f" ({address})" if _WEB.match(address) and nfc(address) != words else ""
    return lambda: walk.pieces.append(shown)


def _media(tag: Tag, address: str, walk: _Walk, words: str = "") -> None:
    if not address:
        return
    if found := re.fullmatch(r"data:#(\d{1,6})", address):
        address = walk.packed[int(found[1])] if int(found[1]) < len(walk.packed) else ""
    told = nfc(str(tag.get("alt") or tag.get("title") or tag.get("aria-label") or words))
    if walk.keep and walk.keep(address, told):
        return
    if _WEB.match(address):
        walk.lost[_("hình, tiếng lấy từ trang khác")] = None
        walk.pieces.append(f" {told} ({address}) ")
    else:
        walk.lost[_("hình, tiếng")] = None
        walk.pieces.append(f" {told} ")


def _joined(pieces: list[str]) -> str:
    """Lines: any number of breaks between blocks makes one, each ``<br>`` makes one more."""
    text = re.sub(r" ?\f[ \f]*", "\f", re.sub(r"[ \t]+", " ", "".join(pieces))).strip("\f")
    # A break at the end of a block only ends its last line, unless the block holds nothing else.
    text = re.sub(r"(?<=[^\f\n])\n ?(?=\f|$)", "", text)
    return text_normal(re.sub(r"\f", "\n", re.sub(r"\f\n(?=\f)", "\f", text)))


def html_of_text(text: str) -> str:
    """The HTML of a text with lines; ``text_of_html`` makes the same text of it again."""
    return "".join(f"<p>{escape(line, quote=False) or '<br/>'}</p>" for line in text.split("\n")) if text else ""
