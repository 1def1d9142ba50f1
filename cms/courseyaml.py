"""Reads and checks a course file. Pure: what is wrong is told with file, line and field, and nothing is touched."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml

from common.errors import DataError
from courses.models import Level
from quizzes.models import Purpose

LINE = "__line__"
SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
TAGS = {"p", "h2", "h3", "ul", "ol", "li", "b", "i", "a", "br"}
LINKS = ("https://", "mailto:")
CALLOUTS = ("tip", "note", "warning", "danger")
PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".webp")


class _Loader(yaml.SafeLoader):
    """Safe YAML whose mappings remember their line; text comes out in NFC."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"trường «{key}» ghi hai lần", key_node.start_mark)
        seen[key] = loader.construct_object(value_node, deep=True)
    seen[LINE] = node.start_mark.line + 1
    return seen


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return unicodedata.normalize("NFC", str(loader.construct_scalar(node)))


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:str", _text)


class _Markup(HTMLParser):
    """Finds the first thing in a text that is not of our small set of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.problem = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        allowed = {"href"} if tag == "a" else set()
        if tag not in TAGS:
            self.problem = self.problem or f"không dùng được thẻ <{tag}>"
        for name, value in attrs:
            if name not in allowed:
                self.problem = self.problem or f"thẻ <{tag}> không được có thuộc tính {name}"
            elif not (value or "").startswith(LINKS):
                self.problem = self.problem or "đường dẫn phải bắt đầu bằng https:// hoặc mailto:"


class Entry:
    """One mapping of the file, asked field by field; the first wrong field raises DataError."""

    def __init__(self, file: str, data: Any, name: str, known: Collection[str]) -> None:
        self.file, self.name = file, name
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.fail("cả mục", "phải là một mục có các trường")
        if unknown := [str(key) for key in self.data if key not in known and key != LINE]:
            self.fail(unknown[0], "không có trường này")

    def fail(self, field: str, problem: str) -> None:
        line = self.data.get(LINE)
        raise DataError(self.file, f"dòng {line}, {self.name}" if line else self.name, field, problem)

    def text(self, field: str, longest: int, *, needed: bool = True) -> str:
        value = self.data.get(field)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.fail(field, "thiếu nội dung" if value in (None, "") else "phải là chữ")
        text = str(value).strip()
        if len(text) > longest:
            self.fail(field, f"dài {len(text)} ký tự, tối đa {longest}")
        return text

    def slug(self, field: str = "slug") -> str:
        value = self.text(field, 120)
        if not SLUG.match(value):
            self.fail(field, "chỉ gồm chữ thường không dấu, số và dấu gạch nối")
        return value

    def whole(self, field: str, low: int, high: int, default: int | None = None) -> int | None:
        value = self.data.get(field, default)
        if value is None and field not in self.data:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fail(field, f"phải là số nguyên từ {low} đến {high}")
        return value

    def number(self, field: str) -> Decimal:
        try:
            value = Decimal(str(self.data.get(field)))
        except InvalidOperation:
            value = Decimal(0)
        if not Decimal("0.1") <= value <= 999:
            self.fail(field, "phải là số giờ từ 0,1 đến 999")
        return value.quantize(Decimal("0.1"))

    def choice(self, field: str, options: Collection[str], default: str | None = None) -> str:
        value = self.data.get(field, default)
        if value not in options:
            self.fail(field, f"phải là một trong: {', '.join(options)}")
        return str(value)

    def yes(self, field: str, default: bool) -> bool:
        value = self.data.get(field, default)
        if not isinstance(value, bool):
            self.fail(field, "phải là true hoặc false")
        return bool(value)

    def items(self, field: str, *, needed: bool = True) -> list[Any]:
        value = self.data.get(field)
        if value is None and not needed:
            return []
        if not isinstance(value, list) or (needed and not value):
            self.fail(field, "phải là một danh sách không rỗng")
        return list(value or [])

    def texts(self, field: str, *, needed: bool = True) -> list[str]:
        values = self.items(field, needed=needed)
        if any(not isinstance(value, str) or not value.strip() for value in values):
            self.fail(field, "mỗi mục phải là chữ")
        return [value.strip() for value in values]

    def html(self, field: str) -> str:
        value = self.text(field, 20_000)
        markup = _Markup()
        markup.feed(value)
        if markup.problem:
            self.fail(field, markup.problem)
        return value

    def picture(self, folder: Path, field: str = "image") -> Path:
        name = self.text(field, 100)
        file = folder / name
        if "/" in name or not name.lower().endswith(PICTURES):
            self.fail(field, f"tên hình phải nằm ngay trong thư mục và có đuôi {', '.join(PICTURES)}")
        if not file.is_file():
            self.fail(field, f"không có tệp {name}")
        return file


@dataclass(frozen=True)
class BlockFile:
    """A block of a lesson as the file has it; pictures are still files."""

    kind: str
    value: Any


@dataclass(frozen=True)
class StepFile:
    """A lesson or quiz as the file has it; ``values`` are the fields of its page."""

    kind: str
    slug: str
    values: dict[str, Any]
    body: list[BlockFile]


@dataclass(frozen=True)
class CourseFile:
    """A whole course file."""

    file: str
    slug: str
    values: dict[str, Any]
    audiences: list[str]
    topics: list[str]
    illustration: Path
    steps: list[StepFile]
    bank: list[dict[str, Any]]


def read_yaml(path: Path) -> Any:
    """The content of a YAML file with line numbers; DataError when it cannot be read."""
    name = f"{path.parent.name}/{path.name}"
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError as error:
        raise DataError(name, "cả tệp", "tệp", "không tìm thấy") from error
    except UnicodeDecodeError as error:
        raise DataError(name, "cả tệp", "tệp", "không phải UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "không đọc được"
        raise DataError(name, f"dòng {mark.line + 1}" if mark else "cả tệp", "YAML", str(problem)) from error


COURSE_FIELDS = {
    "slug", "code", "title", "summary", "level", "hours", "audiences", "topics", "outcomes", "illustration",
    "automatic_confirmation", "steps", "bank",
}  # fmt: skip
LESSON_FIELDS = {"kind", "slug", "title", "minutes", "summary", "required", "body"}
QUIZ_FIELDS = {
    "kind", "slug", "title", "purpose", "minutes", "questions", "time_limit", "draw", "pass_percent", "attempts",
}  # fmt: skip


def read_course(folder: Path) -> CourseFile:
    """Read and check ``course.yaml`` of a folder; DataError at the first thing that is wrong."""
    path = folder / "course.yaml"
    file = f"{folder.name}/course.yaml"
    entry = Entry(file, read_yaml(path), "khoá học", COURSE_FIELDS)
    bank = _bank(entry)
    steps = [_step(file, folder, data, place) for place, data in enumerate(entry.items("steps"), start=1)]
    _check_together(entry, steps, bank)
    return CourseFile(
        file=file,
        slug=entry.slug(),
        values={
            "code": entry.text("code", 30),
            "title": entry.text("title", 200),
            "summary": entry.text("summary", 300),
            "level": entry.choice("level", Level.values, Level.BASIC),
            "hours": entry.number("hours"),
            "outcomes": "\n".join(entry.texts("outcomes", needed=False)),
            "automatic_confirmation": entry.yes("automatic_confirmation", True),
        },
        audiences=entry.texts("audiences"),
        topics=entry.texts("topics", needed=False),
        illustration=entry.picture(folder, "illustration"),
        steps=steps,
        bank=bank,
    )


def _bank(entry: Entry) -> list[dict[str, Any]]:
    """The questions without our line numbers; the quizzes room checks what is in them."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(item) for key, item in value.items() if key != LINE}
        return [bare(item) for item in value] if isinstance(value, list) else value

    questions = entry.items("bank", needed=False)
    if any(not isinstance(question, dict) for question in questions):
        entry.fail("bank", "mỗi câu hỏi phải là một mục có các trường")
    return [bare(question) for question in questions]


def _step(file: str, folder: Path, data: Any, place: int) -> StepFile:
    kind = data.get("kind") if isinstance(data, dict) else None
    name = f"phần {place}" + (f" ({data['slug']})" if isinstance(data, dict) and data.get("slug") else "")
    entry = Entry(file, data, name, QUIZ_FIELDS if kind == "quiz" else LESSON_FIELDS)
    entry.choice("kind", ["lesson", "quiz"])
    values: dict[str, Any] = {"title": entry.text("title", 200)}
    if kind == "quiz":
        return StepFile("quiz", entry.slug(), {**values, **_quiz_values(entry)}, [])
    values |= {
        "minutes": entry.whole("minutes", 1, 120),
        "summary": entry.text("summary", 300, needed=False),
        "required": entry.yes("required", True),
    }
    if values["minutes"] is None:
        entry.fail("minutes", "thiếu nội dung")
    body = [
        _block(file, folder, block, f"{name}, khối {number}")
        for number, block in enumerate(entry.items("body"), start=1)
    ]
    return StepFile("lesson", entry.slug(), values, body)


def _quiz_values(entry: Entry) -> dict[str, Any]:
    purpose = entry.choice("purpose", Purpose.values)
    return {
        "purpose": purpose,
        "minutes": entry.whole("minutes", 1, 300, 5),
        "question_codes": "\n".join(entry.texts("questions", needed=False)),
        "draw": entry.whole("draw", 1, 100, 10),
        "pass_percent": entry.whole("pass_percent", 1, 100, 80),
        "attempts_allowed": entry.whole("attempts", 1, 99),
        "time_limit_minutes": entry.whole("time_limit", 1, 300),
    }


def _block(file: str, folder: Path, data: Any, name: str) -> BlockFile:
    fields = {
        "text": {"value"},
        "steps": {"title", "steps"},
        "image": {"image", "alt", "caption"},
        "callout": {"style", "title", "text"},
    }
    kind = data.get("type") if isinstance(data, dict) else None
    entry = Entry(file, data, name, {"type"} | fields.get(str(kind), set()) if kind in fields else data or ())
    entry.choice("type", list(fields))
    if kind == "text":
        return BlockFile("text", entry.html("value"))
    if kind == "image":
        return BlockFile(
            "image",
            {
                "image": entry.picture(folder),
                "alt": entry.text("alt", 400),
                "caption": entry.text("caption", 200, needed=False),
            },
        )
    if kind == "callout":
        return BlockFile(
            "callout",
            {
                "style": entry.choice("style", CALLOUTS),
                "title": entry.text("title", 120),
                "text": entry.html("text"),
            },
        )
    items = [
        _steps_item(file, folder, item, f"{name}, bước {n}") for n, item in enumerate(entry.items("steps"), start=1)
    ]
    return BlockFile("steps", {"title": entry.text("title", 150), "steps": items})


def _steps_item(file: str, folder: Path, data: Any, name: str) -> dict[str, Any]:
    entry = Entry(file, data, name, {"title", "text", "image", "alt"})
    has_picture = "image" in entry.data
    return {
        "title": entry.text("title", 120),
        "text": entry.text("text", 2000),
        "image": entry.picture(folder) if has_picture else None,
        "alt": entry.text("alt", 400) if has_picture else "",
    }


def _check_together(entry: Entry, steps: list[StepFile], bank: list[dict[str, Any]]) -> None:
    """What only the whole file can tell: repeated addresses, unknown questions, nothing to complete."""
    slugs = [step.slug for step in steps]
    if repeated := [slug for slug in slugs if slugs.count(slug) > 1]:
        entry.fail("steps", f"hai phần cùng địa chỉ {repeated[0]}")
    codes = {question.get("code") for question in bank}
    for step in steps:
        for code in step.values.get("question_codes", "").splitlines():
            if code not in codes:
                entry.fail("questions", f"phần {step.slug}: không có câu hỏi {code} trong bank")
    if not any(step.values.get("required") or step.values.get("purpose") == Purpose.FINAL for step in steps):
        entry.fail("steps", "không có phần bắt buộc nào nên không ai có thể hoàn thành")
