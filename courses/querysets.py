"""Reads of courses and learning, named for the screens that ask."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from common.text import fold


class CourseQuerySet(models.QuerySet[Any]):
    def published(self) -> CourseQuerySet:
        return self.filter(is_published=True)

    def for_catalogue(self, *, audience: str = "", topic: str = "", words: str = "") -> CourseQuerySet:
        """Published courses for the catalogue, narrowed by audience code, topic code and words (accents optional)."""
        found = self.published()
        if audience:
            found = found.filter(audiences__code=audience)
        if topic:
            found = found.filter(topics__code=topic)
        for word in fold(words).split():
            found = found.filter(search_key__contains=word)
        lessons = Count("steps", filter=Q(steps__is_active=True, steps__kind="lesson"), distinct=True)
        return found.annotate(lessons=lessons).prefetch_related("audiences").order_by("title", "pk").distinct()


class EnrolmentQuerySet(models.QuerySet[Any]):
    def for_my_learning(self, user: Any) -> EnrolmentQuerySet:
        """A learner's own enrolments with course, steps, what is done, and the completion if there is one."""
        from courses.models import Step

        return (
            self.filter(user=user)
            .select_related("course", "last_step", "completion")
            .prefetch_related(
                Prefetch("course__steps", queryset=Step.objects.filter(is_active=True)), "step_completions"
            )
        )


class CompletionQuerySet(models.QuerySet[Any]):
    def visible_to(self, viewer: Any) -> CompletionQuerySet:
        """Completions of the viewer, and those that were reached under a unit of the viewer's scope."""
        from courses.models import CompletionStanding
        from people import access

        inside = CompletionStanding.objects.filter(completion=OuterRef("pk"), unit__in=access.scope_units(viewer))
        return self.filter(Q(user=viewer) | Exists(inside)) if viewer.is_authenticated else self.none()
