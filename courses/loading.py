"""Loading curriculum topics from ``content_topics.yaml`` and frameworks of competence from ``frameworks.yaml``."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from common.datafiles import Entry
from courses.models import Competence, Framework, Topic
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


@transaction.atomic
def frameworks_load(*, file: Path = DATA / "frameworks.yaml") -> dict[str, int]:
    """Load frameworks and their competences; idempotent. Returns how many of each the file has.

    What a file does not name stays: a province adds to what comes along by a file of its own. Raises DataError naming
    file, line and field; then nothing is loaded.
    """
    competences = 0
    entries = Entry.read(file).coded("frameworks")
    for entry in entries:
        entry.only({"code", "name", "decision", "note", "competences"})
        framework, _ = Framework.objects.update_or_create(
            code=entry.text("code", 30),
            defaults={
                "name": entry.text("name", 250),
                "decision": entry.text("decision", 120),
                "note": entry.text("note", needed=False),
            },
        )
        competences += _competences_load(framework, entry)
    return {"frameworks": len(entries), "competences": competences}


def _competences_load(framework: Framework, entry: Entry) -> int:
    if ":" in framework.code:
        raise entry.wrong("code", "mã khung không được có dấu hai chấm")
    items = entry.coded("competences")
    for position, item in enumerate(items, start=1):
        item.only({"code", "domain", "name", "position"})
        Competence.objects.update_or_create(
            framework=framework,
            code=item.text("code", 30),
            defaults={
                "domain": item.text("domain", 200),
                "name": item.text("name", 250),
                "position": item.whole("position", 1, 999) or position,
            },
        )
    return len(items)
