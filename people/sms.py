"""Text messages go out through one small interface, so that a province can plug in the gateway it has a contract with.

``settings.SMS_BACKEND`` names a class with ``send``; a wrong name stops start-up with ``people.E001``.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import ClassVar, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


class SmsError(Exception):
    """The message did not leave: the gateway refused it or cannot be reached."""


class SmsBackend(Protocol):
    """What a gateway must offer."""

    def send(self, *, phone: str, text: str) -> None:
        """Hand ``text`` over for the E.164 number ``phone``; raise SmsError when that fails."""


class ConsoleBackend:
    """Writes messages to the log: for one machine without a gateway."""

    def send(self, *, phone: str, text: str) -> None:
        logger.info("SMS to %s: %s", phone, text)


@dataclass(frozen=True)
class Message:
    """A message that was sent."""

    phone: str
    text: str


class MemoryBackend:
    """Keeps messages in ``outbox``: for tests."""

    outbox: ClassVar[list[Message]] = []

    def send(self, *, phone: str, text: str) -> None:
        self.outbox.append(Message(phone, text))


def get_backend() -> SmsBackend:
    """The backend that the settings name. Raises ImportError or TypeError when it cannot be used."""
    backend = import_string(settings.SMS_BACKEND)()
    if not callable(getattr(backend, "send", None)):
        raise TypeError(f"{settings.SMS_BACKEND} has no method «send».")
    return cast(SmsBackend, backend)


def send_sms(*, phone: str, text: str) -> None:
    """Send one message to an E.164 number. Raises SmsError when the gateway does not take it."""
    get_backend().send(phone=phone, text=text)
