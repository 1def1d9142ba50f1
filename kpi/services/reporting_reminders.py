"""Reminding those who hand in: of what comes due soon and of what is late, by name and day, once a day.

By the button of a keeper, and every morning for everybody whom that button would reach.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from common.text import vi_date
from kpi.models import ReportDue
from kpi.querysets_reports import ReportDueQuerySet
from people import access
from people.models import Membership, Notice, Role, Unit, UnitAncestor, User
from people.notices import notices_send
from people.querysets import today

NOTICE = "kpi.report_due"
#: Who hands in the reports of the unit in which they hold the office.
REPORTING = frozenset({Role.COORDINATOR, Role.PROVINCIAL_LEAD})
#: Reports that one message names; how many more there are is said.
NAMED = 12


@dataclass(frozen=True)
class Reminded:
    """``notices`` made; ``lately``: people reminded today already; ``silent``: units that nobody hands in for.

    ``dues``: reports that are late or come due.
    """

    notices: list[Notice]
    lately: int
    silent: list[Unit]
    dues: int = 0


@transaction.atomic
def dues_remind(*, actor: User, dues: ReportDueQuerySet, path: str) -> Reminded:
    """Write to whoever owes one of ``dues`` that is late, or due within the days that its duty sets.

    Each gets one message that names every such report with its unit and day, and never a second one on the same day. A
    unit outside the actor's keeping gets nothing. Raises Refusal ``nothing_to_remind`` or ``nobody_to_remind``.
    """
    office = access.office_unit(actor, access.KPI_KEEPING)
    access.require(office is not None, actor, what=_("việc nhắc nộp báo cáo"))
    assert office is not None
    kept = access.scope_units(actor, access.KPI_KEEPING)
    pressing = [due for due in _open(dues.filter(unit__in=kept)) if is_pressing(due, today())]
    if not pressing:
        raise Refusal(
            _("Chưa có báo cáo nào quá hạn hay sắp đến hạn để nhắc."),
            code="nothing_to_remind",
            fix=_("Số ngày nhắc trước hạn đặt ở trang «Các loại báo cáo theo văn bản»."),
        )
    reporters = reporters_of({due.unit_id for due in pressing})
    owed = _by_person(pressing, reporters, actor)
    if not owed:
        raise Refusal(
            _("Không có ai để nhắc."),
            code="nobody_to_remind",
            fix=_("Các đơn vị này chưa có đầu mối: hãy cử đầu mối ở trang danh sách của đơn vị."),
        )
    return _write(pressing, reporters, owed, office=office, actor=actor, path=path)


@transaction.atomic
def dues_remind_daily(*, path: str) -> Reminded:
    """What a keeper's button over everything would send, without a keeper; a repeat on the same day sends nothing.

    The highest unit that stands speaks to the units below it.
    """
    told = Reminded([], 0, [])
    for office in Unit.objects.standing_on(today()).filter(parent=None).order_by("pk"):
        below = UnitAncestor.objects.filter(structure=access.current_structure(), ancestor=office).values("descendant")
        pressing = [due for due in _open(ReportDue.objects.filter(unit__in=below)) if is_pressing(due, today())]
        reporters = reporters_of({due.unit_id for due in pressing})
        owed = _by_person(pressing, reporters, None)
        one = _write(pressing, reporters, owed, office=office, actor=None, path=path)
        told = Reminded(
            told.notices + one.notices, told.lately + one.lately, told.silent + one.silent, told.dues + one.dues
        )
    return told


def _write(
    pressing: Sequence[ReportDue], reporters: Mapping[int, list[User]], owed: Mapping[int, list[ReportDue]], *,
    office: Unit, actor: User | None, path: str,
) -> Reminded:  # fmt: skip
    """One message for each who owes something and was not reminded today; in the name of ``office``."""
    made = notices_send(
        users=_not_yet_today(owed), kind=NOTICE, path=path, actor=actor, unit=office,
        subject=lambda person: subject_of(owed[person.pk], today()),
        body=lambda person: body_of(owed[person.pk], today(), office.name),
    )  # fmt: skip
    if made:
        audit.record(actor=actor, act="kpi.dues_reminded", subject=office, unit=office, people=len(made))
    silent = {due.unit for due in pressing if due.unit_id not in reporters}
    return Reminded(made, len(owed) - len(made), sorted(silent, key=lambda unit: unit.name), len(pressing))


def _open(dues: ReportDueQuerySet) -> ReportDueQuerySet:
    return dues.open().select_related("duty", "unit").order_by("due_on", "unit__name", "pk")


def is_pressing(due: ReportDue, day: date) -> bool:
    """Whether a report that is owed is late, or due within the days that its duty sets."""
    return (due.due_on - day).days <= due.duty.remind_days


def reporters_of(units: Collection[int]) -> dict[int, list[User]]:
    """Unit → who hands its reports in: whoever holds the office in that very unit."""
    held = Membership.objects.in_force().filter(unit__in=units, role__in=REPORTING, user__is_active=True)
    found: dict[int, list[User]] = defaultdict(list)
    for membership in held.select_related("user").order_by("pk"):
        if membership.user not in found[membership.unit_id]:
            found[membership.unit_id].append(membership.user)
    return found


def dues_owed_by(user: Any) -> ReportDueQuerySet:
    """What the units still owe in which the person holds the office that hands reports in."""
    held = Membership.objects.in_force().filter(user=user, role__in=REPORTING).values("unit")
    return _open(ReportDue.objects.filter(unit__in=held)).select_related("duty__decision", "unit")


def _by_person(
    dues: Sequence[ReportDue], reporters: Mapping[int, list[User]], actor: User | None
) -> dict[int, list[ReportDue]]:
    """Person → what they owe, in order of days. Nobody writes to themselves."""
    found: dict[int, list[ReportDue]] = defaultdict(list)
    for due in dues:
        for person in reporters.get(due.unit_id, []):
            if person != actor:
                found[person.pk].append(due)
    return dict(found)


def _not_yet_today(owed: Iterable[int]) -> QuerySet[User]:
    """Of these people those who were not reminded today; they are locked until the end, so two clicks write once."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    list(User.objects.select_for_update(of=("self",)).filter(pk__in=owed).order_by("pk").values_list("pk"))
    reminded = Notice.objects.filter(user__in=owed, kind=NOTICE, made_at__gte=midnight).values("user")
    found: QuerySet[User] = User.objects.filter(pk__in=owed).exclude(pk__in=reminded)
    return found


# --- Words ----------------------------------------------------------------------------------------------------------
def subject_of(dues: Sequence[ReportDue], day: date) -> str:
    """«2 báo cáo quá hạn, 1 báo cáo sắp đến hạn»."""
    late = sum(due.due_on < day for due in dues)
    soon = len(dues) - late
    parts = [f"{late} báo cáo quá hạn"] if late else []
    parts += [f"{soon} báo cáo sắp đến hạn"] if soon else []
    return ", ".join(parts)


def body_of(dues: Sequence[ReportDue], day: date, office: str) -> str:
    """Each report with its unit and day, the oldest first; then where to hand in."""
    lines = [f"{office} nhắc nộp báo cáo:"]
    lines += [f"- {due.unit}: {due.duty.subject}, {due.period}, {_when(due, day)}." for due in dues[:NAMED]]
    lines += [f"- Và {len(dues) - NAMED} báo cáo khác."] if len(dues) > NAMED else []
    return "\n".join([*lines, "Mở Lịch báo cáo để nộp, hoặc ghi số và ngày công văn đã gửi."])


def _when(due: ReportDue, day: date) -> str:
    days = (day - due.due_on).days
    if days > 0:
        return f"hạn {vi_date(due.due_on)}, đã quá {days} ngày"
    return f"hạn {vi_date(due.due_on)}, " + (f"còn {-days} ngày" if days else "là hôm nay")
