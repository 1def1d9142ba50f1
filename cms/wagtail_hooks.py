"""What the editors' admin does beyond Wagtail's own: our refusals, our menu, our rights."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail import hooks
from wagtail.models import Page
from wagtail.snippets.models import register_snippet

from cms import editor_home, figures, urls_admin
from cms.checks.hooks import before_publishing, refusals_in_bulk, warnings_in_bulk
from cms.choosers import BANK_CHOOSER, CourseChooserViewSet
from cms.effects import removal_warning
from cms.models import GlossaryTerm, ReusableContent
from cms.outline import hooks as outline_hooks
from cms.publishing import removal_problems
from cms.questions import hooks as question_hooks
from cms.removal import history_problems
from cms.sharing import pages_using
from cms.viewsets import SharedViewSetGroup
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
            named = ", ".join(f"«{page.title}»" for page in pages[:3]) + (" và các trang khác" if pages[3:] else "")
            messages.error(
                request, f"Chưa xoá được «{thing}»: đang dùng ở {named}. Hãy bỏ khối đó khỏi các trang trước."
            )
            return redirect(type(thing).snippet_viewset.get_url_name("list"))  # type: ignore[union-attr]
    return None


def _refuse(request: HttpRequest, page: Page, problems: list[str], what: str) -> HttpResponse | None:
    if not problems:
        return None
    messages.error(request, f"{what} «{page.get_admin_display_title()}». {' '.join(problems)}")
    return redirect("wagtailadmin_pages:edit", page.pk)


def refuse_unpublishing(request: HttpRequest, page: Page) -> HttpResponse | None:
    return _refuse(request, page, removal_problems(page), "Chưa ngừng xuất bản được")


def refuse_deleting(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refused, or told on the page that asks whether it is meant so."""
    if refused := _refuse(request, page, history_problems(page) or removal_problems(page), "Chưa xoá được"):
        return refused
    if request.method == "GET" and (warning := removal_warning(page)):
        messages.warning(request, warning)
    return None


def refuse_moving(request: HttpRequest, page: Page, destination: Page) -> HttpResponse | None:
    same_course = page.get_parent().pk == destination.pk
    return None if same_course else _refuse(request, page, removal_problems(page), "Chưa chuyển được")


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
        messages.error(request, f"Chưa làm được. {' '.join(problems)}")
        return redirect("wagtailadmin_explore", pages[0].get_parent().pk)
    for warning in warnings:
        messages.warning(request, warning)
    return None


def _removals_in_bulk(pages: list[Page], *, deletes: bool) -> list[str]:
    """Why pages ticked together cannot go, each with its reasons."""
    found = [(page, (history_problems(page) if deletes else []) or removal_problems(page)) for page in pages]
    return [f"«{page.title}»: {' '.join(reasons)}" for page, reasons in found if reasons]


def prove_before_users(request: HttpRequest, *args: Any) -> HttpResponse | None:
    """Accounts and their groups say who may write for everybody: a fresh proof first, before anything is typed."""
    return None if proved_recently(request) else ask_for_proof(request, "đổi tài khoản và quyền của người khác")


register_snippet(SharedViewSetGroup)
hooks.register("register_admin_viewset", lambda: BANK_CHOOSER)
hooks.register("register_admin_viewset", register_course_chooser)
hooks.register("register_permissions", register_question_rights)
hooks.register("before_publish_page", before_publishing)
hooks.register("register_admin_urls", lambda: urls_admin.urlpatterns)
hooks.register("construct_homepage_panels", editor_home.panels_add)
hooks.register("register_admin_menu_item", editor_home.guide_menu_item)
hooks.register("register_reports_menu_item", editor_home.reviews_menu_item)
hooks.register("before_unpublish_page", refuse_unpublishing)
hooks.register("before_delete_page", refuse_deleting)
hooks.register("before_move_page", refuse_moving)
hooks.register("before_delete_snippet", refuse_deleting_shared)
hooks.register("before_bulk_action", refuse_in_bulk)
for moment in ("before_create_user", "before_edit_user", "before_delete_user"):
    hooks.register(moment, prove_before_users)
outline_hooks.register()
question_hooks.register()
figures.register()
