"""Pages of help under ``/tro-giup/``."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe
from wagtail.views import serve

from cms.caching import mark_cacheable
from common.guides import guide as guide_of
from lms.help import shelf
from lms.help.hints import BY_KEY, hint_put_away
from people import access
from people.requests import SignedInRequest


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The editors' page of questions with the guides under it; the guides alone where editors took their page down."""
    try:
        answer: HttpResponse = serve(request, request.path.lstrip("/"))
    except Http404:
        answer = render(request, "help/index.html")
        mark_cacheable(request, answer)
    return answer


@require_safe
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """One guide, with its headings on top as places to go to."""
    if slug not in shelf.SLUGS:
        raise Http404
    answer = render(request, "help/guide.html", {"guide": guide_of(slug)})
    mark_cacheable(request, answer)
    return answer


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Places in the guides that hold the words of ``q``."""
    words = request.GET.get("q", "").strip()[:200]
    user: Any = request.user
    found = shelf.search(words, access.roles_of(user))
    return render(request, "help/search.html", {"words": words, "found": found})


@login_required
@require_POST
def hint(request: SignedInRequest, key: str) -> HttpResponse:
    """Put a first-visit hint away, and go back to where it stood."""
    if key not in BY_KEY:
        raise Http404
    hint_put_away(user=request.user, hint=BY_KEY[key])
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "/")
