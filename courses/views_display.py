"""«Cách đọc»: how large, how strong in contrast, how light and how sparing pages come to this browser."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from common import display
from common.errors import Forbidden


@csrf_exempt  # Lessons are kept for everybody and hold no token; what is written here is no secret and harms nobody.
def display_set(request: HttpRequest) -> HttpResponse:
    """Remember how this browser wants pages shown, and go back to the page. With a GET: the choices on their own."""
    if request.method != "POST":
        response = render(request, "courses/display.html")
        patch_vary_headers(response, display.VARY)
        return response
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Forbidden(
            _("Yêu cầu này đến từ trang khác."), code="cross_site", fix=_("Mở bài học rồi chọn lại cách đọc.")
        )
    chosen = display.display_chosen(
        display.display_of(request),
        text=request.POST.get("co_chu", ""),
        contrast=request.POST.get("tuong_phan", ""),
        saver=request.POST.get("tiet_kiem", ""),
        ground=request.POST.get("nen", ""),
    )
    answer = HttpResponse(status=204) if request.headers.get("X-Requested-With") == "fetch" else _back(request)
    display.display_remember(answer, chosen, secure=request.is_secure())
    return answer


def _back(request: HttpRequest) -> HttpResponse:
    """To the page the choice was made on, if it is one of ours."""
    page = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(page) if ours else redirect("/")
