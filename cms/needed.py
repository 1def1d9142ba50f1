"""Who needs a course to stay open: learning paths that require it, courses that ask for it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.models import CoursePage, PathPage
from courses.models import Course, LearningPath

#: So many of each are named, the rest is counted.
NAMED = 5


@dataclass(frozen=True)
class Needing:
    """An open path or course that needs another one: its name, and where editors mend it."""

    title: str
    address: str


def paths_requiring(page: CoursePage) -> list[Needing]:
    """Published learning paths in which the course is required, by title."""
    asking = LearningPath.objects.published().filter(places__course__key=page.translation_key, places__required=True)
    return _with_addresses(PathPage, dict(asking.distinct().order_by("title", "pk").values_list("key", "title")))


def courses_asking_first(page: CoursePage) -> list[Needing]:
    """Open courses that can be begun only after the course, by title."""
    asking = Course.objects.published().filter(prerequisites__key=page.translation_key).order_by("title", "pk")
    return _with_addresses(CoursePage, dict(asking.values_list("key", "title")))


def _with_addresses(model: type[Page], titles: dict[object, str]) -> list[Needing]:
    pages = dict(model.objects.filter(translation_key__in=titles).values_list("translation_key", "pk"))
    return [
        Needing(title, reverse("wagtailadmin_pages:edit", args=[pages[key]]) if key in pages else "")
        for key, title in titles.items()
    ]


def closing_warnings(page: Page) -> list[SafeString]:
    """What closing a course does to paths and courses that need it, with ways to them; nothing for any other page."""
    page = page.specific
    if not isinstance(page, CoursePage) or not page.live:
        return []
    told = (
        (
            paths_requiring(page),
            _(
                "Lộ trình bắt buộc khoá này: {}. Đóng khoá thì ai chưa học xong khoá sẽ không xong được lộ trình. "
                "Hãy bỏ khoá khỏi lộ trình hoặc chuyển thành tự chọn trước."
            ),
        ),
        (
            courses_asking_first(page),
            _("Khoá phải học sau khoá này: {}. Đóng khoá thì người mới vào học các khoá đó mà không cần khoá này."),
        ),
    )
    return [format_html(words, _named(needing)) for needing, words in told if needing]


def _named(needing: Sequence[Needing]) -> SafeString:
    ways = (
        format_html('<a href="{}">«{}»</a>', one.address, one.title) if one.address else f"«{one.title}»"
        for one in needing[:NAMED]
    )
    named = format_html_join(", ", "{}", ((way,) for way in ways))
    more = len(needing) - NAMED
    return format_html(_("{} và {} nơi khác"), named, more) if more > 0 else named
