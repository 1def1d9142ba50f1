"""Hints on the first visit of a page: three short steps for one role, put away once and for all.

Whoever put one away is remembered on their account (``User.hints_seen``). Guests get none: the first page says by
itself what can be done there, and it is one page for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.guides import guide_path
from people import access
from people.models import Role, User


@dataclass(frozen=True)
class Hint:
    """A hint on the page ``at`` (name of an address); ``roles`` empty: for whoever is signed in.

    ``steps`` are a sentence and the heading of the guide that goes on with it. ``is_folded``: one line that opens,
    where what the page is for must stand on a phone's first screen.
    """

    key: str
    at: str
    title: Promise
    guide: str
    steps: tuple[tuple[Promise, str], ...]
    roles: frozenset[str] = frozenset()
    is_folded: bool = False

    @property
    def links(self) -> list[tuple[Promise, str]]:
        return [(words, guide_path(self.guide, anchor)) for words, anchor in self.steps]


HINTS = (
    Hint(
        "hoc",
        "courses:my_learning",
        _("Mới học ở đây?"),
        "nguoi-hoc",
        (
            (_("Chọn một khoá và học thử bài đầu"), "hoc-mot-khoa"),
            (_("Nghỉ lúc nào cũng được, mở lại là đúng chỗ đang dở"), "hoc-tiep"),
            (_("Đạt bài cuối khoá thì có giấy để tải về"), "nhan-giay"),
        ),
    ),
    Hint(
        "to",
        "teams:team",
        _("Mới làm tổ trưởng?"),
        "to-truong",
        (
            (_("Xem ai trong tổ chưa học"), "xem-ai-trong-to-chua-hoc"),
            (_("Nhắc họ bằng một lần bấm"), "nhac-nguoi-chua-hoc"),
            (_("Trao phiếu giấy cho người chưa vào được"), "nguoi-ghi-chua-co-tai-khoan"),
        ),
        frozenset({Role.TEAM_LEADER}),
        is_folded=True,
    ),
    Hint(
        "dau-moi",
        "manage_home",
        _("Mới làm đầu mối?"),
        "dau-moi",
        (
            (_("Mỗi dòng dưới đây là một việc, con số mở đúng danh sách ấy"), "viec-cho-ban-hom-nay"),
            (_("Trao phiếu cho người chưa vào lần nào"), "in-phieu-nhan-tai-khoan"),
            (_("Ai học xong thì lập đợt cấp giấy cho họ"), "de-nghi-cap-chung-nhan"),
        ),
        frozenset({Role.COORDINATOR}),
    ),
    Hint(
        "ky-cap",
        "manage_home",
        _("Mới ký cấp ở đây?"),
        "ky-cap",
        (
            (_("Xem kỹ người và họ tên rồi duyệt theo quyết định"), "duyet-mot-danh-sach"),
            (_("Theo dõi cho tới khi mọi giấy có số và tệp"), "theo-doi-viec-cap"),
            (_("Giao giấy và ghi người nhận"), "giao-giay"),
        ),
        frozenset({Role.ISSUING_OFFICIAL}),
    ),
    Hint(
        "chu-tri",
        "manage_home",
        _("Mới giữ số liệu ở đây?"),
        "chu-tri",
        (
            (_("Con số nào cũng mở ra được danh sách người"), "doc-con-so"),
            (_("Hết kỳ thì chốt, số đã chốt giữ nguyên"), "chot-so-lieu"),
            (_("Báo cáo điền sẵn từ số đã chốt"), "lap-bao-cao"),
        ),
        access.KPI_KEEPING,
    ),
    Hint(
        "giang-vien",
        "teaching:home",
        _("Mới dạy ở đây?"),
        "giang-vien",
        (
            (_("Xem bài nào có nhiều người dừng lại"), "ai-hoc-den-dau"),
            (_("Bài nộp: đạt hay còn thiếu gì"), "xem-bai-thuc-hanh"),
            (_("Chấm câu tự luận theo từng tiêu chí"), "cham-cau-tu-luan"),
        ),
        frozenset({Role.INSTRUCTOR}),
    ),
)
BY_KEY = {hint.key: hint for hint in HINTS}


def hint_for(request: HttpRequest) -> Hint | None:
    """The hint to show on the page: of the person's roles, and not yet put away; not on what a page shows when asked
    for more, such as its list for the printer. No query beyond the person's roles."""
    user: Any = getattr(request, "user", None)
    match = getattr(request, "resolver_match", None)
    here = [hint for hint in HINTS if match and hint.at == match.view_name]
    if not here or request.GET or user is None or not user.is_authenticated:
        return None
    roles = access.roles_of(user)
    mine = (hint for hint in here if not hint.roles or hint.roles & roles)
    return next((hint for hint in mine if hint.key not in user.hints_seen), None)


def hint_put_away(*, user: User, hint: Hint) -> None:
    """Never show the hint to the person again; a second time changes nothing."""
    if hint.key not in user.hints_seen:
        user.hints_seen = [*user.hints_seen, hint.key]
        user.save(update_fields=["hints_seen"])
