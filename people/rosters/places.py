"""Where a list may put people, as what and by whose right: units, audiences and roles by what people call them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext_noop

from common.sheets_out import day_text
from people import access
from people.models import Audience, Membership, Role, Unit, UnitAncestor, UnitKind, UnitSuccession, User
from people.querysets import today
from people.rosters.values import Fault, folded

_DEFAULT_AUDIENCES: dict[str, str] = {
    UnitKind.TEAM: "to_cnscd",
    UnitKind.SCHOOL: "giao_vien",
    UnitKind.HOSPITAL: "y_bac_si",
    UnitKind.HEALTH_STATION: "y_bac_si",
    UnitKind.ENTERPRISE: "lao_dong_dn",
}
_OTHER_AUDIENCE = "cccvc"
_ROLE_WORDS = {
    "thanh vien": Role.LEARNER,
    "to vien": Role.LEARNER,
    "to pho": Role.LEARNER,
    "hoc vien": Role.LEARNER,
    "truong nhom": Role.TEAM_LEADER,
    "dau moi": Role.COORDINATOR,
    "giang vien": Role.INSTRUCTOR,
}
_COMMITTEE = re.compile(r"^(ubnd|uy ban nhan dan) ")
_KIND = re.compile(r"^(xa|phuong|thi tran|dac khu) ")
_WITH_CODE = re.compile(r"^(.*)\(([^()]+)\)$")
_PARTS = re.compile(r"\s*(?:,|;| - | – | thuoc )\s*")
#: Suggestions compare a word with every name: only where that is quick.
_SUGGEST_UP_TO = 3000


#: How to mend a unit that nobody knows, by how many names are like it.
_MEANT = (
    gettext_noop("Ghi đúng tên hoặc mã đơn vị, hoặc để trống nếu là %(home)s."),
    gettext_noop("Có phải là «%(first)s»? Ghi đúng tên hoặc mã đơn vị, hoặc để trống nếu là %(home)s."),
    gettext_noop(
        "Có phải là «%(first)s» hay «%(second)s»? Ghi đúng tên hoặc mã đơn vị, hoặc để trống nếu là %(home)s."
    ),
)


@dataclass(frozen=True)
class Place:
    """A unit that a line may name."""

    id: int
    code: str
    name: str
    kind: str
    parent_id: int | None
    valid_from: date
    stands: bool


class Places:
    """The units at and below one, found by code or name with or without accents."""

    def __init__(self, unit: Unit, on: date | None = None) -> None:
        below = UnitAncestor.objects.filter(structure=access.current_structure(), ancestor=unit).values("descendant")
        rows = Unit.objects.filter(pk__in=below).values_list(
            "pk", "code", "name", "kind", "parent_id", "valid_from", "valid_to"
        )
        on = on or today()
        self.by_id = {row[0]: Place(*row[:6], stands=row[5] <= on and (row[6] is None or on < row[6])) for row in rows}
        if unit.pk not in self.by_id:
            self.by_id[unit.pk] = Place(
                unit.pk, unit.code, unit.name, unit.kind, unit.parent_id, unit.valid_from, unit.stands_on(on)
            )
        self.home = self.by_id[unit.pk]
        self._found: dict[str, list[Place]] = defaultdict(list)
        for stands in (True, False):
            for words in (self._codes, self._names, self._bare_names):
                for key, places in words(stands).items():
                    self._found.setdefault(key, places)
        self._answers: dict[str, Place | Fault] = {}

    def _codes(self, stands: bool) -> dict[str, list[Place]]:
        return self._index(stands, lambda place: folded(place.code))

    def _names(self, stands: bool) -> dict[str, list[Place]]:
        return self._index(stands, lambda place: folded(place.name))

    def _bare_names(self, stands: bool) -> dict[str, list[Place]]:
        return self._index(stands, lambda place: _KIND.sub("", folded(place.name)))

    def _index(self, stands: bool, key: Any) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for place in self.by_id.values():
            if place.stands == stands:
                found[key(place)].append(place)
        return found

    def called(self, text: str) -> Place:
        """The unit that a cell names; the list's own for an empty one. Raises Fault."""
        if not text:
            return self.home
        if text not in self._answers:
            try:
                self._answers[text] = self._search(text)
            except Fault as fault:
                self._answers[text] = fault
        answer = self._answers[text]
        if isinstance(answer, Fault):
            raise answer
        return answer

    def name_for(self, unit_id: int) -> str:
        """What to write for a unit so that it is found again: its name where only one is called so, else its code."""
        place = self.by_id[unit_id]
        for text in (place.name, place.code, f"{place.name} ({place.code})"):
            try:
                if self.called(text) == place:
                    return text
            except Fault:
                continue
        return place.code

    def _search(self, text: str) -> Place:
        key = folded(text)
        found = self._found.get(key) or self._found.get(_COMMITTEE.sub("", key))
        if not found and (coded := _WITH_CODE.match(key)):
            found = [place for place in self._found.get(coded[2].strip(), []) if folded(place.name) == coded[1].strip()]
        if not found:
            found = self._within(_PARTS.split(key))
        if not found:
            raise self._unknown(key)
        if len(found) > 1:
            options = "; ".join(f"{place.code} ({self._path(place)})" for place in found[:4])
            raise Fault(
                "unit_ambiguous",
                gettext_noop("Có %(count)s đơn vị cùng tên này."),
                gettext_noop("Ghi mã của đơn vị thay cho tên: %(options)s."),
                values={"count": str(len(found)), "options": f"{options}{'; …' if len(found) > 4 else ''}"},
            )
        return found[0]

    def _within(self, parts: list[str]) -> list[Place]:
        """A name followed by that of a unit above it: "Tổ thôn Chùa, Xã Xuân Lương"."""
        if len(parts) < 2:
            return []
        above = {place.id for place in self._found.get(parts[-1], [])}
        return [
            place
            for place in self._found.get(", ".join(parts[:-1]), []) or self._found.get(parts[0], [])
            if above & set(self._line_up(place))
        ]

    def _line_up(self, place: Place) -> list[int]:
        found: list[int] = []
        parent = place.parent_id
        while parent and parent not in found:
            found.append(parent)
            parent = self.by_id[parent].parent_id if parent in self.by_id else None
        return found

    def _path(self, place: Place) -> str:
        above = self.by_id.get(place.parent_id or 0)
        return f"{place.name}, {above.name}" if above else place.name

    def _unknown(self, key: str) -> Fault:
        near = get_close_matches(key, list(self._found), n=2, cutoff=0.75) if len(self._found) < _SUGGEST_UP_TO else []
        names = list(dict.fromkeys(self._found[word][0].name for word in near))
        return Fault(
            "unit_unknown",
            gettext_noop("Không có đơn vị này trong %(home)s."),
            _MEANT[len(names)],
            values={"home": self.home.name, **dict(zip(("first", "second"), names, strict=False))},
        )


def closed_fault(place: Place) -> Fault:
    """Why nobody new is put into a unit that no longer stands, and where to put them."""
    row = (
        UnitSuccession.objects.filter(predecessor=place.id, principal=True)
        .values_list("successor__name", "effective_on")
        .first()
    )
    if row is None:
        return Fault("unit_closed", gettext_noop("Đơn vị này không còn."), gettext_noop("Ghi đơn vị đang hoạt động."))
    return Fault(
        "unit_closed",
        gettext_noop("Đơn vị này đã sáp nhập vào %(unit)s từ ngày %(day)s."),
        gettext_noop("Ghi «%(unit)s» thay vào."),
        values={"unit": row[0], "day": day_text(row[1])},
    )


@dataclass
class Setting:
    """All that a list is understood against, loaded once."""

    unit: Unit
    by: User
    effective_on: date
    today: date
    places: Places
    audiences: dict[str, Audience] = field(default_factory=dict)
    audiences_by_id: dict[int, Audience] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    scope: frozenset[int] = frozenset()
    _appointing: dict[str, frozenset[int]] = field(default_factory=dict)
    _closed: dict[int, Fault] = field(default_factory=dict)

    def may_appoint(self, unit_id: int) -> frozenset[str]:
        """The roles that the importer may give and take in a unit; the same rule as ``access.may_appoint``."""
        found: set[str] = set()
        for role, units in self._appointing.items():
            if unit_id in units:
                found |= access.MAY_APPOINT[role]
        return frozenset(found)

    def default_audience(self, kind: str) -> Audience | None:
        """Whom a unit of this kind has, where the file does not say."""
        code = _DEFAULT_AUDIENCES.get(kind, _OTHER_AUDIENCE)
        return self.audiences.get(folded(code)) or self.audiences.get(_OTHER_AUDIENCE)

    def audience_called(self, text: str) -> Audience:
        try:
            return self.audiences[folded(text)]
        except KeyError as error:
            raise Fault(
                "audience_unknown",
                gettext_noop("Không có đối tượng này."),
                gettext_noop("Chọn một đối tượng trong danh sách của tệp mẫu, hoặc để trống."),
            ) from error

    def role_called(self, text: str) -> str:
        try:
            return self.roles[folded(text)]
        except KeyError as error:
            raise Fault(
                "role_unknown",
                gettext_noop("Không có vai trò này."),
                gettext_noop("Ghi Người học hoặc Tổ trưởng, hoặc để trống."),
            ) from error

    def closed(self, place: Place) -> Fault:
        if place.id not in self._closed:
            self._closed[place.id] = closed_fault(place)
        return self._closed[place.id]


def audience_words() -> dict[str, Audience]:
    """Audiences by code, short name and name, folded; a name that two bear belongs to the first."""
    found: dict[str, Audience] = {}
    audiences = list(Audience.objects.all())
    for words in ("code", "short_name", "name"):
        for audience in audiences:
            if key := folded(getattr(audience, words)):
                found.setdefault(key, audience)
    return found


def role_words() -> dict[str, str]:
    """Roles by code and label, folded, and by other words that lists use."""
    found: dict[str, str] = {folded(word): role for word, role in _ROLE_WORDS.items()}
    for value, label in Role.choices:
        found[folded(str(value))] = value
        found[folded(str(label))] = value
    return found


def setting_of(*, unit: Unit, by: User, effective_on: date) -> Setting:
    """Load what a list of ``unit`` brought by ``by`` is understood against."""
    audiences = audience_words()
    held = set(Membership.objects.in_force().filter(user=by).values_list("role", flat=True)) & set(access.MAY_APPOINT)
    return Setting(
        unit=unit,
        by=by,
        effective_on=effective_on,
        today=today(),
        places=Places(unit),
        audiences=audiences,
        audiences_by_id={audience.pk: audience for audience in audiences.values()},
        roles=role_words(),
        scope=frozenset(access.scope_units(by, access.ROSTER_KEEPING).values_list("descendant", flat=True)),
        _appointing={
            role: frozenset(access.scope_units(by, frozenset({role})).values_list("descendant", flat=True))
            for role in held
        },
    )
