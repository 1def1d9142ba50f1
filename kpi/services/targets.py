"""Targets: what holds, and every version of it with the decision behind it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import audit
from common.errors import Refusal
from common.language import on_record
from kpi.headcounts import headcount_of
from kpi.models import Indicator, Target, TargetVersion
from kpi.standing import require_standing
from kpi.target_rules import PERCENT, Said, require_sound, said_by, wrong
from people import access
from people.models import Unit, User
from people.querysets import today


@dataclass(frozen=True)
class Papers:
    """The decision behind a change of targets, and why."""

    decision_no: str
    decided_on: date | None
    reason: str

    @property
    def day(self) -> str:
        return self.decided_on.isoformat() if self.decided_on else ""

    def require(self) -> None:
        """A change of a target names its decision, with day, and the reason."""
        if not self.decision_no:
            fix = _("Ghi số, ví dụ 84/KH-UBND.")
            raise wrong(_("Chưa ghi số quyết định."), "decision_missing", fix, "decision_no")
        if self.decided_on is None:
            fix = _("Ghi ngày, ví dụ 19/05/2026.")
            raise wrong(_("Chưa ghi ngày quyết định."), "decided_on_missing", fix, "decided_on")
        if self.decided_on > today():
            fix = _("Ghi ngày đã ban hành.")
            raise wrong(_("Ngày quyết định chưa tới."), "decided_in_future", fix, "decided_on")
        if not self.reason:
            fix = _("Ghi ngắn gọn vì sao đặt hoặc sửa chỉ tiêu.")
            raise wrong(_("Chưa ghi lý do."), "reason_missing", fix, "reason")


@dataclass(frozen=True)
class TargetSaved:
    """What was saved, and what whoever saved it should look at."""

    target: Target
    changed: bool
    warnings: list[str] = field(default_factory=list)


def require_keeping(actor: User, unit: Unit) -> None:
    """Whether ``actor`` may set targets and head-counts of ``unit``; Forbidden or 404 otherwise."""
    what = _("việc giao chỉ tiêu cho %(unit)s") % {"unit": unit}
    access.require(access.can_keep_kpi(actor, unit), actor, what=what)


def indicator_lock(indicator: Indicator) -> None:
    """Of two who change targets of an indicator at once, the later one sees what the earlier one wrote."""
    Indicator.objects.select_for_update(of=("self",)).get(pk=indicator.pk)


def newest_version(indicator: Indicator, unit: Unit) -> TargetVersion | None:
    """What was said last about a unit's target."""
    return TargetVersion.objects.filter(indicator=indicator, unit=unit).order_by("-number").first()


def version_write(*, indicator: Indicator, unit: Unit, said: Said | None, **more: Any) -> TargetVersion:
    """Write the next version; ``said`` None withdraws. Call under ``indicator_lock``."""
    last = newest_version(indicator, unit)
    kept = said or (said_by(last) if last else Said(None, "", "exists", None))
    return TargetVersion.objects.create(
        indicator=indicator,
        unit=unit,
        number=last.number + 1 if last else 1,
        is_withdrawn=said is None,
        **asdict(kept),
        **more,
    )


def target_put(indicator: Indicator, unit: Unit, said: Said) -> Target:
    """Make a target hold; its place in an allocation stays."""
    return Target.objects.update_or_create(indicator=indicator, unit=unit, defaults=asdict(said))[0]


def require_unchanged(indicator: Indicator, unit: Unit, seen: int | None) -> None:
    """Refuse (``changed_meanwhile``) when there is a newer version than the one that was looked at."""
    last = newest_version(indicator, unit)
    if seen is not None and seen != (last.number if last else 0):
        raise Refusal(
            _("Chỉ tiêu này vừa được người khác sửa."),
            code="changed_meanwhile",
            fix=_("Mở lại trang để xem bản mới rồi sửa tiếp."),
        )


@on_record()
def _record(
    actor: User, act: str, indicator: Indicator, unit: Unit, before: Said | None, after: Said | None, papers: Papers
) -> None:
    audit.record(
        actor=actor,
        act=act,
        subject=indicator,
        unit=unit,
        before={"target": before.words if before else ""},
        after={"target": after.words if after else ""},
        decision_number=papers.decision_no,
        decision_date=papers.day,
        reason=papers.reason,
    )


@transaction.atomic
def target_set(
    *,
    actor: User,
    indicator: Indicator,
    unit: Unit,
    value: Decimal | None,
    year: int | None,
    measured_in: str,
    comparator: str,
    decision_no: str,
    decided_on: date | None,
    reason: str,
    seen: int | None = None,
) -> TargetSaved:
    """Set or change the target of a unit, as a new version. The same again writes nothing.

    ``seen``: number of the version that was looked at (0 for none). Raises Refusal ``unit_not_standing``,
    ``changed_meanwhile``, ``decision_missing``, ``decided_on_missing``, ``reason_missing`` or one of
    ``target_rules.require_sound``; Forbidden out of scope.
    """
    require_keeping(actor, unit)
    require_standing(unit)
    said, papers = Said(value, measured_in, comparator, year), Papers(decision_no, decided_on, reason)
    papers.require()
    require_sound(said, decided_on=decided_on, today=today())
    indicator_lock(indicator)
    require_unchanged(indicator, unit, seen)
    before = Target.objects.filter(indicator=indicator, unit=unit).first()
    if before and said_by(before) == said:
        return TargetSaved(before, changed=False)
    target = target_put(indicator, unit, said)
    version_write(indicator=indicator, unit=unit, said=said, set_by=actor, **asdict(papers))
    _record(actor, "target_set", indicator, unit, said_by(before) if before else None, said, papers)
    return TargetSaved(target, True, [*_warnings(indicator, unit, said), *_shares_warning(target)])


def _warnings(indicator: Indicator, unit: Unit, said: Said) -> list[str]:
    """A percentage of nothing known can be set, and says nothing until there is a head-count."""
    if said.measured_in == PERCENT and headcount_of(indicator, unit, min(said.year or 9999, today().year)) is None:
        text = _(
            "Chưa có số người phải học của %(unit)s, nên chưa tính được tỷ lệ này. "
            "Hãy nhập ở trang «Số người phải học»."
        )
        return [text % {"unit": unit.name}]
    return []


def _shares_warning(target: Target) -> list[str]:
    """Shares do not follow by themselves: whoever gave them decides anew."""
    if not (shares := target.shares.count()):
        return []
    said = ngettext(
        "Mục tiêu này đã giao xuống %(n)s đơn vị theo bản trước; phần của các đơn vị chưa đổi. "
        "Mở trang «Giao xuống» rồi bấm «Chia lại».",
        "Mục tiêu này đã giao xuống %(n)s đơn vị theo bản trước; phần của các đơn vị chưa đổi. "
        "Mở trang «Giao xuống» rồi bấm «Chia lại».",
        shares,
    )
    return [said % {"n": shares}]


@transaction.atomic
def target_withdraw(
    *,
    actor: User,
    indicator: Indicator,
    unit: Unit,
    decision_no: str,
    decided_on: date | None,
    reason: str,
    seen: int | None = None,
) -> TargetVersion:
    """Say that a unit has no target any more. Its earlier versions stay.

    Raises Refusal ``no_target``, ``has_shares``, ``changed_meanwhile`` or one about the papers; Forbidden out of scope.
    """
    require_keeping(actor, unit)
    papers = Papers(decision_no, decided_on, reason)
    papers.require()
    indicator_lock(indicator)
    require_unchanged(indicator, unit, seen)
    target = Target.objects.filter(indicator=indicator, unit=unit).first()
    if target is None:
        text = _("%(unit)s không có chỉ tiêu này.") % {"unit": unit.name}
        raise Refusal(text, code="no_target", fix=_("Mở lại trang chỉ tiêu."))
    if shares := target.shares.count():
        said = ngettext(
            "Chỉ tiêu này đã giao xuống cho %(n)s đơn vị.", "Chỉ tiêu này đã giao xuống cho %(n)s đơn vị.", shares
        )
        raise Refusal(
            said % {"n": shares},
            code="has_shares",
            fix=_("Mở trang giao chỉ tiêu, xoá phần giao của các đơn vị rồi rút chỉ tiêu."),
        )
    before = said_by(target)
    target.delete()
    version = version_write(indicator=indicator, unit=unit, said=None, set_by=actor, **asdict(papers))
    _record(actor, "target_withdraw", indicator, unit, before, None, papers)
    return version
