"""Pages for those who write and review without JavaScript, or on a phone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.models import Page, TaskState
from wagtail.permissions import page_permission_policy

from cms.editor_home import drafts_of
from cms.models import LessonPage, NewsPage, StandardPage
from cms.writing.forms import LINES, AnswerForm, WordsForm
from cms.writing.services import answers_of, draft_of, page_send, review_answer, token_of, words_write
from cms.writing.words import words_of
from common.errors import Refusal
from people.models import User

PER_PAGE = 30
WRITTEN = (LessonPage, NewsPage, StandardPage)


def _writer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin lets nobody in who has not signed in
    return request.user


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What waits for one's answer, one's own drafts, and every page that one may write, found by title."""
    user, words = _writer(request), request.GET.get("q", "").strip()
    pages = page_permission_policy.instances_user_has_permission_for(user, "change").type(*WRITTEN)
    if words:
        pages = pages.filter(draft_title__icontains=words)
    turns = TaskState.objects.reviewable_by(user).select_related("workflow_state", "revision")
    context = {
        "waiting": [state.workflow_state.content_object for state in turns.order_by("started_at")[:PER_PAGE]],
        "drafts": [] if words else list(drafts_of(user).type(*WRITTEN)[:PER_PAGE]),
        "found": Paginator(pages.order_by("draft_title", "pk"), PER_PAGE).get_page(request.GET.get("trang")),
        "words": words,
    }
    return render(request, "cms/writing/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, page_id: int) -> HttpResponse:
    """The words of a page in plain fields; a button says whether the draft is only saved or also sent."""
    user = _writer(request)
    draft = _draft(page_id, user)
    form = _form(draft, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _written(request, form, page_id)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.text} {refusal.fix}".strip())
    return render(request, "cms/writing/page.html", _shown(draft, user) | {"form": form})


def _written(request: HttpRequest, form: WordsForm, page_id: int) -> HttpResponse:
    user = _writer(request)
    draft = words_write(
        page_id=page_id,
        token=request.POST.get("token", ""),
        own=form.own,
        said=form.said,
        heading=form.cleaned_data["heading"],
        more=form.cleaned_data["more"],
        actor=user,
    )
    if "publish" in request.POST:
        return redirect("cms_checks:confirm", page_id)
    if "send" in request.POST:
        page_send(page_id=page_id, actor=user)
        messages.success(request, _("Đã gửi «%(title)s» đi thẩm định.") % {"title": draft.title})
        return redirect("cms_writing:index")
    messages.success(request, _("Đã lưu bản nháp «%(title)s».") % {"title": draft.title})
    return redirect("cms_writing:page", page_id)


@require_POST
def answer(request: HttpRequest, page_id: int) -> HttpResponse:
    """A reviewer approves or sends back."""
    user, form = _writer(request), AnswerForm(request.POST)
    draft = _draft(page_id, user)
    if form.is_valid():
        try:
            action, comment = request.POST.get("action", ""), form.cleaned_data["comment"]
            review_answer(page_id=page_id, action=action, comment=comment, actor=user)
        except Refusal as refusal:
            if refusal.status == 403:
                raise
            form.add_error("comment", f"{refusal.text} {refusal.fix}".strip())
        else:
            messages.success(request, _("Đã trả lời về «%(title)s».") % {"title": draft.title})
            return redirect("cms_writing:index")
    return render(request, "cms/writing/page.html", _shown(draft, user) | {"form": _form(draft), "answer_form": form})


def _draft(page_id: int, user: User) -> Any:
    try:
        return draft_of(page_id=page_id, actor=user)
    except Page.DoesNotExist as error:
        raise Http404 from error


def _form(draft: Any, data: Any = None) -> WordsForm:
    fields = {field.name: field for field in draft._meta.concrete_fields}
    lines = [
        (name, capfirst(str(fields[name].verbose_name)), getattr(draft, name), fields[name].max_length)
        for name in LINES
        if name in fields
    ]
    body = draft.body
    names = [str(child.block.label) for child in body]
    words = words_of(body.stream_block, body.stream_block.get_prep_value(body))
    return WordsForm(data, lines=lines, words=words, names=names)


def _shown(draft: Any, user: User) -> dict[str, Any]:
    """What the page says beside the form: whose turn it is and what may be done."""
    rights, lock = draft.permissions_for_user(user), draft.get_lock()
    answers = answers_of(draft, user)
    return {
        "page": draft,
        "token": token_of(draft),
        "is_locked": lock is not None and lock.for_user(user),
        "may_send": rights.can_submit_for_moderation(),
        "may_publish": rights.can_publish(),
        "answers": answers,
        "answer_form": AnswerForm() if answers else None,
    }
