"""Reads of courses and learning, named for the screens that ask."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from common.text import fold
from people.querysets import today


def _all_words(words: str) -> Q:
    """Every word stands in the row's ``search_key``."""
    found = Q()
    for word in fold(words).split():
        found &= Q(search_key__contains=word)
    return found


def _steps_found(words: str) -> models.QuerySet[Any]:
    from courses.models import Step, StepKind

    return Step.objects.filter(_all_words(words), is_active=True, kind=StepKind.LESSON)


def lessons_found(words: str, *, limit: int = 12) -> list[Any]:
    """Lessons of published courses in which all the words stand, with their course; none without words.

    Those whose title holds the words come first.
    """
    if not words.strip():
        return []
    found = _steps_found(words).filter(course__is_published=True).select_related("course")
    return sorted(found[: 5 * limit], key=lambda step: _title_misses(step.title, words))[:limit]


def _title_misses(title: str, words: str) -> int:
    """How many of the words the title lacks."""
    folded = fold(title)
    return sum(word not in folded for word in fold(words).split())


class CourseQuerySet(models.QuerySet[Any]):
    def published(self) -> CourseQuerySet:
        return self.filter(is_published=True)

    def for_catalogue(self, *, audience: str = "", topic: str = "", words: str = "") -> CourseQuerySet:
        """Published courses for the catalogue, narrowed by audience code, topic code and words.

        All the words must stand in what names the course, or all in one of its lessons; accents are optional.
        """
        found: CourseQuerySet = self.published()
        if audience:
            found = found.filter(audiences__code=audience)
        if topic:
            found = found.filter(topics__code=topic)
        if words.strip():
            found = found.filter(_all_words(words) | Exists(_steps_found(words).filter(course=OuterRef("pk"))))
        lessons = Count("steps", filter=Q(steps__is_active=True, steps__kind="lesson"), distinct=True)
        found = found.annotate(lessons=lessons).prefetch_related("audiences").order_by("title", "pk")
        return found.distinct()


class EnrolmentQuerySet(models.QuerySet[Any]):
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


def completions_under(*, unit: Any, course: Any) -> models.QuerySet[Any]:
    """Completions of a course by people who stood in the unit's subtree, as today's structure has it.

    Whoever stood nowhere ("chưa rõ") belongs to the whole province: no smaller unit answers for them.
    """
    from courses.models import Completion, CompletionStanding
    from people.access import current_structure
    from people.models import UnitAncestor, UnitKind

    below = UnitAncestor.objects.filter(structure=current_structure(), ancestor=unit).values("descendant")
    place = Q(unit__in=below)
    if unit.kind == UnitKind.PROVINCE and unit.parent_id is None and unit.stands_on(today()):
        place |= Q(unit=None)
    inside = CompletionStanding.objects.filter(place, completion=OuterRef("pk"))
    return Completion.objects.filter(Exists(inside), course=course)


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
    open_enrolments = Enrolment.objects.filter(completion=None).select_related("course")
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
