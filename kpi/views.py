"""Pages of figures, and of the people behind them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import audit
from common.database import row_by_row
from common.paging import KnownLength
from common.sheets_out import guarded
from common.text import vi_date, vi_score
from kpi import boards, figures, findings, kept, loading, places
from kpi.closed import LastClosed, last_closed
from kpi.figures import Figure, Part
from kpi.forms import Reading, ReadingForm, reading_of
from kpi.models import Counted, Decision, Indicator
from kpi.progress import State
from kpi.rights import explained_by
from kpi.units_counted import UNIT_KINDS, units_behind
from kpi.wording import words_of
from people import access
from people.models import Unit, UnitAncestor
from people.stepup import demand_fresh_proof

PAGE = 50
#: So many audiences are named in a line.
MOST_AUDIENCES = 2


@dataclass(frozen=True)
class Line:
    """An indicator in a list, with its figure where the platform counts or units declared."""

    indicator: Indicator
    figure: Figure
    closed: LastClosed | None = None

    @property
    def meant_for(self) -> str:
        """The audiences, where they are few: by these a reader who does not know the words of a decision finds it."""
        audiences = self.indicator.all_audiences
        return ", ".join(map(str, audiences)) if len(audiences) <= MOST_AUDIENCES else ""

    @property
    def has_figure(self) -> bool:
        return self.indicator.has_figure and self.figure.is_known


@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Every indicator of every decision in force, with its figure for the reader's unit."""
    reading = reading_of(request)
    asked = request.GET.get("tinh-trang", "")
    state = asked if asked in set(State) else ""

    def made() -> str:
        return render_to_string("kpi/boards/_board.html", _board(reading, state))

    board = kept.board(reading, state, made)
    return render(request, "kpi/dashboard.html", _shared(request, reading) | {"board": board})


def _board(reading: Reading, state: str) -> dict[str, Any]:
    """What the board says: the same to everybody who may read the unit."""
    place = places.place_of(reading.unit, reading.structure, reading.known, with_rows=False)
    indicators = list(Indicator.objects.for_figures(reading.unit))
    shown = figures.dashboard(indicators, place, reading.year)
    closed = last_closed(shown, place, reading.year, with_corrections=False)
    lines = {i.code: Line(i, shown[i.pk], closed.get(i.pk)) for i in indicators}
    told = [(one.indicator, one.figure) for one in lines.values() if one.has_figure]
    board = boards.dashboard_context(place, reading, told)
    standings = {pk: one for pk, one in board["standings"].items() if state in ("", one.state)}
    decisions = [
        {
            "decision": decision,
            "counting": [
                {"line": line, "standing": standings[line.indicator.pk]}
                for line in group
                if line.indicator.pk in standings
            ],
            "waiting": [line for line in group if not line.has_figure],
        }
        for decision, rows in groupby(lines.values(), key=attrgetter("indicator.decision"))
        for group in [list(rows)]
    ]
    pairs = [
        {"title": pair.title, "lines": [lines[code] for code in pair.codes if code in lines]}
        for pair in loading.side_by_side()
    ]
    about = {"reading": reading, "query": reading.query(), "state": state, "decisions": decisions}
    about |= {"every": len(lines), "without": len(lines) - len(told)}
    return board | about | {"pairs": [p for p in pairs if len(p["lines"]) > 1]}


@login_required
@require_safe
def indicator_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: its figure, the units below, the decision it comes from and how it is counted."""
    reading = reading_of(request)
    indicator = get_object_or_404(
        Indicator.objects.for_figures().prefetch_related("courses", "programmes", "series"), code=code
    )
    place = places.place_of(reading.unit, reading.structure, reading.known)
    table = figures.table(indicator, place, reading.year) if indicator.has_figure else None
    others = [c for pair in loading.side_by_side() if code in pair.codes for c in pair.codes if c != code]
    board = boards.indicator_context(request, table, reading) if table else {}
    rows = board.get("arranged", [])
    silent = [(row, _links(reading, row)) for row in rows if not row.says_something]
    told = [(row, _links(reading, row)) for row in rows if row.says_something]
    strays = boards.strays_of(told, place)
    context = _shared(request, reading) | board
    context |= {
        "indicator": indicator,
        "table": table,
        "crumbs": _crumbs(request.user, reading, place),
        "findings": findings.findings_of(code),
        "others": Indicator.objects.for_figures(reading.unit).filter(code__in=others),
        "rows": [row for row in told if row not in strays.rows],
        "strays": strays,
        "silent": silent,
        "silent_by_kind": boards.silent_by_kind(silent),
        "source_title": _document_title(table.total.denominator.source) if table else "",
        "closed": _last_closed(table.total, indicator, place, reading.year) if table else None,
        "words": words_of(indicator),
        "counts_units": indicator.counting in UNIT_KINDS,
    }
    if table and table.total.target and table.total.target.unit_id != reading.unit.pk:
        context["given_to"] = _given_to(request, reading, table.total.target.unit)
    return render(request, "kpi/indicator.html", context)


@login_required
@require_safe
def people(request: HttpRequest, code: str) -> HttpResponse:
    """The people behind a figure: who, where, by which course, when."""
    reading = reading_of(request)
    indicator = get_object_or_404(Indicator.objects.for_figures(), code=code)
    part = request.GET.get("phan", Part.TOTAL)
    is_listed = indicator.counts or indicator.counting in UNIT_KINDS
    if part not in set(Part) or not is_listed:
        raise Http404
    needs_rows = part == Part.UNCONVERTED or (indicator.counting in UNIT_KINDS and part != Part.TOTAL)
    place = places.place_of(reading.unit, reading.structure, reading.known, with_rows=needs_rows)
    if indicator.counting in UNIT_KINDS and request.GET.get("xem") != "nguoi":
        return _units(request, reading, indicator, place, Part(part))
    words = request.GET.get("q", "").strip()
    found = Counted.objects.for_people_page(indicator, reading.year, words).filter(
        figures.behind(place, Part(part), named=True)
    )
    if place.home != places.structure_now(reading.known):
        # Read as units stood before, a place may hold some that are in somebody else's scope today.
        found = found.visible_to(request.user)
    if request.GET.get("dang") == "csv":
        demand_fresh_proof(request, _("tải danh sách người"))
        return _export(request, reading, indicator, found)
    # A summary that says "nobody" may only be late.
    known = None if words else figures.summed(indicator, place, reading.year, Part(part)) or None
    page = KnownLength(found, PAGE, known=known).get_page(request.GET.get("trang"))
    with row_by_row():
        rows = list(page.object_list)
    context = _shared(request, reading) | {
        "indicator": indicator,
        "page": page,
        "rows": rows,
        "words": words,
        "part": part,
        "part_name": _(figures.PART_NAMES.get(Part(part), "")),
        "explained": explained_by(request.user, [row.user_id for row in rows]),
    }
    return render(request, "kpi/people.html", context)


def _units(
    request: HttpRequest, reading: Reading, indicator: Indicator, place: places.Place, part: Part
) -> HttpResponse:
    """The teams or schools behind a figure, with what each still lacks."""
    rows = units_behind(indicator, place, part, reading.year)
    context = _shared(request, reading) | {
        "indicator": indicator,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("trang")),
        "counted": sum(row.is_counted for row in rows),
        "words": words_of(indicator),
        "part": part,
        "part_name": _(figures.PART_NAMES.get(part, "")),
    }
    return render(request, "kpi/units.html", context)


def _last_closed(total: Figure, indicator: Indicator, place: places.Place, year: int) -> LastClosed | None:
    return last_closed({indicator.pk: total}, place, year, with_corrections=True).get(indicator.pk)


def _shared(request: HttpRequest, reading: Reading) -> dict[str, Any]:
    return {"reading": reading, "form": ReadingForm(reading), "query": reading.query()}


def _links(reading: Reading, row: Figure) -> dict[str, str]:
    """Where a row leads: down to its unit, and to its people."""
    if row.part == Part.UNIT:
        return {"unit": reading.query(row.unit), "people": reading.query(row.unit)}
    return {"people": reading.query(phan=row.part.value)}


def _crumbs(viewer: Any, reading: Reading, place: places.Place) -> list[dict[str, Any]]:
    """Units above, from the highest that the reader may open."""
    above = UnitAncestor.objects.filter(
        structure=place.home,
        descendant=place.unit,
        depth__gt=0,
        ancestor__in=access.scope_units(viewer, access.KPI_READING),
    ).select_related("ancestor")
    return [{"unit": row.ancestor, "query": reading.query(row.ancestor)} for row in above.order_by("-depth")]


def _document_title(source: str) -> str:
    """The name of the document that a number was taken from; the source itself when it is no document."""
    return Decision.objects.filter(source=source).values_list("title", flat=True).first() or source


def _given_to(request: HttpRequest, reading: Reading, unit: Unit) -> dict[str, Any]:
    """The unit to which the decision gave the target, with a way there for those who may go."""
    home = places.home_of(unit, reading.structure, reading.known)
    may = access.can_read_kpi(request.user, unit)
    return {"unit": unit, "structure": home, "query": reading.query(unit, home) if may else ""}


def _export(request: HttpRequest, reading: Reading, indicator: Indicator, found: Any) -> HttpResponse:
    """The list as a CSV file that spreadsheets open with Vietnamese letters; who took it is kept in the audit log."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{indicator.code}-{reading.year}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(["Họ và tên", "Đơn vị", "Khoá học", "Ngày hoàn thành", "Điểm"])
    total = 0
    for row in found.iterator(chunk_size=2000):
        total += 1
        unit = row.unit.name if row.unit else figures.PART_NAMES[Part.UNKNOWN]
        score = vi_score(row.completion.score) if row.completion.score is not None else ""
        cells = [row.user.full_name, unit, row.completion.course_title, vi_date(row.counted_on), score]
        writer.writerow([guarded(cell) for cell in cells])
    audit.record(
        actor=request.user,
        act="kpi.people_exported",
        subject=reading.unit,
        unit=reading.unit,
        indicator=indicator.code,
        year=reading.year,
        structure=reading.structure.code,
        people=total,
    )
    return response
