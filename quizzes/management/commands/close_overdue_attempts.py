"""``manage.py close_overdue_attempts``: the same service as the periodic job."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from quizzes import services
from quizzes.models import Attempt


class Command(BaseCommand):
    help = "Đóng và chấm những bài làm đã hết giờ mà chưa nộp."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")
        parser.add_argument("--dry-run", action="store_true", help="Chỉ liệt kê, không đóng bài nào")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        if options["dry_run"]:
            overdue = list(Attempt.objects.overdue(at).order_by("deadline").values_list("uuid", flat=True))
            result: dict[str, Any] = {"dry_run": True, "overdue": [str(uuid) for uuid in overdue]}
            text = f"{len(overdue)} bài đã hết giờ mà chưa đóng."
        else:
            report = services.attempts_close_overdue(at=at)
            failed = {str(uuid): error for uuid, error in report.failed.items()}
            result = {
                "dry_run": False,
                "closed": [str(uuid) for uuid in report.closed],
                "graded": [str(uuid) for uuid in report.graded],
                "failed": failed,
            }
            text = f"Đã đóng {len(report.closed)} bài, {len(failed)} bài có lỗi."
        self.stdout.write(json.dumps(result, ensure_ascii=False) if options["json"] else text)
        if result.get("failed"):
            raise CommandError("; ".join(f"{uuid}: {error}" for uuid, error in result["failed"].items()))
