"""The two steps between a right password and being signed in: the code sent by text message, and the one by e-mail.

They finish a sign-up, once. An account that an office made has a password that the office handed over, so its owner
is not asked for codes on a shared computer in a commune hall; they can verify phone and e-mail later on their page.
"""

from __future__ import annotations

from typing import Any

from allauth.account.internal.userkit import did_user_login
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage, PhoneVerificationStage
from allauth.core.exceptions import ImmediateHttpResponse, RateLimited
from allauth.core.ratelimit import respond_429


class PhoneStage(PhoneVerificationStage):
    """Asks for the code sent to the phone with which somebody signed up."""

    def handle(self) -> Any:
        user = self.login.user
        by_email = "@" in (self.login.email or "")
        if user is not None and (did_user_login(user) or by_email):
            return None, True
        try:
            return super().handle()
        except RateLimited as error:
            # The library turns this into a page when a code is asked for again, but not for the first one.
            raise ImmediateHttpResponse(respond_429(self.request)) from error


class EmailStage(EmailVerificationStage):
    """Asks for the code sent to the e-mail address with which somebody signed up."""

    def handle(self) -> Any:
        user = self.login.user
        if user is not None:
            addresses = EmailAddress.objects.filter(user_id=user.pk).values_list("verified", flat=True)
            waiting = bool(addresses) and not any(addresses)
            if did_user_login(user) or not waiting:
                return None, True
        return super().handle()
