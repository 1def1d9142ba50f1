"""Who is no longer in a list that names everybody of a unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import wording
from common.text import vi_date
from people import access
from people.models import CITIZEN, Membership, Outcome, Role, RosterImport, RosterRow
from people.rosters.keeping import Ids, Later
from people.rosters.places import Setting
from people.rosters.planning import Plan, Planner
from people.rosters.understanding import Entry
from people.rosters.values import folded

#: From this share of the members on, somebody must look at the leavers before they leave, unless they are few.
LOOK_AT_PERCENT = 20
FEW = 3
OTHER_UNIT_PERCENT = 60


@dataclass
class Named:
    """What the lines of a file name, as they come by. A line that cannot be used still keeps its person in."""

    memberships: Ids = field(default_factory=Ids)
    replaced: Later = field(default_factory=Later)
    ending: Ids = field(default_factory=Ids)
    audiences: set[int] = field(default_factory=set)
    users: Ids = field(default_factory=Ids)
    names: set[str] = field(default_factory=set)

    def note(self, entry: Entry, plan: Plan, planner: Planner) -> None:
        """Remember one line."""
        usable = plan.outcome in (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)
        if entry.audience_id and usable:
            self.audiences.add(plan.membership.audience_id if plan.membership else entry.audience_id)
        if plan.membership:
            self.memberships.add(plan.membership.pk)
        if plan.replaces:
            self.replaced.add(plan.replaces.pk, entry.number)
        if not usable:
            if plan.user:
                self.users.add(plan.user.pk)
            known = planner.people.by_uuid
            self.users.update(known[found["uuid"]].pk for found in plan.candidates if found["uuid"] in known)
            if entry.name:
                self.names.add(folded(entry.name))


@dataclass
class Leavers:
    """How many would leave, of how many, and whether somebody must look at them first."""

    left: int = 0
    members: int = 0

    @property
    def percent(self) -> int:
        return self.left * 100 // self.members if self.members else 0

    @property
    def must_be_confirmed(self) -> bool:
        return self.left > FEW and self.left * 100 > LOOK_AT_PERCENT * self.members

    @classmethod
    def counted(cls, counts: Mapping[str, Any]) -> Leavers:
        """As the counts of a list have them (``numbers_with``)."""
        return cls(int(counts.get(Outcome.LEFT, 0)), int(counts.get("members", 0)))

    @property
    def problem(self) -> str:
        """What somebody must look at, in the language of the moment; "" where there is nothing."""
        if not self.must_be_confirmed:
            return ""
        said = ngettext(
            "Danh sách này làm %(left)s trong %(members)s người (%(percent)s %%) thôi thuộc đơn vị.",
            "Danh sách này làm %(left)s trong %(members)s người (%(percent)s %%) thôi thuộc đơn vị.",
            self.left,
        )
        share = {"left": wording.number(self.left), "members": wording.number(self.members), "percent": self.percent}
        other = _("Có thể đây là tệp của đơn vị khác, hoặc chỉ là một phần danh sách.")
        look = _("Hãy xem những người này trước khi nhập.")
        is_other = self.left * 100 > OTHER_UNIT_PERCENT * self.members
        return f"{said % share} {other if is_other else look}"


def leavers_write(roster: RosterImport, named: Named, setting: Setting) -> Leavers:
    """Write a LEFT line for every membership that the list no longer names.

    Only of audiences that the file speaks about, of roles that the importer may take, begun until today or the list's
    day: of who comes later, a list says nothing. Where a citizen lives is theirs to say: a roster never ends that.
    """
    found = Leavers()
    batch: list[RosterRow] = []
    for membership in _members(roster, named, setting):
        found.members += 1
        if membership.pk in named.memberships or membership.pk in named.ending or _stays(membership, named, setting):
            continue
        found.left += 1
        batch.append(
            RosterRow(
                roster=roster,
                number=0,
                outcome=Outcome.LEFT,
                data={"full_name": membership.user.full_name, "was": _was(membership, setting)},
                user_id=membership.user_id,
                unit_id=membership.unit_id,
                membership=membership,
            )
        )
        if len(batch) == 1000:
            RosterRow.objects.bulk_create(batch)
            batch = []
    RosterRow.objects.bulk_create(batch)
    return found


def _was(membership: Membership, setting: Setting) -> str:
    """What the person was, in words that stay when the membership is taken back."""
    place, role = setting.places.by_id.get(membership.unit_id), Role(membership.role).label
    return f"{role}, {place.name if place else setting.unit.name}, từ {vi_date(membership.valid_from)}"


def _members(roster: RosterImport, named: Named, setting: Setting) -> Iterator[Membership]:
    day = roster.effective_on
    begun = Q(valid_from__lte=max(day, setting.today))
    members = (
        Membership.objects.under([roster.unit_id], access.current_structure())
        .filter(begun, Q(valid_to__isnull=True) | Q(valid_to__gt=day), audience__in=named.audiences)
        .exclude(audience__code=CITIZEN)
        .select_related("user")
        .only("id", "user_id", "unit_id", "role", "audience_id", "valid_from", "user__full_name", "user__search_key")
    )
    yield from members.order_by("pk").iterator(chunk_size=1000)


def _stays(membership: Membership, named: Named, setting: Setting) -> bool:
    return (
        membership.user_id in named.users
        or membership.user_id == setting.by.pk
        or membership.user.search_key in named.names
        or membership.role not in setting.may_appoint(membership.unit_id)
    )


def numbers_with(counts: dict[str, int], leavers: Leavers) -> dict[str, Any]:
    """The counts of a list, with those who leave."""
    return {**counts, Outcome.LEFT.value: leavers.left, "members": leavers.members, "left_percent": leavers.percent}
