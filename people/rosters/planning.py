"""What a line would change: the same rule for the preview and for the import itself.

A roster completes and corrects; it never takes an account over. Phone and e-mail of an account that somebody has
claimed are theirs; nothing personal changes for people outside the importer's scope, nor for holders of offices that
the importer may not give.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

from common.language import on_record
from common.text import vi_date
from people.models import CITIZEN, Audience, Decided, Gender, Membership, Outcome, Role, User
from people.phones import show_phone
from people.rosters.bounds import Bounds
from people.rosters.columns import Header
from people.rosters.matching import WHY, Match, People, UpTo
from people.rosters.places import Place, Setting
from people.rosters.repeats import Found, Repeats
from people.rosters.understanding import Entry, problem
from people.rosters.values import Fault, spelling_key

LABELS = {
    "full_name": gettext_noop("Họ và tên"),
    "birth_date": gettext_noop("Ngày sinh"),
    "gender": gettext_noop("Giới tính"),
    "phone": gettext_noop("Số điện thoại"),
    "contact_phone": gettext_noop("Số điện thoại liên hệ"),
    "email": "Email",
    "staff_code": gettext_noop("Mã cán bộ"),
    "title": gettext_noop("Chức danh"),
    "membership": gettext_noop("Thành viên"),
    "ended": gettext_noop("Thôi"),
}


@dataclass
class Plan:
    """What becomes of one line."""

    outcome: Outcome
    user: User | None = None
    same_as: int | None = None
    twin: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    membership: Membership | None = None
    joins: dict[str, Any] | None = None
    title: str | None = None
    replaces: Membership | None = None
    changes: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    candidates: list[dict[str, str]] = field(default_factory=list)


class Planner:
    """Plans the lines of one chunk after another; remembers what earlier lines said."""

    def __init__(self, setting: Setting, header: Header | None = None, upto: UpTo | None = None) -> None:
        self.setting, self.header, self.upto = setting, header, upto
        self.repeats = Repeats()
        self.bounds = Bounds(setting.today)
        self.people: People

    def plans(self, entries: list[Entry]) -> list[Plan]:
        """Plan the lines of one chunk, in their order."""
        self.people = People(entries, self.setting, self.upto)
        self.repeats.turn_to(entries, self.people.by_pk.keys())
        return [self._plan(entry) for entry in entries]

    def _plan(self, entry: Entry) -> Plan:
        match = self.people.match(entry)
        plan = Plan(Outcome.NEW, user=match.user, problems=list(entry.faults))
        if match.user is not None and self.people.in_scope(match.user):
            plan.problems = [p for p in plan.problems if not self._is_theirs(p, entry, match.user)]
        if self._is_rejected(plan):
            return self._rejected(plan, match)
        alone = entry.decided == Decided.OTHER
        # A person whom an official chose: to other lines it stays the line that it was when they looked.
        known = match.user.pk if match.user and not entry.user_uuid else None
        found = self.repeats.look(entry, known, alone=alone)
        plan.twin, plan.same_as = found.twin, found.same_as
        if found.fault:
            self._tell(plan, entry, *found.fault)
            return self._rejected(plan, match)
        doubtful = match.user is None and not alone and bool(match.candidates or found.doubt)
        if doubtful and entry.decided == Decided.SAME and not entry.user_uuid and found.twin:
            doubtful, plan.same_as = False, found.twin
        if doubtful:
            self._doubt(plan, entry, match, found)
        else:
            self._change(plan, entry, found)
        if plan.outcome != Outcome.REJECTED:
            self.repeats.remember(entry, known, found)
        return plan

    # --- Problems ---------------------------------------------------------------------------------------------------
    def _tell(self, plan: Plan, entry: Entry, name: str, fault: Fault) -> None:
        value = entry.cells.get(self.header.heading_of(name), "") if self.header else entry.values.get(name, "")
        plan.problems.append(problem(self.header, name, value, fault))

    @staticmethod
    def _is_rejected(plan: Plan) -> bool:
        return any(not p.get("note") for p in plan.problems)

    @staticmethod
    def _is_theirs(fault: dict[str, Any], entry: Entry, user: User) -> bool:
        """Whether a strange value is what the person has already: then it is no fault of the line."""
        name = fault["field"]
        said = entry.values.get(name)
        if name in ("name", "given_name", "family_name"):
            return bool(entry.name) and entry.name == user.full_name
        if name == "birth_date":
            return entry.birth_date is not None and entry.birth_date == user.birth_date
        if name == "phone":
            return said in (user.phone, user.contact_phone) and said is not None
        return name in ("email", "staff_code") and said is not None and said == getattr(user, name)

    @staticmethod
    def _rejected(plan: Plan, match: Match) -> Plan:
        plan.outcome = Outcome.REJECTED
        if plan.user is None and match.candidates:
            plan.candidates = [{"uuid": str(user.uuid), "why": why} for user, why in match.candidates.values()]
        return plan

    def _doubt(self, plan: Plan, entry: Entry, match: Match, found: Found) -> None:
        plan.outcome = Outcome.DOUBTFUL
        plan.candidates = [
            {"uuid": str(user.uuid), "why": WHY[why], "code": why} for user, why in match.candidates.values()
        ]
        if found.doubt:
            self._tell(plan, entry, *found.doubt)

    # --- Changes ----------------------------------------------------------------------------------------------------
    def _change(self, plan: Plan, entry: Entry, found: Found) -> None:
        place = self.setting.places.by_id[entry.unit_id or 0]
        if plan.user is None:
            plan.fields = {"full_name": entry.name} | self._contacts(plan, entry, None, found)
            for name in ("birth_date", "gender"):
                if name in entry.values:
                    plan.fields[name] = entry.birth_date if name == "birth_date" else entry.values[name]
        else:
            self._correct(plan, entry, plan.user, found)
        self._stand(plan, entry, place)
        if plan.outcome == Outcome.REJECTED:
            return
        if plan.user is not None:
            plan.outcome = Outcome.CHANGED if plan.changes else Outcome.UNCHANGED

    def _correct(self, plan: Plan, entry: Entry, user: User, found: Found) -> None:
        """Complete and correct what the line says of somebody known, as far as the importer may."""
        if not self.people.in_scope(user):
            # Always said, so that nobody learns by trying whether a day of birth or a number is right.
            self._tell(plan, entry, "name", _KEPT_PERSON)
            return
        wanted: dict[str, Any] = {}
        if spelling_key(entry.name) != spelling_key(user.full_name):
            wanted["full_name"] = entry.name
        if entry.birth_date and entry.birth_date != user.birth_date:
            wanted["birth_date"] = entry.birth_date
        if entry.values.get("gender", user.gender) != user.gender:
            wanted["gender"] = entry.values["gender"]
        contacts = self._contacts(plan, entry, user, found)
        if not (wanted or contacts):
            return
        if self.people.is_above(user):
            self._tell(plan, entry, "name", _KEPT_PERSON)
            return
        plan.fields = wanted | contacts
        for name, after in plan.fields.items():
            before = getattr(user, name)
            plan.changes.append(
                {
                    "field": name,
                    "label": LABELS[name],
                    "before": shown(name, before),
                    "after": shown(name, after),
                }
            )

    def _contacts(self, plan: Plan, entry: Entry, user: User | None, found: Found) -> dict[str, Any]:
        """Staff code, phone and e-mail that the line gives a person, as far as nobody else has them."""
        wanted: dict[str, Any] = {}
        people = self.people
        for name, owners in (
            ("staff_code", people.by_staff_code),
            ("phone", people.by_phone),
            ("email", people.by_email),
        ):
            said = entry.values.get(name)
            if not said or (user and said in (getattr(user, name), user.contact_phone if name == "phone" else None)):
                continue
            if user is not None and owners.get(said) is user:  # of a record of theirs that was merged
                continue
            if user is not None and user.claimed_at and name != "staff_code":
                self._tell(plan, entry, name, _kept_own(name))
                continue
            if name not in found.shared and said not in owners:
                wanted[name] = said
            elif name == "phone":
                wanted["contact_phone"] = said
                self._tell(plan, entry, name, _SHARED_PHONE)
            else:
                self._tell(plan, entry, name, _taken(name))
        return wanted

    # --- Memberships ------------------------------------------------------------------------------------------------
    def _stand(self, plan: Plan, entry: Entry, place: Place) -> None:
        """The membership that the line says: there already, to be begun, or instead of another."""
        said_from = entry.values.get("valid_from")
        start = max(date.fromisoformat(said_from) if said_from else self.setting.effective_on, place.valid_from)
        here = [m for m in self._standing(plan.user) if m.unit_id == place.id]
        existing = self._named(entry, here)
        if existing is not None:
            plan.membership = existing
            self._entitle(plan, entry, existing)
            if said_from and said_from != existing.valid_from.isoformat():
                self._tell(plan, entry, "valid_from", _kept_start(existing.valid_from))
            return
        if not place.stands:
            self._reject(plan, entry, "unit", self.setting.closed(place))
        elif entry.audience_id is None:
            self._reject(plan, entry, "audience", _NO_AUDIENCE)
        elif entry.role not in self.setting.may_appoint(place.id):
            self._reject(plan, entry, "role", _NOT_YOURS)
        else:
            self._join(plan, entry, place, start, here)

    def _reject(self, plan: Plan, entry: Entry, name: str, fault: Fault) -> None:
        self._tell(plan, entry, name, fault)
        plan.outcome, plan.changes, plan.fields = Outcome.REJECTED, [], {}

    def _standing(self, user: User | None) -> list[Membership]:
        return self.people.memberships[user.pk] if user else []

    @staticmethod
    def _named(entry: Entry, here: list[Membership]) -> Membership | None:
        """The membership that the line means; a blank role or audience says nothing against the only one there is."""
        role, audience = entry.values.get("role"), entry.values.get("audience")
        fitting = [
            m
            for m in here
            if (role is None or m.role == role) and (audience is None or m.audience_id == entry.audience_id)
        ]
        if len(fitting) > 1:
            exact = [m for m in fitting if m.role == entry.role and m.audience_id == entry.audience_id]
            fitting = exact or fitting
        return fitting[0] if fitting else None

    def _entitle(self, plan: Plan, entry: Entry, existing: Membership) -> None:
        title = entry.values.get("title")
        if not title or title == existing.title:
            return
        if existing.role not in self.setting.may_appoint(existing.unit_id):
            self._tell(plan, entry, "title", _NOT_YOUR_TITLE)
            return
        plan.title = title
        plan.changes.append({"field": "title", "label": LABELS["title"], "before": existing.title, "after": title})

    def _join(self, plan: Plan, entry: Entry, place: Place, said: date, here: list[Membership]) -> None:
        plan.replaces = self._replaced(entry, here)
        start = max(said, self.bounds.opens, self.bounds.ends_from(place.id) if plan.replaces else said)
        if start != said:
            self._tell(plan, entry, "valid_from", _begins(start, closed=start == self.bounds.opens))
        plan.joins = {
            "unit_id": place.id,
            "audience_id": entry.audience_id,
            "role": entry.role,
            "title": entry.values.get("title", ""),
            "valid_from": start,
            "is_main": not any(m.is_main for m in self._standing(plan.user)),
        }
        audience = self.setting.audiences_by_id[entry.audience_id or 0]
        words = standing_words(place.name, entry.role, audience, start)
        plan.changes.append({"field": "membership", "label": LABELS["membership"], "before": "", "after": words})

    def _replaced(self, entry: Entry, here: list[Membership]) -> Membership | None:
        """The one membership in the same unit that a new role or audience takes the place of."""
        like = [
            m
            for m in here
            if m.role in self.setting.may_appoint(m.unit_id)
            and m.valid_to is None
            and self.setting.audiences_by_id[m.audience_id].code != CITIZEN
            and (m.role == entry.role or m.audience_id == entry.audience_id)
        ]
        return like[0] if len(like) == 1 else None


def standing_words(unit: str, role: str, audience: Audience, start: date) -> str:
    """``Xã Xuân Lương · Người học · Thành viên Tổ CNSCĐ · từ 01/07/2026``."""
    return f"{unit} · {Role(role).label} · {audience} · từ {vi_date(start)}"


def shown(name: str, value: Any) -> str:
    """A person's field as people read it."""
    if value in (None, ""):
        return ""
    if name == "birth_date":
        return vi_date(value)
    if name == "gender":
        with on_record():
            return str(Gender(value).label)
    return show_phone(value) if name in ("phone", "contact_phone") else str(value)


def _kept_own(name: str) -> Fault:
    phone = gettext_noop("Người này đã nhận tài khoản nên giữ số điện thoại của mình.")
    email = gettext_noop("Người này đã nhận tài khoản nên giữ email của mình.")
    fix = gettext_noop("Nếu số mới đúng, người ấy tự đổi ở trang Tài khoản.")
    return Fault("kept_own_contact", phone if name == "phone" else email, fix, note=True)


def _taken(name: str) -> Fault:
    code = gettext_noop("Mã cán bộ này đã là của người khác nên không ghi cho dòng này.")
    email = gettext_noop("Email này đã là của người khác nên không ghi cho dòng này.")
    return Fault(f"{name}_taken", code if name == "staff_code" else email, gettext_noop("Kiểm tra lại."), note=True)


def _kept_start(start: date) -> Fault:
    text = gettext_noop("Đã là thành viên từ %(day)s; ngày này giữ nguyên.")
    return Fault("kept_start", text, "", note=True, values={"day": vi_date(start)})


_KEPT_PERSON = Fault(
    "kept_person",
    gettext_noop("Thông tin cá nhân của người này do đơn vị khác hoặc cấp trên giữ nên không đổi."),
    gettext_noop("Nếu cần sửa, hãy báo đơn vị đó."),
    note=True,
)


def _begins(start: date, *, closed: bool) -> Fault:
    reported = gettext_noop("Ghi từ %(day)s, vì số liệu năm trước đã báo cáo.")
    decided = gettext_noop("Ghi từ %(day)s, vì thành phần tổ trước ngày ấy đã có quyết định.")
    text = reported if closed else decided
    return Fault("kept_past", text, "", note=True, values={"day": vi_date(start)})


_SHARED_PHONE = Fault(
    "shared_phone",
    gettext_noop("Số này đã là của người khác, nên chỉ ghi làm số liên hệ."),
    gettext_noop("Người này đăng nhập bằng phiếu hoặc mã học viên."),
    note=True,
)
_NO_AUDIENCE = Fault(
    "no_audience", gettext_noop("Chưa rõ đối tượng."), gettext_noop("Ghi đối tượng theo danh sách của tệp mẫu.")
)
_NOT_YOURS = Fault(
    "role_not_yours",
    gettext_noop("Bạn không được giao vai trò này."),
    gettext_noop("Để trống cột Vai trò, hoặc nhờ đơn vị cấp trên giao vai trò."),
)
_NOT_YOUR_TITLE = Fault(
    "kept_title",
    gettext_noop("Chức danh của người này do cấp trên ghi nên không đổi."),
    gettext_noop("Nếu cần sửa, hãy báo cấp trên."),
    note=True,
)
