"""A site with pages for tests, made through the pages themselves as editors make them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from wagtail.models import Collection, Locale, Page, Site, Task, Workflow

from cms.models import CataloguePage, CoursePage, LessonPage, ModulePage, QuizPage
from cms.services import site_ensure
from courses.models import Topic
from people.models import Audience
from quizzes.models import Bank, Question
from tests.factories.people import AudienceFactory

TEXT = '[{"type": "text", "value": "<p>Nội dung bài học.</p>"}]'


def site() -> CataloguePage:
    """Home, catalogue and standing pages; returns the catalogue.

    They are there from the start of a test run, and gone after a test that empties the tables.
    """
    catalogue = CataloguePage.objects.first()
    if catalogue is None:
        _wagtail_start()
        site_ensure()
        catalogue = CataloguePage.objects.get()
    return catalogue


def no_site() -> None:
    """Take everything away that ``site`` makes: the database of an installation that was only migrated."""
    Site.objects.all().delete()
    for page in Page.objects.filter(depth=2):
        page.specific.delete()
    Group.objects.all().delete()
    Workflow.objects.all().delete()
    Task.objects.all().delete()


def _wagtail_start() -> None:
    """What Wagtail's own migrations put into a new database, for runs without migrations."""
    if not Page.objects.exists():
        Locale.objects.get_or_create(language_code="vi")
        Page.add_root(title="Root", slug="root", content_type=ContentType.objects.get_for_model(Page))
        Collection.add_root(name="Root")


def publish(page: Any) -> Any:
    page.save_revision().publish()
    return type(page).objects.get(pk=page.pk)


def course_draft(slug: str = "khoa-thu", *, audiences: list[Audience] | None = None, **fields: Any) -> CoursePage:
    """A course page as a draft, below the catalogue."""
    catalogue = CataloguePage.objects.first() or site()
    values = {"title": f"Khoá {slug}", "code": slug.upper()[:30], "summary": "Học để thử.", "hours": Decimal("1.0")}
    page = CoursePage(slug=slug, live=False, **{**values, **fields})
    catalogue.add_child(instance=page)
    page.audiences = audiences or [AudienceFactory(code="nguoi_dan")]
    page.save()
    return page


def lesson(course: CoursePage, slug: str, *, live: bool = True, **fields: Any) -> LessonPage:
    """A lesson, published unless said otherwise."""
    values = {"title": f"Bài {slug}", "minutes": 5, "body": TEXT}
    page = LessonPage(slug=slug, live=False, **{**values, **fields})
    course.add_child(instance=page)
    return publish(page) if live else page


def module(course: CoursePage, slug: str, *, live: bool = True, **fields: Any) -> ModulePage:
    """A module's heading at the end of the course, published unless said otherwise."""
    page = ModulePage(slug=slug, live=False, **{"title": f"Phần {slug}", **fields})
    course.add_child(instance=page)
    return publish(page) if live else page


def bank(questions: int = 12, slug: str = "ngan-hang-thu") -> Bank:
    """A bank of single-choice questions c1, c2, …"""
    made, _ = Bank.objects.get_or_create(slug=slug, defaults={"name": "Ngân hàng thử"})
    options = [
        {"key": "a", "text": "Đúng rồi", "correct": True, "feedback": "Đúng."},
        {"key": "b", "text": "Chưa đúng", "correct": False, "feedback": "Sai."},
    ]
    for number in range(1, questions + 1):
        Question.objects.create(bank=made, code=f"c{number}", kind="single", text=f"Câu {number}?", options=options)
    return made


def quiz(course: CoursePage, slug: str = "cuoi-khoa", *, live: bool = True, **fields: Any) -> QuizPage:
    """A final quiz, published unless said otherwise."""
    page = QuizPage(slug=slug, live=False, **{"title": f"Kiểm tra {slug}", "purpose": "final", "draw": 10, **fields})
    course.add_child(instance=page)
    return publish(page) if live else page


def course(slug: str = "khoa-thu", *, lessons: int = 2, **fields: Any) -> CoursePage:
    """A published course of ``lessons`` required lessons."""
    page = course_draft(slug, **fields)
    for number in range(1, lessons + 1):
        lesson(page, f"bai-{number}", title=f"Bài số {number}")
    return publish(page)


def topic(code: str = "T-A01", name: str = "Kỹ năng số") -> Topic:
    return Topic.objects.get_or_create(code=code, defaults={"name": name, "group": "A"})[0]
