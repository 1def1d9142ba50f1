"""From the editor of a quiz to the figures that tell how it works."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from cms.pages.quiz import QuizPage
from quizzes.access import can_see_figures
from quizzes.models import Quiz


def header_buttons(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Shown to whoever may see figures, once the quiz was published: before, it has no step and nobody did it."""
    if not issubclass(page.specific_class or Page, QuizPage) or not can_see_figures(user):
        return
    quiz = Quiz.objects.filter(step__key=page.translation_key).values_list("step__uuid", flat=True).first()
    if quiz is not None:
        yield Button(_("Số liệu"), reverse("insight:quiz", args=[quiz]), icon_name="order", priority=8)


def register() -> None:
    """Called once, with the other hooks of the room."""
    hooks.register("register_page_header_buttons", header_buttons)
