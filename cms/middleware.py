"""Two gates in front of the editors' pages: kept pages are answered at once, and ``/cms/`` opens for editors only."""

from __future__ import annotations

from collections.abc import Callable

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from cms import caching
from cms.services import editor_access_sync
from people import access


class KeptPageMiddleware:
    """Answers pages that were made for everybody out of the cache. Stands before the session: it needs no person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "GET" or not caching.is_nobody(request):
            return self.get_response(request)
        # The version is read before the page is made: a page made during a publication is kept under the old version.
        key = caching.page_key(request, caching.content_version())
        if key and (kept := cache.get(key)):
            return HttpResponse(kept["content"], headers=kept["headers"])
        response = self.get_response(request)
        if key and caching.may_keep(response):
            cache.set(key, {"content": response.content, "headers": dict(response.headers)}, caching.KEEP_SECONDS)
        return response


class EditorGateMiddleware:
    """Lets editors of today into ``/cms/``, and nobody whose office has ended, whatever group they are still in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/cms/") and request.user.is_authenticated:
            if not access.is_editor(request.user):
                raise PermissionDenied
            editor_access_sync(user=request.user)
        return self.get_response(request)
