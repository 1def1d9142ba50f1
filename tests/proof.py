"""The second step in tests: people who have one, sessions that passed it, and the code an app would show.

``client.force_login(official)`` stands for a sign-in with both steps, an hour ago. ``prove(client)`` is what the person
does on the page that asks for a fresh proof.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth import get_user
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client

from people.mfa import must_have_second_step
from people.models import User

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HOUR = 3600


def with_second_step(user: User, *, recovery_codes: bool = False) -> User:
    """The person with an authenticator app that holds ``SECRET``."""
    TOTP.activate(user, SECRET)
    if recovery_codes:
        RecoveryCodes.activate(user)
    return user


def app_code(*, secret: str = SECRET, periods: int = 0) -> str:
    """What the person's app shows now, or so many half minutes later. Codes used before may be used again."""
    cache.clear()  # a code is good once; tests share one clock
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods))


def prove(client: Client, *, seconds_ago: int = 0) -> None:
    """Whoever is signed in at ``client`` has proved themselves so long ago, by their app or else by password."""
    request = HttpRequest()
    request.session = client.session
    user = get_user(request)
    assert user.is_authenticated, "nobody is signed in"
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if found is None:
        record_authentication(request, user, method="password", reauthenticated=True)
    else:
        record_authentication(request, user, method="mfa", id=found.pk, type=found.type, reauthenticated=True)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY][-1]["at"] -= seconds_ago
    request.session.save()


def remember_second_step(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """A receiver of ``user_logged_in``: what ``force_login`` skips, as it was an hour ago.

    Staff who have no second step yet get one: most tests are about what comes after it.
    """
    if request.path:
        return  # a real sign-in writes its own records
    if must_have_second_step(user) and not Authenticator.objects.filter(user=user).exists():
        with_second_step(user)
    if found := Authenticator.objects.filter(user=user).first():
        record_authentication(request, user, method="mfa", id=found.pk, type=found.type)
        request.session[AUTHENTICATION_METHODS_SESSION_KEY][-1]["at"] -= HOUR
