"""Kinds of paper: the list, and one as a form."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from certificates import rights, services
from certificates.forms_designs import refused
from certificates.forms_series import KindForm
from certificates.models import Series
from certificates.numbering import checked_pattern, number_text
from certificates.services.series import numbers_given
from common.errors import Refusal
from people import access
from people.models import User
from people.querysets import today
from people.stepup import demand_fresh_proof

#: Where a refusal of the service is said.
PLACES = {
    "pattern_unclear": "pattern",
    "numbers_given": "pattern",
    "number_shared": "suffix",
    "unit_fixed": "unit",
    "signer_half": "signer_title",
    "rule_unclear": "basis",
}


@login_required
@require_GET
def kinds(request: HttpRequest) -> HttpResponse:
    """Kinds of paper that one's office issues."""
    access.require(rights.is_issuer_side(request.user), request.user, what=_("việc đặt loại giấy"))
    mine = Series.objects.filter(unit__in=rights.issuer_units(request.user))
    rows = mine.select_related("unit", "design").annotate(issued=Count("certificates"))
    context = {"rows": rows.order_by("-is_active", "name")}
    return render(request, "certificates/manage/kinds.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def kind_new(request: HttpRequest) -> HttpResponse:
    """Make a kind of paper."""
    access.require(rights.is_issuer_side(request.user), request.user, what=_("việc đặt loại giấy"))
    return _form_page(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def kind(request: HttpRequest, code: str) -> HttpResponse:
    """Change a kind of paper; what was issued keeps what it froze."""
    series = get_object_or_404(Series.objects.select_related("unit", "design", "signature"), code=code)
    access.require(rights.can_keep_series(request.user, series.unit), request.user, what=_("loại giấy này"))
    return _form_page(request, series)


def _form_page(request: HttpRequest, series: Series | None) -> HttpResponse:
    form = KindForm(request.POST or None, request.FILES or None, instance=series, viewer=request.user)
    if request.method == "POST" and form.is_valid():
        demand_fresh_proof(request, _("đổi loại giấy") if series else _("lập loại giấy"))
        if saved := _saved(request, series, form):
            messages.success(request, _("Đã lưu. Giấy cấp từ nay theo nội dung này; giấy đã cấp không đổi."))
            return redirect("issuing:kind", code=saved.code)
    context = {
        "series": series,
        "form": form,
        "given": numbers_given(series) if series else 0,
        "example": _example(form, series),
    }
    return render(request, "certificates/manage/kind.html", context, status=400 if form.errors else 200)


def _saved(request: HttpRequest, series: Series | None, form: KindForm) -> Series | None:
    try:
        return services.series_save(
            actor=cast(User, request.user),
            series=series,
            values=form.values,
            courses=form.cleaned_data["required_courses"],
            signature=form.picture_of(request.user),
            code=form.cleaned_data.get("code", ""),
        )
    except Refusal as refusal:
        refused(form, refusal, PLACES.get(refusal.code, "picture" if refusal.status == 400 else ""))
        return None


def _example(form: KindForm, series: Series | None) -> str:
    """How the next number would read; empty while the pattern is not sound."""
    typed: Any = form.data if form.is_bound else {"pattern": form["pattern"].value(), "suffix": form["suffix"].value()}
    seq = numbers_given(series) + 1 if series else 1
    try:
        pattern = checked_pattern(typed.get("pattern") or "")
    except Refusal:
        return ""
    return number_text(pattern, seq=seq, year=today().year, suffix=typed.get("suffix") or _("KÝ-HIỆU"))
