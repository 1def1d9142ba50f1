"""In which language a page is shown: Vietnamese, unless its reader chose another (docs/decisions/0026).

Only a choice counts, never what a browser says of itself: many phones here were set up in English by the shop, for
people who read Vietnamese alone. What is kept, printed or sent is Vietnamese, whoever pressed the button: whatever
makes a record or a paper says so with ``on_record``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation


@contextmanager
def on_record() -> Iterator[None]:
    """Words in the language of records and papers, as a context or around a function: ``@on_record()``.

    What is lazy must become text within; a generator goes on when its function has long returned.
    """
    with translation.override(settings.LANGUAGE_CODE):
        yield


def language_of(request: HttpRequest) -> str:
    """The code of the language that a request is answered in; a cookie that names none of ours says nothing."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def other_language(request: HttpRequest) -> str:
    """The language that a page offers to switch to."""
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
