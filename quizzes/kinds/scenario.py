"""A situation with several linked questions: one text, one answer to each part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from common.text import nfc
from quizzes.kinds.arranged import Blanks, Matching, Ordering
from quizzes.kinds.base import NOTHING, Content, Fields, Item, Kind, Problem, Response
from quizzes.kinds.choice import Choice, MultipleChoice, TrueFalse
from quizzes.kinds.written import Numeric, ShortText

MAX_PARTS = 10


class Scenario(Kind):
    """``settings["parts"]`` is a list of {"key"} and the content of a question, of any kind that is graded by rule and
    has no picture of its own. Each part earns an equal share. A response is {part key: response of the part}.
    """

    code, label, how = "scenario", gettext_noop("Tình huống nhiều câu"), _("đọc tình huống rồi trả lời từng câu")
    blank = {}
    INNER: Mapping[str, Kind] = {
        kind.code: kind
        for kind in (Choice(), MultipleChoice(), TrueFalse(), ShortText(), Numeric(), Matching(), Ordering(), Blanks())
    }

    def problems(self, content: Content) -> list[Problem]:
        parts = content.get("settings", {}).get("parts")
        if not isinstance(parts, Sequence) or isinstance(parts, str) or not 1 <= len(parts) <= MAX_PARTS:
            return [("settings", gettext("tình huống cần từ 1 đến %(most)s câu hỏi") % {"most": MAX_PARTS})]
        for place, part in enumerate(parts, start=1):
            if not isinstance(part, Mapping) or part.get("kind") not in self.INNER:
                return [
                    (
                        "settings",
                        gettext("câu %(place)s: loại câu phải là một trong %(kinds)s")
                        % {"place": place, "kinds": ", ".join(self.INNER)},
                    )
                ]
            if not isinstance(part.get("text"), str) or not part["text"].strip():
                return [("settings", gettext("câu %(place)s: chưa có nội dung câu hỏi") % {"place": place})]
            if wrong := self.INNER[part["kind"]].problems(part):
                return [("settings", gettext("câu %(place)s: %(wrong)s") % {"place": place, "wrong": wrong[0][1]})]
        keys = [part["key"] for part in parts if part.get("key")]
        return [("settings", gettext("có hai câu trùng khoá"))] if len(set(keys)) < len(keys) else []

    def normal(self, content: Content) -> dict[str, Any]:
        parts = [
            {
                "key": str(part.get("key") or f"p{place}"),
                "kind": part["kind"],
                "text": nfc(part["text"]),
                "explanation": nfc(str(part.get("explanation") or "")),
                **self.INNER[part["kind"]].normal(part),
            }
            for place, part in enumerate(content["settings"]["parts"], start=1)
        ]
        return {"options": [], "settings": {"parts": parts}}

    def arrange(self, item: Item, rng: Random, shuffle: bool) -> None:
        # The parts tell a story, so they keep their order; what is chosen within them is mixed.
        for part in item["settings"]["parts"]:
            self.INNER[part["kind"]].arrange(part, rng, shuffle)

    def read(self, item: Content, fields: Fields, name: str) -> Response | None:
        given = {
            part["key"]: self.INNER[part["kind"]].read(part, fields, f"{name}.{part['key']}")
            for part in item["settings"]["parts"]
        }
        found = {key: response for key, response in given.items() if response is not None}
        return found or None

    def misfit(self, item: Content, response: Response) -> str:
        parts = {part["key"]: part for part in item["settings"]["parts"]}
        if not isinstance(response, Mapping) or not set(response) <= set(parts):
            return "unknown_option"
        for key, inner in response.items():
            if wrong := self.INNER[parts[key]["kind"]].misfit(parts[key], inner):
                return wrong
        return ""

    def tidy(self, item: Content, response: Response) -> Response:
        parts = {part["key"]: part for part in item["settings"]["parts"]}
        tidied = {key: self.INNER[parts[key]["kind"]].tidy(parts[key], inner) for key, inner in response.items()}
        return {key: inner for key, inner in tidied.items() if inner}

    def part_points(self, part: Content, response: Mapping[str, Response]) -> Fraction:
        """0 to 1 for one part; nothing where it was left out."""
        kind = self.INNER[part["kind"]]
        given = response.get(part["key"])
        return kind.points(part, kind.tidy(part, given)) or NOTHING if given else NOTHING

    def points(self, item: Content, response: Response) -> Fraction | None:
        parts = item["settings"]["parts"]
        return sum((self.part_points(part, response) for part in parts), NOTHING) / len(parts)

    def right(self, item: Content) -> Response:
        return {part["key"]: self.INNER[part["kind"]].right(part) for part in item["settings"]["parts"]}
