"""Lines of one file that mean one person, or share what only one person can have. Pure of models.

Earlier lines wait in a temporary database of this process alone, on the disk: only those that the lines at hand may
have to do with are in memory, so that a file of 160,000 lines needs no more of it than one of 1,000.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop

from people.rosters.understanding import Entry
from people.rosters.values import Fault, folded, spelling_key

Key = tuple[int | None, str, int | None]


@dataclass(slots=True)
class _Seen:
    """An earlier line, as much of it as is needed."""

    number: int
    name: str
    folded: str
    birth: str
    phone: str
    email: str
    code: str
    user_id: int | None
    keys: tuple[Key, ...]


@dataclass
class Found:
    """What earlier lines mean for this one.

    ``fault`` rejects it. ``same_as`` is the line whose new person it means. ``doubt`` is to be decided, ``twin`` being
    the line that it may repeat. ``shared`` holds those of phone and email that belong to another line's person.
    """

    fault: tuple[str, Fault] | None = None
    same_as: int | None = None
    doubt: tuple[str, Fault] | None = None
    twin: int | None = None
    shared: set[str] = field(default_factory=set)


#: Columns by which earlier lines are asked for.
_ASKED = ("name", "phone", "email", "code", "user_id")


class Repeats:
    """Remembers the lines of a file as they come by."""

    def __init__(self) -> None:
        # An empty name is a temporary file that goes with the connection; only its newest pages are in memory.
        self._kept = sqlite3.connect("", isolation_level=None)
        self._kept.execute("PRAGMA cache_size = -2048")
        self._kept.execute("PRAGMA journal_mode = OFF")
        self._kept.execute(
            "CREATE TABLE seen (number INTEGER PRIMARY KEY, name, folded, birth, phone, email, code, user_id, keys)"
        )
        for column in _ASKED:
            self._kept.execute(f"CREATE INDEX by_{column} ON seen ({column}) WHERE {column} IS NOT NULL")
        self._forget()

    def _forget(self) -> None:
        self._by_number: dict[int, _Seen] = {}
        self._by_code: dict[str, _Seen] = {}
        self._by_phone: dict[str, _Seen] = {}
        self._by_email: dict[str, _Seen] = {}
        self._by_user: dict[int, _Seen] = {}
        self._by_name: dict[str, list[_Seen]] = defaultdict(list)
        self._new: dict[int, _Seen] = {}

    def turn_to(self, entries: Iterable[Entry], user_ids: Collection[int]) -> None:
        """Lay down the lines just remembered, take up those that ``entries`` or these people may have to do with."""
        self._kept.executemany(
            "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_row, self._new.values())
        )
        self._forget()
        asked: dict[str, set[str | int]] = {column: set() for column in _ASKED}
        asked["user_id"].update(user_ids)
        for entry in entries:
            said = entry.values
            asked["name"].add(spelling_key(entry.name))
            for column, name in (("phone", "phone"), ("email", "email"), ("code", "staff_code")):
                if value := said.get(name):
                    asked[column].add(value)
        found: dict[int, _Seen] = {}
        for column, values in asked.items():
            marks = ",".join("?" * len(values))
            for row in self._kept.execute(f"SELECT * FROM seen WHERE {column} IN ({marks})", list(values)):  # noqa: S608
                if row[0] not in found:
                    found[row[0]] = _seen(row)
        for number in sorted(found):
            self._index(found[number])

    def _index(self, seen: _Seen) -> None:
        self._by_number[seen.number] = seen
        self._by_name[seen.name].append(seen)
        if seen.user_id is not None:
            self._by_user[seen.user_id] = seen
        for value, index in (
            (seen.code, self._by_code),
            (seen.phone, self._by_phone),
            (seen.email, self._by_email),
        ):
            if value:
                index.setdefault(value, seen)

    def look(self, entry: Entry, user_id: int | None, *, alone: bool) -> Found:
        """Compare a line with those before it. ``alone`` says that an official decided it is somebody else."""
        found = Found()
        key = (entry.unit_id, entry.role, entry.audience_id)
        if user_id is not None:
            if (seen := self._by_user.get(user_id)) and key in seen.keys:
                found.fault = ("name", _twice(seen.number))
            self._share(entry, found, user_id)
            return found
        self._look_at_code(entry, key, found)
        self._look_at_contacts(entry, key, found, alone=alone)
        if not alone and found.fault is None and found.same_as is None and found.doubt is None:
            self._look_at_name(entry, key, found)
        return found

    def remember(self, entry: Entry, user_id: int | None, found: Found) -> None:
        """Keep a line that will go in, or may."""
        key = (entry.unit_id, entry.role, entry.audience_id)
        said = entry.values
        seen = self._by_user.get(user_id) if user_id is not None else None
        if found.same_as is not None:
            seen = self._by_number.get(found.same_as)
        if seen is not None:
            seen.keys = (*seen.keys, key)
            self._new[seen.number] = seen
            return
        seen = _Seen(
            entry.number,
            spelling_key(entry.name),
            folded(entry.name),
            said.get("birth_date", ""),
            said.get("phone", ""),
            said.get("email", ""),
            said.get("staff_code", ""),
            user_id,
            (key,),
        )
        self._new[seen.number] = seen
        self._index(seen)

    def _share(self, entry: Entry, found: Found, user_id: int | None) -> None:
        for name, index in (("phone", self._by_phone), ("email", self._by_email)):
            seen = index.get(entry.values.get(name, ""))
            if seen and (user_id is None or seen.user_id != user_id):
                found.shared.add(name)
        seen = self._by_code.get(entry.values.get("staff_code", ""))
        if seen and (user_id is None or seen.user_id != user_id):
            found.fault = ("staff_code", _code_taken(seen.number))

    def _look_at_code(self, entry: Entry, key: Key, found: Found) -> None:
        seen = self._by_code.get(entry.values.get("staff_code", ""))
        if seen is None:
            return
        if seen.folded == folded(entry.name):
            self._same(seen, key, found)
        else:
            found.fault = ("staff_code", _code_taken(seen.number))

    def _look_at_contacts(self, entry: Entry, key: Key, found: Found, *, alone: bool) -> None:
        for name, index, what in (
            ("phone", self._by_phone, _SHARED_PHONE),
            ("email", self._by_email, _SHARED_EMAIL),
        ):
            seen = index.get(entry.values.get(name, ""))
            if seen is None or found.fault or found.same_as:
                continue
            codes = {seen.code, entry.values.get("staff_code", "")} - {""}
            if seen.folded == folded(entry.name) and len(codes) < 2 and not alone:
                self._same(seen, key, found)
                continue
            found.shared.add(name)
            if not alone:
                found.doubt = (name, _at("shared_contact", what, seen.number))
                found.twin = seen.number

    def _look_at_name(self, entry: Entry, key: Key, found: Found) -> None:
        said = entry.values
        birth = said.get("birth_date", "")
        for seen in self._by_name.get(spelling_key(entry.name), ()):
            here = any(place[0] == entry.unit_id for place in seen.keys)
            if seen.birth != birth and (not here or (seen.birth and birth)):
                continue
            differs = any(
                mine and theirs and mine != theirs
                for mine, theirs in (
                    (said.get("phone"), seen.phone),
                    (said.get("email"), seen.email),
                    (said.get("staff_code"), seen.code),
                )
            )
            if seen.birth != birth:
                # One of two of one name in a unit says no day of birth: nobody knows whether they are one person.
                if not differs:
                    found.doubt, found.twin = ("name", _namesake(seen.number)), seen.number
                continue
            if here and not differs:
                found.doubt = found.twin = None
                self._same(seen, key, found)
                return
            codes_differ = bool(said.get("staff_code") and seen.code and said["staff_code"] != seen.code)
            if birth and not codes_differ:
                found.doubt, found.twin = ("name", _twin(seen.number)), seen.number

    def _same(self, seen: _Seen, key: Key, found: Found) -> None:
        if key in seen.keys:
            found.fault = ("name", _twice(seen.number))
        elif seen.user_id is None:
            found.same_as = seen.number
        else:
            found.doubt, found.twin = ("name", _twin(seen.number)), seen.number


def _row(seen: _Seen) -> tuple[object, ...]:
    keys = json.dumps(seen.keys)
    told = (seen.phone or None, seen.email or None, seen.code or None, seen.user_id)
    return (seen.number, seen.name, seen.folded, seen.birth, *told, keys)


def _seen(row: tuple[Any, ...]) -> _Seen:
    number, name, folded_name, birth, phone, email, code, user_id, keys = row
    places: tuple[Key, ...] = tuple((unit, role, audience) for unit, role, audience in json.loads(keys))
    return _Seen(number, name, folded_name, birth, phone or "", email or "", code or "", user_id, places)


#: What is said of the line of an earlier number, and how to mend it.
_SHARED_PHONE = (
    gettext_noop("Hai người dùng chung số điện thoại: dòng này và dòng %(number)s."),
    gettext_noop(
        "Là hai người: chọn «Là người khác», dòng %(number)s giữ số điện thoại, dòng này chỉ ghi số ấy để liên hệ. "
        "Là một người: chọn «Là cùng một người», chỉ ghi một lần, theo dòng %(number)s."
    ),
)
_SHARED_EMAIL = (
    gettext_noop("Hai người dùng chung email: dòng này và dòng %(number)s."),
    gettext_noop(
        "Là hai người: chọn «Là người khác», dòng %(number)s giữ email, dòng này không có email. "
        "Là một người: chọn «Là cùng một người», chỉ ghi một lần, theo dòng %(number)s."
    ),
)
_WHICH = gettext_noop(
    "Là hai người: chọn «Là người khác», dòng %(number)s giữ số điện thoại nếu hai dòng ghi giống nhau. "
    "Là một người: chọn «Là cùng một người», chỉ ghi một lần, theo dòng %(number)s."
)


def _at(code: str, said: tuple[str, str], number: int) -> Fault:
    return Fault(code, *said, values={"number": str(number)})


def _twice(number: int) -> Fault:
    text = gettext_noop("Người này đã có ở dòng %(number)s, cùng đơn vị.")
    return _at("twice", (text, gettext_noop("Giữ một dòng, xoá dòng kia.")), number)


def _code_taken(number: int) -> Fault:
    text = gettext_noop("Mã cán bộ này đã ghi cho người khác ở dòng %(number)s.")
    return _at("code_twice", (text, gettext_noop("Kiểm tra lại mã của hai người.")), number)


def _namesake(number: int) -> Fault:
    text = gettext_noop("Cùng họ tên với dòng %(number)s trong đơn vị, mà một dòng không có ngày sinh.")
    return _at("namesake", (text, _WHICH), number)


def _twin(number: int) -> Fault:
    return _at("twin", (gettext_noop("Cùng họ tên và ngày sinh với dòng %(number)s."), _WHICH), number)
