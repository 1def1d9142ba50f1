"""Check the registers: chain, contents and numbers."""

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
    help = "Checks the hash chain, every certificate and every number. Exit status 1 when something does not agree."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--series", metavar="CODE", help="only this series")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        series = Series.objects.order_by("code")
        if code := options["series"]:
            series = series.filter(code=code)
            if not series.exists():
                raise CommandError(f"There is no series {code!r}.", returncode=2)
        reports = [register_verify(series=one) for one in series]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(r) | {"ok": r.ok} for r in reports], ensure_ascii=False))
        else:
            for report in reports:
                state = "sound" if report.ok else "BROKEN"
                self.stdout.write(f"{report.series}: {report.rows} rows, {report.certificates} certificates, {state}")
                for problem in report.broken + report.gaps:
                    self.stderr.write(f"  {problem}")
        if not all(report.ok for report in reports):
            sys.exit(1)
