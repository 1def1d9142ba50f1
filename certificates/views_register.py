"""The register as officials read it: books by year, their rows, checks, closings and exports."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from certificates import rights, services
from certificates.models import RegisterEntry, Series
from certificates.services.register import GENESIS, chain_errors
from certificates.views_office import page_of
from people import access


@login_required
@require_GET
def register(request: HttpRequest, code: str) -> HttpResponse:
    """The register of a series, newest act first, with the state of its chain."""
    series = get_object_or_404(Series.objects.select_related("unit"), code=code)
    access.require(rights.can_read_register(request.user, series), request.user, what="sổ gốc này")
    rows = RegisterEntry.objects.filter(series=series).select_related("certificate", "actor", "series")
    page = page_of(request, rows.order_by("-position"))
    context = {
        "series": series,
        "page": page,
        "page_errors": _page_errors(series, list(page)),
        "report": services.register_verify(series=series) if "kiem-tra" in request.GET else None,
    }
    return render(request, "certificates/manage/register.html", context)


def _page_errors(series: Series, newest_first: list[RegisterEntry]) -> list[str]:
    """Whether the rows shown follow from each other and from the row before them."""
    if not newest_first:
        return []
    rows = newest_first[::-1]
    before = RegisterEntry.objects.filter(series=series, position=rows[0].position - 1).first()
    return list(
        chain_errors(
            iter(rows), previous=before.row_hash if before else GENESIS, position=before.position if before else 0
        )
    )
