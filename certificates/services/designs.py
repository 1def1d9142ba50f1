"""Designs: which one a certificate gets, and how versions come about.

A draft is edited freely; publishing makes it the version that is used from then on. What was published is never edited
again: certificates are drawn anew from it, to the very same bytes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext

from certificates import rights
from certificates.defaults import shipped_text
from certificates.models import Asset, Design, DesignState, Series
from certificates.services.trials import design_faults, design_missing, design_trials
from common import audit
from common.errors import Refusal
from common.text import fold, nfc
from people import access
from people.models import Unit, UnitAncestor, User


def design_for(*, series: Series, unit: Unit | None) -> Design:
    """The newest published variant of the series' design for ``unit`` or the nearest unit above it; else the version
    that the series names, which publishing keeps up to date."""
    variants = Design.objects.filter(code=series.design.code, state=DesignState.PUBLISHED).exclude(unit=None)
    if unit is None or not variants.exists():
        return series.design
    above = UnitAncestor.objects.filter(structure=access.current_structure(), descendant=unit)
    near = dict(above.values_list("ancestor", "depth"))
    found = sorted(variants.filter(unit__in=near), key=lambda design: (near[design.unit_id or 0], -design.version))
    return found[0] if found else series.design


@transaction.atomic
def design_draft(*, design: Design, actor: User, unit: Unit | None = None) -> tuple[Design, bool]:
    """The draft of a design, made from ``design`` where there is none; with ``unit``: of its variant for that unit.

    Returns (draft, created). Refuses with ``not_allowed``.
    """
    unit = unit or design.unit
    _require(actor, Design(code=design.code, unit=unit, changed_by=design.changed_by))
    draft = Design.objects.filter(code=design.code, unit=unit, state=DesignState.DRAFT).first()
    if draft is not None:
        return draft, False
    return _copied(design, code=design.code, name=design.name, unit=unit, actor=actor), True


@transaction.atomic
def design_copy(*, design: Design, actor: User, name: str) -> Design:
    """A design of its own that starts as ``design``; refuses with ``name_missing`` or ``name_taken``."""
    _require_issuer_side(actor)
    if not (name := nfc(name)):
        fix = gettext("Ghi tên mẫu mới rồi gửi lại.")
        raise Refusal(gettext("Chưa ghi tên mẫu."), code="name_missing", fix=fix, status=400)
    code = slugify(fold(name))[:50]
    if not code or Design.objects.filter(code=code).exists():
        fix = gettext("Chọn một tên khác.")
        raise Refusal(gettext("Đã có mẫu tên này."), code="name_taken", fix=fix, status=409)
    return _copied(design, code=code, name=name, unit=None, actor=actor)


def _copied(design: Design, *, code: str, name: str, unit: Unit | None, actor: User) -> Design:
    body, style = (design.body, design.style) if design.body else shipped_text(design.code)
    newest = Design.objects.filter(code=code, unit=unit).aggregate(newest=Max("version"))["newest"] or 0
    return Design.objects.create(
        code=code, version=newest + 1, name=name, unit=unit, paper=design.paper, body=body, style=style,
        logo=design.logo, has_seal=design.has_seal, state=DesignState.DRAFT, changed_by=actor,
    )  # fmt: skip


@transaction.atomic
def design_save(*, draft: Design, actor: User, seen: str, values: dict[str, Any], logo: Asset | None) -> Design:
    """Keep what was typed, also while it is not sound yet. ``values``: name, paper, body, style, has_seal.

    ``seen`` is the moment (ISO) of the draft that the form showed. Refuses with ``not_a_draft`` or ``changed_since``.
    """
    draft = _locked_draft(draft, actor)
    if seen and datetime.fromisoformat(seen) != draft.changed_at:
        raise Refusal(
            gettext("Người khác vừa sửa bản nháp này."),
            code="changed_since",
            fix=gettext("Chép phần bạn đã sửa ra chỗ khác, mở lại trang rồi dán vào."),
            link=(f"/quan-ly/cap-chung-nhan/mau/{draft.uuid}/", gettext("Mở bản nháp mới nhất")),
        )
    for name in ("name", "paper", "body", "style", "has_seal"):
        value = values[name]
        setattr(draft, name, value.replace("\r\n", "\n") if isinstance(value, str) else value)
    draft.logo, draft.changed_by = logo, actor
    draft.save()
    return draft


@transaction.atomic
def design_publish(*, draft: Design, actor: User) -> Design:
    """Make a draft the version in use: kinds of paper with its code go over to it, what was issued keeps its own.

    Refuses with ``not_a_draft``, ``design_unsound`` (faults, something missing) or ``design_unfit`` (text is cut or
    covered for some sample); both name the first of what is to be mended.
    """
    draft = _locked_draft(draft, actor)
    faults = design_faults(draft) or design_missing(draft)
    if faults:
        raise Refusal(gettext("Mẫu chưa đúng nên chưa công bố được."), code="design_unsound", fix=str(faults[0]))
    for trial in design_trials(draft):
        if trial.faults:
            fix = f"{trial.sample.label}: {trial.faults[0]}"
            raise Refusal(gettext("Chữ chưa nằm gọn trên giấy nên chưa công bố được."), code="design_unfit", fix=fix)
    older = Design.objects.filter(code=draft.code, unit=draft.unit, state=DesignState.PUBLISHED)
    older.update(state=DesignState.RETIRED)
    draft.state, draft.changed_by = DesignState.PUBLISHED, actor
    draft.save()
    moved = Series.objects.filter(design__code=draft.code).update(design=draft) if draft.unit is None else 0
    audit.record(
        actor=actor, act="design_publish", subject=draft, unit=draft.unit, code=draft.code, name=draft.name, kinds=moved
    )
    return draft


@transaction.atomic
def design_retire(*, design: Design, actor: User) -> Design:
    """Use a published design no more; refuses with ``design_used`` while a kind of paper that is issued names it."""
    _require(actor, design)
    if design.unit is None and (user := Series.objects.filter(design=design, is_active=True).first()):
        raise Refusal(
            gettext("«%(name)s» đang dùng mẫu này.") % {"name": user.name},
            code="design_used",
            fix=gettext("Chọn mẫu khác cho loại giấy đó trước."),
            link=(f"/quan-ly/cap-chung-nhan/loai-giay/{user.code}/", gettext("Mở loại giấy")),
        )
    changed = Design.objects.filter(pk=design.pk, state=DesignState.PUBLISHED).update(state=DesignState.RETIRED)
    if changed:
        audit.record(
            actor=actor, act="design_retire", subject=design, unit=design.unit, code=design.code, name=design.name
        )
    design.refresh_from_db()
    return design


@transaction.atomic
def design_drop(*, draft: Design, actor: User) -> None:
    """Throw a draft away; nothing was ever issued with it."""
    _locked_draft(draft, actor).delete()


def _locked_draft(draft: Design, actor: User) -> Design:
    found = Design.objects.select_for_update(of=("self",)).filter(pk=draft.pk, state=DesignState.DRAFT).first()
    if found is None:
        raise Refusal(
            gettext("Bản này đã công bố nên không sửa được nữa."),
            code="not_a_draft",
            fix=gettext("Mở mẫu rồi bấm «Sửa thành bản mới»."),
            link=("/quan-ly/cap-chung-nhan/mau/", gettext("Các mẫu giấy")),
        )
    _require(actor, found)
    return found


def _require(actor: User, design: Design) -> None:
    if not rights.can_edit_design(actor, design):
        raise Refusal(
            gettext("Bạn không có quyền sửa mẫu này."),
            code="not_allowed",
            fix=gettext("Sao chép thành mẫu riêng, hoặc đề nghị đơn vị đang dùng mẫu này sửa."),
            status=403,
        )


def _require_issuer_side(actor: User) -> None:
    if not rights.is_issuer_side(actor):
        said = gettext("Bạn không có quyền tạo mẫu giấy.")
        raise Refusal(said, code="not_allowed", fix=gettext("Hỏi đơn vị cấp."), status=403)
