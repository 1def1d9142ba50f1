"""One figure: how much counts, over how many, against which target; and what follows from that. No reading here."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext, pgettext

from common.wording import is_foreign, score
from kpi.denominators import Denominator
from kpi.models import Target
from kpi.part import PART_NAMES, Part
from kpi.wording import PEOPLE, Words
from people.models import Unit


@dataclass(frozen=True)
class Figure:
    """One figure: of a unit, or of the people who belong to a unit but to none below it.

    ``count`` is a whole number of what ``words`` name; of what units declare it is their value, and as long as nothing
    is approved ``is_known`` is false: no figure, which is not zero. ``remark`` says how a declared value came about.
    ``before``: how many of the counted people there were when the year began; only a board asks for it.
    """

    part: Part
    unit: Unit | None
    count: int | Decimal
    denominator: Denominator
    target: Target | None
    goal: int | None
    words: Words = PEOPLE
    is_known: bool = True
    is_declared: bool = False
    remark: str = ""
    before: int = field(default=0, compare=False)

    @property
    def name(self) -> str:
        return gettext(PART_NAMES.get(self.part, "")) or (self.unit.name if self.unit else "")

    @property
    def says_something(self) -> bool:
        """Whether there is anybody counted, anybody to train, or a number of people that was asked for.

        Of a hundred communes many have none of these yet. Who was asked for 50 and has nobody lacks 50.
        """
        if self.is_declared:
            return self.is_known
        return self.unit is None or bool(self.count) or self.denominator.value is not None or self.goal is not None

    @property
    def shown(self) -> str:
        """The number as it is read; "chưa báo" where nothing is approved."""
        if not self.is_known:
            return pgettext("số liệu", "chưa báo")
        sign = "%" if is_foreign() else "\u00a0%"
        return f"{score(self.count)}{sign if self.words.one == '%' else ''}"

    @property
    def whole(self) -> int | None:
        """What the percentage is taken of: the denominator, or for a target in people that number of people.

        A declared percentage is one already; of another declared value there is none but against a goal.
        """
        if self.is_declared:
            return None if not self.is_known else 100 if self.words.one == "%" else self.goal
        return self.denominator.value if self.asked_number is None else self.asked_number

    @property
    def in_percent(self) -> bool:
        return self.target is not None and self.target.measured_in == "%"

    @property
    def asked_number(self) -> int | None:
        """How many people the target asks for by itself, whoever stands on a list; None for a percentage."""
        return None if self.in_percent or self.is_declared else self.goal

    @property
    def percent(self) -> Decimal | None:
        """With one decimal, rounded down: never 100 before it is."""
        if not self.whole:
            return None
        return Decimal(self.count * 1000 // self.whole) / 10

    @property
    def gap(self) -> int | None:
        """What is still missing, in whole people, teams, schools or per cents; None without a goal."""
        if self.goal is None or not self.is_known:
            return None
        return max(0, int((self.goal - Decimal(self.count)).to_integral_value(ROUND_CEILING)))

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached; None where nothing can be said. A rank is met by a smaller number.

        That something "exists" only its unit can say: some who are trained do not make it so.
        """
        if self.target is None or not self.is_known:
            return None
        if not self.is_declared:
            return None if self.goal is None else self.count >= self.goal
        if self.target.comparator == "exists":
            return self.count > 0
        if self.target.value is None:
            return None
        match self.target.comparator:
            case ">":
                return self.count > self.target.value
            case "<=":
                return self.count <= self.target.value
            case _:
                return self.count >= self.target.value

    @property
    def is_more_than_all(self) -> bool:
        """More counted than there are to train: one of the two numbers is wrong."""
        return self.denominator.value is not None and self.count > self.denominator.value

    @property
    def is_low(self) -> bool:
        """Below nine tenths of what is asked: shown in the warning colour."""
        return self.is_known and self.goal is not None and self.count * 10 < self.goal * 9

    @property
    def bar(self) -> str:
        """Length of the bar as an SVG percentage; a string, so that no locale writes it with a comma."""
        return f"{min(Decimal(100), self.percent or Decimal(0))}%"

    @property
    def tick(self) -> str:
        """Where the target's tick stands on the bar; empty without one."""
        return "" if self.target_percent is None else f"{self.target_percent.normalize():f}%"

    @property
    def target_percent(self) -> Decimal | None:
        """Where the target stands on the bar."""
        if self.target is None or self.target.value is None:
            return None
        return min(Decimal(100), self.target.value) if self.in_percent else Decimal(100)


def goal_of(target: Target | None, denominator: int | None) -> int | None:
    """How many people the target asks for. "Trên 90%" of ten people is ten, "90%" is nine."""
    if target is None or target.value is None or target.comparator not in (">=", "=", ">"):
        return None
    if target.measured_in == "%":
        if not denominator:
            return None
        exact = target.value * denominator / 100
    elif target.measured_in == "người":
        exact = target.value
    else:
        return None
    whole = int(exact.to_integral_value(ROUND_CEILING))
    return whole + 1 if target.comparator == ">" and exact == whole else whole


def declared_goal(target: Target | None) -> int | None:
    """The value that units have to declare at least, rounded up; None for a rank and where nothing is asked."""
    if target is None or target.value is None or target.comparator not in (">=", "=", ">"):
        return None
    return int(target.value.to_integral_value(ROUND_CEILING))
