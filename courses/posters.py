"""Posters for walls and notice boards: what a course or lesson gives, and a QR code that leads there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from common.errors import Refusal
from common.pdf import pdf_render, qr_drawn
from common.text import vi_hours
from courses.models import Course, Step, StepKind

ART = Path(__file__).parent / "templates" / "courses" / "posters"
#: One millimetre of an A4 poster on each paper, in points: A3 is the same picture, larger.
PAPERS = {"a4": ("A4", 2.8346), "a3": ("A3", 4.0088)}
KEEP_SECONDS = 86_400
#: So many audiences are named; the rest are counted.
NAMED = 4


@dataclass(frozen=True)
class Poster:
    """What stands on a poster. ``facts`` are pairs of a name and what holds."""

    kind: str
    title: str
    summary: str
    within: str
    facts: list[tuple[str, str]]
    path: str

    @property
    def address(self) -> str:
        return f"{settings.BASE_URL.rstrip('/')}{self.path}"

    @property
    def address_parts(self) -> list[str]:
        """The address as it is typed, cut where a line may end."""
        return [f"{part}/" for part in self.address.partition("://")[2].strip("/").split("/")]

    @property
    def title_size(self) -> int:
        """0 for the largest letters, one more for each length that the title passes."""
        return sum(len(self.title) > limit for limit in (15, 45, 80, 130))

    @property
    def is_dense(self) -> bool:
        """Whether there is so much to say that all letters must be smaller."""
        return len(self.title + self.summary + self.within + "".join(value for _, value in self.facts)) > 480


def poster_of_course(course: Course) -> Poster:
    """The poster of a course."""
    lessons = course.steps.filter(is_active=True, kind=StepKind.LESSON).count()
    facts = [
        ("Dành cho", _for_whom(course)),
        ("Thời lượng", f"{lessons} bài, {vi_hours(course.hours)} cả thực hành"),
        ("Mức", _level(course)),
    ]
    return Poster("Khoá học miễn phí", course.title, course.summary, "", facts, course.path)


def _level(course: Course) -> str:
    """Paper is Vietnamese, and kept for everybody, whatever the language of the page that asks for it."""
    with translation.override(settings.LANGUAGE_CODE):
        return course.get_level_display()


def poster_of_lesson(step: Step) -> Poster:
    """The poster of a lesson; needs its course."""
    facts = [("Dành cho", _for_whom(step.course)), ("Thời lượng", f"{step.minutes} phút")]
    return Poster("Bài học miễn phí", step.title, step.course.summary, step.course.title, facts, step.path)


def _for_whom(course: Course) -> str:
    names = [str(audience) for audience in course.audiences.all()]
    if not names:
        return "Mọi người"
    more = f" và {len(names) - NAMED} đối tượng khác" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


@lru_cache(maxsize=2)
def _style(paper: str) -> str:
    size, millimetre = PAPERS[paper]
    css = (ART / "poster.css").read_text(encoding="utf-8")
    return f"@page{{size:{size} portrait;margin:0}}html{{font-size:{millimetre}pt}}{css}"


def poster_asked(*, poster: Poster, paper: str) -> tuple[str, bytes | None]:
    """The HTML of a poster, and its PDF if it was made lately.

    Raises Refusal (``unknown_paper``) for a paper that there is not.
    """
    if paper not in PAPERS:
        raise Refusal(
            _("Không có áp phích khổ «%(paper)s».") % {"paper": paper[:20]},
            code="unknown_paper",
            fix=_("Áp phích có hai khổ giấy: A4 và A3. Hãy mở lại trang khoá học hoặc bài học rồi chọn một khổ."),
            status=400,
            link=(poster.path, _("Mở lại trang")),
        )
    context = {"poster": poster, "qr": qr_drawn(poster.address), "province": settings.PROVINCE_NAME}
    with translation.override(settings.LANGUAGE_CODE):
        html = render_to_string("courses/posters/poster.html", context)
    return html, cache.get(_key(html, paper))


def poster_pdf(*, html: str, paper: str) -> bytes:
    """The PDF of a poster, kept for a day. The same poster gives the same bytes."""
    key = _key(html, paper)
    pdf = pdf_render(html=html, css=_style(paper), art=ART, identifier=bytes.fromhex(key.rpartition(":")[2][:32]))
    cache.set(key, pdf, KEEP_SECONDS)
    return pdf


def _key(html: str, paper: str) -> str:
    return f"courses:poster:{sha256(f'{_style(paper)}{html}'.encode()).hexdigest()}"
