"""In which language a page is shown: Vietnamese, unless its reader chose another (docs/decisions/0023).

Only a choice counts, never what a browser says of itself: many phones here were set up in English by the shop, for
people who read Vietnamese alone. The offices' pages are Vietnamese for everybody, like the records that are written
there.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

#: Where officials and editors work. What is written there goes into records and papers of the State.
OFFICES = ("/quan-ly/", "/cms/", "/quan-tri-he-thong/")


def language_of(request: HttpRequest) -> str:
    """The code of the language that a request is answered in; a cookie that names none of ours says nothing."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    offered = chosen in dict(settings.LANGUAGES) and not request.path.startswith(OFFICES)
    return chosen if offered else settings.LANGUAGE_CODE


def other_language(request: HttpRequest) -> str:
    """The language that a page offers to switch to; "" where there is nothing to choose."""
    if request.path.startswith(OFFICES):
        return ""
    return next(code for code, _name in settings.LANGUAGES if code != language_of(request))


class LanguageMiddleware:
    """Answers each request in its reader's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(language_of(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        return response
