"""``manage.py register_verify``: chain, contents, numbers, closings and files of the registers."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from certificates.models import RegisterEntry, Series
from certificates.services import register_verify
from certificates.services.proving import RegisterReport


class Bar:
    """A progress bar in the terminal, where a job has a page."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None

    def begin(self, total: int, note: str = "") -> None:
        self.end()
        self._bar = tqdm(total=total or None, desc=note, disable=not sys.stderr.isatty())

    def advance(self, count: int = 1) -> None:
        if self._bar is not None:
            self._bar.update(count)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.close()


class Command(BaseCommand):
    help = (
        "Kiểm tra sổ gốc: chuỗi băm, nội dung từng giấy, số liên tục, dòng khoá sổ, từng tệp. "
        "Mã trả về: 0 nguyên vẹn; 1 có chỗ không khớp; 2 không có loại giấy hoặc sổ năm đó."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--series", metavar="MÃ", help="Chỉ sổ của loại giấy này, ví dụ giay-chung-nhan")
        parser.add_argument("--year", type=int, metavar="NĂM", help="Chỉ sổ của năm này")
        parser.add_argument("--no-files", action="store_true", help="Không đọc các tệp PDF")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        bar, year = Bar(), options["year"]
        try:
            reports = [
                register_verify(series=series, year=year, files=not options["no_files"], progress=bar)
                for series in _series(options["series"], year)
            ]
        finally:
            bar.end()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(r) | {"ok": r.ok} for r in reports], ensure_ascii=False))
        else:
            self._tell(reports)
        if not all(report.ok for report in reports):
            sys.exit(1)

    def _tell(self, reports: list[RegisterReport]) -> None:
        for report in reports:
            state = "nguyên vẹn" if report.ok else "KHÔNG KHỚP"
            files = f", {report.files} tệp" if report.files else ""
            self.stdout.write(f"{report.series}: {report.rows} dòng, {report.certificates} giấy{files}, {state}")
            for problem in report.problems:
                self.stderr.write(f"  {problem}")


def _series(code: str | None, year: int | None) -> list[Series]:
    found = Series.objects.order_by("code")
    if code:
        found = found.filter(code=code)
        if not found.exists():
            known = ", ".join(Series.objects.order_by("code").values_list("code", flat=True)) or "chưa có"
            raise CommandError(f"Không có loại giấy «{code}». Các loại đang có: {known}.", returncode=2)
    if year is not None:
        books = RegisterEntry.objects.filter(series__in=found).order_by("year").values_list("year", flat=True)
        years = list(books.distinct())
        if year not in years:
            known = ", ".join(map(str, years)) or "chưa có"
            raise CommandError(f"Không có sổ năm {year}. Các sổ đang có: {known}.", returncode=2)
        found = found.filter(register__year=year).distinct()
    return list(found)
