"""What the pages of figures, grading and disputes read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, pgettext

from common.language import on_record
from common.text import fold
from common.wording import number
from people.models import User
from quizzes.models import Accommodation, Answer, Attempt, AttemptEvent, AttemptState, EventKind, Question, Quiz
from quizzes.statistics import ENOUGH, MASTERY, ONE_ITEM, RANDOM, TOO_FEW
from quizzes.statistics_reading import DEAD_OPTION, EASY, HARD, STRONG_DISTRACTOR, WEAK_ITEM, WRONG_KEY
from quizzes.wording import EVENTS, NOTHING_SAID, answer_lines, delay_words, label_words

#: What an alert means and what to do about it.
ADVICE = {
    WRONG_KEY: (
        gettext_noop("Có thể đáp án sai"),
        gettext_noop("Người làm tốt cả bài lại hay sai câu này. Xem lại đáp án."),
    ),
    STRONG_DISTRACTOR: (
        gettext_noop("Có thể đáp án sai"),
        gettext_noop("Người chọn đáp án này làm tốt hơn người chọn đáp án đúng. Xem lại đáp án."),
    ),
    HARD: (gettext_noop("Quá khó"), gettext_noop("Ít hơn 30 % làm đúng. Xem lại lời câu hỏi và bài học đi trước.")),
    WEAK_ITEM: (
        gettext_noop("Ít phân biệt"),
        gettext_noop("Người vững và người chưa vững làm đúng gần như nhau. Xem câu hỏi có mơ hồ không."),
    ),
    EASY: (gettext_noop("Quá dễ"), gettext_noop("Hơn 90 % làm đúng. Hợp với tự kiểm tra; với bài thi thì nên thay.")),
    DEAD_OPTION: (
        gettext_noop("Đáp án không ai chọn"),
        gettext_noop("Ít hơn 5 % chọn. Thay bằng một lỗi mà người học hay mắc."),
    ),
}
#: Why there is no reliability.
NO_ALPHA = {
    RANDOM: gettext_noop("Mỗi người làm một đề khác nhau nên không tính được độ tin cậy chung."),
    MASTERY: gettext_noop("Bài thành thạo dừng ở chỗ khác nhau với mỗi người nên không tính độ tin cậy."),
    TOO_FEW: gettext_noop("Chưa đủ dữ liệu."),
    ONE_ITEM: gettext_noop("Bài chỉ có một câu nên không tính độ tin cậy."),
}
ALL_ALIKE_WORDS = gettext_noop("Mọi người được cùng một điểm nên không tính được.")


# --- Figures --------------------------------------------------------------------------------------------------------
def quizzes_with_figures(*, words: str = "") -> QuerySet[Any]:
    """Quizzes that somebody has worked on, by course; ``words`` narrow to course or title."""
    found: QuerySet[Any] = (
        Quiz.objects.filter(attempts__isnull=False)
        .select_related("step__course", "statistics")
        .defer("step__text", "step__search_key")
        .distinct()
        .order_by("step__course__title", "step__position", "pk")
    )
    for word in fold(words).split():
        found = found.filter(step__course__search_key__contains=word)
    return found


def quizzes_that_asked(question: Question) -> QuerySet[Any]:
    """Quizzes of which a closed attempt had the question, by course."""
    asked = Answer.objects.filter(question=question).values("attempt__quiz")
    found = Quiz.objects.filter(pk__in=asked).select_related("step__course")
    return found.defer("step__text", "step__search_key").order_by("step__course__title", "step__position", "pk")


@dataclass(frozen=True)
class Line:
    """A question in the table of figures."""

    question: Question | None
    item: Mapping[str, Any]

    @property
    def alerts(self) -> list[tuple[str, str]]:
        """Title and advice of each, the first of those that mean the same."""
        found: dict[str, str] = {}
        for alert in self.item["alerts"]:
            title, advice = ADVICE[alert["code"]]
            found.setdefault(_(title), _(advice))
        return list(found.items())

    @property
    def enough(self) -> bool:
        return bool(self.item["attempts"] >= ENOUGH)


def lines_of(figures: Mapping[str, Any]) -> list[Line]:
    """The questions of a quiz with their figures: those to look at first, then the hardest."""
    questions = Question.objects.in_bulk([item["question"] for item in figures["items"]])
    lines = [Line(questions.get(item["question"]), item) for item in figures["items"]]
    return sorted(lines, key=lambda line: (_urgency(line.item), line.item["facility"]))


def _urgency(item: Mapping[str, Any]) -> int:
    places = [list(ADVICE).index(alert["code"]) for alert in item["alerts"]]
    return min(places, default=len(ADVICE))


@dataclass(frozen=True)
class Bar:
    """A bar of a drawing: where it stands, how high, what it counts and what it is called."""

    x: int
    y: int
    height: int
    count: int
    name: str
    percent: int = 0
    passes: bool = False

    @property
    def start(self) -> str:
        """Where the band begins, as it stands below the bar."""
        return self.name.partition("–")[0]

    @property
    def middle(self) -> int:
        return self.x + 13

    @property
    def above(self) -> int:
        return self.y - 5


FLOOR, HIGHEST = 150, 120


def band_bars(bands: Sequence[int], pass_percent: int) -> list[Bar]:
    """The distribution of scores, drawn 340 wide and 180 high."""
    most, whole = max(bands, default=0) or 1, sum(bands) or 1
    made = []
    for n, count in enumerate(bands):
        height = max(2, count * HIGHEST // most) if count else 0
        name = f"{n * 10}–{n * 10 + 9}" if n < len(bands) - 1 else "90–100"
        made.append(Bar(4 + n * 34, FLOOR - height, height, count, name, count * 100 // whole, n * 10 >= pass_percent))
    return made


@dataclass(frozen=True)
class Week:
    """A week of a trend."""

    day: date
    attempts: int
    mean: float
    passed: int
    x: int
    y: int


def trend_points(trend: Sequence[Mapping[str, Any]]) -> list[Week]:
    """Mean scores by week, as points of a drawing 340 wide and 180 high."""
    step = 320 / max(1, len(trend) - 1)
    return [
        Week(
            date.fromisoformat(row["week"]), row["attempts"], row["mean"], row["passed"],
            round(10 + n * step), round(FLOOR - row["mean"] * HIGHEST / 100),
        )
        for n, row in enumerate(trend)
    ]  # fmt: skip


@dataclass(frozen=True)
class AnswerLine:
    """One answer in the response table of a question."""

    words: str
    figure: Mapping[str, Any]
    feedback: str

    @property
    def percent(self) -> int:
        return int(self.figure["share"] * 100)


def answer_table(question: Question, item: Mapping[str, Any]) -> list[AnswerLine]:
    """What was answered, in the words of the present version, with the feedback that each choice gets."""
    feedback = {option["key"]: option.get("feedback") or "" for option in question.options}
    return [
        AnswerLine(label_words(question.content, one["answer"]), one, feedback.get(one["answer"], ""))
        for one in item["options"]
        if one["attempts"] or one["answer"]
    ]


EXPORT_SHEET = "Câu hỏi"
EXPORT_HEADINGS = (
    "Mã câu", "Câu hỏi", "Lượt làm", "Tỉ lệ đúng", "Độ lệch chuẩn", "Độ phân biệt", "Hiệu suất phân biệt", "Trọng số",
    "Cần xem",
)  # fmt: skip


@on_record()
def export_rows(lines: Sequence[Line]) -> list[list[Any]]:
    """The table of questions for a sheet; nothing where there is too little to say it."""
    names = ("facility", "sd", "discrimination", "efficiency", "weight")
    return [
        [
            line.question.code if line.question else "",
            line.question.text if line.question else "(câu đã xoá)",
            line.item["attempts"],
            *[line.item[name] if line.enough else None for name in names],
            "; ".join(title for title, _advice in line.alerts),
        ]
        for line in lines
    ]


# --- People ---------------------------------------------------------------------------------------------------------
def people_of_quiz(*, quiz: Quiz, people: QuerySet[Any], words: str = "") -> QuerySet[Any]:
    """Those of ``people`` who worked on a quiz, by name, with their attempts."""
    tries = Attempt.objects.filter(quiz=quiz).select_related("enrolment").defer("paper", "rules").order_by("started_at")
    found: QuerySet[Any] = User.objects.filter(pk__in=people, enrolments__attempts__quiz=quiz).distinct()
    if words:
        found = found.filter(search_key__contains=fold(words))
    return found.order_by("sort_key", "pk").prefetch_related(
        Prefetch("enrolments__attempts", queryset=tries, to_attr="quiz_attempts")
    )


def tries_of(person: Any) -> list[Attempt]:
    """The attempts that ``people_of_quiz`` read for a person."""
    return [one for enrolment in person.enrolments.all() for one in enrolment.quiz_attempts]


def accommodation_of(quiz: Quiz, user: Any) -> Accommodation | None:
    """What a person was given beyond the others."""
    return Accommodation.objects.filter(quiz=quiz, user=user).select_related("granted_by").first()


def essays_waiting(*, viewer: Any, people: QuerySet[Any]) -> QuerySet[Any]:
    """Free texts of ``people`` that wait for a grader, what waited longest first; never the viewer's own."""
    waiting: QuerySet[Any] = Answer.objects.filter(
        points__isnull=True,
        attempt__state=AttemptState.SUBMITTED,
        attempt__needs_grader=True,
        attempt__enrolment__user__in=people,
    )
    return (
        waiting.exclude(attempt__enrolment__user=viewer)
        .select_related("attempt__enrolment__user", "attempt__quiz__step__course")
        .defer("attempt__paper", "attempt__rules", "attempt__quiz__step__text", "attempt__quiz__step__search_key")
        .order_by("attempt__submitted_at", "attempt_id", "position")
    )


def regrades_of(attempt: Attempt) -> list[AttemptEvent]:
    """When and why an attempt was scored anew, for its learner."""
    return list(AttemptEvent.objects.filter(attempt=attempt, kind=EventKind.REGRADED).order_by("pk"))


# --- One attempt ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PaperLine:
    """A question of an attempt with what was answered and what it earned."""

    position: int
    text: str
    answers: list[str]
    right: list[str]
    answer: Answer | None

    @property
    def share(self) -> str:
        """The points of the question, of one."""
        points = self.answer.points if self.answer else None
        if points is None:
            return _("chờ chấm")
        said = ngettext("%(points)s điểm", "%(points)s điểm", 1 if points == 1 else 2)
        return said % {"points": number(points, 0 if points in (0, 1) else 2)}


def paper_lines(attempt: Attempt, responses: Mapping[int, Any], answers: Mapping[int, Answer]) -> list[PaperLine]:
    """The paper as it was shown; the right answers only once the attempt is closed."""
    from quizzes.kinds import KINDS

    closed = attempt.state != AttemptState.OPEN
    return [
        PaperLine(
            position,
            item["text"],
            answer_lines(item, responses.get(position)),
            answer_lines(item, KINDS[item["kind"]].right(item)) if closed else [],
            answers.get(position),
        )
        for position, item in enumerate(attempt.paper, start=1)
    ]


@dataclass(frozen=True)
class LogLine:
    """Something that happened, when by the server's clock, and what is known of it."""

    at: datetime
    what: str
    more: list[str]


def log_lines(attempt: Attempt) -> list[LogLine]:
    """Everything that happened to an attempt, in the order in which the server heard of it."""
    lines = [LogLine(attempt.started_at, pgettext("diễn biến", "Bắt đầu làm bài"), [])]
    lines += [_log_line(event, attempt.paper) for event in AttemptEvent.objects.filter(attempt=attempt).order_by("pk")]
    if attempt.submitted_at:
        what = (
            _("Hết giờ, hệ thống đóng bài và chấm phần đã lưu")
            if attempt.timed_out
            else pgettext("diễn biến", "Nộp bài")
        )
        lines.append(LogLine(attempt.submitted_at, what, []))
    return sorted(lines, key=lambda line: line.at)


def _log_line(event: AttemptEvent, paper: Sequence[Mapping[str, Any]]) -> LogLine:
    said = [
        _("Câu %(position)s: %(said)s")
        % {
            "position": position,
            "said": "; ".join(answer_lines(paper[int(position) - 1], response)) or _(NOTHING_SAID),
        }
        for position, response in event.answers.items()
        if 0 < int(position) <= len(paper)
    ]
    if delay := delay_words(event.at - event.made_at):
        said.append(delay)
    if reason := event.detail.get("reason"):
        said.append(_("Lý do: %(reason)s") % {"reason": reason})
    if "score_before" in event.detail:
        before, after = (number(float(event.detail[name]), 1) for name in ("score_before", "score_after"))
        said.append(_("Điểm %(before)s → %(after)s") % {"before": before, "after": after})
    return LogLine(event.at, _(EVENTS[event.kind]) if event.kind in EVENTS else event.get_kind_display(), said)
