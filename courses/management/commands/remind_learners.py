"""``manage.py remind_learners``: the same service as the daily job."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from common.text import vi_number
from courses.services import idle_learners_remind, reminders_due
from people.notices import notices_summary


class Command(BaseCommand):
    help = "Nhắc người đang học dở một khoá, nhẹ nhàng và thưa; mỗi lần nhiều nhất 1.000 người."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")
        parser.add_argument("--dry-run", action="store_true", help="Chỉ liệt kê, không gửi lời nhắc nào")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        if options["dry_run"]:
            due = list(reminders_due(at=at))
            entries = [
                {
                    "user": str(reminder.user.uuid),
                    "course": reminder.enrolment.course.code,
                    "path": reminder.step.path,
                    "steps_left": reminder.steps_left,
                    "minutes_left": reminder.minutes_left,
                }
                for reminder in due
            ]
            result: dict[str, Any] = {"dry_run": True, "due": entries}
            text = f"{vi_number(len(due))} người sẽ được nhắc."
        else:
            made = idle_learners_remind(at=at)
            result = {"dry_run": False, "sent": len(made)}
            text = f"Đã nhắc {vi_number(len(made))} người. {notices_summary(made)}".strip()
        self.stdout.write(json.dumps(result, ensure_ascii=False) if options["json"] else text)
