"""Addresses under ``/quan-ly/danh-sach/``: lists of people, in and out."""

from __future__ import annotations

from typing import Any

app_name = "rosters"

urlpatterns: list[Any] = []
