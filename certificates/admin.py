"""Who signs and where is changed here by the system's administrator; what was issued is not changed anywhere."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from certificates.models import Series


@admin.register(Series)
class SeriesAdmin(admin.ModelAdmin):
    """A new signer or place holds for certificates issued from now on: those before keep what they froze."""

    list_display = ["name", "suffix", "unit", "signer_name", "signer_title", "place", "is_automatic"]
    readonly_fields = ["code", "kind", "suffix", "unit", "is_automatic"]
    fields = [*readonly_fields, "name", "design", "signer_name", "signer_title", "place"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
