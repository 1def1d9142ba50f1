"""Working out the figures of a quiz and keeping them: many attempts take seconds, so pages read the row."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce, TruncWeek
from django.utils import timezone

from quizzes import rules
from quizzes.kinds import KINDS, Content
from quizzes.models import Answer, Attempt, Question, Quiz, QuizStatistics
from quizzes.statistics import UNIT, Asked, Measuring, told

logger = logging.getLogger(__name__)

#: Rows fetched at a time, attempts whose answers are read at once, and weeks of a trend.
CHUNK, AT_ONCE, WEEKS = 5000, 500, 26
CHOSEN = frozenset({"single", "multiple", "true_false", "hotspot"})
WRITTEN = frozenset({"short_text", "numeric", "essay"})


def graded_attempts(quiz: Quiz) -> QuerySet[Any]:
    """Attempts at a quiz that have come to a result."""
    found: QuerySet[Any] = Attempt.objects.filter(quiz=quiz, score__isnull=False)
    return found


def repeated_firsts(quiz: Quiz) -> frozenset[int]:
    """Ids of attempts that are the first of their round of learning, of people who tried in an earlier round."""
    earlier = Attempt.objects.filter(
        quiz=quiz, enrolment__user=OuterRef("enrolment__user"), enrolment__round__lt=OuterRef("enrolment__round")
    )
    again = graded_attempts(quiz).filter(Exists(earlier), number=1, enrolment__round__gt=1)
    return frozenset(again.order_by().values_list("pk", flat=True))


def statistics_rebuild(
    *, quiz: Quiz, at: datetime | None = None, advance: Callable[[], None] | None = None
) -> QuizStatistics:
    """Work out the figures of a quiz in one pass over its answers, and keep them. ``advance``: one attempt is done."""
    at = at or timezone.now()
    everybody = graded_attempts(quiz).order_by().aggregate(
        attempts=Count("pk"), mean=Avg("score"), passed=Count("pk", filter=Q(passed=True))
    )  # fmt: skip
    versions: Counter[tuple[int, int]] = Counter()
    measuring = Measuring(_asked(quiz), pass_percent=quiz.pass_percent, skip_blank=quiz.mode == rules.MASTERY)
    _take_in(measuring, _rows(quiz, versions), advance)
    figures = {
        **asdict(measuring.figures()),
        "everybody": everybody | {"mean": None if everybody["mean"] is None else float(everybody["mean"])},
        "trend": _trend(quiz),
    }
    for item in figures["items"]:
        item["versions"] = sorted(
            (v, times) for (question, v), times in versions.items() if question == item["question"]
        )
    row, _ = QuizStatistics.objects.update_or_create(
        quiz=quiz, defaults={"made_at": at, "attempts": everybody["attempts"], "figures": figures}
    )
    return row


def _take_in(measuring: Measuring, rows: Iterator[tuple[Any, ...]], advance: Callable[[], None] | None) -> None:
    """Hand over the rows attempt by attempt."""
    held: list[tuple[Any, ...]] = []
    for row in rows:
        if held and held[0][0] != row[0]:
            measuring.add(held)
            held = []
            if advance:
                advance()
        held.append(row)
    if held:
        measuring.add(held)


def _rows(quiz: Quiz, versions: Counter[tuple[int, int]]) -> Iterator[tuple[Any, ...]]:
    """Rows of first attempts as they stream out of the database: what people learn from one try blurs the next.

    A few hundred attempts at a time, so that no database has to sort a million answers. Points and answers stay text,
    most are the same few.
    """
    repeated = repeated_firsts(quiz)
    firsts = graded_attempts(quiz).filter(number=1).order_by("pk").values_list("pk", Cast("score", TextField()))
    units, scores = _Whole(UNIT), _Whole(100)
    columns = ("attempt_id", "question_id", Cast("points", TextField()), Cast("response", TextField()), "version")
    for chunk in _chunks(firsts.iterator(chunk_size=CHUNK)):
        known = {pk: scores[score] for pk, score in chunk if pk not in repeated}
        answers = Answer.objects.filter(attempt__in=known, points__isnull=False).order_by("attempt_id")
        for attempt, question, points, response, version in answers.values_list(*columns):
            versions[question, version] += 1
            yield attempt, question, units[points], response, known[attempt]


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, AT_ONCE)):
        yield chunk


class _Whole(dict[str, int]):
    """Decimal numbers as the database writes them → whole numbers of a smaller unit; each is read once."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def __missing__(self, text: str) -> int:
        self[text] = found = round(Decimal(text) * self.times)
        return found


def _asked(quiz: Quiz) -> Mapping[int, Asked]:
    """What is known of every question that was asked, as it stands now."""
    banks = Question.objects.filter(bank__in=_bank_ids(quiz))
    return {question.pk: asked_of(question.content) for question in banks.iterator(chunk_size=CHUNK)}


def _bank_ids(quiz: Quiz) -> set[int]:
    """The banks of the questions that were really asked; a quiz may have drawn from others before."""
    asked = Answer.objects.filter(attempt__quiz=quiz, question__isnull=False).order_by()
    return set(asked.values_list("question__bank", flat=True).distinct())


def asked_of(content: Content) -> Asked:
    """The answers to a question that one may choose, and the right ones, named as by ``statistics.told``."""
    kind = content["kind"]
    if kind in WRITTEN:
        return Asked(written=True)
    options = tuple(option["key"] for option in content["options"]) if kind in CHOSEN else ()
    right = frozenset(o["key"] for o in content["options"] if o.get("correct")) if kind in CHOSEN else None
    # Of gaps the best answer is only one of those accepted: what was right there is told by the points.
    if right is None:
        right = frozenset() if kind in ("blanks", "scenario") else frozenset(told(KINDS[kind].right(content)))
    return Asked(options, right)


def _trend(quiz: Quiz) -> list[dict[str, Any]]:
    """The last weeks with attempts: when each began, how many results, their mean, how many passed."""
    weeks = (
        graded_attempts(quiz)
        .order_by()
        .annotate(week=TruncWeek("submitted_at"))
        .values("week")
        .annotate(attempts=Count("pk"), mean=Avg("score"), passed=Count("pk", filter=Q(passed=True)))
        .order_by("-week")[:WEEKS]
    )
    return [
        {
            "week": f"{row['week']:%Y-%m-%d}",
            "attempts": row["attempts"],
            "mean": float(row["mean"]),
            "passed": row["passed"],
        }
        for row in reversed(weeks)
    ]


def quizzes_to_measure() -> QuerySet[Any]:
    """Quizzes with results that their figures do not count yet."""
    results = (
        Attempt.objects.filter(quiz=OuterRef("pk"), score__isnull=False)
        .order_by()
        .values("quiz")
        .annotate(n=Count("pk"))
        .values("n")
    )
    found: QuerySet[Any] = Quiz.objects.annotate(
        results=Coalesce(Subquery(results), 0), counted=Coalesce(F("statistics__attempts"), 0)
    )
    return found.exclude(results=F("counted"))


def statistics_rebuild_stale(*, at: datetime | None = None) -> dict[str, str]:
    """Work out anew what has changed since; one quiz that fails does not stop the others. Returns errors by uuid."""
    failed: dict[str, str] = {}
    for quiz in quizzes_to_measure():
        try:
            statistics_rebuild(quiz=quiz, at=at)
        except Exception as error:
            logger.exception("The figures of quiz %s could not be worked out", quiz.uuid)
            failed[str(quiz.uuid)] = f"{type(error).__name__}: {error}"
    return failed
