"""Addresses under ``/quan-ly/phieu/``: slips that hand accounts to their owners."""

from __future__ import annotations

from typing import Any

app_name = "slips"

urlpatterns: list[Any] = []
