"""Which pages are due for another look, for the report, the first page of the admin and the weekly letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from wagtail.models import Page

from cms.models import CoursePage, LessonPage, QuizPage
from cms.pages.base import ReviewedPage
from people.models import User
from people.querysets import today

#: What the report can be narrowed to: pages whose day has come, or comes within so many days.
WITHIN = {"qua-han": 0, "30-ngay": 30, "90-ngay": 90}
REVIEWED: tuple[type[ReviewedPage], ...] = (CoursePage, LessonPage, QuizPage)


@dataclass(frozen=True)
class DueReview:
    """A published page that is to be looked over: where it belongs, who answers for it, by when."""

    page: Page
    course: str
    owner: User | None
    review_on: date | None

    @property
    def kind(self) -> str:
        """What it is, in the language of whoever asks now: the table to take along is Vietnamese."""
        return str(self.page._meta.verbose_name)

    @property
    def is_overdue(self) -> bool:
        return self.review_on is not None and self.review_on < today()

    @property
    def edit_path(self) -> str:
        return reverse("wagtailadmin_pages:edit", args=[self.page.pk])


def due_reviews(*, within: str = "30-ngay", owner: Any = None) -> list[DueReview]:
    """Published pages to be looked over ``within`` (a word of WITHIN; "khong-ngay": without a day), soonest first.

    With an ``owner`` only theirs. Five queries, whatever their number.
    """
    found = list(_rows(within, owner))
    titles = _course_titles([page for page in found if not isinstance(page, CoursePage)])
    rows = [
        DueReview(
            page=page,
            course=titles.get(page.path[: -page.steplen], "") if not isinstance(page, CoursePage) else page.title,
            owner=page.content_owner,
            review_on=page.review_on,
        )
        for page in found
    ]
    return sorted(rows, key=lambda row: (row.review_on or date.max, row.course, row.page.path))


def _rows(within: str, owner: Any) -> Iterator[Any]:
    for model in REVIEWED:
        pages = model._default_manager.filter(live=True).select_related("content_owner")
        if within == "khong-ngay":
            pages = pages.filter(review_on=None)
        else:
            pages = pages.filter(review_on__lte=today() + timedelta(days=WITHIN.get(within, 30)))
        yield from pages.filter(content_owner=owner) if owner else pages


def _course_titles(pages: list[Any]) -> dict[str, str]:
    paths = {page.path[: -page.steplen] for page in pages}
    return dict(CoursePage.objects.filter(path__in=paths).values_list("path", "title"))
