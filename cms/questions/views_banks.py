"""Banks in the editors' admin: the tree, one bank, its form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin import messages

from cms.questions import pages, reading
from cms.questions.forms import BankForm
from cms.questions.pages import bank_for, editor_of, page, told
from common.errors import Forbidden, Refusal
from quizzes.formats import FORMATS
from quizzes.models import Bank
from quizzes.services import bank_delete, bank_save
from quizzes.services.banks import bank_path


def _trail() -> pages.Trail:
    return [(reverse("ngan_hang:index"), _("Ngân hàng câu hỏi"))]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The tree of banks that the person may read."""
    rows = reading.bank_tree(request.user)
    return page(request, "banks", _("Ngân hàng câu hỏi"), [], rows=rows, may_add=pages.writes(request.user))


@require_safe
def bank(request: HttpRequest, pk: int) -> HttpResponse:
    """One bank: where it stands, who uses it, what goes in and out."""
    found = bank_for(request, pk)
    context = {
        "bank": found,
        "path": bank_path(found)[:0:-1],
        "uses": reading.bank_uses(found),
        "attempts": reading.attempts_from(found),
        "may_write": pages.may_write(request.user, found),
        "formats": FORMATS.items(),
        "total": found.questions.count(),
        "in_use": found.questions.in_use().count(),
    }
    return page(request, "bank", found.name, _trail(), **context)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new bank."""
    if not pages.writes(request.user):
        raise Forbidden(_("Bạn thẩm định câu hỏi, không tạo ngân hàng."), code="only_reviews")
    asked = request.GET.get("thuoc", "")
    initial = {"parent": int(asked)} if asked.isdecimal() else {}
    return _form(request, None, _("Thêm ngân hàng câu hỏi"), initial)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a bank, or where it stands."""
    found = bank_for(request, pk, writing=True)
    return _form(request, found, _("Sửa ngân hàng «%(name)s»") % {"name": found.name}, {})


def _form(request: HttpRequest, bank: Bank | None, title: str, initial: dict[str, Any]) -> HttpResponse:
    user = editor_of(request)
    form = BankForm(request.POST if request.method == "POST" else None, bank=bank, user=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = bank_save(bank=bank, **form.cleaned_data, actor=user)
        except Refusal as refusal:
            field = {"bank_cycle": "parent", "owner_out_of_scope": "owner"}.get(refusal.code, "parent")
            form.add_error(field, f"{refusal.text} {refusal.fix}".strip())
        else:
            another = f"{reverse('cau_hoi:add')}?{urlencode({'bank': saved.pk})}"
            buttons = [messages.button(another, _("Thêm câu hỏi vào ngân hàng này"))]
            messages.success(request, _("Đã lưu ngân hàng «%(name)s».") % {"name": saved.name}, buttons=buttons)
            return redirect("ngan_hang:bank", saved.pk)
    return page(request, "bank_form", title, _trail(), form=form, bank=bank)


@require_POST
@told
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an empty bank; refused while anything leans on it."""
    found = bank_for(request, pk, writing=True)
    bank_delete(bank=found, actor=editor_of(request))
    messages.success(request, _("Đã xoá ngân hàng «%(name)s».") % {"name": found.name})
    return redirect("ngan_hang:index")
