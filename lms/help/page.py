"""What a page knows of help: worked out only where a template asks."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from common.wording import province
from lms.help import hints, places, shelf
from people import access
from people.support import Supporter, supporter_of


class PageHelp:
    """The way to the fitting guide, the hint of a first visit, whom to ask, and all guides."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def _user(self) -> Any:
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def path(self) -> str:
        return places.help_path(self.request)

    @cached_property
    def hint(self) -> hints.Hint | None:
        return hints.hint_for(self.request)

    @cached_property
    def contact(self) -> Supporter | None:
        """For who is signed in the coordinator of the nearest unit upward; else whom the province names."""
        found = supporter_of(self._user) if self._user else None
        return found or province_contact()

    @cached_property
    def shelves(self) -> tuple[list[shelf.Shelf], list[shelf.Shelf]]:
        return shelf.shelves_for(access.roles_of(self._user) if self._user else frozenset())


def province_contact() -> Supporter | None:
    """Whom the settings name for everybody (``SUPPORT_…``); None where they name nobody."""
    name, phone, email = settings.SUPPORT_NAME, settings.SUPPORT_PHONE, settings.SUPPORT_EMAIL
    return Supporter(name or province(settings.PROVINCE_NAME), phone=phone, email=email) if phone or email else None
