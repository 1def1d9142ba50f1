"""Who is trained, where, and by which programme: map, equity, programmes."""

from __future__ import annotations

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kpi import figures, places
from kpi import programmes as reads
from kpi.choosing import chosen_of, people_indicators
from kpi.equity import FEWEST, breakdowns_of
from kpi.forms import reading_of
from kpi.mapping import map_of
from kpi.models import Programme
from kpi.rights import explained_by
from kpi.views_targets import shared
from people.audiences import audience_parents

PAGE = 50


@login_required
@require_safe
def figure_map(request: HttpRequest) -> HttpResponse:
    """One indicator on the map, unit by unit, with the same figures as a table below."""
    reading = reading_of(request)
    indicators = people_indicators(reading)
    indicator = chosen_of(request, indicators, reading.year)
    place = places.place_of(reading.unit, reading.structure, reading.known)
    table = figures.table(indicator, place, reading.year) if indicator else None
    shown = map_of(table) if table else None
    links = [(spot, reading.query(spot.figure.unit)) for spot in shown.spots] if shown else []
    context = shared(request, reading) | {
        "indicators": indicators,
        "indicator": indicator,
        "table": table,
        "map": shown,
        "rows": links,
    }
    return render(request, "kpi/boards/map.html", context)


@login_required
@require_safe
def equity(request: HttpRequest) -> HttpResponse:
    """Who is trained, by age and gender."""
    reading = reading_of(request)
    indicators = people_indicators(reading)
    indicator = chosen_of(request, indicators, reading.year)
    place = places.place_of(reading.unit, reading.structure, reading.known, with_rows=False)
    context = shared(request, reading) | {
        "indicators": indicators,
        "indicator": indicator,
        "breakdowns": breakdowns_of(indicator, place, reading.year) if indicator else [],
        "fewest": FEWEST,
    }
    return render(request, "kpi/boards/equity.html", context)


@login_required
@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """Every programme of every decision: people planned, enrolled, finished; money as planned."""
    reading = reading_of(request)
    place = places.place_of(reading.unit, reading.structure, reading.known, with_rows=False)
    lines = reads.lines_of(reads.programmes(), place, reading.year, request.user)
    groups = []
    for decision, some in groupby(lines, key=lambda line: line.programme.decision):
        rows = list(some)
        groups.append(
            {
                "decision": decision,
                "lines": [line for line in rows if line.says_something],
                "silent": [line for line in rows if not line.says_something],
                "check": reads.sum_check(rows, decision.source),
            }
        )
    # What has figures stands above what has none; within each, by the decision's code.
    groups.sort(key=lambda group: not group["lines"])
    return render(request, "kpi/boards/programmes.html", shared(request, reading) | {"groups": groups})


@login_required
@require_safe
def programme(request: HttpRequest, code: str) -> HttpResponse:
    """One programme: what the document says, and who learns by name."""
    reading = reading_of(request)
    found: Programme = get_object_or_404(reads.programmes(), code=code)
    place = places.place_of(reading.unit, reading.structure, reading.known, with_rows=False)
    units = reads.units_read(place, request.user)
    learners = reads.Learners(found, units, reading.year, audience_parents())
    words = request.GET.get("q", "").strip()
    page = Paginator(learners.people(words), PAGE).get_page(request.GET.get("trang"))
    people = list(page.object_list)
    done = learners.done_of(people) if people else {}
    courses = reads.courses_named(found)
    context = shared(request, reading) | {
        "line": reads.line_of(learners),
        "programme": found,
        "courses": courses,
        "page": page,
        "rows": [{"person": one, "done": done.get(one.pk, 0), "of": len(courses)} for one in people],
        "explained": explained_by(request.user, [one.pk for one in people]),
        "words": words,
        "span": reads.span_of(found, reading.year),
    }
    return render(request, "kpi/boards/programme.html", context)
