"""Who signs and where is changed here by the system's administrator; what was issued is not changed anywhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from certificates.models import Series
from common.text import nfc


class SeriesForm(forms.ModelForm):
    """What is typed here is frozen into certificates, so it is kept in the one form of the platform's text."""

    class Meta:
        model = Series
        fields = ["name", "design", "signer_name", "signer_title", "place"]
        labels = {
            "name": "Tên loại giấy",
            "design": "Mẫu giấy",
            "signer_name": "Họ và tên người ký",
            "signer_title": "Chức danh người ký",
            "place": "Nơi ghi trên giấy",
        }
        help_texts = {
            "signer_name": "Giấy cấp theo quyết định cần cả họ tên và chức danh người ký.",
            "signer_title": "Ví dụ Phó Giám đốc",
            "place": "Ví dụ Bắc Ninh",
        }

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        return {name: nfc(value) if isinstance(value, str) else value for name, value in typed.items()}


@admin.register(Series)
class SeriesAdmin(admin.ModelAdmin):
    """A new signer or place holds for certificates issued from now on: those before keep what they froze."""

    form = SeriesForm
    list_display = ["name", "suffix", "unit", "signer_name", "signer_title", "place", "is_automatic"]
    readonly_fields = ["code", "kind", "suffix", "unit", "is_automatic"]
    fields = [*readonly_fields, "name", "design", "signer_name", "signer_title", "place"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
