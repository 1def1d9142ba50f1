"""What officials choose and write on the pages of the calendar and of reports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.forms import DayField
from common.wording import day
from kpi.calendar_rules import YEARLY
from kpi.models import Closing, Decision, Report, ReportDue, ReportDuty, ReportKind
from kpi.report_facts import SECTIONS
from kpi.services.dues import reports_that_fit, what_fits
from kpi.services.reports import dues_to_answer
from people.models import Unit

LATE, SOON, OPEN, DONE, EXCUSED = "cham", "sap-den-han", "chua-nop", "da-nop", "mien"
#: Reports are told of so many days before they are due.
SOON_DAYS = 14
STATES = [
    ("", _("Mọi trạng thái")),
    (LATE, _("Quá hạn chưa nộp")),
    (SOON, format_lazy(_("Đến hạn trong {days} ngày"), days=SOON_DAYS)),
    (OPEN, _("Chưa nộp")),
    (DONE, _("Đã nộp")),
    (EXCUSED, _("Được miễn")),
]


class CalendarForm(forms.Form):
    """Which dues are shown."""

    nam = forms.TypedChoiceField(label=_("Năm"), coerce=int, required=False)
    van_ban = forms.ModelChoiceField(
        label=_("Văn bản"),
        queryset=Decision.objects.all(),
        required=False,
        empty_label=_("Mọi văn bản"),
        to_field_name="code",
    )
    trang_thai = forms.ChoiceField(label=_("Tình trạng"), choices=STATES, required=False)
    don_vi = forms.CharField(label=_("Đơn vị"), max_length=100, required=False)

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "loc_%s", **kwargs})
        self.fields["nam"].choices = [(str(year), str(year)) for year in years]  # type: ignore[attr-defined]


class HandInForm(forms.Form):
    """The report that was handed in: one that was issued for this very period."""

    report = forms.ModelChoiceField(
        label=_("Báo cáo đã ban hành trên Học Số cho kỳ này"),
        queryset=Report.objects.none(),
        to_field_name="uuid",
        empty_label=None,
        error_messages={"required": _("Hãy chọn báo cáo.")},
    )

    def __init__(self, *args: Any, due: ReportDue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["report"]
        field.queryset = reports_that_fit(due)
        field.label_from_instance = lambda report: f"{report.number}, {day(report.dated_on)}"
        said = gettext("Báo cáo ấy không lập cho kỳ này.")
        field.error_messages["invalid_choice"] = f"{said} {what_fits(due)}"


class LetterForm(forms.Form):
    """The official letter with which a report was handed in elsewhere."""

    letter = forms.CharField(
        label=_("Số công văn đã gửi"),
        max_length=60,
        help_text=_("Ví dụ: 15/BC-UBND"),
        error_messages={"required": _("Hãy ghi số công văn, ví dụ 15/BC-UBND.")},
    )
    on = DayField(label=_("Ngày công văn"), help_text=_("Ngày ghi trên công văn, ví dụ 22/11/2026"))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Lý do"), max_length=300, error_messages={"required": _("Hãy ghi lý do.")})


class DutyForm(forms.Form):
    """Whether a duty is followed here, and by which day."""

    follow = forms.BooleanField(label=_("Theo dõi: tạo việc nộp báo cáo cho các đơn vị"), required=False)
    day = forms.IntegerField(
        label=_("Ngày đến hạn riêng của tỉnh"),
        min_value=1,
        max_value=31,
        required=False,
        help_text=_("Ngày cuối cùng còn đúng hạn. Để trống: theo văn bản."),
    )
    month = forms.IntegerField(label=_("Tháng"), min_value=1, max_value=12, required=False)
    remind_days = forms.IntegerField(
        label=_("Nhắc trước hạn (ngày)"),
        min_value=0,
        max_value=90,
        required=False,
        help_text=_(
            "Ai chưa nộp báo cáo này được nhắc từ bấy nhiêu ngày trước hạn, và khi đã quá hạn. Để trống: như cũ."
        ),
    )
    reason = forms.CharField(label=_("Lý do, căn cứ"), max_length=300, error_messages={"required": _("Hãy ghi lý do.")})

    def __init__(self, *args: Any, duty: ReportDuty, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if duty.frequency != YEARLY:
            del self.fields["month"]

    @property
    def own_day(self) -> tuple[int, int | None] | None:
        day = self.cleaned_data.get("day")
        return (day, self.cleaned_data.get("month")) if day else None


class SpanForm(forms.Form):
    """From when until when a decision asks for reports."""

    valid_from = DayField(label=_("Có hiệu lực từ ngày"), required=False, help_text=_("Để trống: không rõ"))
    valid_until = DayField(label=_("Đến hết ngày"), required=False, help_text=_("Để trống: chưa có ngày hết"))
    reason = forms.CharField(
        label=_("Căn cứ"),
        max_length=300,
        help_text=_("Văn bản nói về thời hạn, ví dụ: Quyết định 12/QĐ-UBND ngày 05/01/2026"),
        error_messages={"required": _("Hãy ghi căn cứ.")},
    )


class NewReportForm(forms.Form):
    """Of which unit, from which closing; ``due``: the period of the calendar that it is made for."""

    unit = forms.ModelChoiceField(
        label=_("Đơn vị báo cáo"), queryset=Unit.objects.none(), to_field_name="uuid", empty_label=None
    )
    kind = forms.ChoiceField(label=_("Loại"), choices=ReportKind.choices)
    closing = forms.ModelChoiceField(
        label=_("Kỳ chốt số liệu"),
        queryset=Closing.objects.none(),
        to_field_name="uuid",
        empty_label=_("Chọn kỳ chốt"),
        error_messages={"required": _("Hãy chọn kỳ chốt: báo cáo chỉ lấy số liệu đã chốt.")},
    )
    compared_with = forms.ModelChoiceField(
        label=_("So sánh với kỳ chốt"),
        queryset=Closing.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label=_("Không so sánh"),
    )

    def __init__(self, *args: Any, units: Any, closings: Any, due: ReportDue | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        earlier = closings
        if due is not None:
            units = units.filter(pk=due.unit_id)
            earlier = closings.filter(until__lt=due.until)
            closings = closings.filter(until__range=(due.begins_on, due.until))
            del self.fields["kind"]
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        for name, offered in (("closing", closings), ("compared_with", earlier)):
            field: Any = self.fields[name]
            field.queryset = offered
            field.label_from_instance = closing_name


def closing_name(closing: Closing) -> str:
    words = {"period": closing.get_period_display(), "day": day(closing.until)}
    said = gettext("%(period)s đến %(day)s") % words
    return f"{said} · {closing.unit} · {closing.structure}"


class ReportForm(forms.Form):
    """The editable parts of a report: its head and foot, and one text for each numbered part.

    ``version``: the one that the writer sees; somebody else may save in between.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    due = forms.ModelChoiceField(
        label=_("Nộp cho kỳ"),
        queryset=ReportDue.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label=_("Không nộp cho kỳ nào của lịch báo cáo"),
        help_text=_("Chỉ báo cáo lập cho đúng kỳ mới được tính là đã nộp."),
    )
    title = forms.CharField(label=_("Trích yếu"), max_length=300)
    addressees = forms.CharField(
        label=_("Kính gửi"), required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Mỗi nơi một dòng")
    )
    place_name = forms.CharField(label=_("Địa danh"), max_length=80, required=False, help_text=_("Ví dụ: Bắc Ninh"))

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": written_of(report), **kwargs})
        self._offer_dues(report)
        for name, (label, _write) in SECTIONS[report.kind].items():
            self.fields[f"part_{name}"] = forms.CharField(
                label=gettext(label), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 8})
            )
        for name, field in _foot_fields().items():
            self.fields[name] = field
        for name in written_of(report).keys() - {"version"}:
            self.fields[name].widget.attrs["lang"] = "vi"  # a paper is written in Vietnamese, whoever writes it

    def _offer_dues(self, report: Report) -> None:
        """What the unit owes that this closing can answer; of a briefing nobody waits for."""
        field: Any = self.fields["due"]
        field.queryset = dues_to_answer(report)
        field.label_from_instance = due_name
        if report.kind != ReportKind.PERIODIC:
            del self.fields["due"]
        elif report.duty_id:
            self.initial.setdefault("due", field.queryset.filter(duty=report.duty_id, period=report.period).first())

    def others_text(self, saved: Report) -> list[tuple[str, str]]:
        """Label and text of the parts that were saved otherwise than they stand in this form."""
        now = written_of(saved)
        differ = [name for name in self.fields if name in now and name != "version"]
        return [
            (str(self.fields[name].label), now[name])
            for name in differ
            if _plain(str(self[name].value() or "")) != _plain(now[name])
        ]

    @property
    def parts(self) -> dict[str, str]:
        said = self.cleaned_data.items()
        return {name.removeprefix("part_"): text for name, text in said if name.startswith("part_")}


def written_of(report: Report) -> dict[str, Any]:
    """What a draft holds, by the names of the form's fields."""
    written = {name: getattr(report, name) for name in HEAD + FOOT}
    parts = {f"part_{name}": report.narrative.get(name, "") for name in SECTIONS[report.kind]}
    return written | parts | {"version": report.version}


def due_name(due: ReportDue) -> str:
    words = {"period": due.period_name, "subject": due.duty.subject, "day": day(due.due_on)}
    return gettext("%(period)s: %(subject)s, hạn %(day)s") % words


def _plain(text: str) -> str:
    """Browsers send lines with other ends than they were given."""
    return text.replace("\r\n", "\n").strip()


HEAD = ("title", "addressees", "place_name")
FOOT = ("recipients", "signer_authority", "signer_title", "signer_name")


def _foot_fields() -> dict[str, forms.Field]:
    return {
        "recipients": forms.CharField(
            label=_("Nơi nhận"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("Mỗi nơi một dòng"),
        ),
        "signer_authority": forms.CharField(
            label=_("Quyền hạn ký"),
            max_length=120,
            required=False,
            help_text=_("Ví dụ: TM. UỶ BAN NHÂN DÂN, KT. GIÁM ĐỐC; để trống nếu người đứng đầu ký"),
        ),
        "signer_title": forms.CharField(label=_("Chức vụ người ký"), max_length=120, required=False),
        "signer_name": forms.CharField(label=_("Họ tên người ký"), max_length=150, required=False),
    }


class IssueForm(forms.Form):
    """Number and day under which a report goes out; ``version``: of the text that was read before."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    number = forms.CharField(
        label=_("Số và ký hiệu"),
        max_length=40,
        help_text=_("Ví dụ: 15/BC-SKHCN"),
        error_messages={"required": _("Chưa ghi số báo cáo. Ghi số và ký hiệu, ví dụ 15/BC-SKHCN.")},
    )
    dated_on = DayField(
        label=_("Ngày ban hành"),
        error_messages={"required": _("Chưa ghi ngày ban hành. Ghi ngày ký, ví dụ 05/10/2026.")},
    )
    confirmed = forms.BooleanField(
        label=_("Tôi đã đọc bản xem trước; sau khi ban hành, báo cáo không sửa được nữa"),
        error_messages={"required": _("Hãy đánh dấu ô này sau khi đã đọc lại báo cáo.")},
    )
