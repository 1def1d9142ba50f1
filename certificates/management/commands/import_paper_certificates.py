"""``manage.py import_paper_certificates``: a paper register from a file, by the same services as the page."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from certificates.management.commands.register_verify import Bar
from certificates.models import Series
from certificates.services import paper_check, paper_import
from common.errors import Refusal
from people.models import Role, User

NOTHING_DONE, UNKNOWN = 1, 2


class Command(BaseCommand):
    help = (
        "Ghi lại giấy từ sổ giấy (tệp xlsx hoặc csv). "
        "Mã trả về: 0 mọi dòng đều vào; 1 có chỗ cần sửa hoặc bị từ chối, chưa ghi gì; 2 không có loại giấy đó."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Tệp .xlsx hoặc .csv")
        parser.add_argument("--series", required=True, metavar="MÃ", help="Mã loại giấy, ví dụ giay-chung-nhan")
        parser.add_argument("--by", metavar="EMAIL", help="Người ghi; mặc định là người ký cấp chứng nhận đầu tiên")
        parser.add_argument("--dry-run", action="store_true", help="Chỉ kiểm tra, không ghi")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        series = Series.objects.select_related("unit").filter(code=options["series"]).first()
        if series is None:
            known = ", ".join(Series.objects.order_by("code").values_list("code", flat=True)) or "chưa có"
            raise CommandError(f"Không có loại giấy «{options['series']}». Đang có: {known}.", returncode=UNKNOWN)
        try:
            result = self._run(series, options)
        except Refusal as refusal:
            if options["json"]:
                said = {"error": refusal.text, "code": refusal.code, "fix": refusal.fix}
                self.stdout.write(json.dumps(said, ensure_ascii=False))
            raise CommandError(f"{refusal.text} {refusal.fix}".strip(), returncode=NOTHING_DONE) from refusal
        self._tell(result, as_json=options["json"])
        if result["faults"]:
            raise CommandError("Chưa ghi dòng nào.", returncode=NOTHING_DONE)

    def _run(self, series: Series, options: dict[str, Any]) -> dict[str, Any]:
        try:
            with options["file"].open("rb") as file:
                table = paper_check(file, series=series)
        except OSError as error:
            raise CommandError(f"Không mở được tệp: {error.strerror}", returncode=NOTHING_DONE) from error
        faults = [asdict(fault) for fault in table.faults]
        result: dict[str, Any] = {"rows": len(table.lines), "imported": None, "faults": faults}
        if not faults and not options["dry_run"]:
            bar = Bar()
            made = paper_import(
                actor=_official(options["by"]),
                series=series,
                rows=table.rows,
                faults=table.faults,
                file_name=options["file"].name,
                progress=bar,
            )
            bar.end()
            result["imported"] = len(made)
        return result

    def _tell(self, result: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        for fault in result["faults"]:
            where = f"dòng {fault['line']}, cột {fault['column']} «{fault['value']}»"
            self.stderr.write(f"  {where}: {fault['text']} {fault['fix']}")
        done = "chưa ghi" if result["imported"] is None else f"đã ghi {result['imported']} giấy"
        self.stdout.write(f"{result['rows']} dòng, {len(result['faults'])} chỗ cần sửa, {done}.")


def _official(email: str | None) -> User:
    found = (
        User.objects.filter(email=email.lower())
        if email
        else User.objects.filter(memberships__role=Role.ISSUING_OFFICIAL, memberships__valid_to__isnull=True).order_by(
            "pk"
        )
    )
    official = found.first()
    if not isinstance(official, User):
        raise CommandError("Không tìm thấy người ghi; nêu --by EMAIL.", returncode=NOTHING_DONE)
    return official
