"""What a page weighs for a phone that opens it: the page and what its browser fetches for it, as a server sends them.

No browser: the page comes from the test client, compressed as production compresses it, and its HTML is read for what a
browser fetches by itself. What comes only when somebody presses something (a video, a picture behind a button) is not
counted, and of the pictures that wait until they are scrolled to only the first ``LAZY_SHOWN``.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.middleware.gzip import GZipMiddleware

#: What a server writes above each file: measured at WhiteNoise and nginx, rounded up.
HEADER_BYTES = 400
#: GZipMiddleware hides lengths by up to so many bytes; counted as if it always took them all.
HIDDEN_LENGTH_BYTES = GZipMiddleware.max_random_bytes
#: The phone: 360 points wide, two pixels a point. Its first screenfuls show two pictures.
POINTS, PIXELS_A_POINT, LAZY_SHOWN = 360, 2, 2
#: What the phone's browser knows; others fall back to the picture's own format.
KNOWN_TYPES = {"", "image/avif", "image/webp", "image/jpeg", "image/png", "image/gif", "image/svg+xml"}
COMPRESSED = {".css", ".js", ".mjs", ".svg", ".json", ".txt", ".webmanifest"}
PICTURE = "picture"


@dataclass(frozen=True)
class Part:
    """One answer on the wire. ``again``: asked for anew at each visit, because its name says nothing of its content."""

    address: str
    kind: str
    bytes: int
    again: bool = False


@dataclass(frozen=True)
class Weight:
    """What a first view and the next one cost."""

    parts: tuple[Part, ...]
    repeat: int
    foreign: tuple[str, ...] = ()
    placeless: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Of a first view, without the pictures of the content."""
        return sum(part.bytes for part in self.parts if part.kind != PICTURE)

    @property
    def media(self) -> int:
        return sum(part.bytes for part in self.parts if part.kind == PICTURE)

    @property
    def requests(self) -> int:
        return len(self.parts)

    def __str__(self) -> str:
        heaviest = sorted(self.parts, key=lambda part: -part.bytes)
        return "\n".join(f"    {part.bytes:7,}  {part.kind:8} {part.address}" for part in heaviest)


# --- Reading the page -----------------------------------------------------------------------------------------------
@dataclass
class _Reader(HTMLParser):
    """Collects (kind, address, lazy) in the order in which a page names them."""

    found: list[tuple[str, str, bool]] = field(default_factory=list)
    placeless: list[str] = field(default_factory=list)
    held: int = 0
    offered: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in ("template", "noscript"):
            self.held += 1
        elif not self.held and (read := getattr(self, f"_{tag}", None)):
            read(values)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("template", "noscript"):
            self.held -= 1
        elif tag == "picture":
            self.offered = ""

    def _add(self, kind: str, address: str, lazy: bool = False) -> None:
        address = address.partition("#")[0]
        if address and not address.startswith(("data:", "blob:")):
            self.found.append((kind, address, lazy))

    def _link(self, values: dict[str, str]) -> None:
        kinds = {"stylesheet": "style", "icon": "icon", "modulepreload": "script", "preload": "preload"}
        for name in values.get("rel", "").split():
            if name in {*kinds, "manifest"}:
                self._add(kinds.get(name, name), values.get("href", ""))

    def _script(self, values: dict[str, str]) -> None:
        self._add("script", values.get("src", ""))

    def _source(self, values: dict[str, str]) -> None:
        if "srcset" in values and not self.offered and values.get("type", "") in KNOWN_TYPES:
            self.offered = chosen(values["srcset"], values.get("sizes", ""))

    def _img(self, values: dict[str, str]) -> None:
        own = chosen(values["srcset"], values.get("sizes", "")) if "srcset" in values else values.get("src", "")
        self._add(PICTURE, self.offered or own, values.get("loading") == "lazy")
        if not (values.get("width") and values.get("height")):
            self.placeless.append(own)

    def _video(self, values: dict[str, str]) -> None:
        self._add(PICTURE, values.get("poster", ""))
        self._audio(values)

    def _audio(self, values: dict[str, str]) -> None:
        if values.get("preload") != "none" or "autoplay" in values:
            self._add("media", values.get("src", "") or "a <source> that is fetched without being asked for")

    def _use(self, values: dict[str, str]) -> None:
        self._add("sprite", values.get("href", "") or values.get("xlink:href", ""))

    def _iframe(self, values: dict[str, str]) -> None:
        self._add("frame", values.get("src", ""))


def chosen(srcset: str, sizes: str) -> str:
    """What the phone takes of a ``srcset``: the narrowest that is wide enough for its place, else the widest."""
    offered = []
    for entry in srcset.split(", "):
        address, _, width = entry.strip().partition(" ")
        offered.append((int(width.removesuffix("w") or 0), address))
    wanted = _place(sizes) * PIXELS_A_POINT
    wide = [one for one in sorted(offered) if one[0] >= wanted]
    return (wide or [max(offered)])[0][1]


def _place(sizes: str) -> float:
    """How wide the picture's place is on the phone, in points."""
    for entry in sizes.split(","):
        condition, _, length = entry.strip().rpartition(") ")
        limit = re.search(r"max-width: ([\d.]+)(rem|px)", condition)
        if limit and float(limit[1]) * (16 if limit[2] == "rem" else 1) < POINTS:
            continue
        if number := re.fullmatch(r"([\d.]+)(vw|rem|px)", length):
            return float(number[1]) * {"vw": POINTS / 100, "rem": 16, "px": 1}[number[2]]
    return POINTS


# --- Weighing what it names -----------------------------------------------------------------------------------------
_STYLE_PARTS = re.compile(
    r"@import\s+(?:url\()?[\"']?([^\"')\s]+)|@font-face\s*{[^}]*?url\([\"']?([^\"')]+)", re.DOTALL
)
_SCRIPT_PARTS = re.compile(r"^\s*(?:import|export)\s+(?:[^\"';]*?\sfrom\s+)?[\"'](\.{1,2}/[^\"']+)[\"']", re.MULTILINE)


def _content(client: Any, address: str) -> bytes:
    """What stands under an address of ours."""
    path = urlsplit(address).path
    if path.startswith(settings.STATIC_URL):
        found = finders.find(path.removeprefix(settings.STATIC_URL))
        if not found:
            raise AssertionError(f"{address} is named by a page and is not there")
        return Path(found).read_bytes()
    answer = client.get(address)
    if answer.status_code != 200:
        raise AssertionError(f"{address} is named by a page and answers {answer.status_code}")
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def _on_the_wire(address: str, content: bytes) -> int:
    """Static files come compressed as well as it goes, uploads as quickly as it goes, pictures as they are."""
    path = urlsplit(address).path
    level = 9 if path.startswith(settings.STATIC_URL) else 1
    shrinks = Path(path).suffix in COMPRESSED
    return HEADER_BYTES + (min(len(content), len(gzip.compress(content, level))) if shrinks else len(content))


def _with_parts(client: Any, kind: str, address: str, *, again: bool = False) -> Iterator[Part]:
    """A file, and what it asks for in turn. Modules name others without a hash of their content."""
    content = _content(client, address)
    yield Part(address, kind, _on_the_wire(address, content), again)
    asked = {"style": _STYLE_PARTS, "script": _SCRIPT_PARTS}.get(kind)
    for match in asked.finditer(content.decode("utf-8")) if asked else ():
        name = next(group for group in match.groups() if group)
        is_font = kind == "style" and not match.group(1)
        if not name.startswith("data:"):
            yield from _with_parts(client, "font" if is_font else kind, urljoin(address, name), again=kind == "script")


def _answer_bytes(answer: Any) -> int:
    lines = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
    return len(answer.content) + lines + (HIDDEN_LENGTH_BYTES if answer.headers.get("Content-Encoding") else 0)


def _ask(client: Any, path: str, **headers: str) -> Any:
    hidden, GZipMiddleware.max_random_bytes = GZipMiddleware.max_random_bytes, 0
    try:
        return client.get(path, headers={"accept-encoding": "gzip", **headers})
    finally:
        GZipMiddleware.max_random_bytes = hidden


def weigh(client: Any, path: str, *, saves_data: bool = False) -> Weight:
    """The weight of a page for whoever ``client`` is; raises AssertionError where the page or a part is not there."""
    wish = {"save-data": "on"} if saves_data else {}
    answer = _ask(client, path, **wish)
    if answer.status_code != 200:
        raise AssertionError(f"{path} answers {answer.status_code}")
    reader = _Reader()
    reader.feed(gzip.decompress(answer.content).decode() if answer.headers.get("Content-Encoding") else answer.text)
    parts, foreign, lazy_left = {path: Part(path, "page", _answer_bytes(answer))}, [], LAZY_SHOWN
    for kind, name, lazy in reader.found:
        address = urljoin(path, name)
        if urlsplit(address).netloc not in ("", "testserver"):
            foreign.append(address)
        elif address not in parts and not (lazy and lazy_left <= 0):
            lazy_left -= lazy
            parts |= {part.address: part for part in _with_parts(client, kind, address)}
    tag = answer.headers.get("ETag")
    repeat = _answer_bytes(_ask(client, path, **wish, **{"if-none-match": tag}) if tag else answer)
    repeat += sum(HEADER_BYTES for part in parts.values() if part.again)
    return Weight(tuple(parts.values()), repeat, tuple(foreign), tuple(reader.placeless))
