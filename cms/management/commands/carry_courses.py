"""``manage.py carry_courses [--if-needed] [--dry-run] [--json]``: carries open courses again, after an upgrade."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from cms.services import carrying_needed, courses_carry


class Command(BaseCommand):
    help = "Chuyển lại mọi khoá đang mở từ trang của biên tập viên sang phần học; chạy lại không đổi gì thêm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-needed", action="store_true", help="Chỉ làm khi có khoá thiếu phần bản mới cần")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")
        parser.add_argument("--dry-run", action="store_true", help="Làm thử rồi bỏ, không ghi gì")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_needed"] and not carrying_needed():
            return
        say = None if options["json"] or not self.stderr.isatty() else self._bar
        report = courses_carry(dry_run=options["dry_run"], say=say)
        if say:
            self.stderr.write("")
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **report.as_dict()}, ensure_ascii=False))
            return
        self.stdout.write(f"Đã chuyển {report.carried} khoá, {report.changed} khoá có thay đổi.")
        for title, reason in report.refused.items():
            self.stdout.write(f"Chưa chuyển được «{title}»: {reason}")
        if options["dry_run"]:
            self.stdout.write("Chạy thử: chưa ghi gì.")

    def _bar(self, done: int, total: int, title: str) -> None:
        filled = done * 30 // total
        self.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done}/{total} {title[:40]:40}", ending="")
