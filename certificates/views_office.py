"""What officials' pages about certificates share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certificates.models import Series
from people import access
from people.models import User
from people.stepup import demand_fresh_proof

PER_PAGE = 50


def page_of(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    """The page of a list that the address asks for."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("trang"))


def official_of(request: HttpRequest) -> User:
    """Who is signed in; views that ask stand behind ``login_required``."""
    return cast(User, request.user)


def prove(request: HttpRequest, series: Series, why: str) -> None:
    """A fresh proof before an act for the register; whoever may not do it anyway is refused by the service."""
    if access.can_issue_certificates(request.user, series.unit):
        demand_fresh_proof(request, why)


def posted_from(page: str, named: str = "uuid") -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """For addresses that only take a form. Who signed in again after the form was sent arrives by a link: they are
    led to the page of the form and told that nothing was done."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if request.method in ("GET", "HEAD"):
                messages.info(request, _("Chưa ghi thay đổi nào. Hãy làm lại thao tác trên trang này."))
                led: HttpResponse = redirect(page, **{named: kwargs[named]})
                return led
            answered: HttpResponse = require_POST(view)(request, **kwargs)
            return answered

        return answer

    return decorate
