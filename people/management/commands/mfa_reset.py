"""``manage.py mfa_reset EMAIL --reason "…"``: for somebody who lost the phone and the recovery codes."""

from __future__ import annotations

import json
from typing import Any

from allauth.mfa.models import Authenticator
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
        parser.add_argument("--dry-run", action="store_true", help="Chỉ cho biết sẽ gỡ bao nhiêu cách xác nhận")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")
        parser.add_argument("--by", metavar="EMAIL", help="Người quản trị ra lệnh; ghi vào nhật ký")

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._account(options["account"])
        actor = self._account(options["by"]) if options["by"] else None
        if options["dry_run"]:
            taken, said = Authenticator.objects.filter(user=user).count(), "Sẽ gỡ {} cách xác nhận của {}."
        else:
            taken, said = self._reset(user, actor, options["reason"]), "Đã gỡ {} cách xác nhận của {}."
        if options["json"]:
            self.stdout.write(json.dumps({"user": str(user.uuid), "taken": taken, "dry_run": options["dry_run"]}))
        else:
            self.stdout.write(f"{said.format(taken, user)} Lần đăng nhập sau sẽ được hướng dẫn bật lại.")

    def _reset(self, user: User, actor: User | None, reason: str) -> int:
        try:
            return second_step_reset(user=user, actor=actor, reason=reason)
        except Refusal as refusal:
            raise CommandError(f"{refusal.text} {refusal.fix}") from refusal

    def _account(self, named: str) -> User:
        found: User | None = User.objects.filter(Q(email=named.lower()) | Q(phone=named)).first()
        if found is None:
            raise CommandError(f"Không có tài khoản nào với {named}.")
        return found
