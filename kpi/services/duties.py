"""Duties to report: loaded with their decision, followed or not, with a day of the province's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from common.language import on_record
from common.text import vi_date
from common.wording import day as day_said
from kpi import calendar_rules
from kpi.duties_loading import Span
from kpi.loading import Entry
from kpi.models import Decision, ReportDuty
from kpi.services.dues import dues_drop, dues_make, dues_outside_drop
from people import access
from people.models import Unit, User
from people.querysets import today

#: Made into dues from the start; the rest waits for somebody to decide that it is followed here.
FOLLOWED_KINDS = frozenset({"report"})


def duties_load(*, entries: Iterable[Entry]) -> int:
    """Write the duties of decisions that are loaded; what a province set for itself stays. Returns how many.

    Raises DataError where the decision is not there.
    """
    decisions = {d.code: d for d in Decision.objects.all()}
    kept = dict(ReportDuty.objects.values_list("code", "due_rule"))
    number = 0
    for entry in entries:
        if entry.decision not in decisions:
            raise entry.wrong("code", f"chưa nạp văn bản «{entry.decision}»")
        _duty_load(entry, decisions[entry.decision], kept)
        number += 1
    return number


def _duty_load(entry: Entry, decision: Decision, kept: dict[str, Any]) -> None:
    rule = dict(entry.data["due_rule"]) if entry.data.get("due_rule") else None
    written: dict[str, Any] = {
        "decision": decision,
        "kind": entry.text("kind"),
        "subject": entry.text("subject"),
        "from_names": entry.texts("from_units"),
        "to_names": entry.texts("to_units", needed=False),
        "frequency": entry.text("frequency"),
        "due_rule": rule,
        "deadline_text": entry.text("deadline_text", needed=False),
        "section": entry.text("section"),
        "source": entry.text("source"),
        "quote": entry.text("quote"),
    }
    if own := (kept.get(entry.code) or {}).get("own"):
        written["due_rule"] = (rule or {}) | {"own": own}
    if entry.code in kept:
        ReportDuty.objects.filter(code=entry.code).update(**written)
        return
    followed = written["kind"] in FOLLOWED_KINDS and calendar_rules.is_readable(rule)
    ReportDuty.objects.create(code=entry.code, is_followed=followed, **written)


def spans_load(*, spans: Mapping[str, Span]) -> None:
    """Write from when until when decisions hold; what a province set for itself stays."""
    for decision in Decision.objects.filter(code__in=spans, valid_is_own=False):
        span = spans[decision.code]
        decision.valid_from, decision.valid_until = span.valid_from, span.valid_until
        decision.valid_source = span.source
        decision.save(update_fields=["valid_from", "valid_until", "valid_source"])


def keeping_unit(actor: Any) -> Unit | None:
    """The unit at the top that ``actor`` keeps the figures of: only there duties of a whole decision are set."""
    held = access.scope_units(actor, access.KPI_KEEPING)
    return Unit.objects.standing_on().filter(parent=None, pk__in=held).first()


def _require_keeping(actor: Any) -> Unit:
    unit = keeping_unit(actor)
    access.require(unit is not None, actor, what=_("lịch báo cáo của tỉnh"))
    assert unit is not None  # require does not let pass without
    return unit


@transaction.atomic
def duty_set(
    *,
    actor: User,
    duty: ReportDuty,
    follow: bool,
    own_day: tuple[int, int | None] | None,
    reason: str,
    remind_days: int | None = None,
) -> ReportDuty:
    """Follow a duty or not, by the document's day or by one of the province's own (day, month); with a reason.

    ``remind_days``: how many days before the last one those who owe are reminded; None: as it is. What is still open is
    made anew: dues of an unfollowed duty that nobody handed in go. Raises Refusal ``no_reason``, ``no_day`` or
    ``bad_day``.
    """
    unit = _require_keeping(actor)
    locked: ReportDuty = ReportDuty.objects.select_for_update(of=("self",)).get(pk=duty.pk)
    if not reason.strip():
        fix = _("Ghi lý do, ví dụ số công văn quy định lại ngày.")
        raise Refusal(_("Chưa ghi lý do."), code="no_reason", fix=fix)
    before = _set_as(locked)
    locked.due_rule, locked.is_followed = _rule(locked, follow, own_day) or None, follow
    if remind_days is not None:
        locked.remind_days = remind_days
    locked.save(update_fields=["due_rule", "is_followed", "remind_days"])
    audit.record(
        actor=actor, act="kpi.duty_set", subject=locked, unit=unit, before=before, reason=reason.strip(),
        after=_set_as(locked),
    )  # fmt: skip
    if follow:
        dues_make(year=today().year, duties=ReportDuty.objects.filter(pk=locked.pk))
    else:
        dues_drop(duty=locked)
    return locked


def _rule(duty: ReportDuty, follow: bool, own_day: tuple[int, int | None] | None) -> dict[str, Any]:
    """By which day the duty is due from now on; one that is followed needs one."""
    rule = {key: value for key, value in (duty.due_rule or {}).items() if key != "own"}
    if own_day:
        rule["own"] = _own(duty, *own_day)
    if follow and not calendar_rules.is_readable(rule):
        raise Refusal(
            _("Văn bản không nêu ngày đến hạn, nên chưa theo dõi được."),
            code="no_day",
            fix=_("Đặt ngày đến hạn riêng của tỉnh cho loại báo cáo định kỳ này."),
        )
    return rule


def _set_as(duty: ReportDuty) -> dict[str, Any]:
    """How a duty is set, for the log."""
    with on_record():
        due = calendar_rules.said(duty.due_rule)
    return {"followed": duty.is_followed, "due": due, "remind_days": duty.remind_days}


@transaction.atomic
def decision_span_set(
    *, actor: User, decision: Decision, valid_from: date | None, valid_until: date | None, reason: str
) -> Decision:
    """Set from when until when a decision asks for reports; ``reason`` is what the province goes by.

    Dues of this year are made anew, and what nobody handed in for periods outside goes. Raises Refusal ``no_reason`` or
    ``bad_span``.
    """
    unit = _require_keeping(actor)
    locked: Decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    if not reason.strip():
        raise Refusal(_("Chưa ghi căn cứ."), code="no_reason", fix=_("Ghi văn bản nói về thời hạn này."))
    if valid_from and valid_until and valid_until < valid_from:
        raise Refusal(
            _("Ngày hết hiệu lực %(last)s sớm hơn ngày bắt đầu %(first)s.")
            % {"last": day_said(valid_until), "first": day_said(valid_from)},
            code="bad_span",
            fix=_("Sửa một trong hai ngày."),
        )
    before = _span_of(locked)
    locked.valid_from, locked.valid_until, locked.valid_is_own = valid_from, valid_until, True
    locked.valid_source = reason.strip()
    locked.save(update_fields=["valid_from", "valid_until", "valid_source", "valid_is_own"])
    dropped = dues_outside_drop(duties=locked.report_duties.all())
    dues_make(year=today().year, duties=locked.report_duties.all())
    audit.record(
        actor=actor, act="kpi.decision_span_set", subject=unit, unit=unit, before=before, after=_span_of(locked),
        decision=locked.title, reason=reason.strip(), dropped=dropped,
    )  # fmt: skip
    return locked


def _span_of(decision: Decision) -> dict[str, str]:
    return {"valid_from": vi_date(decision.valid_from), "valid_until": vi_date(decision.valid_until)}


def _own(duty: ReportDuty, day: int, month: int | None) -> dict[str, Any]:
    """The province's own day as a rule, or a refusal that says what cannot be."""
    if duty.frequency not in calendar_rules.RECURRING:
        raise Refusal(
            _("Báo cáo này không định kỳ theo năm, quý hay tháng, nên không đặt ngày riêng được."),
            code="bad_day",
            fix=_("Bỏ trống ngày đến hạn riêng."),
        )
    if duty.frequency == calendar_rules.YEARLY and month is None:
        raise Refusal(_("Báo cáo hằng năm cần cả tháng."), code="bad_day", fix=_("Chọn tháng đến hạn."))
    own = calendar_rules.own_rule(duty.frequency, day=day, month=month)
    if problem := calendar_rules.problem_of(own):
        said = _("Ngày đến hạn chưa đúng: %(problem)s.") % {"problem": problem}
        raise Refusal(said, code="bad_day", fix=_("Sửa ngày, tháng đến hạn."))
    return own
