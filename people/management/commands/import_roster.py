"""``manage.py import_roster``: a list of people from a file, by the same services as the pages."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.http import Http404
from tqdm import tqdm

from common.errors import Refusal
from people.models import Decided, Outcome, Role, RosterImport, RosterState, Unit, User
from people.querysets import today
from people.rosters import services
from people.rosters.checking import roster_check
from people.rosters.jobs import apply_or_check_again

NOTHING_DONE, SOME_LEFT_OUT = 1, 2


class Bar:
    """A progress bar in the terminal, where a job has a page."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None

    def begin(self, total: int, note: str = "") -> None:
        self.end()
        self._bar = tqdm(total=total or None, desc=note, unit=" dòng", disable=not sys.stderr.isatty())

    def advance(self, count: int = 1) -> None:
        if self._bar is not None:
            self._bar.update(count)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.close()


class Command(BaseCommand):
    help = (
        "Nhập danh sách người từ tệp xlsx hoặc csv. "
        "Mã trả về: 0 mọi dòng đều vào; 2 có dòng bị loại hoặc cần xem lại nên chưa vào; 1 chưa làm gì."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Tệp .xlsx hoặc .csv")
        parser.add_argument("--unit", required=True, help="Mã đơn vị")
        parser.add_argument("--by", help="Email người nhập; mặc định là quản trị hệ thống đầu tiên")
        parser.add_argument("--whole-unit", action="store_true", help="Tệp gồm tất cả người của đơn vị")
        parser.add_argument("--confirm-leavers", action="store_true", help="Đã xem những người sẽ thôi thuộc đơn vị")
        parser.add_argument("--from", dest="since", type=date.fromisoformat, help="Ngày bắt đầu, dạng 2026-11-22")
        parser.add_argument("--dry-run", action="store_true", help="Chỉ kiểm tra, không nhập")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result, roster = self._run(options)
        except Refusal as refusal:
            if options["json"]:
                self.stdout.write(_json({"error": refusal.text, "code": refusal.code, "fix": refusal.fix}))
            raise CommandError(f"{refusal.text} {refusal.fix}".strip(), returncode=NOTHING_DONE) from refusal
        except Http404 as error:
            raise CommandError("Người nhập không phụ trách đơn vị nào.", returncode=NOTHING_DONE) from error
        result["problems"] = _problems(roster)
        self._report(result, as_json=options["json"])
        if result["counts"][Outcome.REJECTED] or result["counts"][Outcome.DOUBTFUL]:
            sys.exit(SOME_LEFT_OUT)

    def _run(self, options: dict[str, Any]) -> tuple[dict[str, Any], RosterImport]:
        unit, by = _unit(options["unit"]), _importer(options["by"])
        try:
            handle = options["file"].open("rb")
        except OSError as error:
            raise CommandError(f"Không mở được tệp: {error.strerror}", returncode=NOTHING_DONE) from error
        with handle:
            roster = services.roster_keep(
                user=by,
                unit=unit,
                file=File(handle),
                file_name=options["file"].name,
                whole_unit=options["whole_unit"],
                effective_on=options["since"] or today(),
            )
        bar = Bar()
        try:
            counts = roster_check(roster=roster, progress=bar)
            if options["dry_run"]:
                services.roster_cancel(roster=roster, by=by)
                return {"counts": counts, "applied": None, "problem": roster.problem}, roster
            if options["confirm_leavers"]:
                services.leavers_confirm(roster=roster, by=by)
            services.rows_decide_all(roster=roster, decided=Decided.SKIP, by=by)
            roster = services.roster_begin(roster=roster, by=by)
            applied = apply_or_check_again(roster=roster, by=by, progress=bar)
        except Refusal:
            if RosterImport.objects.filter(pk=roster.pk, state=RosterState.READY).exists():
                services.roster_cancel(roster=roster, by=by)
            raise
        finally:
            bar.end()
        return {"counts": counts, "applied": applied, "problem": ""}, roster

    def _report(self, result: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(_json(result))
            return
        counts = result["counts"]
        self.stdout.write(", ".join(f"{outcome.label}: {counts[outcome]}" for outcome in Outcome))
        for problem in result["problems"]:
            where = f"dòng {problem['row']}, cột {problem['column']} «{problem['value']}»"
            self.stderr.write(f"  {where}: {problem['text']} {problem['fix']}")
        if result["problem"]:
            self.stderr.write(result["problem"])
        self.stdout.write("Chưa nhập (chỉ kiểm tra)." if result["applied"] is None else "Đã nhập.")


def _unit(code: str) -> Unit:
    unit = Unit.objects.filter(code=code).order_by("-valid_from").first()
    if unit is None:
        raise CommandError(f"Không có đơn vị mã {code}.", returncode=NOTHING_DONE)
    return unit


def _importer(email: str | None) -> User:
    if email:
        by = User.objects.filter(email=email.lower()).first()
    else:
        holders = User.objects.filter(memberships__role=Role.ADMINISTRATOR, memberships__valid_to__isnull=True)
        by = holders.order_by("pk").first()
    if not isinstance(by, User):
        raise CommandError("Không tìm thấy người nhập; nêu --by EMAIL.", returncode=NOTHING_DONE)
    return by


def _problems(roster: RosterImport) -> list[dict[str, Any]]:
    rows = roster.rows.filter(outcome__in=(Outcome.REJECTED, Outcome.DOUBTFUL)).order_by("number", "pk")
    found = []
    for number, problems, candidates in rows.values_list("number", "problems", "candidates").iterator():
        told = [p for p in problems if not p.get("note")] or [
            {
                "column": "Họ và tên",
                "value": "",
                "text": f"{c['why']}.",
                "fix": "Quyết định trên trang danh sách.",
                "code": c.get("code", ""),
            }
            for c in candidates[:1]
        ]
        found += [{"row": number, **{k: p[k] for k in ("column", "value", "text", "fix", "code")}} for p in told]
    return found


def _json(result: dict[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False)
