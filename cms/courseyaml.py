"""Reads and checks a course file. Pure: what is wrong is told with file, line and field, and nothing is touched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from cms import uploads
from cms.narration import LANGUAGES
from cms.quizyaml import QUIZ_FIELDS, quiz_values
from cms.upload_forms import limits
from cms.yamlblocks import BlockFile, read_block
from common import datafiles
from common.datafiles import Mapping
from courses.models import Level
from quizzes.models import Purpose

SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
TAGS = {"p", "h2", "h3", "ul", "ol", "li", "b", "i", "a", "br"}
LINKS = ("https://", "mailto:")
PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".webp")


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


class Entry(datafiles.Entry):
    """One mapping of a course file, with the fields that only course files have."""

    def slug(self, field: str = "slug") -> str:
        value = self.text(field, 120)
        if not SLUG.match(value):
            raise self.wrong(field, "chỉ gồm chữ thường không dấu, số và dấu gạch nối")
        return value

    def hours(self, field: str = "hours") -> Decimal:
        value = self.number(field, low=Decimal("0.1"), high=999, what="số giờ")
        if value is None:
            raise self.wrong(field, "thiếu nội dung")
        return value.quantize(Decimal("0.1"))

    def html(self, field: str) -> str:
        value = self.text(field, 20_000)
        markup = _Markup()
        markup.feed(value)
        if markup.problem:
            raise self.wrong(field, markup.problem)
        return value

    def picture(self, folder: Path, field: str = "image") -> Path:
        name = self.text(field, 100)
        file = folder / name
        if "/" in name or not name.lower().endswith(PICTURES):
            raise self.wrong(field, f"tên hình phải nằm ngay trong thư mục và có đuôi {', '.join(PICTURES)}")
        if not file.is_file():
            raise self.wrong(field, f"không có tệp {name}")
        try:
            with file.open("rb") as content:
                uploads.check_picture(name=name, file=content, limits=limits())
        except uploads.UnsafeFile as refusal:
            raise self.wrong(field, f"{name}: {refusal.text}") from refusal
        return file


@dataclass(frozen=True)
class StepFile:
    """A lesson or quiz as the file has it; ``values`` are the fields of its page, ``entry`` tells where it stands."""

    kind: str
    slug: str
    values: dict[str, Any]
    body: list[BlockFile]
    entry: Entry


@dataclass(frozen=True)
class CourseFile:
    """A whole course file."""

    file: str
    slug: str
    values: dict[str, Any]
    audiences: list[str]
    topics: list[str]
    competences: list[str]
    prerequisites: list[str]
    illustration: Path
    steps: list[StepFile]
    bank: list[Mapping]
    entry: Entry


COURSE_FIELDS = {
    "slug", "code", "title", "summary", "level", "hours", "audiences", "topics", "outcomes", "illustration",
    "automatic_confirmation", "steps", "bank", "competences", "language", "valid_months", "yearly_refresh",
    "prerequisites",
}  # fmt: skip
LESSON_FIELDS = {"kind", "slug", "title", "minutes", "summary", "required", "body"}


def read_course(folder: Path) -> CourseFile:
    """Read and check ``course.yaml`` of a folder; DataError at the first thing that is wrong."""
    file = f"{folder.name}/course.yaml"
    entry = Entry.read(folder / "course.yaml", shown=file, name="khoá học")
    entry.only(COURSE_FIELDS)
    bank = _bank(entry)
    steps = [_step(folder, step) for step in entry.entries("steps", "phần", label="slug")]
    _check_together(entry, steps, bank)
    return CourseFile(
        file=file,
        slug=entry.slug(),
        values={
            "code": entry.text("code", 30),
            "title": entry.text("title", 200),
            "summary": entry.text("summary", 300),
            "level": entry.choice("level", Level.values, Level.BASIC),
            "hours": entry.hours(),
            "outcomes": "\n".join(entry.texts("outcomes", needed=False)),
            "automatic_confirmation": entry.yes("automatic_confirmation", True),
            "language": entry.choice("language", [code for code, _ in LANGUAGES], "vi"),
            "valid_months": entry.whole("valid_months", 1, 120),
            "yearly_refresh": entry.yes("yearly_refresh", False),
        },
        audiences=entry.texts("audiences"),
        topics=entry.texts("topics", needed=False),
        competences=entry.texts("competences", needed=False),
        prerequisites=entry.texts("prerequisites", needed=False),
        illustration=entry.picture(folder, "illustration"),
        steps=steps,
        bank=bank,
        entry=entry,
    )


def _bank(entry: Entry) -> list[Mapping]:
    """The questions as they stand; the quizzes room checks what is in them."""
    questions = entry.items("bank", needed=False)
    if any(not isinstance(question, Mapping) for question in questions):
        raise entry.wrong("bank", "mỗi câu hỏi phải là một mục có các trường")
    return questions


def _step(folder: Path, entry: Entry) -> StepFile:
    kind = entry.choice("kind", ["lesson", "quiz"])
    entry.only(QUIZ_FIELDS if kind == "quiz" else LESSON_FIELDS)
    values: dict[str, Any] = {"title": entry.text("title", 200)}
    if kind == "quiz":
        return StepFile("quiz", entry.slug(), {**values, **quiz_values(entry)}, [], entry)
    values |= {
        "minutes": entry.whole("minutes", 1, 120),
        "summary": entry.text("summary", 300, needed=False),
        "required": entry.yes("required", True),
    }
    if values["minutes"] is None:
        raise entry.wrong("minutes", "thiếu nội dung")
    body = [read_block(folder, block) for block in entry.entries("body", f"{entry.name}, khối")]
    return StepFile("lesson", entry.slug(), values, body, entry)


def _check_together(entry: Entry, steps: list[StepFile], bank: list[Mapping]) -> None:
    """What only the whole file can tell: repeated addresses, unknown questions, nothing to complete."""
    slugs = [step.slug for step in steps]
    if repeated := [slug for slug in slugs if slugs.count(slug) > 1]:
        raise entry.wrong("steps", f"hai phần cùng địa chỉ {repeated[0]}")
    codes = {question.get("code") for question in bank}
    for step in steps:
        own = [section for section in step.values.get("sections", ()) if section["bank"] is None]
        for code in [*step.values.get("question_codes", "").splitlines(), *(c for one in own for c in one["codes"])]:
            if code not in codes:
                raise entry.wrong("questions", f"phần {step.slug}: không có câu hỏi {code} trong bank")
    if not any(step.values.get("required") or step.values.get("purpose") == Purpose.FINAL for step in steps):
        raise entry.wrong("steps", "không có phần bắt buộc nào nên không ai có thể hoàn thành")
