"""What officials type about a certificate that was issued."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from certificates.forms import REQUIRED, DecisionForm
from certificates.models import Certificate, ReasonClass
from certificates.services.copies import MOST_COPIES
from certificates.services.corrections import CORRECTABLE
from certificates.services.standing import ISSUED_BEFORE
from common.forms import DayField
from common.text import nfc

#: Why the free reason may say more than the public page.
_REGISTER_ONLY = "Ghi trong sổ gốc; người được cấp đọc được, trang kiểm tra công khai không hiện."


class ActForm(DecisionForm):
    """Why, and by which decision, something is done to a certificate. Several stand on one page: ``slug`` keeps their
    fields apart for browsers and screen readers, while what is sent keeps its plain names."""

    slug, what = "quyet-dinh", ""
    reason = forms.CharField(label="Lý do", max_length=300, help_text=_REGISTER_ONLY, error_messages=REQUIRED)
    field_order = ["reason_class", "reason", "decision_number", "decision_date", "confirmed"]

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        super().__init__(
            *args,
            earliest=certificate.issued_on,
            because=ISSUED_BEFORE,
            confirm=f"Tôi đã kiểm tra giấy số {certificate.number} của {certificate.holder_name} "
            "và chịu trách nhiệm về quyết định này",
            auto_id=f"{self.slug}_%s",
            **kwargs,
        )
        self.fields["reason"].label = f"Lý do {self.what}"

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"])

    @property
    def said(self) -> dict[str, Any]:
        """What the services are told: the reason and the decision."""
        named = {name: self.cleaned_data[name] for name in ("reason", "reason_class") if name in self.fields}
        return named | self.decision


class EndForm(ActForm):
    """An act after which a certificate no longer holds, with the words that the public page may say of why."""

    reason_class = forms.ChoiceField(
        label="Nhóm lý do",
        choices=[("", "Chọn một nhóm"), *ReasonClass.choices],
        help_text="Trang kiểm tra công khai chỉ hiện nhóm lý do này.",
        error_messages=REQUIRED,
    )


class RevokeForm(EndForm):
    slug, what = "thu-hoi", "thu hồi"


class CancelForm(EndForm):
    slug, what = "huy-bo", "huỷ bỏ"


class ReissueForm(ActForm):
    slug, what = "cap-lai", "cấp lại"


class CorrectForm(ActForm):
    """What a certificate should say; what is left as it is does not change."""

    slug, what = "chinh-sua", "chỉnh sửa"
    holder_name = forms.CharField(label="Họ và tên", max_length=150, error_messages=REQUIRED)
    holder_birth_date = DayField(label="Ngày sinh", required=False)
    course_title = forms.CharField(label="Khoá học", max_length=200, error_messages=REQUIRED)
    course_hours = forms.DecimalField(
        label="Số giờ",
        max_digits=6,
        decimal_places=1,
        localize=True,
        error_messages=REQUIRED | {"invalid": "Ghi một số, ví dụ 1,5."},
    )
    score = forms.DecimalField(
        label="Kết quả kiểm tra",
        max_digits=5,
        decimal_places=2,
        localize=True,
        required=False,
        help_text="Từ 0 đến 100; để trống nếu không có bài kiểm tra.",
        error_messages={"invalid": "Ghi một số, ví dụ 87,5."},
    )
    completed_on = DayField(label="Hoàn thành ngày")
    field_order = [*CORRECTABLE, "reason", "decision_number", "decision_date", "confirmed"]

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        kept = {name: getattr(certificate, name) for name in CORRECTABLE}
        # 90 and not 90,00, as the paper says it.
        kept |= {name: _short(kept[name]) for name in ("course_hours", "score")}
        super().__init__(*args, certificate=certificate, initial=kept, **kwargs)

    @property
    def changes(self) -> dict[str, Any]:
        """Every field as it was left; the service finds what changed."""
        return {name: self.cleaned_data[name] for name in CORRECTABLE}


def _short(value: Decimal | None) -> Decimal | None:
    """The same number without noughts at its end, and never as a power of ten."""
    return value if value is None else value.quantize(Decimal(1)) if value == int(value) else value.normalize()


class CopyForm(forms.Form):
    """Who asks for copies out of the register, and how many."""

    asked_by = forms.CharField(
        label="Người đề nghị", max_length=150, help_text="Họ tên người xin cấp bản sao.", error_messages=REQUIRED
    )
    copies = forms.IntegerField(
        label="Số bản",
        min_value=1,
        max_value=MOST_COPIES,
        initial=1,
        error_messages=REQUIRED
        | {
            "invalid": f"Ghi một số từ 1 đến {MOST_COPIES}.",
            "min_value": f"Ghi một số từ 1 đến {MOST_COPIES}.",
            "max_value": f"Mỗi lần cấp nhiều nhất {MOST_COPIES} bản.",
        },
    )
    reason = forms.CharField(
        label="Để làm gì", max_length=300, help_text="Ví dụ: nộp hồ sơ xét tuyển viên chức.", error_messages=REQUIRED
    )
    confirmed = forms.BooleanField(
        label="Tôi đã kiểm tra người đề nghị là người được cấp giấy hoặc được người đó uỷ quyền",
        error_messages={"required": "Hãy đánh dấu ô này sau khi đã kiểm tra."},
    )

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "ban-sao_%s", **kwargs})
