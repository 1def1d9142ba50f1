"""Two pages around publishing: what the checks found, and what is asked before a page goes out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.models import Page

from cms.checks import gate, rules
from cms.checks.describe import describe
from cms.checks.effects import effect_lines
from cms.checks.plain import ERROR, NOTE, WARNING, Finding
from cms.models import CoursePage, LessonPage


def findings(request: HttpRequest, page_id: int) -> HttpResponse:
    """What the checks say about the draft of a page; for a course, about all that is below it too."""
    page = _draft(request, page_id)
    below = page.get_children().order_by("path") if isinstance(page, CoursePage) else []
    drafts = [page, *(child.get_latest_revision_as_object() for child in below)]
    return render(
        request,
        "cms/admin/findings.html",
        {"page": page, "checked": [_checked(draft) for draft in drafts], "effect": effect_lines(page)},
    )


def _checked(page: Page) -> dict[str, Any]:
    plain = describe(page)
    found = rules.check(plain)
    return {
        "page": page,
        "groups": _grouped(found),
        "minutes": rules.reading_minutes(plain) if isinstance(page, LessonPage) else None,
    }


def _grouped(found: list[Finding]) -> list[tuple[str, str, list[Finding]]]:
    names = {ERROR: _("Phải sửa trước khi xuất bản"), WARNING: _("Nên xem lại"), NOTE: _("Ghi nhận")}
    groups = [(level, name, [each for each in found if each.level == level]) for level, name in names.items()]
    return [group for group in groups if group[2]]


def confirm(request: HttpRequest, page_id: int) -> HttpResponse:
    """«Trước khi xuất bản»: the warnings and the effect on learners; publishes when it is meant so."""
    page = _draft(request, page_id)
    if not page.permissions_for_user(request.user).can_publish():
        raise PermissionDenied
    if request.method == "POST":
        return _publish(request, page)
    warnings, effect = gate.questions_of(page)
    errors = gate.errors_of(page)
    context = {"page": page, "errors": errors, "warnings": warnings, "effect": effect, "revision": page.latest_revision}
    return render(request, "cms/admin/confirm_publish.html", context)


def _publish(request: HttpRequest, page: Page) -> HttpResponse:
    """Publish the revision that was looked at; a newer one must be looked at first."""
    revision = page.latest_revision
    if str(revision.pk) != request.POST.get("revision"):
        messages.error(request, _("Trang vừa được sửa thêm. Hãy xem lại rồi xuất bản."))
        return redirect("cms_checks:confirm", page.pk)
    lock = page.get_lock()
    if lock is not None and lock.for_user(request.user):
        messages.error(request, _("Chưa xuất bản được: %(why)s") % {"why": lock.get_message(request.user)})
        return redirect("wagtailadmin_pages:edit", page.pk)
    revision.publish(user=request.user)
    published = Page.objects.get(pk=page.pk)
    for after in hooks.get_hooks("after_publish_page"):
        answer = after(request, published.specific)
        if hasattr(answer, "status_code"):
            return answer  # type: ignore[no-any-return]
    done = _("Đã xuất bản «%(title)s».") if published.live else _("Đã hẹn giờ xuất bản «%(title)s».")
    messages.success(request, done % {"title": published.get_admin_display_title()})
    return redirect("wagtailadmin_explore", published.get_parent().pk)


def _draft(request: HttpRequest, page_id: int) -> Any:
    """The newest draft of a page that the person may edit; 403 otherwise."""
    page = get_object_or_404(Page, pk=page_id)
    if page.is_root() or not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    return page.get_latest_revision_as_object()


def confirm_address(page: Page) -> str:
    return reverse("cms_checks:confirm", args=[page.pk])
