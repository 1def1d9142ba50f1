"""What officials type about a certificate that was issued."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from certificates.forms import REQUIRED, DecisionForm
from certificates.models import Certificate, ReasonClass
from certificates.services.copies import MOST_COPIES
from certificates.services.corrections import CORRECTABLE
from certificates.services.standing import ISSUED_BEFORE
from common.forms import DayField
from common.text import nfc

#: Why the free reason may say more than the public page.
_REGISTER_ONLY = _("Ghi trong sổ gốc; người được cấp đọc được, trang kiểm tra công khai không hiện.")
_FROM_ONE = format_lazy(_("Ghi một số từ 1 đến {most}."), most=MOST_COPIES)


class ActForm(DecisionForm):
    """Why, and by which decision, something is done to a certificate. Several stand on one page: ``slug`` keeps their
    fields apart for browsers and screen readers, while what is sent keeps its plain names."""

    slug, why = "quyet-dinh", _("Lý do")
    reason = forms.CharField(label=_("Lý do"), max_length=300, help_text=_REGISTER_ONLY, error_messages=REQUIRED)
    field_order = ["reason_class", "reason", "decision_number", "decision_date", "confirmed"]

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        confirm = gettext("Tôi đã kiểm tra giấy số %(number)s của %(name)s và chịu trách nhiệm về quyết định này") % {
            "number": certificate.number,
            "name": certificate.holder_name,
        }
        super().__init__(
            *args,
            earliest=certificate.issued_on,
            because=ISSUED_BEFORE,
            confirm=confirm,
            auto_id=f"{self.slug}_%s",
            **kwargs,
        )
        self.fields["reason"].label = self.why

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
        label=_("Nhóm lý do"),
        choices=[("", _("Chọn một nhóm")), *ReasonClass.choices],
        help_text=_("Trang kiểm tra công khai chỉ hiện nhóm lý do này."),
        error_messages=REQUIRED,
    )


class RevokeForm(EndForm):
    slug, why = "thu-hoi", _("Lý do thu hồi")


class CancelForm(EndForm):
    slug, why = "huy-bo", _("Lý do huỷ bỏ")


class ReissueForm(ActForm):
    slug, why = "cap-lai", _("Lý do cấp lại")


class CorrectForm(ActForm):
    """What a certificate should say; what is left as it is does not change."""

    slug, why = "chinh-sua", _("Lý do chỉnh sửa")
    holder_name = forms.CharField(label=_("Họ và tên"), max_length=150, error_messages=REQUIRED)
    holder_birth_date = DayField(label=_("Ngày sinh"), required=False)
    course_title = forms.CharField(label=pgettext_lazy("giấy", "Khoá học"), max_length=200, error_messages=REQUIRED)
    course_hours = forms.DecimalField(
        label=_("Số giờ"),
        max_digits=6,
        decimal_places=1,
        localize=True,
        error_messages=REQUIRED | {"invalid": _("Ghi một số, ví dụ 1,5.")},
    )
    score = forms.DecimalField(
        label=_("Kết quả kiểm tra"),
        max_digits=5,
        decimal_places=2,
        localize=True,
        required=False,
        help_text=_("Từ 0 đến 100; để trống nếu không có bài kiểm tra."),
        error_messages={"invalid": _("Ghi một số, ví dụ 87,5.")},
    )
    completed_on = DayField(label=_("Hoàn thành ngày"))
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
        label=_("Người đề nghị"),
        max_length=150,
        help_text=_("Họ tên người xin cấp bản sao."),
        error_messages=REQUIRED,
    )
    copies = forms.IntegerField(
        label=_("Số bản"),
        min_value=1,
        max_value=MOST_COPIES,
        initial=1,
        error_messages=REQUIRED
        | {
            "invalid": _FROM_ONE,
            "min_value": _FROM_ONE,
            "max_value": format_lazy(_("Mỗi lần cấp nhiều nhất {most} bản."), most=MOST_COPIES),
        },
    )
    reason = forms.CharField(
        label=_("Để làm gì"),
        max_length=300,
        help_text=_("Ví dụ: nộp hồ sơ xét tuyển viên chức."),
        error_messages=REQUIRED,
    )
    confirmed = forms.BooleanField(
        label=_("Tôi đã kiểm tra người đề nghị là người được cấp giấy hoặc được người đó uỷ quyền"),
        error_messages={"required": _("Hãy đánh dấu ô này sau khi đã kiểm tra.")},
    )

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "ban-sao_%s", **kwargs})
