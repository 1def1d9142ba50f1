"""Reading the data files of the rooms: a wrong row is answered with file, line and field, and nothing is loaded."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from common.errors import DataError


def read_csv(file: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a UTF-8 CSV file as dictionaries, each with its line number under ``"line"``.

    Raises DataError when a column is missing or a row has too few or too many fields.
    """
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        missing = [name for name in columns if name not in (reader.fieldnames or [])]
        if missing:
            raise DataError(file.name, "dòng 1", ", ".join(missing), "thiếu cột")
        rows = []
        for row in reader:
            if None in row or None in row.values():
                raise DataError(file.name, f"dòng {reader.line_num}", "số cột", "không khớp với dòng tiêu đề")
            rows.append({**row, "line": str(reader.line_num)})
    return rows


def read_yaml_list(file: Path, key: str, required: Sequence[str]) -> list[dict[str, Any]]:
    """The list under ``key`` of a YAML file; every entry must hold the ``required`` fields.

    Raises DataError naming the entry (by its code where it has one) and the field.
    """
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"dòng {mark.line + 1}" if mark else "cả tệp"
        raise DataError(file.name, where, "YAML", "không đọc được") from error
    entries = content.get(key) if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise DataError(file.name, "đầu tệp", key, "phải là một danh sách")
    for number, entry in enumerate(entries, start=1):
        where = f"mục {number}" + (f" ({entry['code']})" if isinstance(entry, dict) and entry.get("code") else "")
        if not isinstance(entry, dict):
            raise DataError(file.name, where, key, "phải là một mục có các trường")
        for field in required:
            if entry.get(field) in (None, ""):
                raise DataError(file.name, where, field, "thiếu giá trị")
    return entries
