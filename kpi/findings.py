"""What somebody noticed in the documents: contradictions, odd figures, gaps. Written in ``data/findings.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kpi.loading import DATA, PROGRAMMES, TARGETS, Entry

FILE = "findings.yaml"
SEVERITIES = {
    "high": _("Cần hỏi trước khi báo cáo"),
    "medium": _("Cần lưu ý"),
    "low": _("Nên biết"),
    "info": _("Để biết"),
}


@dataclass(frozen=True)
class Evidence:
    """Words of a document, as they stand there."""

    source: str
    title: str
    quote: str


@dataclass(frozen=True)
class Finding:
    """One matter, with the indicators and programmes that it concerns."""

    code: str
    severity: str
    title: str
    detail: str
    indicators: tuple[str, ...]
    programmes: tuple[str, ...]
    evidence: tuple[Evidence, ...]

    @property
    def severity_name(self) -> str:
        return gettext(SEVERITIES[self.severity])


def read(folder: Path) -> list[Finding]:
    """Read the findings, the gravest first; raises DataError naming line and field of what is wrong."""
    targets = {e.code for e in Entry.read(folder / TARGETS).coded("kpi_targets")}
    document = Entry.read(folder / PROGRAMMES)
    programmes = {e.code for e in document.coded("programmes")}
    titles = {str(k): str(v).split(" – ", 1)[-1] for k, v in document.part("documents").data.items()}
    found = []
    for entry in Entry.read(folder / FILE).coded("findings"):
        entry.only({"code", "severity", "title", "detail", "indicators", "programmes", "evidence"})
        found.append(
            Finding(
                code=entry.code,
                severity=entry.choice("severity", tuple(SEVERITIES)),
                title=entry.text("title"),
                detail=entry.text("detail"),
                indicators=_codes(entry, "indicators", targets, TARGETS),
                programmes=_codes(entry, "programmes", programmes, PROGRAMMES),
                evidence=tuple(_evidence(one, titles) for one in entry.entries("evidence", label="source")),
            )
        )
    order = list(SEVERITIES)
    return sorted(found, key=lambda one: (order.index(one.severity), one.code))


def _codes(entry: Entry, field: str, known: set[str], file: str) -> tuple[str, ...]:
    codes = entry.texts(field, needed=False)
    if unknown := [code for code in codes if code not in known]:
        raise entry.wrong(field, f"không có «{unknown[0]}» trong {file}")
    return tuple(codes)


def _evidence(entry: Entry, titles: dict[str, str]) -> Evidence:
    entry.only({"source", "quote"})
    source = entry.text("source")
    if source not in titles:
        raise entry.wrong("source", "không có văn bản này trong phần documents của programmes.yaml")
    return Evidence(source, titles[source], entry.text("quote"))


@cache
def findings() -> tuple[Finding, ...]:
    """The findings of the release; read once."""
    return tuple(read(DATA))


def findings_of(code: str) -> list[Finding]:
    """The findings that concern an indicator."""
    return [one for one in findings() if code in one.indicators]
