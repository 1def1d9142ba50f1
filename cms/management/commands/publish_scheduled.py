"""``manage.py publish_scheduled [--dry-run] [--json]``: stands in for Wagtail's command of the same name."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from cms.services import pages_publish_scheduled

WORDS = {"published": "Đã xuất bản", "expired": "Đã ngừng xuất bản", "refused": "Giữ nguyên, đã báo người phụ trách"}


class Command(BaseCommand):
    help = "Xuất bản và ngừng xuất bản các trang đã đến giờ hẹn; trang còn lỗi thì giữ lại và báo người phụ trách."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")
        parser.add_argument("--dry-run", "--dryrun", action="store_true", help="Chỉ nói trang nào đến giờ")

    def handle(self, *args: Any, **options: Any) -> None:
        report = pages_publish_scheduled(dry_run=options["dry_run"]).as_dict()
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **report}, ensure_ascii=False, indent=2))
            return
        for name, titles in report.items():
            for title in titles:
                self.stdout.write(f"{WORDS[name]}: {title}")
