"""``manage.py kpi_rebuild``: counts and summary once more from the completions, or only the comparison.

The two can drift apart on their own. A count that is wrong is always an error; a cell of the summary may be waiting for
its refresh, so it is an error only when it stays wrong.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kpi import rollup
from kpi.models import CorrectionReason


class Command(BaseCommand):
    help = "Tính lại số người được tính và bảng tổng hợp từ các lượt hoàn thành; --check chỉ so sánh (lệch: mã 1)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="chỉ so sánh, không ghi")
        parser.add_argument(
            "--wait", type=int, default=30, help="--check: số giây chờ bảng tổng hợp đang được cập nhật (mặc định 30)"
        )
        parser.add_argument(
            "--reason",
            choices=[CorrectionReason.REPAIRED.value, CorrectionReason.RULE.value],
            default=CorrectionReason.REPAIRED.value,
            help="vì sao số đã chốt đổi: repaired = đã tính sót, tính sai; rule = đổi cách tính (mặc định repaired)",
        )
        parser.add_argument("--json", action="store_true", help="in kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        progress = self._bar if sys.stderr.isatty() else None
        result = rollup.counted_rebuild(
            check=options["check"],
            progress=progress,
            wait=options["wait"],
            reason=CorrectionReason(options["reason"]),
        )
        if progress:
            self.stderr.write("")
        if options["json"]:
            self.stdout.write(json.dumps(asdict(result) | {"check": options["check"]}, ensure_ascii=False))
        else:
            self._say(result, check=options["check"])
        if options["check"] and result.drifted:
            raise CommandError("Số đã tính lệch so với các lượt hoàn thành.", returncode=1)
        if options["check"] and result.summary_drifted:
            wait = options["wait"]
            raise CommandError(f"Bảng tổng hợp lệch so với số đã tính, sau {wait} giây vẫn chưa sửa.", returncode=1)

    def _say(self, result: rollup.Rebuilt, *, check: bool) -> None:
        for line in result.examples:
            self.stdout.write(line)
        found = result.drifted + result.summary_drifted
        if len(result.examples) < found:
            self.stdout.write(f"… và {found - len(result.examples)} dòng khác")
        done = "lệch" if check else "đã sửa"
        self.stdout.write(
            f"{result.completions} lượt hoàn thành, {result.counted} lượt được tính; "
            f"{done}: {result.drifted} lượt, {result.summary_drifted} ô tổng hợp."
        )
        if result.summary_pending:
            self.stdout.write(f"{result.summary_pending} ô tổng hợp vừa được cập nhật trong lúc kiểm tra.")

    def _bar(self, done: int, total: int) -> None:
        share = done * 30 // total if total else 30
        self.stderr.write(f"\r[{'#' * share:<30}] {done}/{total}", ending="")
        self.stderr.flush()
