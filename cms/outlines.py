"""A course's outline as it is shown: its lines under the headings of its modules, with what is left of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from courses import rules
from courses.models import Module, Step

#: An outline of up to so many lines is shown whole; a longer one shows the module where the reader is.
SHORT = 30


@dataclass(frozen=True)
class Row:
    """One line of an outline. Optional steps have no number.

    ``is_now`` is where to go on, ``is_here`` the page that is open.
    """

    step: Step
    number: int | None
    is_done: bool
    is_now: bool
    is_here: bool = False


@dataclass(frozen=True)
class Left:
    """What is left to do: how many required steps, and how many minutes they take together."""

    steps: int
    minutes: int


@dataclass(frozen=True)
class Group:
    """A module with its lines; without ``module`` the lines before the first heading. ``number`` counts from 1."""

    module: Module | None
    number: int
    rows: Sequence[Row]
    left: Left
    is_open: bool

    @property
    def is_done(self) -> bool:
        """Whether nothing is left of it; a module of optional steps alone is done when they are."""
        return self.left.steps == 0 and any(row.is_done for row in self.rows)

    @property
    def is_here(self) -> bool:
        return any(row.is_here for row in self.rows)

    @property
    def minutes(self) -> int:
        return sum(row.step.minutes for row in self.rows)


def left_of(steps: Iterable[Step], done: Collection[int]) -> Left:
    """What is left of some steps."""
    todo = rules.steps_left(steps, done)
    return Left(len(todo), sum(step.minutes for step in todo))


def rows_of(
    steps: Iterable[Step], done: Collection[int], *, now: Step | None = None, here: Step | None = None
) -> list[Row]:
    """The lines of an outline in order; required steps are numbered through."""
    rows, number = [], 0
    for step in steps:
        number += step.required
        rows.append(Row(step, number if step.required else None, step.pk in done, step == now, step == here))
    return rows


def groups_of(rows: Sequence[Row], done: Collection[int], *, long: bool | None = None) -> list[Group]:
    """The lines under their modules. Of a long outline only the module where the reader is stands open."""
    runs = [list(run) for _, run in groupby(rows, key=lambda row: row.step.module_id)]
    place = _place(runs)
    is_long = len(rows) > SHORT if long is None else long
    groups, number = [], 0
    for position, run in enumerate(runs):
        module = run[0].step.module
        number += module is not None
        left = left_of([row.step for row in run], done)
        groups.append(Group(module, number, run, left, not is_long or position == place))
    return groups


def _place(runs: Sequence[Sequence[Row]]) -> int:
    """Which run the reader is in: that of the open page, else that of the next step, else the first."""
    for mark in ("is_here", "is_now"):
        for position, run in enumerate(runs):
            if any(getattr(row, mark) for row in run):
                return position
    return 0
