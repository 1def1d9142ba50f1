"""Reading the data files of the rooms: what is wrong is answered with file, line and field, and nothing is loaded."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Self

import yaml

from common.errors import DataError
from common.text import vi_number

WHOLE_FILE = "cả tệp"


# --- YAML that remembers its lines ----------------------------------------------------------------------------------
class Mapping(dict[Any, Any]):
    """A mapping of a YAML file that remembers the line on which it begins; otherwise a plain dictionary."""

    line: int | None = None


class Listing(list[Any]):
    """A list of a YAML file that remembers the line of each item; otherwise a plain list."""

    lines: Sequence[int] = ()


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML that remembers lines and refuses a field that is written twice; text comes out in NFC."""


def _refused(problem: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _mapping(loader: Any, node: yaml.MappingNode) -> Mapping:
    loader.flatten_mapping(node)
    found = Mapping()
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if isinstance(key, (dict, list)):
            raise _refused("tên trường phải là chữ", key_node)
        if key in found:
            raise _refused(f"trường «{key}» ghi hai lần", key_node)
        found[key] = loader.construct_object(value_node, deep=True)
    found.line = node.start_mark.line + 1
    return found


def _listing(loader: Any, node: yaml.SequenceNode) -> Listing:
    found = Listing(loader.construct_object(item, deep=True) for item in node.value)
    found.lines = [item.start_mark.line + 1 for item in node.value]
    return found


def _text(loader: Any, node: yaml.ScalarNode) -> str:
    return unicodedata.normalize("NFC", str(loader.construct_scalar(node)))


def _day(loader: Any, node: yaml.ScalarNode) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError as error:
        raise _refused(f"«{node.value}» không phải ngày có thật", node) from error


for _tag, _constructor in (("map", _mapping), ("seq", _listing), ("str", _text), ("timestamp", _day)):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _constructor)


def _content(file: Path, shown: str) -> str:
    """The text of a file; DataError when there is none, or when it is not UTF-8."""
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise DataError(shown, WHOLE_FILE, "tệp", "không tìm thấy") from error
    except OSError as error:
        raise DataError(shown, WHOLE_FILE, "tệp", f"không đọc được: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(shown, f"dòng {line}", "tệp", "không phải UTF-8") from error


def read_yaml(file: Path, shown: str = "") -> Any:
    """The content of a YAML file, with Mapping and Listing for its mappings and lists.

    ``shown`` is what the file is called in a DataError; its own name when that says enough.
    """
    shown = shown or file.name
    content = _content(file, shown)
    try:
        return yaml.load(content, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        line = content.encode().count(b"\n", 0, error.position) + 1
        raise DataError(shown, f"dòng {line}", "YAML", "có ký tự không được phép") from error
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        where = f"dòng {mark.line + 1}" if mark else WHOLE_FILE
        raise DataError(shown, where, "YAML", f"sai cú pháp: {problem or error}") from error


# --- Entries --------------------------------------------------------------------------------------------------------
class Entry:
    """One mapping of a data file, asked field by field; the first wrong field raises DataError.

    Rooms add what only their files have in a subclass. ``name`` is what the entry is called beside its line.
    """

    def __init__(self, file: str, data: Any, name: str, line: int | None = None) -> None:
        self.file, self.name = file, name
        self.line: int | None = getattr(data, "line", line)
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            raise self.wrong("cả mục", "phải là một mục có các trường")

    @classmethod
    def read(cls, file: Path, *, shown: str = "", name: str = WHOLE_FILE) -> Self:
        """The mapping that a YAML file consists of."""
        shown = shown or file.name
        return cls(shown, read_yaml(file, shown), name, line=1)

    @property
    def where(self) -> str:
        """Line and name, as an error says them."""
        return f"dòng {self.line}, {self.name}" if self.line else self.name

    def wrong(self, field: str, problem: str) -> DataError:
        """The error to raise for a field of this entry."""
        return DataError(self.file, self.where, field, problem)

    def only(self, known: Collection[str]) -> None:
        """Refuse a field that nobody would read: it is misspelt."""
        if unknown := [str(key) for key in self.data if key not in known]:
            raise self.wrong(unknown[0], "không có trường này")

    def text(self, field: str, longest: int | None = None, *, needed: bool = True) -> str:
        value = self.data.get(field)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(field, "phải là chữ" if value not in (None, "") else "thiếu nội dung")
        text = value.strip()
        if longest is not None and len(text) > longest:
            raise self.wrong(field, f"dài {len(text)} ký tự, tối đa {longest}")
        return text

    def number(self, field: str, *, low: Decimal | int = 0, high: int = 10**12, what: str = "số") -> Decimal | None:
        """A number within bounds; None when the field is empty."""
        value = self.data.get(field)
        if value is None:
            return None
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            found = Decimal("NaN")
        if isinstance(value, bool) or not found.is_finite() or not low <= found <= high:
            lowest = vi_number(low, -int(Decimal(low).as_tuple().exponent))
            raise self.wrong(field, f"phải là {what} từ {lowest} đến {vi_number(high)}")
        return found

    def whole(self, field: str, low: int = 0, high: int = 2_000_000_000, *, default: int | None = None) -> int | None:
        """A whole number within bounds; ``default`` when the field is empty."""
        value = self.data.get(field)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(field, f"phải là số nguyên từ {low} đến {high}")
        return value

    def choice(self, field: str, options: Collection[str], default: str | None = None) -> str:
        value = self.data.get(field, default)
        if not isinstance(value, str) or value not in options:
            raise self.wrong(field, f"phải là một trong: {', '.join(options)}")
        return str(value)

    def yes(self, field: str, default: bool | None = None) -> bool:
        value = self.data.get(field, default)
        if not isinstance(value, bool):
            raise self.wrong(field, "phải là true hoặc false")
        return value

    def items(self, field: str, *, needed: bool = True) -> list[Any]:
        value = self.data.get(field)
        if value is None and not needed:
            return []
        if not isinstance(value, list) or (needed and not value):
            raise self.wrong(field, "phải là một danh sách" + (" không rỗng" if needed else ""))
        return value

    def texts(self, field: str, *, needed: bool = True) -> list[str]:
        """The texts of a list, each once."""
        values = self.items(field, needed=needed)
        if any(not isinstance(value, str) or not value.strip() for value in values):
            raise self.wrong(field, "mỗi mục phải là chữ")
        return list(dict.fromkeys(value.strip() for value in values))

    def part(self, field: str) -> Self:
        """A mapping inside this one; empty when there is none."""
        data = self.data.get(field)
        if not isinstance(data, dict | None):
            raise self.wrong(field, "phải là một mục có các trường")
        return type(self)(self.file, data or {}, f"{self.name}, {field}", self.line)

    def entries(self, field: str, called: str = "mục", *, label: str = "code", needed: bool = True) -> list[Self]:
        """The mappings of a list. Each is called by its place, and by its ``label`` where it has one."""
        items = self.items(field, needed=needed)
        lines = getattr(items, "lines", ())
        found = []
        for place, item in enumerate(items):
            told = f" ({item[label]})" if isinstance(item, dict) and item.get(label) else ""
            line = lines[place] if place < len(lines) else None
            found.append(type(self)(self.file, item, f"{called} {place + 1}{told}", line))
        return found

    def coded(self, field: str) -> list[Self]:
        """The mappings of a list in which each has a ``code`` of its own."""
        found = self.entries(field)
        seen: set[str] = set()
        for entry in found:
            code = entry.text("code")
            if code in seen:
                raise entry.wrong("code", f"mã {code} đã có ở trên")
            seen.add(code)
        return found


# --- CSV ------------------------------------------------------------------------------------------------------------
def read_csv(file: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a UTF-8 CSV file as dictionaries, each with its line number under ``"line"``.

    Raises DataError when a column is missing or a row has too few or too many fields.
    """
    reader = csv.DictReader(io.StringIO(_content(file, file.name), newline=""))
    rows = []
    try:
        missing = [name for name in columns if name not in (reader.fieldnames or [])]
        if missing:
            raise DataError(file.name, "dòng 1", ", ".join(missing), "thiếu cột")
        for row in reader:
            if None in row or None in row.values():
                raise DataError(file.name, f"dòng {reader.line_num}", "số cột", "không khớp với dòng tiêu đề")
            rows.append({**row, "line": str(reader.line_num)})
    except csv.Error as error:
        raise DataError(file.name, f"dòng {reader.reader.line_num}", "cả dòng", f"sai cú pháp CSV: {error}") from error
    return rows
