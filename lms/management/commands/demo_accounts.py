"""``manage.py demo_accounts [--json]``: the accounts to try the platform with."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lms.demo import ACCOUNTS, PASSWORD
from people.models import User


class Command(BaseCommand):
    help = "In các tài khoản dùng thử, mỗi vai trò một tài khoản."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        there = set(User.objects.filter(email__in=[a.email for a in ACCOUNTS]).values_list("email", flat=True))
        rows = [
            {
                "email": a.email,
                "password": PASSWORD,
                "role": a.role.value,
                "for": a.doing,
                "second_step": a.has_second_step,
            }
            for a in ACCOUNTS
            if a.email in there
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        if not rows:
            self.stdout.write("Chưa có tài khoản dùng thử. Chạy: manage.py load_province bac-giang --demo")
        for row in rows:
            asked = " *" if row["second_step"] else ""
            self.stdout.write(f"  {row['email']:32} {row['password']:14} {row['for']}{asked}")
        if any(row["second_step"] for row in rows):
            self.stdout.write("  * hỏi thêm mã của ứng dụng xác thực; bản dùng thử hiện mã đó trên trang.")
