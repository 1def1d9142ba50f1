"""«Xuất bản mọi bài sẵn sàng»: first what would go out and for whom it changes something, then it goes out."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from cms.models import CoursePage
from cms.outline.release_job import DIRECT_LIMIT, may_release, release_open
from cms.outline.releasing import course_release, course_release_plan
from cms.outline.views import admin_page, course_page_of, editor_of, refused_tell
from common.errors import Refusal
from common.wording import number


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
        (reverse("cms_outline:index"), _("Khoá học")),
        (reverse("cms_outline:course", args=[page.pk]), _("Đề cương: %(title)s") % {"title": title}),
    ]
    plan = course_release_plan(course_page=page)
    return admin_page(request, "release", _("Xuất bản mọi bài sẵn sàng"), trail, course_page=page, plan=plan)


def _released(request: HttpRequest, page: CoursePage, token: str) -> HttpResponse:
    """A few pages go out at once, many by a job."""
    plan = course_release_plan(course_page=page)
    if len(plan.ready) > DIRECT_LIMIT:
        return redirect("jobs:job", release_open(owner=editor_of(request), release=plan, token=token).uuid)
    done = course_release(course_page=page, token=token, actor=editor_of(request))
    said = [
        ngettext("Đã xuất bản %(count)s trang.", "Đã xuất bản %(count)s trang.", len(done.ready))
        % {"count": number(len(done.ready))}
    ]
    if done.held:
        left = ngettext("Còn %(count)s trang bị giữ lại.", "Còn %(count)s trang bị giữ lại.", len(done.held))
        said.append(left % {"count": number(len(done.held))})
    messages.success(request, " ".join(said))
    return redirect("cms_outline:course", page.pk)
