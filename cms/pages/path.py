"""Learning paths: courses in an order, towards one aim."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.models import Orderable

from cms import path_readers
from cms.blocks import BodyBlock
from cms.fields import BodyField
from cms.pages.base import REVIEW_PANEL, OpenPage, ReviewedPage
from cms.pages.course import _audience_group
from cms.widgets import GroupedCheckboxes
from courses.models import Course, LearningPath, Level
from courses.services import PathOutline, PathPlace
from people.models import Audience


class PathIndexPage(OpenPage):
    """All published learning paths."""

    intro = models.CharField(gettext_lazy("Giới thiệu ngắn"), max_length=300, blank=True)

    max_count = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.PathPage"]
    template = "cms/path_index.html"
    content_panels = [*OpenPage.content_panels, FieldPanel("intro")]

    class Meta:
        verbose_name = gettext_lazy("danh mục lộ trình")
        verbose_name_plural = gettext_lazy("danh mục lộ trình")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return {**context, "standings": path_readers.all_paths(user=request.user)}


class PathPage(ReviewedPage):
    """A learning path as editors write it. Publishing carries it into ``courses``."""

    summary = models.CharField(
        gettext_lazy("Học xong làm được gì"),
        max_length=300,
        help_text=gettext_lazy("Một câu, bắt đầu bằng «Sau lộ trình này bạn …»."),
    )
    level = models.CharField(gettext_lazy("Mức"), max_length=20, choices=Level, default=Level.BASIC)
    audiences = ParentalManyToManyField(Audience, verbose_name=gettext_lazy("Đối tượng"), related_name="+", blank=True)
    body = BodyField(BodyBlock(), blank=True, verbose_name=gettext_lazy("Nói thêm về lộ trình"))
    loaded_hash = models.CharField(max_length=64, blank=True, editable=False)

    parent_page_types = ["cms.PathIndexPage"]
    subpage_types: list[str] = []
    template = "cms/path.html"
    content_panels = [
        *ReviewedPage.content_panels,
        FieldPanel("summary"),
        FieldPanel("level"),
        InlinePanel(
            "places",
            heading=gettext_lazy("Các khoá học, theo thứ tự học"),
            label=pgettext_lazy("một", "Khoá học"),
            min_num=1,
        ),
        FieldPanel("audiences", widget=GroupedCheckboxes(_audience_group)),
        FieldPanel("body"),
        REVIEW_PANEL,
    ]

    class Meta:
        verbose_name = gettext_lazy("lộ trình học")
        verbose_name_plural = gettext_lazy("lộ trình học")

    def clean(self) -> None:
        super().clean()
        taken = LearningPath.objects.exclude(key=self.translation_key).filter(slug=self.slug).first()
        if self.slug and taken:
            raise ValidationError({"slug": _("Địa chỉ này đã dùng cho lộ trình «%(title)s».") % {"title": taken.title}})

    def problems(self) -> list[str]:
        """Why nobody could finish the path, in words for the editor; empty when somebody could."""
        places = [place for place in self.places.all() if place.course_id]
        courses = [place.course_id for place in places]
        if repeated := next((place.course for place in places if courses.count(place.course_id) > 1), None):
            return [_("Khoá «%(title)s» có hai lần trong lộ trình. Hãy bỏ bớt một.") % {"title": repeated.title}]
        if not any(place.required and place.course.is_published for place in places):
            return [_("Lộ trình chưa có khoá bắt buộc nào đang mở. Hãy thêm ít nhất một khoá bắt buộc đã xuất bản.")]
        return []

    def outline(self) -> PathOutline:
        """The path as learners are to meet it."""
        places = list(self.places.select_related("course"))
        return PathOutline(
            key=self.translation_key,
            slug=self.slug,
            title=self.title,
            summary=self.summary,
            path=self.site_path,
            level=self.level,
            audience_codes=list(self.audiences.values_list("code", flat=True)),
            places=[PathPlace(place.course.key, place.required) for place in places],
            # A path that lost its last required course by a way around the editor closes; it never breaks a page.
            is_published=any(place.required for place in places),
        )

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The path with its courses, and how far the reader is."""
        standing = path_readers.path_of(user=request.user, key=self.translation_key)
        if standing is None:
            raise Http404
        request.standing = standing  # type: ignore[attr-defined]
        return super().serve(request, *args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        standing = getattr(request, "standing", None) or path_readers.path_of_draft(page=self)
        is_draft = standing.path.pk is None
        audiences = list((self if is_draft else standing.path).audiences.all())
        return {**context, "standing": standing, "is_draft": is_draft, "audiences": audiences}


class PathPlacement(Orderable):
    """A course in its place on a path."""

    page = ParentalKey(PathPage, on_delete=models.CASCADE, related_name="places")
    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="+", verbose_name=pgettext_lazy("một", "Khoá học")
    )
    required = models.BooleanField(gettext_lazy("Bắt buộc để hoàn thành lộ trình"), default=True)

    panels = [FieldRowPanel([FieldPanel("course"), FieldPanel("required")])]

    class Meta(Orderable.Meta):
        verbose_name = gettext_lazy("khoá của lộ trình")
        verbose_name_plural = gettext_lazy("khoá của lộ trình")
