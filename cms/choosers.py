"""Choosing a course in the editors' forms: a window with search, however many courses there are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from common.text import fold, search_words
from courses.models import Course
from quizzes.models import Bank


class CourseFilterForm(BaseFilterForm):
    """Words that name the course; accents are optional, as in the catalogue."""

    q = forms.CharField(label=_("Từ khoá"), required=False, max_length=100)

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
    choose_one_text = _("Chọn khoá học")
    choose_another_text = _("Chọn khoá khác")
    choose_view_class = CourseChooseView
    choose_results_view_class = CourseChooseResultsView


class BankFilterForm(BaseFilterForm):
    """Words that name the bank, accents optional."""

    q = forms.CharField(label=_("Từ khoá"), required=False, max_length=100)

    def filter(self, objects: Any) -> QuerySet[Bank]:
        self.search_query = self.cleaned_data.get("q")
        self.is_searching = bool(self.search_query)
        found: QuerySet[Bank] = super().filter(objects)
        words = search_words(self.search_query or "")
        fitting = [pk for pk, name in found.values_list("pk", "name") if all(word in fold(name) for word in words)]
        return found.filter(pk__in=fitting)


class _ReadableBanks:
    """Only banks that the editor may use."""

    filter_form_class = BankFilterForm

    def get_object_list(self) -> QuerySet[Bank]:
        found: QuerySet[Bank] = Bank.objects.readable_by(self.request.user)  # type: ignore[attr-defined]
        return found


class BankChooseView(_ReadableBanks, ChooseView):
    pass


class BankChooseResultsView(_ReadableBanks, ChooseResultsView):
    pass


class BankChooserViewSet(ChooserViewSet):
    """Banks, for the sections of a quiz."""

    model = Bank
    name = "chon_ngan_hang"
    url_prefix = "chon-ngan-hang"
    icon = "folder-open-inverse"
    choose_one_text = _("Chọn ngân hàng")
    choose_another_text = _("Chọn ngân hàng khác")
    choose_view_class = BankChooseView
    choose_results_view_class = BankChooseResultsView
    #: The bank of a quiz as a whole is a plain list.
    register_widget = False


BANK_CHOOSER = BankChooserViewSet()
