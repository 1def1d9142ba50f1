"""``manage.py mfa_reset EMAIL --reason "…"``: for somebody who lost the phone and the recovery codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from common.errors import Refusal
from people.models import User
from people.second_step import second_step_reset


class Command(BaseCommand):
    help = "Gỡ bước xác nhận thứ hai của một tài khoản và kết thúc mọi phiên đăng nhập của tài khoản đó."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", metavar="EMAIL", help="Email, hoặc số điện thoại dạng +84…")
        parser.add_argument("--reason", required=True, help="Ai đã yêu cầu, và vì sao; ghi vào nhật ký")
        parser.add_argument("--by", metavar="EMAIL", help="Người quản trị ra lệnh; ghi vào nhật ký")

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._account(options["account"])
        actor = self._account(options["by"]) if options["by"] else None
        try:
            taken = second_step_reset(user=user, actor=actor, reason=options["reason"])
        except Refusal as refusal:
            raise CommandError(f"{refusal.text} {refusal.fix}") from refusal
        self.stdout.write(f"Đã gỡ {taken} cách xác nhận của {user}. Lần đăng nhập sau sẽ được hướng dẫn bật lại.")

    def _account(self, named: str) -> User:
        found: User | None = User.objects.filter(Q(email=named.lower()) | Q(phone=named)).first()
        if found is None:
            raise CommandError(f"Không có tài khoản nào với {named}.")
        return found
