"""One account for each role, and two lists of certificates on an official's desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone

from certificates.models import Batch, Series
from certificates.services import batch_approve, batch_number, batch_propose, series_ensure_defaults
from courses.models import Course
from courses.querysets import completions_under
from lms.province import REFORM_DAY
from people.access import STAFF
from people.models import Audience, Membership, Role, Unit, User

PASSWORD = "hoc-so-2026"  # shown on screen: these accounts exist only where somebody asked for a demo
DOMAIN = "demo.hocso.example"


@dataclass(frozen=True)
class Account:
    """A demo account: one for each role."""

    login: str
    name: str
    role: Role
    audience: str
    unit_code: str
    doing: str

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"

    @property
    def has_second_step(self) -> bool:
        return self.role in STAFF


LED_TEAM = "TO-07210"
#: Phường Bắc Giang, whose people also left visits and opinions.
TAUGHT_WARD = "07210"

#: Unit codes: 24 the province, SKHCN the department, 07210 Phường Bắc Giang, LED_TEAM a team of a ward it came from.
ACCOUNTS = (
    Account(
        "nguoihoc",
        "Nguyễn Thị Ngọc Ưỡng",
        Role.LEARNER,
        "nguoi_dan",
        "07210",
        "người học: học, làm bài, nhận giấy xác nhận",
    ),
    Account(
        "totruong", "Giáp Văn Khởi", Role.TEAM_LEADER, "to_cnscd", LED_TEAM, "tổ trưởng: xem ai trong tổ đã học xong"
    ),
    Account(
        "daumoi",
        "Lê Thị Ánh",
        Role.COORDINATOR,
        "cccvc",
        "07210",
        "đầu mối đơn vị: số liệu của phường, đề nghị cấp chứng nhận",
    ),
    Account(
        "giangvien",
        "Nguyễn Văn Lâm",
        Role.INSTRUCTOR,
        "giao_vien",
        "07210",
        "giảng viên: ai học đến đâu, góp ý về bài, bài thực hành chờ xem",
    ),
    Account(
        "kycap",
        "Trần Đức Hiếu",
        Role.ISSUING_OFFICIAL,
        "cccvc",
        "SKHCN",
        "người ký cấp chứng nhận: duyệt, thu hồi, sổ gốc",
    ),
    Account(
        "chutri", "Vũ Thị Hằng", Role.PROVINCIAL_LEAD, "cccvc", "24", "đơn vị chủ trì cấp tỉnh: chỉ tiêu toàn tỉnh"
    ),
    Account("bientap", "Đặng Thuỳ Dương", Role.EDITOR, "cccvc", "SKHCN", "biên tập viên: soạn bài trong /cms/"),
    Account(
        "thamdinh",
        "Hoàng Thị Thuý",
        Role.CONTENT_REVIEWER,
        "cccvc",
        "SKHCN",
        "người thẩm định nội dung, khi tỉnh bật thẩm định trước khi xuất bản",
    ),
    Account(
        "xuatban",
        "Ngô Văn Quyết",
        Role.PUBLISHER,
        "cccvc",
        "SKHCN",
        "người xuất bản, khi tỉnh bật thẩm định trước khi xuất bản",
    ),
    Account("quantri", "Bùi Quang Uý", Role.ADMINISTRATOR, "cccvc", "24", "quản trị hệ thống"),
)


def accounts_create() -> dict[str, User]:
    """One account for each role, with a verified e-mail and the shown password.

    Staff get an authenticator app with a secret of their own; a demo shows its code on the page that asks for it.
    """
    audiences = {a.code: a for a in Audience.objects.all()}
    found: dict[str, User] = {}
    for account in ACCOUNTS:
        unit = Unit.objects.filter(code=account.unit_code).order_by("-valid_from")[0]
        administrator = account.role == Role.ADMINISTRATOR
        user = User.objects.create_user(
            full_name=account.name,
            password=PASSWORD,
            email=account.email,
            birth_date=date(1969, 5, 17),
            office_phone="0204 385 6123" if account.role == Role.COORDINATOR else "",
            is_staff=administrator,
            is_superuser=administrator,
        )
        EmailAddress.objects.create(user=user, email=account.email, verified=True, primary=True)
        Membership.objects.create(
            user=user,
            unit=unit,
            audience=audiences[account.audience],
            role=account.role,
            title=account.doing.split(":")[0].capitalize(),
            is_main=True,
            valid_from=max(unit.valid_from, date(2025, 7, 1)),
        )
        if account.has_second_step:
            TOTP.activate(user, generate_totp_secret())
        found[account.login] = user
    return found


def batches_create(accounts: dict[str, User]) -> int:
    """One list already issued and one waiting for the official, both through the real services."""
    course = Course.objects.get(slug="5-ky-nang-so-co-ban")
    series_ensure_defaults(
        unit=Unit.objects.get(code="SKHCN", valid_to=None),
        signer_name=accounts["kycap"].full_name,
        signer_title="Phó Giám đốc",
        place="Bắc Ninh",
    )
    series = Series.objects.get(is_automatic=False)
    ward = Unit.objects.get(code="07210", valid_from=REFORM_DAY)
    people = list(completions_under(unit=ward, course=course).order_by("completed_at", "pk"))
    halves = [people[:10], people[10:30]]
    made = 0
    for part, completions in enumerate(half for half in halves if half):
        batch: Batch = batch_propose(
            proposer=accounts["daumoi"],
            series=series,
            course=course,
            unit=ward,
            title=f"Tổ công nghệ số cộng đồng {ward.name}, đợt {part + 1} năm {timezone.localdate().year}",
            completions=completions,
        )
        if part == 0:
            batch_approve(
                batch=batch,
                approver=accounts["kycap"],
                decision_number="412/QĐ-SKHCN",
                decision_date=timezone.localdate(),
            )
            batch_number(batch=batch)
        made += 1
    return made
