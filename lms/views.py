"""Pages of the house itself: health, error pages, what browsers ask for by themselves, the pattern page."""

from __future__ import annotations

import json
import logging
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache

from common.errors import Refusal
from common.language import language_of
from common.wording import province
from lms.samples import styleguide_samples
from people import access

logger = logging.getLogger(__name__)
DAY = 24 * 3600


def health(request: HttpRequest) -> JsonResponse:
    """200 when the database and the cache answer; 503 with the part that does not."""
    problems = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # whatever the driver raises means the same here
        problems.append(f"database: {type(error).__name__}")
    try:
        cache.set("health", "ok", 5)
        if cache.get("health") != "ok":
            problems.append("cache: does not keep what it is given")
    except Exception as error:
        problems.append(f"cache: {type(error).__name__}")
    return JsonResponse({"ok": not problems, "problems": problems}, status=503 if problems else 200)


def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may read the courses and nothing about people."""
    closed = ["/quan-ly/", "/tai-khoan/", "/viec-hoc/", "/kiem-tra/", "/xac-minh/", "/cms/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


#: What the offline page wears; nothing else is kept by a browser of ours.
CLOTHES = ["css/site.css", "js/site.js", "img/mark.svg", "img/icons.svg"]


def favicon(request: HttpRequest) -> HttpResponse:
    """For browsers that ask for it without reading the page."""
    return redirect(static("img/favicon.ico"))


def _language_asked(request: HttpRequest) -> str:
    """The language that the address itself asks for: what everybody may keep hangs on nothing else."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


@cache_control(public=True, max_age=DAY)
def manifest(request: HttpRequest) -> HttpResponse:
    """Name, colours and pictures for a phone that puts the site on its first screen; browsers send no cookie for it."""
    with translation.override(_language_asked(request)):
        said = _manifest()
    return JsonResponse(said, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


def _manifest() -> dict[str, Any]:
    pictures = [("img/mark.svg", "any", "image/svg+xml", "any")]
    pictures += [(f"img/mark-{side}.png", f"{side}x{side}", "image/png", "any maskable") for side in (192, 512)]
    return {
        "name": _("Học Số: học kỹ năng số"),
        "short_name": "Học Số",
        "description": _("Nền tảng học kỹ năng số của %(province)s, miễn phí cho mọi người.")
        % {"province": province(settings.PROVINCE_NAME)},
        "lang": translation.get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#fbf9f4",
        "theme_color": "#0a5f53",
        "icons": [
            {"src": static(path), "sizes": sizes, "type": kind, "purpose": purpose}
            for path, sizes, kind, purpose in pictures
        ],
    }


@cache_control(public=True, max_age=DAY)
def offline(request: HttpRequest) -> HttpResponse:
    """What a browser shows where there is no network; the same for everybody, made without a person."""
    language = _language_asked(request)
    with translation.override(language):
        return HttpResponse(render_to_string("offline.html"), headers={"Content-Language": language})


@never_cache
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker that keeps the offline page. Its version is what it keeps: new clothes, new language, new worker.

    Browsers ask for it anew at each page, so the page that they keep is in the language that was chosen last.
    """
    clothes = [static(path) for path in CLOTHES]
    language = translation.get_language()
    page = render_to_string("offline.html")
    said = {
        "version": sha256("".join([page, *clothes]).encode()).hexdigest()[:12],
        "offline": reverse("offline") + ("" if language == settings.LANGUAGE_CODE else f"?lang={language}"),
        "clothes": json.dumps(clothes),
    }
    return HttpResponse(render_to_string("sw.js", said), content_type="text/javascript; charset=utf-8")


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with its states. For those who build the site and those who write for it; 404 for all others."""
    if not (settings.DEBUG or access.is_manager(request.user) or access.is_editor(request.user)):
        raise Http404
    return render(request, "styleguide.html", styleguide_samples(request))


def _error(request: HttpRequest, status: int, text: str, code: str, fix: str) -> HttpResponse:
    return render(request, "refusal.html", {"refusal": Refusal(text, code=code, fix=fix)}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(request, 400, _("Yêu cầu gửi lên bị lỗi."), "bad_request", _("Quay lại trang trước rồi thử lại."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that is too old, or cookies switched off."""
    return _error(
        request,
        403,
        _("Biểu mẫu này đã cũ nên chưa gửi được."),
        "csrf",
        _("Quay lại trang trước, tải lại trang rồi gửi lần nữa. Trình duyệt cần cho phép cookie."),
    )


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(
        request,
        403,
        _("Bạn chưa được phép mở trang này."),
        "forbidden",
        _("Đăng nhập bằng tài khoản khác, hoặc hỏi đầu mối của đơn vị."),
    )


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(
        request,
        404,
        _("Không tìm thấy trang này."),
        "not_found",
        _("Kiểm tra lại đường dẫn, hoặc tìm trong danh mục khoá học."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answers without a database, and without templates where these are what is broken."""
    try:
        # What is broken may stand before the part that chooses the language.
        with translation.override(language_of(request)):
            page: str = render_to_string("500.html")
    except Exception:
        logger.exception("The page about a fault is at fault itself")
        page = (
            "<!doctype html><html lang=vi><meta charset=utf-8><meta name=viewport content='width=device-width'>"
            "<title>Hệ thống gặp lỗi – Học Số</title><h1>Hệ thống gặp lỗi</h1>"
            "<p>Hãy thử lại sau ít phút.</p><p><a href='/'>Về trang đầu</a></p>"
            "<p lang=en>Something went wrong on our side. Please try again in a few minutes.</p>"
        )
    return HttpResponse(page, status=500)
