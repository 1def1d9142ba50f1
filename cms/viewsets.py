"""Banks and questions, and what lessons share, in the editors' menu."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.models import ReferenceIndex
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.models import GlossaryTerm, ReusableContent
from cms.question_form import OPTION_ROWS, BankForm, QuestionForm
from quizzes.models import Bank, Question


def _option_row(number: int) -> MultiFieldPanel:
    return MultiFieldPanel(
        [
            FieldRowPanel([FieldPanel(f"option_{number}_text"), FieldPanel(f"option_{number}_correct")]),
            FieldPanel(f"option_{number}_feedback"),
        ],
        heading=f"Đáp án {number}",
    )


def _another_button(bank: Bank) -> Any:
    address = f"{reverse('cau_hoi:add')}?{urlencode({'bank': bank.pk})}"
    return messages.button(address, "Thêm câu hỏi vào ngân hàng này")


class BankCreateView(CreateView):
    """A bank is made to be filled: its first question is one press away."""

    def get_success_buttons(self) -> list[Any]:
        return [_another_button(self.object)]


class QuestionCreateView(CreateView):
    """Questions are written one after the other: the next one of the same bank is one press away."""

    def get_initial(self) -> dict[str, Any]:
        bank = self.request.GET.get("bank", "")
        return {**super().get_initial(), **({"bank": int(bank)} if bank.isdecimal() else {})}

    def get_success_buttons(self) -> list[Any]:
        return [_another_button(self.object.bank), *super().get_success_buttons()]


class BankViewSet(ModelViewSet):
    """Banks of questions."""

    model = Bank
    name = "ngan_hang"
    url_prefix = "ngan-hang"
    icon = "folder-open-inverse"
    menu_label = "Ngân hàng câu hỏi"
    add_view_class = BankCreateView
    list_display = ["name", "slug"]
    search_fields = ["name", "slug"]

    def get_form_class(self, for_update: bool = False) -> type[BankForm]:
        return BankForm

    search_backend_name = None
    copy_view_enabled = False


class QuestionViewSet(ModelViewSet):
    """Questions, with their options as rows of a form."""

    model = Question
    add_view_class = QuestionCreateView
    name = "cau_hoi"
    url_prefix = "cau-hoi"
    icon = "help"
    menu_label = "Câu hỏi"
    list_display = [
        "code",
        "text",
        "bank",
        "kind",
        "difficulty",
        Column("is_active", label="Đang dùng", accessor=lambda question: "Có" if question.is_active else "Không"),
    ]
    list_filter = ["bank", "kind", "difficulty", "in_final", "is_active"]
    search_fields = ["code", "text"]
    search_backend_name = None
    list_per_page = 50
    copy_view_enabled = False
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("bank"), FieldPanel("code")]),
            FieldPanel("kind"),
            FieldPanel("text"),
            *[_option_row(number) for number in range(1, OPTION_ROWS + 1)],
            FieldPanel("explanation"),
            MultiFieldPanel(
                [
                    FieldPanel("topic"),
                    FieldRowPanel([FieldPanel("difficulty"), FieldPanel("in_final"), FieldPanel("is_active")]),
                ],
                heading="Dùng thế nào",
            ),
        ],
        base_form_class=QuestionForm,
    )


class QuizViewSetGroup(ModelViewSetGroup):
    """Both under one entry of the menu."""

    menu_label = "Câu hỏi"
    menu_icon = "help"
    menu_order = 250
    items = (BankViewSet, QuestionViewSet)


class _SharedViewSet(SnippetViewSet):
    """What lessons share, with the number of places that show it."""

    add_to_admin_menu = False
    copy_view_enabled = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = self.model._default_manager.annotate(
            used_in=ReferenceIndex.usage_count_subquery(self.model)
        )
        return found


USED_IN = Column("used_in", label="Số nơi dùng", accessor="used_in", sort_key="used_in")


class GlossaryTermViewSet(_SharedViewSet):
    """Words with their meanings."""

    model = GlossaryTerm
    icon = "openquote"
    menu_label = "Từ cần giải nghĩa"
    list_display = ["term", "meaning", USED_IN]
    search_fields = ["term", "meaning"]
    search_backend_name = None


class ReusableContentViewSet(_SharedViewSet):
    """Pieces that several lessons show."""

    model = ReusableContent
    icon = "snippet"
    menu_label = "Đoạn dùng chung"
    list_display = ["title", USED_IN]
    search_fields = ["title"]
    search_backend_name = None


class SharedViewSetGroup(SnippetViewSetGroup):
    """Both under one entry of the menu."""

    menu_label = "Dùng chung"
    menu_icon = "snippet"
    menu_order = 260
    add_to_admin_menu = True
    items = (GlossaryTermViewSet, ReusableContentViewSet)
