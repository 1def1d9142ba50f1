"""``manage.py carry_assignments [--year Y] [--dry-run] [--json]``: programmes become what people must learn."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from kpi.assigning import assignments_carry
from people.querysets import today


class Command(BaseCommand):
    help = "Giao việc học theo các chương trình đang có hiệu lực trong năm. Chạy lại không làm gì thêm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, help="Năm; mặc định: năm nay")
        parser.add_argument("--dry-run", action="store_true", help="Làm thử rồi bỏ, không ghi gì")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        year = options["year"] or today().year
        if not 2000 <= year <= 2100:
            raise CommandError(f"Năm {year} nằm ngoài khoảng 2000–2100.", returncode=2)
        with transaction.atomic():
            done = assignments_carry(year=year)
            if options["dry_run"]:
                transaction.set_rollback(True)
        if options["json"]:
            self.stdout.write(json.dumps({"year": year, "dry_run": options["dry_run"], **asdict(done)}))
            return
        self.stdout.write(
            f"Năm {year}: {done.created} việc mới, {done.updated} đã sửa, {done.removed} đã bỏ, "
            f"{done.unchanged} không đổi."
        )
        if options["dry_run"]:
            self.stdout.write("Chạy thử: chưa ghi gì.")
