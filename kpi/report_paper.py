"""A report as it stands on paper, whatever the file: head, numbered parts, tables, signature, recipients.

The form of Nghị định 30/2020: who issues, under whom; number and sign; place and day; kind and subject; "Kính gửi";
the body in numbered parts; "Nơi nhận"; in what capacity, with which office and by whom it is signed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

from kpi.models import Report, ReportKind, ReportState
from kpi.report_facts import SECTIONS, Facts, Line, count_text, percent_text

COUNTRY, MOTTO = "Cộng hoà xã hội chủ nghĩa Việt Nam", "Độc lập - Tự do - Hạnh phúc"
#: Parts under which the tables of figures stand.
WITH_FIGURES, WITH_UNITS = "ket_qua", "so_sanh"
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
HEADINGS = ("TT", "Chỉ tiêu", "Đã đạt", "Phải học", "Tỷ lệ", "Mục tiêu", "Còn thiếu", "Kỳ trước")
UNIT_HEADINGS = ("TT", "Đơn vị", "Đã đạt", "Phải học", "Tỷ lệ", "Còn thiếu")


#: Units shown at either end of a ranking in a briefing: they fit one page.
RANKED = 9


@dataclass(frozen=True)
class Table:
    """``notes`` stand under it, each after its mark."""

    title: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    notes: list[str] = field(default_factory=list)

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        """Rows with the heading beside each cell, for phones."""
        return [list(zip(self.headings, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Part:
    """A numbered part: its paragraphs, then its tables."""

    title: str
    paragraphs: list[str]
    tables: list[Table] = field(default_factory=list)


@dataclass(frozen=True)
class Bar:
    """A figure of the briefing: with a bar of ``width`` percent."""

    name: str
    says: str
    width: str


@dataclass(frozen=True)
class Paper:
    """Everything that stands on the paper. ``warning``: what a draft says of itself."""

    report: Report
    issuer: list[str]
    number: str
    place_and_day: str
    addressees: list[str]
    parts: list[Part]
    recipients: list[str]
    signer: list[str]
    cite: str
    bars: list[Bar] = field(default_factory=list)
    ranking: list[Bar] = field(default_factory=list)

    @property
    def head(self) -> list[str]:
        """Who issues, as the head has it: a committee that needs two lines is broken before its place."""
        return [_broken_before_place(line) for line in self.issuer]

    @property
    def warning(self) -> str:
        return "" if self.report.state == ReportState.ISSUED else "DỰ THẢO, chưa ban hành"


def paper_of(report: Report, facts: Facts) -> Paper:
    """The paper of a report; its figures and words are those that the report holds."""
    day = report.dated_on
    when = f"ngày {day:%d} tháng {_month(day.month)} năm {day.year}" if day else "ngày … tháng … năm …"
    return Paper(
        report=report,
        issuer=facts.issuer,
        number=report.number or "…/BC-…",
        place_and_day=f"{report.place_name or '…'}, {when}",
        addressees=_lines(report.addressees),
        parts=[_part(number, name, report, facts) for number, name in enumerate(SECTIONS[report.kind])],
        recipients=[line.rstrip(";.") for line in _lines(report.recipients)],
        signer=[line.upper() for line in (report.signer_authority, report.signer_title) if line],
        cite=facts.cite.text,
        bars=[
            _bar(line, f"{line.code}. {line.text}{_aside(line)}") for line in facts.lines if line.percent is not None
        ],
        ranking=_ranking(report, facts),
    )


def _broken_before_place(name: str) -> str:
    committee = "Uỷ ban nhân dân "
    if not name.startswith(committee):
        return name
    return committee + name.removeprefix(committee).replace(" ", "\N{NO-BREAK SPACE}")


def _month(month: int) -> str:
    """January and February get a nought before them, as days do (Nghị định 30/2020)."""
    return f"{month:02d}" if month < 3 else str(month)


def _lines(text: str) -> list[str]:
    return [line.strip(" -") for line in text.splitlines() if line.strip(" -")]


def _part(number: int, name: str, report: Report, facts: Facts) -> Part:
    title = f"{_ROMAN[number]}. {SECTIONS[report.kind][name][0]}"
    tables: list[Table] = []
    if report.kind == ReportKind.PERIODIC and name == WITH_FIGURES:
        tables = figure_tables(facts)
    elif report.kind == ReportKind.PERIODIC and name == WITH_UNITS:
        tables = unit_tables(facts)
    return Part(title, _lines(str(report.narrative.get(name, ""))), tables)


def figure_tables(facts: Facts) -> list[Table]:
    """One table of figures for each decision, each citing the closing."""
    found = []
    for decision, lines in groupby(facts.lines, key=lambda line: line.decision):
        some = list(lines)
        marks = _marks(some)
        rows = [_row(number, line, marks) for number, line in enumerate(some, start=1)]
        found.append(Table(f"{decision} ({facts.cite.text})", HEADINGS, rows, _notes(marks)))
    return found


def _marks(lines: list[Line]) -> dict[str, str]:
    """What readers of these figures must know, each with its mark: (*), (**), …"""
    return {
        text: f"({'*' * n})" for n, text in enumerate(dict.fromkeys(x.caution for x in lines if x.caution), start=1)
    }


def _notes(marks: dict[str, str]) -> list[str]:
    return [f"{mark} {text}" for text, mark in marks.items()]


def _row(number: int, line: Line, marks: dict[str, str]) -> tuple[str, ...]:
    mark = f" {marks[line.caution]}" if line.caution else ""
    return (
        str(number), f"{line.code}. {line.text}{mark}", count_text(line.count), count_text(line.due),
        percent_text(line), line.target, count_text(line.gap), count_text(line.before),
    )  # fmt: skip


def unit_tables(facts: Facts) -> list[Table]:
    """The units below by the leading indicator, the highest first; those without a percentage at the end.

    None where all are alike: the sentence above says all that there is to say.
    """
    line = facts.leading
    if line is None or not facts.differ(line.code):
        return []
    below = facts.ranked(line.code)
    below += [row for row in facts.below[line.code] if row.percent is None]
    rows: list[tuple[str, ...]] = [
        (str(n), row.unit, count_text(row.count), count_text(row.due), percent_text(row), count_text(row.gap))
        for n, row in enumerate(below, start=1)
    ]
    marks = _marks([line])
    mark = f" {marks[line.caution]}" if line.caution else ""
    title = f"Chỉ tiêu {line.named}{mark} theo đơn vị ({facts.cite.text})"
    return [Table(title, UNIT_HEADINGS, rows, _notes(marks))]


def _aside(line: Line) -> str:
    """What readers must know, where no table has a foot to say it."""
    return f" ({line.caution.rstrip('.')})" if line.caution else ""


def _bar(line: Line, name: str) -> Bar:
    says = f"{percent_text(line)} ({count_text(line.count)} trên {count_text(line.whole)})"
    if line.target_value is not None:
        says += f"; mục tiêu {line.target}"
    return Bar(name, says, f"{min(100, float(line.percent or 0)):.1f}%")


def _ranking(report: Report, facts: Facts) -> list[Bar]:
    line = facts.leading
    if report.kind != ReportKind.BRIEFING or line is None or not facts.differ(line.code):
        return []
    ranked = facts.ranked(line.code)
    percents = [row.percent for row in ranked]
    # Who is alike shares a place.
    bars = [_bar(row, f"{percents.index(row.percent) + 1}. {row.unit}") for row in ranked]
    if len(bars) <= 2 * RANKED:
        return bars
    between = Bar(f"… {len(bars) - 2 * RANKED} đơn vị ở giữa, xem bảng tính kèm theo", "", "0%")
    return [*bars[:RANKED], between, *bars[-RANKED:]]
