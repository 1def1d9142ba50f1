"""``manage.py kpi_close --unit 24 --period quarter --until 2026-09-30 --actor EMAIL [--dry-run] [--json]``."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from common.errors import Refusal
from kpi import places
from kpi.management.options import day_option, refused, structure_option, unit_option
from kpi.models import Period
from kpi.services.closings import closing_make
from people.models import User


class Command(BaseCommand):
    help = "Chốt số liệu của một đơn vị và mọi đơn vị bên dưới đến hết một ngày. Số đã chốt không sửa được."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--unit", required=True, help="mã đơn vị")
        parser.add_argument("--period", required=True, choices=Period.values, help="loại kỳ")
        parser.add_argument("--until", required=True, help="ngày cuối của kỳ, dạng 2026-09-30")
        parser.add_argument("--structure", help="mã cơ cấu đơn vị; bỏ trống là cơ cấu hôm nay")
        parser.add_argument("--actor", required=True, help="email của người chốt, người này phải có quyền chốt")
        parser.add_argument("--note", default="", help="ghi chú")
        parser.add_argument("--dry-run", action="store_true", help="làm thử rồi bỏ, không ghi gì")
        parser.add_argument("--json", action="store_true", help="in kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        known = places.structures()
        structure = structure_option(options["structure"], known)
        until = day_option(options["until"])
        assert until is not None
        actor = User.objects.filter(email__iexact=options["actor"]).first()
        if actor is None:
            raise refused(f"Không có ai dùng email «{options['actor']}».")
        try:
            with transaction.atomic():
                made = closing_make(
                    actor=actor,
                    unit=unit_option(options["unit"], structure, known),
                    structure=structure,
                    period=options["period"],
                    until=until,
                    note=options["note"],
                )
                transaction.set_rollback(options["dry_run"])
        except Refusal as error:
            raise CommandError(f"{error} {error.fix}".strip(), returncode=2) from error
        result = {"closing": made.name, "uuid": str(made.uuid), "figures": made.figures_count}
        result |= {"checksum": made.checksum, "dry_run": options["dry_run"]}
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        else:
            done = "Sẽ chốt" if options["dry_run"] else "Đã chốt"
            self.stdout.write(f"{done} {made.name}: {made.figures_count} con số, mã xác thực {made.checksum}.")
