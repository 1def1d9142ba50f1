"""The kinds of questions: what each needs, how it is answered and what it earns. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from quizzes.kinds.arranged import Blanks, Matching, Ordering
from quizzes.kinds.base import Content, Fields, Item, Kind, Problem, Response
from quizzes.kinds.choice import Choice, Hotspot, MultipleChoice, TrueFalse
from quizzes.kinds.scenario import Scenario
from quizzes.kinds.written import Essay, Numeric, ShortText

#: Every kind by its code, in the order in which an editor is offered them.
KINDS: Mapping[str, Kind] = {
    kind.code: kind
    for kind in (
        Choice(),
        MultipleChoice(),
        TrueFalse(),
        ShortText(),
        Numeric(),
        Matching(),
        Ordering(),
        Blanks(),
        Hotspot(),
        Scenario(),
        Essay(),
    )
}

__all__ = ["KINDS", "Content", "Fields", "Item", "Kind", "Problem", "Response"]
