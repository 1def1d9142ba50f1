"""What a course's page tells besides its outline: for whom, about what, after which course, in which framework.

Four lists, one query: a guest's course page costs six queries at most.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import CharField, F, IntegerField, QuerySet, Value
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cms.narration import LANGUAGES
from courses.models import Course


@dataclass(frozen=True)
class Fact:
    """One entry of a list. ``code`` narrows the catalogue to it; ``path`` is where it is read."""

    text: str
    code: str = ""
    path: str = ""


@dataclass(frozen=True)
class Framework:
    """A framework of competences with those that the course trains, under their domains."""

    name: str
    domains: dict[str, list[Fact]] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """The four lists of one course, and what its marks say in words."""

    audiences: list[Fact]
    topics: list[Fact]
    prerequisites: list[Fact]
    frameworks: list[Framework]
    validity: list[str]
    helps: list[str]
    language: str = ""

    @property
    def competence_count(self) -> int:
        return sum(len(facts) for framework in self.frameworks for facts in framework.domains.values())


class _Row(NamedTuple):
    """A line of the one query: which list it belongs to, its heading and the heading below that, and the entry."""

    part: str
    head: str
    domain: str
    code: str
    text: str
    path: str
    position: int


def _select(rows: QuerySet[Any], part: str, **columns: str) -> QuerySet[Any]:
    """Rows of one list as lines; ``columns`` says which field is what, and the rest stays empty."""
    empty: dict[str, Any] = {name: Value("", output_field=CharField()) for name in _Row._fields}
    empty["position"] = Value(0, output_field=IntegerField())
    wanted = empty | {"part": Value(part, output_field=CharField())} | {name: F(at) for name, at in columns.items()}
    # No name of ours may be that of a field.
    named = rows.order_by().annotate(**{f"of_{name}": what for name, what in wanted.items()})
    lines: QuerySet[Any] = named.values_list(*(f"of_{name}" for name in _Row._fields))
    return lines


def _rows(course: Course) -> list[_Row]:
    """Everything that hangs on a published course, in the order of each list; one query."""
    open_before = course.prerequisites.filter(is_published=True)
    lists = [
        _select(course.topics.all(), "topic", code="code", text="name"),
        _select(open_before, "prerequisite", code="code", text="title", path="path"),
        _select(
            course.competences.all(),
            "competence",
            head="framework__name",
            domain="domain",
            code="code",
            text="name",
            position="position",
        ),
    ]
    audiences = _select(
        course.audiences.all(), "audience", head="short_name", code="code", text="name", position="position"
    )
    found = [_Row(*line) for line in audiences.union(*lists, all=True)]
    return sorted(found, key=lambda row: (row.position, row.code))


def _draft_rows(page: Any) -> list[_Row]:
    """The same of a page that is only looked at by its editor."""
    return [
        *(_Row("audience", a.short_name, "", a.code, a.name, "", 0) for a in page.audiences.all()),
        *(_Row("topic", "", "", t.code, t.name, "", 0) for t in page.topics.all()),
        *(_Row("prerequisite", "", "", c.code, c.title, c.path, 0) for c in page.prerequisites.all()),
        *(_Row("competence", c.framework.name, c.domain, c.code, c.name, "", 0) for c in page.competences.all()),
    ]


def facts_of(course: Course, *, page: Any = None) -> Facts:
    """The facts of a published course; of the editor's ``page`` while there is only that."""
    rows = _rows(course) if course.pk else _draft_rows(page)
    frameworks: dict[str, Framework] = {}
    for row in _of("competence", rows):
        shelf = frameworks.setdefault(row.head, Framework(row.head)).domains
        shelf.setdefault(row.domain, []).append(Fact(row.text, row.code))
    return Facts(
        audiences=[Fact(row.head or row.text, row.code) for row in _of("audience", rows)],
        topics=[Fact(row.text, row.code) for row in _of("topic", rows)],
        prerequisites=[Fact(row.text, row.code, row.path) for row in _of("prerequisite", rows)],
        frameworks=list(frameworks.values()),
        validity=_validity(course),
        helps=_helps(course),
        language=_language(course),
    )


def _of(part: str, rows: list[_Row]) -> list[_Row]:
    return [row for row in rows if row.part == part]


def _language(course: Course) -> str:
    """In which language the lessons are, where the page's is another one."""
    if course.language == get_language():
        return ""
    return (
        _("Các bài học viết bằng tiếng Việt")
        if course.language == "vi"
        else str(dict(LANGUAGES).get(course.language, ""))
    )


def _validity(course: Course) -> list[str]:
    """How long what was learnt holds."""
    said = []
    if months := course.valid_months:
        if course.automatic_confirmation:
            words = ngettext("Giấy xác nhận có giá trị %(n)s tháng", "Giấy xác nhận có giá trị %(n)s tháng", months)
        else:
            words = ngettext("Kết quả có giá trị %(n)s tháng", "Kết quả có giá trị %(n)s tháng", months)
        said.append(words % {"n": months})
    if course.yearly_refresh:
        said.append(_("Học lại mỗi năm"))
    return said


def _helps(course: Course) -> list[str]:
    """What helps those who hear, see or load little."""
    marks = [
        (course.is_captioned, _("Video có phụ đề")),
        (course.is_narrated, _("Mọi bài có bản nghe")),
        (course.is_light, _("Đọc được hết bằng chữ")),
    ]
    return [words for holds, words in marks if holds]
