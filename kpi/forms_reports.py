"""What officials choose and write on the pages of the calendar and of reports."""

from __future__ import annotations

from typing import Any

from django import forms

from common.forms import DayField
from common.text import vi_date
from kpi.calendar_rules import YEARLY
from kpi.models import Closing, Decision, Report, ReportDue, ReportDuty, ReportKind, ReportState
from kpi.report_facts import SECTIONS
from people.models import Unit

LATE, SOON, OPEN, DONE = "cham", "sap-den-han", "chua-nop", "da-nop"
#: Reports are told of so many days before they are due.
SOON_DAYS = 14
STATES = [
    ("", "Mọi trạng thái"),
    (LATE, "Quá hạn chưa nộp"),
    (SOON, f"Đến hạn trong {SOON_DAYS} ngày"),
    (OPEN, "Chưa nộp"),
    (DONE, "Đã nộp"),
]


class CalendarForm(forms.Form):
    """Which dues are shown."""

    nam = forms.TypedChoiceField(label="Năm", coerce=int, required=False)
    van_ban = forms.ModelChoiceField(
        label="Văn bản",
        queryset=Decision.objects.all(),
        required=False,
        empty_label="Mọi văn bản",
        to_field_name="code",
    )
    trang_thai = forms.ChoiceField(label="Trạng thái", choices=STATES, required=False)
    don_vi = forms.CharField(label="Đơn vị", max_length=100, required=False)

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "loc_%s", **kwargs})
        self.fields["nam"].choices = [(str(year), str(year)) for year in years]  # type: ignore[attr-defined]


class HandInForm(forms.Form):
    """With what a report was handed in."""

    report = forms.ModelChoiceField(
        label="Báo cáo đã ban hành trên Học Số",
        queryset=Report.objects.none(),
        required=False,
        to_field_name="uuid",
        empty_label="Không, nộp bằng công văn",
    )
    letter = forms.CharField(label="Số công văn đã gửi", max_length=250, required=False, help_text="Ví dụ: 15/BC-UBND")
    on = DayField(label="Ngày công văn", required=False, help_text="Để trống: hôm nay")

    def __init__(self, *args: Any, due: ReportDue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        issued = Report.objects.filter(unit=due.unit, state=ReportState.ISSUED).order_by("-dated_on")
        self.fields["report"].queryset = issued  # type: ignore[attr-defined]
        self.fields["report"].label_from_instance = lambda report: f"{report.number}, {vi_date(report.dated_on)}"  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Lý do", max_length=300, error_messages={"required": "Hãy ghi lý do."})


class DutyForm(forms.Form):
    """Whether a duty is followed here, and by which day."""

    follow = forms.BooleanField(label="Theo dõi: tạo việc nộp báo cáo cho các đơn vị", required=False)
    day = forms.IntegerField(
        label="Ngày đến hạn riêng của tỉnh",
        min_value=1,
        max_value=31,
        required=False,
        help_text="Ngày cuối cùng còn đúng hạn. Để trống: theo văn bản.",
    )
    month = forms.IntegerField(label="Tháng", min_value=1, max_value=12, required=False)
    reason = forms.CharField(label="Lý do, căn cứ", max_length=300, error_messages={"required": "Hãy ghi lý do."})

    def __init__(self, *args: Any, duty: ReportDuty, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if duty.frequency != YEARLY:
            del self.fields["month"]

    @property
    def own_day(self) -> tuple[int, int | None] | None:
        day = self.cleaned_data.get("day")
        return (day, self.cleaned_data.get("month")) if day else None


class NewReportForm(forms.Form):
    """Of which unit, from which closing."""

    unit = forms.ModelChoiceField(
        label="Đơn vị báo cáo", queryset=Unit.objects.none(), to_field_name="uuid", empty_label=None
    )
    kind = forms.ChoiceField(label="Loại", choices=ReportKind.choices)
    closing = forms.ModelChoiceField(
        label="Kỳ chốt số liệu",
        queryset=Closing.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label="Chọn kỳ chốt",
    )
    compared_with = forms.ModelChoiceField(
        label="So sánh với kỳ chốt",
        queryset=Closing.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label="Không so sánh",
    )

    def __init__(self, *args: Any, units: Any, closings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        for name in ("closing", "compared_with"):
            field: Any = self.fields[name]
            field.queryset = closings
            field.label_from_instance = closing_name


def closing_name(closing: Closing) -> str:
    return f"{closing.get_period_display()} đến {vi_date(closing.until)} · {closing.unit} · {closing.structure}"


class ReportForm(forms.Form):
    """The editable parts of a report: its head and foot, and one text for each numbered part."""

    title = forms.CharField(label="Trích yếu", max_length=300)
    addressees = forms.CharField(
        label="Kính gửi", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="Mỗi nơi một dòng"
    )
    place_name = forms.CharField(label="Địa danh", max_length=80, required=False, help_text="Ví dụ: Bắc Ninh")

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        written = {name: getattr(report, name) for name in HEAD + FOOT}
        parts = {f"part_{name}": report.narrative.get(name, "") for name in SECTIONS[report.kind]}
        super().__init__(*args, **{"initial": written | parts, **kwargs})
        for name, (label, _) in SECTIONS[report.kind].items():
            self.fields[f"part_{name}"] = forms.CharField(
                label=label, required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 8})
            )
        for name, field in _foot_fields().items():
            self.fields[name] = field

    @property
    def parts(self) -> dict[str, str]:
        said = self.cleaned_data.items()
        return {name.removeprefix("part_"): text for name, text in said if name.startswith("part_")}


HEAD = ("title", "addressees", "place_name")
FOOT = ("recipients", "signer_authority", "signer_title", "signer_name")


def _foot_fields() -> dict[str, forms.Field]:
    return {
        "recipients": forms.CharField(
            label="Nơi nhận", required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="Mỗi nơi một dòng"
        ),
        "signer_authority": forms.CharField(
            label="Quyền hạn ký",
            max_length=120,
            required=False,
            help_text="Ví dụ: TM. UỶ BAN NHÂN DÂN, KT. GIÁM ĐỐC; để trống nếu người đứng đầu ký",
        ),
        "signer_title": forms.CharField(label="Chức vụ người ký", max_length=120, required=False),
        "signer_name": forms.CharField(label="Họ tên người ký", max_length=150, required=False),
    }


class IssueForm(forms.Form):
    """Number and day under which a report goes out."""

    number = forms.CharField(
        label="Số và ký hiệu",
        max_length=40,
        help_text="Ví dụ: 15/BC-SKHCN",
        error_messages={"required": "Chưa ghi số báo cáo. Ghi số và ký hiệu, ví dụ 15/BC-SKHCN."},
    )
    dated_on = DayField(
        label="Ngày ban hành",
        error_messages={"required": "Chưa ghi ngày ban hành. Ghi ngày ký, ví dụ 05/10/2026."},
    )
    confirmed = forms.BooleanField(
        label="Tôi đã đọc bản xem trước; sau khi ban hành, báo cáo không sửa được nữa",
        error_messages={"required": "Hãy đánh dấu ô này sau khi đã đọc lại báo cáo."},
    )
