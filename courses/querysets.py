"""Reads of courses and learning, named for the screens that ask."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from common.text import search_words
from courses import reminder_rules
from courses.search_index import courses_telling, rows_with
from people.models import Audience
from people.querysets import today

#: Lengths of a course that can be chosen, by the minutes of its required steps.
LENGTHS = {
    "30": Q(minutes__lte=30),
    "60": Q(minutes__lte=60),
    "180": Q(minutes__lte=180),
    "dai": Q(minutes__gt=180),
}
#: What a card of the catalogue shows of a course, and the key of its page with the illustration.
_ON_CARDS = ("key", "title", "summary", "path", "hours", "level")
#: How long after its day a duty that nobody renewed is still shown.
OVERDUE_SHOWN = timedelta(days=60)


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for in the catalogue; whatever is empty narrows nothing.

    ``length`` is a key of ``LENGTHS``, ``helps`` names of ``Course``'s ``is_…`` fields, all of which must hold.
    """

    words: str = ""
    audience: str = ""
    topic: str = ""
    level: str = ""
    length: str = ""
    language: str = ""
    helps: Sequence[str] = ()


def lessons_in_use() -> models.QuerySet[Any]:
    """Lessons that learners meet while their course is open, in no order."""
    from courses.models import Step, StepKind

    return Step.objects.filter(is_active=True, kind=StepKind.LESSON).order_by()


class CourseQuerySet(models.QuerySet[Any]):
    def published(self) -> CourseQuerySet:
        return self.filter(is_published=True)

    def narrowed(self, wanted: Wanted) -> CourseQuerySet:
        """Published courses that are as somebody wants them, whatever the words."""
        found: CourseQuerySet = self.published()
        # As sets, not as joins: what search adds is then worked out once.
        tags: Any = self.model
        if wanted.audience:
            tagged = tags.audiences.through.objects.filter(audience__code=wanted.audience)
            found = found.filter(pk__in=tagged.values("course"))
        if wanted.topic:
            tagged = tags.topics.through.objects.filter(topic__code=wanted.topic)
            found = found.filter(pk__in=tagged.values("course"))
        if wanted.level:
            found = found.filter(level=wanted.level)
        if wanted.length:
            found = found.filter(LENGTHS[wanted.length])
        if wanted.language:
            found = found.filter(language=wanted.language)
        for help_field in wanted.helps:
            found = found.filter(**{help_field: True})
        return found

    def named(self, words: str) -> CourseQuerySet:
        """Courses in whose name, summary, code, topics or audiences every word stands; all of them without words."""
        if not search_words(words):
            return self.none() if words.strip() else self.all()
        return self.filter(pk__in=rows_with(words, table="courses_course", column="search_key"))

    def for_catalogue(self, wanted: Wanted) -> CourseQuerySet:
        """Published courses for the catalogue in the order of their titles.

        With words, all of them must stand in what names the course, or all in one of its lessons; accents are
        optional. Courses that the title names come first, then those whose summary, code, topics and audiences do.
        """
        found = self.narrowed(wanted)
        if not wanted.words:
            return found.order_by("title", "pk")
        if not search_words(wanted.words):
            return found.none()
        titled = Q(pk__in=rows_with(wanted.words, table="courses_course", column="title_key"))
        named = Q(pk__in=rows_with(wanted.words, table="courses_course", column="search_key"))
        told = Q(pk__in=courses_telling(wanted.words))
        rank = Case(When(titled, then=Value(0)), When(named, then=Value(1)), default=Value(2))
        ranked: CourseQuerySet = found.filter(named | told).annotate(rank=rank)
        return ranked.order_by("rank", "title", "pk")

    def for_cards(self, ids: Sequence[int]) -> list[Any]:
        """These courses, in this order, with what a card shows: audiences and the number of lessons."""
        # Counted course by course: an index answers that alone, while a join would read every lesson.
        own = lessons_in_use().filter(course=OuterRef("pk")).values("course")
        lessons = Coalesce(Subquery(own.annotate(number=Count("pk")).values("number")), 0)
        names = Audience.objects.only("name", "short_name", "position")
        cards = self.filter(pk__in=ids).annotate(lessons=lessons).only(*_ON_CARDS).order_by()
        found = {course.pk: course for course in cards.prefetch_related(Prefetch("audiences", queryset=names))}
        return [found[pk] for pk in ids if pk in found]


class LearningPathQuerySet(models.QuerySet[Any]):
    def published(self) -> LearningPathQuerySet:
        return self.filter(is_published=True)

    def with_places(self) -> LearningPathQuerySet:
        """Paths with their courses in order; two queries more."""
        from courses.models import PathCourse

        places = PathCourse.objects.select_related("course").defer("course__search_key")
        return self.prefetch_related("audiences", Prefetch("places", queryset=places))

    def for_my_learning(self, courses: Collection[int], assigned: Collection[int]) -> LearningPathQuerySet:
        """Open paths that hold one of a person's courses, or that a programme asks of them, with their courses."""
        touched = Q(places__course__in=courses) | Q(pk__in=assigned)
        found: LearningPathQuerySet = self.published().filter(touched).distinct()
        return found.with_places().order_by("title", "pk")


class AssignmentQuerySet(models.QuerySet[Any]):
    def for_my_learning(self, audiences: Collection[int], on: date) -> AssignmentQuerySet:
        """What people of these audiences ought to learn now: spans that hold on a day, or ended not long before."""
        spans = self.filter(audience__in=audiences, begins_on__lte=on, due_on__gte=on - OVERDUE_SHOWN)
        return spans.select_related("course", "learning_path", "unit", "audience").order_by("due_on", "pk")


class EnrolmentQuerySet(models.QuerySet[Any]):
    def rounds_of(self, *, user: Any, course: Any) -> EnrolmentQuerySet:
        """A person's rounds of a course, the latest first: the one that is being learnt, or was last."""
        return self.filter(user=user, course=course).order_by("-round")

    def latest_rounds(self) -> EnrolmentQuerySet:
        """Of each person and course the latest round: how they stand now."""
        from courses.models import Enrolment

        later = Enrolment.objects.filter(user=OuterRef("user"), course=OuterRef("course"), round__gt=OuterRef("round"))
        return self.filter(~Exists(later))

    def nothing_left(self) -> EnrolmentQuerySet:
        """Enrolments without a completion in which every required step is done: a step was taken out meanwhile."""
        from courses.models import Step, StepCompletion

        done = StepCompletion.objects.filter(enrolment=OuterRef(OuterRef("pk"))).values("step")
        wanted = Step.objects.filter(course=OuterRef("course"), is_active=True, required=True)
        return self.filter(Exists(wanted), ~Exists(wanted.exclude(pk__in=done)), completion=None)

    def for_my_learning(self, user: Any) -> EnrolmentQuerySet:
        """A learner's own enrolments with course, steps, what is done, and the completion if there is one."""
        from courses.models import Step

        return (
            self.filter(user=user)
            .select_related("course", "last_step", "completion")
            .prefetch_related(
                Prefetch("course__steps", queryset=Step.objects.filter(is_active=True).defer("text", "search_key")),
                "step_completions",
            )
        )

    def for_reminding(self, at: datetime) -> EnrolmentQuerySet:
        """Unfinished enrolments of people who learnt nothing lately and were not reminded lately, person by person.

        Whoever said that they want no reminders is left in peace. ``reminder_rules.may_remind`` has the last word.
        """
        from people.models import Consent, ConsentPurpose, Notice

        mine = {"user": OuterRef("user")}
        learning = self.model._default_manager.filter(**mine, last_seen_at__gt=at - reminder_rules.IDLE)
        told = Notice.objects.filter(**mine, kind=reminder_rules.KIND, made_at__gt=at - reminder_rules.BETWEEN)
        said = Consent.objects.filter(**mine, purpose=ConsentPurpose.REMINDERS).order_by("-at", "-id")
        idle: EnrolmentQuerySet = (
            self.latest_rounds()
            .filter(completion=None, course__is_published=True, user__is_active=True)
            .filter(last_seen_at__gte=at - reminder_rules.LET_GO, last_seen_at__lte=at - reminder_rules.IDLE)
            .filter(~Exists(learning), ~Exists(told))
            .annotate(may_be_told=Coalesce(Subquery(said.values("given")[:1]), True))
            .filter(may_be_told=True)
            .select_related("user", "course")
            .defer("course__search_key")
            .order_by("user", "pk")
        )
        return idle


def completions_under(*, unit: Any, course: Any) -> models.QuerySet[Any]:
    """Completions of a course by people who stood in the unit's subtree, as today's structure has it.

    Whoever stood nowhere ("chưa rõ") belongs to the whole province: no smaller unit answers for them.
    """
    from courses.models import Completion

    return Completion.objects.filter(stood_under(unit), course=course)


def stood_under(unit: Any) -> Exists:
    """The condition on a completion behind ``completions_under``."""
    from courses.models import CompletionStanding
    from people.access import current_structure
    from people.models import UnitAncestor, UnitKind

    below = UnitAncestor.objects.filter(structure=current_structure(), ancestor=unit).values("descendant")
    place = Q(unit__in=below)
    if unit.kind == UnitKind.PROVINCE and unit.parent_id is None and unit.stands_on(today()):
        place |= Q(unit=None)
    return Exists(CompletionStanding.objects.filter(place, completion=OuterRef("pk")))


def learners_of_unit(*, unit: Any, words: str = "", state: str = "") -> Any:
    """People with a membership in force in the unit's subtree, each with their completions and open enrolments.

    ``state`` narrows to "xong" (finished something), "dang-hoc" (learning, nothing finished) or "chua" (not begun).
    """
    from courses.models import Completion, Enrolment
    from people.access import current_structure
    from people.models import Membership, User

    members = Membership.objects.in_force().under([unit.pk], current_structure()).select_related("unit")
    finished = Exists(Completion.objects.filter(user=OuterRef("pk")))
    begun = Exists(Enrolment.objects.filter(user=OuterRef("pk")))
    people = User.objects.filter(pk__in=members.values("user"), is_active=True)
    if words:
        people = people.search(words)
    if state == "xong":
        people = people.filter(finished)
    elif state == "dang-hoc":
        people = people.filter(begun).exclude(finished)
    elif state == "chua":
        people = people.exclude(begun)
    open_enrolments = Enrolment.objects.latest_rounds().filter(completion=None).select_related("course")
    return people.order_by("sort_key", "pk").prefetch_related(
        "completions",
        Prefetch("enrolments", queryset=open_enrolments, to_attr="open_enrolments"),
        Prefetch("memberships", queryset=members, to_attr="places"),
    )


def states_of_unit(*, unit: Any) -> dict[str, int]:
    """How many people of the unit's subtree there are (``total``), finished something, are learning, have not begun."""
    from courses.models import Completion, Enrolment

    people = learners_of_unit(unit=unit).order_by().prefetch_related(None)
    counts: dict[str, int] = people.aggregate(
        total=Count("pk"),
        finished=Count("pk", filter=Exists(Completion.objects.filter(user=OuterRef("pk")))),
        begun=Count("pk", filter=Exists(Enrolment.objects.filter(user=OuterRef("pk")))),
    )
    return {
        "total": counts["total"],
        "finished": counts["finished"],
        "learning": counts["begun"] - counts["finished"],
        "waiting": counts["total"] - counts["begun"],
    }
