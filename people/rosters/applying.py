"""The import itself: one transaction, whole or not at all, and only what the official saw."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice, repeat
from secrets import token_hex
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from common.text import fold, sort_key
from people import access
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
from people.rosters.checking import CHUNK, Counting, entry_from
from people.rosters.completing import Wanted, blanks_of, not_held, without_taken
from people.rosters.keeping import Ids, Later
from people.rosters.matching import UpTo
from people.rosters.places import setting_of
from people.rosters.planning import Plan, Planner
from people.services import lists_lock

_PERSONAL = [
    "full_name",
    "sort_key",
    "search_key",
    "birth_date",
    "gender",
    "phone",
    "contact_phone",
    "email",
    "staff_code",
]
_TAKEN_IN = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)


class Stale(Exception):
    """What was looked at is no longer so, at these lines."""

    def __init__(self, numbers: list[int]) -> None:
        super().__init__(str(numbers))
        self.numbers = numbers


def apply_now(*, roster: RosterImport, by: User, progress: Counting) -> dict[str, Any]:
    """Write everything that the list says and nobody left out. Applying again changes nothing.

    Returns how many people were made, changed, left as they were, ended, and how many lines stayed out. Raises Stale
    where the data changed since the list was looked at, Refusal (``not_ready``, ``out_of_scope``) where it may not be
    applied, IntegrityError where somebody else was quicker with what only one account can have.
    """
    with transaction.atomic():
        lists_lock()
        found = RosterImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=roster.pk)
        if found.state == RosterState.APPLIED:
            return dict(found.counts.get("applied", {}))
        if found.state != RosterState.APPLYING:
            raise Refusal(
                _("Danh sách này chưa sẵn sàng để nhập."),
                code="not_ready",
                fix=_("Mở lại danh sách để xem tình trạng."),
            )
        if not access.can_keep_roster(by, found.unit):
            raise Refusal(
                _("Bạn không còn phụ trách danh sách của «%(unit)s». Chưa nhập gì.") % {"unit": found.unit.name},
                code="out_of_scope",
                fix=_("Nhờ đầu mối hiện nay của đơn vị nhập danh sách này."),
            )
        return _Applying(found, by, progress).run()


@dataclass
class _Written:
    """A line with what it will do."""

    row: RosterRow
    plan: Plan


class _Applying:
    def __init__(self, roster: RosterImport, by: User, progress: Counting) -> None:
        self.roster, self.by, self.progress = roster, by, progress
        newest_user = User.objects.aggregate(pk=Max("pk"))["pk"] or 0
        newest_membership = Membership.objects.aggregate(pk=Max("pk"))["pk"] or 0
        self.setting = setting_of(unit=roster.unit, by=by, effective_on=roster.effective_on)
        self.upto = UpTo(newest_user, newest_membership)
        self.planner = Planner(self.setting, upto=self.upto)
        # By number of the line its person's key, -1 while that is being made: 8 bytes a line.
        self.people_of_lines = array("q")
        self.changed, self.titles, self.ended, self.completing = Later(), Later(), Later(), Later()
        self.named = Ids()
        self.stale: list[int] = []
        self.counts: Counter[str] = Counter()

    def run(self) -> dict[str, Any]:
        rows = self.roster.rows.filter(outcome__in=(*_TAKEN_IN, Outcome.DOUBTFUL))
        self.progress.begin(rows.count(), _("Nhập danh sách"))
        for chunk in _in_chunks(rows):
            self._chunk(chunk)
            self.progress.advance(len(chunk))
        if self.stale:
            raise Stale(self.stale)
        self._write_changes()
        self._complete()
        self._write_titles()
        for part in self.ended.parts(CHUNK):
            self._end({pk: day for pk, day in part if pk not in self.named})
        self._leave()
        return self._close()

    # --- Lines ------------------------------------------------------------------------------------------------------
    def _chunk(self, rows: list[RosterRow]) -> None:
        plans = self.planner.plans([entry_from(row) for row in rows])
        written = []
        for row, plan in zip(rows, plans, strict=True):
            if row.outcome == Outcome.DOUBTFUL and row.decided not in (Decided.SAME, Decided.OTHER):
                self.counts["left_out"] += 1
            elif _as_seen(row, plan):
                written.append(_Written(row, plan))
            else:
                self.stale.append(row.number)
        if self.stale:
            return
        self._make_people(written)
        self._make_memberships(written)
        self._note_changes(written)

    def _make_people(self, written: list[_Written]) -> None:
        """Accounts for people nobody knows yet."""
        news: list[tuple[_Written, User]] = []
        for w in written:
            if w.plan.user is not None:
                continue
            if (known := self._person_of(w.plan)) is None:
                news.append((w, _new_user(w.plan.fields)))
            else:
                self.completing.add(w.row.number, w.plan.fields)
                self.counts["repeated"] += 1
            self._remember(w.row.number, known or -1)
        User.objects.bulk_create([user for _, user in news])
        for w, user in news:
            self._remember(w.row.number, user.pk)
        units = Unit.objects.in_bulk({w.row.unit_id for w, _ in news})
        audit.record_many(
            actor=self.by,
            act="roster_person_add",
            rows=[
                {"subject": user, "unit": units.get(w.row.unit_id or 0), "detail": {"roster": str(self.roster.uuid)}}
                for w, user in news
            ],
        )
        self.counts["new"] += len(news)

    def _person_of(self, plan: Plan) -> int | None:
        """The person whom an earlier line of this file made or named."""
        number = plan.same_as
        if number is None or number >= len(self.people_of_lines):
            return None
        return self.people_of_lines[number] or None

    def _remember(self, number: int, user_id: int) -> None:
        missing = number + 1 - len(self.people_of_lines)
        self.people_of_lines.extend(repeat(0, max(missing, 0)))
        self.people_of_lines[number] = user_id

    def _make_memberships(self, written: list[_Written]) -> None:
        batch: list[Membership] = []
        for w in written:
            plan = w.plan
            user_id = plan.user.pk if plan.user else self._person_of(plan) or self.people_of_lines[w.row.number]
            self._remember(w.row.number, user_id)
            if plan.membership:
                self.named.add(plan.membership.pk)
            if plan.joins:
                batch.append(Membership(user_id=user_id, **plan.joins))
        batch, held = not_held(batch)
        self.named.update(held)
        Membership.objects.bulk_create(batch)
        users = User.objects.only("uuid", "full_name").in_bulk({m.user_id for m in batch})
        units = Unit.objects.only("uuid").in_bulk({m.unit_id for m in batch})
        rows = [
            {"subject": users[m.user_id], "unit": units[m.unit_id], "after": self._state(m, units[m.unit_id])}
            for m in batch
        ]
        audit.record_many(actor=self.by, act="membership_add", rows=rows)

    def _state(self, membership: Membership, unit: Unit) -> dict[str, Any]:
        """A membership as the log keeps it."""
        return {
            "unit": str(unit.uuid),
            "role": membership.role,
            "audience": self.setting.audiences_by_id[membership.audience_id].code,
            "title": membership.title,
            "valid_from": _plain(membership.valid_from),
            "valid_to": _plain(membership.valid_to),
        }

    def _ended_or_changed(self, membership: Membership, name: str, value: Any) -> dict[str, Any]:
        """Change one field of a membership; returns the row of the log."""
        before = self._state(membership, membership.unit)
        setattr(membership, name, value)
        after = self._state(membership, membership.unit)
        # Only what differs is shown: the role is said as well, for it is what matters about an office that ends.
        said = {"role": membership.role}
        return {
            "subject": membership.user, "unit": membership.unit, "before": before, "after": after, "detail": said
        }  # fmt: skip

    def _note_changes(self, written: list[_Written]) -> None:
        """Changes to what was there before wait for the end, so that every line is compared with the same people."""
        for w in written:
            plan = w.plan
            if plan.user is not None:
                self.counts["changed" if plan.changes else "unchanged"] += 1
                if plan.fields:
                    self.changed.add(plan.user.pk, plan.fields)
            if plan.title and plan.membership:
                self.titles.add(plan.membership.pk, plan.title)
            if plan.replaces and plan.joins:
                self.ended.add(plan.replaces.pk, plan.joins["valid_from"])

    # --- At the end -------------------------------------------------------------------------------------------------
    def _write_changes(self) -> None:
        for part in self.changed.parts(CHUNK):
            changed: Wanted = {}
            for pk, fields in part:
                changed.setdefault(pk, {}).update(fields)
            self._write(changed)

    def _complete(self) -> None:
        """Later lines about a person whom this list made. An account that was there already is not theirs to fill."""
        for part in self.completing.parts(CHUNK):
            wanted: Wanted = {}
            for number, fields in part:
                if (pk := self.people_of_lines[number]) > self.upto.user:
                    for name, value in fields.items():
                        wanted.setdefault(pk, {}).setdefault(name, value)
            self._write(blanks_of(wanted))

    def _write(self, changed: Wanted) -> None:
        without_taken(changed)
        rows, users = [], list(User.objects.filter(pk__in=[pk for pk, fields in changed.items() if fields]))
        for user in users:
            fields = changed[user.pk]
            before = {name: _plain(getattr(user, name)) for name in fields}
            for name, value in fields.items():
                setattr(user, name, value)
            user.sort_key, user.search_key = sort_key(user.full_name), fold(user.full_name)
            after = {name: _plain(value) for name, value in fields.items()}
            rows.append({"subject": user, "unit": self.roster.unit, "before": before, "after": after})
        User.objects.bulk_update(users, _PERSONAL)
        audit.record_many(actor=self.by, act="roster_person_change", rows=rows)

    def _write_titles(self) -> None:
        for part in self.titles.parts(CHUNK):
            titles: dict[int, str] = dict(part)
            rows, found = [], list(Membership.objects.filter(pk__in=titles).select_related("user", "unit"))
            for membership in found:
                rows.append(self._ended_or_changed(membership, "title", titles[membership.pk]))
            Membership.objects.bulk_update(found, ["title"])
            audit.record_many(actor=self.by, act="membership_change", rows=rows)

    def _leave(self) -> None:
        if self.roster.whole_unit:
            left = self.roster.rows.filter(outcome=Outcome.LEFT).values_list("membership_id", flat=True).order_by("pk")
            leaving = left.iterator(chunk_size=CHUNK)
            day = max(self.roster.effective_on, self.planner.bounds.leaving)
            self._take_back(day)
            while pks := list(islice(leaving, CHUNK)):
                self.counts["left"] += self._end({pk: day for pk in pks if pk and pk not in self.named})

    def _take_back(self, day: date) -> None:
        """Who began on the list's day or later and is not in it never held for a day: the membership goes."""
        left = self.roster.rows.filter(outcome=Outcome.LEFT, membership__valid_from__gte=day)
        pks = [pk for pk in left.values_list("membership_id", flat=True) if pk not in self.named]
        for start in range(0, len(pks), CHUNK):
            found = [
                membership
                for membership in Membership.objects.filter(pk__in=pks[start : start + CHUNK]).select_related(
                    "user", "unit"
                )
                if membership.valid_from >= self.planner.bounds.ends_from(membership.unit_id)
            ]
            rows = [{"subject": m.user, "unit": m.unit, "before": self._state(m, m.unit)} for m in found]
            Membership.objects.filter(pk__in=[m.pk for m in found]).delete()
            audit.record_many(actor=self.by, act="membership_take_back", rows=rows)
            self.counts["left"] += len(found)

    def _end(self, ends: dict[int, Any]) -> int:
        """End memberships; one that has not held for a day yet ends after its first."""
        rows, found = [], []
        for membership in Membership.objects.filter(pk__in=ends).select_related("user", "unit"):
            closed = self.planner.bounds.ends_from(membership.unit_id)
            day = max(ends[membership.pk], closed, membership.valid_from + timedelta(days=1))
            if membership.valid_to is None or membership.valid_to > day:
                rows.append(self._ended_or_changed(membership, "valid_to", day))
                found.append(membership)
        Membership.objects.bulk_update(found, ["valid_to"])
        audit.record_many(actor=self.by, act="membership_end", rows=rows)
        return len(found)

    def _close(self) -> dict[str, Any]:
        rejected = self.roster.rows.filter(outcome=Outcome.REJECTED).count()
        told = ("new", "changed", "unchanged", "left", "repeated")
        result: dict[str, Any] = {name: self.counts[name] for name in told}
        result |= {"rejected": rejected, "skipped": self.counts["left_out"]}
        roster = self.roster
        roster.counts = {**roster.counts, "applied": result}
        roster.state, roster.problem = RosterState.APPLIED, ""
        roster.applied_by, roster.applied_at = self.by, timezone.now()
        roster.save(update_fields=["counts", "state", "problem", "applied_by", "applied_at"])
        audit.record(
            actor=self.by,
            act="roster_apply",
            subject=roster,
            unit=roster.unit,
            whole_unit=roster.whole_unit,
            **result,
        )
        return result


def _as_seen(row: RosterRow, plan: Plan) -> bool:
    """Whether a line still means what the official saw: the same person, and no change that was not shown."""
    if plan.outcome not in _TAKEN_IN:
        return False
    if row.outcome == Outcome.NEW or row.decided == Decided.OTHER:
        return plan.user is None
    if row.outcome == Outcome.DOUBTFUL:
        return plan.user is not None or plan.same_as is not None
    if plan.user is None or plan.user.pk != row.user_id:
        return False
    shown = [{name: change[name] for name in ("field", "before", "after")} for change in row.changes]
    return all({name: change[name] for name in ("field", "before", "after")} in shown for change in plan.changes)


def _new_user(fields: dict[str, Any]) -> User:
    user = User(password=UNUSABLE_PASSWORD_PREFIX + token_hex(20), **fields)
    user.sort_key, user.search_key = sort_key(user.full_name), fold(user.full_name)[:150]
    return user


def _in_chunks(rows: models.QuerySet[RosterRow]) -> Iterator[list[RosterRow]]:
    """The lines in their order, by one query that is read as a stream: only what a plan needs of them."""
    found = rows.order_by("pk").defer("cells", "problems", "candidates").iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield chunk


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
