"""What happens to every answer: refusals become pages, the editors' admin gets the policy it can live with, and the
audit log learns from where an act came."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from common import audit
from common.errors import Refusal

# Wagtail's and Django's admin write inline script and style; everything else about them stays as strict.
ADMIN_PREFIXES = ("/cms/", "/quan-tri-he-thong/")
ADMIN_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; "
    # Editors try what they embed; previews of pages are frames of our own.
    f"frame-src 'self' {' '.join(f'https://{host}' for host in settings.EMBED_HOSTS)}"
)


class RefusalMiddleware:
    """Shows a ``Refusal`` that a view let through as a page: what, why, and what to do next."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(ADMIN_PREFIXES):
            response.headers["Content-Security-Policy"] = ADMIN_POLICY
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        context = {"refusal": exception, "back": exception.detail.get("back") or _page_before(request)}
        return render(request, "refusal.html", context, status=exception.status)


def _page_before(request: HttpRequest) -> str:
    """The page of ours on which a refused form was sent, so that nobody has to find it again; "" when not known."""
    before = request.headers.get("Referer", "")
    if request.method != "POST" or not url_has_allowed_host_and_scheme(
        before, {request.get_host()}, require_https=request.is_secure()
    ):
        return ""
    # A form that was sent from its own answer has no page of its own to go back to.
    return "" if urlsplit(before).path == request.path else before


class RequestAddressMiddleware:
    """Remembers the visitor's address while a request is answered, for the audit log.

    Read as the limits on signing in read it: the connection's own address, or the one that a trusted front server
    appended (``ALLAUTH_TRUSTED_PROXY_COUNT``). What visitors write into the header themselves counts for nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = audit.remember_address(_address_of(request))
        try:
            return self.get_response(request)
        finally:
            audit.forget_address(token)


def _address_of(request: HttpRequest) -> str | None:
    """None where the connection says nothing usable, such as a socket in a file: no page may fail for it."""
    try:
        return str(get_adapter().get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        return None
