"""Lines of one file that mean one person, or share what only one person can have. Pure: no models, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from sys import intern

from people.rosters.understanding import Entry
from people.rosters.values import Fault, folded, spelling_key

Key = tuple[int | None, str, int | None]


@dataclass(slots=True)
class _Seen:
    """An earlier line, as little of it as is needed: 160,000 of them stay in memory."""

    number: int
    name: int
    folded: int
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


class Repeats:
    """Remembers the lines of a file as they come by."""

    def __init__(self) -> None:
        self._by_code: dict[str, _Seen] = {}
        self._by_phone: dict[str, _Seen] = {}
        self._by_email: dict[str, _Seen] = {}
        self._by_user: dict[int, _Seen] = {}
        self._by_name: dict[str, list[_Seen]] = {}
        self._alone: dict[Key, tuple[Key, ...]] = {}

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
            seen = next((s for s in self._by_name.get(folded(entry.name), ()) if s.number == found.same_as), None)
        if seen is not None:
            seen.keys = (*seen.keys, key)
            return
        seen = _Seen(
            entry.number,
            hash(spelling_key(entry.name)),
            hash(folded(entry.name)),
            intern(said.get("birth_date", "")),
            said.get("phone", ""),
            said.get("email", ""),
            said.get("staff_code", ""),
            user_id,
            self._alone.setdefault(key, (key,)),
        )
        if user_id is not None:
            self._by_user[user_id] = seen
        self._by_name.setdefault(folded(entry.name), []).append(seen)
        for value, index in (
            (seen.code, self._by_code),
            (seen.phone, self._by_phone),
            (seen.email, self._by_email),
        ):
            if value:
                index.setdefault(value, seen)

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
        if seen.folded == hash(folded(entry.name)):
            self._same(seen, key, found)
        else:
            found.fault = ("staff_code", _code_taken(seen.number))

    def _look_at_contacts(self, entry: Entry, key: Key, found: Found, *, alone: bool) -> None:
        for name, index, what in (
            ("phone", self._by_phone, "số điện thoại"),
            ("email", self._by_email, "email"),
        ):
            seen = index.get(entry.values.get(name, ""))
            if seen is None or found.fault or found.same_as:
                continue
            codes = {seen.code, entry.values.get("staff_code", "")} - {""}
            if seen.folded == hash(folded(entry.name)) and len(codes) < 2 and not alone:
                self._same(seen, key, found)
                continue
            found.shared.add(name)
            if not alone:
                found.doubt = (name, _shared(what, seen.number))
                found.twin = seen.number

    def _look_at_name(self, entry: Entry, key: Key, found: Found) -> None:
        said, spelling = entry.values, hash(spelling_key(entry.name))
        birth = said.get("birth_date", "")
        for seen in self._by_name.get(folded(entry.name), ()):
            if seen.name != spelling or seen.birth != birth:
                continue
            here = any(place[0] == entry.unit_id for place in seen.keys)
            differs = any(
                mine and theirs and mine != theirs
                for mine, theirs in (
                    (said.get("phone"), seen.phone),
                    (said.get("email"), seen.email),
                    (said.get("staff_code"), seen.code),
                )
            )
            if here and not differs:
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


def _twice(number: int) -> Fault:
    return Fault("twice", f"Người này đã có ở dòng {number}, cùng đơn vị.", "Giữ một dòng, xoá dòng kia.")


def _code_taken(number: int) -> Fault:
    return Fault(
        "code_twice", f"Mã cán bộ này đã ghi cho người khác ở dòng {number}.", "Kiểm tra lại mã của hai người."
    )


def _shared(what: str, number: int) -> Fault:
    return Fault(
        "shared_contact",
        f"Hai người dùng chung {what}: dòng này và dòng {number}.",
        "Nếu đúng là hai người, chọn «Là người khác»: người này được ghi số để liên hệ, không dùng để đăng nhập.",
    )


def _twin(number: int) -> Fault:
    return Fault(
        "twin",
        f"Cùng họ tên và ngày sinh với dòng {number}.",
        "Nếu là hai người, chọn «Là người khác». Nếu là một người, bỏ dòng này.",
    )
