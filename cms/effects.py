"""What publishing a page, or taking it away, would do to the people who learn its course now."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page

from cms.models import CoursePage, ModulePage
from cms.publishing import OutlinePage, live_children, outline_from
from common.wording import number
from courses.rules import OutlineEffect
from courses.services import outline_effect


def effect_of_publishing(page: Page) -> OutlineEffect | None:
    """The effect of publishing ``page`` as it is in memory; None when it touches no open course.

    For a course page: of opening it with the lessons and quizzes that are published.
    """
    page = page.specific
    if isinstance(page, CoursePage):
        return outline_effect(outline=outline_from(page, live_children(page)))
    course_page = _open_course_of(page)
    if course_page is None:
        return None
    children = [*live_children(course_page, without=page), page]
    return outline_effect(outline=outline_from(course_page, sorted(children, key=lambda child: str(child.path))))


def effect_of_removal(page: Page) -> OutlineEffect | None:
    """The effect of unpublishing, deleting or moving ``page`` away; None when it touches no open course.

    Closing a course leaves everybody as much to do as before: ``learners`` then says who cannot go on.
    """
    page = page.specific
    if isinstance(page, CoursePage):
        if not page.live:
            return None
        outline = outline_from(page, live_children(page))
        return outline_effect(outline=replace(outline, is_published=False))
    course_page = _open_course_of(page) if page.live else None
    if course_page is None:
        return None
    return outline_effect(outline=outline_from(course_page, live_children(course_page, without=page)))


def _open_course_of(page: Page) -> CoursePage | None:
    """The published course that a lesson, a quiz or a module belongs to."""
    if not isinstance(page, OutlinePage):
        return None
    found: CoursePage | None = CoursePage.objects.filter(path=page.path[: -page.steplen], live=True).first()
    return found


def effect_words(effect: OutlineEffect) -> str:
    """Whom a new outline touches, in a sentence; empty when it touches nobody."""
    completed, more, less = effect.completed, effect.more, effect.less
    parts = [
        (
            completed,
            ngettext(
                "%(n)s người được ghi là hoàn thành khoá học", "%(n)s người được ghi là hoàn thành khoá học", completed
            ),
        ),
        (more, ngettext("%(n)s người có thêm việc phải học", "%(n)s người có thêm việc phải học", more)),
        (less, ngettext("%(n)s người có ít việc hơn", "%(n)s người có ít việc hơn", less)),
    ]
    words = ", ".join(said % {"n": number(count)} for count, said in parts if count)
    return f"{words}." if words else ""


def removal_warning(page: Page) -> str:
    """What taking ``page`` away means for those who learn now; empty when it touches nobody."""
    page = page.specific
    effect = None if isinstance(page, ModulePage) else effect_of_removal(page)
    if effect is None or not effect.learners:
        return ""
    count = ngettext(
        "Có %(n)s người đang học khoá này và chưa xong.",
        "Có %(n)s người đang học khoá này và chưa xong.",
        effect.learners,
    ) % {"n": number(effect.learners)}
    if isinstance(page, CoursePage):
        stays = _("Đóng khoá học thì họ không học tiếp được; những gì đã học và giấy đã cấp vẫn còn.")
        return f"{count} {stays}"
    if not effect.touches_anybody:
        return ""
    return f"{count} " + _("Nếu bỏ phần này: %(effect)s") % {"effect": effect_words(effect)}
