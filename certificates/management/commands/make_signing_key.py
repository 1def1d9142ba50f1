"""``manage.py make_signing_key --out FILE``: a key to try signing with, under a root of its own."""

from __future__ import annotations

import json
import os
import secrets
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from certificates.signing.trial_keys import TRIAL, key_packed, trial_key, trial_root
from certificates.signing.wording import day

MOST_DAYS = 3650
WARNING = "Đây là khoá thử: chữ ký bằng khoá này KHÔNG có giá trị pháp lý. Chỉ dùng để thử và trình diễn."


class Command(BaseCommand):
    help = "Tạo khoá thử để ký giấy (không có giá trị pháp lý): tệp .p12, tệp mật khẩu và chứng thư gốc."
    # A key that cannot sign must stop neither a look at a file nor the making of a better key.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", metavar="TỆP", required=True, help="Tệp .p12 sẽ tạo, ví dụ var/khoa-thu.p12")
        parser.add_argument("--type", choices=["ec", "rsa"], default="ec", help="Loại khoá: EC P-256 hoặc RSA-2048")
        parser.add_argument("--name", metavar="TÊN", default="Người ký thử", help="Tên người ký ghi trong chứng thư")
        parser.add_argument("--days", metavar="N", type=int, default=365, help="Số ngày có hiệu lực")
        parser.add_argument("--dry-run", action="store_true", help="Chỉ nói sẽ tạo tệp nào")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["days"] <= MOST_DAYS:
            raise CommandError(f"--days phải từ 1 đến {MOST_DAYS}.", returncode=2)
        if not 1 <= len(options["name"].strip()) <= 64:
            raise CommandError("--name phải có từ 1 đến 64 ký tự.", returncode=2)
        key = Path(options["out"])
        files = {"key": key, "password": key.with_suffix(".pass"), "root": key.with_suffix(".root.pem")}
        for file in files.values():
            if file.exists():
                raise CommandError(
                    f"Đã có tệp {file}; khoá cũ không bị ghi đè. Hãy chọn tên khác cho --out.", returncode=2
                )
        if not options["dry_run"]:
            self._make(files, kind=options["type"], name=options["name"].strip(), days=options["days"])
        self._tell(files, options)

    def _make(self, files: dict[str, Path], *, kind: Any, name: str, days: int) -> None:
        begins = timezone.now() - timedelta(minutes=5)
        root = trial_root(begins=begins, days=MOST_DAYS + 1)
        password = secrets.token_urlsafe(24)
        made = trial_key(root, name=name, begins=begins, days=days, kind=kind)
        contents = {"key": key_packed(made, password), "password": password.encode(), "root": root.pem}
        written: list[Path] = []
        try:
            for what, file in files.items():
                # Readable by nobody else from the first byte on, and never over another file.
                opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644 if what == "root" else 0o600)
                written.append(file)
                with os.fdopen(opened, "wb") as out:
                    out.write(contents[what])
        except OSError as error:
            for file in written:
                file.unlink(missing_ok=True)
            raise CommandError(f"Không ghi được {error.filename or files['key']}: {error.strerror}.") from None

    def _tell(self, files: dict[str, Path], options: dict[str, Any]) -> None:
        ends = timezone.now() + timedelta(days=options["days"])
        if options["json"]:
            told = {what: str(file) for what, file in files.items()}
            told |= {"type": options["type"], "name": options["name"], "valid_to": ends.date().isoformat()}
            self.stdout.write(json.dumps(told | {"made": not options["dry_run"], "trial": TRIAL}, ensure_ascii=False))
            return
        self.stdout.write("Sẽ tạo:" if options["dry_run"] else "Đã tạo:")
        self.stdout.write(f"  {files['key']} – khoá {options['type'].upper()} của {options['name']}, đến {day(ends)}")
        self.stdout.write(f"  {files['password']} – mật khẩu của khoá")
        self.stdout.write(f"  {files['root']} – chứng thư gốc, để nơi khác kiểm tra chữ ký")
        self.stdout.write("Để ký bằng khoá này, đặt:")
        self.stdout.write(f"  CERTIFICATE_SIGNING=local SIGNING_P12_FILE={files['key'].resolve()}")
        self.stdout.write(f"  SIGNING_P12_PASSWORD_FILE={files['password'].resolve()}")
        self.stdout.write(WARNING)
