"""Loading curriculum topics from ``content_topics.yaml``."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from common.datafiles import Entry
from courses.models import Topic
from people.models import Audience

DATA = Path(__file__).parent / "data"


@transaction.atomic
def topics_load(*, file: Path = DATA / "content_topics.yaml") -> int:
    """Load topics with audiences, source and quote; idempotent. Returns how many there are in the file."""
    entries = Entry.read(file).coded("content_topics")
    audiences = {a.code: a for a in Audience.objects.all()}
    for entry in entries:
        codes = entry.texts("audience_codes", needed=False)
        if unknown := [code for code in codes if code not in audiences]:
            raise entry.wrong("audience_codes", f"không có đối tượng {', '.join(unknown)}")
        topic, _ = Topic.objects.update_or_create(
            code=entry.text("code"),
            defaults={
                "name": entry.text("name_vi"),
                "group": entry.text("group"),
                "source": entry.text("source"),
                "quote": entry.text("quote"),
            },
        )
        topic.audiences.set([audiences[code] for code in codes])
    return len(entries)
