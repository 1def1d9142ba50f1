"""The outline view in the editors' admin: the courses, one course's outline, its preview, adding and copying."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages

from cms.models import CataloguePage, CoursePage
from cms.outline import reading
from cms.outline.copy_job import DIRECT_LIMIT, copy_open, may_copy
from cms.outline.copying import course_copy
from cms.outline.forms import AddForm, CopyForm, arrangement_from
from cms.outline.release_job import may_release
from cms.outline.rules import Arrangement, Line, moved
from cms.outline.services import arrangement_check, outline_arrange, outline_page_add
from common.errors import Refusal
from people.models import User

PER_PAGE = 30
Trail = list[tuple[str, str]]


def admin_page(request: HttpRequest, template: str, title: str, trail: Trail, **context: Any) -> HttpResponse:
    """A page of the admin with its way back: ``trail`` holds (address, words) after the home page."""
    crumbs = [(reverse("wagtailadmin_home"), _("Trang chủ")), *trail, ("", title)]
    items = [{"url": address, "label": label} for address, label in crumbs]
    shown = {"header_title": title, "breadcrumbs_items": items, "header_icon": "list-ol", **context}
    return TemplateResponse(request, f"cms/outline/{template}.html", shown)


def course_page_of(request: HttpRequest, page_id: int) -> CoursePage:
    """The course page, for those who may edit it."""
    page = get_object_or_404(CoursePage, pk=page_id)
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    return page


def editor_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin lets nobody in who has not signed in
    return request.user


def may_arrange(user: Any, page: CoursePage) -> bool:
    """What learners meet is arranged by those who may publish it; a closed course by everybody who may edit it."""
    rights = page.permissions_for_user(user)
    return bool(rights.can_reorder_children() or (not page.live and rights.can_edit()))


def refused_tell(request: HttpRequest, refusal: Refusal) -> None:
    messages.error(request, f"{refusal.text} {refusal.fix}".strip())


def index(request: HttpRequest) -> HttpResponse:
    """All courses with their state, found by words in title or code."""
    words = request.GET.get("q", "").strip()
    pages = CoursePage.objects.order_by("title", "pk")
    if words:
        pages = pages.filter(Q(title__icontains=words) | Q(draft_title__icontains=words) | Q(code__icontains=words))
    listed = Paginator(pages, PER_PAGE).get_page(request.GET.get("p"))
    learning = reading.learners_of(listed.object_list)
    rows = [(page, learning.get(page.translation_key, 0)) for page in listed.object_list]
    catalogue = CataloguePage.objects.first()
    may_add = catalogue is not None and catalogue.permissions_for_user(request.user).can_add_subpage()
    context = {"rows": rows, "listed": listed, "words": words, "catalogue": catalogue, "may_add": may_add}
    return admin_page(request, "index", _("Khoá học"), [], **context)


@require_http_methods(["GET", "POST"])
def course(request: HttpRequest, page_id: int) -> HttpResponse:
    """One course's outline. What is posted says by its button what it asks for; only "apply" saves anything."""
    page = course_page_of(request, page_id)
    state = reading.outline_state(page)
    if request.method != "POST":
        return _outline(request, state)
    if not may_arrange(request.user, page):
        raise PermissionDenied
    arrangement = arrangement_from(request.POST, state)
    token = request.POST.get("token", "")
    direction, _colon, moving = request.POST.get("move", "").partition(":")
    try:
        if moving.isdecimal() and token == state.token:
            return _outline(request, state, _moved(state, arrangement, int(moving), direction), int(moving), direction)
        if "apply" in request.POST:
            outline_arrange(course_page=page, arrangement=arrangement, token=token, actor=editor_of(request))
            messages.success(request, _("Đã áp dụng đề cương mới."))
            return redirect("cms_outline:course", page_id)
        arrangement_check(state=state, arrangement=arrangement, token=token, actor=editor_of(request))
    except Refusal as refusal:
        refused_tell(request, refusal)
        keep = refusal.code not in ("outline_changed", "pages_differ")
        return _outline(request, state, arrangement if keep else None)
    return _preview(request, state, arrangement) if "preview" in request.POST else _outline(request, state, arrangement)


def _moved(state: reading.OutlineState, arrangement: Arrangement, page: int, direction: str) -> Arrangement:
    lines: dict[int, Line] = {line.page: line for line in arrangement}
    if page not in lines:
        return arrangement
    return tuple(lines[pk] for pk in moved(list(lines), page, direction, state.headings))


def _outline(
    request: HttpRequest,
    state: reading.OutlineState,
    arrangement: Arrangement | None = None,
    went: int = 0,
    direction: str = "",
) -> HttpResponse:
    """The form, as saved or as somebody is arranging it; ``went`` was just moved and keeps the focus."""
    page = state.course_page
    arranged = may_arrange(request.user, page)
    context = {
        "course_page": page,
        "state": state,
        "rows": reading.with_findings(page, state.in_order(state.arrangement if arrangement is None else arrangement)),
        "went": went,
        "direction": direction,
        "is_changed": arrangement is not None and arrangement != state.arrangement,
        "may_arrange": arranged,
        "may_release": may_release(request.user, page),
        "waits": not page.live or page.has_unpublished_changes or any(row.state != "live" for row in state.rows),
        "may_add": page.permissions_for_user(request.user).can_add_subpage(),
        "rules": list(reading.RULE_WORDS.items()),
        "learners": reading.learners_in_progress(page),
        "add_form": AddForm(state=state, at=request.GET.get("vao", "")),
    }
    trail = [(reverse("cms_outline:index"), _("Khoá học"))]
    return admin_page(
        request, "course", _("Đề cương: %(title)s") % {"title": page.get_admin_display_title()}, trail, **context
    )


def _preview(request: HttpRequest, state: reading.OutlineState, arrangement: Arrangement) -> HttpResponse:
    """What the arrangement changes, and for whom; nothing is saved yet."""
    page = state.course_page
    context = {
        "course_page": page,
        "state": state,
        "rows": state.in_order(arrangement),
        "changes": reading.changes_of(state, arrangement),
        "effect": reading.effect_of_arrangement(state, arrangement),
    }
    trail = [
        (reverse("cms_outline:index"), _("Khoá học")),
        (
            reverse("cms_outline:course", args=[page.pk]),
            _("Đề cương: %(title)s") % {"title": page.get_admin_display_title()},
        ),
    ]
    return admin_page(request, "preview", _("Xem ảnh hưởng"), trail, **context)


@require_POST
def add(request: HttpRequest, page_id: int) -> HttpResponse:
    """Add a draft with a title; then open it ("write"), or stay to add the next one at the same place."""
    page = course_page_of(request, page_id)
    if not page.permissions_for_user(request.user).can_add_subpage():
        raise PermissionDenied
    form = AddForm(request.POST, state=reading.outline_state(page))
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("cms_outline:course", page_id)
    data = form.cleaned_data
    made = outline_page_add(
        course_page=page, kind=data["kind"], title=data["title"], module=form.module_id, actor=editor_of(request)
    )
    if "write" in request.POST:
        messages.success(
            request, _("Đã thêm bản nháp «%(title)s» vào đề cương. Hãy viết tiếp ở đây.") % {"title": made.title}
        )
        return redirect("wagtailadmin_pages:edit", made.pk)
    messages.success(request, _("Đã thêm bản nháp «%(title)s» vào đề cương.") % {"title": made.title})
    module = made.pk if data["kind"] == "module" else data["module"]
    return redirect(f"{reverse('cms_outline:course', args=[page_id])}?vao={module}#them")


@require_http_methods(["GET", "POST"])
def copy(request: HttpRequest, page_id: int) -> HttpResponse:
    """Copy a course under another name and code, then open the copy's outline; a long course is copied by a job."""
    page = course_page_of(request, page_id)
    if not may_copy(request.user, page):
        raise PermissionDenied
    form = CopyForm(request.POST or None, initial={"title": f"{page.get_admin_display_title()} (bản sao)"})
    if request.method == "POST" and form.is_valid():
        try:
            return _copied(request, page, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("code" if refusal.code.startswith("code") else "title", f"{refusal.text} {refusal.fix}")
    trail = [
        (reverse("cms_outline:index"), _("Khoá học")),
        (
            reverse("cms_outline:course", args=[page.pk]),
            _("Đề cương: %(title)s") % {"title": page.get_admin_display_title()},
        ),
    ]
    return admin_page(request, "copy", _("Nhân bản khoá học"), trail, course_page=page, form=form)


def _copied(request: HttpRequest, page: CoursePage, title: str, code: str) -> HttpResponse:
    if page.numchild > DIRECT_LIMIT:
        job = copy_open(owner=editor_of(request), course_page=page, title=title, code=code)
        return redirect("jobs:job", job.uuid)
    made = course_copy(course_page=page, title=title, code=code, actor=editor_of(request))
    messages.success(request, _("Đã nhân bản thành «%(title)s». Tất cả đều là bản nháp.") % {"title": made.title})
    return redirect("cms_outline:course", made.pk)


def by_code(request: HttpRequest) -> HttpResponse:
    """From the code of a course to its outline: where the job that copied it leads."""
    return redirect("cms_outline:course", get_object_or_404(CoursePage, code=request.GET.get("ma", "")).pk)
