"""Begin a whole new structure from a file: ``manage.py import_structure FILE --from DATE --name NAME``."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import Refusal
from people.units.importing import Plan, day_check, plan_of, standing_on, structure_import
from people.units.report import WORDS, faults_shown, lines_of
from people.units.structure_file import rows_read


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise CommandError(f"«{text}» không phải ngày. Ví dụ đúng: 2027-07-01 hoặc 01/07/2027.")


class Command(BaseCommand):
    help = "Nhập cả một cơ cấu đơn vị mới từ tệp csv hoặc xlsx; nhập hết hoặc không nhập gì."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="Cột: Mã, Tên, Loại, Mã cấp trên, Tiền thân (07210*;07213)")
        parser.add_argument("--from", dest="on", required=True, help="Ngày bắt đầu, ví dụ 2027-07-01")
        parser.add_argument("--name", required=True, help="Tên cơ cấu, ví dụ «Cơ cấu từ 1/7/2027»")
        parser.add_argument("--dry-run", action="store_true", help="Chỉ báo cáo, không ghi gì")
        parser.add_argument("--json", action="store_true", help="Kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path, on = Path(options["file"]), _day(options["on"])
        if not path.is_file():
            raise CommandError(f"Không tìm thấy tệp {path}.")
        try:
            with path.open("rb") as file:
                rows, faults = rows_read(file)
            day_check(on)
            plan = plan_of(rows, standing_on(on), faults)
            applied = not options["dry_run"] and not plan.faults
            if applied:
                structure_import(actor=None, rows=rows, faults=faults, on=on, name=options["name"])
        except Refusal as refusal:
            raise CommandError(f"{refusal.text} {refusal.fix}") from refusal
        self._say(plan, applied, as_json=options["json"])
        if plan.faults:
            raise CommandError(f"Tệp có {len(plan.faults)} chỗ sai; chưa có gì được nhập.")

    def _say(self, plan: Plan, applied: bool, *, as_json: bool) -> None:
        if as_json:
            said = {"applied": applied, **plan.counts(), "faults": faults_shown(plan)}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        for key, number in plan.counts().items():
            self.stdout.write(f"{WORDS[key]}: {number}")
            for line in lines_of(plan, key)[:20]:
                self.stdout.write(f"  {line}")
        self.stdout.write("Đã nhập." if applied else "Chưa ghi gì.")
