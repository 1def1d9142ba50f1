"""What an official has put together for a reconstitution so far: kept in their session until it is saved.

It holds names only of people who are to be added and have no account yet, and goes when the composition is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.urls import reverse
from django.utils.translation import gettext as _

from common.errors import Refusal
from people.models import Unit, User
from people.querysets import today
from people.teams import NewPerson, Seat, composition, composition_mark

DECISION_FIELDS = ("effective_on", "decision_number", "decision_date")


class Draft:
    """The draft of one team in one session. ``rows`` holds {key, name, new, added, stays, leads, title} a person."""

    def __init__(self, session: SessionBase, team: Unit) -> None:
        self.session, self.team = session, team
        self.data: dict[str, Any] = session.get(self._key) or self._fresh()

    @property
    def _key(self) -> str:
        return f"team-draft:{self.team.uuid}"

    def _fresh(self) -> dict[str, Any]:
        rows = [
            {
                "key": member.user,
                "name": member.name,
                "new": None,
                "added": False,
                "stays": True,
                "leads": member.leads,
                "title": member.title,
            }
            for member in composition(self.team, today())
        ]
        decision = {"effective_on": today().strftime("%d/%m/%Y"), "decision_number": "", "decision_date": ""}
        return {"mark": composition_mark(self.team), "rows": rows, "decision": decision}

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.data["rows"]
        return rows

    @property
    def decision(self) -> dict[str, str]:
        decision: dict[str, str] = self.data["decision"]
        return decision

    def keep(self) -> None:
        self.session[self._key] = self.data

    def forget(self) -> None:
        self.session.pop(self._key, None)

    def read(self, post: Mapping[str, Any], ticked: set[str]) -> None:
        """Take over what the form says: who stays, who leads, titles, the decision."""
        for row in self.rows:
            row["stays"] = row["key"] in ticked
            row["leads"] = post.get("to-truong") == row["key"]
            row["title"] = str(post.get(f"chuc-danh-{row['key']}", row["title"]))[:120].strip()
        self.data["decision"] = {name: str(post.get(name, ""))[:60] for name in DECISION_FIELDS}
        self.keep()

    def has(self, user: User) -> bool:
        return any(row["key"] == str(user.uuid) for row in self.rows)

    def add_user(self, user: User) -> None:
        if self.has(user):
            raise self._twice(user.full_name)
        self._add(str(user.uuid), user.full_name, None)

    def add_new(self, person: NewPerson) -> None:
        born = person.birth_date.isoformat() if person.birth_date else ""
        new = {"full_name": person.full_name, "birth_date": born, "phone": person.phone}
        if any(row["new"] == new for row in self.rows):
            raise self._twice(person.full_name)
        number = sum(row["new"] is not None for row in self.rows) + 1
        self._add(f"moi-{number}", person.full_name, new)

    def _twice(self, name: str) -> Refusal:
        return Refusal(
            _("%(name)s đã có trong danh sách.") % {"name": name},
            code="twice",
            fix=_("Không cần thêm lần nữa. Quay lại trang kiện toàn và đánh dấu «Có trong tổ» ở dòng của người này."),
            back=reverse("teams:reconstitute", args=[self.team.uuid]),
        )

    def _add(self, key: str, name: str, new: dict[str, str] | None) -> None:
        self.rows.append(
            {"key": key, "name": name, "new": new, "added": True, "stays": True, "leads": False, "title": ""}
        )
        self.keep()

    def seats(self) -> list[Seat]:
        """Who is to be in the team. Raises Refusal (``no_leader``) where the leader was not ticked to stay."""
        chosen = [row for row in self.rows if row["stays"]]
        known = User.objects.select_related("merged_into").filter(uuid__in=[r["key"] for r in chosen if not r["new"]])
        # Somebody's second record may have been closed since the draft was begun: the other one goes on.
        users = {str(user.uuid): user.merged_into or user for user in known}
        if any(row["leads"] and not row["stays"] for row in self.rows):
            raise Refusal(
                _("Người được chọn làm tổ trưởng chưa được đánh dấu «Có trong tổ»."),
                code="no_leader",
                fix=_("Đánh dấu người đó, hoặc chọn người khác làm tổ trưởng."),
            )
        return [
            Seat(
                person=_new(row["new"]) if row["new"] else users[row["key"]],
                leads=row["leads"],
                title=row["title"],
            )
            for row in chosen
        ]


def _new(said: dict[str, str]) -> NewPerson:
    born = date.fromisoformat(said["birth_date"]) if said["birth_date"] else None
    return NewPerson(full_name=said["full_name"], birth_date=born, phone=said["phone"])
