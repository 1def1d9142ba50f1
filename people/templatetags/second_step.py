"""Template tags of the second step."""

from __future__ import annotations

import time
from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from allauth.socialaccount.adapter import get_adapter
from django import template
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.template import Context

from people.forms_mfa import used_key
from people.identity import is_configured
from people.mfa import has_app, has_passkey, has_second_step, key_name, must_have_second_step
from people.stepup import interrupted_before

register = template.Library()
register.filter("key_name", key_name)


@register.filter
def in_fours(text: str) -> str:
    """A long secret or code in groups of four, to be read aloud and typed."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


@register.simple_tag(takes_context=True)
def why_proof(context: Context) -> str:
    """What the person was about to do, when this page stands between them and it; empty otherwise."""
    request: HttpRequest = context["request"]
    waiting = interrupted_before(request, request.GET.get("next", ""))
    return str(waiting["why"]) if waiting else ""


def _who(context: Context) -> Any:
    """Who is being asked: at sign-in the person of the right password, who is not signed in yet."""
    stage = getattr(context["request"], "_login_stage", None)
    return stage.login.user if stage else context["request"].user


@register.simple_tag(takes_context=True)
def ways_to_prove(context: Context) -> dict[str, bool]:
    """What the person who is being asked can answer with."""
    user = _who(context)
    return {"app": has_app(user), "passkey": has_passkey(user)}


@register.simple_tag(takes_context=True)
def demo_app_code(context: Context, secret: str = "") -> str:
    """On a demo nobody has the phone of the account: the code that its app would show. Never anywhere else."""
    if not settings.DEMO:
        return ""
    user = _who(context)
    if not secret:
        found = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).first()
        if found is None:
            return ""
        secret = decrypt(found.data["secret"])
    return _unused_code(user, secret)


def _unused_code(user: Any, secret: str) -> str:
    """The code of this half minute, or a neighbour that is still accepted where this one was used already."""
    now = int(time.time()) // app_settings.TOTP_PERIOD
    reach = app_settings.TOTP_TOLERANCE
    for away in sorted(range(-reach, reach + 1), key=abs):
        code: str = format_hotp_value(hotp_value(secret, now + away))
        if not cache.get(used_key(user, normalize_user_code(code))):
            return code
    return ""


@register.simple_tag
def second_step_of(user: Any) -> dict[str, bool]:
    """Whether the person must have a second step (``required``) and has one (``there``)."""
    return {"required": must_have_second_step(user), "there": has_second_step(user)}


@register.simple_tag(takes_context=True)
def identity_providers(context: Context) -> list[Any]:
    """The province's sign-in providers; no query where none is configured."""
    return list(get_adapter().list_providers(context["request"])) if is_configured() else []
