"""Paths and assignments for tests."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import factory

from courses.models import Assignment, Course, LearningPath
from courses.services import PathOutline, PathPlace, path_publish


def path_over(
    *courses: Course, optional: tuple[Course, ...] = (), audiences: tuple[str, ...] = (), **fields: Any
) -> LearningPath:
    """A published path over required courses, then optional ones, through the real service."""
    key = fields.pop("key", None) or uuid.uuid4()
    slug = fields.pop("slug", f"lo-trinh-{key.hex[:8]}")
    values = {"title": f"Lộ trình {slug}", "summary": "Học để thử.", "level": "co_ban", "path": f"/lo-trinh/{slug}/"}
    places = [PathPlace(c.key) for c in courses] + [PathPlace(c.key, required=False) for c in optional]
    return path_publish(
        outline=PathOutline(key=key, slug=slug, audience_codes=audiences, places=places, **{**values, **fields})
    )


class AssignmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Assignment

    source = factory.Sequence(lambda n: f"kpi:2026:BG23-T{n}")
    title = "Đào tạo kỹ năng số"
    reference = "Đề án đào tạo (12/2023), Phần III"
    begins_on = date(2026, 1, 1)
    due_on = date(2026, 12, 31)
