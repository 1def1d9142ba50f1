"""``manage.py uptake_rebuild [--json]``: what people of each audience finished in the last year, counted anew."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from courses.services import uptake_rebuild


class Command(BaseCommand):
    help = "Đếm lại số người mỗi đối tượng đã học xong mỗi khoá trong một năm qua, dùng cho gợi ý học tiếp."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = uptake_rebuild()
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write(
                f"{counts['rows']} dòng đối tượng và khoá; {counts['held_back']} dòng không giữ vì quá ít người."
            )
