"""What stands around the editors' pages: kept pages are answered at once, ``/cms/`` opens for editors only, and what is
refused there is told on the page that it concerns."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from cms import caching
from cms.services import editor_access_sync
from common.errors import Refusal
from common.language import language_of
from people import access


class KeptPageMiddleware:
    """Answers pages that were made for everybody out of the cache. Stands before the session: it needs no person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "GET" or not caching.is_nobody(request):
            return self.get_response(request)
        # The version is read before the page is made: a page made during a publication is kept under the old version.
        key = caching.page_key(caching.without_trail(request), caching.content_version())
        if key and (kept := cache.get(key)):
            return caching.answer(request, HttpResponse(kept["content"], headers=kept["headers"]))
        response = self.get_response(request)
        if not caching.may_keep(response):
            return response
        caching.tag(response)
        if key:
            cache.set(key, {"content": response.content, "headers": dict(response.headers)}, caching.KEEP_SECONDS)
        return caching.answer(request, response)


class EditorGateMiddleware:
    """Lets editors of today into ``/cms/``, and nobody whose office has ended, whatever group they are still in.

    Wagtail answers in the language of the editor's profile there: for this request that is the one the reader chose.
    The profile itself says nothing, so that Wagtail's letters stay Vietnamese.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/cms/") and request.user.is_authenticated:
            if not access.is_editor(request.user):
                raise PermissionDenied
            editor_access_sync(user=request.user)
            if profile := getattr(request.user, "wagtail_userprofile", None):
                profile.preferred_language = language_of(request)  # never saved
        return self.get_response(request)


class EditorRefusalMiddleware:
    """Tells a refusal in ``/cms/`` as a message on the page where it can be mended, if the refusal knows that page.

    Stands after ``RefusalMiddleware``, which answers all others with a page of their own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal) or not request.path.startswith("/cms/"):
            return None
        address, _words = exception.detail.get("link", ("", ""))
        if not address.startswith("/cms/"):
            return None
        messages.error(request, f"{exception.text} {exception.fix}".strip())
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            # Wagtail's windows of a workflow go where such an answer sends them.
            return JsonResponse({"step": "success", "redirect": address})
        return redirect(address)
