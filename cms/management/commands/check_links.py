"""``manage.py check_links [--dry-run] [--json]``: asks every address outside whether it still answers."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from cms.services import links_check


class Command(BaseCommand):
    help = "Mở thử mọi liên kết ra ngoài của trang đã xuất bản; hỏng hai lần liền thì hiện trong phần kiểm tra."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")
        parser.add_argument("--dry-run", action="store_true", help="Chỉ đếm liên kết, không mở")

    def handle(self, *args: Any, **options: Any) -> None:
        say = None if options["json"] or not self.stderr.isatty() else self._bar
        report = links_check(dry_run=options["dry_run"], say=say)
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **report.as_dict()}))
            return
        self.stdout.write(
            f"{report.checked} liên kết, {report.failed} không mở được, {report.forgotten} không còn dùng."
        )
        if options["dry_run"]:
            self.stdout.write("Chạy thử: chưa mở liên kết nào.")

    def _bar(self, done: int, total: int) -> None:
        filled = done * 30 // total
        self.stderr.write(
            f"\r[{'#' * filled}{'.' * (30 - filled)}] {done}/{total}", ending="\n" if done == total else ""
        )
