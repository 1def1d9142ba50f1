"""What waits in figures: declarations to approve and to make, reports due, a period to close, head-counts missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.wording import day
from kpi import declarations, periods, places
from kpi.forms import own_highest_unit
from kpi.forms_reports import LATE, SOON, SOON_DAYS
from kpi.models import Closing, Indicator, Period
from kpi.populations import asked_audiences, coverage
from kpi.services.dues import dues_visible_to
from people import access
from people.models import Role
from people.querysets import today
from people.waiting import Waiting, waits_for


@waits_for(access.KPI_READING, order=12)
def declarations_to_approve(viewer: Any) -> Iterator[Waiting]:
    """What units declared and the viewer may answer; one query."""
    count = declarations.to_approve(viewer).count()
    words = ngettext("số liệu đơn vị báo chờ bạn duyệt", "số liệu đơn vị báo chờ bạn duyệt", count)
    yield Waiting(count, words, reverse("kpi:declarations"))


@waits_for(access.ROSTER_KEEPING, order=15)
def reports_due(viewer: Any) -> Iterator[Waiting]:
    """Reports that are late, of whatever year, or soon due, by the year of their period; two queries."""
    now, dues = today(), dues_visible_to(viewer)
    late = dues.for_calendar(now.year, now).late(now).count()
    words = ngettext("báo cáo đã quá hạn nộp", "báo cáo đã quá hạn nộp", late)
    yield Waiting(late, words, _calendar(now.year, LATE), late=True)
    soon = dues.due_within(now, SOON_DAYS).filter(begins_on__year__in=(now.year - 1, now.year, now.year + 1))
    rows = soon.order_by().values("begins_on__year").annotate(number=Count("pk"), first=Min("due_on"))
    for row in sorted(rows, key=lambda row: row["begins_on__year"]):
        year = row["begins_on__year"]
        note = _("Kỳ năm %(year)s. Hạn gần nhất: %(day)s") % {"year": year, "day": day(row["first"])}
        words = ngettext(
            "báo cáo đến hạn trong %(days)s ngày tới", "báo cáo đến hạn trong %(days)s ngày tới", row["number"]
        )
        yield Waiting(row["number"], words % {"days": SOON_DAYS}, _calendar(year, SOON), note=note)


def _calendar(year: int, state: str) -> str:
    return f"{reverse('kpi:calendar')}?{urlencode({'nam': year, 'trang_thai': state})}"


@waits_for({Role.COORDINATOR}, order=50)
def figures_to_declare(viewer: Any) -> Iterator[Waiting]:
    """What the viewer's unit has still to declare this year; queries of one unit, whatever the number of figures."""
    unit = own_highest_unit(viewer, access.current_structure())
    if unit is not None:
        count = len(declarations.owed(declarations.Declarer.of(viewer, unit), today().year))
        path = f"{reverse('kpi:declarations')}#con-phai-bao"
        words = ngettext("số liệu năm %(year)s đơn vị chưa báo", "số liệu năm %(year)s đơn vị chưa báo", count)
        yield Waiting(count, words % {"year": today().year}, path, note=unit.name)


@waits_for(access.KPI_KEEPING, order=60)
def figures_to_keep(viewer: Any) -> Iterator[Waiting]:
    """The last quarter while it is not closed, and audiences without a head-count; queries of one unit."""
    known = places.structures()
    structure = places.structure_now(known)
    unit = own_highest_unit(viewer, structure)
    if unit is None or not access.can_keep_kpi(viewer, unit) or not Indicator.objects.exists():
        return
    until = periods.last_ended(Period.QUARTER, today())
    if not Closing.objects.filter(unit=unit, period=Period.QUARTER, until=until).exists():
        period = periods.period_name(Period.QUARTER, until)
        yield Waiting(1, _("kỳ chưa chốt số liệu: %(period)s") % {"period": period}, _closing(until))
    shown = coverage(places.place_of(unit, structure, known), asked_audiences(), today().year)
    unknown = sum(one.is_unknown for one in shown)
    path = f"{reverse('kpi:populations')}#chua-co-so"
    words = ngettext("đối tượng chưa có số người phải học", "đối tượng chưa có số người phải học", unknown)
    yield Waiting(unknown, words, path, note=unit.name)


def _closing(until: date) -> str:
    return f"{reverse('kpi:closing_new')}?{urlencode({'ky': f'{Period.QUARTER}:{until.isoformat()}'})}"
