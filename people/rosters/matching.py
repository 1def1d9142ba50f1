"""Whom a line means: an account that is surely theirs, accounts that may be, or nobody yet.

What counts as sure, in this order: the account's own number in a file that the platform wrote; the staff code; phone
and name; e-mail and name; name and day of birth of one person only, whom the importer may see; the name alone where the
line says nothing else and one person of the unit is called so. Two people with one name and one day of birth exist in
reality, so anything less is a doubt for a person to decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_noop

from common.text import uuid_or_none
from people.models import CITIZEN, Decided, Membership, User
from people.rosters.places import Setting
from people.rosters.understanding import Entry
from people.rosters.values import folded, spelling_key

USER_FIELDS = (
    "uuid",
    "full_name",
    "search_key",
    "birth_date",
    "gender",
    "phone",
    "contact_phone",
    "email",
    "staff_code",
    "claimed_at",
)
_OF_MERGED = tuple(f"merged_into__{name}" for name in USER_FIELDS)
#: Why somebody may be meant, for the pages.
WHY = {
    "person_other_name": gettext_noop("Cùng mã người dùng nhưng tên khác"),
    "staff_code_other_name": gettext_noop("Cùng mã cán bộ nhưng tên khác"),
    "other_staff_code": gettext_noop("Cùng tên và số điện thoại hoặc email, nhưng mã cán bộ khác"),
    "phone_other_name": gettext_noop("Cùng số điện thoại nhưng tên khác"),
    "email_other_name": gettext_noop("Cùng email nhưng tên khác"),
    "same_name_birth": gettext_noop("Cùng họ tên và ngày sinh"),
    "same_name_birth_elsewhere": gettext_noop("Cùng họ tên và ngày sinh, ở đơn vị khác"),
    "same_name_birth_other_phone": gettext_noop("Cùng họ tên và ngày sinh, số điện thoại khác"),
    "near_name_birth": gettext_noop("Cùng ngày sinh, họ tên chỉ khác dấu"),
    "same_name_unit": gettext_noop("Cùng họ tên trong đơn vị"),
}


@dataclass
class Match:
    """``user`` where it is sure; else who may be meant, each with a reason of ``WHY``."""

    user: User | None = None
    candidates: dict[int, tuple[User, str]] = field(default_factory=dict)

    def doubt(self, user: User, why: str) -> None:
        self.candidates.setdefault(user.pk, (user, why))


@dataclass(frozen=True)
class UpTo:
    """The newest user and membership of the moment when an import began: what it makes itself is not matched again."""

    user: int
    membership: int


class People:
    """The accounts that the lines of one chunk may mean, and where these people stand: always three queries."""

    def __init__(self, entries: Sequence[Entry], setting: Setting, upto: UpTo | None = None) -> None:
        self.setting = setting
        self.upto = upto
        self.by_pk: dict[int, User] = {}
        self.by_uuid: dict[str, User] = {}
        self.by_phone: dict[str, User] = {}
        self.by_email: dict[str, User] = {}
        self.by_staff_code: dict[str, User] = {}
        self.by_name: dict[str, list[User]] = defaultdict(list)
        self.memberships: dict[int, list[Membership]] = defaultdict(list)
        self._load(entries)
        found = Membership.objects.filter(user__in=list(self.by_pk)).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=min(setting.today, setting.effective_on))
        )
        if upto is not None:
            found = found.filter(pk__lte=upto.membership)
        for membership in found.order_by("pk"):
            self.memberships[membership.user_id].append(membership)

    def _load(self, entries: Sequence[Entry]) -> None:
        def said(name: str) -> set[str]:
            return {entry.values[name] for entry in entries if entry.values.get(name)}

        uuids = {uuid for text in said("person") if (uuid := uuid_or_none(text))}
        uuids |= {uuid for entry in entries if (uuid := uuid_or_none(entry.user_uuid))}
        users = User.objects.select_related("merged_into").only(*USER_FIELDS, "merged_into", *_OF_MERGED)
        by_key = users.filter(
            Q(uuid__in=uuids)
            | Q(phone__in=said("phone"))
            | Q(email__in=said("email"))
            | Q(staff_code__in=said("staff_code"))
        )
        units = {entry.unit_id for entry in entries if entry.unit_id}
        by_name = users.filter(search_key__in={folded(entry.name) for entry in entries if entry.name}).filter(
            Q(birth_date__in={entry.birth_date for entry in entries if entry.birth_date})
            | Q(contact_phone__in=said("phone"))
            | Q(pk__in=Membership.objects.in_force().filter(unit__in=units).values("user"))
        )
        for user in (*by_key, *by_name.filter(merged_into=None)):
            if self.upto is None or user.pk <= self.upto.user:
                self._remember(user)

    def _remember(self, user: User) -> None:
        """Keep a person by all that names them; what names a record that was merged means the one that goes on."""
        self.by_uuid[str(user.uuid)] = goes_on = self._known(user.merged_into or user)
        if user.merged_into and user.staff_code:
            self.by_staff_code[user.staff_code] = goes_on

    def _known(self, user: User) -> User:
        if user.pk in self.by_pk:
            return self.by_pk[user.pk]
        self.by_pk[user.pk] = self.by_uuid[str(user.uuid)] = user
        self.by_name[user.search_key].append(user)
        for key, found in (
            (user.phone, self.by_phone),
            (user.email, self.by_email),
            (user.staff_code, self.by_staff_code),
        ):
            if key:
                found[key] = user
        return user

    def in_scope(self, user: User) -> bool:
        """Whether the importer answers for the person: they stand today in a unit of the importer's scope."""
        return any(
            membership.unit_id in self.setting.scope and membership.valid_from <= self.setting.today
            for membership in self.memberships[user.pk]
        )

    def is_above(self, user: User) -> bool:
        """Whether the person holds an office that the importer may not give: their account is not the importer's."""
        return any(
            membership.role not in self.setting.may_appoint(membership.unit_id)
            for membership in self.memberships[user.pk]
            if membership.audience_id not in self._citizen
        )

    @property
    def _citizen(self) -> frozenset[int]:
        """Where somebody lives is no office: a learner among citizens outside the scope changes nothing."""
        return frozenset(pk for pk, audience in self.setting.audiences_by_id.items() if audience.code == CITIZEN)

    def match(self, entry: Entry) -> Match:
        """Whom a line means; what an official decided about it comes first."""
        match = Match()
        if entry.decided == Decided.SAME and (chosen := self.by_uuid.get(entry.user_uuid)):
            match.user = chosen
            return match
        for rule in (self._by_person, self._by_staff_code, self._by_contact, self._by_birth, self._by_name_alone):
            match.user = rule(entry, match)
            if match.user is not None:
                return match
        if entry.decided == Decided.OTHER:
            match.candidates.clear()
        return match

    def _by_person(self, entry: Entry, match: Match) -> User | None:
        user = self.by_uuid.get(entry.values.get("person", ""))
        if user is None or not self.in_scope(user):
            return None
        if _alike(entry, user):
            return user
        match.doubt(user, "person_other_name")
        return None

    def _by_staff_code(self, entry: Entry, match: Match) -> User | None:
        user = self.by_staff_code.get(entry.values.get("staff_code", ""))
        if user is None:
            return None
        if _same_name(entry, user) or (self.in_scope(user) and _alike(entry, user)):
            return user
        match.doubt(user, "staff_code_other_name")
        return None

    def _by_contact(self, entry: Entry, match: Match) -> User | None:
        phone, email = entry.values.get("phone", ""), entry.values.get("email", "")
        for owner, why in (
            (self.by_phone.get(phone), "phone_other_name"),
            (self.by_email.get(email), "email_other_name"),
        ):
            if owner is None:
                continue
            if not _same_name(entry, owner):
                match.doubt(owner, why)
            elif _codes_differ(entry, owner):
                match.doubt(owner, "other_staff_code")
            else:
                return owner
        sharing = [user for user in self._called(entry) if phone and user.contact_phone == phone]
        if len(sharing) == 1 and not _codes_differ(entry, sharing[0]):
            return sharing[0]
        for user in sharing:
            match.doubt(user, "other_staff_code")
        return None

    def _by_birth(self, entry: Entry, match: Match) -> User | None:
        if entry.birth_date is None:
            return None
        born = [
            user
            for user in self._called(entry)
            if user.birth_date == entry.birth_date and not _codes_differ(entry, user)
        ]
        exact = [user for user in born if spelling_key(user.full_name) == spelling_key(entry.name)]
        near_by = [user for user in exact if self._near(entry, user)]
        if len(exact) == 1 and near_by and not _phones_differ(entry, exact[0]):
            return exact[0]
        for user in exact:
            why = "same_name_birth" if len(exact) > 1 else "same_name_birth_other_phone"
            match.doubt(user, why if user in near_by else "same_name_birth_elsewhere")
        for user in born:
            if self._near(entry, user):
                match.doubt(user, "near_name_birth")
        return None

    def _by_name_alone(self, entry: Entry, match: Match) -> User | None:
        called = [
            user
            for user in self._called(entry)
            if spelling_key(user.full_name) == spelling_key(entry.name)
            and any(membership.unit_id == entry.unit_id for membership in self.memberships[user.pk])
        ]
        says_more = any(entry.values.get(name) for name in ("birth_date", "phone", "email", "staff_code"))
        if len(called) == 1 and not says_more and not match.candidates:
            return called[0]
        for user in called:
            if not _codes_differ(entry, user) and (entry.birth_date is None or user.birth_date is None):
                match.doubt(user, "same_name_unit")
        return None

    def _called(self, entry: Entry) -> Iterable[User]:
        return self.by_name.get(folded(entry.name), ())

    def _near(self, entry: Entry, user: User) -> bool:
        return self.in_scope(user) or any(
            membership.unit_id == entry.unit_id for membership in self.memberships[user.pk]
        )


def _same_name(entry: Entry, user: User) -> bool:
    return folded(entry.name) == user.search_key


def _alike(entry: Entry, user: User) -> bool:
    """Whether name, day of birth, phone or e-mail is that of the person: a code alone may be one row off."""
    said: dict[str, Any] = entry.values
    return (
        _same_name(entry, user)
        or (entry.birth_date is not None and entry.birth_date == user.birth_date)
        or bool(said.get("phone") and said["phone"] in (user.phone, user.contact_phone))
        or bool(said.get("email") and said["email"] == user.email)
    )


def _codes_differ(entry: Entry, user: User) -> bool:
    said = entry.values.get("staff_code")
    return bool(said and user.staff_code and said != user.staff_code)


def _phones_differ(entry: Entry, user: User) -> bool:
    said = entry.values.get("phone")
    has = {user.phone, user.contact_phone} - {None, ""}
    return bool(said and has and said not in has)
