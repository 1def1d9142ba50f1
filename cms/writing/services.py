"""What can happen to a page's words: they are written, the page is sent, a reviewer answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.writing.words import rewritten, section
from common.errors import Forbidden, Refusal
from people.models import User

APPROVE, REJECT = "approve", "reject"


def draft_of(*, page_id: int, actor: User) -> Any:
    """The newest draft of a page with a body, for those who may edit it; Page.DoesNotExist where there is none."""
    draft = Page.objects.get(pk=page_id).get_latest_revision_as_object()
    if draft.is_root() or not hasattr(draft, "body"):
        raise Page.DoesNotExist
    if not draft.permissions_for_user(actor).can_edit():
        raise Forbidden(
            _("Bạn không được sửa trang này."),
            code="out_of_scope",
            fix=_("Hãy nhờ người phụ trách nội dung, hoặc hỏi người quản trị."),
        )
    return draft


@transaction.atomic
def words_write(
    *,
    page_id: int,
    token: str,
    own: Mapping[str, str],
    said: Mapping[str, str],
    heading: str = "",
    more: str = "",
    actor: User,
) -> Any:
    """Save a draft with these words: ``own`` by the names of the page's fields, ``said`` by their addresses in the
    body; what is written under ``heading`` and ``more`` becomes a new block at the end. Gives the draft.

    ``token`` is the revision that the words were read from. Refuses with ``page_changed`` when there is a newer one,
    ``page_locked`` when somebody else has the page, and as ``draft_of`` does.
    """
    Page.objects.select_for_update(of=("self",)).get(pk=page_id)
    draft = draft_of(page_id=page_id, actor=actor)
    refuse_locked(draft, actor)
    if token != token_of(draft):
        raise Refusal(
            _("Trang đã được người khác sửa trong lúc bạn viết, nên chưa lưu gì."),
            code="page_changed",
            fix=_("Chữ bạn viết vẫn còn ở dưới: hãy chép lại, mở trang lần nữa rồi dán vào."),
        )
    for name, text in own.items():
        setattr(draft, name, text)
    body = draft.body.stream_block
    stored = rewritten(body, body.get_prep_value(draft.body), said)
    if heading or more:
        stored.append(section(heading, more))
    draft.body = body.to_python(stored)
    draft.minimal_clean()
    draft.save_revision(user=actor, log_action="wagtail.edit", clean=False)
    return draft


@transaction.atomic
def page_send(*, page_id: int, actor: User) -> None:
    """Send a draft into its review; a page that came back goes on where it stopped.

    Refuses with ``no_review`` where pages are published without one, ``in_review`` when it is there already, and as
    ``draft_of`` and ``refuse_locked`` do.
    """
    Page.objects.select_for_update(of=("self",)).get(pk=page_id)
    draft = draft_of(page_id=page_id, actor=actor)
    refuse_locked(draft, actor)
    workflow = draft.get_workflow()
    if workflow is None:
        raise Refusal(_("Trang này không qua thẩm định."), code="no_review", fix=_("Hãy xuất bản thẳng."))
    if draft.workflow_in_progress:
        raise Refusal(_("Trang đang được thẩm định."), code="in_review", fix=_("Hãy chờ người thẩm định trả lời."))
    state = draft.current_workflow_state
    if state is None:
        workflow.start(Page.objects.get(pk=page_id).specific, actor)
    else:
        state.resume(actor)


@transaction.atomic
def review_answer(*, page_id: int, action: str, comment: str = "", actor: User) -> None:
    """Approve a page under review, or send it back with a word of why. The last approval publishes it.

    Refuses with ``not_your_turn``, ``no_comment``, and as the gate does when the page is not fit (``page_unfit``).
    """
    page = Page.objects.select_for_update(of=("self",)).get(pk=page_id).specific
    if action not in answers_of(page, actor):
        raise Forbidden(
            _("Bước này không chờ bạn trả lời."),
            code="not_your_turn",
            fix=_("Trang có thể vừa được người khác duyệt hoặc trả lại."),
        )
    if action == REJECT and not comment:
        raise Refusal(
            _("Chưa ghi vì sao trả lại."), code="no_comment", fix=_("Hãy ghi cho người viết biết cần sửa điều gì.")
        )
    page.current_workflow_task.on_action(page.current_workflow_task_state, actor, action, comment=comment)


# --- Reads ----------------------------------------------------------------------------------------------------------
def token_of(draft: Any) -> str:
    """The revision that a draft was read from."""
    return str(draft.latest_revision_id or "")


def answers_of(page: Any, actor: User) -> frozenset[str]:
    """What the person may answer to the review of a page now: APPROVE, REJECT, both or nothing."""
    task = page.current_workflow_task
    offered = task.get_actions(page, actor) if task is not None else []
    return frozenset(name for name, _label, _opens in offered) & {APPROVE, REJECT}


def refuse_locked(draft: Any, actor: User) -> None:
    lock = draft.get_lock()
    if lock is not None and lock.for_user(actor):
        raise Refusal(
            _("Trang đang được khoá hoặc đang chờ người khác duyệt, nên chưa sửa được."),
            code="page_locked",
            fix=_("Hãy chờ đến khi trang được trả lại, hoặc hỏi người đang giữ trang."),
        )
