"""A quiz in a course file: its settings and sections, read and written. Pure.

What a file does not say is what holds anyway; ``quiz_entry`` says only what differs from that, so that a quiz that was
written out and read in again is the same quiz.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from quizzes import rules
from quizzes.models import Mode, Paging, Purpose, Scoring

if TYPE_CHECKING:
    from cms.courseyaml import Entry

QUIZ_FIELDS = {
    "kind", "slug", "title", "purpose", "minutes", "questions", "time_limit", "draw", "pass_percent", "attempts",
    "sections", "wait", "opens", "closes", "mode", "mastery", "scoring", "paging", "back", "shuffle_questions",
    "shuffle_options", "review",
}  # fmt: skip
SECTION_FIELDS = {"title", "bank", "questions", "draw", "tags", "topic", "difficulty", "pass_percent"}
#: What a page has where the file says nothing; by the names of the page.
USUAL: Mapping[str, Any] = {
    "minutes": 5,
    "question_codes": "",
    "draw": 10,
    "pass_percent": 80,
    "attempts_allowed": None,
    "time_limit_minutes": None,
    "wait_minutes": 0,
    "opens_at": None,
    "closes_at": None,
    "mode": Mode.EXAM,
    "mastery_needed": 4,
    "mastery_of": 5,
    "scoring": Scoring.BEST,
    "paging": "",
    "may_go_back": True,
    "shuffle_questions": False,
    "shuffle_options": True,
    **{f"review_{part}": when for part, when in rules.REVIEW.items()},
}
#: Fields of the page under another name in the file; what is written one to one.
NAMES = {
    "minutes": "minutes",
    "draw": "draw",
    "pass_percent": "pass_percent",
    "attempts_allowed": "attempts",
    "time_limit_minutes": "time_limit",
    "wait_minutes": "wait",
    "mode": "mode",
    "scoring": "scoring",
    "paging": "paging",
    "may_go_back": "back",
    "shuffle_questions": "shuffle_questions",
    "shuffle_options": "shuffle_options",
}


def quiz_values(entry: Entry) -> dict[str, Any]:
    """The fields of a quiz page out of a step of a course file; ``sections`` are those of ``quizzes.models.Quiz``."""
    needed, of = _mastery(entry)
    return {
        "purpose": entry.choice("purpose", Purpose.values),
        "minutes": entry.whole("minutes", 1, 300, default=5),
        "question_codes": "\n".join(entry.texts("questions", needed=False)),
        "draw": entry.whole("draw", 1, 100, default=10),
        "pass_percent": entry.whole("pass_percent", 1, 100, default=80),
        "attempts_allowed": entry.whole("attempts", 1, 99),
        "time_limit_minutes": entry.whole("time_limit", 1, 300),
        "sections": [_section(one) for one in entry.entries("sections", f"{entry.name}, phần", needed=False)],
        "wait_minutes": entry.whole("wait", 0, 43_200, default=0),
        "opens_at": _moment(entry, "opens"),
        "closes_at": _moment(entry, "closes"),
        "mode": entry.choice("mode", Mode.values, Mode.EXAM),
        "mastery_needed": needed,
        "mastery_of": of,
        "scoring": entry.choice("scoring", Scoring.values, Scoring.BEST),
        "paging": entry.choice("paging", Paging.values, "") if "paging" in entry.data else "",
        "may_go_back": entry.yes("back", True),
        "shuffle_questions": entry.yes("shuffle_questions", False),
        "shuffle_options": entry.yes("shuffle_options", True),
        **_review(entry),
    }


def _section(entry: Entry) -> dict[str, Any]:
    entry.only(SECTION_FIELDS)
    codes = entry.texts("questions", needed=False)
    draw = entry.whole("draw", 1, 100, default=0)
    if bool(codes) == bool(draw):
        raise entry.wrong("draw", "mỗi phần có questions hoặc draw, một trong hai")
    difficulty = entry.items("difficulty", needed=False)
    if not all(one in (1, 2, 3) and not isinstance(one, bool) for one in difficulty):
        raise entry.wrong("difficulty", "phải là danh sách các số 1, 2, 3")
    return {
        "title": entry.text("title", 120),
        "bank": entry.text("bank", 120, needed=False) or None,
        "codes": codes,
        "draw": draw,
        "tags": entry.texts("tags", needed=False),
        "topic": entry.text("topic", 30, needed=False) or None,
        "difficulty": sorted(difficulty),
        "pass_percent": entry.whole("pass_percent", 1, 100),
    }


def _mastery(entry: Entry) -> tuple[int, int]:
    """ "4/5": four right of the last five."""
    text = entry.text("mastery", 9, needed=False) or "4/5"
    needed, _, of = text.partition("/")
    if not (needed.isdecimal() and of.isdecimal() and 1 <= int(needed) <= int(of) <= 100):
        raise entry.wrong("mastery", "phải có dạng 4/5: đúng 4 trong 5 câu gần nhất")
    return int(needed), int(of)


def _moment(entry: Entry, field: str) -> datetime | None:
    """A moment as text, "2026-12-01 08:00", by the clock of the place where the platform stands."""
    value = entry.data.get(field)
    if value is None:
        return None
    try:
        found = value if isinstance(value, datetime) else parse_datetime(str(value))
    except ValueError:
        found = None
    if found is None:
        raise entry.wrong(field, "phải có dạng 2026-12-01 08:00")
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _review(entry: Entry) -> dict[str, str]:
    given = entry.data.get("review") or {}
    fits = isinstance(given, Mapping) and set(given) <= set(rules.REVIEW)
    if not fits or not all(when in rules.WHEN for when in given.values()):
        raise entry.wrong("review", f"mỗi mục trong {', '.join(rules.REVIEW)} là một trong {', '.join(rules.WHEN)}")
    return {f"review_{part}": given.get(part, usual) for part, usual in rules.REVIEW.items()}


def quiz_entry(page: Any) -> dict[str, Any]:
    """A quiz page as a step of a course file."""
    entry: dict[str, Any] = {"kind": "quiz", "slug": page.slug, "title": page.title, "purpose": str(page.purpose)}
    for name, in_file in NAMES.items():
        if (value := getattr(page, name)) != USUAL[name]:
            entry[in_file] = str(value) if isinstance(value, str) else value
    if page.codes:
        entry["questions"] = page.codes
    if (page.mastery_needed, page.mastery_of) != (4, 5):
        entry["mastery"] = f"{page.mastery_needed}/{page.mastery_of}"
    for name, in_file in (("opens_at", "opens"), ("closes_at", "closes")):
        if moment := getattr(page, name):
            entry[in_file] = timezone.localtime(moment).isoformat()
    if review := page.quiz_settings["review"]:
        entry["review"] = review
    if sections := page.quiz_sections:
        entry["sections"] = [section_entry(section) for section in sections]
    return entry


def section_entry(section: Mapping[str, Any]) -> dict[str, Any]:
    """A section as a course file has it: what is empty is not said."""
    told = {("questions" if name == "codes" else name): value for name, value in section.items()}
    return {name: value for name, value in told.items() if value not in (None, "", [], 0)}


def bank_entry(question: Any) -> dict[str, Any]:
    """A question as an entry of ``bank:``; keys of options are left out, for a file tells options by their order."""
    content = question.content
    options = [{name: one[name] for name in one if name != "key" and one[name] != ""} for one in content["options"]]
    entry = {
        "code": question.code,
        **{name: content[name] for name in ("kind", "text")},
        "options": options,
        **{name: content[name] for name in ("settings", "explanation", "media", "source")},
        "topic": question.topic.code if question.topic else None,
        "tags": [tag.name for tag in question.tags.all()],
    }
    said = {name: value for name, value in entry.items() if value not in (None, "", [], {})}
    extra = {"difficulty": question.difficulty} if question.difficulty != 1 else {}
    return {**said, **extra, **({} if question.in_final else {"final": False})}
