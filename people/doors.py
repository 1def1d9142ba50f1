"""The doors of ``/quan-ly/``: what an official can do, by the roles they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from people import access
from people.models import Role, UnitKind


@dataclass(frozen=True)
class Door:
    """A room of the offices: its name, what one does there, its address."""

    title: str
    text: str
    path: str


_DOORS: list[tuple[frozenset[str], str, str, str]] = [
    (
        access.ROSTER_KEEPING,
        "rosters:home",
        _("Danh sách người"),
        _("Đưa người của đơn vị vào từ tệp Excel, xuất danh sách ra"),
    ),
    (
        access.TEAM_LEADING,
        "teams:home",
        _("Tổ công nghệ số cộng đồng"),
        _("Ai đã học, ai chưa; nhắc học; kiện toàn tổ"),
    ),
    (
        access.TEAM_LEADING,
        "slips:home",
        _("Phiếu nhận tài khoản"),
        _("In phiếu cho người chưa có tài khoản, kể cả người không có email"),
    ),
    (
        access.TEACHING,
        "teaching:home",
        _("Giảng dạy"),
        _("Ai học đến đâu, dừng ở bài nào, góp ý về bài, bài thực hành chờ xem"),
    ),
    (access.KPI_READING, "kpi:dashboard", _("Chỉ tiêu"), _("Đã học bao nhiêu, còn thiếu bao nhiêu, theo từng đơn vị")),
    (
        access.PROPOSING | {Role.ISSUING_OFFICIAL},
        "issuing:batches",
        _("Cấp chứng nhận"),
        _("Danh sách đề nghị, duyệt, sổ gốc"),
    ),
    (access.MANAGING, "units:tree", _("Cơ cấu đơn vị"), _("Tìm đơn vị, xem tên cũ và đơn vị kế tiếp")),
    (access.AUDIT_READING, "audit:log", _("Nhật ký"), _("Ai đã làm gì, lúc nào, trước và sau ra sao")),
]


def first_page(user: Any) -> str:
    """Where somebody begins after signing in: an office at its desk, the leader of one team at the team, who only
    teaches or writes where one does that, and everybody else at what they learn."""
    if access.is_manager(user):
        held = user.memberships.in_force().filter(role__in=access.MANAGING)
        offices = set(held.values_list("role", "unit__kind", "unit__uuid"))
        teams = [uuid for role, kind, uuid in offices if (role, kind) == (Role.TEAM_LEADER, UnitKind.TEAM)]
        return reverse("teams:team", args=teams) if len(teams) == len(offices) == 1 else reverse("manage_home")
    if access.is_teacher(user):
        return reverse("teaching:home")
    return reverse("wagtailadmin_home" if access.is_editor(user) else settings.LOGIN_REDIRECT_URL)


def doors_for(viewer: Any) -> list[Door]:
    """The doors that open for ``viewer``, in the order of daily work."""
    roles = access.roles_of(viewer)
    open_now = [(name, title, text) for opens_for, name, title, text in _DOORS if roles & opens_for]
    return [Door(gettext(title), gettext(text), reverse(name)) for name, title, text in open_now]
