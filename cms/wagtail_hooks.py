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

from cms.effects import removal_warning
from cms.outline import hooks as outline_hooks
from cms.publishing import publish_problems, removal_problems
from cms.viewsets import QuizViewSetGroup
from people.models import User
from people.stepup import ask_for_proof, proved_recently


def register_quiz_viewsets() -> QuizViewSetGroup:
    return QuizViewSetGroup()


def register_question_rights() -> QuerySet[Permission]:
    """Banks and questions in the table of rights of Wagtail's groups."""
    return Permission.objects.filter(content_type__app_label="quizzes", content_type__model__in=["bank", "question"])


def _refuse(request: HttpRequest, page: Page, problems: list[str], what: str) -> HttpResponse | None:
    if not problems:
        return None
    messages.error(request, f"{what} «{page.get_admin_display_title()}». {' '.join(problems)}")
    return redirect("wagtailadmin_pages:edit", page.pk)


def refuse_publishing(request: HttpRequest, page: Page) -> HttpResponse | None:
    """A page that learners could not use stays a draft; what was written is kept."""
    problems = publish_problems(page)
    if problems and page.live and page.first_published_at is None:
        # A page that is created and published in one go is already marked as live here, though nobody published it.
        Page.objects.filter(pk=page.pk).update(live=False, has_unpublished_changes=True)
    return _refuse(request, page, problems, "Đã lưu bản nháp nhưng chưa xuất bản được")


def refuse_unpublishing(request: HttpRequest, page: Page) -> HttpResponse | None:
    return _refuse(request, page, removal_problems(page), "Chưa ngừng xuất bản được")


def refuse_deleting(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refused, or told on the page that asks whether it is meant so."""
    if request.method == "GET" and (warning := removal_warning(page)):
        messages.warning(request, warning)
    return _refuse(request, page, removal_problems(page), "Chưa xoá được")


def refuse_moving(request: HttpRequest, page: Page, destination: Page) -> HttpResponse | None:
    same_course = page.get_parent().pk == destination.pk
    return None if same_course else _refuse(request, page, removal_problems(page), "Chưa chuyển được")


def refuse_in_bulk(
    request: HttpRequest, action_type: str, objects: list[Any], action_class_instance: Any
) -> HttpResponse | None:
    """The same refusals when several pages are ticked at once."""
    pages = [page for page in objects if isinstance(page, Page)]
    if action_type == "publish":
        found = [(page, publish_problems(page.get_latest_revision_as_object())) for page in pages]
    elif action_type in ("unpublish", "delete"):
        found = [(page, removal_problems(page)) for page in pages]
    elif any(isinstance(thing, User) for thing in objects):
        return prove_before_users(request)
    else:
        return None
    problems = [f"«{page.title}»: {' '.join(reasons)}" for page, reasons in found if reasons]
    if not problems:
        for page in pages if action_type in ("unpublish", "delete") else []:
            if warning := removal_warning(page):
                messages.warning(request, f"«{page.title}»: {warning}")
        return None
    messages.error(request, f"Chưa làm được. {' '.join(problems)}")
    return redirect("wagtailadmin_explore", pages[0].get_parent().pk)


def prove_before_users(request: HttpRequest, *args: Any) -> HttpResponse | None:
    """Accounts and their groups say who may write for everybody: a fresh proof first, before anything is typed."""
    return None if proved_recently(request) else ask_for_proof(request, "đổi tài khoản và quyền của người khác")


hooks.register("register_admin_viewset", register_quiz_viewsets)
hooks.register("register_permissions", register_question_rights)
hooks.register("before_publish_page", refuse_publishing)
hooks.register("before_unpublish_page", refuse_unpublishing)
hooks.register("before_delete_page", refuse_deleting)
hooks.register("before_move_page", refuse_moving)
hooks.register("before_bulk_action", refuse_in_bulk)
for moment in ("before_create_user", "before_edit_user", "before_delete_user"):
    hooks.register(moment, prove_before_users)
outline_hooks.register()
