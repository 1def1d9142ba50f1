"""Kinds of paper: who issues them, how they are numbered, what they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates import rights
from certificates.models import Asset, Basis, Certificate, Series, SeriesCounter
from certificates.numbering import checked_pattern, number_text
from common import audit
from common.errors import Refusal
from common.language import on_record
from common.text import nfc
from courses.models import Course
from people.models import Unit, User

#: What the form may set. The code names the register for good and is given once; automatic issuing is set up once.
FIELDS = (
    "name", "kind", "suffix", "pattern", "unit", "design", "signer_name", "signer_title", "place", "signing",
    "is_active", "valid_months", "remind_days", "basis", "learning_path", "award_title", "min_score", "min_hours",
    "needs_birth_date",
)  # fmt: skip


@transaction.atomic
def series_save(
    *,
    actor: User,
    series: Series | None,
    values: Mapping[str, Any],
    courses: Iterable[Course],
    signature: Asset | None,
    code: str = "",
) -> Series:
    """Make a kind of paper (``series`` None: with ``code``) or change one; what was issued keeps what it froze.

    Refuses with ``not_allowed``, ``pattern_unclear``, ``numbers_given`` (numbers of this year read as they read),
    ``number_shared`` (another kind would write the same numbers), ``unit_fixed``, ``rule_unclear`` or ``signer_half``.
    """
    kept = Series.objects.select_for_update(of=("self",)).get(pk=series.pk) if series else None
    found = kept or Series(code=code)
    before = _said(found) if kept else {}
    typed: dict[str, Any] = {name: _kept(values[name]) for name in FIELDS}
    typed["pattern"] = checked_pattern(typed["pattern"])
    _require(actor, kept.unit if kept else None, typed["unit"])
    if kept:
        _require_numbers_stay(kept, typed)
    courses = list(courses)
    _require_rule(found, typed, courses)
    for name, value in typed.items():
        setattr(found, name, value)
    found.signature = signature
    _require_own_numbers(found)
    found.save()
    found.required_courses.set(courses)
    _log(actor, found, before, is_new=kept is None)
    return found


def _kept(value: Any) -> Any:
    """What is typed is frozen into papers: in the one form of the platform's text."""
    return nfc(value) if isinstance(value, str) else value


def _log(actor: User, series: Series, before: dict[str, Any], *, is_new: bool) -> None:
    after = _said(series)
    if is_new:
        audit.record(actor=actor, act="series_add", subject=series, unit=series.unit, after=after)
        return
    changed = [name for name, value in after.items() if before.get(name) != value]
    if changed:
        audit.record(
            actor=actor, act="series_change", subject=series, unit=series.unit,
            before={name: before[name] for name in changed}, after={name: after[name] for name in changed},
        )  # fmt: skip


def _said(series: Series) -> dict[str, Any]:
    """A kind of paper in words for the log."""
    with on_record():
        return _in_words(series)


def _in_words(series: Series) -> dict[str, Any]:
    return {
        "name": series.name,
        "series_kind": series.get_kind_display(),
        "suffix": series.suffix,
        "pattern": series.pattern,
        "issuer": series.unit.name,
        "design": str(series.design),
        "signer_name": series.signer_name,
        "signer_title": series.signer_title,
        "signature": series.signature.name if series.signature else "",
        "place": series.place,
        "signing": series.get_signing_display(),
        "is_issued": series.is_active,
        "valid_months": series.valid_months,
        "remind_days": series.remind_days,
        "basis": series.get_basis_display(),
        "courses": sorted(series.required_courses.values_list("title", flat=True)) if series.pk else [],
        "learning_path": str(series.learning_path) if series.learning_path else "",
        "award_title": series.award_title,
        "min_score": None if series.min_score is None else str(series.min_score),
        "min_hours": None if series.min_hours is None else str(series.min_hours),
        "needs_birth_date": series.needs_birth_date,
    }


def _require(actor: User, *units: Unit | None) -> None:
    for unit in units:
        if unit is not None and not rights.can_keep_series(actor, unit):
            raise Refusal(
                _("Bạn không có quyền đặt loại giấy cho %(unit)s.") % {"unit": unit.name},
                code="not_allowed",
                fix=_("Việc này do người ký cấp chứng nhận hoặc quản trị của đơn vị cấp làm."),
                status=403,
            )


def numbers_given(series: Series) -> int:
    """How many numbers of this year were given."""
    year = timezone.localdate().year
    return SeriesCounter.objects.filter(series=series, year=year).values_list("last", flat=True).first() or 0


def _require_numbers_stay(series: Series, typed: Mapping[str, Any]) -> None:
    given = numbers_given(series)
    if given and (typed["pattern"], typed["suffix"]) != (series.pattern, series.suffix):
        raise Refusal(
            _("Năm nay đã cấp %(given)s số theo cách viết «%(pattern)s» với ký hiệu «%(suffix)s».")
            % {"given": given, "pattern": series.pattern, "suffix": series.suffix},
            code="numbers_given",
            fix=_("Giữ cách viết đến hết năm để sổ gốc liền mạch; hoặc lập một loại giấy mới."),
        )
    if typed["unit"] != series.unit and Certificate.objects.filter(series=series).exists():
        raise Refusal(
            _("Sổ gốc của loại giấy này thuộc %(unit)s và đã có giấy.") % {"unit": series.unit.name},
            code="unit_fixed",
            fix=_("Lập loại giấy mới cho đơn vị khác."),
        )


def _require_own_numbers(series: Series) -> None:
    """Two kinds of paper never write the same number: the register and the public look-up go by it."""
    mine = number_text(series.pattern, seq=42, year=2026, suffix=series.suffix)
    for other in Series.objects.exclude(pk=series.pk):
        if number_text(other.pattern, seq=42, year=2026, suffix=other.suffix) == mine:
            raise Refusal(
                _("Loại giấy «%(series)s» cũng viết số như %(number)s.") % {"series": other.name, "number": mine},
                code="number_shared",
                fix=_("Đổi ký hiệu trong số để hai loại giấy không trùng số."),
            )


def _require_rule(series: Series, typed: Mapping[str, Any], courses: list[Course]) -> None:
    basis = typed["basis"]
    problem = ""
    if basis == Basis.PATH and typed["learning_path"] is None:
        problem = _("Chưa chọn lộ trình học.")
    elif basis == Basis.PROGRAMME and not courses:
        problem = _("Chưa chọn các khoá học của chương trình.")
    elif basis == Basis.PROGRAMME and not typed["award_title"]:
        problem = _("Chưa ghi tên chương trình để in lên giấy.")
    elif series.is_automatic and basis != Basis.COURSE:
        problem = _("Giấy cấp tự động luôn theo từng khoá học.")
    if problem:
        raise Refusal(problem, code="rule_unclear", fix=_("Sửa ở phần «Cấp cho ai» rồi lưu lại."))
    if bool(typed["signer_name"]) != bool(typed["signer_title"]):
        fix = _("Ghi cả họ tên và chức danh người ký, hoặc để trống cả hai.")
        raise Refusal(_("Người ký mới có một nửa."), code="signer_half", fix=fix)
