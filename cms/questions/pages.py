"""What the pages of banks and questions share: their frame, whose they are, who may do what."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from wagtail.admin import messages

from common.errors import Forbidden, Refusal
from people.models import User
from quizzes.models import Bank, Question
from quizzes.services import bank_require, can_write_bank

Trail = list[tuple[str, str]]
PER_PAGE = 50


def page(request: HttpRequest, template: str, title: str, trail: Trail, **context: Any) -> HttpResponse:
    """A page of the admin with its way back: ``trail`` holds (address, words) after the home page."""
    crumbs = [(reverse("wagtailadmin_home"), _("Trang chủ")), *trail, ("", title)]
    items = [{"url": address, "label": label} for address, label in crumbs]
    shown = {"header_title": title, "breadcrumbs_items": items, "header_icon": "help", "editor": None, **context}
    return TemplateResponse(request, f"cms/questions/{template}.html", shown)


def editor_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin lets nobody in who has not signed in
    return request.user


def writes(user: Any) -> bool:
    """Whether the person writes questions at all; reviewers read and approve."""
    return bool(user.has_perm("quizzes.change_question"))


def may_write(user: Any, bank: Bank) -> bool:
    return writes(user) and can_write_bank(user, bank)


def bank_for(request: HttpRequest, pk: int, *, writing: bool = False) -> Bank:
    """The bank, if the person may read it, or change it; Forbidden with the reason otherwise."""
    bank = get_object_or_404(Bank.objects.select_related("owner", "parent"), pk=pk)
    return _allowed(request, bank, writing)


def question_for(request: HttpRequest, pk: int, *, writing: bool = False) -> Question:
    """The question, if the person may read its bank, or change it."""
    found = Question.objects.select_related("bank__owner", "topic")
    question: Question = get_object_or_404(found, pk=pk)
    _allowed(request, question.bank, writing)
    return question


def _allowed(request: HttpRequest, bank: Bank, writing: bool) -> Bank:
    bank_require(bank, editor_of(request), writing=writing)
    if writing and not writes(request.user):
        raise Forbidden(
            _("Bạn thẩm định câu hỏi, không sửa câu hỏi."),
            code="only_reviews",
            fix=_("Hãy ghi nhận xét khi trả lại, hoặc nhờ biên tập viên sửa."),
        )
    return bank


def told(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What is refused is told on the page from which it was asked; what belongs to others has an answer of its own."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Forbidden:
            raise
        except Refusal as refusal:
            messages.error(request, f"{refusal.text} {refusal.fix}".strip())
            return back(request, reverse("cau_hoi:index"))

    return wrapped


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the page that the form names, if it is one of ours."""
    asked = request.POST.get("ve", "")
    fine = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}) and asked.startswith("/cms/")
    return redirect(asked if fine else otherwise)


def question_trail(question: Question) -> Trail:
    bank = question.bank
    return [
        (reverse("ngan_hang:index"), _("Ngân hàng câu hỏi")),
        (reverse("ngan_hang:bank", args=[bank.pk]), bank.name),
        (reverse("cau_hoi:edit", args=[question.pk]), question.code),
    ]
