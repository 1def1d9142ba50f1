"""Configuration mistakes of this room that stop start-up, each with a code and a hint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from people.sms import get_backend


@register()
def sms_backend_can_be_used(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """``people.E001``: SMS_BACKEND names something that cannot be imported, made or asked to send."""
    try:
        get_backend()
    except Exception as error:  # whatever a gateway's class raises when it is made means the same here
        return [
            Error(
                f"SMS_BACKEND = {settings.SMS_BACKEND!r} cannot be used: {error}",
                hint="Name a class with send(*, phone, text), for example people.sms.ConsoleBackend.",
                id="people.E001",
            )
        ]
    return []


@register(deploy=True)
def codes_reach_people(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """``people.W002``, ``people.W003``: codes that only reach the log let nobody finish a sign-up."""
    silent: list[CheckMessage] = []
    if settings.SMS_BACKEND == "people.sms.ConsoleBackend":
        silent.append(
            Warning(
                "Text messages only go to the log.",
                hint="Set SMS_BACKEND to the class of the province's SMS gateway.",
                id="people.W002",
            )
        )
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        silent.append(
            Warning("Mail only goes to the log.", hint="Set EMAIL_URL, for example submission://…", id="people.W003")
        )
    return [] if settings.DEMO else silent
