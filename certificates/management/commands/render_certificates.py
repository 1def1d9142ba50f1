"""``manage.py render_certificates``: the same service as the sweep, with a progress bar."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from certificates.services.files import certificates_sweep, without_file


class Command(BaseCommand):
    help = "Tạo tệp PDF cho mọi giấy chưa có tệp. Có giấy không tạo được: mã 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")
        parser.add_argument("--dry-run", action="store_true", help="Chỉ đếm, không tạo tệp nào")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = without_file().count()
        result: dict[str, Any] = {"missing": missing, "made": 0, "failed": []}
        if not options["dry_run"]:
            quiet = not sys.stderr.isatty()
            made = certificates_sweep(limit=None)
            for pk, error in tqdm(made, total=missing, desc="Tạo tệp PDF", unit=" giấy", disable=quiet):
                if error:
                    result["failed"].append({"id": pk, "error": error})
                else:
                    result["made"] += 1
        self._report(result, as_json=options["json"])
        if result["failed"]:
            sys.exit(1)

    def _report(self, result: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        failed = result["failed"]
        self.stdout.write(f"{result['missing']} giấy chưa có tệp, đã tạo {result['made']}, {len(failed)} giấy có lỗi.")
        for problem in failed:
            self.stderr.write(f"  giấy {problem['id']}: {problem['error']}")
