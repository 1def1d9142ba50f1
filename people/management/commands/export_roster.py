"""``manage.py export_roster``: the people of a unit as a file, by the same service as the pages."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.http import Http404

from common import audit
from common.errors import Refusal
from common.text import vi_number
from people.management.commands.import_roster import NOTHING_DONE, _importer, _unit
from people.rosters import exports


class Command(BaseCommand):
    help = "Xuất danh sách người của đơn vị ra tệp .xlsx hoặc .csv (theo tên tệp)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--unit", required=True, help="Mã đơn vị")
        parser.add_argument("--out", required=True, type=Path, help="Tệp ghi ra, .xlsx hoặc .csv")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")
        parser.add_argument("--by", help="Email người xuất; mặc định là quản trị hệ thống đầu tiên")

    def handle(self, *args: Any, **options: Any) -> None:
        unit, by, out = _unit(options["unit"]), _importer(options["by"]), options["out"]
        write = exports.roster_csv if out.suffix.lower() == ".csv" else exports.roster_file
        try:
            with transaction.atomic():
                audit.record(actor=by, act="roster_export", subject=unit, unit=unit, format=out.suffix.lstrip("."))
                content = write(unit=unit, viewer=by, on=None)
        except Refusal as refusal:
            raise CommandError(f"{refusal.text} {refusal.fix}".strip(), returncode=NOTHING_DONE) from refusal
        except Http404 as error:
            raise CommandError("Người xuất không phụ trách đơn vị nào.", returncode=NOTHING_DONE) from error
        out.write_bytes(content)
        if options["json"]:
            self.stdout.write(json.dumps({"file": str(out), "bytes": len(content)}))
        else:
            self.stdout.write(f"Đã ghi {out} ({vi_number(len(content))} byte).")
