"""The register: append-only rows, each carrying the hash of the row before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.utils import timezone

from certificates.models import Act, Certificate, CertificateState, Origin, RegisterEntry, Series, SeriesCounter
from people.models import User

#: What the first row of every register names as the row before it.
GENESIS = "0" * 64
#: What follows the last certificate's rows.
_NO_ROWS: tuple[int | None, Iterable[tuple[int, str, dict[str, Any]]]] = (None, ())


@dataclass(frozen=True)
class Decision:
    """The written decision behind an act; empty for certificates numbered automatically."""

    number: str = ""
    day: date | None = None


@dataclass
class RegisterReport:
    """What a check of a register found. ``broken`` and ``gaps`` are sentences for people; both empty = sound."""

    series: str
    rows: int = 0
    certificates: int = 0
    broken: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.broken and not self.gaps


def claims_of(certificate: Certificate) -> dict[str, str]:
    """What a certificate claims, as text, in the form in which the register keeps it. Rows written before a claim was
    thought of lack it."""
    return {
        "number": certificate.number,
        "holder_name": certificate.holder_name,
        "holder_birth_date": _iso(certificate.holder_birth_date),
        "course_title": certificate.course_title,
        "course_hours": "" if certificate.course_hours is None else f"{certificate.course_hours:.1f}",
        "score": "" if certificate.score is None else f"{certificate.score:.2f}",
        "completed_on": _iso(certificate.completed_on),
        "issued_on": _iso(certificate.issued_on),
        "expires_on": _iso(certificate.expires_on),
        "issuer_name": certificate.issuer_name,
        "place": certificate.place,
        "signer_name": certificate.signer_name,
        "signer_title": certificate.signer_title,
        "decision_number": certificate.decision_number,
        "decision_date": _iso(certificate.decision_date),
    }


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def row_hash(entry: RegisterEntry, *, series_code: str, number: str, actor_uuid: str) -> str:
    """SHA-256 over the previous hash and the row in canonical JSON (sorted keys, UTF-8, no spaces)."""
    row = {
        "series": series_code,
        "position": entry.position,
        "certificate": number,
        "act": str(entry.act),
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor_uuid,
        "decision_number": entry.decision_number,
        "decision_date": _iso(entry.decision_date),
        "reason": entry.reason,
        "content": entry.content,
    }
    canonical = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(entry.previous_hash.encode() + canonical.encode()).hexdigest()


def register_append(
    *,
    series: Series,
    certificates: Sequence[Certificate],
    act: Act,
    at: datetime,
    actor: User | None = None,
    decision: Decision | None = None,
    reason: str = "",
    more: dict[str, Any] | None = None,
) -> list[RegisterEntry]:
    """Append one row for each certificate; ``more`` is what the act has to say beside the claims.

    The caller holds the lock on the series row, so positions never collide.
    """
    decision = decision or Decision()
    last = RegisterEntry.objects.filter(series=series).order_by("-position").values_list("position", "row_hash").first()
    position, previous = last or (0, GENESIS)
    entries = []
    for certificate in certificates:
        position += 1
        entry = RegisterEntry(
            series=series,
            year=timezone.localdate(at).year,
            position=position,
            certificate=certificate,
            act=act,
            at=at,
            actor=actor,
            decision_number=decision.number,
            decision_date=decision.day,
            reason=reason,
            content=claims_of(certificate) | (more or {}),
            previous_hash=previous,
        )
        previous = entry.row_hash = row_hash(
            entry, series_code=series.code, number=certificate.number, actor_uuid=str(actor.uuid) if actor else ""
        )
        entries.append(entry)
    RegisterEntry.objects.bulk_create(entries, batch_size=500)
    return entries


def chain_errors(entries: Iterator[RegisterEntry], *, previous: str, position: int) -> Iterator[str]:
    """Sentences about rows that do not follow from the one before; rows come in order, with certificate and actor."""
    for entry in entries:
        position += 1
        if entry.position != position:
            yield f"Thiếu dòng {position} của sổ gốc."
            position = entry.position
        elif entry.previous_hash != previous:
            yield f"Dòng {position} không nối tiếp dòng trước."
        if entry.row_hash != _hash_of_stored(entry):
            yield f"Dòng {position} đã bị sửa sau khi ghi."
        previous = entry.row_hash


def _hash_of_stored(entry: RegisterEntry) -> str:
    return row_hash(
        entry,
        series_code=entry.series.code,
        number=str(entry.content.get("number", "")),
        actor_uuid=str(entry.actor.uuid) if entry.actor else "",
    )


def register_verify(*, series: Series) -> RegisterReport:
    """Check a whole register: the chain, every certificate against its rows, and the numbers for gaps.

    Memory stays flat however long the register is: rows, certificates and numbers are streamed.
    """
    report = RegisterReport(series=series.code)
    rows = RegisterEntry.objects.filter(series=series).select_related("series", "actor").order_by("position")
    report.rows = rows.count()
    report.broken += chain_errors(rows.iterator(chunk_size=1000), previous=GENESIS, position=0)
    _compare_certificates(series, report)
    _check_numbers(series, report)
    return report


def _compare_certificates(series: Series, report: RegisterReport) -> None:
    """Every certificate says what its rows say: rows and certificates run side by side in order of certificate."""
    rows = RegisterEntry.objects.filter(series=series).order_by("certificate_id", "position")
    kept = rows.values_list("certificate_id", "act", "content").iterator(chunk_size=1000)
    groups = groupby(kept, key=itemgetter(0))
    at, acts = next(groups, _NO_ROWS)
    for certificate in series.certificates.order_by("pk").iterator(chunk_size=1000):
        report.certificates += 1
        own: list[tuple[str, dict[str, Any]]] = []
        while at is not None and at <= certificate.pk:
            if at == certificate.pk:
                own = [(act, content) for _, act, content in acts]
            at, acts = next(groups, _NO_ROWS)
        report.broken += _mismatches(certificate, own)


def _check_numbers(series: Series, report: RegisterReport) -> None:
    """The numbers of each year run from 1 without a gap, up to where the counter stands."""
    reached: dict[int, int] = {}
    numbers = series.certificates.filter(origin=Origin.PLATFORM).order_by("year", "seq").values_list("year", "seq")
    for year, seq in numbers.iterator(chunk_size=1000):
        assert seq is not None  # a constraint of the table
        expected = reached.get(year, 0) + 1
        if seq != expected:
            report.gaps.append(f"Năm {year}: thiếu số {expected} (gặp số {seq}).")
        reached[year] = seq
    for year, last in SeriesCounter.objects.filter(series=series).values_list("year", "last"):
        if last != reached.get(year, 0):
            report.gaps.append(f"Năm {year}: bộ đếm ở số {last} nhưng giấy cuối cùng là số {reached.get(year, 0)}.")


def _mismatches(certificate: Certificate, acts: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    names = [act for act, _ in acts]
    if names.count(Act.ISSUE) != 1:
        yield f"Giấy {certificate.number}: sổ gốc có {names.count(Act.ISSUE)} dòng cấp, phải có đúng 1."
    if (certificate.state == CertificateState.REVOKED) != (Act.REVOKE in names):
        yield f"Giấy {certificate.number}: trạng thái khác với sổ gốc."
    claims = claims_of(certificate)
    if any(content[name] != claims[name] for _, content in acts for name in claims.keys() & content.keys()):
        yield f"Giấy {certificate.number}: nội dung khác với sổ gốc."
