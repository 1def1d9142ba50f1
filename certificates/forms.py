"""What people type about certificates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from certificates.models import Basis, Batch, Series
from certificates.services.batches import (
    APPROVED_AFTER,
    DECISION_KINDS,
    DECISION_MEGABYTES,
    batch_last_completed_on,
)
from certificates.services.decisions import decision_day, decision_number
from certificates.services.proposals import courses_for, paths_for
from common.errors import Refusal
from common.text import nfc
from common.uploads import upload_kind
from common.wording import day, number
from courses.models import Completion, Course, LearningPath
from people import access
from people.models import Unit, UnitKind

Found = TypeVar("Found")

REQUIRED = {"required": _("Hãy điền mục này.")}
#: How people write days, and what is said of anything else.
DAYS = ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y"]
DAY_WRONG = _("Ngày chưa đúng. Viết ngày/tháng/năm, ví dụ 18/11/2026.")


class LookupForm(forms.Form):
    """Look a certificate up without its QR code."""

    number = forms.CharField(
        label=_("Số giấy"),
        max_length=60,
        help_text=_("Ví dụ 00042/2026/CN-SKHCN. Thay dấu gạch chéo bằng gạch ngang hoặc dấu cách cũng được."),
        error_messages=REQUIRED,
    )
    name = forms.CharField(
        label=_("Họ và tên người được cấp"),
        max_length=150,
        help_text=_("Viết không dấu cũng được."),
        error_messages=REQUIRED,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _said_here(check: Callable[[], Found]) -> Found:
    """What the check gives; its refusal is said beside the field."""
    try:
        return check()
    except Refusal as refused:
        raise forms.ValidationError(refused.text) from refused


class DecisionForm(forms.Form):
    """The written decision behind an official act that cannot be undone, and the word of who acts that they looked."""

    decision_number = forms.CharField(
        label=_("Số quyết định"),
        max_length=60,
        help_text=_("Đủ số và ký hiệu, ví dụ 412/QĐ-SKHCN"),
        error_messages=REQUIRED,
    )
    decision_date = forms.DateField(
        label=_("Ngày quyết định"),
        help_text=_("Ngày/tháng/năm, ví dụ 18/11/2026"),
        input_formats=DAYS,
        error_messages={**REQUIRED, "invalid": DAY_WRONG},
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    confirmed = forms.BooleanField(error_messages={"required": _("Hãy đánh dấu ô này sau khi đã kiểm tra.")})

    def __init__(self, *args: Any, earliest: date | None, because: str, confirm: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earliest, self.because = earliest, because
        self.fields["confirmed"].label = confirm
        if earliest:
            said = {"day": day(earliest), "because": gettext(because)}
            hint = gettext("Từ %(day)s (%(because)s) đến hôm nay. Viết ngày/tháng/năm.") % said
            self.fields["decision_date"].help_text = hint

    @property
    def decision(self) -> dict[str, Any]:
        """What the services call the decision."""
        return {name: self.cleaned_data[name] for name in ("decision_number", "decision_date")}

    def clean_decision_number(self) -> str:
        return _said_here(lambda: decision_number(self.cleaned_data["decision_number"]))

    def clean_decision_date(self) -> date:
        decided: date = self.cleaned_data["decision_date"]
        return _said_here(lambda: decision_day(decided, earliest=self.earliest, because=self.because))


class ApproveForm(DecisionForm):
    """By which decision a list is approved."""

    decision_file = forms.FileField(
        label=_("Tệp quyết định"),
        required=False,
        help_text=format_lazy(_("PDF hoặc ảnh, nặng nhất {most} MB."), most=DECISION_MEGABYTES),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    field_order = ["decision_number", "decision_date", "decision_file", "confirmed"]

    def __init__(self, *args: Any, batch: Batch, people: int, **kwargs: Any) -> None:
        confirm = ngettext(
            "Tôi đã kiểm tra danh sách %(number)s người và chịu trách nhiệm về quyết định này",
            "Tôi đã kiểm tra danh sách %(number)s người và chịu trách nhiệm về quyết định này",
            people,
        )
        super().__init__(
            *args,
            earliest=batch_last_completed_on(batch=batch),
            because=APPROVED_AFTER,
            confirm=confirm % {"number": number(people)},
            **kwargs,
        )

    def clean_decision_file(self) -> Any:
        file = self.cleaned_data["decision_file"]
        if file:
            _said_here(lambda: upload_kind(file, kinds=DECISION_KINDS, most_megabytes=DECISION_MEGABYTES))
        return file


class ReasonForm(forms.Form):
    """Why a person is taken off a list, or a list is turned down."""

    reason = forms.CharField(label=_("Lý do"), max_length=200, error_messages=REQUIRED)

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"])


class SeriesForm(forms.Form):
    """Which kind of paper a list is for. Where there is only one, nobody is asked."""

    series = forms.ModelChoiceField(
        label=pgettext_lazy("một loại", "Loại giấy"), queryset=Series.objects.none(), empty_label=_("Chọn loại giấy"),
        to_field_name="uuid", error_messages=REQUIRED,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = Series.objects.filter(is_automatic=False, is_active=True).select_related("learning_path")
        self.fields["series"].queryset = given.order_by("name")  # type: ignore[attr-defined]
        self._kinds = list(given.order_by("name")[:2])

    @property
    def is_only_one(self) -> bool:
        return len(self._kinds) == 1

    @property
    def chosen(self) -> Series | None:
        """The series, once it is known."""
        if not self.is_bound:
            return self._kinds[0] if self.is_only_one else None
        return self.cleaned_data["series"] if self.is_valid() else None


class ProposalForm(forms.Form):
    """For what and for whom a list of a series is put together."""

    course = forms.ModelChoiceField(
        label=pgettext_lazy("giấy", "Khoá học"),
        queryset=Course.objects.none(),
        empty_label=_("Chọn khoá học"),
        error_messages=REQUIRED,
    )
    learning_path = forms.ModelChoiceField(
        label=pgettext_lazy("giấy", "Lộ trình học"),
        queryset=LearningPath.objects.none(),
        empty_label=_("Chọn lộ trình"),
        error_messages=REQUIRED,
    )
    unit = forms.ModelChoiceField(
        label=_("Đơn vị"),
        queryset=Unit.objects.none(),
        empty_label=_("Chọn đơn vị"),
        help_text=_("Tính cả các đơn vị trực thuộc."),
        error_messages=REQUIRED,
    )

    def __init__(self, *args: Any, viewer: Any, series: Series, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = access.scope_units(viewer, access.PROPOSING)
        finished = Completion.objects.filter(course=OuterRef("pk"))
        # Public addresses carry uuids. Teams are reached through their commune; alone they would drown the others.
        units = Unit.objects.standing_on().filter(pk__in=scope).exclude(kind=UnitKind.TEAM).order_by("search_key")
        choices: dict[str, QuerySet[Any]] = {"unit": units}
        if series.basis == Basis.COURSE:
            choices["course"] = courses_for(series).filter(Exists(finished))
        elif series.basis == Basis.PATH:
            choices["learning_path"] = paths_for(series)
        for name in ("course", "learning_path"):
            if name not in choices:
                del self.fields[name]
        for name, queryset in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset, field.to_field_name = queryset, "uuid"


class TitleForm(forms.Form):
    """What a list is called."""

    title = forms.CharField(label=_("Tên đợt cấp"), max_length=200, error_messages=REQUIRED)


class HandOverForm(forms.Form):
    """When papers were handed over, and to whom."""

    day = forms.DateField(
        label=_("Ngày giao"),
        input_formats=DAYS,
        error_messages={**REQUIRED, "invalid": DAY_WRONG},
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    receiver = forms.CharField(
        label=_("Người nhận thay"),
        required=False,
        max_length=150,
        help_text=_("Để trống nếu từng người tự nhận."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_receiver(self) -> str:
        return nfc(self.cleaned_data["receiver"])
