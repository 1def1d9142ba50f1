"""Loading a written course: its pages, pictures and questions, published together or not at all."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from wagtail.models import Page

from cms import publishing
from cms.blocks.quizzes import section_stored
from cms.courseyaml import CourseFile, StepFile, read_course
from cms.models import CataloguePage, CoursePage, LessonPage, QuizPage
from cms.services.blocks import body_stored, picture
from cms.services.site import site_ensure, start_course_offer
from common.errors import DataError, Refusal
from courses.models import Competence, Course, Topic
from people.models import Audience
from quizzes.models import Bank
from quizzes.services import bank_load, quiz_problems

FOLDER = Path(__file__).resolve().parent.parent / "data" / "courses"


@dataclass(frozen=True)
class CourseReport:
    """What loading a course did: ``status`` is created, updated or unchanged; ``pages`` were published anew."""

    slug: str
    title: str
    status: str
    lessons: int
    quizzes: int
    questions: int
    pages: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@transaction.atomic
def course_load(*, folder: Path) -> CourseReport:
    """Load ``course.yaml`` of a folder with its pictures, and publish it.

    Idempotent: a folder that has not changed since it was loaded touches nothing, so what editors wrote since stays.
    A changed folder is written over the page; lessons that it no longer names are unpublished, not deleted.
    Raises DataError naming file, line and field; then nothing is loaded.
    """
    course = read_course(folder)
    many = {
        "audiences": _known(Audience, course, "audiences", course.audiences),
        "topics": _known(Topic, course, "topics", course.topics),
        "competences": _competences(course),
        "prerequisites": _known(Course, course, "prerequisites", course.prerequisites),
    }
    page = CoursePage.objects.filter(slug=course.slug).first()
    digest = _digest(folder)
    report = _report(course)
    if page and page.loaded_hash == digest:
        return CourseReport(**report, status="unchanged")
    bank = _bank_load(course)
    created = page is None
    try:
        with publishing.paused():
            page = page or _course_create(course)
            written = _steps_write(page, course, bank)
            values = {
                **course.values,
                "illustration": picture(course.illustration, course.values["title"]),
                "loaded_hash": digest,
            }
            written += _page_write(page, values, **many)
        publishing.course_carry(course_page=CoursePage.objects.get(pk=page.pk))
    except Refusal as refusal:
        raise course.entry.wrong("steps", refusal.text) from refusal
    start_course_offer(page=page)
    return CourseReport(**report, status="created" if created else "updated", pages=written)


def _report(course: CourseFile) -> dict[str, Any]:
    kinds = [step.kind for step in course.steps]
    return {
        "slug": course.slug,
        "title": course.values["title"],
        "lessons": kinds.count("lesson"),
        "quizzes": kinds.count("quiz"),
        "questions": len(course.bank),
    }


def _known(model: Any, course: CourseFile, field: str, codes: list[str]) -> list[Any]:
    """The rows of these codes, or DataError at the first unknown one."""
    found = {row.code: row for row in model.objects.filter(code__in=codes)}
    for code in codes:
        if code not in found:
            raise course.entry.wrong(field, f"không có mã {code}")
    return [found[code] for code in codes]


def _competences(course: CourseFile) -> list[Competence]:
    """Competences named as framework:code, such as ``TT02-2025:4.2``; DataError at the first unknown one."""
    known = {row.reference: row for row in Competence.objects.select_related("framework")}
    for reference in course.competences:
        if reference not in known:
            raise course.entry.wrong("competences", f"không có năng lực {reference}; nạp khung trước: load_frameworks")
    return [known[reference] for reference in course.competences]


def _digest(folder: Path) -> str:
    """A fingerprint of everything in the folder."""
    digest = sha256()
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        digest.update(file.name.encode() + b"\0" + sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _bank_load(course: CourseFile) -> Bank | None:
    if not course.bank:
        return None
    try:
        bank_load(slug=course.slug, name=course.values["title"], entries=course.bank, file=course.file)
    except DataError as error:
        # The quizzes room knows questions by code and place; only the file knows their lines.
        lines = {f"câu thứ {n}": q.line for n, q in enumerate(course.bank, start=1)}
        lines |= {f"câu {q.get('code')}": q.line for q in course.bank}
        where = f"dòng {lines[error.where]}, {error.where}" if error.where in lines else error.where
        raise DataError(error.file, where, error.field, error.problem) from error
    return Bank.objects.get(slug=course.slug)


def _course_create(course: CourseFile) -> CoursePage:
    """The course's page as a draft, for its lessons to stand under."""
    catalogue = CataloguePage.objects.first()
    if catalogue is None:
        site_ensure()
        catalogue = CataloguePage.objects.get()
    page = CoursePage(slug=course.slug, live=False, **course.values)
    catalogue.add_child(instance=page)
    return page


def _steps_write(page: CoursePage, course: CourseFile, bank: Bank | None) -> int:
    """Write the lessons and quizzes in the order of the file; return how many changed."""
    present = {child.slug: child for child in page.get_children().specific()}
    written = 0
    for step in course.steps:
        values = dict(step.values)
        if step.kind == "lesson":
            values["body"] = body_stored(step.body, slug=step.slug, course_title=course.values["title"])
        else:
            values["bank"] = bank
            values["sections"] = _sections_stored(step)
        child = present.get(step.slug)
        model = LessonPage if step.kind == "lesson" else QuizPage
        if child is not None and not isinstance(child, model):
            raise step.entry.wrong("kind", "trang ở địa chỉ này thuộc loại khác")
        if child is None:
            child = model(slug=step.slug, live=False, title=values["title"])
            page.add_child(instance=child)
        if isinstance(child, QuizPage):
            _quiz_check(step, bank)
        written += _page_write(child, values)
    _steps_settle(page, [step.slug for step in course.steps])
    return written


def _quiz_check(step: StepFile, bank: Bank | None) -> None:
    """DataError when the bank cannot feed the quiz."""
    codes, sections = step.values["question_codes"].splitlines(), step.values["sections"]
    asked: dict[str, Any] = {"question_codes": codes, "draw": step.values["draw"], "sections": sections}
    if problems := quiz_problems(bank=bank, purpose=step.values["purpose"], **asked):
        where = f"dòng {step.entry.line}, phần {step.slug}"
        field = "sections" if sections else "questions" if codes else "draw"
        raise DataError(step.entry.file, where, field, problems[0])


def _sections_stored(step: StepFile) -> str:
    """The sections of a quiz as its page keeps them; each has the same name at every loading."""
    named = [section["bank"] for section in step.values["sections"] if section["bank"]]
    banks = dict(Bank.objects.filter(slug__in=named).values_list("slug", "pk"))
    blocks = [
        {**section_stored(section, banks), "id": str(uuid5(NAMESPACE_URL, f"{step.slug}/{number}"))}
        for number, section in enumerate(step.values["sections"])
    ]
    return json.dumps(blocks)


def _steps_settle(page: CoursePage, wanted: list[str]) -> None:
    """Unpublish what the file no longer names, and put the rest in the order of the file."""
    for child in page.get_children().live().exclude(slug__in=wanted):
        child.specific.unpublish()
    order = [slug for slug in page.get_children().order_by("path").values_list("slug", flat=True) if slug in wanted]
    if order != wanted:
        for slug in wanted:
            page.get_children().get(slug=slug).move(Page.objects.get(pk=page.pk), pos="last-child")
    page.refresh_from_db()


def _page_write(page: Any, values: dict[str, Any], **many: list[Any]) -> bool:
    """Give a page these values and publish it; a live page that has them already is left alone."""
    before = {name: _comparable(getattr(page, name)) for name in values}
    for name, value in values.items():
        setattr(page, name, value)
    changed = before != {name: _comparable(getattr(page, name)) for name in values}
    for name, rows in many.items():
        if {row.pk for row in getattr(page, name).all()} != {row.pk for row in rows}:
            setattr(page, name, rows)
            changed = True
    if not changed and page.live and not page.has_unpublished_changes:
        return False
    page.full_clean()
    page.save_revision(log_action=True).publish()
    return True


def _comparable(value: Any) -> Any:
    """A value in a form that compares by content."""
    return value.get_prep_value() if hasattr(value, "get_prep_value") else value
