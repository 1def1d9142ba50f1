"""``manage.py verify_certificate FILE``: is this PDF an issued certificate, and are its signatures good?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from certificates.checking import FileCheck, certificate_file_check
from certificates.signing.base import OneSignature
from certificates.signing.trust import trust_default
from certificates.signing.verifying import MEGABYTE, MOST_MEGABYTES
from certificates.signing.wording import clock, day
from common.errors import Refusal


class Command(BaseCommand):
    help = "Kiểm tra một tệp PDF: chữ ký số, và có phải giấy đã cấp hay không. Mã 0 hợp lệ, 1 không, 2 không đọc được."
    # A key that cannot sign must stop neither a look at a file nor the making of a better key.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="TỆP", help="Tệp PDF cần kiểm tra")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            check = certificate_file_check(pdf=_bytes_of(options["file"]), trust=trust_default())
        except Refusal as refusal:
            raise CommandError(f"{refusal.text} {refusal.fix}", returncode=2) from None
        except DatabaseError:
            raise CommandError("Không tra được sổ: cơ sở dữ liệu không trả lời.", returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(check.as_dict() | {"file": options["file"]}, ensure_ascii=False))
        else:
            self._tell(options["file"], check)
        if not check.ok:
            sys.exit(1 if check.readable else 2)

    def _tell(self, file: str, check: FileCheck) -> None:
        self.stdout.write(f"Tệp: {file} ({check.size} byte)")
        self.stdout.write(f"SHA-256: {check.sha256}")
        self.stdout.write(f"Sổ gốc: {check.in_register}")
        self.stdout.write(f"Chữ ký: {check.signatures.summary}")
        for number, one in enumerate(check.signatures.signatures, 1):
            for line in _lines(number, one):
                self.stdout.write(line)
        for problem in check.signatures.problems:
            self.stdout.write(f"  ✗ {problem}")
        for note in check.signatures.notes:
            self.stdout.write(f"  – {note}")
        verdict = "HỢP LỆ" if check.ok else "KHÔNG HỢP LỆ" if check.readable else "KHÔNG ĐỌC ĐƯỢC"
        self.stdout.write(f"Kết luận: {verdict}.")


def _lines(number: int, one: OneSignature) -> list[str]:
    if not one.signer_name:
        return [f"  {number}. Ô ký {one.field or 'không tên'}"]
    organisation = f" ({one.organisation})" if one.organisation else ""
    trusted = " (dấu thời gian)" if one.timestamp_time else ""
    return [
        f"  {number}. {one.signer_name}{organisation}, ký lúc {clock(one.time)}{trusted}",
        f"     {one.algorithm}; chứng thư số {one.serial} do {one.issuer} cấp,"
        f" có giá trị từ {day(one.valid_from)} đến {day(one.valid_to)}",
    ]


def _bytes_of(name: str) -> bytes:
    file = Path(name)
    try:
        if file.stat().st_size > MOST_MEGABYTES * MEGABYTE:
            raise CommandError(f"Tệp {name} nặng hơn {MOST_MEGABYTES} MB nên không được kiểm tra.", returncode=2)
        return file.read_bytes()
    except FileNotFoundError:
        raise CommandError(f"Không có tệp {name}.", returncode=2) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "tên tệp không dùng được"
        raise CommandError(f"Không đọc được {name}: {reason}.", returncode=2) from None
