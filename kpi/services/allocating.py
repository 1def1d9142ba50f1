"""Sharing a target out among the units below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from common.language import on_record
from kpi.allocations import Allocation, allocation_of, require_allocatable
from kpi.models import Target, TargetVersion
from kpi.services.targets import Papers, indicator_lock, require_keeping, require_unchanged
from kpi.target_rules import Said, number_shown, require_sound, said_by
from people.models import Unit, User
from people.querysets import today


@transaction.atomic
def target_allocate(
    *,
    actor: User,
    target: Target,
    shares: Mapping[Unit, Decimal | None],
    decision_no: str,
    decided_on: date | None,
    reason: str,
    differs: bool = False,
    seen: int | None = None,
) -> int:
    """Give each unit its share; a unit without one loses what it had. Returns how many units changed.

    Every share is from now on one of the version of the target that holds. ``differs``: the shares need not come to
    what the target asks. ``seen``: number of the version that was looked at. Raises Refusal ``not_allocatable``,
    ``year_past``, ``changed_meanwhile``, ``sum_differs``, ``unit_not_below`` (also for one that no longer stands),
    ``own_target``, or as ``target_set``; Forbidden unless ``actor`` keeps the target's unit. Queries do not depend on
    the number of units.
    """
    require_keeping(actor, target.unit)
    require_allocatable(target)
    papers = Papers(decision_no, decided_on, reason)
    papers.require()
    indicator_lock(target.indicator)
    require_unchanged(target.indicator, target.unit, seen)
    allocation = allocation_of(target.indicator, target, today().year)
    wanted = _wanted(allocation, shares, decided_on)
    total = allocation.total({unit.pk: said.value for unit, said in wanted.items()})
    if wanted and total.difference and not differs:
        raise Refusal(
            _("Tổng giao %(given)s, chỉ tiêu %(asked)s: %(words)s.")
            % {"given": number_shown(total.given), "asked": number_shown(total.asked), "words": total.words},
            code="sum_differs",
            fix=_("Sửa cho khớp, hoặc đánh dấu ô «Vẫn giao dù tổng không khớp» và ghi rõ lý do."),
        )
    held = {t.unit_id: t for t in Target.objects.filter(indicator=target.indicator).select_related("unit")}
    _require_own(target, wanted, held)
    changed = _write(actor, target, wanted, held, papers)
    Target.objects.filter(allocated_from=target).update(allocated_version=_number(allocation))
    return changed


def _number(allocation: Allocation) -> int | None:
    return allocation.version.number if allocation.version else None


def _wanted(allocation: Allocation, shares: Mapping[Unit, Decimal | None], decided_on: date | None) -> dict[Unit, Said]:
    """What each unit is to hold. Refuses a unit that is not right below, and a share that cannot be meant."""
    target, below = allocation.target, {line.unit.pk for line in allocation.lines}
    wanted = {}
    for unit, value in shares.items():
        if value is None:
            continue
        if unit.pk not in below:
            raise Refusal(
                _("%(unit)s không phải đơn vị đang hoạt động ngay dưới %(above)s.")
                % {"unit": unit.name, "above": target.unit},
                code="unit_not_below",
                fix=_("Chỉ giao cho các đơn vị có trong bảng."),
            )
        said = Said(value, target.measured_in, target.comparator, target.year)
        try:
            require_sound(said, decided_on=decided_on, today=today())
        except Refusal as refusal:
            raise Refusal(
                f"{unit.name}: {refusal.text}", code=refusal.code, fix=refusal.fix, status=400, **refusal.detail
            ) from refusal
        wanted[unit] = said
    return wanted


def _require_own(target: Target, wanted: Mapping[Unit, Said], held: Mapping[int, Target]) -> None:
    """A target that a unit was set by a decision of its own is not overwritten by a share."""
    own = [u for u in wanted if u.pk in held and held[u.pk].allocated_from_id not in (None, target.pk)]
    own += [u for u in wanted if u.pk in held and held[u.pk].allocated_from_id is None]
    if own:
        raise Refusal(
            _("%(unit)s đã có chỉ tiêu riêng theo quyết định khác.") % {"unit": own[0].name},
            code="own_target",
            fix=_("Rút chỉ tiêu riêng của đơn vị đó trước, hoặc để trống phần giao cho đơn vị."),
        )


def _write(
    actor: User,
    target: Target,
    wanted: Mapping[Unit, Said],
    held: Mapping[int, Target],
    papers: Papers,
) -> int:
    """Write what differs: targets, their next versions, and one line of the log for each unit."""
    mine = {t.unit: t for t in held.values() if t.allocated_from_id == target.pk}
    changed = {u: s for u, s in wanted.items() if u not in mine or said_by(mine[u]) != s}
    gone = [unit for unit in mine if unit not in wanted]
    said_before = TargetVersion.objects.filter(indicator=target.indicator, unit__in=[*changed, *gone]).order_by()
    last = dict(said_before.values_list("unit_id").annotate(last=Max("number")))
    Target.objects.filter(allocated_from=target, unit__in=gone).delete()
    Target.objects.bulk_create(
        [_share(target, unit, said) for unit, said in changed.items()],
        update_conflicts=True,
        unique_fields=["indicator", "unit"],
        update_fields=["value", "measured_in", "comparator", "year", "allocated_from"],
    )
    versions = [*((u, s, False) for u, s in changed.items()), *((u, said_by(mine[u]), True) for u in gone)]
    TargetVersion.objects.bulk_create(
        [
            TargetVersion(
                indicator=target.indicator,
                unit=unit,
                number=last.get(unit.pk, 0) + 1,
                is_withdrawn=is_withdrawn,
                set_by=actor,
                **asdict(said),
                **asdict(papers),
            )
            for unit, said, is_withdrawn in versions
        ]
    )
    _log(actor, target, versions, mine, papers)
    return len(versions)


def _share(target: Target, unit: Unit, said: Said) -> Target:
    return Target(
        indicator=target.indicator,
        unit=unit,
        allocated_from=target,
        **asdict(said),
    )


@on_record()
def _log(
    actor: User,
    target: Target,
    versions: list[tuple[Unit, Said, bool]],
    mine: Mapping[Unit, Target],
    papers: Papers,
) -> None:
    detail = {
        "decision_number": papers.decision_no,
        "decision_date": papers.day,
        "reason": papers.reason,
    }
    audit.record_many(
        actor=actor,
        act="target_allocate",
        rows=[
            {
                "subject": target.indicator,
                "unit": unit,
                "before": {"target": said_by(mine[unit]).words if unit in mine else ""},
                "after": {"target": "" if is_withdrawn else said.words},
                "detail": detail,
            }
            for unit, said, is_withdrawn in versions
        ],
    )
