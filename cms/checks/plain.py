"""A page as the rules see it: plain values, read out of the editors' blocks by ``describe``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import pgettext

ERROR = "error"  # stops publishing
WARNING = "warning"  # is asked about before publishing
NOTE = "note"  # is shown, and stops nobody
#: The place of what is wrong with the page as a whole.
PAGE = "Trang"


@dataclass(frozen=True)
class Finding:
    """What is wrong with a page, where, and how to mend it; in words for the editor.

    ``where`` names a block by number and kind, or a field of the form.
    """

    level: str
    code: str
    where: str
    text: str
    fix: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text} {self.fix}".strip()

    @property
    def place(self) -> str:
        """``where``, as the page says it."""
        return pgettext("chỗ cần sửa", "Trang") if self.where == PAGE else self.where


@dataclass(frozen=True)
class PlainLink:
    """A link in running text. ``problem`` says why it leads nowhere; empty while it leads somewhere."""

    where: str
    words: str
    url: str = ""  # of links that leave the site
    problem: str = ""
    #: A link that may heal by itself (a server that did not answer) is asked about, never refused.
    is_outside: bool = False


@dataclass(frozen=True)
class PlainHeading:
    """A heading: 2 or 3, below the page's own title."""

    where: str
    level: int
    words: str


@dataclass(frozen=True)
class PlainText:
    """Paragraphs that stand together. ``is_spoken``: the words of a video or sound, as they were said."""

    where: str
    paragraphs: Sequence[str]
    is_spoken: bool = False


@dataclass(frozen=True)
class PlainPicture:
    """A picture with what those who cannot see it are told."""

    where: str
    alt: str
    is_drawing: bool = False  # SVG: may hold words that nobody checks


@dataclass(frozen=True)
class PlainMedia:
    """A video, sound, or video that lies elsewhere (``embed``)."""

    where: str
    kind: str
    has_captions: bool
    has_transcript: bool


@dataclass(frozen=True)
class PlainEmpty:
    """A field that must be filled in and is not, by its label; without a label all of the place is empty."""

    where: str
    label: str = ""


@dataclass(frozen=True)
class PlainScenario:
    """A situation to decide, and how many of its choices are right."""

    where: str
    right: int


@dataclass(frozen=True)
class PlainPage:
    """What the rules need to know. None means that pages of this kind have no such field."""

    kind: str  # course, lesson, quiz, module, other
    problems: Sequence[str] = ()  # why learners could not use it, found where the outline is known
    empty: Sequence[PlainEmpty] = ()
    texts: Sequence[PlainText] = ()
    headings: Sequence[PlainHeading] = ()
    links: Sequence[PlainLink] = ()
    pictures: Sequence[PlainPicture] = ()
    media: Sequence[PlainMedia] = ()
    scenarios: Sequence[PlainScenario] = ()
    tasks: int = 0  # things to do in the lesson: steps of instructions
    minutes: int | None = None
    summary: str | None = None
    rule: str = ""
    task: str = ""
    has_owner: bool | None = None
    has_review_date: bool | None = None
    circle: Sequence[str] = field(default_factory=tuple)  # titles of courses that ask for each other
