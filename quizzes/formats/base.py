"""What every question file shares: what is read from it, what is wrong in it, how its bytes become text.

Pure: bytes in, plain data out. An **entry** is a question that can be asked (its content is in the stored form of
``quizzes.questions``); a **fault** is a question, or a file, that could not be read; a **note** is something that was
read but not kept, or taken in another way than it was written. Whoever shows them shows all three.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import combining, normalize

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from common.text import nfc
from quizzes.questions import content_normal, content_problems

MB = 1024 * 1024
#: What one file may weigh, how many questions it may hold, and what a file inside it may weigh.
MAX_BYTES = 40 * MB
MAX_ENTRIES = 5_000
MAX_MEDIA_BYTES = 8 * MB
MAX_MEDIA_TOTAL = 32 * MB
#: More faults than a person reads help nobody.
MAX_TOLD = 1_000
HARDEST = 3


@dataclass(frozen=True)
class Entry:
    """One question of a file.

    ``code`` is its lasting name in a bank ("" where the format or the file has none), ``name`` what people call it,
    ``category`` a path "A/B", ``difficulty`` 1 to 3, ``topic`` the code or the words of a topic. ``where`` tells a
    person where it stands, ``line`` is for sorting and linking. Only the first seven are the question itself.
    """

    content: Mapping[str, Any]
    code: str = ""
    name: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    difficulty: int | None = None
    topic: str | None = None
    where: str = ""
    line: int = 0


@dataclass(frozen=True)
class Fault:
    """What could not be read or written: where, in which field ("" for all of it), why, and how to mend it."""

    where: str
    field: str
    problem: str
    fix: str = ""


@dataclass(frozen=True)
class Note:
    """What was read, but not kept, or kept in another way."""

    where: str
    text: str


@dataclass(frozen=True)
class Media:
    """A picture or sound inside a file. ``id`` is the SHA-256 of its bytes, and stands in ``content["media"]``."""

    id: str
    name: str
    mime: str
    data: bytes


@dataclass(frozen=True)
class Parsed:
    """All that a file holds."""

    entries: tuple[Entry, ...] = ()
    faults: tuple[Fault, ...] = ()
    media: tuple[Media, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Written:
    """A file, the questions that are not in it, and what the questions in it lost."""

    data: bytes
    left_out: tuple[Fault, ...] = ()
    lost: tuple[Fault, ...] = ()


class Unreadable(Exception):
    """The whole file cannot be read; carries what to tell."""

    def __init__(self, problem: str, fix: str = "", *, where: str = "") -> None:
        super().__init__(problem)
        self.fault = Fault(where or _("tệp"), "", problem, fix)


class CannotCarry(Exception):
    """The format has no way to say this question; carries what to tell."""


# --- Gathering ------------------------------------------------------------------------------------------------------
#: How to mend a question, by the field that is wrong.
_FIXES = {
    "text": gettext_noop("Viết lại nội dung câu hỏi."),
    "options": gettext_noop("Sửa danh sách đáp án."),
    "settings": gettext_noop("Sửa đáp án của câu."),
    "media": gettext_noop("Sửa các tệp hình, tiếng của câu."),
    "source": gettext_noop("Ghi đường dẫn đầy đủ, bắt đầu bằng https://."),
    "explanation": gettext_noop("Viết lại phần giải thích."),
}


@dataclass
class Gathering:
    """What has been read so far."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    media: dict[str, Media] = field(default_factory=dict)
    media_bytes: int = 0
    full: bool = False

    def fault(self, where: str, field: str, problem: str, fix: str = "") -> None:
        if len(self.faults) < MAX_TOLD:
            self.faults.append(Fault(where, field, problem, fix))

    def note(self, where: str, text: str) -> None:
        note = Note(where, text)
        if len(self.notes) < MAX_TOLD and note not in self.notes[-3:]:
            self.notes.append(note)

    def add(self, content: Mapping[str, Any], *, where: str, line: int, **about: Any) -> None:
        """Keep a question if it can be asked; else say why not. ``about``: what else an ``Entry`` has."""
        if len(self.entries) >= MAX_ENTRIES:
            if not self.full:
                self.fault(
                    where,
                    "",
                    _("tệp có hơn %(most)s câu; từ câu này trở đi không đọc") % {"most": MAX_ENTRIES},
                    _("Chia tệp thành nhiều tệp."),
                )
            self.full = True
            return
        content, about = kept(content), kept(about)
        problems = content_problems(content)
        for name, problem in problems:
            self.fault(where, name, problem, _(_FIXES[name]) if name in _FIXES else "")
        if not problems:
            self.entries.append(Entry(content_normal(content), where=where, line=line, **self._about(about, where)))

    def _about(self, about: Mapping[str, Any], where: str) -> dict[str, Any]:
        """What stands beside the content in one form."""
        difficulty = difficulty_of(about.get("difficulty"))
        if difficulty is None and str(about.get("difficulty") or "").strip():
            self.note(
                where,
                _("độ khó «%(difficulty)s» không phải số từ 1 đến %(most)s nên bỏ trống")
                % {"difficulty": about["difficulty"], "most": HARDEST},
            )
        return {
            "code": nfc(str(about.get("code") or "")),
            "name": nfc(str(about.get("name") or "")),
            "category": nfc(str(about.get("category") or "")),
            "tags": tuple(dict.fromkeys(tag for one in about.get("tags") or () if (tag := nfc(str(one))))),
            "difficulty": difficulty,
            "topic": nfc(str(about.get("topic") or "")) or None,
        }

    def parsed(self) -> Parsed:
        return Parsed(tuple(self.entries), tuple(self.faults), tuple(self.media.values()), tuple(self.notes))


def difficulty_of(value: Any) -> int | None:
    """1 to 3; None for anything else."""
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        return None
    return int(number) if number in range(1, HARDEST + 1) else None


# --- Bytes to text --------------------------------------------------------------------------------------------------
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
#: What neither a database nor XML can keep.
UNKEPT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")


def kept(value: Any) -> Any:
    """A value without the signs that cannot be kept: files can name them by number where their bytes hold none."""
    if isinstance(value, str):
        return UNKEPT.sub("", value)
    if isinstance(value, Mapping):
        return {kept(name): kept(one) for name, one in value.items()}
    return [kept(one) for one in value] if isinstance(value, (list, tuple)) else value


def decoded(data: bytes) -> tuple[str, str]:
    """The text of a file without its mark, its lines ending in ``\\n``, and the encoding in which it was read."""
    text, encoding = _decoded(data)
    return UNKEPT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).removeprefix("\ufeff"), encoding


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    if wide := _wide(data[:4096]):
        return data.decode(wide, errors="replace"), wide
    for encoding in ("utf-8", "cp1258"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # In the old code page a tone stands behind its letter: one without a letter that bears it is another page.
        if encoding == "utf-8" or not any(combining(letter) for letter in normalize("NFC", text)):
            return text, encoding
    return data.decode("cp1252", errors="replace"), "cp1252"


def _wide(head: bytes) -> str:
    """UTF-16 without a mark shows in its many zero bytes on one side."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 < len(head) or min(even, odd) * 8 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def doubtful_encoding(encoding: str, gathering: Gathering) -> None:
    """Say that letters may be wrong."""
    if encoding == "cp1252":
        gathering.note(_("tệp"), _("không rõ bảng mã nên chữ có dấu có thể sai; hãy lưu tệp theo UTF-8 rồi nhập lại"))


# --- Media ----------------------------------------------------------------------------------------------------------
#: A picture or a sound by its first bytes; what may carry code (SVG) is none.
_MAGIC: tuple[tuple[re.Pattern[bytes], str, str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), mime, ending)
    for pattern, mime, ending in (
        (rb"\xff\xd8\xff", "image/jpeg", "jpg"),
        (rb"\x89PNG\r\n\x1a\n", "image/png", "png"),
        (rb"GIF8[79]a", "image/gif", "gif"),
        (rb"RIFF....WEBP", "image/webp", "webp"),
        (rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", "audio/mpeg", "mp3"),
    )
)


def media_of(data: bytes, name: str) -> Media | None:
    """A picture or sound as the bytes say it is; None for anything else."""
    for pattern, mime, ending in _MAGIC:
        if pattern.match(data):
            stem = re.sub(r"[^\w .-]+", "-", nfc(re.split(r"[\\/]", name)[-1]).rsplit(".", 1)[0]).strip(" .-")
            return Media(hashlib.sha256(data).hexdigest(), f"{stem[:80] or 'tep'}.{ending}", mime, data)
    return None


# --- Keys -----------------------------------------------------------------------------------------------------------
def keys_kept(content: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The content with the keys that its options, pairs, choices, criteria and parts had before, told by their words.

    Files carry no keys, and keys never change meaning: a bank that reads its own file again must not mix them up.
    The choices of a matching, whose order means nothing, also come back in their old order.
    """
    if content.get("kind") != before.get("kind"):
        return dict(content)
    settings, old = dict(content["settings"]), before.get("settings") or {}
    if "pairs" in settings:
        settings = _matching_kept(settings, old)
    if "gaps" in settings:
        rows = {gap["key"]: gap for gap in old.get("gaps") or ()}
        settings["gaps"] = [_gap_kept(gap, rows.get(gap["key"], {})) for gap in settings["gaps"]]
    if "rubric" in settings:
        rubric = _rekeyed(settings["rubric"], old.get("rubric") or (), "title")
        levels = {row["key"]: row["levels"] for row in old.get("rubric") or ()}
        settings["rubric"] = [
            {**row, "levels": _rekeyed(row["levels"], levels.get(row["key"], ()), "text", "points")} for row in rubric
        ]
    options = _rekeyed(content["options"], before.get("options") or (), "text")
    return {**content, "options": options, "settings": settings}


def _gap_kept(gap: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    options = gap.get("options")
    return {**gap, "options": _rekeyed(options, before.get("options") or (), "text")} if options else dict(gap)


def _matching_kept(settings: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    choices = _rekeyed(settings["choices"], old.get("choices") or (), "text")
    renamed = {was["key"]: now["key"] for was, now in zip(settings["choices"], choices, strict=True)}
    pairs = [{**pair, "right": renamed[pair["right"]]} for pair in settings["pairs"]]
    places = {choice["key"]: place for place, choice in enumerate(old.get("choices") or ())}
    return {
        **settings,
        "pairs": _rekeyed(pairs, old.get("pairs") or (), "left"),
        "choices": sorted(choices, key=lambda choice: places.get(choice["key"], len(places))),
    }


def _rekeyed(
    given: Iterable[Mapping[str, Any]], before: Sequence[Mapping[str, Any]], *tell: str
) -> list[dict[str, Any]]:
    """Rows with the keys that rows of the same words had; the others keep theirs, or get one that nobody has."""
    rows = [dict(row) for row in given]
    left = list(before)
    used = {row["key"] for row in before}
    for row in rows:
        twin = next((old for old in left if all(old.get(name) == row.get(name) for name in tell)), None)
        if twin is not None:
            left.remove(twin)
        row["key"], row["was"] = (twin["key"], None) if twin is not None else ("", row["key"])
    for row in rows:
        was = row.pop("was")
        if not row["key"]:
            names = [was, *(chr(letter) for letter in range(97, 123)), *(f"k{n}" for n in range(1, 99))]
            row["key"] = next(name for name in names if name not in used)
            used.add(row["key"])
    return rows


def text_of_number(number: int | float) -> str:
    """A number of a cell as it was typed: 5 for 5.0, no more places than it has."""
    return str(int(number)) if number == number and abs(number) < 1e15 and number == int(number) else repr(number)
