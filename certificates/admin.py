"""Kinds of paper have pages of their own; who looks for them in the administration is led there."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from certificates.models import Series


@admin.register(Series)
class SeriesAdmin(admin.ModelAdmin):
    """A signpost."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("issuing:kinds")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        series = Series.objects.filter(pk=object_id).first() if object_id.isdigit() else None
        return redirect("issuing:kind", code=series.code) if series else redirect("issuing:kinds")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
