"""Writing: a short text, a number, an answer that a person grades.

``settings["accepted"]`` is a list, the first fitting one counts:

- short text: {"text", "weight", "feedback"}; ``*`` in the text stands for anything, ``\\*`` for a star.
- number: {"value", "tolerance", "weight", "feedback"}; decimal numbers as text, with a point.

``settings["fallback"]`` is the feedback to an answer that none fits. A response is the text that was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from common.text import fold, nfc
from quizzes.kinds.base import NOTHING, Content, Fields, Kind, Problem, Response, bounded, is_text, weight_of
from quizzes.kinds.choice import is_weight
from quizzes.kinds.numbers import readings, vi_plain

MAX_ACCEPTED = 20
STARS = re.compile(r"\\\*|\*")


def decimal_of(value: Any) -> Decimal | None:
    """A finite number written with a point; None when it is none."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 30 else None


def accepted_problems(accepted: Any, field: str, what_is_wrong: Any) -> list[Problem]:
    """What is wrong with a list of accepted answers; ``what_is_wrong`` looks at each."""
    if not isinstance(accepted, Sequence) or isinstance(accepted, str) or not accepted:
        return [(field, gettext("chưa có đáp án được chấp nhận"))]
    if len(accepted) > MAX_ACCEPTED:
        return [(field, gettext("có nhiều hơn %(most)s đáp án được chấp nhận") % {"most": MAX_ACCEPTED})]
    for place, row in enumerate(accepted, start=1):
        wrong = gettext("phải có dạng một đáp án") if not isinstance(row, Mapping) else what_is_wrong(row)
        if not wrong and row.get("weight") not in (None, "") and not is_weight(row["weight"]):
            wrong = gettext("weight phải là số từ -100 đến 100")
        if wrong:
            return [(field, gettext("đáp án %(place)s: %(wrong)s") % {"place": place, "wrong": wrong})]
    if max(weight_of(row) for row in accepted) <= 0:
        return [(field, gettext("chưa có đáp án nào được điểm"))]
    return []


def accepted_normal(accepted: Sequence[Mapping[str, Any]], *names: str) -> list[dict[str, Any]]:
    """Accepted answers as they are stored."""
    return [
        {
            **{name: nfc(str(row.get(name) or "0")) for name in names},
            "weight": "100" if row.get("weight") in (None, "") else str(row["weight"]),
            "feedback": nfc(str(row.get("feedback") or "")),
        }
        for row in accepted
    ]


class Written(Kind):
    """What short texts and numbers share."""

    blank = ""

    def read(self, item: Content, fields: Fields, name: str) -> Response | None:
        given = list(fields.get(name, ()))
        return given[-1] if given else None

    def misfit(self, item: Content, response: Response) -> str:
        return "" if is_text(response) else "wrong_shape"

    def tidy(self, item: Content, response: Response) -> Response:
        return nfc(response)

    def fitting(self, settings: Mapping[str, Any], response: str) -> Mapping[str, Any] | None:
        """The accepted answer that the response is; None when it is none of them."""
        raise NotImplementedError

    def points(self, item: Content, response: Response) -> Fraction | None:
        found = self.fitting(item["settings"], response)
        return bounded(weight_of(found)) if found else NOTHING


class ShortText(Written):
    """A word or a few. ``settings``: "fold_case" and "fold_accents" say what may differ."""

    code, label, how = "short_text", gettext_noop("Trả lời ngắn"), _("viết câu trả lời ngắn")

    def problems(self, content: Content) -> list[Problem]:
        return accepted_problems(
            content.get("settings", {}).get("accepted"),
            "settings",
            lambda row: "" if str(row.get("text") or "").strip() else gettext("chưa có chữ"),
        )

    def normal(self, content: Content) -> dict[str, Any]:
        settings = content["settings"]
        return {
            "options": [],
            "settings": {
                "accepted": accepted_normal(settings["accepted"], "text"),
                "fold_case": bool(settings.get("fold_case", True)),
                "fold_accents": bool(settings.get("fold_accents", False)),
                "fallback": nfc(str(settings.get("fallback") or "")),
            },
        }

    def fitting(self, settings: Mapping[str, Any], response: str) -> Mapping[str, Any] | None:
        given = _alike(response, settings)
        return next((row for row in settings["accepted"] if given and _matches(row["text"], given, settings)), None)

    def right(self, item: Content) -> Response:
        best = max(item["settings"]["accepted"], key=weight_of)
        return STARS.sub(lambda star: "*" if star[0] == "\\*" else "…", best["text"])


def _alike(text: str, settings: Mapping[str, Any]) -> str:
    """The text without what may differ; ``fold`` drops case too, so case is kept only where it and accents count."""
    tidy = nfc(text)
    if settings.get("fold_accents"):
        return fold(tidy)
    return tidy.casefold() if settings.get("fold_case", True) else tidy


def _matches(wanted: str, given: str, settings: Mapping[str, Any]) -> bool:
    """Whether the text given is the one wanted, ``*`` standing for anything."""
    parts = STARS.split(wanted)
    stars = STARS.findall(wanted)
    pattern = re.escape(_edge_kept(parts[0], settings))
    for star, part in zip(stars, parts[1:], strict=True):
        pattern += (".*" if star == "*" else r"\*") + re.escape(_edge_kept(part, settings))
    return re.fullmatch(pattern, given, flags=re.DOTALL) is not None


def _edge_kept(part: str, settings: Mapping[str, Any]) -> str:
    """A piece between stars without what may differ; the blanks at its ends belong to it."""
    inner = _alike(part, settings)
    if not inner:
        return " " if part.isspace() else ""
    return f"{' ' if part[0].isspace() else ''}{inner}{' ' if part[-1].isspace() else ''}"


class Numeric(Written):
    """A number with a tolerance. ``settings["unit"]`` may be typed behind it or left out."""

    code, label, how = "numeric", gettext_noop("Trả lời bằng số"), _("viết một số, ví dụ 1,5")

    def problems(self, content: Content) -> list[Problem]:
        return accepted_problems(content.get("settings", {}).get("accepted"), "settings", self._row_problem)

    def _row_problem(self, row: Mapping[str, Any]) -> str:
        tolerance = decimal_of(row.get("tolerance") or 0)
        if decimal_of(row.get("value")) is None:
            return gettext("phải là một số")
        return gettext("sai số phải là số từ 0 trở lên") if tolerance is None or tolerance < 0 else ""

    def normal(self, content: Content) -> dict[str, Any]:
        settings = content["settings"]
        return {
            "options": [],
            "settings": {
                "accepted": accepted_normal(settings["accepted"], "value", "tolerance"),
                "unit": nfc(str(settings.get("unit") or "")),
                "fallback": nfc(str(settings.get("fallback") or "")),
            },
        }

    def fitting(self, settings: Mapping[str, Any], response: str) -> Mapping[str, Any] | None:
        numbers = readings(response, settings.get("unit", ""))
        for row in settings["accepted"]:
            value, tolerance = Decimal(row["value"]), Decimal(row.get("tolerance") or 0)
            if any(abs(number - value) <= tolerance for number in numbers):
                return dict(row)
        return None

    def right(self, item: Content) -> Response:
        return vi_plain(Decimal(max(item["settings"]["accepted"], key=weight_of)["value"]))


class Essay(Kind):
    """A free text that an instructor grades by a rubric.

    ``settings``: "rubric" is a list of {"key", "title", "levels": [{"key", "text", "points": int}, …]}; "least_words"
    and "most_words" may be 0 for no bound. The share of the point is the sum of the levels given, of the best ones.
    """

    code, label, how = "essay", gettext_noop("Tự luận"), _("viết câu trả lời của bạn")
    by_hand = True
    blank = ""

    def problems(self, content: Content) -> list[Problem]:
        rubric = content.get("settings", {}).get("rubric")
        if not isinstance(rubric, Sequence) or isinstance(rubric, str) or not rubric:
            return [("settings", gettext("câu tự luận cần ít nhất một tiêu chí chấm"))]
        for place, row in enumerate(rubric, start=1):
            if wrong := self._criterion_problem(row):
                return [("settings", gettext("tiêu chí %(place)s %(wrong)s") % {"place": place, "wrong": wrong})]
        return []

    def _criterion_problem(self, row: Any) -> str:
        if not isinstance(row, Mapping) or not str(row.get("title") or "").strip():
            return gettext("chưa có tên")
        levels = row.get("levels")
        if not isinstance(levels, Sequence) or len(levels) < 2:
            return gettext("cần ít nhất hai mức")
        points = [level.get("points") if isinstance(level, Mapping) else None for level in levels]
        if not all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= 100 for one in points):
            return gettext("có mức chưa ghi điểm (số nguyên từ 0 đến 100)")
        return "" if max(one or 0 for one in points) > 0 else gettext("không có mức nào được điểm")

    def normal(self, content: Content) -> dict[str, Any]:
        settings = content["settings"]
        rubric = [
            {
                "key": str(row.get("key") or f"t{place}"),
                "title": nfc(str(row["title"])),
                "levels": [
                    {
                        "key": str(level.get("key") or f"m{number}"),
                        "text": nfc(str(level.get("text") or "")),
                        "points": level["points"],
                    }
                    for number, level in enumerate(row["levels"], start=1)
                ],
            }
            for place, row in enumerate(settings["rubric"], start=1)
        ]
        bounds = {name: int(settings.get(name) or 0) for name in ("least_words", "most_words")}
        return {"options": [], "settings": {"rubric": rubric, **bounds}}

    def read(self, item: Content, fields: Fields, name: str) -> Response | None:
        given = list(fields.get(name, ()))
        return given[-1] if given else None

    def misfit(self, item: Content, response: Response) -> str:
        return "" if is_text(response) else "wrong_shape"

    def tidy(self, item: Content, response: Response) -> Response:
        """Lines stay as they were written: an essay has paragraphs."""
        return "\n".join(nfc(line) for line in response.splitlines()).strip()

    def points(self, item: Content, response: Response) -> Fraction | None:
        # Nobody has to read an empty sheet.
        return None if response else NOTHING

    def right(self, item: Content) -> Response:
        return ""


def rubric_points(settings: Mapping[str, Any], levels: Mapping[str, str]) -> Fraction | None:
    """The share of the point for the level chosen per criterion; None while one is missing or unknown."""
    got = best = 0
    for row in settings["rubric"]:
        given = {level["key"]: level["points"] for level in row["levels"]}
        if levels.get(row["key"]) not in given:
            return None
        got, best = got + given[levels[row["key"]]], best + max(given.values())
    return Fraction(got, best)
