"""The register as officials read it: books by year, their rows, checks, closings and exports."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certificates import register_jobs, rights, services
from certificates.books import Book, book_rows, books_of, notes_of
from certificates.forms_register import BookSearchForm, CloseForm
from certificates.models import Act, RegisterEntry, Series
from certificates.services.register import GENESIS, chain_errors
from certificates.views_office import official_of, page_of, posted_from, prove
from people import access
from people.stepup import demand_fresh_proof


def _series(request: HttpRequest, code: str) -> Series:
    series = get_object_or_404(Series.objects.select_related("unit"), code=code)
    access.require(rights.can_read_register(request.user, series), request.user, what=_("sổ gốc này"))
    return series


def _address(series: Series, year: int | None = None) -> str:
    address = reverse("issuing:register", args=[series.code])
    return f"{address}?nam={year}" if year else address


@login_required
@require_GET
def register(request: HttpRequest, code: str) -> HttpResponse:
    """A book of the register, newest row first, with the state of its chain."""
    return _register_page(request, _series(request, code))


def _register_page(
    request: HttpRequest, series: Series, *, year: int | None = None, close_form: CloseForm | None = None
) -> HttpResponse:
    books = books_of(series)
    form = BookSearchForm(request.GET, years=[book.year for book in books])
    sought: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    wanted = year or sought.get("nam")
    book = next((book for book in books if book.year == wanted), books[0] if books else None)
    context = {
        "series": series,
        "books": books,
        "book": book,
        "form": BookSearchForm(
            years=[book.year for book in books],
            initial={"nam": book.year if book else None, "viec": sought.get("viec"), "tim": sought.get("tim")},
        ),
        "check": register_jobs.last_check(series),
        "may_close": access.can_issue_certificates(request.user, series.unit),
        **(_rows(request, series, book, sought) if book else {}),
    }
    if book:
        context |= {
            "is_over": book.year < timezone.localdate().year,
            "close_form": close_form or CloseForm(year=book.year),
            "close_open": close_form is not None,
        }
    return render(request, "certificates/manage/register.html", context)


def _rows(request: HttpRequest, series: Series, book: Book, sought: dict[str, Any]) -> dict[str, Any]:
    """The page of rows, each with its number in the book; whether they follow from each other."""
    act, words = sought.get("viec", ""), sought.get("tim", "")
    rows = book_rows(series, book.year, act=act, words=words)
    page = page_of(request, rows.order_by("-position"))
    entries = list(page)
    return {
        "page": page,
        "lines": [(entry, book.number_of(entry), notes_of(entry)) for entry in entries],
        "is_filtered": bool(act or words),
        "page_errors": [] if act or words else _page_errors(series, entries),
    }


def _page_errors(series: Series, newest_first: list[RegisterEntry]) -> list[str]:
    """Whether the rows shown follow from each other and from the row before them. Another year's closing may stand
    between them; a book's own closing stands among the rows of the next one and is left to the whole check."""
    positions = [entry.position for entry in newest_first if entry.act != Act.CLOSE]
    if not positions:
        return []
    first, last = min(positions), max(positions)
    around: QuerySet[RegisterEntry] = RegisterEntry.objects.filter(series=series, position__range=(first - 1, last))
    rows = list(around.select_related("series", "actor").order_by("position"))
    before = rows.pop(0) if rows[0].position < first else None
    return list(
        chain_errors(
            iter(rows), previous=before.row_hash if before else GENESIS, position=before.position if before else 0
        )
    )


@login_required
@posted_from("issuing:register", "code")
def register_check(request: HttpRequest, code: str) -> HttpResponse:
    """Have the whole register checked, with its files; leads to the page of that work."""
    series = _series(request, code)
    job = register_jobs.verify_open(series=series, owner=official_of(request), back=_address(series))
    return redirect("jobs:job", uuid=job.uuid)


def _book(series: Series, typed: str) -> Book:
    found = next((book for book in books_of(series) if str(book.year) == typed), None)
    if found is None:
        raise Http404
    return found


@login_required
@posted_from("issuing:register", "code")
def book_export(request: HttpRequest, code: str) -> HttpResponse:
    """Have a book written as a file; leads to the page of that work."""
    series = _series(request, code)
    book = _book(series, request.POST.get("nam", ""))
    form = register_jobs.PDF if request.POST.get("dang") == register_jobs.PDF else register_jobs.CSV
    demand_fresh_proof(request, _("xuất sổ gốc năm %(year)s") % {"year": book.year})
    job = register_jobs.export_open(series=series, year=book.year, form=form, owner=official_of(request))
    return redirect("jobs:job", uuid=job.uuid)


@login_required
@posted_from("issuing:register", "code")
def book_close(request: HttpRequest, code: str) -> HttpResponse:
    """Close the book of a year that is over."""
    series = _series(request, code)
    book = _book(series, request.POST.get("nam", ""))
    may_close = access.can_issue_certificates(request.user, series.unit)
    access.require(may_close, request.user, what=_("việc khoá sổ này"))
    form = CloseForm(request.POST, year=book.year)
    if not form.is_valid():
        return _register_page(request, series, year=book.year, close_form=form)
    prove(request, series, _("khoá sổ năm %(year)s") % {"year": book.year})
    _row, closed = services.book_close(actor=official_of(request), series=series, year=book.year)
    done = _("Đã khoá sổ năm %(year)s.") if closed else _("Sổ năm %(year)s đã được khoá từ trước.")
    messages.success(request, done % {"year": book.year})
    return redirect(_address(series, book.year))
