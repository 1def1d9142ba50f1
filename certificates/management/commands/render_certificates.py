"""Make the PDFs that are missing; the same service as the sweep, with a progress bar."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from certificates.services.files import certificates_sweep, without_file


class Command(BaseCommand):
    help = "Makes the PDF of every certificate that has none. Exit status 1 when one of them failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument("--dry-run", action="store_true", help="only count what is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = without_file().count()
        result: dict[str, Any] = {"missing": missing, "made": 0, "failed": []}
        if not options["dry_run"]:
            bar = tqdm(certificates_sweep(limit=None), total=missing, unit=" giấy", disable=not sys.stderr.isatty())
            for pk, error in bar:
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
        self.stdout.write(f"{result['missing']} without a file, {result['made']} made, {len(failed)} failed.")
        for problem in failed:
            self.stderr.write(f"  certificate {problem['id']}: {problem['error']}")
