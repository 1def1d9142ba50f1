"""Choosing a course in the editors' forms: a window with search, however many courses there are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from courses.models import Course


class CourseFilterForm(BaseFilterForm):
    """Words that name the course; accents are optional, as in the catalogue."""

    q = forms.CharField(label="Từ khoá", required=False, max_length=100)

    def filter(self, objects: Any) -> QuerySet[Course]:
        self.search_query = self.cleaned_data.get("q")
        self.is_searching = bool(self.search_query)
        found: QuerySet[Course] = super().filter(objects).named(self.search_query or "")
        return found


class CourseChooseView(ChooseView):
    filter_form_class = CourseFilterForm


class CourseChooseResultsView(ChooseResultsView):
    filter_form_class = CourseFilterForm


class CourseChooserViewSet(ChooserViewSet):
    """Courses that were published once."""

    model = Course
    name = "chon_khoa_hoc"
    url_prefix = "chon-khoa-hoc"
    icon = "doc-full"
    choose_one_text = "Chọn khoá học"
    choose_another_text = "Chọn khoá khác"
    choose_view_class = CourseChooseView
    choose_results_view_class = CourseChooseResultsView
