"""A fresh proof of who sits there, before acts that cannot be taken back.

A view that finished its own checks calls ``demand_fresh_proof(request, "duyệt đợt cấp")``; whoever did not prove
themselves within ``ACCOUNT_REAUTHENTICATION_TIMEOUT`` seconds is led to the page that asks for it and then goes on
where they were: what they had sent waits in the session, for one use, and is sent again by their own browser. So the
act runs through the same checks as any other request, and never runs because of a proof that was given for another.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from people.mfa import has_second_step

SESSION_KEY = "interrupted"
#: How long what was sent waits for the proof, in seconds.
WAITS = 30 * 60
#: So many requests wait in one session: each tab has its own. One more, and the oldest is dropped.
MOST_WAITING = 5
PROOFS_WITHOUT_SECOND_STEP = frozenset({"password", "mfa", "socialaccount"})


def proved_recently(request: HttpRequest) -> bool:
    """Whether the person gave the proof that their account needs within the last minutes, at sign-in or since."""
    user = request.user
    if not user.is_authenticated:
        return False
    accepted = frozenset({"mfa"}) if has_second_step(user) else PROOFS_WITHOUT_SECOND_STEP
    moments = [r["at"] for r in get_authentication_records(request, user) if r.get("method") in accepted]
    return bool(moments) and time.time() - max(moments) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def demand_fresh_proof(request: HttpRequest, why: str) -> None:
    """Go on if the person proved themselves recently; otherwise the answer to this request is the proof page.

    ``why`` completes the sentence "Để …, hãy xác nhận lại là bạn." Call it last before the act: after rights and form.
    """
    if not proved_recently(request):
        raise ImmediateHttpResponse(ask_for_proof(request, why))


def ask_for_proof(request: HttpRequest, why: str) -> HttpResponse:
    """Put the request aside and lead to the proof; without anything to prove with, to setting up a second step."""
    token = secrets.token_urlsafe(16)
    kept = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    lost = sorted(request.FILES) + [name for name in kept if "password" in name]
    waiting = _waiting(request)
    waiting[token] = {
        "user": str(request.user.pk),
        "why": why,
        "method": "post" if request.method == "POST" else "get",
        "path": request.get_full_path(),
        "fields": [] if lost else [[name, value] for name, values in kept.items() for value in values],
        "lost": bool(lost),
        "back": _page_before(request),
        "at": time.time(),
    }
    request.session[SESSION_KEY] = dict(list(waiting.items())[-MOST_WAITING:])
    return proof_page(request, next_url=reverse("proof_resume", args=[token]))


def proof_page(request: HttpRequest, *, next_url: str) -> HttpResponse:
    """To the page that asks for the proof this account can give, and from there to ``next_url``."""
    methods = get_adapter(request).get_reauthentication_methods(request.user)
    target = methods[0]["url"] if methods else reverse("second_step")
    return HttpResponseRedirect(f"{target}?{urlencode({'next': next_url})}")


def _page_before(request: HttpRequest) -> str:
    """The page with the form that was sent; empty when the browser does not say."""
    before = request.headers.get("Referer", "")
    hosts = {request.get_host()}
    return before if url_has_allowed_host_and_scheme(before, hosts, require_https=request.is_secure()) else ""


def _waiting(request: HttpRequest) -> dict[str, dict[str, Any]]:
    """What waits in this session for its person, by token, oldest first."""
    found: dict[str, Any] = request.session.get(SESSION_KEY) or {}
    return {token: one for token, one in found.items() if isinstance(one, dict) and _still_waits(request, one)}


def _still_waits(request: HttpRequest, one: dict[str, Any]) -> bool:
    return bool(one["user"] == str(request.user.pk) and time.time() - one["at"] < WAITS)


def interrupted_by(request: HttpRequest, token: str) -> dict[str, Any] | None:
    """What waits under ``token`` for this person; None when it was taken up already, or waited too long."""
    return _waiting(request).get(token)


def interrupted_before(request: HttpRequest, next_url: str) -> dict[str, Any] | None:
    """What waits for the proof that leads on to ``next_url``; None where nothing does."""
    return next((one for token, one in _waiting(request).items() if token in next_url), None)


def take_up(request: HttpRequest, token: str) -> None:
    """What waited under ``token`` is handed over, once; what other tabs sent waits on."""
    request.session[SESSION_KEY] = {key: one for key, one in _waiting(request).items() if key != token}
