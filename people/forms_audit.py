"""The search form of the audit log."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import DayField
from people.audit_log import Search
from people.audit_names import GROUPS


class AuditSearchForm(forms.Form):
    """What to look for in the log; nothing need be filled in."""

    nguoi = forms.CharField(label=_("Tên người, hoặc số giấy"), required=False, max_length=100)
    nhom = forms.ChoiceField(
        label=_("Nhóm việc"),
        required=False,
        choices=[("", _("Tất cả")), *((group, _(name)) for group, name in GROUPS.items())],
    )
    don_vi = forms.CharField(label=_("Đơn vị: tên hoặc mã"), required=False, max_length=100)
    tu = DayField(label=_("Từ ngày"), required=False)
    den = DayField(label=_("Đến ngày"), required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("tu") and data.get("den") and data["tu"] > data["den"]:
            self.add_error("den", _("Ngày này đứng trước «Từ ngày»."))
        return data

    def search(self) -> Search:
        """What was asked for; a field that could not be read asks for nothing."""
        self.is_valid()
        data = self.cleaned_data
        return Search(
            group=data.get("nhom", ""),
            words=data.get("nguoi", ""),
            unit=data.get("don_vi", ""),
            first=data.get("tu"),
            last=data.get("den"),
        )
