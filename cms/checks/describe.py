"""From an editor's page to the plain values that the rules look at. Knows no kind of block by heart: a new one is read
by what its fields are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from wagtail import blocks
from wagtail.documents import get_document_model
from wagtail.images.models import AbstractImage
from wagtail.models import Page
from wagtail.rich_text import RichText

from cms import publishing
from cms.checks.plain import (
    PAGE,
    PlainEmpty,
    PlainHeading,
    PlainLink,
    PlainMedia,
    PlainPage,
    PlainPicture,
    PlainScenario,
    PlainText,
)
from cms.checks.richtext import RawLink, read
from cms.models import CoursePage, LessonPage, LinkCheck, ModulePage, QuizPage
from cms.pages.base import ReviewedPage
from cms.prerequisites import prerequisite_ring

MEDIA = frozenset({"video", "audio", "embed"})
#: Fields whose words nobody reads as running text: descriptions for who cannot see, file names, choices.
NOT_READ = frozenset({"alt", "url", "style"})
#: Required fields of which rules of their own speak.
NAMED_ELSEWHERE = frozenset({"alt", "captions", "transcript"})
#: Kinds of blocks whose title is drawn as a heading of level 2.
TITLED = frozenset({"steps", "gallery", "scenario", "glossary", "try_it", "accordion"})


class _Collector:
    """Gathers what stands in a body, each thing with its place."""

    def __init__(self) -> None:
        self.empty: list[PlainEmpty] = []
        self.texts: list[PlainText] = []
        self.headings: list[PlainHeading] = []
        self.pictures: list[PlainPicture] = []
        self.media: list[PlainMedia] = []
        self.scenarios: list[PlainScenario] = []
        self.raw_links: list[tuple[str, RawLink]] = []
        self.tasks = 0

    def body(self, body: Any, prefix: str = "") -> None:
        for number, child in enumerate(body or (), start=1):
            label = str(getattr(child.block, "label", "") or child.block_type)
            where = prefix or _("Khối %(number)s (%(label)s)") % {"number": number, "label": label}
            if is_left_empty(child.block, child.value):
                self.empty.append(PlainEmpty(where))
            self._media(child, where)
            self._heading(child, where)
            self._value(child.block, child.value, where, child.block_type)

    def _media(self, child: Any, where: str) -> None:
        value = child.value
        if child.block_type in MEDIA:
            self.media.append(
                PlainMedia(
                    where=where,
                    kind=child.block_type,
                    has_captions=bool(_field(value, "captions")),
                    has_transcript=bool(_words_of(_field(value, "transcript"))),
                )
            )
        if child.block_type == "scenario":
            choices = _field(value, "choices") or ()
            self.scenarios.append(PlainScenario(where, sum(bool(_field(choice, "is_right")) for choice in choices)))

    def _heading(self, child: Any, where: str) -> None:
        title = _field(child.value, "title") or _field(child.value, "label")
        if child.block_type in TITLED and isinstance(title, str) and title.strip():
            self.headings.append(PlainHeading(where, 2, title.strip()))

    def _value(self, block: Any, value: Any, where: str, name: str) -> None:
        """One value of any block: what it is decides, not what it is called."""
        if isinstance(value, blocks.StructValue):
            self._struct(value, where, name)
        elif isinstance(value, blocks.list_block.ListValue):
            word = str(getattr(block.child_block, "label", "") or _("mục")).lower()
            for number, item in enumerate(value.bound_blocks, start=1):
                self.tasks += name == "steps"
                if is_left_empty(item.block, item.value):
                    self.empty.append(PlainEmpty(f"{where}, {word} {number}"))
                self._value(item.block, item.value, f"{where}, {word} {number}", f"{name}-item")
        elif isinstance(value, blocks.StreamValue):
            self.body(value, where)
        elif isinstance(value, RichText):
            self._rich(value, where, is_spoken=name == "transcript")
        elif isinstance(value, str):
            if isinstance(block, blocks.CharBlock | blocks.TextBlock) and name not in NOT_READ and value.strip():
                self.texts.append(PlainText(where, value.strip().splitlines()))
        elif isinstance(value, AbstractImage):
            self.pictures.append(PlainPicture(where, "", _is_drawing(value)))
        elif isinstance(value, Model):
            self._shared(value, where)

    def _struct(self, value: Any, where: str, name: str) -> None:
        for field, bound in value.bound_blocks.items():
            if field not in NAMED_ELSEWHERE and is_left_empty(bound.block, bound.value):
                self.empty.append(PlainEmpty(where, str(bound.block.label or field)))
            if isinstance(bound.value, AbstractImage):
                # The picture before a video stands for the video, which has words of its own.
                if field != "poster":
                    alt = str(_field(value, "alt") or "")
                    self.pictures.append(PlainPicture(where, alt, _is_drawing(bound.value)))
            elif field == "title" and name in TITLED:
                continue  # counted as a heading
            else:
                self._value(bound.block, bound.value, where, field)
            if isinstance(bound.block, blocks.URLBlock) and bound.value and name == "try_it":
                words = str(_field(value, "label") or bound.value)
                self.raw_links.append((where, RawLink(words=words, url=bound.value)))

    def _rich(self, value: Any, where: str, *, is_spoken: bool) -> None:
        found = read(value.source)
        if found.paragraphs:
            self.texts.append(PlainText(where, found.paragraphs, is_spoken))
        self.headings += [PlainHeading(where, level, words) for level, words in found.headings]
        self.raw_links += [(where, link) for link in found.links]

    def _shared(self, value: Any, where: str) -> None:
        """A piece that several lessons share, or a word with its meaning."""
        if hasattr(value, "body"):
            self.body(value.body, f"{where} «{value}»")
        elif hasattr(value, "meaning"):
            self.texts.append(PlainText(where, [value.meaning]))


def is_left_empty(block: Any, value: Any) -> bool:
    """Whether a block must be filled in and nothing stands there: a draft may be saved like that."""
    if isinstance(value, blocks.list_block.ListValue):
        return len(value) < (getattr(block.meta, "min_num", None) or 0)
    if not getattr(block, "required", False):
        return False
    if isinstance(value, RichText):
        return not _words_of(value) and "<embed" not in value.source
    return value is None or (isinstance(value, str) and not value.strip())


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _words_of(value: Any) -> str:
    """The words of rich or plain text, without tags."""
    if isinstance(value, RichText):
        found = read(value.source)
        return " ".join([*found.paragraphs, *(words for _level, words in found.headings)])
    return str(value or "").strip()


def _is_drawing(image: Any) -> bool:
    return str(image.file.name).lower().endswith(".svg")


# --- Links ------------------------------------------------------------------------------------------------------------
def _links(raw: list[tuple[str, RawLink]], going: Collection[int]) -> list[PlainLink]:
    """Links with what is known of their targets; at most three queries, whatever their number."""
    pages = _rows(Page, [link for _where, link in raw if link.kind == "page"], "live")
    documents = _rows(get_document_model(), [link for _where, link in raw if link.kind == "document"], "pk")
    outside = {link.url for _where, link in raw if link.url.startswith(("http://", "https://"))}
    checked = {row.url: row for row in LinkCheck.objects.filter(url__in=outside)} if outside else {}
    found = []
    for where, link in raw:
        problem = ""
        if link.kind == "page" and link.target not in pages:
            problem = _("dẫn tới một trang không còn.")
        elif link.kind == "page" and not pages[link.target] and link.target not in going:
            problem = _("dẫn tới một trang chưa xuất bản.")
        elif link.kind == "document" and link.target not in documents:
            problem = _("dẫn tới một tài liệu không còn.")
        elif link.url in checked:
            problem = checked[link.url].problem
        found.append(PlainLink(where, " ".join(link.words.split()), link.url, problem, is_outside=link.url in checked))
    return found


def _rows(model: Any, links: list[RawLink], column: str) -> dict[Any, Any]:
    wanted = {link.target for link in links if link.target}
    return dict(model.objects.filter(pk__in=wanted).values_list("pk", column)) if wanted else {}


def outside_addresses(page: Page) -> set[str]:
    """The addresses outside this site to which a page leads."""
    collector = _Collector()
    collector.body(getattr(page, "body", None))
    return {link.url for _, link in collector.raw_links if link.url.startswith(("http://", "https://"))}


# --- The page ---------------------------------------------------------------------------------------------------------
def _kind(page: Page) -> str:
    names = {CoursePage: "course", LessonPage: "lesson", QuizPage: "quiz", ModulePage: "module"}
    return names.get(type(page), "other")


def _own_texts(page: Page) -> Iterator[PlainText]:
    """Fields of the page that are read as running text."""
    for name in ("summary", "intro", "outcomes", "task"):
        words = str(getattr(page, name, "") or "").strip()
        if words:
            yield PlainText(str(page._meta.get_field(name).verbose_name), words.splitlines())


def _own_empty(page: Page) -> Iterator[PlainEmpty]:
    """Fields of the page that its form asks for, and a draft may lack."""
    for field in page._meta.concrete_fields:
        if field.editable and not (field.blank or field.null) and getattr(page, field.attname) in (None, ""):
            yield PlainEmpty(PAGE, str(field.verbose_name))


def _ring(page: CoursePage) -> list[str]:
    return prerequisite_ring(key=page.translation_key, wanted=[course.pk for course in page.asked_before()])


def describe(page: Page, *, going: Collection[int] = ()) -> PlainPage:
    """The page as it is in memory (a draft, too), as plain values; ``going`` are pages that go out together with it."""
    collector = _Collector()
    collector.body(getattr(page, "body", None))
    reviewed = isinstance(page, ReviewedPage)
    is_lesson = isinstance(page, LessonPage)
    return PlainPage(
        kind=_kind(page),
        problems=publishing.publish_problems(page, going=going),
        empty=[*_own_empty(page), *collector.empty],
        texts=[*_own_texts(page), *collector.texts],
        headings=collector.headings,
        links=_links(collector.raw_links, going),
        pictures=collector.pictures,
        media=collector.media,
        scenarios=collector.scenarios,
        tasks=collector.tasks,
        minutes=page.minutes if is_lesson else None,
        summary=page.summary if is_lesson else None,
        rule=page.rule if is_lesson else "",
        task=page.task if is_lesson else "",
        has_owner=page.content_owner_id is not None if reviewed else None,
        has_review_date=page.review_on is not None if reviewed else None,
        circle=_ring(page) if isinstance(page, CoursePage) else (),
    )
