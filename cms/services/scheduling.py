"""Going live and expiring by the clock: each page for itself, and whoever waits for it hears when it could not be."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Revision

from cms import publishing
from common.errors import Refusal
from common.language import on_record
from people.models import User
from people.notices import notices_send

logger = logging.getLogger(__name__)


@dataclass
class ScheduleReport:
    """Titles of what went live, expired, or was kept as it was."""

    published: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@on_record()
def pages_publish_scheduled(*, dry_run: bool = False) -> ScheduleReport:
    """Publish what is due and take down what has expired. Safe to repeat; one page's trouble is not another's.

    A page with errors stays a draft and its schedule ends. The last required step of an open course stays live and
    its expiry ends. Both times the people behind the page get a notice. With ``dry_run`` only titles are told.
    """
    report = ScheduleReport()
    for page in Page.objects.filter(live=True, expire_at__lt=timezone.now()).order_by("expire_at", "-depth"):
        _one(page, _expire, report.expired, report.refused, dry_run)
    due = Revision.page_revisions.filter(approved_go_live_at__lt=timezone.now())
    # Lessons before their course: a course needs something to complete when its turn comes.
    pages = {page.pk: page for page in Page.objects.filter(pk__in=[int(each.object_id) for each in due])}
    for revision in sorted(due, key=lambda each: (each.approved_go_live_at, -pages[int(each.object_id)].depth)):
        page = pages[int(revision.object_id)]
        _one(page, lambda _page, each=revision: _go_live(each), report.published, report.refused, dry_run)
    return report


def _one(page: Page, act: Any, done: list[str], refused: list[str], dry_run: bool) -> None:
    title = page.get_admin_display_title()
    if dry_run:
        done.append(title)
        return
    try:
        with transaction.atomic():
            went = act(page)
    except Exception:  # a fault in one page must not keep all others from their hour
        logger.exception("Page %s cannot be published or taken down by the clock.", page.pk)
        went = False
    (done if went else refused).append(title)


def _expire(page: Page) -> bool:
    page = page.specific
    if problems := publishing.removal_problems(page):
        Page.objects.filter(pk=page.pk).update(expire_at=None)
        _tell(page, None, f"Đến giờ ngừng xuất bản nhưng trang vẫn giữ lại. {' '.join(problems)}")
        return False
    page.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return True


def _go_live(revision: Revision) -> bool:
    try:
        with transaction.atomic():
            revision.publish(log_action="wagtail.publish.scheduled")
    except Refusal as refusal:
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
        page = revision.as_object()
        _tell(page, revision.user, f"Đến giờ hẹn nhưng chưa xuất bản. {refusal.text} {refusal.fix}")
        return False
    return True


def _tell(page: Page, author: User | None, words: str) -> None:
    """Tell whoever wrote the page and whoever answers for its content."""
    people = {author, getattr(page, "content_owner", None)} - {None}
    notices_send(
        users=[person for person in people or {page.owner} if person is not None],
        kind="content_schedule",
        subject=f"Không theo lịch được: {page.get_admin_display_title()}"[:120],
        body=words,
        path=reverse("wagtailadmin_pages:edit", args=[page.pk]),
    )
