"""What to learn next, and why: pure rules, no models, no I/O.

The strongest reason decides: a programme asks for the course by a day; it is the next one of a path that was begun; it
is meant for people like the reader; many of them finished it; it is about what they learnt before. Within a reason the
earlier day and the larger number come first, then the title: the same facts always give the same list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from common import wording

#: Fewer people than this who finished a course are never told of: so small a number could point at somebody.
MIN_PEOPLE = 20
FOR_LATER = date.max


@dataclass(frozen=True)
class Candidate:
    """An open course. ``prerequisites``: ids of open courses to finish before it."""

    id: int
    title: str
    prerequisites: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Due:
    """A programme asks for a course by a day, which is included."""

    code: str
    on: date


@dataclass(frozen=True)
class Uptake:
    """How many people of an audience finished a course in the last year."""

    people: int
    audience: str


@dataclass(frozen=True)
class Facts:
    """What is known of a reader, by course id: programmes, begun paths, audiences, uptake, topics learnt before.

    Of what is ``finished``, ``ran_out`` holds no more: it opens no course that is learnt after it.
    """

    finished: Collection[int] = frozenset()
    begun: Collection[int] = frozenset()
    due: Mapping[int, Due] = field(default_factory=dict)
    next_on_path: Mapping[int, str] = field(default_factory=dict)
    for_audience: Mapping[int, str] = field(default_factory=dict)
    uptake: Mapping[int, Uptake] = field(default_factory=dict)
    topic: Mapping[int, str] = field(default_factory=dict)
    ran_out: Collection[int] = frozenset()


@dataclass(frozen=True)
class Suggestion:
    """A course to learn next; ``reasons`` are sentences, the strongest first, never empty."""

    course: int
    reasons: tuple[str, ...]


Strength = tuple[bool, date, bool, bool, int, bool, str, int]


def recommend(candidates: Iterable[Candidate], facts: Facts, *, limit: int = 3) -> list[Suggestion]:
    """The courses to learn next, best first; none that is finished, begun, closed, or without a reason.

    Where something must be learnt before a course, that is suggested in its stead and told why.
    """
    known = {candidate.id: candidate for candidate in candidates}
    found: dict[int, tuple[Strength, tuple[str, ...]]] = {}
    for candidate in sorted(known.values(), key=lambda c: _strength(c, facts)):
        reasons = tuple(_reasons(candidate.id, facts))
        if not reasons or candidate.id in facts.finished or candidate.id in facts.begun:
            continue
        first = _first_before(candidate, known, facts)
        if first is None:
            continue
        if first is not candidate:
            reasons = (_before(candidate), *_reasons(first.id, facts))
        found.setdefault(first.id, (_strength(candidate, facts), reasons))
    best = sorted(found, key=lambda course: (found[course][0], course))
    return [Suggestion(course, found[course][1]) for course in best[:limit]]


def _first_before(candidate: Candidate, known: Mapping[int, Candidate], facts: Facts) -> Candidate | None:
    """What to begin with to get to a course: itself, or the first of what must be learnt before it.

    None while that is being learnt already, is to be learnt anew (which is told elsewhere), is not known, or where
    courses ask for each other.
    """
    seen: set[int] = set()
    at = candidate
    holding = set(facts.finished) - set(facts.ran_out)
    while left := at.prerequisites - holding:
        seen.add(at.id)
        fresh = left - set(facts.begun)
        if not fresh or not fresh <= known.keys() or fresh & set(facts.finished):
            return None
        at = min((known[course] for course in fresh), key=lambda c: (c.title, c.id))
        if at.id in seen:
            return None
    return at


def _strength(candidate: Candidate, facts: Facts) -> Strength:
    """Sorts the strongest first."""
    course = candidate.id
    due, uptake = facts.due.get(course), _told(course, facts)
    return (
        due is None,
        due.on if due else FOR_LATER,
        course not in facts.next_on_path,
        course not in facts.for_audience,
        -uptake.people if uptake else 0,
        course not in facts.topic,
        candidate.title,
        course,
    )


def _told(course: int, facts: Facts) -> Uptake | None:
    """The uptake of a course where it may be told."""
    uptake = facts.uptake.get(course)
    return uptake if uptake and uptake.people >= MIN_PEOPLE else None


def _before(candidate: Candidate) -> str:
    return _("Vì cần học xong khoá này trước khi học «%(title)s».") % {"title": candidate.title}


def _reasons(course: int, facts: Facts) -> Iterator[str]:
    """Why a course, in sentences, the strongest first."""
    if due := facts.due.get(course):
        said = _("Vì chương trình %(code)s yêu cầu học xong chậm nhất ngày %(day)s.")
        yield said % {"code": due.code, "day": wording.day(due.on)}
    if course in facts.next_on_path:
        yield _("Tiếp theo trong lộ trình «%(path)s».") % {"path": facts.next_on_path[course]}
    if course in facts.for_audience:
        yield _("Vì khoá này dành cho «%(audience)s».") % {"audience": facts.for_audience[course]}
    if uptake := _told(course, facts):
        said = _("Vì %(people)s người thuộc nhóm «%(audience)s» đã học xong khoá này trong một năm qua.")
        yield said % {"people": wording.number(uptake.people), "audience": uptake.audience}
    if course in facts.topic:
        yield _("Vì cùng chủ đề với khoá bạn đã học: «%(topic)s».") % {"topic": facts.topic[course]}
