"""Putting together: pairs, an order, gaps in a text, several linked questions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from string import ascii_lowercase
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from common.text import nfc
from quizzes.kinds.base import (
    ALL,
    NOTHING,
    PARTIAL,
    Content,
    Fields,
    Item,
    Kind,
    Problem,
    Response,
    credited,
    is_choice_of,
    keys_of,
    strings,
)
from quizzes.kinds.choice import Choice, credit_problems, options_normal, options_problems
from quizzes.kinds.written import Numeric, ShortText

GAP = re.compile(r"\[\[(\w{1,12})\]\]")
MAX_PAIRS = 12


class Matching(Kind):
    """Each row gets one of the choices.

    ``settings``: "pairs" is a list of {"key", "left", "right"}, where right is the key of a choice; "choices" is a list
    of {"key", "text"}, more than the pairs need if the author likes. A response is {pair key: choice key}.
    """

    code, label, how = "matching", gettext_noop("Ghép đôi"), _("chọn một vế cho mỗi dòng")
    blank = {}

    def problems(self, content: Content) -> list[Problem]:
        settings = content.get("settings", {})
        pairs, choices = settings.get("pairs"), settings.get("choices")
        if not _rows(pairs, "left") or not 2 <= len(pairs) <= MAX_PAIRS:
            return [("settings", gettext("cần từ 2 đến %(most)s cặp, vế nào cũng có chữ") % {"most": MAX_PAIRS})]
        if not _rows(choices, "text") or len(choices) > 2 * MAX_PAIRS:
            return [("settings", gettext("danh sách vế phải chưa đúng"))]
        known = {str(choice.get("key")) for choice in choices}
        if len(known) < len(choices) or not all(str(pair.get("right")) in known for pair in pairs):
            return [("settings", gettext("có cặp chưa chỉ ra vế phải của mình"))]
        if len({nfc(str(choice["text"])) for choice in choices}) < 2:
            return [("settings", gettext("cần ít nhất hai vế phải khác nhau"))]
        return credit_problems(content)

    def normal(self, content: Content) -> dict[str, Any]:
        settings = content["settings"]
        pairs = [
            {"key": str(pair.get("key") or ascii_lowercase[n]), "left": nfc(pair["left"]), "right": str(pair["right"])}
            for n, pair in enumerate(settings["pairs"])
        ]
        choices = [{"key": str(choice["key"]), "text": nfc(choice["text"])} for choice in settings["choices"]]
        credit = settings.get("credit", PARTIAL)
        return {"options": [], "settings": {"pairs": pairs, "choices": choices, "credit": credit}}

    def arrange(self, item: Item, rng: Random, shuffle: bool) -> None:
        # The choices are always mixed: in the author's order they would give the answer away.
        rng.shuffle(item["settings"]["choices"])
        if shuffle:
            rng.shuffle(item["settings"]["pairs"])

    def read(self, item: Content, fields: Fields, name: str) -> Response | None:
        return strings(fields, {pair["key"]: f"{name}.{pair['key']}" for pair in item["settings"]["pairs"]})

    def misfit(self, item: Content, response: Response) -> str:
        settings = item["settings"]
        fits = is_choice_of(response, keys_of(settings["pairs"]), keys_of(settings["choices"]))
        return "" if fits else "unknown_option"

    def points(self, item: Content, response: Response) -> Fraction | None:
        settings = item["settings"]
        texts = {choice["key"]: choice["text"] for choice in settings["choices"]}
        # Two choices with the same words are the same choice to whoever reads them.
        right = sum(texts.get(response.get(pair["key"], "")) == texts[pair["right"]] for pair in settings["pairs"])
        return credited(Fraction(right, len(settings["pairs"])), settings.get("credit", PARTIAL))

    def right(self, item: Content) -> Response:
        return {pair["key"]: pair["right"] for pair in item["settings"]["pairs"]}


def _rows(rows: Any, *texts: str) -> bool:
    """Whether this is a list of mappings with these texts filled in."""
    return (
        isinstance(rows, Sequence)
        and not isinstance(rows, str)
        and bool(rows)
        and all(
            isinstance(row, Mapping) and all(isinstance(row.get(t), str) and row[t].strip() for t in texts)
            for row in rows
        )
    )


class Ordering(Kind):
    """Things in their right order, which is the order of ``options`` ({"key", "text"}).

    A learner gives each a place: a response is {option key: place from "1"}. ``settings["credit"]``: "all", or
    "partial" (the share that stands where it belongs).
    """

    code, label, how = "ordering", gettext_noop("Sắp thứ tự"), _("chọn thứ tự cho mỗi dòng")
    blank = {}

    def problems(self, content: Content) -> list[Problem]:
        return options_problems(content.get("options")) + credit_problems(content)

    def normal(self, content: Content) -> dict[str, Any]:
        options = [{"key": option["key"], "text": option["text"]} for option in options_normal(content["options"])]
        return {"options": options, "settings": {"credit": content.get("settings", {}).get("credit", ALL)}}

    def arrange(self, item: Item, rng: Random, shuffle: bool) -> None:
        # Shown as they belong, they would be the answer; so the right order is kept aside, and all are mixed.
        item["settings"]["order"] = [option["key"] for option in item["options"]]
        rng.shuffle(item["options"])

    def _order(self, item: Content) -> list[str]:
        kept: list[str] = item["settings"].get("order") or [option["key"] for option in item["options"]]
        return kept

    def read(self, item: Content, fields: Fields, name: str) -> Response | None:
        return strings(fields, {option["key"]: f"{name}.{option['key']}" for option in item["options"]})

    def misfit(self, item: Content, response: Response) -> str:
        places = frozenset(str(place) for place in range(1, len(item["options"]) + 1))
        return "" if is_choice_of(response, keys_of(item["options"]), places) else "unknown_option"

    def points(self, item: Content, response: Response) -> Fraction | None:
        order = self._order(item)
        right = sum(response.get(key) == str(place) for place, key in enumerate(order, start=1))
        # A place that was given twice is a guess, not an order.
        if len(set(response.values())) < len(response):
            return NOTHING
        return credited(Fraction(right, len(order)), item["settings"].get("credit", ALL))

    def right(self, item: Content) -> Response:
        return {key: str(place) for place, key in enumerate(self._order(item), start=1)}


class Blanks(Kind):
    """A text with gaps, written ``[[1]]`` in it.

    ``settings["gaps"]`` is a list of {"key", "kind"} and what that kind has: "short_text" and "numeric" their accepted
    answers, "single" its options. A response is {gap key: text or option key}.
    """

    code, label, how = "blanks", gettext_noop("Điền vào chỗ trống"), _("điền vào mỗi chỗ trống")
    blank = {}
    INNER: Mapping[str, Kind] = {kind.code: kind for kind in (ShortText(), Numeric(), Choice())}

    def problems(self, content: Content) -> list[Problem]:
        gaps = content.get("settings", {}).get("gaps")
        if not isinstance(gaps, Sequence) or isinstance(gaps, str) or not gaps:
            return [("settings", gettext("chưa có chỗ trống nào; viết [[1]] vào chỗ cần điền"))]
        named = GAP.findall(str(content.get("text") or ""))
        keys = [str(gap.get("key")) if isinstance(gap, Mapping) else "" for gap in gaps]
        if sorted(named) != sorted(keys):
            return [
                (
                    "text",
                    gettext("chỗ trống trong câu (%(named)s) không khớp với đáp án đã cho (%(keys)s)")
                    % {"named": _listed(named), "keys": _listed(keys)},
                )
            ]
        for gap in gaps:
            if gap.get("kind") not in self.INNER:
                return [
                    (
                        "settings",
                        gettext("chỗ trống %(gap)s: loại phải là một trong %(kinds)s")
                        % {"gap": gap["key"], "kinds": ", ".join(self.INNER)},
                    )
                ]
            if wrong := self.INNER[gap["kind"]].problems(_gap_content(gap)):
                return [
                    ("settings", gettext("chỗ trống %(gap)s: %(wrong)s") % {"gap": gap["key"], "wrong": wrong[0][1]})
                ]
        return []

    def normal(self, content: Content) -> dict[str, Any]:
        gaps = [
            {"key": str(gap["key"]), "kind": gap["kind"], **_flat(self.INNER[gap["kind"]].normal(_gap_content(gap)))}
            for gap in content["settings"]["gaps"]
        ]
        credit = content["settings"].get("credit", PARTIAL)
        return {"options": [], "settings": {"gaps": gaps, "credit": credit}}

    def arrange(self, item: Item, rng: Random, shuffle: bool) -> None:
        for gap in item["settings"]["gaps"]:
            if shuffle and gap["kind"] == Choice.code:
                rng.shuffle(gap["options"])

    def read(self, item: Content, fields: Fields, name: str) -> Response | None:
        return strings(fields, {gap["key"]: f"{name}.{gap['key']}" for gap in item["settings"]["gaps"]})

    def misfit(self, item: Content, response: Response) -> str:
        gaps = {gap["key"]: gap for gap in item["settings"]["gaps"]}
        if not isinstance(response, Mapping) or not set(response) <= set(gaps):
            return "unknown_option"
        for key, value in response.items():
            inner = self.INNER[gaps[key]["kind"]]
            if wrong := inner.misfit(_gap_content(gaps[key]), _inner(inner, value)):
                return wrong
        return ""

    def tidy(self, item: Content, response: Response) -> Response:
        return {key: nfc(value) for key, value in response.items() if value.strip()}

    def gap_points(self, gap: Mapping[str, Any], value: str) -> Fraction:
        """0 to 1 for what stands in one gap."""
        inner = self.INNER[gap["kind"]]
        return inner.points(_gap_content(gap), _inner(inner, value)) or NOTHING if value else NOTHING

    def points(self, item: Content, response: Response) -> Fraction | None:
        gaps = item["settings"]["gaps"]
        total = sum((self.gap_points(gap, response.get(gap["key"], "")) for gap in gaps), NOTHING)
        return credited(total / len(gaps), item["settings"].get("credit", PARTIAL))

    def right(self, item: Content) -> Response:
        best = {}
        for gap in item["settings"]["gaps"]:
            found = self.INNER[gap["kind"]].right(_gap_content(gap))
            best[gap["key"]] = found[0] if isinstance(found, list) else found
        return best


def _gap_content(gap: Mapping[str, Any]) -> dict[str, Any]:
    """A gap as the content of a question of its own."""
    return {"kind": gap.get("kind"), "options": gap.get("options"), "settings": gap}


def _flat(normal: Mapping[str, Any]) -> dict[str, Any]:
    """Options and settings of a gap side by side, options only where there are any."""
    return {**normal["settings"], **({"options": normal["options"]} if normal["options"] else {})}


def _inner(kind: Kind, value: Any) -> Response:
    """What stands in a gap as a response of its kind."""
    return [value] if isinstance(kind, Choice) else value


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(sorted(keys)) or gettext("không có")
