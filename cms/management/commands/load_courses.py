"""``manage.py load_courses``: loads the written courses; idempotent."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cms.services import CourseReport, course_load, paths_load, site_ensure
from cms.services.courses import FOLDER
from common.errors import DataError
from courses.loading import frameworks_load

WORDS = {"created": "đã tạo", "updated": "đã cập nhật", "unchanged": "không đổi"}


class Command(BaseCommand):
    help = "Nạp các khoá học viết sẵn (course.yaml và hình) rồi xuất bản. Chạy lại không làm gì thêm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folders", nargs="*", type=Path, help="Thư mục của khoá học; mặc định: mọi khoá có sẵn")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")
        parser.add_argument("--dry-run", action="store_true", help="Kiểm tra và thử nạp, rồi bỏ hết")

    def handle(self, *args: Any, **options: Any) -> None:
        folders = options["folders"] or sorted(path.parent for path in FOLDER.glob("*/course.yaml"))
        try:
            with transaction.atomic():
                site_ensure()
                frameworks_load()
                reports = [course_load(folder=Path(folder)) for folder in folders]
                # Paths lead over the courses that come along; single folders are loaded by themselves.
                paths = {} if options["folders"] else paths_load()
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except DataError as error:
            raise CommandError(str(error), returncode=2) from error
        self._tell(reports, paths, as_json=options["json"], dry_run=options["dry_run"])

    def _tell(self, reports: list[CourseReport], paths: dict[str, int], *, as_json: bool, dry_run: bool) -> None:
        if as_json:
            rows = [report.as_dict() for report in reports]
            self.stdout.write(
                json.dumps({"dry_run": dry_run, "courses": rows, "paths": paths}, ensure_ascii=False, indent=2)
            )
            return
        for report in reports:
            self.stdout.write(
                f"{report.title}: {WORDS[report.status]}, {report.lessons} bài học, "
                f"{report.quizzes} bài kiểm tra, {report.questions} câu hỏi"
            )
        if paths:
            self.stdout.write(
                f"Lộ trình: {paths['created']} đã tạo, {paths['updated']} đã cập nhật, {paths['unchanged']} không đổi"
            )
        if dry_run:
            self.stdout.write("Chạy thử: chưa ghi gì.")
