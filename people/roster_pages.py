"""What the pages of a list show: its numbers, its lines in words, whom a doubtful line may mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from common import wording
from common.models import Job
from common.text import fold, initials
from people import access, audit_words
from people.models import (
    Decided,
    Membership,
    Outcome,
    RosterImport,
    RosterRow,
    RosterState,
    Unit,
    User,
)
from people.phones import show_phone
from people.rosters.telling import problem_told, value_told

#: Under so many units one picks from a list; above, one searches.
PICK_FROM = 30
FOUND_MOST = 20
#: More people than this in one file are written by a job.
EXPORT_AT_ONCE = 2_000
_USEFUL = (Outcome.NEW, Outcome.CHANGED, Outcome.DOUBTFUL, Outcome.LEFT)
PENDING = frozenset({RosterState.CHECKING, RosterState.READY, RosterState.APPLYING})


# --- Lists ----------------------------------------------------------------------------------------------------------
def lists_for(viewer: Any) -> QuerySet[RosterImport]:
    """Lists of the units whose lists ``viewer`` keeps, newest first."""
    scope = access.scope_units(viewer, access.ROSTER_KEEPING)
    lists: QuerySet[RosterImport] = RosterImport.objects.filter(unit__in=scope).select_related("unit", "made_by")
    return lists.order_by("-made_at")


def waiting_for(viewer: Any) -> QuerySet[RosterImport]:
    """Lists that ``viewer`` brought and that wait for them: with something to decide or to import."""
    useful = RosterRow.objects.filter(roster=OuterRef("pk"), outcome__in=_USEFUL).exclude(decided=Decided.SKIP)
    return lists_for(viewer).filter(Exists(useful), state=RosterState.READY, made_by=viewer)


def job_of(roster: RosterImport, viewer: Any) -> Job | None:
    """The newest job of the viewer's that works on the list."""
    kinds = ("people.roster_check", "people.roster_apply")
    return Job.objects.filter(owner=viewer, kind__in=kinds, args__roster=str(roster.uuid)).order_by("-made_at").first()


# --- Units ----------------------------------------------------------------------------------------------------------
def units_for_lists(viewer: Any) -> QuerySet[Unit]:
    """Units standing today whose lists ``viewer`` keeps."""
    scope = access.scope_units(viewer, access.ROSTER_KEEPING)
    units: QuerySet[Unit] = Unit.objects.standing_on().filter(pk__in=scope).select_related("parent")
    return units.order_by("search_key", "pk")


def units_found(viewer: Any, words: str) -> QuerySet[Unit]:
    """Units in one's scope that the words find."""
    found: QuerySet[Unit] = units_for_lists(viewer).search(words).best_first(words)  # type: ignore[attr-defined]
    return found


# --- Numbers --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Tab:
    """A number of the list and the way to its lines."""

    slug: str
    outcome: str
    label: str
    count: int


LEAVERS = "roi"
#: Order of the numbers on the page: first what asks for something to be done.
_TABS = [
    ("xem-lai", Outcome.DOUBTFUL, gettext_noop("cần xem lại")),
    ("loi", Outcome.REJECTED, gettext_noop("không nhập được")),
    ("moi", Outcome.NEW, gettext_noop("người mới")),
    ("thay-doi", Outcome.CHANGED, gettext_noop("có thay đổi")),
    ("khong-doi", Outcome.UNCHANGED, gettext_noop("không đổi")),
    (LEAVERS, Outcome.LEFT, gettext_noop("không còn trong danh sách")),
]
OUTCOME_OF = {slug: outcome for slug, outcome, _label in _TABS}


@dataclass(frozen=True)
class Numbers:
    """How many lines of each kind; from the lines while they are ``kept``, from the list itself afterwards.

    ``moved`` of the lines decided to be the ``same`` person write something about somebody known. ``again`` of the new
    lines are about a person of an earlier line. ``done`` is what the import did.
    """

    by_outcome: dict[str, int]
    same: int = 0
    other: int = 0
    skipped: int = 0
    kept: bool = True
    moved: int = 0
    again: int = 0
    done: dict[str, int] | None = None

    def of(self, outcome: str) -> int:
        return self.by_outcome.get(outcome, 0)

    @property
    def open(self) -> int:
        """Doubtful lines about which nobody decided yet."""
        return self.of(Outcome.DOUBTFUL) - self.same - self.other - self.skipped

    @property
    def incoming(self) -> int:
        """People about whom something will be written, or was."""
        if self.done is not None:
            return self.done.get("new", 0) + self.done.get("changed", 0)
        return self.of(Outcome.NEW) - self.again + self.of(Outcome.CHANGED) + self.moved + self.other

    @property
    def unchanged(self) -> int:
        """People who were right already."""
        return self.of(Outcome.UNCHANGED) if self.done is None else self.done.get("unchanged", 0)

    @property
    def left(self) -> int:
        """People who will leave, or left."""
        return self.of(Outcome.LEFT) if self.done is None else self.done.get("left", 0)

    @property
    def decided(self) -> int:
        """Doubtful lines about which somebody decided."""
        return self.same + self.other + self.skipped

    @property
    def left_out(self) -> int:
        """Lines of the file that will not be imported."""
        return self.of(Outcome.REJECTED) + self.open + self.skipped

    @property
    def to_mend(self) -> int:
        """Lines that only go in from a file that was mended."""
        return self.of(Outcome.REJECTED) + self.skipped

    @property
    def left_out_words(self) -> str:
        """``12 dòng có lỗi, 6 dòng cần xem lại``"""
        wrong, still_open, skipped = self.of(Outcome.REJECTED), self.open, self.skipped
        parts = [
            (wrong, ngettext("%(count)s dòng có lỗi", "%(count)s dòng có lỗi", wrong)),
            (still_open, ngettext("%(count)s dòng cần xem lại", "%(count)s dòng cần xem lại", still_open)),
            (skipped, ngettext("%(count)s dòng bạn bỏ", "%(count)s dòng bạn bỏ", skipped)),
        ]
        return ", ".join(words % {"count": wording.number(count)} for count, words in parts if count)

    @property
    def changes_something(self) -> bool:
        return bool(self.incoming or self.same or self.of(Outcome.LEFT))

    @property
    def tabs(self) -> list[Tab]:
        found = [Tab(slug, outcome, _(label), self.of(outcome)) for slug, outcome, label in _TABS if self.of(outcome)]
        return [self._doubtful(tab) if tab.outcome == Outcome.DOUBTFUL else tab for tab in found]

    def _doubtful(self, tab: Tab) -> Tab:
        """What of the doubtful lines is still to be done; once there is nothing, what was."""
        if self.open:
            return replace(tab, count=self.open, label=tab.label if self.done is None else _("chưa xem lại"))
        return replace(tab, count=self.decided, label=_("đã quyết định") if self.kept else _("chưa nhập"))


def numbers_of(roster: RosterImport) -> Numbers:
    """The numbers of a list. Once it was applied its own record holds, for the lines are deleted some weeks later."""
    moves = ExpressionWrapper(Q(user__isnull=False) & ~Q(changes=[]), output_field=BooleanField())
    rows = roster.rows.filter(outcome=Outcome.DOUBTFUL).annotate(moves=moves).values_list("decided", "moves")
    by_outcome = dict(roster.rows.values_list("outcome").annotate(count=Count("pk")).order_by("outcome"))
    if not by_outcome:
        return _remembered(roster.counts)
    decided: Counter[str] = Counter()
    moved = 0
    for decision, moving, count in rows.annotate(count=Count("pk")).order_by("decided"):
        decided[decision] += count
        moved += count if moving and decision == Decided.SAME else 0
    return Numbers(
        by_outcome,
        same=decided[Decided.SAME],
        other=decided[Decided.OTHER],
        skipped=decided[Decided.SKIP],
        moved=moved,
        again=int(roster.counts.get("again", 0)),
        done=roster.counts.get("applied"),
    )


def _remembered(counts: dict[str, Any]) -> Numbers:
    """The numbers of a list whose lines are gone: what was done with it, or else what was found in it."""
    done = counts.get("applied")
    if done is None:
        return Numbers({outcome: int(counts.get(outcome, 0)) for outcome in Outcome.values}, kept=False)
    left_out = int(done.get("skipped", 0))
    by_outcome = {outcome: int(done.get(outcome, 0)) for outcome in Outcome.values}
    return Numbers({**by_outcome, Outcome.DOUBTFUL.value: left_out}, skipped=left_out, kept=False, done=done)


def first_tab(numbers: Numbers) -> str:
    """What to show first: what asks for a decision, else the first kind there is."""
    return numbers.tabs[0].slug if numbers.tabs else "moi"


# --- Lines ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Fact:
    """A heading and what stands under it."""

    label: str
    text: str


@dataclass(frozen=True)
class Candidate:
    """Somebody whom a doubtful line may mean. Outside the viewer's scope just enough to recognise them."""

    uuid: str
    name: str
    birth_date: str
    units: str
    phone: str
    why: str
    in_scope: bool


@dataclass(frozen=True)
class Line:
    """A line in words; ``twin`` is an earlier line of the same file that may be about the same person."""

    row: RosterRow
    name: str
    said: list[Fact]
    changes: list[audit_words.Change] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    twin: Line | None = None

    @property
    def decision(self) -> str:
        return _(str(Decided(self.row.decided).label)) if self.row.decided else ""

    @property
    def problems(self) -> list[dict[str, Any]]:
        return [problem_told(problem) for problem in self.row.problems]


def lines_of(rows: Iterable[RosterRow], viewer: Any) -> list[Line]:
    """Lines in words; whom they may mean is read once for all of them."""
    rows = list(rows)
    people = _people(rows, viewer)
    twins = _twins(rows)
    return [
        Line(
            row=row,
            name=_name(row),
            said=_said(row),
            changes=[_change(change) for change in row.changes],
            candidates=[people[c["uuid"]](_(c.get("why", ""))) for c in row.candidates if c.get("uuid") in people],
            twin=twins.get(row.data.get("twin")),
        )
        for row in rows
    ]


def _said(row: RosterRow) -> list[Fact]:
    """What the file says besides the name, which stands above it; under the file's own headings."""
    name = fold(_name(row))
    return [Fact(heading, said) for heading, said in row.cells.items() if said and fold(said) != name]


def _twins(rows: list[RosterRow]) -> dict[int | None, Line]:
    """By its number, each line that one of ``rows`` may repeat. One query."""
    wanted = {row.data["twin"] for row in rows if row.data.get("twin")}
    if not wanted:
        return {}
    found = RosterRow.objects.filter(roster=rows[0].roster_id, number__in=wanted).exclude(outcome=Outcome.LEFT)
    return {row.number: Line(row, _name(row), _said(row)) for row in found.select_related("user")}


def _change(change: dict[str, str]) -> audit_words.Change:
    """A change of a line, which is kept in words; what was empty before is simply there now."""
    before, after = (value_told(change.get("field", ""), change[name]) for name in ("before", "after"))
    return audit_words.Change(_(change["label"]), before or None, after or _(str(audit_words.NOTHING)))


def _name(row: RosterRow) -> str:
    """The name on the line, or of whom it is about."""
    known = row.user.full_name if row.user else ""
    return str(row.data.get("name") or row.data.get("full_name") or known or _("(chưa có tên)"))


def _people(rows: list[RosterRow], viewer: Any) -> dict[str, Any]:
    """By uuid, a function from "why" to a Candidate, for everybody whom the lines may mean. Four queries."""
    wanted = {candidate.get("uuid") for row in rows for candidate in row.candidates} - {None}
    if not wanted:
        return {}
    places = Membership.objects.in_force().select_related("unit").order_by("-is_main", "pk")
    people = list(User.objects.filter(uuid__in=wanted).prefetch_related(Prefetch("memberships", places, "places")))
    seen = set(User.objects.visible_to(viewer).filter(uuid__in=wanted).values_list("pk", flat=True))
    return {str(person.uuid): _as_candidate(person, person.pk in seen) for person in people}


def _as_candidate(person: User, in_scope: bool) -> Any:
    """What an official sees of somebody whom a line may mean: a number alone tells nobody whose it is elsewhere."""
    phone = person.phone or person.contact_phone
    name = person.full_name if in_scope else initials(person.full_name)
    shown_phone = show_phone(phone) if in_scope and phone else ""
    birth_date = wording.day(person.birth_date) if in_scope else ""
    units = ", ".join(dict.fromkeys(place.unit.name for place in person.places))  # type: ignore[attr-defined]

    def candidate(why: str) -> Candidate:
        return Candidate(str(person.uuid), name, birth_date, units, shown_phone, why, in_scope)

    return candidate
