"""A long course is copied by the worker: two hundred pages take longer than a request may."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import PageLogEntry

from cms.models import CoursePage
from cms.outline.copying import COPIED, course_copy, course_copy_check
from common import jobs
from common.errors import Refusal
from common.models import Job
from people.models import User

KIND = "cms.course_copy"
#: Up to so many pages below a course are copied at once, in a few seconds; more are a job.
DIRECT_LIMIT = 20


def may_copy(user: Any, page: CoursePage) -> bool:
    """Who may edit a course and add another beside it."""
    beside = page.get_parent().permissions_for_user(user)
    return bool(page.permissions_for_user(user).can_edit() and beside.can_add_subpage())


def copy_open(*, owner: User, course_page: CoursePage, title: str, code: str) -> Job:
    """Send the copy to the queue; its page leads to the new outline. Refuses as ``course_copy`` does, at once."""
    course_copy_check(title=title, code=code)
    address = f"{reverse('cms_outline:by_code')}?{urlencode({'ma': code.strip()})}"
    args = {"course": course_page.pk, "title": title, "code": code.strip(), "owner": str(owner.uuid)}
    named = _("Nhân bản khoá «%(title)s»") % {"title": course_page.get_admin_display_title()}
    return jobs.job_open(kind=KIND, owner=owner, title=named[:200], args=args, next_path=address)


@jobs.register(KIND)
def _copy(progress: jobs.Progress, *, course: int, title: str, code: str, owner: str) -> dict[str, Any]:
    """Copy the course; a repeat after it was copied finds the copy in the history and does nothing."""
    actor = User.objects.get(uuid=owner)
    page = CoursePage.objects.filter(pk=course).first()
    if page is None or not may_copy(actor, page):  # the right may have ended since the job was asked for
        raise Refusal(_("Khoá gốc không còn, hoặc bạn không còn quyền nhân bản nó."), code="not_allowed", status=403)
    made = CoursePage.objects.filter(code=code).first()
    if made is None or not _is_copy(made, page, actor):
        progress.begin(page.numchild, _("Đang sao từng trang"))
        made = course_copy(course_page=page, title=title, code=code, actor=actor, copied_one=progress.advance)
    return {"page": made.pk}


def _is_copy(made: CoursePage, of: CoursePage, actor: User) -> bool:
    copied = PageLogEntry.objects.filter(page=made.pk, action=COPIED, user=actor, data__of=of.pk)
    return bool(copied.exists())
