"""The steps between a right password or code and being signed in: the code by text message or e-mail, then a claim.

Codes finish a sign-up, once. An account that an office made has a password that the office handed over, so its owner
is not asked for codes on a shared computer in a commune hall; they can verify phone and e-mail later on their page.

An account that a roster made, or a sign-up that stopped half-way, is handed over here: ``claim_login`` asks for the
code on the same pages as any sign-up, then ``ClaimStage`` shows its owner whose account it is.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.stagekit import get_pending_stage
from allauth.account.internal.userkit import did_user_login, user_id_to_str
from allauth.account.models import EmailAddress, Login
from allauth.account.stages import EmailVerificationStage, LoginStage, PhoneVerificationStage
from allauth.core.exceptions import ImmediateHttpResponse, RateLimited
from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from people import claims
from people.models import User


def claim_login(
    request: HttpRequest,
    *,
    user: User,
    contact: str,
    typed: dict[str, Any] | None = None,
    proved: bool = False,
    redirect_url: str | None = None,
) -> HttpResponse:
    """Begin to hand an account over to whoever proves ``contact``; ``typed`` is what a sign-up asked before."""
    if contact and not proved:
        claims.contact_to_prove(user=user, contact=contact)
    login = Login(
        user=user,
        signup=True,
        email=contact if "@" in contact else None,
        phone=contact if "@" not in contact else None,
        redirect_url=redirect_url,
        state={"claim": {"contact": contact, "proved": proved, "typed": typed}},
    )
    response: HttpResponse = perform_login(request, login)
    return response


# --- Coming back from the page of the code ---------------------------------------------------------------------------
def _code_sent(request: HttpRequest, contact: str) -> tuple[str, dict[str, Any]] | None:
    """The page and the state of a code that this browser still waits for, if it went to ``contact``."""
    stage = get_pending_stage(request)
    if isinstance(stage, PhoneStage):
        state: dict[str, Any] = stage.state
    elif isinstance(stage, EmailStage):
        state = request.session.get(EMAIL_VERIFICATION_CODE_SESSION_KEY) or {}
    else:
        return None
    sent_to = state.get("phone") or state.get("email")
    in_force = time.time() - state.get("at", 0) <= settings.ACCOUNT_PHONE_VERIFICATION_TIMEOUT
    return (str(stage.urlname), dict(state)) if contact and sent_to == contact and in_force else None


def code_page_for(request: HttpRequest, contact: str) -> str | None:
    """The name of the page that waits for a code sent to ``contact``; None when none is on its way."""
    found = _code_sent(request, contact)
    return found[0] if found else None


def code_keep(request: HttpRequest, contact: str) -> None:
    """The sign-up begins anew with the same contact: the code that is on its way will do, and no other is sent."""
    found = _code_sent(request, contact)
    request.code_on_its_way = found[1] if found else None  # type: ignore[attr-defined]


def _is_kept(stage: LoginStage, name: str) -> dict[str, Any] | None:
    """The code of ``code_keep``, where it went to the ``name`` of this sign-up and for the account entered now."""
    kept: dict[str, Any] = getattr(stage.request, "code_on_its_way", None) or {}
    user, contact = stage.login.user, getattr(stage.login, name)
    same = kept.get("user_id") == (user_id_to_str(user) if user else None)
    return kept if contact and kept.get(name) == contact and same else None


# --- The steps --------------------------------------------------------------------------------------------------------
def _claim_of(login: Any) -> dict[str, Any] | None:
    claim: dict[str, Any] | None = login.state.get("claim")
    return claim


class PhoneStage(PhoneVerificationStage):
    """Asks for the code sent to the phone with which somebody signed up, or claims an account."""

    def handle(self) -> Any:
        user, claim = self.login.user, _claim_of(self.login)
        by_email = "@" in (self.login.email or "")
        if claim is not None and (claim["proved"] or by_email):
            return None, True
        if claim is None and user is not None and (did_user_login(user) or by_email):
            return None, True
        if kept := _is_kept(self, "phone"):
            self.state.update(kept)
            return redirect(self.urlname), True
        try:
            return super().handle()
        except RateLimited as error:
            # The library turns this into a page when a code is asked for again, but not for the first one.
            raise ImmediateHttpResponse(respond_429(self.request)) from error


class EmailStage(EmailVerificationStage):
    """Asks for the code sent to the e-mail address with which somebody signed up, or claims an account."""

    def handle(self) -> Any:
        user, claim = self.login.user, _claim_of(self.login)
        if claim is not None and (claim["proved"] or not self.login.email):
            return None, True
        if claim is None and user is not None:
            addresses = EmailAddress.objects.filter(user_id=user.pk).values_list("verified", flat=True)
            waiting = bool(addresses) and not any(addresses)
            if did_user_login(user) or not waiting:
                return None, True
        if _is_kept(self, "email"):
            return redirect(self.urlname), True  # the session holds the code
        return super().handle()


class ClaimStage(LoginStage):
    """Shows whose account the code opened; every other sign-in passes, and from then on the account has an owner."""

    key = "claim"
    urlname = "account_claim"

    def handle(self) -> Any:
        user, claim = self.login.user, _claim_of(self.login)
        if user is None:
            return None, True
        if claim is not None and claims.is_waiting(user):
            return redirect(self.urlname), True
        if claim is not None and claim["contact"]:
            if not (claim["typed"] and claims.is_unfinished(user)):
                return self._too_late()
            claims.signup_renew(user=user, contact=claim["contact"], **claim["typed"])
        claims.account_opened(user=user)
        self.request.session.pop("signup", None)
        return None, True

    def _too_late(self) -> Any:
        """Somebody else opened the account while this code was on its way: a code alone signs nobody in."""
        refusal = claims.already_claimed()
        messages.warning(self.request, f"{refusal.text} {refusal.fix}")
        return redirect("account_login"), False
