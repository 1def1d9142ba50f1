"""Many pages go out by the worker: two hundred take longer than a request may."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import PageLogEntry

from cms.models import CoursePage
from cms.outline.releasing import Release, course_release, release_require
from common import jobs
from common.errors import Refusal
from common.models import Job
from common.wording import number
from people.models import User

KIND = "cms.course_release"
#: Up to so many pages are published at once, in a few seconds; more are a job.
DIRECT_LIMIT = 30


def may_release(user: Any, page: CoursePage) -> bool:
    """Where a review comes before publishing (``REVIEW_BEFORE_PUBLISHING``) editors have no such right."""
    return bool(page.permissions_for_user(user).can_publish())


def release_open(*, owner: User, release: Release, token: str) -> Job:
    """Send the release to the queue; its page leads back to the outline. Refuses at once as ``course_release`` does."""
    release_require(release, token=token)
    page = release.course_page
    named = ngettext(
        "Xuất bản %(count)s trang của «%(title)s»", "Xuất bản %(count)s trang của «%(title)s»", len(release.ready)
    ) % {"count": number(len(release.ready)), "title": page.get_admin_display_title()}
    args = {
        "course": page.pk,
        "token": token,
        "owner": str(owner.uuid),
        "versions": [each.draft.latest_revision_id for each in release.ready],
    }
    back = reverse("cms_outline:course", args=[page.pk])
    return jobs.job_open(kind=KIND, owner=owner, title=named[:200], args=args, next_path=back)


@jobs.register(KIND)
def _release(progress: jobs.Progress, *, course: int, token: str, owner: str, versions: list[int]) -> dict[str, Any]:
    """Publish what was looked at; a repeat after it went out finds that in the history and does nothing."""
    actor = User.objects.get(uuid=owner)
    page = CoursePage.objects.filter(pk=course).first()
    if page is None or not may_release(actor, page):  # the right may have ended since the job was asked for
        raise Refusal(_("Khoá không còn, hoặc bạn không còn quyền xuất bản nó."), code="not_allowed", status=403)
    if _went_out(versions):
        return {"pages": len(versions), "held": 0}
    progress.begin(len(versions), _("Đang xuất bản từng trang"))
    done = course_release(course_page=page, token=token, actor=actor, published_one=progress.advance)
    return {"pages": len(done.ready), "held": len(done.held)}


def _went_out(versions: list[int]) -> bool:
    """All of these were published: they go out in one transaction, so one of them tells for all."""
    published = PageLogEntry.objects.filter(action="wagtail.publish", revision__in=versions)
    return bool(published.exists())
