"""Addresses under ``/quan-ly/nhat-ky/``: the log of official acts."""

from __future__ import annotations

from typing import Any

app_name = "audit"

urlpatterns: list[Any] = []
