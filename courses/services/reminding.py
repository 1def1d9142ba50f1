"""Gentle reminders: who stopped in the middle of a course hears where it goes on, seldom, and never as a reproach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice

from common.text import vi_number
from courses import reminder_rules, rules
from courses.models import Enrolment, Step, StepCompletion, StepKind, Submission, SubmissionState
from people.models import Notice, User
from people.notices import notices_send

KIND = reminder_rules.KIND
#: How many leave in one run of the job; the rest follows in the next.
AT_ONCE = 1000
#: People whose standing is read together.
CHUNK = 300


@dataclass(frozen=True)
class Reminder:
    """What one person is to be told: the step to go on with, and what is left of its course."""

    user: User
    enrolment: Enrolment
    step: Step
    steps_left: int
    minutes_left: int

    @property
    def subject(self) -> str:
        title = self.enrolment.course.title
        return f"Học tiếp: {title if len(title) <= 100 else title[:99].rstrip() + '…'}"

    @property
    def body(self) -> str:
        """Where it goes on and how little it takes; nothing about how long ago it was."""
        what = "Bài kiểm tra" if self.step.kind == StepKind.QUIZ else "Bài tiếp theo"
        return (
            f"Bạn còn {vi_number(self.steps_left)} bài, khoảng {_duration(self.minutes_left)}, là xong khoá "
            f"«{self.enrolment.course.title}». {what}: «{self.step.title}», khoảng {_duration(self.step.minutes)}. "
            "Học lúc nào tiện cho bạn cũng được; chỗ đang học vẫn còn đó. "
            "Không muốn nhận lời nhắc nữa: mở trang Tài khoản, bấm «Thôi nhận lời nhắc»."
        )


def _duration(minutes: int) -> str:
    hours, rest = divmod(max(1, minutes), 60)
    if not hours:
        return f"{rest} phút"
    return f"{hours} giờ {rest} phút" if rest else f"{hours} giờ"


def reminders_due(*, at: datetime, limit: int = AT_ONCE) -> Iterator[Reminder]:
    """Whom to remind of what at a moment, at most one reminder a person. Reads only.

    Four queries more for every ``CHUNK`` people, whatever they learn.
    """
    idle = groupby(Enrolment.objects.for_reminding(at).iterator(), key=lambda enrolment: enrolment.user_id)
    people = (list(own) for _, own in idle)
    found = 0
    while chunk := list(islice(people, CHUNK)):
        for reminder in _reminders([enrolment for own in chunk for enrolment in own], at):
            if found == limit:
                return
            found += 1
            yield reminder


def _reminders(enrolments: list[Enrolment], at: datetime) -> Iterator[Reminder]:
    """The reminder of each person, out of their idle enrolments: that of the course with the fewest minutes left."""
    told = _told({enrolment.user_id for enrolment in enrolments})
    standing = _standing(enrolments)
    for _, own in groupby(enrolments, key=lambda enrolment: enrolment.user_id):
        offers = []
        for enrolment in own:
            before = [made_at for made_at, path in told[enrolment.user_id] if _is_about(path, made_at, enrolment)]
            offer = standing.get(enrolment.pk)
            if offer and reminder_rules.may_remind(
                seen_at=enrolment.last_seen_at,
                told_of_this=before,
                told_at_all=[made_at for made_at, _ in told[enrolment.user_id]],
                at=at,
            ):
                offers.append(offer)
        if offers:
            yield min(offers, key=lambda offer: (offer.minutes_left, -offer.enrolment.last_seen_at.timestamp()))


def _is_about(path: str, made_at: datetime, enrolment: Enrolment) -> bool:
    """Whether an earlier reminder belonged to this round of this course."""
    return path.startswith(enrolment.course.path) and made_at >= enrolment.started_at


def _told(users: Iterable[int]) -> dict[int, list[tuple[datetime, str]]]:
    told: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    rows = Notice.objects.filter(user__in=users, kind=KIND).order_by("made_at")
    for user, made_at, path in rows.values_list("user", "made_at", "path"):
        told[user].append((made_at, path))
    return told


def _standing(enrolments: list[Enrolment]) -> dict[int, Reminder]:
    """Where each enrolment goes on; none where nothing is left, or where an instructor is the one to act."""
    done: dict[int, set[int]] = defaultdict(set)
    for place, step in StepCompletion.objects.filter(enrolment__in=enrolments).values_list("enrolment", "step"):
        done[place].add(step)
    waiting = set(
        Submission.objects.filter(enrolment__in=enrolments, state=SubmissionState.WAITING).values_list(
            "enrolment", "step"
        )
    )
    steps: dict[int, list[Step]] = defaultdict(list)
    active = Step.objects.filter(course__in={e.course_id for e in enrolments}, is_active=True)
    for row in active.only("course", "kind", "title", "path", "minutes", "required", "is_active").order_by("position"):
        steps[row.course_id].append(row)
    standing = {}
    for enrolment in enrolments:
        outline = steps[enrolment.course_id]
        left = rules.steps_left(outline, done[enrolment.pk])
        following = rules.next_step(outline, done[enrolment.pk], enrolment.last_step_id)
        if following and (enrolment.pk, following.pk) not in waiting:
            minutes = sum(step.minutes for step in left)
            standing[enrolment.pk] = Reminder(enrolment.user, enrolment, following, len(left), minutes)
    return standing


def idle_learners_remind(*, at: datetime, limit: int = AT_ONCE) -> list[Notice]:
    """Remind people who stopped in the middle of a course, at most ``limit`` of them; return the notices made.

    Each in a transaction of its own. Safe to repeat and to run twice at once: ``notices_send`` locks the person and
    writes at most once within the time between two reminders.
    """
    made: list[Notice] = []
    for reminder in list(reminders_due(at=at, limit=limit)):
        made += notices_send(
            users=[reminder.user],
            kind=KIND,
            subject=reminder.subject,
            body=reminder.body,
            path=reminder.step.path,
            not_within_days=reminder_rules.BETWEEN.days,
        )
    return made


def reminders_answered(*, enrolment: Enrolment, at: datetime) -> None:
    """The learner came back by themselves: what reminded of this course has done its work and is shown no more."""
    if at - enrolment.last_seen_at >= reminder_rules.IDLE:
        Notice.objects.filter(
            user=enrolment.user_id, kind=KIND, seen_at=None, path__startswith=enrolment.course.path
        ).update(seen_at=at)
