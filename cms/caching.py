"""A page that was written for nobody in particular is kept for a few minutes and answered without a query.

Readers who want large text, few bytes or another language get pages of their own, one for each way of showing
(``common.display``). Only answers to people without a session and without a pending message are kept and given out, and
only those that set no cookie; so nothing of a person can be in them. Every kept page carries the version of the content
at the moment its making began; publishing anything changes the version, and with it every kept page is out of use at
once. What pages show besides, and what changes without being published, is listed in ``cms/shown.py``.

A page for everybody has a tag made of its content: a browser that shows it still gets 304 and no page.
"""

from __future__ import annotations

import re
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag

from common import display
from common.generation import Generation
from common.language import language_of

#: How long the platform keeps a page, and how long browsers and proxies may.
KEEP_SECONDS = 300
PUBLIC_SECONDS = 60
CONTENT = Generation("cms:content-version")
#: What links that went round in Zalo, Facebook or a mailing carry along. It says where a reader came from and changes
#: nothing on a page: a crowd that follows such a link shall find the kept one.
TRAIL = re.compile(r"^(?:utm_\w+|zarsrc|fbclid|gclid|mibextid)$")


def content_version() -> str:
    """The version of everything published; a lost one is replaced by a new one, never by an old one."""
    return CONTENT.current()


def content_changed() -> None:
    """Put every kept page out of use, once the change is committed."""
    CONTENT.end()


def is_nobody(request: HttpRequest) -> bool:
    """Whether the request carries nothing by which a person could be known."""
    return settings.SESSION_COOKIE_NAME not in request.COOKIES and "messages" not in request.COOKIES


def without_trail(request: HttpRequest) -> HttpRequest:
    """The same request, as if its address held nothing that only says where the reader came from."""
    if any(TRAIL.match(name) for name in request.GET):
        asked = request.GET.copy()
        for name in list(asked):
            if TRAIL.match(name):
                del asked[name]
        request.META["QUERY_STRING"] = asked.urlencode()
        request.GET = QueryDict(request.META["QUERY_STRING"], encoding=request.encoding)
    return request


def page_key(request: HttpRequest, version: str) -> str | None:
    """The key of a page that may be kept; None for anything else."""
    if request.method not in ("GET", "HEAD") or request.GET or settings.DEBUG or not is_nobody(request):
        return None
    shown = f"{display.display_of(request).key} {language_of(request)}"
    name = sha256(f"{shown} {request.scheme}://{request.get_host()}{request.path}".encode()).hexdigest()
    return f"cms:page:{version}:{name}"


def mark_cacheable(request: HttpRequest, response: HttpResponse) -> None:
    """Say who may keep this answer of a page: everybody for a minute, or nobody at all."""
    patch_vary_headers(response, display.VARY)
    if is_nobody(request) and not request.user.is_authenticated and response.status_code == 200:
        patch_cache_control(response, public=True, max_age=PUBLIC_SECONDS)
        response.is_for_everybody = True  # type: ignore[attr-defined]
    else:
        # What is done may change with the next press: Back must not show the page from before it.
        patch_cache_control(response, private=True, no_store=True)


def may_keep(response: HttpResponse) -> bool:
    """Whether a finished answer is the same for everybody."""
    return bool(
        getattr(response, "is_for_everybody", False)
        and response.status_code == 200
        and not response.cookies
        and not response.streaming
    )


def tag(response: HttpResponse) -> None:
    """Name the content of a page for everybody, so that a browser can ask whether it has changed."""
    response.headers["ETag"] = quote_etag(sha256(response.content).hexdigest()[:32])


def answer(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page, or 304 where the browser has it."""
    found = get_conditional_response(request, etag=response.headers.get("ETag"), response=response)
    return found or response
