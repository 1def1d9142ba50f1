"""``manage.py import_populations FILE [--by EMAIL] [--confirm-below] [--dry-run] [--json]``."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import Refusal
from kpi.population_sheet import Plan, plan_of
from kpi.services import populations_import
from people import access
from people.models import Membership, User

NOTHING_DONE, UNKNOWN = 1, 2


class Command(BaseCommand):
    help = (
        "Nhập số người phải học từ tệp xlsx hoặc csv, bằng đúng các bước của trang. "
        "Mã trả về: 0 đã nhập (hoặc kiểm tra xong, không lỗi); 1 có chỗ cần sửa hoặc bị từ chối, chưa ghi gì; "
        "2 không có người nhập."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Tệp .xlsx hoặc .csv")
        parser.add_argument("--by", metavar="EMAIL", help="Người nhập; mặc định là đơn vị chủ trì cấp tỉnh đầu tiên")
        parser.add_argument("--confirm-below", action="store_true", help="Nhận cả số nhỏ hơn số người đã được tính")
        parser.add_argument("--dry-run", action="store_true", help="Chỉ kiểm tra, không ghi")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = self._run(options)
        except Refusal as refusal:
            if options["json"]:
                said = {"error": refusal.text, "code": refusal.code, "fix": refusal.fix}
                self.stdout.write(json.dumps(said, ensure_ascii=False))
            raise CommandError(f"{refusal.text} {refusal.fix}".strip(), returncode=NOTHING_DONE) from refusal
        self._tell(result, as_json=options["json"])
        if result["faults"]:
            raise CommandError("Chưa ghi dòng nào.", returncode=NOTHING_DONE)

    def _run(self, options: dict[str, Any]) -> dict[str, Any]:
        keeper = _keeper(options["by"])
        try:
            with options["file"].open("rb") as file:
                plan = plan_of(file, actor=keeper.user)
        except OSError as error:
            raise CommandError(f"Không mở được tệp: {error.strerror}", returncode=NOTHING_DONE) from error
        result = _said(plan)
        if not plan.faults and not options["dry_run"]:
            done = populations_import(
                actor=keeper.user,
                unit=keeper.unit,
                plan=plan,
                file_name=options["file"].name,
                confirmed=options["confirm_below"],
            )
            result["imported"] = asdict(done)
        return result

    def _tell(self, result: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        for fault in result["faults"]:
            self.stderr.write(f"Dòng {fault['line']}, cột «{fault['column']}»: {fault['text']} {fault['fix']}")
        for one in result["below"]:
            self.stderr.write(f"Dòng {one['line']}: nhỏ hơn số người đã được tính ({one['counted']}).")
        self.stdout.write(
            f"Đọc {result['rows']} dòng: thêm {result['added']}, sửa {result['changed']}, "
            f"giữ nguyên {result['unchanged']}, để trống {result['empty']}."
        )
        self.stdout.write("Đã nhập." if result["imported"] else "Chưa ghi gì.")


def _said(plan: Plan) -> dict[str, Any]:
    return {
        "rows": len(plan.cells),
        "added": len(plan.added),
        "changed": len(plan.changed),
        "unchanged": plan.unchanged,
        "empty": plan.empty,
        "below": [{"line": one.change.line, "counted": one.counted, "indicator": one.indicator} for one in plan.below],
        "faults": [fault.as_json() for fault in plan.faults],
        "imported": None,
    }


def _keeper(email: str | None) -> Membership:
    """Who imports, with the office in which they do it."""
    held = Membership.objects.in_force().filter(role__in=access.KPI_KEEPING).select_related("user", "unit")
    if email:
        held = held.filter(user__in=User.objects.filter(email__iexact=email))
    found: Membership | None = held.order_by("unit__parent_id", "pk").first()
    if found is None:
        who = f"«{email}» không giữ" if email else "Chưa ai giữ"
        raise CommandError(f"{who} vai trò được nhập số người phải học.", returncode=UNKNOWN)
    return found
