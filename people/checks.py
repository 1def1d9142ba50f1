"""Configuration mistakes of this room that stop start-up, each with a code and a hint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from people.models import Role
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


@register()
def sign_in_provider_is_whole(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """``people.E004``: OIDC_* set by halves, or sending people to sign in over an open line."""
    missing = sorted(name for name, value in settings.OIDC.items() if not value)
    if missing and len(missing) < len(settings.OIDC):
        return [
            Error(
                f"The sign-in provider is set by halves: {', '.join(missing)} missing.",
                hint="Set all of OIDC_SERVER_URL, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET (or …_FILE), or none of them.",
                id="people.E004",
            )
        ]
    server = urlsplit(settings.OIDC["OIDC_SERVER_URL"])
    if not missing and server.scheme != "https" and server.hostname not in ("localhost", "127.0.0.1"):
        return [
            Error(
                "OIDC_SERVER_URL does not begin with https://.",
                hint="Whoever sits on the line could sign in as anybody.",
                id="people.E004",
            )
        ]
    return []


@register()
def second_step_roles_are_roles(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """``people.E005``: SECOND_STEP_ROLES names something that is no role."""
    unknown = sorted(set(settings.SECOND_STEP_ROLES) - set(Role.values))
    if not unknown:
        return []
    return [
        Error(
            f"SECOND_STEP_ROLES: {', '.join(unknown)} is no role.",
            hint=f"Roles are {', '.join(Role.values)}.",
            id="people.E005",
        )
    ]
