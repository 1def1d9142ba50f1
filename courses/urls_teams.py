"""Addresses under ``/quan-ly/to/``: community digital teams."""

from __future__ import annotations

from typing import Any

app_name = "teams"

urlpatterns: list[Any] = []
