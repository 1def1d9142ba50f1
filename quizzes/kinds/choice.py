"""Choosing: one, several, true or false, places on a picture.

``options`` is a list of {"key", "text", "correct", "feedback"}, with "weight" (percent, -100 to 100) where the author
gives shares of the point, and "media" ({"file", "alt"}) for a picture or sound of its own. Keys never change meaning.
A response is the sorted list of chosen keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from random import Random
from string import ascii_lowercase
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from common.text import nfc
from quizzes.kinds.base import (
    ALL,
    CREDITS,
    FULL,
    NOTHING,
    Content,
    Fields,
    Item,
    Kind,
    Problem,
    Response,
    bounded,
    credited,
    keys_of,
    share,
    weight_of,
)

TRUE_FALSE_TEXTS = ("Đúng", "Sai")
MAX_OPTIONS = 12
SIDES = ("x", "y", "width", "height")


def options_normal(options: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Options as they are stored. An option keeps the key it has; new ones get the next free letter, in order."""
    taken = {option["key"] for option in options if option.get("key")}
    free = (letter for letter in ascii_lowercase if letter not in taken)
    return [
        {
            "key": option.get("key") or next(free),
            "text": nfc(str(option["text"])),
            "correct": bool(option.get("correct", False)),
            "feedback": nfc(str(option.get("feedback") or "")),
            **{extra: option[extra] for extra in ("media", *SIDES) if option.get(extra) not in (None, "")},
            **({} if option.get("weight") in (None, "") else {"weight": str(option["weight"])}),
        }
        for option in options
    ]


def options_problems(options: Any, *, most: int = MAX_OPTIONS) -> list[Problem]:
    """What is wrong with the options as a list; the first shape problem hides the rest."""
    if not isinstance(options, Sequence) or isinstance(options, str) or not options:
        return [("options", gettext("chưa có đáp án"))]
    for place, option in enumerate(options, start=1):
        if wrong := _option_problem(option):
            return [("options", gettext("đáp án %(place)s%(wrong)s") % {"place": place, "wrong": wrong})]
    texts = [nfc(option["text"]) for option in options]
    keys = [option["key"] for option in options if option.get("key")]
    if len(set(texts)) < len(texts):
        return [("options", gettext("có hai đáp án giống hệt nhau"))]
    if len(set(keys)) < len(keys):
        return [("options", gettext("có hai đáp án trùng khoá"))]
    return [] if 2 <= len(texts) <= most else [("options", gettext("cần từ 2 đến %(most)s đáp án") % {"most": most})]


def _option_problem(option: Any) -> str:
    if not isinstance(option, Mapping):
        return gettext(" phải có dạng text, correct, feedback")
    if not isinstance(option.get("text"), str) or not option["text"].strip():
        return gettext(" chưa có chữ")
    if not isinstance(option.get("correct", False), bool):
        return gettext(": correct phải là true hoặc false")
    if option.get("feedback") is not None and not isinstance(option["feedback"], str):
        return gettext(": feedback phải là chữ")
    if option.get("weight") not in (None, "") and not is_weight(option["weight"]):
        return gettext(": weight phải là số từ -100 đến 100")
    return ""


def is_weight(value: Any) -> bool:
    """Whether the value is a share of the point in percent."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    # 1E-9999999 is a number as well, and a fraction of ten million digits.
    return number.is_finite() and abs(number) <= 100 and number.adjusted() > -30


def credit_problems(content: Content) -> list[Problem]:
    """Whether the rule of credit is one of ours."""
    credit = content.get("settings", {}).get("credit", ALL)
    return (
        []
        if credit in CREDITS
        else [("settings", gettext("credit phải là một trong %(credits)s") % {"credits": ", ".join(CREDITS)})]
    )


class Choice(Kind):
    """One right option."""

    code, label, how = "single", gettext_noop("Chọn một đáp án"), _("chọn một đáp án")
    blank = []
    several = False

    def problems(self, content: Content) -> list[Problem]:
        options = content.get("options")
        return options_problems(options) or self._count_problems(options or []) + credit_problems(content)

    def _count_problems(self, options: Sequence[Mapping[str, Any]]) -> list[Problem]:
        correct = sum(bool(option.get("correct")) for option in options)
        return (
            []
            if correct == 1
            else [("options", gettext("cần đúng một đáp án đúng, hiện có %(correct)s") % {"correct": correct})]
        )

    def normal(self, content: Content) -> dict[str, Any]:
        return {"options": options_normal(content["options"]), "settings": self._settings(content)}

    def _settings(self, content: Content) -> dict[str, Any]:
        return {}

    def arrange(self, item: Item, rng: Random, shuffle: bool) -> None:
        if shuffle:
            rng.shuffle(item["options"])

    def read(self, item: Content, fields: Fields, name: str) -> Response | None:
        chosen = list(fields.get(name, ()))
        return chosen if chosen or self.several else None

    def misfit(self, item: Content, response: Response) -> str:
        if not isinstance(response, (list, tuple)) or not all(isinstance(key, str) for key in response):
            return "wrong_shape"
        if not set(response) <= keys_of(item["options"]):
            return "unknown_option"
        return "too_many_options" if not self.several and len(set(response)) > 1 else ""

    def tidy(self, item: Content, response: Response) -> Response:
        return sorted(set(response))

    def points(self, item: Content, response: Response) -> Fraction | None:
        chosen = [option for option in item["options"] if option["key"] in set(response)]
        if any("weight" in option for option in item["options"]):
            return bounded(sum((weight_of(o) if "weight" in o else NOTHING for o in chosen), NOTHING))
        right, wrong = sum(bool(o.get("correct")) for o in chosen), sum(not o.get("correct") for o in chosen)
        of = sum(bool(option.get("correct")) for option in item["options"])
        return credited(share(right, wrong, of), item.get("settings", {}).get("credit", ALL))

    def right(self, item: Content) -> Response:
        return sorted(option["key"] for option in item["options"] if option.get("correct"))


class MultipleChoice(Choice):
    """Several right options. ``settings["credit"]``: "all" (exactly these), or "partial" (right less wrong)."""

    code, label, how = "multiple", gettext_noop("Chọn nhiều đáp án"), _("chọn tất cả đáp án đúng")
    several = True

    def _count_problems(self, options: Sequence[Mapping[str, Any]]) -> list[Problem]:
        correct = sum(bool(option.get("correct")) for option in options)
        if 2 <= correct < len(options):
            return []
        return [("options", gettext("câu chọn nhiều cần ít nhất hai đáp án đúng và ít nhất một đáp án sai"))]

    def _settings(self, content: Content) -> dict[str, Any]:
        return {"credit": content.get("settings", {}).get("credit", ALL)}


class TrueFalse(Choice):
    """Đúng or Sai."""

    code, label, how = "true_false", gettext_noop("Đúng hay sai"), _("chọn đúng hoặc sai")

    def problems(self, content: Content) -> list[Problem]:
        found = super().problems(content)
        texts = sorted(nfc(option["text"]) for option in content["options"]) if not found else []
        if texts and texts != sorted(TRUE_FALSE_TEXTS):
            found.append(("options", gettext("câu đúng–sai cần đúng hai đáp án: Đúng và Sai")))
        return found

    def arrange(self, item: Item, rng: Random, shuffle: bool) -> None:
        # People expect Đúng before Sai, whatever the editor typed first.
        item["options"].sort(key=lambda option: option["text"] != TRUE_FALSE_TEXTS[0])


class Hotspot(Choice):
    """Places on a picture, each with a name, so that it can be chosen without seeing or pointing.

    An option also has "x", "y", "width", "height" in percent of the picture, which is the first of ``media``.
    ``settings["several"]`` lets more than one be chosen; then ``settings["credit"]`` counts as in a multiple choice.
    """

    code, label, how = (
        "hotspot",
        gettext_noop("Chọn vị trí trên hình"),
        _("chọn vị trí trên hình hoặc trong danh sách bên dưới"),
    )

    def problems(self, content: Content) -> list[Problem]:
        found = super().problems(content)
        if not content.get("media"):
            found.append(("media", gettext("câu chọn trên hình cần một hình")))
        for place, option in enumerate(content.get("options") or () if not found else (), start=1):
            if not is_area(option):
                found.append(
                    (
                        "options",
                        gettext("vị trí %(place)s: x, y, width, height phải là số phần trăm nằm trong hình")
                        % {"place": place},
                    )
                )
        return found

    def _count_problems(self, options: Sequence[Mapping[str, Any]]) -> list[Problem]:
        return (
            []
            if any(option.get("correct") for option in options)
            else [("options", gettext("chưa có vị trí nào đúng"))]
        )

    def _settings(self, content: Content) -> dict[str, Any]:
        settings = content.get("settings", {})
        return {"several": bool(settings.get("several")), "credit": settings.get("credit", ALL)}

    def arrange(self, item: Item, rng: Random, shuffle: bool) -> None:
        """Places stay where they are."""

    def read(self, item: Content, fields: Fields, name: str) -> Response | None:
        chosen = list(fields.get(name, ()))
        return chosen if chosen or item["settings"].get("several") else None

    def misfit(self, item: Content, response: Response) -> str:
        wrong = super().misfit(item, response)
        return "" if wrong == "too_many_options" and item["settings"].get("several") else wrong

    def points(self, item: Content, response: Response) -> Fraction | None:
        if item["settings"].get("several"):
            return super().points(item, response)
        return FULL if set(response) & set(self.right(item)) else NOTHING

    def right(self, item: Content) -> Response:
        keys: list[str] = super().right(item)
        return keys if item["settings"].get("several") else keys[:1]


def is_area(option: Mapping[str, Any]) -> bool:
    """Whether the four sides are percentages of an area inside the picture."""
    sides = [option.get(side) for side in SIDES]
    numbers = [side for side in sides if isinstance(side, (int, float)) and not isinstance(side, bool)]
    if len(numbers) < len(SIDES):
        return False
    x, y, width, height = numbers
    return min(x, y) >= 0 and min(width, height) > 0 and x + width <= 100 and y + height <= 100
