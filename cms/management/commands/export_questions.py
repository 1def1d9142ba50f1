"""``manage.py export_questions``: the questions of a bank as a file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quizzes.formats import FORMATS
from quizzes.models import Bank
from quizzes.services import bank_export


class Command(BaseCommand):
    help = "Xuất các câu hỏi đang dùng của một ngân hàng ra tệp."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bank", required=True, help="Tên trong địa chỉ của ngân hàng")
        parser.add_argument("--format", required=True, choices=list(FORMATS))
        parser.add_argument("--output", type=Path, help="Tệp để ghi; không có thì đặt theo tên ngân hàng")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        bank = Bank.objects.filter(slug=options["bank"]).first()
        if bank is None:
            raise CommandError(f"Không có ngân hàng câu hỏi «{options['bank']}».")
        data, mime, missing = bank_export(bank=bank, format=options["format"])
        output: Path = options["output"] or Path(f"{bank.slug}.{FORMATS[options['format']].extension}")
        output.write_bytes(data)
        told = {"file": str(output), "mime": mime, "bytes": len(data), "missing": [vars(fault) for fault in missing]}
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(f"Đã ghi {output}, {len(data)} byte.")
        for fault in missing:
            self.stdout.write(f"{fault.where}: {fault.problem}")
