"""Contents of questions, made up by hypothesis: every kind, with words and signs that formats stumble over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from common.text import nfc
from quizzes.formats.base import UNKEPT, Entry
from quizzes.formats.building import plain_number
from quizzes.kinds import KINDS
from quizzes.questions import content_normal, content_problems

#: Words with every letter of Vietnamese, and the signs of every format.
_PIECES = (
    "1", "2", "B", "Quét mã QR", "Đáp án", "ưỡng ậm ố ỷ ẵ đ", "Đắk Lắk", "1.234,5", "100%", "~", "=", "#", "{", "}",
    ":", "::", "\\", "\\n", "//", "->", "=>", "[[x]]", "[html]", "%50%", "<b>", "&amp;", "&", "]]>", "<!--", "$$x^2$$",
    "\\(a\\)", "A.", "ANSWER: B", "'", '"', "=1+1", "@SUM", "-", "+", "|", ";", "_____", "_x0041_", "####", "*", "\\*",
    "T", "TRUE", "{1:SA:=x}", "±", "x²", "…", "“”", "- ",
)  # fmt: skip
_LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
_WORDS = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(_LETTERS, max_size=6)), min_size=1, max_size=5)


def line(*, empty: bool = False) -> st.SearchStrategy[str]:
    """One line in its stored form."""
    made = st.builds(lambda words, joint: nfc(UNKEPT.sub("", joint.join(words))), _WORDS, st.sampled_from(("", " ")))
    filled = made.filter(bool)
    return st.one_of(st.just(""), filled) if empty else filled


def lines(*, empty: bool = False) -> st.SearchStrategy[str]:
    """A text of some lines, perhaps with empty ones between."""
    filled = st.lists(line(), min_size=1, max_size=3).map("\n".join)
    spaced = st.lists(line(), min_size=2, max_size=3).map("\n\n".join)
    return st.one_of(*([st.just("")] if empty else []), filled, spaced)


_WEIGHTS = st.sampled_from(("100", "50", "33.33333", "0", "-50", "-100", "12.5"))
_NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-10_000, max_value=10_000, places=2).map(
    plain_number
)
_TOLERANCES = st.decimals(min_value=0, max_value=100, places=2).map(plain_number)


@st.composite
def _options(draw: Any, right: int, *, wrong: int = 1, most: int = 6) -> list[dict[str, Any]]:
    texts = draw(st.lists(line(), min_size=right + wrong, max_size=most, unique=True))
    feedbacks = draw(st.lists(line(empty=True), min_size=len(texts), max_size=len(texts)))
    count = right if right == 1 else draw(st.integers(right, len(texts) - wrong))
    places = set(draw(st.permutations(range(len(texts))))[:count])
    return [
        {"text": text, "correct": n in places, "feedback": feedback}
        for n, (text, feedback) in enumerate(zip(texts, feedbacks, strict=True))
    ]


@st.composite
def _choice(draw: Any, kind: str) -> dict[str, Any]:
    options = draw(_options(1 if kind == "single" else 2))
    if draw(st.booleans()):
        for option in options:
            # Files tell what is right by its share: right is what earns, and in a single choice what earns most.
            weights = ("100",) if kind == "single" else ("50", "33.33333", "100")
            others = ("0", "50", "-50", "33.33333", "") if kind == "single" else ("0", "-50", "-33.33333", "")
            option["weight"] = draw(st.sampled_from(weights if option["correct"] else others))
    settings = {"credit": draw(st.sampled_from(("all", "partial")))} if kind == "multiple" else {}
    return {"options": options, "settings": settings}


@st.composite
def _true_false(draw: Any) -> dict[str, Any]:
    truth = draw(st.booleans())
    rows = (("Đúng", truth), ("Sai", not truth))
    return {"options": [{"text": t, "correct": c, "feedback": draw(line(empty=True))} for t, c in rows], "settings": {}}


@st.composite
def _accepted(draw: Any, name: str, values: st.SearchStrategy[str]) -> list[dict[str, Any]]:
    texts = draw(st.lists(values, min_size=1, max_size=3, unique=True))
    rows = [{name: text, "weight": draw(_WEIGHTS), "feedback": draw(line(empty=True))} for text in texts]
    rows[0]["weight"] = draw(st.sampled_from(("100", "50")))
    return rows


@st.composite
def _short_text(draw: Any) -> dict[str, Any]:
    settings = {
        "accepted": draw(_accepted("text", line())),
        "fold_case": draw(st.booleans()),
        "fold_accents": draw(st.booleans()),
        "fallback": draw(line(empty=True)),
    }
    return {"settings": settings}


@st.composite
def _numeric(draw: Any) -> dict[str, Any]:
    accepted = [{**row, "tolerance": draw(_TOLERANCES)} for row in draw(_accepted("value", _NUMBERS))]
    unit = draw(st.sampled_from(("", "kg", "km/h", "m²", "%")))
    return {"settings": {"accepted": accepted, "unit": unit, "fallback": draw(line(empty=True))}}


@st.composite
def _matching(draw: Any) -> dict[str, Any]:
    lefts = draw(st.lists(line(), min_size=2, max_size=5, unique=True))
    texts = draw(st.lists(line(), min_size=2, max_size=6, unique=True))
    choices = [{"key": str(n), "text": text} for n, text in enumerate(texts, start=1)]
    pairs = [{"left": left, "right": draw(st.sampled_from(choices))["key"]} for left in lefts]
    return {"settings": {"pairs": pairs, "choices": choices, "credit": draw(st.sampled_from(("all", "partial")))}}


@st.composite
def _ordering(draw: Any) -> dict[str, Any]:
    texts = draw(st.lists(line(), min_size=2, max_size=6, unique=True))
    return {"options": [{"text": t} for t in texts], "settings": {"credit": draw(st.sampled_from(("all", "partial")))}}


@st.composite
def _blanks(draw: Any) -> dict[str, Any]:
    names = draw(st.one_of(st.integers(1, 3).map(lambda n: [str(k) for k in range(1, n + 1)]), st.just(["ten", "2"])))
    inner = {"short_text": _short_text(), "numeric": _numeric(), "single": _choice("single")}
    gaps = []
    for name in names:
        kind = draw(st.sampled_from(sorted(inner)))
        made = draw(inner[kind])
        gaps.append(
            {
                "key": name,
                "kind": kind,
                **made["settings"],
                **({"options": made["options"]} if kind == "single" else {}),
            }
        )
    plain = line(empty=True).map(lambda text: text.replace("[", "("))
    text = " ".join(f"{draw(plain)} [[{name}]]" for name in names) + " " + draw(plain)
    return {"text": text, "settings": {"gaps": gaps, "credit": draw(st.sampled_from(("all", "partial")))}}


@st.composite
def _hotspot(draw: Any) -> dict[str, Any]:
    options = draw(_options(1))
    for n, option in enumerate(options):
        option |= {"x": 10 * n, "y": 5, "width": 10, "height": 20.5}
    return {"options": options, "settings": {}, "media": [{"file": "0" * 64, "alt": "Màn hình"}]}


@st.composite
def _scenario(draw: Any) -> dict[str, Any]:
    parts = [
        {"kind": kind, "text": draw(line()), "explanation": draw(line(empty=True)), **draw(_SHAPES[kind])}
        for kind in draw(st.lists(st.sampled_from(("single", "numeric", "matching")), min_size=1, max_size=3))
    ]
    return {"settings": {"parts": parts}}


@st.composite
def _essay(draw: Any) -> dict[str, Any]:
    rubric = [
        {"title": title, "levels": [{"text": draw(line(empty=True)), "points": points} for points in (0, 1, 3)]}
        for title in draw(st.lists(line(), min_size=1, max_size=3, unique=True))
    ]
    return {"settings": {"rubric": rubric, "least_words": draw(st.sampled_from((0, 50))), "most_words": 0}}


_SHAPES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "single": _choice("single"),
    "multiple": _choice("multiple"),
    "true_false": _true_false(),
    "short_text": _short_text(),
    "numeric": _numeric(),
    "matching": _matching(),
    "ordering": _ordering(),
    "blanks": _blanks(),
    "hotspot": _hotspot(),
    "scenario": _scenario(),
    "essay": _essay(),
}
_SOURCES = st.one_of(
    st.just({}),
    st.builds(lambda t: {"title": t, "url": "https://vi.example/a?b=1&c=[2]"}, line(empty=True)),
)


@st.composite
def _content(draw: Any, kinds: Sequence[str]) -> dict[str, Any]:
    kind = draw(st.sampled_from(list(kinds)))
    made = {"kind": kind, "text": draw(lines()), "explanation": draw(lines(empty=True)), "source": draw(_SOURCES)}
    return made | draw(_SHAPES[kind])


def contents(kinds: Sequence[str] = tuple(KINDS)) -> st.SearchStrategy[dict[str, Any]]:
    """Contents of these kinds that can be asked, in their stored form."""
    return _content(kinds).filter(lambda content: not content_problems(content)).map(content_normal)


def entries(kinds: Sequence[str] = tuple(KINDS)) -> st.SearchStrategy[Entry]:
    """The same with all that may stand beside a question."""
    return st.builds(
        Entry,
        content=contents(kinds),
        code=st.one_of(st.just(""), st.from_regex(r"[a-z0-9][a-z0-9.-]{0,20}", fullmatch=True)),
        name=line(empty=True),
        category=st.one_of(st.just(""), st.sampled_from(("An toàn", "An toàn/Mật khẩu", "top/x", "$course$/y"))),
        tags=st.lists(st.sampled_from(("an-toàn", "mật khẩu", "[a]", "a;b")), max_size=3, unique=True).map(tuple),
        difficulty=st.sampled_from((None, 1, 2, 3)),
        topic=st.sampled_from((None, "an-toan", "Chủ đề: A [1]")),
    )
