"""A course becomes the beginning of another one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.actions.copy_page import CopyPageAction
from wagtail.log_actions import log
from wagtail.models import Page

from cms import publishing
from cms.addresses import plain_slug
from cms.models import CoursePage, LessonPage
from common.errors import Refusal
from courses.models import Course
from people.models import User

COPIED = "cms.outline.copy"
#: A link to a page inside a lesson's stored text, where quotation marks are escaped.
PAGE_LINK = re.compile(r'<a (?=[^>]*linktype=\\"page\\")[^>]*>')
LINKED_ID = re.compile(r'(?<= id=\\")\d+(?=\\")')


@transaction.atomic
def course_copy(
    *, course_page: CoursePage, title: str, code: str, actor: User, copied_one: Callable[[], None] = lambda: None
) -> CoursePage:
    """Copy a course with all below it into drafts of another course, and return its page.

    The newest text is copied, published or not. Nothing goes live: schedules are left behind, and so are earlier
    versions, comments, learners and what they did. Whoever copies answers for the content; the day on which it is to
    be looked over stays, for the copy is as old as what it was copied from. Quizzes keep asking from their bank.
    ``copied_one`` is called after every page. Refuses with ``code_taken``, ``title_empty`` or ``code_empty``.
    """
    title, code = title.strip(), code.strip()
    course_copy_check(title=title, code=code)
    answers = {"content_owner": actor, "go_live_at": None, "expire_at": None}
    named = {"title": title, "draft_title": title, "code": code, "slug": _free_slug(course_page, title)}
    with publishing.paused():
        copied = _page_copy(course_page, course_page.get_parent(), actor, {**answers, **named, "loaded_hash": ""})
        pairs = {course_page.pk: copied.pk}
        steps = []
        for child in course_page.get_children().order_by("path").specific():
            # Each sibling's place is counted from what its parent holds now.
            parent = CoursePage.objects.get(pk=copied.pk)
            step = _page_copy(child, parent, actor, answers if hasattr(child, "content_owner") else {})
            pairs[child.pk] = step.pk
            steps.append(step)
            copied_one()
        for step in steps:
            if isinstance(step, LessonPage):
                _links_follow(step, pairs, actor)
    made: CoursePage = CoursePage.objects.get(pk=copied.pk)
    log(instance=made, action=COPIED, user=actor, data={"of": course_page.pk, "title": course_page.title})
    return made


def course_copy_check(*, title: str, code: str) -> None:
    """Refuse a copy without a name and a code of its own."""
    title, code = title.strip(), code.strip()
    if not title:
        raise Refusal(_("Khoá học mới cần một tên."), code="title_empty")
    if not code:
        raise Refusal(_("Khoá học mới cần một mã riêng."), code="code_empty")
    taken = Course.objects.filter(code=code).first() or CoursePage.objects.filter(code=code).first()
    if taken:
        raise Refusal(
            _("Mã này đã dùng cho khoá «%(title)s».") % {"title": taken.title},
            code="code_taken",
            fix=_("Hãy đặt mã khác, ví dụ thêm năm hoặc số thứ tự."),
        )


def _free_slug(course_page: CoursePage, title: str) -> str:
    """The address that the title gives, with a number where it is taken."""
    base = plain_slug(title) or plain_slug(course_page.slug)
    siblings = course_page.get_siblings(inclusive=True)
    taken = {*siblings.values_list("slug", flat=True), *Course.objects.values_list("slug", flat=True)}
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _page_copy(page: Page, to: Page, actor: User, values: dict[str, Any]) -> Any:
    """One page as a draft below ``to``, from its newest text."""
    newest = page.specific.get_latest_revision_as_object()
    action = CopyPageAction(newest, to=to, update_attrs=values, copy_revisions=False, keep_live=False, user=actor)
    return action.execute(skip_permission_checks=True)


def _links_follow(page: Any, pairs: Mapping[int, int], actor: User) -> None:
    """Links of a copied lesson to lessons of the old course lead to those of the new one."""
    text = json.dumps(page.body.get_prep_value())

    def within(link: re.Match[str]) -> str:
        return LINKED_ID.sub(lambda found: str(pairs.get(int(found[0]), found[0])), link[0])

    changed = PAGE_LINK.sub(within, text)
    if changed != text:
        page.body = changed
        page.save(clean=False)
        page.save_revision(user=actor, clean=False)
