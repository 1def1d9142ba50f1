"""Which guides stand on ``/tro-giup/``, for whom, and how they are searched. What operators read is not among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common.guides import Guide, Section, guide, guide_path
from common.text import search_key, search_words
from courses.highlights import Piece, excerpt, marked
from people import access
from people.models import Role


@dataclass(frozen=True)
class Shelf:
    """Guides for one kind of person; ``roles`` empty: for everybody."""

    title: str | Promise
    slugs: tuple[str, ...]
    roles: frozenset[str] = frozenset()

    @property
    def guides(self) -> list[Guide]:
        return [guide(slug) for slug in self.slugs]


SHELVES = (
    Shelf(_("Người học"), ("nguoi-hoc",)),
    Shelf(_("Tổ trưởng Tổ công nghệ số cộng đồng"), ("to-truong",), frozenset({Role.TEAM_LEADER})),
    Shelf(_("Đầu mối đơn vị"), ("dau-moi", "nhap-danh-sach"), access.ROSTER_KEEPING),
    Shelf(_("Người ký cấp chứng nhận"), ("ky-cap", "so-goc"), frozenset({Role.ISSUING_OFFICIAL})),
    Shelf(_("Đơn vị chủ trì cấp tỉnh"), ("chu-tri",), access.KPI_KEEPING),
    Shelf(_("Giảng viên"), ("giang-vien",), access.SIGNING_OFF),
    Shelf(_("Biên tập viên"), ("bien-tap",), access.EDITING),
)
SLUGS = frozenset(slug for shelf in SHELVES for slug in shelf.slugs)


def shelves_for(roles: frozenset[str]) -> tuple[list[Shelf], list[Shelf]]:
    """The shelves of somebody's roles with those for everybody, one's own first; and all others."""
    own = [shelf for shelf in SHELVES if shelf.roles & roles]
    everybody = [shelf for shelf in SHELVES if not shelf.roles]
    return own + everybody, [shelf for shelf in SHELVES if shelf.roles and shelf not in own]


@dataclass(frozen=True)
class Found:
    """A place in a guide that holds the words."""

    guide: Guide
    section: Section
    title: list[Piece]
    text: list[Piece]

    @property
    def path(self) -> str:
        return guide_path(self.guide.slug, self.section.anchor)


@cache
def _index(language: str) -> list[tuple[Guide, Section, str, str]]:
    """Every section with its folded title and everything it says, folded, in the language of the page."""
    return [
        (one, section, search_key(section.title or one.title), search_key(one.title, section.title, section.text))
        for shelf in SHELVES
        for one in shelf.guides
        for section in (one.lead, *one.sections)
        if section.title or section.text
    ]


def search(words: str, roles: Iterable[str] = ()) -> list[Found]:
    """Sections that hold all the words, accents or not: guides of ``roles`` first, then where the heading says it."""
    wanted = search_words(words)
    if not wanted:
        return []
    mine = {slug for shelf in SHELVES if shelf.roles & set(roles) for slug in shelf.slugs}
    hits = [
        (one, section, title)
        for one, section, title, said in _index(get_language() or "")
        if all(_begins(w, said) for w in wanted)
    ]
    hits.sort(key=lambda hit: (hit[0].slug not in mine, not all(_begins(word, hit[2]) for word in wanted)))
    return [
        Found(one, section, marked(section.title or one.title, words), excerpt(section.text, words))
        for one, section, _ in hits
    ]


def _begins(word: str, said: str) -> bool:
    """Whether a word of what is said begins so."""
    return f" {word}" in f" {said}"
