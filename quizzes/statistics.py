"""Pure figures of questions and quizzes: classical item and test analysis. No models, no I/O.

Rows come as a stream, the rows of an attempt next to each other; nothing is kept per row. What is kept are counts of
pairs (points of the item, points of the rest of the paper) per question, so that every figure is worked out of whole
numbers, exactly and whatever the order of the attempts; only the last division gives a float. The number of pairs is
that of different scores, not of attempts.

Points are whole numbers of hundred-thousandths (``UNIT`` = the full point), scores whole hundredths of a percent.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from quizzes.statistics_reading import Alert, OptionFigure, item_alerts
from quizzes.statistics_sums import Pairs, bands, correlation, greatest_cov, root, spread

#: The full point of an item.
UNIT = 100_000
#: Below ``ENOUGH`` attempts nothing is shown; alerts only from ``SURE`` on.
ENOUGH, SURE = 30, 100
#: How many different answers to one question are told apart; how many fixed forms are looked for.
MOST_ANSWERS, MOST_FORMS = 3000, 12
#: How many of what people wrote is shown.
WRITTEN_SHOWN = 20
RANDOM, MASTERY, TOO_FEW, ONE_ITEM, ALL_ALIKE = "random", "mastery", "too_few", "one_item", "all_alike"


class Row(NamedTuple):
    """One answer of one attempt. ``response`` is the stored answer as JSON text, ``score`` that of the attempt."""

    attempt: int
    question: int | None
    points: int
    response: str
    score: int


@dataclass(frozen=True)
class Asked:
    """What is known of a question beside its answers, as ``told`` tells them: those there are to choose from, the right
    ones, and whether people write them (then capitals and blanks do not tell them apart)."""

    options: tuple[str, ...] = ()
    right: frozenset[str] = frozenset()
    written: bool = False


@dataclass(frozen=True)
class ItemFigures:
    """One question. ``facility`` 0–1; ``sd`` of its points; ``discrimination`` −1–1 against the rest of the paper,
    None where nobody differs; ``efficiency`` the same as a share of what was possible; ``weight`` its share 0–1 in how
    far people differ, None where negative. ``options``: what was answered."""

    question: int
    attempts: int
    facility: float
    sd: float | None
    discrimination: float | None
    efficiency: float | None
    weight: float | None
    options: list[OptionFigure]
    other_answers: int
    alerts: list[Alert]


@dataclass(frozen=True)
class FormFigures:
    """Reliability of one fixed set of questions. ``alpha`` at most 1 (KR-20 where every item is right or wrong);
    ``error_ratio``: how much of the spread is chance; ``standard_error`` in points of a score of 0–100."""

    questions: list[int]
    attempts: int
    alpha: float
    is_kr20: bool
    error_ratio: float
    standard_error: float


@dataclass(frozen=True)
class QuizFigures:
    """A quiz, over first attempts. Scores 0–100. ``no_alpha`` says why there is no reliability. ``bands`` counts
    scores by tens, 100 among the last; ``unsure`` the attempts within one standard error of the pass mark."""

    attempts: int
    pass_percent: int
    mean: float | None = None
    median: float | None = None
    sd: float | None = None
    skewness: float | None = None
    kurtosis: float | None = None
    bands: list[int] = field(default_factory=list)
    forms: list[FormFigures] = field(default_factory=list)
    no_alpha: str = ""
    unsure: int | None = None
    items: list[ItemFigures] = field(default_factory=list)

    @property
    def alpha(self) -> float | None:
        """The reliability where all were asked the same."""
        return self.forms[0].alpha if len(self.forms) == 1 and not self.no_alpha else None


# --- The stream -----------------------------------------------------------------------------------------------------
@dataclass
class _Item:
    pairs: dict[tuple[int, int], int] = field(default_factory=dict)
    #: Answer as JSON text → how often, sum of the rest of the paper, sum of points.
    answers: dict[str, list[int]] = field(default_factory=dict)
    other: int = 0
    #: Sum of the most that the rest of the paper could have given.
    rest_of: int = 0


@dataclass
class _Form:
    n: int = 0
    total: int = 0
    squares: int = 0
    items: list[list[int]] = field(default_factory=list)
    dichotomous: bool = True


class Measuring:
    """Takes in attempts one by one; ``figures`` may be asked at any time.

    ``skip_blank`` leaves out questions without an answer: where an attempt ends before its last question.
    """

    def __init__(
        self, asked: Mapping[int, Asked] | None = None, *, pass_percent: int, skip_blank: bool = False
    ) -> None:
        self.asked, self.pass_percent, self.skip_blank = asked or {}, pass_percent, skip_blank
        self._items: dict[int, _Item] = {}
        self._scores: Counter[int] = Counter()
        self._forms: dict[tuple[int, ...], _Form] | None = {}

    def add_all(self, rows: Iterable[Row | tuple[Any, ...]]) -> None:
        """Rows in which those of an attempt stand next to each other."""
        for _, attempt in groupby(rows, key=itemgetter(0)):
            self.add(list(attempt))

    def add(self, rows: Sequence[Row | tuple[Any, ...]]) -> None:
        """The answers of one attempt."""
        self._scores[rows[0][4]] += 1
        total = sum(row[2] for row in rows)
        if self._forms is not None and not self.skip_blank:
            self._count_form(rows, total)
        rest_of = (len(rows) - 1) * UNIT
        for _, question, points, response, _ in rows:
            if question is not None and not (self.skip_blank and is_blank(response)):
                self._count(question, points, total - points, response, rest_of)

    def _count(self, question: int, points: int, rest: int, response: str, rest_of: int) -> None:
        item = self._items.get(question)
        if item is None:
            item = self._items[question] = _Item()
        pair = (points, rest)
        item.pairs[pair] = item.pairs.get(pair, 0) + 1
        item.rest_of += rest_of
        told = item.answers.get(response)
        if told is not None:
            told[0] += 1
            told[1] += rest
            told[2] += points
        elif len(item.answers) < MOST_ANSWERS:
            item.answers[response] = [1, rest, points]
        else:
            item.other += 1

    def _count_form(self, rows: Sequence[Any], total: int) -> None:
        assert self._forms is not None
        ordered = sorted((row[1] or 0, row[2]) for row in rows)
        key = tuple(question for question, _ in ordered)
        form = self._forms.get(key)
        if form is None:
            if len(self._forms) >= MOST_FORMS:
                self._forms = None  # papers are drawn at random: no two people had the same one
                return
            form = self._forms[key] = _Form(items=[[0, 0] for _ in key])
        form.n += 1
        form.total += total
        form.squares += total * total
        for sums, (_, points) in zip(form.items, ordered, strict=True):
            if points:
                sums[0] += points
                sums[1] += points * points
                if points != UNIT:
                    form.dichotomous = False

    # --- What comes out ---------------------------------------------------------------------------------------------
    def figures(self) -> QuizFigures:
        """Everything, as far as it has come in."""
        forms, why = self._reliability()
        items = self._item_figures()
        unsure = self._unsure(forms[0].standard_error) if len(forms) == 1 and not why else None
        return QuizFigures(
            attempts=self._scores.total(),
            pass_percent=self.pass_percent,
            **spread(self._scores),
            bands=bands(self._scores),
            forms=forms,
            no_alpha=why,
            unsure=unsure,
            items=items,
        )

    def _unsure(self, error: float) -> int:
        low, high = self.pass_percent - error, self.pass_percent + error
        return sum(times for score, times in self._scores.items() if low <= score / 100 <= high)

    def _reliability(self) -> tuple[list[FormFigures], str]:
        if self.skip_blank:
            return [], MASTERY
        if self._forms is None:
            return [], RANDOM
        large = [(key, form) for key, form in self._forms.items() if form.n >= 3]
        found = [one for key, form in sorted(large) if (one := _form_figures(key, form))]
        if found:
            # Several forms stand beside each other; a form that few were given says nothing yet.
            return (found, "") if len(self._forms) == 1 else ([one for one in found if one.attempts >= ENOUGH], RANDOM)
        if len(self._forms) > 1:
            return [], RANDOM
        if not large:
            return [], TOO_FEW
        return [], ONE_ITEM if len(large[0][0]) < 2 else ALL_ALIKE

    def _item_figures(self) -> list[ItemFigures]:
        sums = {question: Pairs.of(item.pairs) for question, item in self._items.items()}
        # The covariance with the whole: with the rest, and with itself.
        whole = {question: pairs.cov + pairs.var_x for question, pairs in sums.items()}
        roots = {question: root(cov) for question, cov in whole.items() if cov >= 0}
        of = math.fsum(roots.values())
        return [
            self._one_item(question, item, sums[question], roots[question] / of if of and question in roots else None)
            for question, item in sorted(self._items.items())
        ]

    def _one_item(self, question: int, item: _Item, pairs: Pairs, weight: float | None) -> ItemFigures:
        best = greatest_cov(item.pairs)
        asked = self.asked.get(question, Asked())
        options = _options(item, asked, pairs.n)
        facility = float(Fraction(pairs.x, pairs.n * UNIT))
        discrimination = correlation(pairs)
        return ItemFigures(
            question=question,
            attempts=pairs.n,
            facility=facility,
            sd=root(pairs.var_x) / UNIT if pairs.n > 1 else None,
            discrimination=discrimination,
            efficiency=float(pairs.cov / best) if best > 0 else None,
            weight=weight,
            options=options,
            other_answers=item.other,
            alerts=item_alerts(facility, discrimination, options, bool(asked.options)) if pairs.n >= SURE else [],
        )


def measure(
    rows: Iterable[Row | tuple[Any, ...]],
    asked: Mapping[int, Asked] | None = None,
    *,
    pass_percent: int,
    skip_blank: bool = False,
) -> QuizFigures:
    """The figures of rows in which those of an attempt stand next to each other; see ``Measuring``."""
    measuring = Measuring(asked, pass_percent=pass_percent, skip_blank=skip_blank)
    measuring.add_all(rows)
    return measuring.figures()


def _form_figures(key: tuple[int, ...], form: _Form) -> FormFigures | None:
    """Cronbach's α of one form; None where it cannot be worked out."""
    k, n = len(key), form.n
    whole = n * form.squares - form.total * form.total
    if k < 2 or n < 3 or not whole:
        return None
    parts = sum(n * squares - total * total for total, squares in form.items)
    alpha = Fraction(k, k - 1) * (1 - Fraction(parts, whole))
    ratio = root(1 - alpha)
    sd = root(Fraction(whole, n * (n - 1))) / (k * UNIT) * 100
    return FormFigures(list(key), n, float(alpha), form.dichotomous, ratio, ratio * sd)


# --- Answers --------------------------------------------------------------------------------------------------------
def is_blank(response: str) -> bool:
    """Whether nothing was answered."""
    return response in ("", "[]", "{}", '""', "null")


def told(response: Any) -> list[str]:
    """A response as the single answers that it consists of: ``a``; ``a=2`` for a pair; ``p1=a`` for a part."""
    if isinstance(response, Mapping):
        return [f"{key}={inner}" for key, value in response.items() for inner in told(value)]
    return [str(one) for one in response] if isinstance(response, list) else [str(response)] if response else []


def _options(item: _Item, asked: Asked, attempts: int) -> list[OptionFigure]:
    """What was answered and how those did in the rest of the paper; nothing answered under an empty name."""
    found: dict[str, list[int]] = {name: [0, 0, 0] for name in asked.options}
    for text, (times, rest, points) in item.answers.items():
        for name in told(json.loads(text or "[]")) or [""]:
            sums = found.setdefault(" ".join(name.split()).casefold() if asked.written else name, [0, 0, 0])
            sums[0], sums[1], sums[2] = sums[0] + times, sums[1] + rest, sums[2] + points
    made = [
        OptionFigure(
            answer=name,
            attempts=times,
            share=times / attempts,
            mean_rest=rest * attempts / (times * item.rest_of) * 100 if times and item.rest_of else None,
            is_right=name in asked.right if asked.right else bool(times) and points == times * UNIT,
        )
        for name, (times, rest, points) in found.items()
    ]
    if asked.options:
        return made
    return sorted(made, key=lambda one: (-one.attempts, one.answer))[:WRITTEN_SHOWN]
