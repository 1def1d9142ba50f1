"""Loading curriculum topics from ``content_topics.yaml``."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from common.datafiles import read_yaml_list
from common.errors import DataError
from courses.models import Topic
from people.models import Audience

DATA = Path(__file__).parent / "data"


@transaction.atomic
def topics_load(*, file: Path = DATA / "content_topics.yaml") -> int:
    """Load topics with audiences, source and quote; idempotent. Returns how many there are in the file."""
    entries = read_yaml_list(file, "content_topics", ["code", "name_vi", "group", "source", "quote"])
    audiences = {a.code: a for a in Audience.objects.all()}
    for number, entry in enumerate(entries, start=1):
        codes = entry.get("audience_codes") or []
        if unknown := [code for code in codes if code not in audiences]:
            where = f"mục {number} ({entry['code']})"
            raise DataError(file.name, where, "audience_codes", f"không có đối tượng {', '.join(unknown)}")
        topic, _ = Topic.objects.update_or_create(
            code=entry["code"],
            defaults={
                "name": entry["name_vi"],
                "group": entry["group"],
                "source": entry["source"],
                "quote": entry["quote"],
            },
        )
        topic.audiences.set([audiences[code] for code in codes])
    return len(entries)
