"""Loading the written learning paths: published together, or none."""

from __future__ import annotations

import json
import uuid
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction

from cms.courseyaml import Entry
from cms.models import PathIndexPage, PathPage, PathPlacement
from cms.services.site import site_ensure
from courses.models import Course, Level
from people.models import Audience

FILE = Path(__file__).resolve().parent.parent / "data" / "paths.yaml"
FIELDS = {"slug", "title", "summary", "level", "audiences", "body", "courses"}
#: Ids of blocks are made from where they stand, so that the same file gives the same page.
BLOCKS = uuid.UUID("3a0c8c5e-6a6f-4d0c-8f3f-6f0f2f2f6a51")


@transaction.atomic
def paths_load(*, file: Path = FILE) -> dict[str, int]:
    """Load the paths of a file and publish them; their courses must be there. Returns counts by what was done.

    Idempotent: an entry that has not changed since it was loaded touches nothing, so what editors wrote since stays.
    Raises DataError naming file, line and field; then nothing is loaded.
    """
    entries = Entry.read(file, name="lộ trình").entries("paths", "lộ trình", label="slug")
    index = PathIndexPage.objects.first()
    if index is None:
        site_ensure()
        index = PathIndexPage.objects.get()
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    for entry in entries:
        counts[_path_load(index, entry)] += 1
    return counts


def _path_load(index: PathIndexPage, entry: Entry) -> str:
    entry.only(FIELDS)
    digest = sha256(json.dumps(entry.data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    slug = entry.slug()
    page = PathPage.objects.filter(slug=slug).first()
    if page is not None and page.loaded_hash == digest:
        return "unchanged"
    created = page is None
    page = page or PathPage(slug=slug, live=False)
    for name, value in {**_values(entry), "loaded_hash": digest}.items():
        setattr(page, name, value)
    page.places = _places(entry)
    if created:
        index.add_child(instance=page)
    page.audiences = _audiences(entry)
    if problems := page.problems():
        raise entry.wrong("courses", problems[0])
    page.full_clean()
    page.save_revision().publish()
    return "created" if created else "updated"


def _values(entry: Entry) -> dict[str, Any]:
    body = entry.html("body") if entry.data.get("body") else ""
    blocks = [{"type": "text", "value": body, "id": str(uuid.uuid5(BLOCKS, entry.slug()))}] if body else []
    return {
        "title": entry.text("title", 200),
        "summary": entry.text("summary", 300),
        "level": entry.choice("level", Level.values, Level.BASIC),
        "body": json.dumps(blocks),
    }


def _audiences(entry: Entry) -> list[Audience]:
    codes = entry.texts("audiences", needed=False)
    known = {audience.code: audience for audience in Audience.objects.filter(code__in=codes)}
    if unknown := [code for code in codes if code not in known]:
        raise entry.wrong("audiences", f"không có mã {unknown[0]}")
    return [known[code] for code in codes]


def _places(entry: Entry) -> list[PathPlacement]:
    found = []
    for position, item in enumerate(entry.entries("courses", f"{entry.name}, khoá", label="course")):
        item.only({"course", "required"})
        course = Course.objects.filter(slug=item.slug("course")).first()
        if course is None:
            raise item.wrong("course", f"hệ thống chưa có khoá học «{item.slug('course')}»")
        found.append(PathPlacement(course=course, required=item.yes("required", True), sort_order=position))
    return found
