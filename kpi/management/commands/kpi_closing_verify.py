"""``manage.py kpi_closing_verify [UUID …] [--json]``: do closed figures still say what was closed? Exit 1 if not."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.text import uuid_or_none
from kpi.management.options import refused
from kpi.models import Closing
from kpi.services.closings import closing_verify


class Command(BaseCommand):
    help = "Kiểm tra các số đã chốt còn nguyên vẹn không (không nguyên vẹn: mã 1)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("closings", nargs="*", help="mã (uuid) của lần chốt; bỏ trống là mọi lần chốt")
        parser.add_argument("--json", action="store_true", help="in kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = Closing.objects.for_page()
        if options["closings"]:
            asked = {uuid_or_none(text) for text in options["closings"]}
            found = found.filter(uuid__in=asked - {None})
            if found.count() < len(asked):
                raise refused("Có mã không phải của lần chốt nào.")
        proofs = [closing_verify(closing) for closing in found]
        if options["json"]:
            rows = [
                {"closing": one.closing.name, "uuid": str(one.closing.uuid), "figures": one.figures}
                | {"ok": one.ok, "says": one.says}
                for one in proofs
            ]
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
        else:
            for proof in proofs:
                self.stdout.write(f"{proof.closing.name}, {proof.closing.unit}: {proof.says}")
        if not all(proof.ok for proof in proofs):
            raise CommandError("Có số đã chốt không còn nguyên vẹn.", returncode=1)
