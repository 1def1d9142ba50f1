"""The door between signing in and the rooms of officials: nobody gets there with a password alone."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from people.mfa import has_second_step, must_have_second_step, passed_second_step
from people.stepup import ask_for_proof, proved_recently

#: Where people act for an office. Learning and the account pages stay open to everybody.
ROOMS = ("/quan-ly/", "/cms/", "/quan-tri-he-thong/")
#: Wagtail's own forms about rights that offer no other place to ask for a proof.
RIGHTS = ("/cms/groups/",)


class SecondStepMiddleware:
    """Leads staff without a second step to the page that sets one up, and asks for it where a session lacks it.

    A session lacks it when it began before the account had a second step, or before its owner had an office.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._instead(request) or self.get_response(request)

    def _instead(self, request: HttpRequest) -> HttpResponse | None:
        if not request.path.startswith(ROOMS) or not must_have_second_step(request.user):
            return None
        if not has_second_step(request.user):
            return _to_set_up(request)
        if not passed_second_step(request):
            return ask_for_proof(request, _("vào trang dành cho cán bộ"))
        if request.method == "POST" and request.path.startswith(RIGHTS) and not proved_recently(request):
            return ask_for_proof(request, _("đổi quyền của nhóm"))
        return None


def _to_set_up(request: HttpRequest) -> HttpResponse:
    wanted = request.get_full_path()
    if request.method != "GET":
        messages.info(request, _("Chưa ghi thay đổi nào. Hãy làm lại sau khi bật bước xác nhận thứ hai."))
        wanted = request.path
    return redirect(f"{reverse('second_step')}?{urlencode({'next': wanted})}")
