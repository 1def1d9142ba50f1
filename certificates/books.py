"""Books of the register as pages and files read them: which there are, their rows with their numbers in the book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import Act, RegisterEntry, Series
from certificates.numbering import number_key
from certificates.wording import CLAIMS, claim_said
from common.language import on_record
from common.text import nfc, search_key


@dataclass(frozen=True)
class Book:
    """One year of a register. ``first`` is the position of its first row; ``rows`` counts them, the closing included.
    ``foreign`` are positions at which books of other years were closed, between rows of this one."""

    year: int
    rows: int
    first: int
    closing: RegisterEntry | None
    foreign: Sequence[int] = ()

    def number_of(self, entry: RegisterEntry) -> int:
        """The number of a row in this book, from 1."""
        if entry.act == Act.CLOSE:
            return self.rows
        return entry.position - self.first + 1 - sum(self.first < at < entry.position for at in self.foreign)


def books_of(series: Series) -> list[Book]:
    """The books of a series, newest first; two queries however long they are."""
    rows = RegisterEntry.objects.filter(series=series).order_by()
    counted = rows.values("year").annotate(rows=Count("pk"), first=Min("position", filter=~Q(act=Act.CLOSE)))
    closings = {entry.year: entry for entry in rows.filter(act=Act.CLOSE).select_related("actor")}
    return [
        Book(
            year=book["year"],
            rows=book["rows"],
            first=book["first"] or 0,
            closing=closings.get(book["year"]),
            foreign=[entry.position for year, entry in closings.items() if year != book["year"]],
        )
        for book in sorted(counted, key=lambda book: -book["year"])
    ]


def book_rows(series: Series, year: int, *, act: str = "", words: str = "") -> QuerySet[RegisterEntry]:
    """The rows of a book in order, of one act, or found by the number or name on the certificate."""
    rows = RegisterEntry.objects.filter(series=series, year=year)
    if act:
        rows = rows.filter(act=act)
    if words := nfc(words):
        found = Q(certificate__holder_name__icontains=words)
        if key := search_key(words):
            found |= Q(certificate__holder__search_key__contains=key)
        if number := number_key(words):
            found |= Q(certificate__number_key__startswith=number)
        rows = rows.filter(found)
    ordered: QuerySet[RegisterEntry] = rows.select_related("certificate", "actor", "series").order_by("position")
    return ordered


#: The columns of a book as a table.
HEADINGS = (
    "Số thứ tự trong sổ",
    "Dòng",
    "Việc",
    "Số giấy",
    "Họ và tên",
    "Ngày sinh",
    "Nội dung",
    "Số giờ",
    "Kết quả",
    "Ngày cấp",
    "Số quyết định",
    "Ngày quyết định",
    "Lý do, ghi chú",
    "Thời điểm ghi",
    "Người thực hiện",
    "Mã băm của dòng",
)


def book_table(book: Book, rows: QuerySet[RegisterEntry]) -> Iterator[list[Any]]:
    """The lines of a book under ``HEADINGS``, streamed."""
    for entry in rows.iterator(chunk_size=1000):
        with on_record():
            line = _table_line(book, entry)
        yield line


def _table_line(book: Book, entry: RegisterEntry) -> list[Any]:
    said = entry.content
    return [
        book.number_of(entry),
        entry.position,
        entry.get_act_display(),
        said.get("number", ""),
        said.get("holder_name", ""),
        _day(said.get("holder_birth_date", "")),
        said.get("course_title", ""),
        _said("course_hours", said),
        _said("score", said),
        _day(said.get("issued_on", "")),
        entry.decision_number,
        entry.decision_date or "",
        note_of(entry),
        f"{timezone.localtime(entry.at):%d/%m/%Y %H:%M:%S}",
        entry.actor.full_name if entry.actor else "Hệ thống",
        entry.row_hash,
    ]


def note_of(entry: RegisterEntry) -> str:
    """What an act says beside the certificate, as files of the register have it: its reason and what ``notes_of``
    tells."""
    with on_record():
        return "; ".join([entry.reason, *notes_of(entry)] if entry.reason else notes_of(entry))


def notes_of(entry: RegisterEntry) -> list[str]:
    """In the language of the page: what replaced what, what was corrected, for whom copied."""
    said: dict[str, Any] = entry.content
    parts = []
    if said.get("replaced_by"):
        parts.append(_("Thay bằng giấy số %(number)s") % {"number": said["replaced_by"]})
    if said.get("replaces"):
        parts.append(_("Thay cho giấy số %(number)s") % {"number": said["replaces"]})
    for name, before in said.get("before", {}).items():
        if name in CLAIMS:
            parts.append(f"{CLAIMS[name]}: {claim_said(name, before)} → {claim_said(name, said['after'][name])}")
    if said.get("result"):
        parts.append(_("Kết quả ghi trên sổ giấy: %(result)s") % {"result": said["result"]})
    if entry.act == Act.COPY:
        copies = {"copies": said["copies"], "who": said["asked_by"]}
        parts.append(ngettext("%(copies)s bản cho %(who)s", "%(copies)s bản cho %(who)s", said["copies"]) % copies)
    if entry.act == Act.CLOSE:
        held = {"rows": said["rows"], "issued": said["issued"]}
        parts.append(_("%(rows)s dòng, %(issued)s giấy đã cấp") % held)
    return parts


def _day(iso: str) -> date | str:
    return date.fromisoformat(iso) if iso else ""


def _said(name: str, content: dict[str, Any]) -> str:
    value = content.get(name, "")
    return claim_said(name, value) if value else ""
