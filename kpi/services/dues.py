"""Reports that units owe: made for each period, handed in, asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from common import audit
from common.errors import Refusal
from common.text import vi_date
from kpi import calendar_rules
from kpi.duties_loading import Named, named
from kpi.models import Decision, Report, ReportDue, ReportDuty, ReportState, Target
from people import access
from people.models import COMMUNE_KINDS, Membership, Notice, Role, Unit, UnitKind, UnitSuccession, User
from people.notices import notices_send
from people.querysets import today

NOTICE = "kpi.report_due"
#: A coordinator is written to once in so many days, whoever presses.
NOT_WITHIN_DAYS = 3


@dataclass
class Made:
    """What a run did. ``unmapped``: names of documents that lead to no unit, each with its duty."""

    created: int = 0
    moved: int = 0
    unchanged: int = 0
    unmapped: list[str] = field(default_factory=list)


# --- Making ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def dues_make(*, year: int, duties: QuerySet[ReportDuty] | None = None) -> Made:
    """Make the dues of a year for every duty that is followed; a repeat changes nothing.

    A due for the same period is never made twice: one that is still open moves to the day that holds now. Units are
    those that stand on the last day on time, or today where that day is still to come.
    """
    followed = (duties if duties is not None else ReportDuty.objects.all()).filter(is_followed=True)
    made = Made()
    standing: dict[date, list[Unit]] = {}
    for duty in followed.select_related("decision"):
        names = named(duty.from_names)
        made.unmapped += [f"{duty.code}: {name}" for name, _ in names.unknown]
        for period in calendar_rules.dues_of(duty.due_rule, year):
            day = min(period.due_on, today())
            if day not in standing:
                standing[day] = list(Unit.objects.standing_on(day).exclude(kind=UnitKind.TEAM).order_by("pk"))
            _period_make(made, duty, period, units_of(names, standing[day], communes_bound(duty.decision)))
    return made


def communes_bound(decision: Decision) -> set[int] | None:
    """The communes of the province that the decision bound, and those that came from them; None: nobody is left out.

    Two provinces became one; a commune of the other one owes nothing under this one's decision. Walks down the units
    of that time, then along the successions of communes: a query for each level and each reform.
    """
    given = Target.objects.filter(indicator__decision=decision, unit__kind=UnitKind.PROVINCE).values("unit")
    level = set(Unit.objects.filter(pk__in=given).values_list("pk", flat=True))
    below: set[int] = set()
    while level:
        level = set(Unit.objects.filter(parent__in=level).values_list("pk", flat=True))
        below |= level
    found: set[int] = set()
    level = set(Unit.objects.filter(pk__in=below, kind__in=COMMUNE_KINDS).values_list("pk", flat=True))
    while level:
        found |= level
        after = UnitSuccession.objects.filter(predecessor__in=level, successor__kind__in=COMMUNE_KINDS)
        level = set(after.values_list("successor", flat=True)) - found
    return found or None


def units_of(names: Named, standing: Iterable[Unit], bound: set[int] | None) -> list[Unit]:
    """Who owes: units of the named kinds and names. Communes only of the province that the decision bound."""
    return [
        unit
        for unit in standing
        if unit.name in names.names
        or (unit.kind in names.kinds and (bound is None or unit.kind not in COMMUNE_KINDS or unit.pk in bound))
    ]


def _period_make(made: Made, duty: ReportDuty, period: calendar_rules.DuePeriod, units: list[Unit]) -> None:
    there = {due.unit_id: due for due in ReportDue.objects.filter(duty=duty, period=period.name)}
    new = []
    for unit in units:
        due = there.get(unit.pk)
        if due is None:
            new.append(
                ReportDue(
                    duty=duty, unit=unit, period=period.name, begins_on=period.begins_on, until=period.until,
                    due_on=period.due_on,
                )
            )  # fmt: skip
        elif due.due_on != period.due_on and due.handed_in_at is None:
            made.moved += 1
        else:
            made.unchanged += 1
    ReportDue.objects.filter(duty=duty, period=period.name, handed_in_at=None).exclude(due_on=period.due_on).update(
        due_on=period.due_on, until=period.until
    )
    ReportDue.objects.bulk_create(new, batch_size=500)
    made.created += len(new)


def dues_drop(*, duty: ReportDuty) -> int:
    """A duty is no longer followed: what nobody handed in goes; what was handed in stays. Returns how many."""
    dropped, _ = ReportDue.objects.filter(duty=duty, handed_in_at=None).delete()
    return dropped


# --- Handing in -----------------------------------------------------------------------------------------------------
def _locked(due: ReportDue) -> ReportDue:
    found: ReportDue = ReportDue.objects.select_for_update(of=("self",)).select_related("duty", "unit").get(pk=due.pk)
    return found


@transaction.atomic
def due_hand_in(
    *, actor: User, due: ReportDue, report: Report | None = None, letter: str = "", on: date | None = None
) -> ReportDue:
    """Hand in with an issued report of this platform, or with an official letter's number and the day it was sent.

    Raises Refusal ``handed_in``, ``nothing_handed_in``, ``other_unit``, ``not_issued`` or ``day_to_come``.
    """
    locked = _locked(due)
    access.require(access.can_read_kpi(actor, locked.unit), actor, what=f"báo cáo của {locked.unit}")
    if locked.handed_in_at:
        raise Refusal(
            f"Báo cáo này đã được ghi là nộp ngày {vi_date(timezone.localtime(locked.handed_in_at).date())}.",
            code="handed_in",
            fix="Nếu ghi nhầm, nhờ đơn vị chủ trì cấp tỉnh mở lại.",
        )
    day = _day_of(locked, report, letter, on)
    locked.report, locked.handed_in_note = report, letter.strip()
    locked.handed_in_at = timezone.make_aware(datetime.combine(day, time(12)))
    locked.handed_in_by = actor
    locked.save(update_fields=["report", "handed_in_note", "handed_in_at", "handed_in_by"])
    audit.record(
        actor=actor, act="kpi.due_handed_in", subject=locked.duty, unit=locked.unit, period=locked.period,
        number=report.number if report else locked.handed_in_note, on=day.isoformat(),
    )  # fmt: skip
    return locked


def _day_of(due: ReportDue, report: Report | None, letter: str, on: date | None) -> date:
    """The day that counts: when the report was issued, or the letter sent."""
    if report is None:
        if not letter.strip():
            raise Refusal(
                "Chưa chọn báo cáo, cũng chưa ghi số công văn.",
                code="nothing_handed_in",
                fix="Chọn một báo cáo đã ban hành của đơn vị, hoặc ghi số và ngày công văn đã gửi.",
            )
        day = on or today()
    else:
        if report.unit_id != due.unit_id:
            raise Refusal(
                "Báo cáo này là của đơn vị khác.",
                code="other_unit",
                fix=f"Chọn một báo cáo của {due.unit}.",
            )
        if report.state != ReportState.ISSUED or report.dated_on is None:
            raise Refusal("Báo cáo này chưa ban hành.", code="not_issued", fix="Ban hành báo cáo trước, rồi nộp.")
        day = report.dated_on
    if day > today():
        raise Refusal(f"Ngày {vi_date(day)} chưa tới.", code="day_to_come", fix="Ghi ngày công văn đã được gửi đi.")
    return day


@transaction.atomic
def due_reopen(*, actor: User, due: ReportDue, reason: str) -> ReportDue:
    """Take back a hand-in that was noted by mistake. Raises Refusal ``not_handed_in`` or ``no_reason``."""
    locked = _locked(due)
    access.require(access.can_keep_kpi(actor, locked.unit), actor, what=f"lịch báo cáo của {locked.unit}")
    if not locked.handed_in_at:
        raise Refusal("Báo cáo này chưa được nộp.", code="not_handed_in", fix="Không cần mở lại.")
    if not reason.strip():
        raise Refusal("Chưa ghi lý do mở lại.", code="no_reason", fix="Ghi lý do để đơn vị hiểu.")
    audit.record(
        actor=actor, act="kpi.due_reopened", subject=locked.duty, unit=locked.unit, period=locked.period,
        reason=reason.strip(), number=locked.report.number if locked.report else locked.handed_in_note,
    )  # fmt: skip
    locked.report, locked.handed_in_at, locked.handed_in_by, locked.handed_in_note = None, None, None, ""
    locked.save(update_fields=["report", "handed_in_note", "handed_in_at", "handed_in_by"])
    return locked


# --- Asking ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def dues_remind(*, actor: User, dues: QuerySet[ReportDue], path: str) -> list[Notice]:
    """Write to the coordinators of the units that owe one of ``dues``; a unit outside the actor's keeping gets nothing.

    Raises Refusal ``nobody_to_remind`` where no unit owes anything or none has a coordinator.
    """
    office = access.office_unit(actor, access.KPI_KEEPING)
    access.require(office is not None, actor, what="việc nhắc nộp báo cáo")
    assert office is not None
    kept = access.scope_units(actor, access.KPI_KEEPING)
    owing = dues.filter(handed_in_at=None, unit__in=kept).order_by().values("unit")
    held = Membership.objects.in_force().filter(unit__in=owing, role=Role.COORDINATOR, user__is_active=True)
    people = list(User.objects.filter(pk__in=held.values("user")))
    if not people:
        raise Refusal(
            "Không có ai để nhắc.",
            code="nobody_to_remind",
            fix="Các đơn vị này đã nộp đủ, hoặc chưa có đầu mối: hãy cử đầu mối ở trang danh sách của đơn vị.",
        )
    made = notices_send(
        users=people, kind=NOTICE, subject="Có báo cáo đến hạn phải nộp", path=path, actor=actor, unit=office,
        body=f"{office} nhắc: đơn vị của bạn còn báo cáo chưa nộp. Mở Lịch báo cáo để xem hạn và nộp.",
        not_within_days=NOT_WITHIN_DAYS,
    )  # fmt: skip
    audit.record(actor=actor, act="kpi.dues_reminded", subject=office, unit=office, people=len(made))
    return made


def dues_visible_to(viewer: Any) -> QuerySet[ReportDue]:
    """Dues of the units whose figures the person may read."""
    return ReportDue.objects.filter(unit__in=access.scope_units(viewer, access.KPI_READING))
