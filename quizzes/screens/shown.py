"""What a page shows of a question: plain dataclasses, one body per way of answering.

Templates under ``quizzes/kinds/`` make the controls of them, those under ``quizzes/told/`` the answer and what came of
it. Whatever may not be told yet is not in them at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Tells:
    """What a page may tell of an answer: whether it is right; feedback and explanation; the right answers."""

    answers: bool = False
    feedback: bool = False
    key: bool = False

    def __bool__(self) -> bool:
        return self.answers or self.feedback or self.key


UNTOLD, ALL_TOLD = Tells(), Tells(answers=True, feedback=True, key=True)


@dataclass(frozen=True)
class Media:
    """A picture or sound; sizes in pixels and bytes, none where unknown."""

    address: str
    alt: str
    is_picture: bool
    width: int | None
    height: int | None
    size: int


@dataclass(frozen=True)
class Verdict:
    """How an answer came out, in a sign and in words; ``look`` is "right", "part", "wrong", "blank" or "waits"."""

    look: str
    sign: str
    text: str


@dataclass(frozen=True)
class Area:
    """A place on a picture, in units of the drawing over it."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Option:
    """Something to choose. ``right`` is None while nothing may be told of it."""

    key: str
    number: int
    text: str
    chosen: bool
    right: bool | None
    feedback: str
    media: Media | None = None
    area: Area | None = None

    @property
    def sign(self) -> str:
        """What is told of it in one sign: ✓ chosen and right, ✗ chosen and wrong, → right; none while nothing is."""
        if self.chosen and self.right is not None:
            return "✓" if self.right else "✗"
        return "→" if self.right else ""

    @property
    def look(self) -> str:
        """The same as a name: "right", "wrong", "missed" or "chosen"."""
        return {"✓": "right", "✗": "wrong", "→": "missed"}.get(self.sign, "chosen")


@dataclass(frozen=True)
class Choosing:
    """Options of a choice or places on a picture (``picture``); ``missing`` tells that what was chosen is right and
    not all. ``canvas`` is width and height of the drawing over the picture, none where its size is unknown."""

    options: Sequence[Option]
    several: bool
    missing: bool = False
    picture: Media | None = None
    canvas: tuple[int, int] | None = None


@dataclass(frozen=True)
class Criterion:
    """A criterion of a free text; ``level`` and ``points`` are what a person gave, empty before."""

    title: str
    level: str
    points: int | None
    best: int


@dataclass(frozen=True)
class Writing:
    """A text or number to write. ``wanted`` is the right answer where it may be told."""

    value: str
    unit: str = ""
    is_number: bool = False
    is_long: bool = False
    bounds: str = ""
    wanted: str = ""
    feedback: str = ""
    criteria: Sequence[Criterion] = ()
    comment: str = ""


@dataclass(frozen=True)
class Field:
    """One thing to fill in: the other half of a pair, a place in an order, a gap.

    ``choices`` are (value, text); without any it is a text. ``given`` is the answer in words, ``wanted`` the right one
    where it may be told. Label and choices are the author's words, but for the label of a gap (``is_gap``) and for
    places in an order (``is_place``), which are in the language of the page.
    """

    name: str
    label: str
    value: str
    given: str
    choices: Sequence[tuple[str, str]] = ()
    unit: str = ""
    is_number: bool = False
    right: bool | None = None
    wanted: str = ""
    feedback: str = ""
    is_gap: bool = False
    is_place: bool = False

    @property
    def id(self) -> str:
        return html_id(self.name)


@dataclass(frozen=True)
class Filling:
    """Rows to fill in, each with its label."""

    fields: Sequence[Field]


@dataclass(frozen=True)
class Piece:
    """A stretch of a text with gaps: words, or the field of a gap."""

    text: str = ""
    field: Field | None = None


@dataclass(frozen=True)
class Gapped:
    """A text with gaps in it."""

    pieces: Sequence[Piece]

    @property
    def fields(self) -> list[Field]:
        return [piece.field for piece in self.pieces if piece.field]


@dataclass(frozen=True)
class Story:
    """A situation with questions of its own."""

    parts: Sequence[Question]


Body = Choosing | Writing | Filling | Gapped | Story


@dataclass(frozen=True)
class Question:
    """A question on the page. ``points`` is 0 to 1, None where a person has yet to say or nothing may be told;
    ``base`` marks the answer that the page was made from; ``checked`` means that the answer is final."""

    position: int
    number: str
    kind: str
    text: str
    how: str
    name: str
    body: Body
    answered: bool
    base: str = ""
    media: Sequence[Media] = ()
    points: Fraction | None = None
    verdict: Verdict | None = None
    explanation: str = ""
    source: tuple[str, str] | None = None
    checked: bool = False

    @property
    def id(self) -> str:
        return html_id(self.name) if "." in self.name else f"cau-{self.position}"

    @property
    def asks(self) -> str:
        """The template with its controls."""
        return f"quizzes/kinds/{self.kind}.html"

    @property
    def tells(self) -> str:
        """The template with its answer."""
        return f"quizzes/told/{type(self.body).__name__.lower()}.html"

    @property
    def is_named(self) -> bool:
        """Whether its heading, while it is asked, is the name of its kind and no words of its author."""
        return isinstance(self.body, Story | Gapped)

    @property
    def is_told_by_name(self) -> bool:
        """The same of the heading of ``told_text``."""
        return isinstance(self.body, Story)

    @property
    def told_text(self) -> str:
        """The question as words alone: gaps by their numbers, of a situation its name."""
        if isinstance(self.body, Story):
            return _("Tình huống")
        if not isinstance(self.body, Gapped):
            return self.text
        numbers = iter(range(1, len(self.body.fields) + 1))
        return "".join(f"({next(numbers)}) ……" if piece.field else piece.text for piece in self.body.pieces)

    @property
    def right(self) -> bool:
        return self.points == 1


def html_id(name: str) -> str:
    """The name of a field as an id that style sheets can name."""
    return name.replace(".", "-")


def verdict_of(points: Fraction | None, *, answered: bool) -> Verdict:
    """Points in words."""
    if points is None:
        return Verdict("waits", "…", _("Chờ chấm"))
    if points == 1:
        return Verdict("right", "✓", _("Đúng"))
    if points > 0:
        return Verdict("part", "◐", _("Đúng một phần (%(percent)s %%)") % {"percent": int(points * 100)})
    return Verdict("wrong", "✗", _("Chưa đúng")) if answered else Verdict("blank", "✗", _("Bỏ trống"))
