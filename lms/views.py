"""Pages of the house itself: health, error pages, the pattern page."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static

from common.errors import Refusal


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


def favicon(request: HttpRequest) -> HttpResponse:
    """For browsers that ask for it without reading the page."""
    return redirect(static("img/mark.svg"))


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component on one page (only when DEBUG)."""
    return render(request, "styleguide.html")


def _error(request: HttpRequest, status: int, text: str, code: str, fix: str) -> HttpResponse:
    return render(request, "refusal.html", {"refusal": Refusal(text, code=code, fix=fix)}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(request, 400, "Yêu cầu gửi lên bị lỗi.", "bad_request", "Quay lại trang trước rồi thử lại.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that is too old, or cookies switched off."""
    return _error(
        request,
        403,
        "Biểu mẫu này đã cũ nên chưa gửi được.",
        "csrf",
        "Quay lại trang trước, tải lại trang rồi gửi lần nữa. Trình duyệt cần cho phép cookie.",
    )


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(
        request,
        403,
        "Bạn chưa được phép mở trang này.",
        "forbidden",
        "Đăng nhập bằng tài khoản khác, hoặc hỏi đầu mối của đơn vị.",
    )


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _error(
        request,
        404,
        "Không tìm thấy trang này.",
        "not_found",
        "Kiểm tra lại đường dẫn, hoặc tìm trong danh mục khoá học.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answers without a database: a page that leans on nothing."""
    return HttpResponse(
        "<!doctype html><html lang=vi><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<title>Hệ thống gặp lỗi – Học Số</title><h1>Hệ thống gặp lỗi</h1>"
        "<p>Việc bạn vừa làm chưa được ghi lại. Hãy thử lại sau ít phút.</p><p><a href='/'>Về trang đầu</a></p>",
        status=500,
    )
