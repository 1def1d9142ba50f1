"""Addresses under ``/quan-ly/co-cau/``: the unit tree and its changes."""

from __future__ import annotations

from typing import Any

app_name = "units"

urlpatterns: list[Any] = []
