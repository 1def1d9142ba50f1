"""What kept pages show besides what is published: when one of these changes by itself, no kept page shows the old.

Names of audiences, topics and competences stand on cards and course pages; a picture whose file was replaced has other
addresses. Figures are not here: those of the first page are counted anew every few minutes (``readers.home_figures``).
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Site

from cms.caching import content_changed
from courses.models import Competence, Framework, Topic
from people.models import Audience


def shown_models() -> list[type[Model]]:
    """Everything that changes a page without a publication."""
    return [Audience, Topic, Framework, Competence, Site, get_image_model(), get_document_model()]


def on_changed(sender: Any, **kwargs: Any) -> None:
    content_changed()


def connect() -> None:
    """Listen to what pages show; called once when the room is ready."""
    for model in shown_models():
        post_save.connect(on_changed, sender=model, dispatch_uid=f"cms.shown_saved.{model.__name__}")
        post_delete.connect(on_changed, sender=model, dispatch_uid=f"cms.shown_deleted.{model.__name__}")
