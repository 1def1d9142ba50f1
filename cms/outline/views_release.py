"""«Xuất bản mọi bài sẵn sàng»: first what would go out and for whom it changes something, then it goes out."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cms.models import CoursePage
from cms.outline.release_job import DIRECT_LIMIT, may_release, release_open
from cms.outline.releasing import course_release, course_release_plan
from cms.outline.views import admin_page, course_page_of, editor_of, refused_tell
from common.errors import Refusal


@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, page_id: int) -> HttpResponse:
    """The pages that are ready, those that are held back and why, and the effect on learners; the button publishes."""
    page = course_page_of(request, page_id)
    if not may_release(request.user, page):
        raise PermissionDenied
    if request.method == "POST":
        try:
            return _released(request, page, request.POST.get("token", ""))
        except Refusal as refusal:
            refused_tell(request, refusal)
    title = page.get_admin_display_title()
    trail = [
        (reverse("cms_outline:index"), "Khoá học"),
        (reverse("cms_outline:course", args=[page.pk]), f"Đề cương: {title}"),
    ]
    plan = course_release_plan(course_page=page)
    return admin_page(request, "release", "Xuất bản mọi bài sẵn sàng", trail, course_page=page, plan=plan)


def _released(request: HttpRequest, page: CoursePage, token: str) -> HttpResponse:
    """A few pages go out at once, many by a job."""
    plan = course_release_plan(course_page=page)
    if len(plan.ready) > DIRECT_LIMIT:
        return redirect("jobs:job", release_open(owner=editor_of(request), release=plan, token=token).uuid)
    done = course_release(course_page=page, token=token, actor=editor_of(request))
    left = f" Còn {len(done.held)} trang bị giữ lại." if done.held else ""
    messages.success(request, f"Đã xuất bản {len(done.ready)} trang.{left}")
    return redirect("cms_outline:course", page.pk)
