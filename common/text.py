"""Vietnamese text: one stored form, folding for search, sorting by given name, dates and numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache
from uuid import UUID

# The letters of the Vietnamese alphabet in dictionary order; tone marks only decide between otherwise equal words.
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_LETTER_MARKS = {"\u0306", "\u0302", "\u031b"}
#: What a place of the State is, and its name: no «Tỉnh uỷ», no «Xã hội học tập».
_PLACES = ("Tỉnh ", "Thành phố ", "Huyện ", "Thị xã ", "Quận ", "Xã ", "Phường ", "Thị trấn ")
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")


def nfc(text: str) -> str:
    """Return ``text`` in NFC with runs of white space collapsed: the one form in which text is stored."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """Return ``text`` without case, accents and đ, for search: ``fold("Chuyển đổi") == "chuyen doi"``.

    Old and new tone placement ("hoà", "hòa") fold to the same string, and so do NFC and NFD.
    """
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return _SPACES.sub(" ", "".join(c for c in decomposed if not unicodedata.category(c).startswith("M"))).strip()


def search_words(text: str) -> list[str]:
    """The words of ``text`` as search knows them: folded, nothing but letters and digits."""
    return _WORD.findall(fold(text))


def search_key(*texts: str) -> str:
    """What is kept of texts to be found by: their words, so that every database cuts them alike."""
    return " ".join(search_words(" ".join(texts)))


class _Letters(dict[int, str]):
    """What ``fold`` leaves of each letter, by code point, worked out when first met; nothing of a mark over one."""

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        decomposed = unicodedata.normalize("NFD", letter.casefold().replace("đ", "d"))
        folded = "".join(c for c in decomposed if not unicodedata.category(c).startswith("M"))
        if len(folded) != 1:
            self.uneven.add(letter)
        self[code] = folded
        return folded


_LETTERS = _Letters()


def folded_with_places(text: str) -> tuple[str, Sequence[int]]:
    """``text`` folded letter by letter (white space as it is), and where in it each of the letters stood.

    One more place than letters: a run of letters that ends at ``n`` ends in the text at ``places[n]``, marks included.
    """
    folded = text.translate(_LETTERS)
    if _LETTERS.uneven.isdisjoint(text):  # text in NFC, nearly always: places stay what they are
        return folded, range(len(text) + 1)
    return folded, [*(place for place, letter in enumerate(text) for _ in _LETTERS[ord(letter)]), len(text)]


def tidy_name(text: str) -> str:
    """Return a name in the stored form; one typed all small or all in capitals gets its capitals as names have them."""
    name = nfc(text)
    return name.title() if name.islower() or name.isupper() else name


def lower_first(text: str) -> str:
    """``quý III/2026``, ``tỉnh Bắc Ninh``: as a period or a place of the State is written within a sentence (Nghị định
    30/2020/NĐ-CP, phụ lục II)."""
    return text[:1].lower() + text[1:]


def amid(name: str) -> str:
    """A unit's name within a sentence (Nghị định 30/2020/NĐ-CP, phụ lục II): ``tỉnh Bắc Ninh``; but ``Sở Y tế``,
    ``Phường 7``, ``Thành phố Hồ Chí Minh``. A ward called after a person or a battle keeps its capital too: no name
    tells that it is."""
    kind = next((kind for kind in _PLACES if name.startswith(kind)), name)
    own = name[len(kind) :]
    return lower_first(name) if own[:1].isupper() and name != "Thành phố Hồ Chí Minh" else name


def initials(name: str) -> str:
    """``initials("Nguyễn Thị Ước") == "N. T. Ư."``: enough for who knows the person, too little to learn a name."""
    letters = (unicodedata.normalize("NFD", word[0].upper()) for word in nfc(name).split())
    bare = ("".join(mark for mark in letter if mark not in _TONES) for letter in letters)
    return " ".join(f"{unicodedata.normalize('NFC', letter)}." for letter in bare)


def slug(name: str) -> str:
    """``slug("Phường Bắc Giang") == "phuong-bac-giang"``: a part of a file name, in letters that every system keeps."""
    words = "".join(letter if letter.isalnum() else " " for letter in fold(name)).split()
    return "-".join(words)[:60]


def uuid_or_none(text: str) -> UUID | None:
    """A UUID that somebody sent, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _collation_key(word: str) -> str:
    """A string that sorts ``word`` in Vietnamese dictionary order with plain code-point comparison."""
    letters, tones = [], []
    for cluster in re.findall(r"[^\W\d_][\u0300-\u036f]*|.", unicodedata.normalize("NFD", word.casefold())):
        base = cluster[0] + "".join(c for c in cluster[1:] if c in _LETTER_MARKS)
        composed = unicodedata.normalize("NFC", base)
        position = _ALPHABET.find(composed)
        letters.append(f"{position:02d}" if position >= 0 else f"9{composed}")
        tones.append(next((_TONES[c] for c in cluster[1:] if c in _TONES), "0"))
    return "".join(letters) + "." + "".join(tones)


def sort_key(full_name: str) -> str:
    """Return the key that orders people by given name (the last word), then family and middle names.

    The key holds only ASCII for Vietnamese names, so every database orders it alike, whatever its collation.
    """
    words = nfc(full_name).split()
    ordered = words[-1:] + words[:-1]
    return " ".join(_collation_key(word) for word in ordered)[:400]


def vi_date(day: date | None) -> str:
    """``22/11/2026``; an empty string for None."""
    return day.strftime("%d/%m/%Y") if day else ""


def vi_number(value: int | float | Decimal | None, places: int = 0) -> str:
    """``vi_number(1234.5, 1) == "1.234,5"``; an en dash for None, because "no figure" is not zero."""
    if value is None:
        return "–"
    return f"{value:,.{places}f}".replace(",", "\0").replace(".", ",").replace("\0", ".")


def vi_hours(hours: Decimal) -> str:
    """``1,5 giờ`` or ``2 giờ``."""
    return f"{vi_number(hours, 0 if hours == int(hours) else 1)} giờ"


def vi_seconds(seconds: int) -> str:
    """``2 phút``, ``1 phút 20 giây``, ``45 giây``."""
    minutes, rest = divmod(seconds, 60)
    return " ".join([*([f"{minutes} phút"] if minutes else []), *([f"{rest} giây"] if rest or not minutes else [])])


def vi_score(value: int | float | Decimal | None) -> str:
    """``vi_score(Decimal("79.99")) == "79,9"``: at most one decimal, cut off, so that nobody seems to have passed."""
    if value is None:
        return "–"
    cut = Decimal(str(value)).quantize(Decimal("0.1"), ROUND_FLOOR)
    return vi_number(cut, 0 if cut == int(cut) else 1)


def vi_percent(part: int | None, whole: int | None) -> str:
    """``vi_percent(4311, 5235) == "82,3 %"``; an en dash where there is no denominator. Never rounds up to 100 %."""
    if part is None or not whole:
        return "–"
    tenths = part * 1000 // whole
    return f"{vi_number(Decimal(tenths) / 10, 1 if tenths % 10 else 0)}\u00a0%"


def masked_birth_date(day: date | None) -> str:
    """``**/**/1969``: enough to recognise a holder, too little to learn a birthday."""
    return f"**/**/{day.year}" if day else ""
