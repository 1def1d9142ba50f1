"""The long work of registers: checking one, writing a book as a file."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certificates import rights
from certificates.books import HEADINGS, Book, book_rows, book_table, books_of
from certificates.models import Series
from certificates.services.proving import register_verify
from certificates.services.signing import document_sign
from common import audit, jobs
from common.language import on_record
from common.models import Job, JobState
from common.sheets_out import write_csv
from people.models import User

VERIFY, EXPORT = "certificates.register_verify", "certificates.register_export"
CSV, PDF = "csv", "pdf"
#: Sentences that a page shows of what was found.
MOST_TOLD = 50


def verify_open(*, series: Series, owner: User, back: str) -> Job:
    """Ask for a check of the whole register with its files."""
    title = (_("Kiểm tra sổ gốc: %(name)s") % {"name": series.name})[:200]
    return jobs.job_open(kind=VERIFY, owner=owner, title=title, args={"series": series.code}, next_path=back)


@transaction.atomic
def export_open(*, series: Series, year: int, form: str, owner: User) -> Job:
    """Ask for a book as a file (``csv`` or ``pdf``); who asked goes into the log."""
    audit.record(actor=owner, act="register_export", subject=series, unit=series.unit, year=year, format=form)
    title = (_("Xuất sổ gốc năm %(year)s: %(name)s") % {"year": year, "name": series.name})[:200]
    return jobs.job_open(
        kind=EXPORT, owner=owner, title=title, args={"series": series.code, "year": year, "form": form}
    )


def last_check(series: Series) -> Job | None:
    """The newest check of a register that came to its end."""
    done = Job.objects.filter(kind=VERIFY, state=JobState.DONE, args__series=series.code)
    return done.order_by("-finished_at", "-pk").first()


@jobs.register(VERIFY)
def _verify(progress: jobs.Progress, *, series: str) -> dict[str, Any]:
    report = register_verify(series=Series.objects.get(code=series), progress=progress)
    return {
        "ok": report.ok,
        "rows": report.rows,
        "certificates": report.certificates,
        "files": report.files,
        "problems": report.problems[:MOST_TOLD],
        "more": max(0, len(report.problems) - MOST_TOLD),
    }


def _may_fetch(job: Job) -> bool:
    return rights.can_read_register(job.owner, Series.objects.get(code=job.args["series"]))


@jobs.register(EXPORT, may_fetch=_may_fetch)
def _export(progress: jobs.Progress, *, series: str, year: int, form: str) -> dict[str, Any]:
    found = Series.objects.select_related("unit__parent").get(code=series)
    book = next(book for book in books_of(found) if book.year == year)
    progress.begin(book.rows, _("Đang ghi tệp"))
    with on_record():
        content = _csv(found, book) if form == CSV else _pdf(found, book, progress)
    progress.hand_over(name=f"so-goc-{found.code}-{year}.{form}", content=content)
    return {}


def _csv(series: Series, book: Book) -> bytes:
    return write_csv(HEADINGS, book_table(book, book_rows(series, book.year)))


def _pdf(series: Series, book: Book, progress: jobs.Progress) -> bytes:
    from certificates.papers import book_pdf  # the layout engine is heavy; pages never need it

    pdf = book_pdf(series, book, advance=progress.advance)
    return document_sign(pdf, reason=f"Sổ gốc {series.name} năm {book.year}", location=series.place)
