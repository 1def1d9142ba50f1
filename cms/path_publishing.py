"""From editors' path pages to the paths that learners meet."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from wagtail.models import Page
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from cms.models import PathIndexPage, PathPage
from courses.models import LearningPath
from courses.services import path_close, path_publish


@transaction.atomic
def path_carry(*, page: PathPage) -> LearningPath:
    """Carry a live path page into ``courses``. Idempotent."""
    return path_publish(outline=page.outline())


def on_published(sender: Any, instance: PathPage, **kwargs: Any) -> None:
    path_carry(page=PathPage.objects.get(pk=instance.pk))


def on_closed(sender: Any, instance: PathPage, **kwargs: Any) -> None:
    path_close(key=instance.translation_key)


def on_moved(sender: Any, instance: Page, **kwargs: Any) -> None:
    """A path or the list of paths stands elsewhere, so its address is another."""
    moved = Page.objects.get(pk=instance.pk)
    for page in PathPage.objects.live().filter(path__startswith=moved.path):
        path_carry(page=page)


def on_address_changed(sender: Any, instance: Page, **kwargs: Any) -> None:
    """The list got another address: so did every path under it."""
    for page in PathPage.objects.child_of(instance).live():
        path_carry(page=page)


def connect() -> None:
    """Listen to the pages; called once when the room is ready."""
    page_published.connect(on_published, sender=PathPage, dispatch_uid="cms.path_published")
    page_unpublished.connect(on_closed, sender=PathPage, dispatch_uid="cms.path_unpublished")
    post_delete.connect(on_closed, sender=PathPage, dispatch_uid="cms.path_deleted")
    page_slug_changed.connect(on_address_changed, sender=PathIndexPage, dispatch_uid="cms.path_index_address")
    for model in (PathIndexPage, PathPage):
        post_page_move.connect(on_moved, sender=model, dispatch_uid=f"cms.path_moved.{model.__name__}")
