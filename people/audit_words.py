"""The audit log in words that people read: what each act is called, and what changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext, gettext_noop, pgettext

from common import wording
from common.models import AuditEntry
from people.audit_names import ACTS, FIELDS, GROUPS
from people.models import Audience, Channel, Gender, Role, UnitKind
from people.phones import show_phone

#: What only programs compare.
_UNSAID = frozenset({"form_version", "sha256", "sums", "version"})
HOW = {
    "phone": gettext_noop("mã gửi về điện thoại"),
    "email": gettext_noop("mã gửi qua email"),
    "slip": gettext_noop("phiếu in"),
}
STATES = {
    "valid": gettext_noop("còn hiệu lực"),
    "revoked": gettext_noop("đã thu hồi"),
    "cancelled": gettext_noop("đã huỷ bỏ"),
    "replaced": gettext_noop("đã được thay thế"),
}
#: As ``certificates.models.ReasonClass`` names them; a test holds the two against each other.
REASON_CLASSES = {
    "fraud": gettext_noop("Gian lận trong học tập, kiểm tra hoặc hồ sơ"),
    "not_entitled": gettext_noop("Không đủ điều kiện được cấp"),
    "wrong_content": gettext_noop("Nội dung ghi sai"),
    "lost": gettext_noop("Bản giấy bị mất hoặc hư hỏng"),
    "on_request": gettext_noop("Theo đề nghị của người được cấp"),
    "other": gettext_noop("Lý do khác"),
}
#: Names behind values, by field; pages translate them.
_CHOICES: dict[str, dict[str, Any]] = {
    "role": dict(Role.choices),
    "gender": dict(Gender.choices),
    "kind": dict(UnitKind.choices),
    "channel": dict(Channel.choices),
    "state": STATES,
    "reason_class": REASON_CLASSES,
    "how": HOW,
    "group": {name: name for name in GROUPS.values()},
}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_MOST = 12  # of a long list


@dataclass(frozen=True)
class Change:
    """One field of an act: what it was and what it became; ``before`` is None for a plain fact.

    ``quoted``: the page is in another language than the words, which stand as somebody wrote them.
    """

    label: str
    before: str | None
    after: str
    quoted: bool = False


def named(name: str) -> str:
    """One of ``audit_names`` in the reader's language."""
    said = pgettext("nhật ký", name)
    return said if said != name else gettext(name)


def act_name(act: str) -> str:
    """What the act is called; its code in plain letters where nobody named it."""
    return named(ACTS[act][1]) if act in ACTS else act.replace("_", " ").replace(".", " ")


def acts_of(group: str) -> list[str]:
    """The acts of a group of the search form."""
    return [act for act, (its_group, _name) in ACTS.items() if its_group == group]


@dataclass(frozen=True)
class Known:
    """Names behind codes and uuids, read once for many entries."""

    audiences: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def changes_of(entry: AuditEntry, known: Known | None = None) -> list[Change]:
    """What an entry says, in words: first what changed, then the facts that go with it."""
    words = _Words(known or Known())
    changed = [
        words.change(field, entry.after.get(field), before=entry.before.get(field))
        for field in dict.fromkeys([*entry.before, *entry.after])
    ]
    facts = [words.fact(field, value) for field, value in entry.detail.items() if field not in _UNSAID]
    said_already = {gettext(NOTHING), entry.subject_name}
    return [c for c in changed if c.before != c.after] + [f for f in facts if f.after not in said_already]


def uuids_in(entry: AuditEntry) -> set[str]:
    """Whom and what an entry names by uuid."""
    said = [*entry.before.values(), *entry.after.values(), *entry.detail.values()]
    flat = (one for value in said for one in (value if isinstance(value, list) else [value]))
    return {one for one in flat if _is_inner(one)}


def audience_names() -> dict[str, str]:
    """Names of audiences by code."""
    return {audience.code: str(audience) for audience in Audience.objects.all()}


NOTHING = gettext_noop("(trống)")


def _label(field: str) -> str:
    return named(FIELDS[field]) if field in FIELDS else field.replace("_", " ").capitalize()


class _Words:
    """Values as people write them."""

    def __init__(self, known: Known) -> None:
        self.names = known.names
        self.choices: dict[str, dict[str, Any]] = {**_CHOICES, "audience": known.audiences}

    def change(self, field: str, after: Any, *, before: Any) -> Change:
        was, now = self.of(field, before), self.of(field, after)
        return Change(_label(field), was, now, _is_quoted(was, before) or _is_quoted(now, after))

    def fact(self, field: str, value: Any) -> Change:
        said = self.of(field, value)
        return Change(_label(field), None, said, _is_quoted(said, value))

    def of(self, field: str, value: Any) -> str:
        if isinstance(value, bool):
            return pgettext("nhật ký", "có") if value else pgettext("nhật ký", "không")
        if value is None or value == "" or value == [] or value == {}:
            return gettext(NOTHING)
        if isinstance(value, int | float):
            return str(value) if field in {"year", "number"} else wording.number(value)
        if isinstance(value, list):
            return self._list(field, value)
        if isinstance(value, dict):
            said = {key: self.of(key, one) for key, one in value.items() if not _is_inner(one)}
            named = (f"{_label(key)} {one}" for key, one in said.items())
            return ", ".join(named) or gettext(NOTHING)
        return self._text(field, str(value))

    def _list(self, field: str, values: list[Any]) -> str:
        known = [value for value in values if not _is_inner(value) or value in self.names]
        shown = "; ".join(self.of(field, value) for value in known[:_MOST])
        more = len(known) - _MOST
        if more > 0:
            return gettext("%(shown)s và %(more)s nữa") % {"shown": shown, "more": wording.number(more)}
        return shown or gettext(NOTHING)

    def _text(self, field: str, text: str) -> str:
        if named := self.choices.get(field, {}).get(text):
            return named if field == "audience" else gettext(str(named))
        if _is_inner(text):
            return self.names.get(text) or gettext(NOTHING)
        return _when(text) or (show_phone(text) if text.startswith("+") else text)


def _when(text: str) -> str:
    """A day or moment as people write it; empty for text that only looks like one."""
    try:
        if _DAY.fullmatch(text):
            return wording.day(date.fromisoformat(text))
        if _MOMENT.match(text):
            return wording.moment(datetime.fromisoformat(text))
    except ValueError:
        pass
    return ""


def _is_inner(value: Any) -> bool:
    """Whether the value only means something to programs."""
    return isinstance(value, str) and bool(_UUID.fullmatch(value))


def _is_quoted(said: str, value: Any) -> bool:
    """Whether a page in another language shows a text just as it was kept."""
    return wording.is_foreign() and isinstance(value, str) and said == value
