"""``manage.py report_remind [--dry-run] [--json]``: remind whoever owes a report that is late or comes due."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.urls import reverse

from kpi import places
from kpi.management.options import refused
from kpi.services.reporting_reminders import dues_remind_daily


class Command(BaseCommand):
    help = (
        "Nhắc đầu mối nộp báo cáo quá hạn hoặc sắp đến hạn, như nút «Nhắc» ở Lịch báo cáo. "
        "Chạy lại trong ngày không nhắc thêm ai."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Làm thử rồi bỏ, không gửi gì")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not places.structures():
            raise refused("Chưa có cơ cấu đơn vị nào; hãy nạp dữ liệu tỉnh trước.")
        with transaction.atomic():
            told = dues_remind_daily(path=reverse("kpi:calendar"))
            if options["dry_run"]:
                transaction.set_rollback(True)
        silent = [unit.name for unit in told.silent]
        if options["json"]:
            said = {
                "dry_run": options["dry_run"], "dues": told.dues, "reminded": len(told.notices),
                "reminded_today": told.lately, "without_reporter": silent,
            }  # fmt: skip
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        self.stdout.write(f"{told.dues} báo cáo quá hạn hoặc sắp đến hạn: nhắc {len(told.notices)} đầu mối.")
        if told.lately:
            self.stdout.write(f"{told.lately} đầu mối đã được nhắc hôm nay.")
        if silent:
            self.stdout.write(f"{len(silent)} đơn vị chưa có đầu mối để nhắc: {', '.join(silent)}")
        if options["dry_run"]:
            self.stdout.write("Chạy thử: chưa gửi gì.")
