"""What follows when something that lessons share changes: no kept page shows the old, and search finds the new."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save
from wagtail.models import Page, ReferenceIndex

from cms import publishing
from cms.caching import content_changed
from cms.models import CoursePage, GlossaryTerm, LessonPage, ReusableContent

Shared = GlossaryTerm | ReusableContent


def pages_using(shared: Shared) -> QuerySet[Page]:
    """The pages that show it, drafts too, in the order of the tree."""
    page_type = ContentType.objects.get_for_model(Page)
    references = ReferenceIndex.get_references_to(shared).filter(base_content_type=page_type)
    found = [int(pk) for pk in references.values_list("object_id", flat=True)]
    pages: QuerySet[Page] = Page.objects.filter(pk__in=found).order_by("path")
    return pages


def lessons_carry(*, shared: Shared) -> int:
    """Carry the courses of the published lessons that show it, so that search knows its words. Returns how many."""
    lessons = LessonPage.objects.filter(pk__in=pages_using(shared).values("pk"), live=True)
    course_paths = {lesson.path[: -lesson.steplen] for lesson in lessons}
    courses = CoursePage.objects.filter(path__in=course_paths, live=True)
    for course_page in courses:
        publishing.course_carry(course_page=course_page)
    return len(courses)


def on_saved(sender: Any, instance: Shared, created: bool = False, **kwargs: Any) -> None:
    if kwargs.get("raw") or created:
        return
    content_changed()
    transaction.on_commit(lambda: lessons_carry(shared=instance))


def on_deleted(sender: Any, **kwargs: Any) -> None:
    content_changed()


def connect() -> None:
    """Listen to what is shared; called once when the room is ready."""
    for model in (GlossaryTerm, ReusableContent):
        post_save.connect(on_saved, sender=model, dispatch_uid=f"cms.shared_saved.{model.__name__}")
        post_delete.connect(on_deleted, sender=model, dispatch_uid=f"cms.shared_deleted.{model.__name__}")
