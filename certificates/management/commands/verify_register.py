"""``manage.py verify_register``: chain, contents and numbers of the registers."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from certificates.models import Series
from certificates.services import register_verify


class Command(BaseCommand):
    help = "Kiểm tra sổ gốc: chuỗi băm, nội dung từng giấy, số liên tục. Có chỗ không khớp: mã 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--series", metavar="MÃ", help="Chỉ sổ của loại giấy này, ví dụ giay-chung-nhan")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        series = Series.objects.order_by("code")
        if code := options["series"]:
            series = series.filter(code=code)
            if not series.exists():
                known = ", ".join(Series.objects.order_by("code").values_list("code", flat=True)) or "chưa có"
                raise CommandError(f"Không có loại giấy «{code}». Các loại đang có: {known}.", returncode=2)
        reports = [register_verify(series=one) for one in series]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(r) | {"ok": r.ok} for r in reports], ensure_ascii=False))
        else:
            for report in reports:
                state = "nguyên vẹn" if report.ok else "KHÔNG KHỚP"
                self.stdout.write(f"{report.series}: {report.rows} dòng, {report.certificates} giấy, {state}")
                for problem in report.broken + report.gaps:
                    self.stderr.write(f"  {problem}")
        if not all(report.ok for report in reports):
            sys.exit(1)
