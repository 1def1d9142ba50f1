"""Declarations: a unit says a value with evidence, somebody else approves it or sends it back."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.errors import Forbidden, Refusal
from common.language import on_record
from common.models import private_storage
from common.queue import enqueue
from common.text import nfc
from common.uploads import DOCX, JPEG, PDF, PNG, XLSX, plain_name, upload_kind
from kpi.declarations import can_approve, can_withdraw, may_declare
from kpi.declared import EACH_YEAR
from kpi.models import DECLARED_KINDS, Closing, CountingKind, Declaration, DeclarationState, Indicator
from kpi.standing import require_standing
from kpi.target_rules import HIGHEST, PERCENT, wrong
from people import access
from people.models import Unit, User
from people.querysets import today

EVIDENCE_KINDS = (PDF, JPEG, PNG, DOCX, XLSX)
MOST_MEGABYTES = 20
FOLDER = "kpi/evidence"


def declaration_submit(
    *,
    actor: User,
    indicator: Indicator,
    unit: Unit,
    year: int,
    until: date,
    value: Decimal | None,
    note: str = "",
    evidence: Any = None,
    evidence_link: str = "",
) -> Declaration:
    """Declare a value of an indicator in a unit as of a day, with a file or a link as evidence; it waits for approval.

    For an activity the value is 1 whatever is given, and ``note`` says what was done. Raises Refusal ``not_declared``,
    ``unit_not_standing``, ``evidence_missing``, ``already_waiting``, one about a field, or one about the file;
    Forbidden unless the unit is the actor's to declare for.
    """
    _require_declarable(actor, indicator, unit)
    note, evidence_link = nfc(note), evidence_link.strip()
    value = _sound_value(indicator, year=year, until=until, value=value, note=note)
    _require_evidence(evidence, evidence_link)
    kept = _evidence_keep(evidence) if evidence else {}
    try:
        with transaction.atomic():
            declaration = Declaration.objects.create(
                indicator=indicator,
                unit=unit,
                year=year,
                until=until,
                value=value,
                note=note,
                evidence_link=evidence_link,
                declared_by=actor,
                **kept,
            )
            _record(actor, "declaration_submit", declaration, before="", after=DeclarationState.SUBMITTED)
    except IntegrityError as error:
        raise _already_waiting(unit, year) from error
    return declaration


def _already_waiting(unit: Unit, year: int) -> Refusal:
    return Refusal(
        _("%(unit)s đã có một số liệu của chỉ tiêu này, năm %(year)s, đang chờ duyệt.") % {"unit": unit, "year": year},
        code="already_waiting",
        fix=_("Chờ duyệt, hoặc rút số liệu đó rồi báo lại."),
    )


def _require_declarable(actor: User, indicator: Indicator, unit: Unit) -> None:
    may = may_declare(actor, indicator, unit)
    access.require(
        may or access.can_read_kpi(actor, unit), actor, what=_("việc báo số liệu của %(unit)s") % {"unit": unit}
    )
    if indicator.counting not in DECLARED_KINDS:
        raise Refusal(
            _("Chỉ tiêu %(code)s do hệ thống tính, đơn vị không báo.") % {"code": indicator.code},
            code="not_declared",
            fix=_("Xem «Cách tính» ở trang của chỉ tiêu."),
        )
    require_standing(unit)
    if not may:
        raise Forbidden(
            _("Văn bản không giao chỉ tiêu %(code)s cho %(unit)s.") % {"code": indicator.code, "unit": unit},
            code="not_responsible",
            fix=_("Chọn đơn vị được giao thực hiện, có trong danh sách «Còn phải báo»."),
        )


def _sound_value(indicator: Indicator, *, year: int, until: date, value: Decimal | None, note: str) -> Decimal:
    """The value that is declared, once everything about it can be meant."""
    if not 2020 <= year <= today().year:
        fix = _("Ghi năm từ 2020 đến %(year)s.") % {"year": today().year}
        raise wrong(_("Năm này không báo được."), "year_implausible", fix, "year")
    if until > today():
        raise wrong(_("Ngày này chưa tới."), "until_in_future", _("Ghi ngày đã có số liệu."), "until")
    if until.year > year or (until.year < year and indicator.recurrence in EACH_YEAR):
        fix = _("Ghi một ngày trong năm %(year)s.") % {"year": year}
        raise wrong(_("Ngày không thuộc năm báo."), "until_not_in_year", fix, "until")
    if indicator.counting == CountingKind.ACTIVITY:
        if not note:
            raise wrong(_("Chưa ghi hoạt động."), "note_missing", _("Ghi ngắn gọn đã làm gì, ngày nào."), "note")
        return Decimal(1)
    if value is None:
        raise wrong(_("Chưa ghi con số."), "value_missing", _("Ghi con số, ví dụ 12 hoặc 70,5."), "value")
    if value < 0:
        raise wrong(_("Con số không thể âm."), "negative", _("Ghi số từ 0 trở lên."), "value")
    if value > HIGHEST:
        raise wrong(_("Con số quá lớn."), "too_high", _("Xem lại con số."), "value")
    if value > 100 and any(target.measured_in == PERCENT for target in indicator.all_targets):
        said = _("Chỉ tiêu này tính bằng %, không vượt quá 100.")
        raise wrong(said, "over_hundred", _("Ghi từ 0 đến 100."), "value")
    return value


def _require_evidence(evidence: Any, link: str) -> None:
    if not evidence and not link:
        fix = _("Gửi một tệp (PDF, ảnh, Word, Excel) hoặc dán địa chỉ trang có minh chứng.")
        raise wrong(_("Chưa có minh chứng."), "evidence_missing", fix, "evidence")
    parts = urlsplit(link)
    if link and (parts.scheme not in ("http", "https") or not parts.hostname or len(link) > 500):
        fix = _("Dán địa chỉ bắt đầu bằng https://")
        raise wrong(_("Địa chỉ này không đúng."), "link_wrong", fix, "evidence_link")


def _evidence_keep(upload: Any) -> dict[str, str]:
    """Keep a file under the hash of its bytes; the same file is kept once."""
    kind = upload_kind(upload, kinds=EVIDENCE_KINDS, most_megabytes=MOST_MEGABYTES)
    content = upload.read()
    digest = hashlib.sha256(content).hexdigest()
    path, storage = f"{FOLDER}/{digest}.{kind.extensions[0]}", private_storage()
    if not storage.exists(path):
        path = storage.save(path, ContentFile(content))
    return {
        "evidence": path,
        "evidence_name": plain_name(upload.name or "", kind).replace("bai-nop.", "minh-chung."),
        "evidence_sha256": digest,
    }


# --- Answers --------------------------------------------------------------------------------------------------------
@transaction.atomic
def declaration_approve(*, actor: User, declaration: Declaration) -> Declaration:
    """Let a declaration hold; from then on nobody changes it, a newer one takes its place.

    Raises Refusal ``own_declaration`` (four eyes) or ``not_waiting``; Forbidden out of scope.
    """
    locked = _locked(declaration, actor, answering=True)
    if Closing.objects.filter(until__gte=locked.until).exists():
        _correct_after_commit(locked)
    return _decide(actor, locked, DeclarationState.APPROVED, "declaration_approve", "")


def _correct_after_commit(declaration: Declaration) -> None:
    """The day was closed already: what the value changes there is kept beside the closed figures."""
    from kpi.tasks import correct_figures

    indicators = [declaration.indicator_id]
    transaction.on_commit(lambda: enqueue(correct_figures, indicators), robust=True)


@transaction.atomic
def declaration_return(*, actor: User, declaration: Declaration, reason: str) -> Declaration:
    """Send a declaration back with a reason; the unit may declare anew.

    Raises Refusal ``reason_missing``, ``own_declaration`` or ``not_waiting``; Forbidden out of scope.
    """
    reason = nfc(reason)
    if not reason:
        raise wrong(_("Chưa ghi lý do trả lại."), "reason_missing", _("Ghi điều đơn vị cần sửa."), "reason")
    locked = _locked(declaration, actor, answering=True)
    return _decide(actor, locked, DeclarationState.RETURNED, "declaration_return", reason[:500])


@transaction.atomic
def declaration_withdraw(*, actor: User, declaration: Declaration) -> Declaration:
    """Take back what still waits; ``kpi.declarations.can_withdraw`` says who may.

    Raises Refusal ``not_waiting``; Forbidden out of scope.
    """
    locked = _locked(declaration, actor, answering=False)
    return _decide(actor, locked, DeclarationState.WITHDRAWN, "declaration_withdraw", "")


def _locked(declaration: Declaration, actor: User, *, answering: bool) -> Declaration:
    """The row, locked, where the actor may act on it and it still waits."""
    locked: Declaration = (
        Declaration.objects.select_for_update(of=("self",)).select_related("indicator", "unit").get(pk=declaration.pk)
    )
    allowed = can_approve(actor, locked.indicator, locked.unit) if answering else can_withdraw(actor, locked)
    access.require(allowed, actor, what=_("việc này của %(unit)s") % {"unit": locked.unit})
    if answering and locked.declared_by_id == actor.pk:
        raise Forbidden(
            _("Bạn đã báo số liệu này nên không tự duyệt hoặc trả lại."),
            code="own_declaration",
            fix=_("Nhờ người khác có quyền duyệt, hoặc rút số liệu nếu báo nhầm."),
        )
    if locked.state != DeclarationState.SUBMITTED:
        raise Refusal(
            _("Số liệu này %(state)s rồi.") % {"state": locked.get_state_display().lower()},
            code="not_waiting",
            fix=_("Mở lại trang. Muốn thay số đã duyệt, hãy báo một số mới."),
        )
    return locked


def _decide(actor: User, locked: Declaration, state: DeclarationState, act: str, reason: str) -> Declaration:
    before = locked.state
    locked.state, locked.decided_by, locked.decided_at, locked.reason = state, actor, timezone.now(), reason
    locked.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    _record(actor, act, locked, before=before, after=state)
    return locked


def _record(actor: User, act: str, declaration: Declaration, *, before: str, after: str) -> None:
    with on_record():
        labels = {value: str(label) for value, label in DeclarationState.choices}
    audit.record(
        actor=actor,
        act=act,
        subject=declaration.indicator,
        unit=declaration.unit,
        before={"state": labels.get(before, "")},
        after={"state": labels[after]},
        year=declaration.year,
        until=declaration.until.isoformat(),
        value=str(declaration.value.normalize().to_eng_string()),
        evidence=declaration.evidence_name or declaration.evidence_link,
        file_sha256=declaration.evidence_sha256,
        reason=declaration.reason,
    )
