"""Official head-counts by audience: one at a time, or a whole table as one act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import audit
from common.errors import Refusal
from common.text import nfc
from common.wording import number
from kpi.models import AudiencePopulation
from kpi.population_cells import MOST_PEOPLE
from kpi.population_sheet import FIRST_YEAR, Change, Plan, below_counted
from kpi.services.targets import require_keeping
from kpi.standing import require_standing
from kpi.target_rules import wrong
from people import access
from people.models import Audience, Unit, User
from people.querysets import today


@dataclass(frozen=True)
class PopulationsImported:
    """How many head-counts an import wrote."""

    added: int
    changed: int
    unchanged: int
    empty: int


@transaction.atomic
def population_set(
    *,
    actor: User,
    audience: Audience,
    unit: Unit,
    year: int,
    value: int | None,
    source: str,
    source_date: date | None = None,
    confirmed: bool = False,
) -> AudiencePopulation | None:
    """Set a head-count, or with ``value`` None take it away: from then on there is no figure. The same writes nothing.

    Raises Refusal ``unit_not_standing``, ``year_implausible``, ``negative``, ``too_high``, ``source_missing``,
    ``source_in_future``, or ``below_counted`` until ``confirmed``; Forbidden out of scope.
    """
    require_keeping(actor, unit)
    require_standing(unit)
    source = nfc(source)
    _require_sound(year, value, source, source_date)
    before = AudiencePopulation.objects.select_for_update(of=("self",)).filter(audience=audience, unit=unit, year=year)
    old = before.first()
    if value is None:
        if old is not None:
            before.delete()
            _record(actor, audience, unit, year, old, None, source)
        return None
    change = Change(0, unit, audience, year, value, source, source_date, old)
    if not change.differs:
        return old
    if not confirmed:
        _require_enough([change])
    row, _made = AudiencePopulation.objects.update_or_create(
        audience=audience,
        unit=unit,
        year=year,
        defaults={"value": value, "source": source, "source_date": source_date, "set_by": actor},
    )
    _record(actor, audience, unit, year, old, row, source)
    return row


def _require_sound(year: int, value: int | None, source: str, source_date: date | None) -> None:
    last = today().year + 1
    if not FIRST_YEAR <= year <= last:
        fix = _("Ghi năm từ %(first)s đến %(last)s.") % {"first": FIRST_YEAR, "last": last}
        raise wrong(_("Năm này không hợp lý."), "year_implausible", fix, "year")
    if value is not None and value < 0:
        raise wrong(_("Số người không thể âm."), "negative", _("Ghi số từ 0 trở lên."), "value")
    if value is not None and value > MOST_PEOPLE:
        fix = _("Ghi không quá %(most)s.") % {"most": number(MOST_PEOPLE)}
        raise wrong(_("Số này lớn quá."), "too_high", fix, "value")
    if not source:
        fix = _("Ghi số và tên văn bản nêu con số này.")
        raise wrong(_("Chưa ghi văn bản nguồn."), "source_missing", fix, "source")
    if source_date and source_date > today():
        raise wrong(_("Ngày văn bản chưa tới."), "source_in_future", _("Ghi ngày đã ban hành."), "source_date")


def _require_enough(changes: list[Change]) -> None:
    """A head-count below what was counted already is probably a slip: it must be said once more."""
    below = below_counted(changes)
    if below:
        first = below[0]
        said = _(
            "%(unit)s, %(audience)s: %(value)s người phải học, "
            "nhưng đã có %(counted)s người được tính ở chỉ tiêu %(indicator)s."
        )
        if len(below) > 1:
            said = _(
                "%(unit)s, %(audience)s: %(value)s người phải học, "
                "nhưng đã có %(counted)s người được tính ở chỉ tiêu %(indicator)s (và %(more)s số khác)."
            )
        words = {
            "unit": first.change.unit, "audience": first.change.audience, "value": number(first.change.value),
            "counted": number(first.counted), "indicator": first.indicator, "more": len(below) - 1,
        }  # fmt: skip
        raise Refusal(
            said % words,
            code="below_counted",
            fix=_("Xem lại con số. Nếu văn bản đúng như vậy, đánh dấu ô xác nhận rồi ghi."),
            status=400,
            field="value",
        )


def _record(
    actor: User,
    audience: Audience,
    unit: Unit,
    year: int,
    old: AudiencePopulation | None,
    new: AudiencePopulation | None,
    source: str,
) -> None:
    audit.record(
        actor=actor,
        act="population_set",
        subject=unit,
        unit=unit,
        before=_said(old),
        after=_said(new),
        audience=audience.code,
        year=year,
        reason=source if new is None else "",
    )


def _said(row: AudiencePopulation | None) -> dict[str, object]:
    if row is None:
        return {"value": None, "source": "", "source_date": ""}
    return {"value": row.value, "source": row.source, "source_date": str(row.source_date or "")}


@transaction.atomic
def populations_import(
    *, actor: User, unit: Unit, plan: Plan, file_name: str, confirmed: bool = False, seen: str = ""
) -> PopulationsImported:
    """Write all that a checked table says, as one act in the scope of ``unit``; nothing at all when anything is wrong.

    ``seen``: digest of the plan that was looked at, where the table was read again since. Raises Refusal
    ``has_faults``, ``changed_meanwhile``, ``below_counted`` until ``confirmed``; Forbidden out of scope.
    """
    require_keeping(actor, unit)
    _require_right(actor, plan)
    if seen and plan.digest != seen:
        raise Refusal(
            _("Số liệu trên hệ thống đã thay đổi sau khi bạn xem tệp. Chưa ghi số nào."),
            code="changed_meanwhile",
            fix=_("Xem lại các chỗ khác nhau rồi nhập."),
        )
    _require_as_seen(plan)
    if not confirmed:
        _require_enough(plan.differing)
    now = timezone.now()
    AudiencePopulation.objects.bulk_create(
        [
            AudiencePopulation(
                audience=c.audience,
                unit=c.unit,
                year=c.year,
                value=c.value,
                source=c.source,
                source_date=c.source_date,
                set_by=actor,
                set_at=now,
            )
            for c in plan.differing
        ],
        update_conflicts=True,
        unique_fields=["audience", "unit", "year"],
        update_fields=["value", "source", "source_date", "set_by", "set_at"],
        batch_size=1000,
    )
    done = PopulationsImported(len(plan.added), len(plan.changed), plan.unchanged, plan.empty)
    _record_import(actor, unit, plan, file_name, done)
    return done


def _require_right(actor: User, plan: Plan) -> None:
    """Nothing in the table is wrong, and every unit in it is the actor's, whoever read the table before."""
    if plan.faults:
        first = plan.faults[0]
        said = ngettext(
            "Tệp còn %(n)s chỗ cần sửa. Dòng %(line)s, cột «%(column)s»: %(text)s",
            "Tệp còn %(n)s chỗ cần sửa. Dòng %(line)s, cột «%(column)s»: %(text)s",
            len(plan.faults),
        )
        words = {"n": len(plan.faults), "line": first.line, "column": first.column, "text": first.text}
        raise Refusal(said % words, code="has_faults", fix=str(first.fix))
    scope = set(access.scope_units(actor, access.KPI_KEEPING).values_list("descendant", flat=True))
    outside = next((change.unit for change in plan.changes if change.unit.pk not in scope), None)
    access.require(outside is None, actor, what=_("số người phải học của %(unit)s") % {"unit": outside})


def _require_as_seen(plan: Plan) -> None:
    """What the table was held against is still there."""
    units = {change.unit.pk for change in plan.changes}
    held = {
        (row.audience_id, row.unit_id, row.year): (row.value, row.source, row.source_date)
        for row in AudiencePopulation.objects.filter(unit__in=units).select_for_update(of=("self",))
    }
    for change in plan.changes:
        old = change.before
        if held.get(change.key) != ((old.value, old.source, old.source_date) if old else None):
            raise Refusal(
                _("Số của %(unit)s, %(audience)s, năm %(year)s vừa được người khác sửa.")
                % {"unit": change.unit, "audience": change.audience, "year": change.year},
                code="changed_meanwhile",
                fix=_("Kiểm tra lại tệp rồi nhập."),
            )


def _record_import(actor: User, unit: Unit, plan: Plan, file_name: str, done: PopulationsImported) -> None:
    """One line for the act, and one for every head-count, so that a unit finds its own with before and after."""
    audit.record(
        actor=actor,
        act="populations_import",
        subject=unit,
        unit=unit,
        file_name=file_name,
        count=done.added,
        changed=done.changed,
        unchanged=done.unchanged,
    )
    audit.record_many(
        actor=actor,
        act="population_set",
        rows=[
            {
                "subject": change.unit,
                "unit": change.unit,
                "before": _said(change.before),
                "after": {
                    "value": change.value,
                    "source": change.source,
                    "source_date": str(change.source_date or ""),
                },
                "detail": {"audience": change.audience.code, "year": change.year},
            }
            for change in plan.differing
        ],
    )
