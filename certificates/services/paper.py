"""Taking certificates over from a paper register, so that they verify like all others: all of a file or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import Act, Certificate, Origin, Series, SeriesCounter
from certificates.numbering import number_key, number_text
from certificates.services.issuing import issuer_name, require_issuing_right, series_lock
from certificates.services.paper_reading import COLUMNS, PaperFault, PaperRow, PaperTable, paper_read
from certificates.services.proving import Counting
from certificates.services.register import register_append
from common import audit
from common.errors import Refusal
from common.sheets_out import write_xlsx
from people.models import User
from people.rosters.values import Fault, text_of

_CHUNK = 500


def paper_check(file: BinaryIO, *, series: Series) -> PaperTable:
    """A file as it would be taken over: rows, and faults with line, column and how to mend them. Writes nothing."""
    table = paper_read(file, today=timezone.localdate())
    _blame_repeats(table)
    _blame_known(table, series)
    return table


def _blame_repeats(table: PaperTable) -> None:
    first: dict[str, int] = {}
    for row in table.rows:
        if (line := first.setdefault(row.key, row.line)) != row.line:
            said = _("Số này đã có ở dòng %(line)s.") % {"line": line}
            fault = Fault("number_repeated", said, _("Mỗi số chỉ ghi một lần."))
            table.blame(row.line, "number", row.number, fault)


def _blame_known(table: PaperTable, series: Series) -> None:
    """Numbers that somebody holds already, and numbers that the platform gives out itself."""
    known = set(_known_keys([row.key for row in table.rows]))
    since = _numbered_since(series)
    for row in table.rows:
        if row.key in known:
            fault = Fault("number_taken", _("Số này đã có trong hệ thống."), _("Xoá dòng này, hoặc xem lại số."))
            table.blame(row.line, "number", row.number, fault)
        elif (year := _platform_year(series, row.key)) and year >= since:
            fault = Fault(
                "number_of_platform",
                _("Số này thuộc dãy số mà hệ thống cấp cho năm %(year)s.") % {"year": year},
                _("Ghi đúng số và ký hiệu như trên giấy; hai giấy không được trùng số."),
            )
            table.blame(row.line, "number", row.number, fault)


def _known_keys(keys: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(keys), _CHUNK):
        found = Certificate.objects.filter(number_key__in=keys[start : start + _CHUNK])
        yield from found.values_list("number_key", flat=True)


def _numbered_since(series: Series) -> int:
    """The first year in which the platform numbers certificates of a series."""
    first = SeriesCounter.objects.filter(series=series).order_by("year").values_list("year", flat=True).first()
    return min(first or timezone.localdate().year, timezone.localdate().year)


def _platform_year(series: Series, key: str) -> int:
    """The year for which the platform would write a number of this key; 0 where it never would."""
    figures = [int(part) for part in key.split(".") if part.isdigit() and len(part) <= 9]
    for year in figures:
        for seq in figures:
            if key == number_key(number_text(series.pattern, seq=seq, year=year, suffix=series.suffix)):
                return year
    return 0


def _open_for(series: Series, rows: Sequence[PaperRow], faults: Sequence[PaperFault]) -> Series:
    """The series, locked, when nothing stands in the way of the rows; raises what ``paper_import`` says."""
    if faults:
        raise Refusal(
            ngettext(
                "Tệp còn %(count)s chỗ cần sửa nên chưa ghi dòng nào.",
                "Tệp còn %(count)s chỗ cần sửa nên chưa ghi dòng nào.",
                len(faults),
            )
            % {"count": len(faults)},
            code="has_faults",
            fix=_("Sửa các chỗ được nêu rồi gửi lại tệp."),
        )
    locked = series_lock(pk=series.pk)
    assert locked is not None
    if taken := set(_known_keys([row.key for row in rows])):
        raise Refusal(
            ngettext(
                "%(count)s số vừa được ghi vào hệ thống nên chưa ghi dòng nào.",
                "%(count)s số vừa được ghi vào hệ thống nên chưa ghi dòng nào.",
                len(taken),
            )
            % {"count": len(taken)},
            code="number_taken",
            fix=_("Gửi lại tệp để xem các số đó."),
        )
    return locked


@transaction.atomic
def paper_import(
    *,
    actor: User,
    series: Series,
    rows: Sequence[PaperRow],
    faults: Sequence[PaperFault],
    file_name: str,
    progress: Counting | None = None,
) -> list[Certificate]:
    """Take the certificates of a checked file over, each with a register row ``nhap``; all of them or none.

    Raises Refusal ``not_allowed``, ``has_faults`` (``faults`` has any) or ``number_taken`` (somebody was quicker).
    """
    require_issuing_right(actor, series.unit)
    locked = _open_for(series, rows, faults)
    at, made = timezone.now(), []
    issuer = issuer_name(locked.unit)
    if progress:
        progress.begin(len(rows), _("Đang ghi vào sổ"))
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        certificates = Certificate.objects.bulk_create([_certificate(locked, row, issuer) for row in part])
        results = {row.number: {"result": row.result} for row in part if row.result}
        register_append(
            series=locked,
            certificates=certificates,
            act=Act.IMPORT,
            at=at,
            actor=actor,
            reason=f"Tệp {file_name}"[:300],
            each=results,
        )
        made += certificates
        if progress:
            progress.advance(len(part))
    audit.record(
        actor=actor, act="paper_import", subject=locked, unit=locked.unit, certificates=len(made), file_name=file_name
    )
    return made


def _certificate(series: Series, row: PaperRow, issuer: str) -> Certificate:
    assert row.issued_on is not None  # rows without it have a fault
    return Certificate(
        origin=Origin.PAPER,
        series=series,
        year=row.issued_on.year,
        number=row.number,
        number_key=row.key,
        holder_name=row.holder_name,
        holder_birth_date=row.holder_birth_date,
        course_title=row.course_title,
        course_hours=row.course_hours,
        score=row.score,
        issued_on=row.issued_on,
        issuer_name=row.issuer_name or issuer,
        place=series.place,
        signer_name=row.signer_name,
        signer_title=row.signer_title,
        decision_number=row.decision_number,
        decision_date=row.decision_date,
    )


def faults_file(table: PaperTable) -> bytes:
    """The lines to be mended in the file's own layout, each with its number, why and how to mend it."""
    told: dict[int, list[PaperFault]] = {}
    for fault in table.faults:
        told.setdefault(fault.line, []).append(fault)
    lines = (
        [line, "; ".join(f"{f.column}: {f.text} {f.fix}" for f in faults), *map(text_of, table.lines[line])]
        for line, faults in sorted(told.items())
    )
    return write_xlsx(["Dòng", "Cần sửa", *table.headings], lines, sheet="Can sua")


def template_file() -> bytes:
    """A workbook to fill in: the headings and a line that shows how it is done."""
    example = [
        "15/2019/CN-SKHCN", "02/05/2019", "Nguyễn Văn Mẫu", "Tin học cơ bản", "17/05/1969", "40", "Giỏi",
        "12/QĐ-SKHCN", "20/04/2019", "Trần Văn Ký", "Giám đốc", "",
    ]  # fmt: skip
    return write_xlsx(list(COLUMNS.values()), [example], sheet="So giay")
