"""Reading the audit log: who may see which entries, searching, and a page of them without counting all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core import signing
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from common import audit
from common.language import on_record
from common.models import AuditEntry
from people import access, audit_names, audit_words
from people.models import Membership, Structure, Unit, UnitAncestor, User
from people.querysets import today

PER_PAGE = 50
#: Rows of one file: more than a spreadsheet is read by, less than a web process should write while others wait.
EXPORT_MOST = 50_000
#: Units; see ``_in_scope``.
LARGE_SCOPE = 300
_CURSOR = "people.audit_log"


@dataclass(frozen=True)
class Search:
    """What somebody looks for; empty fields ask for nothing."""

    group: str = ""
    words: str = ""
    unit: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Line:
    """An entry in words."""

    entry: AuditEntry
    act: str
    unit: str
    changes: list[audit_words.Change]


@dataclass(frozen=True)
class LogPage:
    """Entries in words, and the way to the older ones."""

    lines: list[Line]
    older: str


def entries_for(viewer: Any, search: Search) -> QuerySet[AuditEntry]:
    """The entries that ``viewer`` may read and looks for, newest first.

    Whoever administers the whole province reads everything; others what happened in the units of their scope.
    """
    entries: QuerySet[AuditEntry] = AuditEntry.objects.order_by("-at", "-id")
    if not access.administers_all(viewer):
        entries = _in_scope(entries, viewer)
    if search.group:
        entries = entries.filter(act__in=audit_words.acts_of(search.group))
    if search.words:
        entries = entries.filter(_about(search.words))
    if search.unit:
        entries = entries.filter(unit_uuid__in=_units(search.unit).values("uuid"))
    if search.first:
        entries = entries.filter(at__gte=_midnight(search.first))
    if search.last:
        entries = entries.filter(at__lt=_midnight(search.last + timedelta(days=1)))
    return entries


def _in_scope(entries: QuerySet[AuditEntry], viewer: Any) -> QuerySet[AuditEntry]:
    """Entries of the units of one's scope, asked for in the way that suits its size.

    Few units: their own entries, found by unit. A large part of the province: entries from the newest on, each looked
    at, for nearly all pass; a database that gathered and sorted them first took five seconds over a million.
    """
    scope = access.scope_units(viewer, access.AUDIT_READING)
    units = Unit.objects.filter(pk__in=scope)
    if scope[: LARGE_SCOPE + 1].count() > LARGE_SCOPE:
        return entries.filter(Exists(units.filter(uuid=OuterRef("unit_uuid"))))
    return entries.filter(unit_uuid__in=units.values("uuid"))


def _about(words: str) -> Q:
    """By or about somebody of that name (accents optional), or about a thing whose number holds the words."""
    people = User.objects.search(words)
    places = Membership.objects.filter(user__in=people)
    found = Q(actor__in=people) | Q(subject_uuid__in=people.values("uuid"))
    found |= Q(subject_uuid__in=places.values("uuid"))
    return found | Q(subject_name__icontains=words)


def _units(words: str) -> QuerySet[Unit]:
    """Units that the words find, and everything below them today."""
    named = Unit.objects.search(words)
    structure = Structure.objects.filter(valid_from__lte=today()).order_by("-valid_from").values("pk")[:1]
    below = UnitAncestor.objects.filter(structure__in=structure, ancestor__in=named.values("pk"))
    return Unit.objects.filter(pk__in=below.values("descendant"))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def page_of(entries: QuerySet[AuditEntry], cursor: str = "") -> LogPage:
    """A page of entries older than ``cursor``. Costs the same on the first and on the thousandth page."""
    if after := _read_cursor(cursor):
        at, pk = after
        entries = entries.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    rows = list(entries.select_related("actor")[: PER_PAGE + 1])
    shown = rows[:PER_PAGE]
    return LogPage(list(lines_of(shown)), _cursor(shown[-1]) if len(rows) > PER_PAGE else "")


def lines_of(entries: Iterable[AuditEntry]) -> Iterator[Line]:
    """Entries in words. Names of units, people and audiences are read once for all of them: three queries."""
    entries = list(entries)
    named = {uuid for entry in entries for uuid in audit_words.uuids_in(entry)}
    wanted = named | {str(entry.unit_uuid) for entry in entries if entry.unit_uuid}
    units = {str(uuid): name for uuid, name in Unit.objects.filter(uuid__in=wanted).values_list("uuid", "name")}
    people = {str(uuid): name for uuid, name in User.objects.filter(uuid__in=named).values_list("uuid", "full_name")}
    known = audit_words.Known(audit_words.audience_names() if entries else {}, units | people)
    for entry in entries:
        unit = units.get(str(entry.unit_uuid), "")
        yield Line(entry, audit_words.act_name(entry.act), unit, audit_words.changes_of(entry, known))


def _cursor(entry: AuditEntry) -> str:
    return signing.dumps([entry.at.isoformat(), entry.pk], salt=_CURSOR)


def _read_cursor(cursor: str) -> tuple[datetime, int] | None:
    """None for no cursor, and for one that was not made here: the newest entries are an answer too."""
    try:
        at, pk = signing.loads(cursor, salt=_CURSOR)
    except signing.BadSignature:
        return None
    return datetime.fromisoformat(at), pk


HEADINGS = ["Lúc", "Người làm", "Việc", "Với", "Đơn vị", "Từ địa chỉ", "Nội dung"]


def export_rows(entries: QuerySet[AuditEntry]) -> Iterator[list[str]]:
    """The lines of a file, newest first, at most ``EXPORT_MOST``; memory does not grow with their number."""
    yield HEADINGS
    rows = entries.select_related("actor")[:EXPORT_MOST].iterator(chunk_size=1000)
    while chunk := [entry for _, entry in zip(range(1000), rows, strict=False)]:
        with on_record():
            cells = [_cells(line) for line in lines_of(chunk)]
        yield from cells


def _cells(line: Line) -> list[str]:
    said = [c.after if c.before is None else f"{c.before} → {c.after}" for c in line.changes]
    return [
        timezone.localtime(line.entry.at).strftime("%d/%m/%Y %H:%M:%S"),
        str(line.entry.actor or "Hệ thống"),
        line.act,
        line.entry.subject_name,
        line.unit,
        line.entry.from_address or "",
        "; ".join(f"{change.label}: {text}" for change, text in zip(line.changes, said, strict=True)),
    ]


def export_record(*, viewer: User, search: Search) -> AuditEntry:
    """Keep in the log that somebody took a copy of it, and what they asked for."""
    unit = access.office_unit(viewer, access.AUDIT_READING)
    asked = {
        "group": audit_names.GROUPS.get(search.group, ""),
        "words": search.words,
        "unit": search.unit,
        "day_from": search.first.isoformat() if search.first else "",
        "day_to": search.last.isoformat() if search.last else "",
    }
    filters = {field: said for field, said in asked.items() if said}
    return audit.record(actor=viewer, act="audit_export", subject=viewer, unit=unit, filters=filters)
