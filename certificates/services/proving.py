"""Whether a register is sound: its chain, its numbers, its closings, every certificate against its rows, every file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from django.core.files.storage import storages
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from certificates.models import Act, Certificate, CertificateState, Origin, RegisterEntry, Series, SeriesCounter
from certificates.services.register import GENESIS, chain_errors, claims_of
from certificates.services.totals import book_totals
from common.language import on_record
from common.models import AuditEntry

Thing = TypeVar("Thing")

#: What follows the last certificate's rows.
_NO_ROWS: tuple[int | None, Iterable[tuple[int, str, dict[str, Any]]]] = (None, ())
#: Which acts bring a certificate into each state in which it no longer holds.
ENDING: dict[str, tuple[str, ...]] = {
    CertificateState.REVOKED: (Act.REVOKE,),
    CertificateState.CANCELLED: (Act.CANCEL,),
    CertificateState.REPLACED: (Act.REISSUE, Act.CORRECT),
}
_ENDING_ACTS = tuple(act for acts in ENDING.values() for act in acts)


class Counting(Protocol):
    """What shows how far a check is: a job's progress, or a bar in the terminal."""

    def begin(self, total: int, note: str = "") -> None: ...

    def advance(self, count: int = 1) -> None: ...


class _Silent:
    def begin(self, total: int, note: str = "") -> None:
        pass

    def advance(self, count: int = 1) -> None:
        pass


@dataclass
class RegisterReport:
    """What a check of a register found. ``broken``, ``gaps`` and ``files_wrong`` are sentences for people, in
    Vietnamese: they are kept for whoever reads the register; all empty = sound. ``files`` is how many stored files
    were compared with their hashes."""

    series: str
    rows: int = 0
    certificates: int = 0
    files: int = 0
    broken: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    files_wrong: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    @property
    def problems(self) -> list[str]:
        return self.broken + self.gaps + self.files_wrong


def register_verify(
    *, series: Series, year: int | None = None, files: bool = True, progress: Counting | None = None
) -> RegisterReport:
    """Check the register of a series, or its book of one ``year``: the chain, every certificate against its rows, the
    numbers for gaps, what closings say, and (``files``) the bytes of every stored file.

    Memory stays flat however long the register is: rows, certificates, numbers and files are streamed.
    """
    report, shown = RegisterReport(series=series.code), progress or _Silent()
    rows = RegisterEntry.objects.filter(series=series)
    if year is not None:
        span = rows.filter(year=year).aggregate(first=Min("position"), last=Max("position"))
        rows = rows.filter(position__range=(span["first"] or 0, span["last"] or 0))
    report.rows = rows.count()
    shown.begin(report.rows, _("Kiểm tra các dòng"))
    _check_chain(series, rows, report, shown, whole=year is None)
    _check_certificates(series, year, report, shown, files=files)
    _check_numbers(series, year, report)
    _check_closings(series, year, report)
    return report


# --- Rows -----------------------------------------------------------------------------------------------------------
def _check_chain(
    series: Series, rows: QuerySet[RegisterEntry], report: RegisterReport, shown: Counting, *, whole: bool
) -> None:
    before = None if whole else _row_before(series, rows)
    previous, position = (before.row_hash, before.position) if before else (GENESIS, 0)
    kept = rows.select_related("series", "actor").order_by("position").iterator(chunk_size=1000)
    with on_record():
        report.broken += chain_errors(_counted(kept, shown), previous=previous, position=position)


def _row_before(series: Series, rows: QuerySet[RegisterEntry]) -> RegisterEntry | None:
    """The row before the first of ``rows``, from which a book goes on."""
    first = rows.aggregate(first=Min("position"))["first"] or 0
    found: RegisterEntry | None = RegisterEntry.objects.filter(series=series, position=first - 1).first()
    return found


def _counted(things: Iterable[Thing], shown: Counting) -> Iterator[Thing]:
    for thing in things:
        yield thing
        shown.advance()


# --- Certificates and their files -----------------------------------------------------------------------------------
def _check_certificates(
    series: Series, year: int | None, report: RegisterReport, shown: Counting, *, files: bool
) -> None:
    """Every certificate says what its rows say: rows and certificates run side by side in order of certificate."""
    rows = RegisterEntry.objects.filter(series=series, certificate__isnull=False).order_by("certificate_id", "position")
    certificates = _of_book(series, year)
    if year is not None:
        rows = rows.filter(certificate__in=certificates.values("pk"))
    shown.begin(certificates.count(), _("So từng giấy và tệp với sổ") if files else _("So từng giấy với sổ"))
    groups = groupby(rows.values_list("certificate_id", "act", "content").iterator(chunk_size=1000), key=itemgetter(0))
    at, acts = next(groups, _NO_ROWS)
    found = certificates.select_related("replaces", "replaced_by").order_by("pk").iterator(chunk_size=1000)
    for certificate in _counted(found, shown):
        report.certificates += 1
        own: list[tuple[str, dict[str, Any]]] = []
        while at is not None and at <= certificate.pk:
            if at == certificate.pk:
                own = [(act, content) for _pk, act, content in acts]
            at, acts = next(groups, _NO_ROWS)
        report.broken += _mismatches(certificate, own)
        if files:
            _check_file(certificate, report)


def _of_book(series: Series, year: int | None) -> QuerySet[Certificate]:
    """The certificates of a series, or those that its book of a year brought in."""
    certificates: QuerySet[Certificate] = Certificate.objects.filter(series=series)
    if year is None:
        return certificates
    taken_over = RegisterEntry.objects.filter(certificate=OuterRef("pk"), act=Act.IMPORT, year=year)
    return certificates.filter(Q(origin=Origin.PLATFORM, year=year) | Exists(taken_over))


def _mismatches(certificate: Certificate, acts: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    names = [act for act, _content in acts]
    first, called = (Act.IMPORT, "ghi lại") if certificate.origin == Origin.PAPER else (Act.ISSUE, "cấp")
    if names.count(Act.ISSUE) + names.count(Act.IMPORT) != 1 or first not in names:
        yield f"Giấy {certificate.number}: sổ gốc có {names.count(first)} dòng {called}, phải có đúng 1."
    ended = [act for act in names if act in _ENDING_ACTS]
    due = ENDING.get(certificate.state, ())
    if len(ended) != bool(due) or any(act not in due for act in ended):
        yield f"Giấy {certificate.number}: trạng thái khác với sổ gốc."
    claims = claims_of(certificate)
    if any(content[name] != claims[name] for _act, content in acts for name in claims.keys() & content.keys()):
        yield f"Giấy {certificate.number}: nội dung khác với sổ gốc."
    later = getattr(certificate, "replaced_by", None)
    said = {name: content[name] for _act, content in acts for name in ("replaces", "replaced_by") if name in content}
    linked = {"replaces": certificate.replaces, "replaced_by": later}
    if said != {name: other.number for name, other in linked.items() if other}:
        yield f"Giấy {certificate.number}: giấy thay thế khác với sổ gốc."


def _check_file(certificate: Certificate, report: RegisterReport) -> None:
    """The stored bytes of the issued file, or else of the one that waits to be signed, have the recorded hash."""
    kept = (certificate.file, certificate.file_sha256)
    name, recorded = kept if certificate.file else (certificate.draft_file, certificate.draft_sha256)
    if not name:
        return
    report.files += 1
    digest = _digest(name)
    if digest is None:
        report.files_wrong.append(f"Giấy {certificate.number}: mất tệp {name}.")
    elif digest != recorded:
        report.files_wrong.append(f"Giấy {certificate.number}: tệp {name} đã bị sửa.")


def _digest(name: str) -> str | None:
    """SHA-256 of a stored file, read in pieces; None where it is gone."""
    try:
        with storages["private"].open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


# --- Numbers and closings -------------------------------------------------------------------------------------------
def _check_numbers(series: Series, year: int | None, report: RegisterReport) -> None:
    """The numbers of each year run from 1 without a gap, up to where the counter stands."""
    reached: dict[int, int] = {}
    certificates = series.certificates.filter(origin=Origin.PLATFORM)
    counters = SeriesCounter.objects.filter(series=series)
    if year is not None:
        certificates, counters = certificates.filter(year=year), counters.filter(year=year)
    for book, seq in certificates.order_by("year", "seq").values_list("year", "seq").iterator(chunk_size=1000):
        assert seq is not None  # a constraint of the table
        expected = reached.get(book, 0) + 1
        if seq != expected:
            report.gaps.append(f"Năm {book}: thiếu số {expected} (gặp số {seq}).")
        reached[book] = seq
    last_of = dict(counters.values_list("year", "last"))
    for book in sorted(last_of.keys() | reached.keys()):
        counted, last = last_of.get(book, 0), reached.get(book, 0)
        if counted != last:
            report.gaps.append(f"Năm {book}: bộ đếm ở số {counted} nhưng giấy cuối cùng là số {last}.")


def _check_closings(series: Series, year: int | None, report: RegisterReport) -> None:
    """What a closing says is what the book holds, and nothing was written into the book after it. A closing that was
    the last row can be taken out without breaking the chain; the log of acts still knows of it."""
    rows = RegisterEntry.objects.filter(series=series, act=Act.CLOSE).order_by("year")
    closings = list(rows if year is None else rows.filter(year=year))
    logged = AuditEntry.objects.filter(act="book_close", subject_uuid=series.uuid).values_list("detail", flat=True)
    known = {detail["year"] for detail in logged if year in (None, detail["year"])}
    for lost in sorted(known - {closing.year for closing in closings}):
        report.broken.append(f"Sổ năm {lost}: đã khoá theo nhật ký nhưng không còn dòng khoá sổ.")
    for closing in closings:
        later = RegisterEntry.objects.filter(series=series, year=closing.year, position__gt=closing.position)
        if later.exists():
            report.broken.append(f"Sổ năm {closing.year}: có dòng ghi sau khi đã khoá sổ.")
        if closing.content != book_totals(series=series, year=closing.year):
            report.broken.append(f"Sổ năm {closing.year}: số liệu khoá sổ khác với các dòng trong sổ.")
