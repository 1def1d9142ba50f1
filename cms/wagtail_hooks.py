"""What the editors' admin does beyond Wagtail's own: our refusals, our menu, our rights."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.models import Page
from wagtail.snippets.models import register_snippet

from cms import editor_home, figures, urls_admin
from cms.checks.approving import ask_before_approving
from cms.checks.hooks import before_publishing, refusals_in_bulk, warnings_in_bulk
from cms.choosers import BANK_CHOOSER, CourseChooserViewSet
from cms.effects import removal_warning
from cms.models import GlossaryTerm, ReusableContent
from cms.needed import closing_warnings
from cms.outline import hooks as outline_hooks
from cms.publishing import removal_problems
from cms.questions import hooks as question_hooks
from cms.removal import history_problems
from cms.sharing import pages_using
from cms.viewsets import SharedViewSetGroup
from cms.writing import hooks as writing_hooks
from people.models import User
from people.stepup import ask_for_proof, proved_recently


def register_course_chooser() -> CourseChooserViewSet:
    return CourseChooserViewSet()


def register_question_rights() -> QuerySet[Permission]:
    """Banks and questions in the table of rights of Wagtail's groups."""
    return Permission.objects.filter(content_type__app_label="quizzes", content_type__model__in=["bank", "question"])


def refuse_deleting_shared(request: HttpRequest, shared: list[Any]) -> HttpResponse | None:
    """What lessons show stays: deleting it would tear a hole into them."""
    for thing in shared:
        if isinstance(thing, GlossaryTerm | ReusableContent) and (pages := list(pages_using(thing)[:4])):
            named = ", ".join(f"«{page.title}»" for page in pages[:3]) + (_(" và các trang khác") if pages[3:] else "")
            messages.error(
                request,
                _("Chưa xoá được «%(thing)s»: đang dùng ở %(named)s. Hãy bỏ khối đó khỏi các trang trước.")
                % {"thing": thing, "named": named},
            )
            return redirect(type(thing).snippet_viewset.get_url_name("list"))  # type: ignore[union-attr]
    return None


def _refuse(request: HttpRequest, page: Page, problems: list[str], what: str) -> HttpResponse | None:
    if not problems:
        return None
    messages.error(request, " ".join([what % {"title": page.get_admin_display_title()}, *problems]))
    return redirect("wagtailadmin_pages:edit", page.pk)


def refuse_unpublishing(request: HttpRequest, page: Page) -> HttpResponse | None:
    return _refuse(request, page, removal_problems(page), _("Chưa ngừng xuất bản được «%(title)s»."))


def refuse_deleting(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refused, or told on the page that asks whether it is meant so."""
    if refused := _refuse(
        request, page, history_problems(page) or removal_problems(page), _("Chưa xoá được «%(title)s».")
    ):
        return refused
    if request.method == "GET":
        for warning in (removal_warning(page), *closing_warnings(page)):
            if warning:
                messages.warning(request, warning)
    return None


def refuse_moving(request: HttpRequest, page: Page, destination: Page) -> HttpResponse | None:
    same_course = page.get_parent().pk == destination.pk
    return None if same_course else _refuse(request, page, removal_problems(page), _("Chưa chuyển được «%(title)s»."))


def refuse_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], action_class_instance: Any
) -> HttpResponse | None:
    """The same refusals when several pages are ticked at once."""
    pages = [page for page in objects if isinstance(page, Page)]
    deeper = request.POST.get("include_descendants") == "on"
    if action_type == "publish" and pages:
        problems = refusals_in_bulk(pages, with_descendants=deeper)
        warnings = [] if problems else warnings_in_bulk(pages, with_descendants=deeper)
    elif action_type in ("unpublish", "delete") and pages:
        problems = _removals_in_bulk(pages, deletes=action_type == "delete")
        warnings = [f"«{page.title}»: {warning}" for page in pages if (warning := removal_warning(page))]
    elif any(isinstance(thing, User) for thing in objects):
        return prove_before_users(request)
    else:
        return None
    if problems:
        messages.error(request, format_html(_("Chưa làm được. {}"), _in_a_row(problems)))
        return redirect("wagtailadmin_explore", pages[0].get_parent().pk)
    for warning in warnings:
        messages.warning(request, warning)
    return None


def _removals_in_bulk(pages: list[Page], *, deletes: bool) -> list[str]:
    """Why pages ticked together cannot go, each with its reasons.

    A course that others need goes by itself: only there is that said before it is done.
    """
    found = []
    for page in pages:
        reasons: list[str] = (history_problems(page) if deletes else []) or removal_problems(page)
        if not reasons and (needed := closing_warnings(page)):
            reasons = [*needed, _("Nếu vẫn muốn đóng, hãy gỡ riêng khoá này.")]
        if reasons:
            found.append(format_html("«{}»: {}", page.title, _in_a_row(reasons)))
    return list(found)


def _in_a_row(told: list[str]) -> SafeString:
    return format_html_join(" ", "{}", ((words,) for words in told))


def prove_before_users(request: HttpRequest, *args: Any) -> HttpResponse | None:
    """Accounts and their groups say who may write for everybody: a fresh proof first, before anything is typed."""
    return None if proved_recently(request) else ask_for_proof(request, _("đổi tài khoản và quyền của người khác"))


register_snippet(SharedViewSetGroup)
hooks.register("register_admin_viewset", lambda: BANK_CHOOSER)
hooks.register("register_admin_viewset", register_course_chooser)
hooks.register("register_permissions", register_question_rights)
hooks.register("before_publish_page", before_publishing)
hooks.register("register_admin_urls", lambda: urls_admin.urlpatterns)
hooks.register("construct_homepage_panels", editor_home.panels_add)
hooks.register("register_admin_menu_item", editor_home.guide_menu_item)
hooks.register("register_reports_menu_item", editor_home.reviews_menu_item)
hooks.register("construct_page_action_menu", ask_before_approving)
hooks.register("before_unpublish_page", refuse_unpublishing)
hooks.register("before_delete_page", refuse_deleting)
hooks.register("before_move_page", refuse_moving)
hooks.register("before_delete_snippet", refuse_deleting_shared)
hooks.register("before_bulk_action", refuse_in_bulk)
for moment in ("before_create_user", "before_edit_user", "before_delete_user"):
    hooks.register(moment, prove_before_users)
outline_hooks.register()
writing_hooks.register()
question_hooks.register()
figures.register()
