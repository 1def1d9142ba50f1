"""Lists of people as files, and the short way through their check and import."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import xlsxwriter
from django.core.files.base import ContentFile

from people.models import Outcome
from people.querysets import today
from people.rosters import services
from people.rosters.bounds import open_from
from people.rosters.checking import roster_check
from people.rosters.columns import HEADINGS
from people.rosters.jobs import apply_or_check_again

H = list(HEADINGS.values())
#: A day from which any list may hold: a moment ago, this year.
DAY = max(today() - timedelta(days=2), open_from())


class Silent:
    """Progress that nobody watches."""

    def begin(self, total, note=""): ...

    def advance(self, count=1): ...


def xlsx_bytes(*rows, sheets=None, hidden=(), constant_memory=False, merge=""):
    """A workbook of the given lines; ``sheets`` maps more names to lines; days become real days."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": constant_memory}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, lines in (sheets or {"Danh sách": rows}).items():
            page = book.add_worksheet(name)
            if name in hidden:
                page.hide()
            for number, line in enumerate(lines):
                for column, cell in enumerate(line):
                    if isinstance(cell, date):
                        page.write_datetime(number, column, cell, day)
                    elif isinstance(cell, str):
                        page.write_string(number, column, cell)
                    elif cell is not None:
                        page.write(number, column, cell)
            if merge:
                page.merge_range(merge, lines[0][0])
    return target.getvalue()


def csv_bytes(*rows, encoding="utf-8-sig", delimiter=",", last_newline=True):
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter).writerows(rows)
    text = target.getvalue()
    return (text if last_newline else text.rstrip("\r\n")).encode(encoding)


def people_rows(*people):
    """Our headings, then one line for each dictionary of heading: cell."""
    return [H, *([person.get(heading) for heading in H] for person in people)]


def upload(content, *, by, unit, name="danh-sach.xlsx", whole_unit=False, on=DAY):
    """Keep a file as an upload; nobody has checked it yet."""
    return services.roster_keep(
        user=by, unit=unit, file=ContentFile(content, name), file_name=name, whole_unit=whole_unit, effective_on=on
    )


def checked(content, *, by, unit, **more):
    """Keep a file and check it."""
    roster = upload(content, by=by, unit=unit, **more)
    roster_check(roster=roster, progress=Silent())
    return roster


def applied(roster, by):
    """Apply a list that was checked; returns the numbers."""
    services.roster_begin(roster=roster, by=by)
    return apply_or_check_again(roster=roster, by=by, progress=Silent())


def brought(content, *, by, unit, **more):
    """Check and apply at once."""
    roster = checked(content, by=by, unit=unit, **more)
    return roster, applied(roster, by)


def outcomes(roster):
    """Numbers of lines by outcome, those with none left out."""
    return {outcome.value: count for outcome in Outcome if (count := roster.rows.filter(outcome=outcome).count())}


def line(roster, number):
    return roster.rows.get(number=number)


def codes(row):
    return {problem["code"] for problem in row.problems} | {one.get("code") for one in row.candidates}
