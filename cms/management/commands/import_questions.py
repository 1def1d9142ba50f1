"""``manage.py import_questions``: the questions of a file into a bank, all of them or none."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cms.questions.media import media_judged
from quizzes.formats import FORMATS
from quizzes.models import Bank
from quizzes.services import ImportReport, bank_import
from quizzes.services.importing import SKIP, UPDATE


class Command(BaseCommand):
    help = "Nhập câu hỏi từ tệp vào một ngân hàng: tất cả hoặc không câu nào. Chạy lại không đổi gì."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Tệp câu hỏi")
        parser.add_argument("--bank", required=True, help="Tên trong địa chỉ của ngân hàng")
        parser.add_argument("--format", default="auto", choices=["auto", *FORMATS])
        parser.add_argument("--update", action="store_true", help="Sửa câu mà ngân hàng đã có; không có thì bỏ qua")
        parser.add_argument("--leave-faulty", action="store_true", help="Bỏ các câu có lỗi, nhập những câu còn lại")
        parser.add_argument("--dry-run", action="store_true", help="Chỉ xem, không nhập")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        bank = Bank.objects.filter(slug=options["bank"]).first()
        if bank is None:
            raise CommandError(f"Không có ngân hàng câu hỏi «{options['bank']}».")
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(f"Không có tệp {file}.")
        report = bank_import(
            bank=bank,
            data=file.read_bytes(),
            name=file.name,
            format=options["format"],
            actor=None,
            dry_run=options["dry_run"],
            on_duplicate=UPDATE if options["update"] else SKIP,
            leave_faulty=options["leave_faulty"],
            media_check=media_judged,
        )
        self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False) if options["json"] else _told(report))
        if not report.applied and not options["dry_run"]:
            raise CommandError("Chưa nhập câu nào: tệp còn câu có lỗi.")


def _told(report: ImportReport) -> str:
    counts = report.counts
    lines = [
        f"Đọc {counts['read']} câu: {counts['created']} mới, {counts['updated']} sửa, {counts['unchanged']} không đổi, "
        f"{counts['skipped']} bỏ qua, {counts['faulty']} có lỗi. {'Đã nhập.' if report.applied else 'Chưa nhập.'}"
    ]
    lines += [f"{fault.where}: {fault.problem} {fault.fix}".rstrip() for fault in report.faults]
    return "\n".join(lines)
