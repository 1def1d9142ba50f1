"""Who can be put on a list: everybody under a unit who learnt towards it, each with what stands in the way.

Read in a handful of queries, whatever the number of people; told apart in memory by ``certificates.eligibility``.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.eligibility import LABELS, Code, Facts, Rule, Verdict, usable_name, verdict
from certificates.models import OPEN_STATES, Basis, BatchItem, BatchState, Certificate, CertificateState, Series
from common.errors import Refusal
from common.text import fold, nfc
from courses.models import Completion, Course, LearningPath, PathCompletion
from courses.querysets import stood_under
from people.models import Unit

#: Certificates that keep their holder from getting another one for the same completion.
STANDING = (CertificateState.VALID, CertificateState.REVOKED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be on the list. ``pk`` is their completion, of several courses the one finished last;
    ``hours`` are summed over the courses, ``score`` is the lowest of the final tests that there were."""

    pk: int
    user_id: int
    name: str
    birth_date: date | None
    completed_at: datetime
    hours: Decimal
    score: Decimal | None
    verdict: Verdict


@dataclass(frozen=True)
class Proposal:
    """The preview of a list: everybody, by given name, each with a verdict."""

    people: Sequence[Candidate]

    def of(self, code: str, words: str = "") -> list[Candidate]:
        """Those with that verdict, whose name holds ``words`` (accents do not matter)."""
        sought = fold(words)
        return [one for one in self.people if one.verdict.code == code and sought in fold(one.name)]

    def ids(self, code: str) -> list[int]:
        """The completions of those with that verdict."""
        return [one.pk for one in self.people if one.verdict.code == code]

    @cached_property
    def eligible(self) -> list[Candidate]:
        return self.of(Code.ELIGIBLE)

    @cached_property
    def counts(self) -> dict[Code, int]:
        """How many have each verdict; the eligible always, others where there are some."""
        found = Counter(one.verdict.code for one in self.people)
        return {code: found[code] for code in LABELS if found[code] or code == Code.ELIGIBLE}

    def fingerprint(self) -> str:
        """A short name for exactly the people who are eligible now: a page carries it to the act that follows."""
        ids = sorted(self.ids(Code.ELIGIBLE))
        return hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()

    def people_shown(self, fingerprint: str, *, back: str = "") -> list[Candidate]:
        """The eligible people, if they are those whom the fingerprint names; otherwise Refusal ``list_changed``, with
        the way ``back`` to the page."""
        if self.fingerprint() != fingerprint:
            raise Refusal(
                _("Danh sách đã thay đổi sau khi trang được mở, nên chưa gửi đề nghị nào."),
                code="list_changed",
                fix=_(
                    "Có người vừa hoàn thành khoá học, hoặc vừa được đề nghị trong một đợt khác. "
                    "Hãy mở lại trang lập đợt cấp, xem danh sách mới rồi gửi."
                ),
                back=back,
            )
        return self.eligible


@dataclass(frozen=True)
class Aim:
    """What a list is made for: ``courses`` are needed all; ``award`` names it on the certificates."""

    series: Series
    courses: Sequence[Course]
    award: str
    course: Course | None = None
    learning_path: LearningPath | None = None


def aim_of(*, series: Series, course: Course | None = None, learning_path: LearningPath | None = None) -> Aim:
    """What people must have finished for a series. Raises Refusal ``basis_mismatch``, ``not_of_series`` or
    ``nothing_required``."""
    if (series.basis == Basis.COURSE) != bool(course) or (series.basis == Basis.PATH) != bool(learning_path):
        given = {
            Basis.COURSE: _("«%(series)s» được cấp cho một khoá học."),
            Basis.PATH: _("«%(series)s» được cấp cho một lộ trình học."),
            Basis.PROGRAMME: _("«%(series)s» được cấp cho cả chương trình."),
        }
        raise Refusal(
            given[Basis(series.basis)] % {"series": series.name},
            code="basis_mismatch",
            fix=_("Chọn lại ở trang lập đợt cấp."),
        )
    if course:
        if not courses_for(series).filter(pk=course.pk).exists():
            raise _not_of_series(series, course.title)
        return Aim(series, [course], f"course:{course.uuid}", course=course)
    if learning_path:
        if not paths_for(series).filter(pk=learning_path.pk).exists():
            raise _not_of_series(series, learning_path.title)
        places = learning_path.places.filter(required=True).select_related("course")
        courses, award = [place.course for place in places], f"path:{learning_path.uuid}"
    else:
        courses, award = list(series.required_courses.order_by("title")), "programme"
    if not courses:
        raise Refusal(
            _("«%(series)s» chưa có khoá học bắt buộc nào.") % {"series": series.name},
            code="nothing_required",
            fix=_("Đơn vị cấp giấy chọn các khoá học ở trang Loại giấy, rồi lập lại danh sách."),
        )
    return Aim(series, courses, award, learning_path=learning_path)


def _not_of_series(series: Series, title: str) -> Refusal:
    return Refusal(
        _("«%(series)s» không cấp cho «%(title)s».") % {"series": series.name, "title": title},
        code="not_of_series",
        fix=_("Chọn một khoá học hoặc lộ trình mà loại giấy này cho phép."),
    )


def courses_for(series: Series) -> QuerySet[Course]:
    """The courses for which a series by course may be given."""
    asked = series.required_courses.all()
    found: QuerySet[Course] = asked if asked.exists() else Course.objects.all()
    return found.order_by("title")


def paths_for(series: Series) -> QuerySet[LearningPath]:
    """The learning paths for which a series by path may be given."""
    found: QuerySet[LearningPath] = LearningPath.objects.order_by("title")
    return found.filter(pk=series.learning_path_id) if series.learning_path_id else found


def proposal_for(
    *, series: Series, unit: Unit, course: Course | None = None, learning_path: LearningPath | None = None
) -> Proposal:
    """Everybody who learnt towards a certificate under ``unit`` (today's structure), with what stands in the way.

    ``course`` or ``learning_path`` as the basis of the series asks, neither for a programme; Refusal of ``aim_of``.
    Somebody who finished a course several times, in rounds, is judged by the last time.
    """
    aim = aim_of(series=series, course=course, learning_path=learning_path)
    issued, waiting, finished = _issued(aim), _waiting(aim), _paths_finished(aim)
    by_person: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in _rows(aim, unit):
        by_person[row["user_id"]].append(row)
    rule = Rule(series.min_score, series.min_hours, series.needs_birth_date)
    seen = _Seen(aim, rule, timezone.localdate(), issued, waiting, finished)
    return Proposal([one for rows in by_person.values() for one in seen.candidates(rows)])


def _rows(aim: Aim, unit: Unit) -> Iterable[Any]:
    """Every completion of the courses by people who once finished one of them under the unit; by given name."""
    inside = stood_under(unit)
    towards = Completion.objects.filter(course__in=[course.pk for course in aim.courses])
    found = towards.filter(user__in=towards.filter(inside).values("user")).annotate(inside=inside)
    return found.order_by("user__sort_key", "user", "enrolment__round", "pk").values(
        "pk", "user_id", "course_id", "enrolment__round", "learner_name", "learner_birth_date", "completed_at",
        "course_hours", "score", "valid_until", "user__full_name", "user__birth_date", "inside",
    )  # fmt: skip


def _issued(aim: Aim) -> tuple[set[int], set[int]]:
    """Completions that carry a certificate, and people whose certificate of several courses has not run out."""
    found = Certificate.objects.filter(series=aim.series, award=aim.award, state__in=STANDING)
    today, completions, people = timezone.localdate(), set(), set()
    for completion, holder, state, ends in found.values_list("completion", "holder", "state", "expires_on"):
        completions.add(completion)
        if not aim.course and state == CertificateState.VALID and (ends is None or ends >= today):
            people.add(holder)
    return completions, people


def _waiting(aim: Aim) -> dict[int, str]:
    """The title of the undecided list on which somebody is, by completion, of several courses by person."""
    found = BatchItem.objects.filter(
        batch__series=aim.series,
        batch__course=aim.course,
        batch__learning_path=aim.learning_path,
        batch__state__in=[*OPEN_STATES, BatchState.APPROVED],
        excluded_reason="",
        held_reason="",
    )
    return dict(found.values_list("completion" if aim.course else "completion__user", "batch__title"))


def _paths_finished(aim: Aim) -> set[int]:
    if not aim.learning_path:
        return set()
    return set(PathCompletion.objects.filter(learning_path=aim.learning_path).values_list("user", flat=True))


@dataclass(frozen=True)
class _Seen:
    """What was read, for all people at once."""

    aim: Aim
    rule: Rule
    today: date
    issued: tuple[set[int], set[int]]
    waiting: Mapping[int, str]
    finished: set[int]

    def candidates(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[Candidate]:
        """A person by all their completions towards the aim, in the order of rounds."""
        latest = {row["course_id"]: row for row in rows}
        if not self.aim.course:
            anchor = max(latest.values(), key=lambda row: (row["completed_at"], row["pk"]))
            if anchor["inside"]:
                yield self._candidate(anchor, list(latest.values()))
            return
        for row in rows:
            if row["inside"]:
                yield self._candidate(row, [row], is_latest=row is rows[-1])

    def _candidate(
        self, anchor: Mapping[str, Any], done: Sequence[Mapping[str, Any]], *, is_latest: bool = True
    ) -> Candidate:
        person, names = anchor["user_id"], (nfc(anchor["learner_name"]), anchor["user__full_name"])
        dates = (anchor["learner_birth_date"], anchor["user__birth_date"])
        facts = Facts(
            names=names,
            birth_dates=dates,
            hours=sum((row["course_hours"] for row in done), Decimal(0)),
            score=min((row["score"] for row in done if row["score"] is not None), default=None),
            on=self.today,
            missing=self._missing(person, done),
            valid_until=min((row["valid_until"] for row in done if row["valid_until"]), default=None),
            has_certificate=anchor["pk"] in self.issued[0] or person in self.issued[1],
            waiting_in=self.waiting.get(anchor["pk"] if self.aim.course else person, ""),
            is_latest=is_latest,
        )
        name = next((name for name in names if usable_name(name)), names[0])
        return Candidate(
            anchor["pk"], person, name, dates[0] or dates[1], anchor["completed_at"], facts.hours, facts.score,
            verdict(facts, self.rule),
        )  # fmt: skip

    def _missing(self, person: int, done: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
        """Titles of the courses left; who finished a path once has finished it, whatever was added since."""
        if person in self.finished:
            return ()
        have = {row["course_id"] for row in done}
        return tuple(course.title for course in self.aim.courses if course.pk not in have)
