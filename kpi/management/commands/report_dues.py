"""``manage.py report_dues [--year Y] [--dry-run] [--json]``: which unit owes which report in a year."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from kpi.services.dues import dues_make
from people.querysets import today


class Command(BaseCommand):
    help = "Ghi các báo cáo mà từng đơn vị phải nộp trong năm, theo lịch báo cáo. Chạy lại không làm gì thêm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, help="Năm; mặc định: năm nay")
        parser.add_argument("--dry-run", action="store_true", help="Làm thử rồi bỏ, không ghi gì")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        year = options["year"] or today().year
        if not 2000 <= year <= 2100:
            raise CommandError(f"Năm {year} nằm ngoài khoảng 2000–2100.", returncode=2)
        with transaction.atomic():
            made = dues_make(year=year)
            if options["dry_run"]:
                transaction.set_rollback(True)
        if options["json"]:
            told = {"year": year, "dry_run": options["dry_run"], **asdict(made)}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(f"Năm {year}: {made.created} báo cáo mới, {made.moved} đổi hạn, {made.unchanged} không đổi.")
        if made.dropped:
            self.stdout.write(f"Bỏ {made.dropped} báo cáo chưa nộp của các kỳ mà văn bản không còn hiệu lực.")
        for name in made.unmapped:
            self.stdout.write(f"Không có đơn vị nào tương ứng: {name}")
        if options["dry_run"]:
            self.stdout.write("Chạy thử: chưa ghi gì.")
