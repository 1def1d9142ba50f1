"""How long a page of the audit log takes over a million entries, by who reads and what is looked for.

    python -m tests.bench.bench_audit [--rows 1000000]

Works on the database of the environment (DATABASE_URL, LMS_DATA_DIR), which must hold a demo province: use a copy.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from datetime import date, timedelta

CHUNK = 10_000
ACTS = ["batch_propose", "membership_change", "slip_print", "roster_apply", "kpi.people_exported"]


def fill(rows: int) -> None:
    """Write entries until there are ``rows``, one a minute from the first of January 2025 on."""
    from django.db import connection

    from common.models import AuditEntry
    from people.models import Unit, User

    people = list(User.objects.values_list("id", "uuid", "full_name"))
    units = list(Unit.objects.values_list("uuid", flat=True))
    rng = random.Random(1)
    while AuditEntry.objects.count() < rows:
        entries = []
        for _ in range(CHUNK):
            _, uuid, name = rng.choice(people)
            entry = AuditEntry(act=rng.choice(ACTS), subject_kind="people.user", subject_uuid=uuid, subject_name=name)
            entry.actor_id, entry.unit_uuid = rng.choice(people)[0], rng.choice(units)
            entry.before, entry.after = {"role": "learner"}, {"role": "team_leader"}
            entries.append(entry)
        AuditEntry.objects.bulk_create(entries, batch_size=500)
    at = {
        "sqlite": "datetime('2025-01-01', '+' || id || ' minutes')",
        "postgresql": "timestamptz '2025-01-01' + id * interval '1 minute'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE common_auditentry SET at = {at}")
        cursor.execute("ANALYZE")


def measure() -> None:
    """Print milliseconds of the first and the second page."""
    from people import audit_log
    from people.audit_log import Search
    from people.models import Membership, Role

    day = date(2025, 3, 1)
    for role in (Role.COORDINATOR, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR):
        viewer = Membership.objects.in_force().filter(role=role).select_related("user")[0].user
        searches = {
            "everything": Search(),
            "a group": Search(group="chung-nhan"),
            "a name": Search(words=viewer.full_name),
            "nobody": Search(words="khong ai ca"),
            "a unit": Search(unit="bac giang"),
            "two days": Search(first=day, last=day + timedelta(days=1)),
        }
        for name, search in searches.items():
            times, cursor = [], ""
            for _ in range(2):
                begin = time.perf_counter()
                page = audit_log.page_of(audit_log.entries_for(viewer, search), cursor)
                times.append((time.perf_counter() - begin) * 1000)
                cursor = page.older
            print(f"{role:<16} {name:<11} {len(page.lines):>3} entries  {times[0]:6.0f} ms, next {times[1]:6.0f} ms")


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    wanted = parser.parse_args().rows
    django.setup()
    fill(wanted)
    measure()
