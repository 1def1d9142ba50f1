"""``manage.py synthesize --people 1000000 --completions 10000000 --seed 1 [--no-count] [--dry-run] [--json]``."""

from __future__ import annotations

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from tqdm import tqdm

from common.errors import Refusal
from kpi import rollup
from lms.province import province_find, province_load
from lms.synthetic import province_synthesize
from people.models import Unit


class Command(BaseCommand):
    help = "Dựng một tỉnh với số người tuỳ chọn để đo tốc độ: người, đơn vị, lượt hoàn thành, chỉ tiêu đã tính."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--province", default="bac-giang", help="Tỉnh lấy đơn vị (mặc định bac-giang)")
        parser.add_argument("--people", type=int, default=1_000_000, help="Số người (mặc định 1.000.000)")
        parser.add_argument("--completions", type=int, default=10_000_000, help="Số lượt hoàn thành")
        parser.add_argument("--seed", type=int, default=1, help="Cùng số này thì ra cùng một tỉnh (mặc định 1)")
        parser.add_argument("--no-count", action="store_true", help="Không tính chỉ tiêu; chạy kpi_rebuild sau")
        parser.add_argument("--dry-run", action="store_true", help="Làm thử rồi bỏ, không ghi gì")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            if options["dry_run"]:
                with transaction.atomic():
                    result = self._make(options)
                    transaction.set_rollback(True)
            else:
                result = self._make(options)
        except Refusal as error:
            raise CommandError(f"{error} {error.fix}".strip(), returncode=2) from error
        result["seconds"] = round(time.monotonic() - began, 1)
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            for name, value in result.items():
                self.stdout.write(f"{name}: {value}")

    def _make(self, options: dict[str, Any]) -> dict[str, Any]:
        if not Unit.objects.exists():
            province_load(province=province_find(options["province"]))
        with tqdm(total=options["people"], unit=" người", disable=None) as bar:
            result: dict[str, Any] = province_synthesize(
                people=options["people"],
                completions=options["completions"],
                seed=options["seed"],
                progress=lambda done, _: bar.update(done - bar.n),
            )
        if not options["no_count"]:
            began = time.monotonic()
            result["counted"] = rollup.counted_rebuild(check=False).counted
            result["counting_seconds"] = round(time.monotonic() - began, 1)
        return result
