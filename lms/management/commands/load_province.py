"""``manage.py load_province bac-giang [--demo] [--people N] [--dry-run] [--json]``."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from common.errors import DataError, Refusal
from lms.demo import DEFAULT_PEOPLE, demo_load, demo_require
from lms.province import province_find, province_load


class Command(BaseCommand):
    help = "Nạp một tỉnh: đơn vị, tổ, đối tượng, chỉ tiêu, khoá học, sổ cấp; thêm --demo để có người dùng thử."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("province", help="Tên tỉnh, ví dụ bac-giang")
        parser.add_argument("--demo", action="store_true", help="Thêm người học, lịch sử học và tài khoản dùng thử")
        parser.add_argument("--people", type=int, default=DEFAULT_PEOPLE, help="Số người dùng thử")
        parser.add_argument("--dry-run", action="store_true", help="Làm thử rồi bỏ, không ghi gì")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["json"]
        say = (lambda _: None) if quiet else lambda text: self.stderr.write(f"… {text}")
        try:
            province = province_find(options["province"])
            if options["demo"]:
                # Before minutes of loading, not after them.
                demo_require()
            with transaction.atomic():
                result = province_load(province=province, say=say)
                if options["demo"]:
                    result["demo"] = demo_load(province=province, people=options["people"], progress=not quiet)
                if options["dry_run"]:
                    transaction.set_rollback(True)
        except (DataError, Refusal) as error:
            raise CommandError(f"{error} {getattr(error, 'fix', '')}".strip(), returncode=2) from error
        if quiet:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        else:
            for name, value in result.items():
                self.stdout.write(f"{name}: {value}")
