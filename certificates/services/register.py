"""The register: append-only rows, each carrying the hash of the row before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Act, Certificate, RegisterEntry, Series
from common.errors import Refusal
from people.models import User

#: What the first row of every register names as the row before it.
GENESIS = "0" * 64


@dataclass(frozen=True)
class Decision:
    """The written decision behind an act; empty for certificates numbered automatically."""

    number: str = ""
    day: date | None = None


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
    each: Mapping[str, dict[str, Any]] | None = None,
) -> list[RegisterEntry]:
    """Append one row for each certificate, in the book of the year of ``at``; ``more`` is what the act has to say
    beside the claims, ``each`` what it has to say of one certificate, by number.

    The caller holds the lock on the series row, so positions never collide. Raises Refusal ``book_closed``.
    """
    return _append(
        series,
        [(one, claims_of(one) | (more or {}) | (each or {}).get(one.number, {})) for one in certificates],
        year=timezone.localdate(at).year,
        row=RegisterEntry(act=act, at=at, actor=actor, reason=reason, **_named(decision)),
    )


def register_append_closing(
    *, series: Series, year: int, at: datetime, actor: User, reason: str, content: dict[str, Any]
) -> RegisterEntry:
    """Append the row that closes the book of ``year``: it names no certificate. The caller holds the lock."""
    row = RegisterEntry(act=Act.CLOSE, at=at, actor=actor, reason=reason)
    return _append(series, [(None, content)], year=year, row=row)[0]


def _named(decision: Decision | None) -> dict[str, Any]:
    return {"decision_number": decision.number, "decision_date": decision.day} if decision else {}


def _append(
    series: Series,
    contents: Iterable[tuple[Certificate | None, dict[str, Any]]],
    *,
    year: int,
    row: RegisterEntry,
) -> list[RegisterEntry]:
    """Rows like ``row``, each with its certificate and content, after the last one."""
    position, previous = _last(series, year)
    entries = []
    for certificate, content in contents:
        position += 1
        entry = RegisterEntry(
            series=series,
            year=year,
            position=position,
            certificate=certificate,
            act=row.act,
            at=row.at,
            actor=row.actor,
            decision_number=row.decision_number,
            decision_date=row.decision_date,
            reason=row.reason,
            content=content,
            previous_hash=previous,
        )
        previous = entry.row_hash = _hash_of(entry, series.code)
        entries.append(entry)
    RegisterEntry.objects.bulk_create(entries, batch_size=500)
    return entries


def _last(series: Series, year: int) -> tuple[int, str]:
    """Position and hash of the last row; refused where the book of ``year`` is closed."""
    rows = RegisterEntry.objects.filter(series=series)
    closed = Exists(RegisterEntry.objects.filter(series=OuterRef("series"), year=year, act=Act.CLOSE))
    found = rows.order_by("-position").annotate(closed=closed).values_list("position", "row_hash", "closed").first()
    if found is None:
        return 0, GENESIS
    if found[2]:
        raise Refusal(
            _("Sổ gốc năm %(year)s của «%(series)s» đã khoá, không ghi thêm dòng nào được.")
            % {"year": year, "series": series.name},
            code="book_closed",
            fix=_("Kiểm tra ngày giờ của máy chủ: mỗi việc được ghi vào sổ của năm đang làm."),
        )
    return found[0], found[1]


def chain_errors(entries: Iterator[RegisterEntry], *, previous: str, position: int) -> Iterator[str]:
    """Sentences about rows that do not follow from the one before; rows come in order, with certificate and actor."""
    for entry in entries:
        position += 1
        if entry.position != position:
            yield _("Thiếu dòng %(position)s của sổ gốc.") % {"position": position}
            position = entry.position
        elif entry.previous_hash != previous:
            yield _("Dòng %(position)s không nối tiếp dòng trước.") % {"position": position}
        if entry.row_hash != _hash_of(entry, entry.series.code):
            yield _("Dòng %(position)s đã bị sửa sau khi ghi.") % {"position": position}
        if entry.year != _book_of(entry):
            text = _("Dòng %(position)s đứng sai sổ: ghi ở sổ năm %(year)s, phải ở sổ năm %(due)s.")
            yield text % {"position": position, "year": entry.year, "due": _book_of(entry)}
        previous = entry.row_hash


def _hash_of(entry: RegisterEntry, series_code: str) -> str:
    return row_hash(
        entry,
        series_code=series_code,
        number=str(entry.content.get("number", "")),
        actor_uuid=str(entry.actor.uuid) if entry.actor else "",
    )


def _book_of(entry: RegisterEntry) -> int:
    """The book in which a row belongs: that of the day on which it was written, or the one that it closes."""
    return int(entry.content.get("year", 0)) if entry.act == Act.CLOSE else timezone.localdate(entry.at).year
