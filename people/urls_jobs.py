"""Addresses under ``/quan-ly/viec/``: long work and its progress."""

from __future__ import annotations

from typing import Any

app_name = "jobs"

urlpatterns: list[Any] = []
