"""The import itself: one transaction, whole or not at all, and only what the official saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import IntegrityError, models, transaction
from django.db.models import Max, Q
from django.utils import timezone

from common import audit
from common.errors import Refusal
from common.text import fold, sort_key
from people.models import (
    Decided,
    Membership,
    Outcome,
    RosterImport,
    RosterRow,
    RosterState,
    Structure,
    Unit,
    User,
)
from people.rosters.checking import CHUNK, Counting, entry_from
from people.rosters.matching import UpTo
from people.rosters.places import setting_of
from people.rosters.planning import Plan, Planner

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
    where the data changed since the list was looked at, Refusal (``not_ready``) where it may not be applied.
    """
    try:
        with transaction.atomic():
            # One list at a time: the second of two that name the same new person must see the first one's.
            locked = (
                Structure.objects.select_for_update(no_key=True).order_by("valid_from").values_list("pk", flat=True)
            )
            list(locked)
            found = RosterImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=roster.pk)
            if found.state == RosterState.APPLIED:
                return dict(found.counts.get("applied", {}))
            if found.state != RosterState.APPLYING:
                raise Refusal(
                    "Danh sách này chưa sẵn sàng để nhập.", code="not_ready", fix="Mở lại danh sách để xem tình trạng."
                )
            return _Applying(found, by, progress).run()
    except IntegrityError as error:
        raise Stale([]) from error


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
        self.planner = Planner(self.setting, upto=UpTo(newest_user, newest_membership))
        self.people_of_lines: dict[int, int] = {}
        self.changed: dict[int, dict[str, Any]] = {}
        self.titles: dict[int, str] = {}
        self.ended: dict[int, Any] = {}
        self.named: set[int] = set()
        self.mains: set[int] = set()
        self.stale: list[int] = []
        self.counts: Counter[str] = Counter()

    def run(self) -> dict[str, Any]:
        rows = self.roster.rows.filter(outcome__in=(*_TAKEN_IN, Outcome.DOUBTFUL))
        self.progress.begin(rows.count(), "Nhập danh sách")
        for chunk in _in_chunks(rows.select_related("user")):
            self._chunk(chunk)
            self.progress.advance(len(chunk))
        if self.stale:
            raise Stale(self.stale)
        self._write_changes()
        self._write_titles()
        self._end({pk: day for pk, day in self.ended.items() if pk not in self.named})
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
            if w.plan.user is None and self._person_of(w.plan) is None:
                news.append((w, _new_user(w.plan.fields)))
                self.people_of_lines[w.row.number] = 0
        User.objects.bulk_create([user for _, user in news])
        for w, user in news:
            self.people_of_lines[w.row.number] = user.pk
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
        return self.people_of_lines.get(plan.same_as) if plan.same_as is not None else None

    def _make_memberships(self, written: list[_Written]) -> None:
        batch = []
        for w in written:
            plan = w.plan
            user_id = plan.user.pk if plan.user else self._person_of(plan) or self.people_of_lines[w.row.number]
            self.people_of_lines[w.row.number] = user_id
            if plan.membership:
                self.named.add(plan.membership.pk)
            if plan.joins:
                joins = plan.joins | {"is_main": plan.joins["is_main"] and user_id not in self.mains}
                if joins["is_main"]:
                    self.mains.add(user_id)
                batch.append(Membership(user_id=user_id, **joins))
        Membership.objects.bulk_create(batch)

    def _note_changes(self, written: list[_Written]) -> None:
        """Changes to what was there before wait for the end, so that every line is compared with the same people."""
        for w in written:
            plan = w.plan
            if plan.user is not None:
                self.counts["changed" if plan.changes else "unchanged"] += 1
                if plan.fields:
                    self.changed.setdefault(plan.user.pk, {}).update(plan.fields)
            if plan.title and plan.membership:
                self.titles[plan.membership.pk] = plan.title
            if plan.replaces and plan.joins:
                self.ended[plan.replaces.pk] = plan.joins["valid_from"]

    # --- At the end -------------------------------------------------------------------------------------------------
    def _write_changes(self) -> None:
        for pks in _parts(list(self.changed)):
            rows, users = [], list(User.objects.filter(pk__in=pks))
            for user in users:
                fields = self.changed[user.pk]
                before = {name: _plain(getattr(user, name)) for name in fields}
                for name, value in fields.items():
                    setattr(user, name, value)
                user.sort_key, user.search_key = sort_key(user.full_name), fold(user.full_name)
                after = {name: _plain(value) for name, value in fields.items()}
                rows.append({"subject": user, "unit": self.roster.unit, "before": before, "after": after})
            User.objects.bulk_update(users, _PERSONAL)
            audit.record_many(actor=self.by, act="roster_person_change", rows=rows)

    def _write_titles(self) -> None:
        for pks in _parts(list(self.titles)):
            rows, found = [], list(Membership.objects.filter(pk__in=pks).select_related("user", "unit"))
            for membership in found:
                before, membership.title = membership.title, self.titles[membership.pk]
                after = {"title": membership.title}
                rows.append(
                    {"subject": membership.user, "unit": membership.unit, "before": {"title": before}, "after": after}
                )
            Membership.objects.bulk_update(found, ["title"])
            audit.record_many(actor=self.by, act="roster_person_change", rows=rows)

    def _leave(self) -> None:
        if self.roster.whole_unit:
            left = self.roster.rows.filter(outcome=Outcome.LEFT).values_list("membership_id", flat=True)
            day = self.roster.effective_on
            self.counts["left"] = self._end({pk: day for pk in left if pk and pk not in self.named})

    def _end(self, ends: dict[int, Any]) -> int:
        """End memberships; one that has not held for a day yet ends after its first."""
        count = 0
        for pks in _parts(list(ends)):
            rows, found = [], []
            for membership in Membership.objects.filter(pk__in=pks).select_related("user", "unit"):
                day = max(ends[membership.pk], membership.valid_from + timedelta(days=1))
                if membership.valid_to is None or membership.valid_to > day:
                    before, membership.valid_to = _plain(membership.valid_to), day
                    found.append(membership)
                    after = {"valid_to": day.isoformat()}
                    rows.append(
                        {
                            "subject": membership.user,
                            "unit": membership.unit,
                            "before": {"valid_to": before},
                            "after": after,
                        }
                    )
            Membership.objects.bulk_update(found, ["valid_to"])
            audit.record_many(actor=self.by, act="roster_person_end", rows=rows)
            count += len(found)
        return count

    def _close(self) -> dict[str, Any]:
        rejected = self.roster.rows.filter(outcome=Outcome.REJECTED).count()
        result: dict[str, Any] = {name: self.counts[name] for name in ("new", "changed", "unchanged", "left")}
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
    last = 0
    while chunk := list(rows.filter(Q(pk__gt=last)).order_by("pk")[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _parts(pks: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(pks), CHUNK):
        yield pks[start : start + CHUNK]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
