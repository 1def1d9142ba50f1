"""Reports that units owe: made for each period, handed in, excused, opened again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from common.wording import day as day_said
from kpi import calendar_rules
from kpi.duties_loading import Named, named
from kpi.models import Decision, Report, ReportDue, ReportDuty, ReportKind, ReportState, Target
from kpi.querysets_reports import ReportDueQuerySet
from people import access
from people.models import COMMUNE_KINDS, Unit, UnitKind, UnitSuccession, User
from people.querysets import today

#: How offices number their letters: 15/BC-UBND, 1234-CV/TU.
LETTER = re.compile(r"\d+[\w-]*/[\w./&-]+")


@dataclass
class Made:
    """What a run did. ``dropped``: owed for periods in which the decision does not hold.

    ``unmapped``: names of documents that lead to no unit, each with its duty.
    """

    created: int = 0
    moved: int = 0
    unchanged: int = 0
    dropped: int = 0
    unmapped: list[str] = field(default_factory=list)


# --- Making ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def dues_make(*, year: int, duties: QuerySet[ReportDuty] | None = None) -> Made:
    """Make the dues of a year for every duty that is followed; a repeat changes nothing.

    A due for the same period is never made twice: one that is still open moves to the day that holds now. Units are
    those that stand on the last day on time, or today where that day is still to come. A duty ends with its decision:
    periods outside its span make none, and what is still owed for such a period, of whichever year, goes.
    """
    duties = duties if duties is not None else ReportDuty.objects.all()
    followed = duties.filter(is_followed=True)
    made = Made(dropped=dues_outside_drop(duties=duties))
    standing: dict[date, list[Unit]] = {}
    for duty in followed.select_related("decision"):
        names = named(duty.from_names)
        made.unmapped += [f"{duty.code}: {name}" for name, _why in names.unknown]
        for period in calendar_rules.dues_of(duty.due_rule, year):
            if not calendar_rules.holds(period, duty.decision.valid_from, duty.decision.valid_until):
                continue
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
        elif due.due_on != period.due_on and due.is_open:
            made.moved += 1
        else:
            made.unchanged += 1
    moved = ReportDue.objects.open().filter(duty=duty, period=period.name).exclude(due_on=period.due_on)
    moved.update(due_on=period.due_on, until=period.until)
    ReportDue.objects.bulk_create(new, batch_size=500)
    made.created += len(new)


def dues_drop(*, duty: ReportDuty) -> int:
    """A duty is no longer followed: what is open goes; what was handed in or excused stays. Returns how many."""
    dropped, _by_kind = ReportDue.objects.open().filter(duty=duty).delete()
    return dropped


def dues_outside_drop(*, duties: QuerySet[ReportDuty]) -> int:
    """What is owed for periods in which the decision does not hold goes, as if it had never been asked for."""
    dropped, _by_kind = ReportDue.objects.open().filter(duty__in=duties).outside_validity().delete()
    return dropped


# --- Handing in -----------------------------------------------------------------------------------------------------
def _locked(due: ReportDue) -> ReportDue:
    found: ReportDue = ReportDue.objects.select_for_update(of=("self",)).select_related("duty", "unit").get(pk=due.pk)
    return found


@transaction.atomic
def due_hand_in(
    *, actor: User, due: ReportDue, report: Report | None = None, letter: str = "", on: date | None = None
) -> ReportDue:
    """Hand in with the report that was issued for this duty, unit and period, or with an official letter.

    ``letter``: its number, ``on``: the day it bears. Raises Refusal: ``handed_in``, ``excused``, ``nothing_handed_in``,
    ``two_ways``; of a report ``other_unit``, ``not_issued``, ``other_duty``, ``other_period``; of a letter
    ``bad_letter``, ``no_date``, ``day_to_come``, ``before_period``, ``letter_taken``.
    """
    locked = _locked(due)
    access.require(
        access.can_read_kpi(actor, locked.unit), actor, what=_("báo cáo của %(unit)s") % {"unit": locked.unit}
    )
    _require_open(locked)
    letter = letter.strip()
    if report is not None and letter:
        fix = _("Chỉ giữ một trong hai: cái đã gửi thật.")
        raise Refusal(_("Vừa chọn báo cáo, vừa ghi công văn."), code="two_ways", fix=fix)
    day = _day_of_report(locked, report) if report is not None else _day_of_letter(locked, letter, on)
    locked.report, locked.handed_in_note = report, letter
    locked.handed_in_at = timezone.make_aware(datetime.combine(day, time(12)))
    locked.handed_in_by = actor
    locked.save(update_fields=["report", "handed_in_note", "handed_in_at", "handed_in_by"])
    audit.record(
        actor=actor, act="kpi.due_handed_in", subject=locked.duty, unit=locked.unit, period=locked.period,
        number=report.number if report else locked.handed_in_note, on=day.isoformat(),
    )  # fmt: skip
    return locked


def _require_open(due: ReportDue) -> None:
    if due.handed_in_at:
        raise Refusal(
            _("Báo cáo này đã được ghi là nộp ngày %(day)s.") % {"day": day_said(due.handed_in_at)},
            code="handed_in",
            fix=_("Nếu ghi nhầm, nhờ đơn vị chủ trì cấp tỉnh mở lại."),
        )
    if due.excused_at:
        raise Refusal(
            _("Báo cáo này đã được miễn: %(reason)s.") % {"reason": due.excused_reason},
            code="excused",
            fix=_("Nếu vẫn nộp, nhờ đơn vị chủ trì cấp tỉnh mở lại trước."),
        )


def reports_that_fit(due: ReportDue) -> QuerySet[Report]:
    """The reports that settle a due: issued for its duty, unit and period; the newest first."""
    issued = Report.objects.filter(kind=ReportKind.PERIODIC, state=ReportState.ISSUED)
    return issued.filter(unit=due.unit_id, duty=due.duty_id, period=due.period).order_by("-dated_on", "-pk")


def what_fits(due: ReportDue) -> str:
    """What would settle a due, in words for whoever tried something else."""
    about: dict[str, object] = {"unit": due.unit, "period": due.period_name}
    fitting = [{"number": one.number, "day": day_said(one.dated_on)} for one in reports_that_fit(due)[:3]]
    if fitting:
        names = "; ".join(_("số %(number)s ngày %(day)s") % one for one in fitting)
        return _("Báo cáo hợp với %(unit)s, %(period)s: %(names)s.") % (about | {"names": names})
    said = _(
        "Chưa có báo cáo nào ban hành cho %(unit)s, %(period)s. "
        "Bấm «Lập báo cáo cho kỳ này», hoặc ghi số và ngày của công văn đã gửi."
    )
    return said % about


def _day_of_report(due: ReportDue, report: Report) -> date:
    """The day that counts: when the report was issued."""
    fits = what_fits(due)
    if report.unit_id != due.unit_id:
        raise Refusal(_("Báo cáo này là của đơn vị khác."), code="other_unit", fix=fits)
    if report.state != ReportState.ISSUED or report.dated_on is None:
        first = _("Ban hành báo cáo trước, rồi nộp.")
        raise Refusal(_("Báo cáo này chưa ban hành."), code="not_issued", fix=f"{first} {fits}")
    if report.kind != ReportKind.PERIODIC or report.duty_id != due.duty_id:
        said = _("Báo cáo số %(number)s không lập cho kỳ nào của lịch báo cáo.") % {"number": report.number}
        if report.duty:
            words = {"number": report.number, "subject": report.duty.subject}
            said = _("Báo cáo số %(number)s lập cho «%(subject)s».") % words
        raise Refusal(said, code="other_duty", fix=fits)
    if report.period != due.period:
        words = {"number": report.number, "period": report.period_name}
        raise Refusal(_("Báo cáo số %(number)s lập cho %(period)s.") % words, code="other_period", fix=fits)
    return report.dated_on


def _day_of_letter(due: ReportDue, letter: str, on: date | None) -> date:
    """The day that the letter bears."""
    if not letter:
        raise Refusal(_("Chưa chọn báo cáo, cũng chưa ghi số công văn."), code="nothing_handed_in", fix=what_fits(due))
    if not LETTER.fullmatch(letter):
        said = _("«%(letter)s» chưa phải số công văn.") % {"letter": letter}
        raise Refusal(said, code="bad_letter", fix=_("Ghi số và ký hiệu, ví dụ 15/BC-UBND."))
    if on is None:
        raise Refusal(_("Chưa ghi ngày công văn."), code="no_date", fix=_("Ghi ngày trên công văn, ví dụ 22/11/2026."))
    if on > today():
        said = _("Ngày %(day)s chưa tới.") % {"day": day_said(on)}
        raise Refusal(said, code="day_to_come", fix=_("Ghi ngày trên công văn đã gửi."))
    if on < due.begins_on:
        raise Refusal(
            _("Công văn ngày %(day)s có trước khi %(period)s bắt đầu (%(first)s).")
            % {"day": day_said(on), "period": due.period_name, "first": day_said(due.begins_on)},
            code="before_period",
            fix=_("Ghi công văn báo cáo của kỳ này, hoặc mở kỳ mà công văn ấy báo cáo."),
        )
    _require_untaken(due, letter, on)
    return on


def _require_untaken(due: ReportDue, letter: str, on: date) -> None:
    """One letter is not the report of two periods of the same duty."""
    same = ReportDue.objects.filter(duty=due.duty_id, unit=due.unit_id, handed_in_note__iexact=letter)
    if other := same.filter(handed_in_at__year=on.year).exclude(pk=due.pk).first():
        raise Refusal(
            _("Công văn %(letter)s đã được ghi cho %(period)s.") % {"letter": letter, "period": other.period_name},
            code="letter_taken",
            fix=_("Ghi công văn báo cáo %(period)s; nếu lần trước ghi nhầm, nhờ đơn vị chủ trì cấp tỉnh mở lại.")
            % {"period": due.period_name},
        )


# --- Excusing and opening again -------------------------------------------------------------------------------------
@transaction.atomic
def due_excuse(*, actor: User, due: ReportDue, reason: str) -> ReportDue:
    """A keeper says that a unit need not hand in, and why; it is not late any more. Raises Refusal ``handed_in``,
    ``excused`` or ``no_reason``.
    """
    locked = _locked(due)
    access.require(
        access.can_keep_kpi(actor, locked.unit), actor, what=_("lịch báo cáo của %(unit)s") % {"unit": locked.unit}
    )
    _require_open(locked)
    if not reason.strip():
        raise Refusal(_("Chưa ghi lý do miễn."), code="no_reason", fix=_("Ghi lý do để đơn vị hiểu."))
    locked.excused_at, locked.excused_by, locked.excused_reason = timezone.now(), actor, reason.strip()
    locked.save(update_fields=["excused_at", "excused_by", "excused_reason"])
    audit.record(
        actor=actor, act="kpi.due_excused", subject=locked.duty, unit=locked.unit, period=locked.period,
        reason=locked.excused_reason,
    )  # fmt: skip
    return locked


@transaction.atomic
def due_reopen(*, actor: User, due: ReportDue, reason: str) -> ReportDue:
    """Take back a hand-in or an excuse that was noted by mistake. Raises Refusal ``not_handed_in`` or ``no_reason``."""
    locked = _locked(due)
    access.require(
        access.can_keep_kpi(actor, locked.unit), actor, what=_("lịch báo cáo của %(unit)s") % {"unit": locked.unit}
    )
    if locked.is_open:
        raise Refusal(_("Báo cáo này chưa được nộp."), code="not_handed_in", fix=_("Không cần mở lại."))
    if not reason.strip():
        raise Refusal(_("Chưa ghi lý do mở lại."), code="no_reason", fix=_("Ghi lý do để đơn vị hiểu."))
    audit.record(
        actor=actor, act="kpi.due_reopened", subject=locked.duty, unit=locked.unit, period=locked.period,
        reason=reason.strip(), number=locked.report.number if locked.report else locked.handed_in_note,
    )  # fmt: skip
    locked.report, locked.handed_in_at, locked.handed_in_by, locked.handed_in_note = None, None, None, ""
    locked.excused_at, locked.excused_by, locked.excused_reason = None, None, ""
    locked.save()
    return locked


def dues_visible_to(viewer: Any) -> ReportDueQuerySet:
    """Dues of the units whose figures the person may read."""
    return ReportDue.objects.filter(unit__in=access.scope_units(viewer, access.KPI_READING))
