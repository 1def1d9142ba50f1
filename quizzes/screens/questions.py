"""Questions for a page, made from a frozen item, the answer to it, and what may be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from common.text import uuid_or_none
from quizzes import grading
from quizzes.forms import field_name
from quizzes.kinds import KINDS, Item
from quizzes.kinds.arranged import GAP, Blanks
from quizzes.kinds.base import FULL, weight_of
from quizzes.models import Answer, MediaFile
from quizzes.rules import Saved
from quizzes.screens.shown import (
    UNTOLD,
    Area,
    Body,
    Choosing,
    Criterion,
    Field,
    Filling,
    Gapped,
    Media,
    Option,
    Piece,
    Question,
    Story,
    Tells,
    Writing,
    verdict_of,
)

#: Pictures and sounds by uuid.
Files = Mapping[str, MediaFile]
#: Greatest width of the drawing over a picture: that of a phone, so that its numbers can be read there. A picture that
#: is smaller is not made larger, and its drawing is as wide as itself.
CANVAS = 360
#: The two answers of a true-or-false question are nobody's words, so they are in the language of the page.
TRUE_OR_FALSE = {"Đúng": pgettext_lazy("đúng hay sai", "Đúng"), "Sai": pgettext_lazy("đúng hay sai", "Sai")}


@dataclass(frozen=True)
class Given:
    """What one body is made from: the item (or part of one), the response, the name of its fields, what may be told."""

    item: Mapping[str, Any]
    response: Any
    name: str
    tells: Tells
    files: Files
    answer: Answer | None = None

    @property
    def settings(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.item.get("settings") or {}
        return found


def questions_of(
    paper: Sequence[Item],
    answers: Mapping[int, Answer | Saved],
    *,
    tells: Tells = UNTOLD,
    only: Iterable[int] | None = None,
) -> list[Question]:
    """The questions of a paper in order; ``only`` names the positions wanted. One query where there are pictures.

    A checked answer (practice) is told in full, whatever holds for the others.
    """
    wanted = [p for p in range(1, len(paper) + 1) if only is None or p in set(only)]
    files = files_of([paper[position - 1] for position in wanted])
    return [_question(position, paper[position - 1], answers.get(position), tells, files) for position in wanted]


def _question(position: int, item: Item, answer: Answer | Saved | None, tells: Tells, files: Files) -> Question:
    checked = isinstance(answer, Saved) and answer.checked
    graded = answer if isinstance(answer, Answer) else None
    given = Given(
        item=item,
        response=answer.response if answer else None,
        name=field_name(position),
        tells=Tells(True, True, True) if checked else tells,
        files=files,
        answer=graded,
    )
    points = exact(graded.points) if graded else grading.points_of(item, given.response)
    return _shown(
        given, position=position, number=_("Câu %(position)s") % {"position": position}, points=points, checked=checked
    )


def _shown(given: Given, *, position: int, number: str, points: Fraction | None, checked: bool) -> Question:
    item, tells = given.item, given.tells
    kind = KINDS[item["kind"]]
    answered = bool(given.response)
    return Question(
        position=position,
        number=number,
        kind=kind.code,
        text=item["text"],
        how=str(kind.how),
        name=given.name,
        body=BODIES[kind.code](given),
        answered=answered,
        base=grading.digest(given.response),
        media=_media(item, given.files)[1 if kind.code == "hotspot" else 0 :],
        points=points if tells.answers else None,
        verdict=verdict_of(points, answered=answered) if tells.answers else None,
        explanation=item.get("explanation", "") if tells.feedback else "",
        source=_source(item) if tells.feedback else None,
        checked=checked,
    )


def exact(points: Any) -> Fraction | None:
    """Stored points as the share they were cut off from: 0.33333 is a third."""
    return None if points is None else Fraction(points).limit_denominator(1000)


def _source(item: Mapping[str, Any]) -> tuple[str, str] | None:
    """Title and address of where to read more; only addresses of the web."""
    source = item.get("source") or {}
    url = str(source.get("url") or "")
    if not url.startswith(("http://", "https://")):
        return None
    return str(source.get("title") or url), url


# --- Pictures and sounds --------------------------------------------------------------------------------------------
def files_of(items: Iterable[Mapping[str, Any]]) -> Files:
    """The files that the items name, by uuid: one query, none where no item has any."""
    rows = [row for item in items for row in (*(item.get("media") or ()), *_option_media(item))]
    uuids = {uuid for row in rows if (uuid := uuid_or_none(str(row["file"])))}
    return {str(file.uuid): file for file in MediaFile.objects.filter(uuid__in=uuids)} if uuids else {}


def _option_media(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [option["media"] for option in item.get("options") or () if option.get("media")]


def _media(item: Mapping[str, Any], files: Files) -> list[Media]:
    shown = (_medium(row, files) for row in item.get("media") or ())
    return [one for one in shown if one]


def _medium(row: Mapping[str, Any] | None, files: Files) -> Media | None:
    """A file with the words for it; None where it is gone."""
    file = files.get(str(row["file"])) if row else None
    if row is None or file is None:
        return None
    return Media(file.file.url, str(row.get("alt") or ""), file.is_picture, file.width, file.height, file.size)


# --- Bodies ---------------------------------------------------------------------------------------------------------
def _choosing(given: Given) -> Choosing:
    item, tells = given.item, given.tells
    chosen = set(given.response or ())
    options = [_option(option, n, option["key"] in chosen, given) for n, option in enumerate(item["options"], start=1)]
    good = {option["key"] for option in item["options"] if _is_right(option)}
    several = item["kind"] == "multiple" or bool(given.settings.get("several"))
    missing = several and tells.answers and bool(chosen) and chosen < good
    return Choosing(options, several, missing)


def _option(option: Mapping[str, Any], number: int, chosen: bool, given: Given) -> Option:
    tells = given.tells
    right = _is_right(option)
    told = right if chosen and tells.answers else True if right and tells.key else None
    feedback = option.get("feedback", "") if tells.feedback and (chosen or told) else ""
    text = option["text"]
    if given.item["kind"] == "true_false":
        text = str(TRUE_OR_FALSE.get(text, text))
    return Option(option["key"], number, text, chosen, told, feedback, _medium(option.get("media"), given.files))


def _is_right(option: Mapping[str, Any]) -> bool:
    return weight_of(option) > 0 if "weight" in option else bool(option.get("correct"))


def _hotspot(given: Given) -> Choosing:
    """Places stand on the picture where its size is known; they are always in the list."""
    body = _choosing(given)
    picture = _medium(next(iter(given.item.get("media") or ()), None), given.files)
    if picture is None or not (picture.width and picture.height):
        return replace(body, picture=picture)
    width = min(CANVAS, picture.width)
    canvas = (width, max(1, round(width * picture.height / picture.width)))
    places = [
        replace(option, area=_area(row, canvas))
        for option, row in zip(body.options, given.item["options"], strict=True)
    ]
    return replace(body, options=places, picture=picture, canvas=canvas)


def _area(row: Mapping[str, Any], canvas: tuple[int, int]) -> Area:
    across, down = canvas[0] / 100, canvas[1] / 100
    x, y = round(row["x"] * across), round(row["y"] * down)
    return Area(x, y, round(row["width"] * across), round(row["height"] * down))


def _writing(given: Given) -> Writing:
    kind: Any = KINDS[given.item["kind"]]
    value = given.response or ""
    return Writing(
        value=value,
        unit=given.settings.get("unit", ""),
        is_number=kind.code == "numeric",
        wanted=_with_unit(kind.right(given.item), given.settings) if given.tells.key else "",
        feedback=_feedback_written(kind, given.settings, value) if given.tells.feedback and value else "",
    )


def _feedback_written(kind: Any, settings: Mapping[str, Any], value: str) -> str:
    fitting = kind.fitting(settings, value)
    return str(fitting.get("feedback") or "") if fitting else str(settings.get("fallback") or "")


def _with_unit(text: str, settings: Mapping[str, Any]) -> str:
    return f"{text} {settings.get('unit') or ''}".strip()


def _essay(given: Given) -> Writing:
    least, most = given.settings.get("least_words"), given.settings.get("most_words")
    if least and most:
        bounds = _("Viết từ %(least)s đến %(most)s từ.") % {"least": least, "most": most}
    elif least:
        bounds = _("Viết ít nhất %(least)s từ.") % {"least": least}
    elif most:
        bounds = _("Viết nhiều nhất %(most)s từ.") % {"most": most}
    else:
        bounds = ""
    marks = given.answer.marks if given.answer and given.tells.feedback else {}
    return Writing(
        value=given.response or "",
        is_long=True,
        bounds=bounds,
        criteria=[_criterion(row, marks.get(row["key"])) for row in given.settings["rubric"]],
        comment=given.answer.comment if given.answer and given.tells.feedback else "",
    )


def _criterion(row: Mapping[str, Any], level_key: str | None) -> Criterion:
    best = max(level["points"] for level in row["levels"])
    level = next((level for level in row["levels"] if level["key"] == level_key), None)
    return Criterion(row["title"], level["text"] if level else "", level["points"] if level else None, best)


def _matching(given: Given) -> Filling:
    choices = [(choice["key"], choice["text"]) for choice in given.settings["choices"]]
    texts = dict(choices)
    return Filling(
        [
            # Two choices with the same words are the same choice to whoever reads them.
            _row(given, pair["key"], pair["left"], choices, wanted=texts[pair["right"]], texts=texts)
            for pair in given.settings["pairs"]
        ]
    )


def _ordering(given: Given) -> Filling:
    places = [str(n) for n in range(1, len(given.item["options"]) + 1)]
    texts = {place: _("Thứ %(place)s") % {"place": place} for place in places}
    right = KINDS["ordering"].right(given.item)
    return Filling(
        [
            _row(
                given,
                o["key"],
                o["text"],
                list(texts.items()),
                wanted=texts[right[o["key"]]],
                texts=texts,
                is_place=True,
            )
            for o in given.item["options"]
        ]
    )


def _row(
    given: Given,
    key: str,
    label: str,
    choices: list[tuple[str, str]],
    *,
    wanted: str,
    texts: Mapping[str, str],
    is_place: bool = False,
) -> Field:
    value = (given.response or {}).get(key, "")
    text = texts.get(value, "")
    return Field(
        name=f"{given.name}.{key}",
        label=label,
        value=value,
        given=text,
        choices=choices,
        right=text == wanted if given.tells.answers else None,
        wanted=wanted if given.tells.key else "",
        is_place=is_place,
    )


def _gapped(given: Given) -> Gapped:
    gaps = {gap["key"]: gap for gap in given.settings["gaps"]}
    pieces: list[Piece] = []
    number = 0
    # Between two gaps stands a text: every second piece of the split is a key.
    for place, piece in enumerate(GAP.split(given.item["text"])):
        if place % 2 and piece in gaps:
            number += 1
            pieces.append(Piece(field=_gap(given, gaps[piece], number)))
        elif piece:
            pieces.append(Piece(text=piece))
    return Gapped(pieces)


def _gap(given: Given, gap: Mapping[str, Any], number: int) -> Field:
    value, tells = (given.response or {}).get(gap["key"], ""), given.tells
    choices = [(option["key"], option["text"]) for option in gap.get("options") or ()]
    wanted = Blanks().right({"settings": {"gaps": [gap]}})[gap["key"]] if tells.key else ""
    return Field(
        name=f"{given.name}.{gap['key']}",
        label=_("Chỗ trống %(number)s") % {"number": number},
        value=value,
        given=dict(choices).get(value, value),
        choices=choices,
        unit=gap.get("unit", ""),
        is_number=gap["kind"] == "numeric",
        right=Blanks().gap_points(gap, value) == FULL if tells.answers else None,
        wanted=_with_unit(dict(choices).get(wanted, wanted), gap) if wanted else "",
        feedback=_gap_feedback(gap, value) if tells.feedback and value else "",
        is_gap=True,
    )


def _gap_feedback(gap: Mapping[str, Any], value: str) -> str:
    if gap["kind"] == "single":
        return next((str(o.get("feedback") or "") for o in gap["options"] if o["key"] == value), "")
    return _feedback_written(Blanks.INNER[gap["kind"]], gap, value)


def _story(given: Given) -> Story:
    responses = given.response or {}
    scenario: Any = KINDS["scenario"]
    parts = []
    for place, part in enumerate(given.settings["parts"], start=1):
        inner = Given(part, responses.get(part["key"]), f"{given.name}.{part['key']}", given.tells, given.files)
        points = scenario.part_points(part, responses)
        parts.append(
            _shown(inner, position=place, number=_("Ý %(place)s") % {"place": place}, points=points, checked=False)
        )
    return Story(parts)


BODIES: Mapping[str, Callable[[Given], Body]] = {
    "single": _choosing,
    "multiple": _choosing,
    "true_false": _choosing,
    "hotspot": _hotspot,
    "short_text": _writing,
    "numeric": _writing,
    "essay": _essay,
    "matching": _matching,
    "ordering": _ordering,
    "blanks": _gapped,
    "scenario": _story,
}
