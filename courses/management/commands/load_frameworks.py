"""``manage.py load_frameworks [FILE] [--dry-run] [--json]``: frameworks of competence; idempotent."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from common.errors import DataError
from courses.loading import DATA, frameworks_load


class Command(BaseCommand):
    help = "Nạp khung năng lực số (thêm và cập nhật, không bỏ gì). Chạy lại không làm gì thêm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, default=DATA / "frameworks.yaml", help="Tệp YAML; mặc định: tệp đi kèm"
        )
        parser.add_argument("--dry-run", action="store_true", help="Kiểm tra và thử nạp, rồi bỏ hết")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                counts = frameworks_load(file=options["file"])
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except DataError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **counts}, ensure_ascii=False))
            return
        self.stdout.write(f"{counts['frameworks']} khung, {counts['competences']} năng lực.")
        if options["dry_run"]:
            self.stdout.write("Chạy thử: chưa ghi gì.")
