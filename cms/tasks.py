"""Work for the queue: each task calls one function of this room."""

from __future__ import annotations

from celery import shared_task
from wagtail.models import Page

from cms import pictures


@shared_task(name="cms.pictures_make")
def pictures_make(page_id: int) -> int:
    """Make the sizes and formats of pictures that a page lacks. A page that lacks some asks again when it is read."""
    page = Page.objects.filter(pk=page_id).first()
    return pictures.page_pictures_make(page=page.specific) if page else 0
