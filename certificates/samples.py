"""People who are nobody, with names and titles as awkward as real ones: for trying a design before it is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from certificates.models import Asset, Certificate, Design


@dataclass(frozen=True)
class Sample:
    """One trial: its name in an address, what is awkward about it, and what the row says otherwise than usual."""

    key: str
    what: str
    row: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What is awkward about it, in the language of the page."""
        return gettext(self.what)


#: Family names and middle names as one word after another make, up to the longest that the platform keeps.
LONGEST = "Công Tằng Tôn Nữ Hoàng Thị Phương Thuỳ Ngọc Ưỡng Dương Khánh Quỳnh Nguyễn Phước Vĩnh Thuỵ Đỗ Trường Lưỡng"
DEPARTMENT = "Sở Khoa học và Công nghệ"
LONG_TITLE = "Khai thác hồ sơ sức khoẻ điện tử và phòng chống lừa đảo trực tuyến cho viên chức trạm y tế xã, phường"
SAMPLES = (
    Sample("thuong-gap", gettext_noop("Tên thường gặp")),
    Sample("ngan", gettext_noop("Tên ngắn, không có kết quả kiểm tra"), {"holder_name": "Lý Ý", "score": None}),
    Sample("du-dau", gettext_noop("Tên đủ dấu"), {"holder_name": "Nguyễn Thị Ngọc Ưỡng Đỗ Trường Thuỳ Quỳnh"}),
    Sample("60-chu", gettext_noop("Tên 60 chữ cái"), {"holder_name": LONGEST[:60].strip()}),
    Sample("150-chu", gettext_noop("Tên 150 chữ cái"), {"holder_name": (f"{LONGEST} " * 2)[:150].strip()}),
    Sample("khoa-dai", gettext_noop("Tên khoá học dài"), {"course_title": LONG_TITLE}),
    Sample(
        "khoa-dai-nhat",
        gettext_noop("Tên khoá học 200 chữ cái"),
        {"course_title": f"{LONG_TITLE}, {LONG_TITLE}"[:200].strip()},
    ),
    Sample(
        "don-vi-dai",
        gettext_noop("Tên đơn vị cấp dài"),
        {"issuer_name": f"Trung tâm Bồi dưỡng và phát triển kỹ năng số thuộc {DEPARTMENT} tỉnh Bà Rịa - Vũng Tàu"},
    ),
    Sample("khong-ngay-sinh", gettext_noop("Không có ngày sinh"), {"holder_birth_date": None}),
    Sample(
        "khong-nguoi-ky",
        gettext_noop("Cấp tự động, không có người ký và quyết định"),
        {"signer_name": "", "signer_title": "", "decision_number": "", "decision_date": None, "signature": None},
    ),
    Sample("het-han", gettext_noop("Có ngày hết hạn"), {"expires_on": date(2028, 11, 17)}),
)  # fmt: skip
BY_KEY = {sample.key: sample for sample in SAMPLES}


def sample_certificate(sample: Sample, design: Design, signature: Asset | None = None) -> Certificate:
    """A row that was never saved, as issuing would freeze it."""
    usual: dict[str, Any] = {
        "uuid": UUID(int=0),
        "token": "mau-thu-khong-co-gia-tri-1234",
        "design": design,
        "signature": signature,
        "number": "00042/2026/CN-SKHCN",
        "year": 2026,
        "seq": 42,
        "holder_name": "Nguyễn Thị Ngọc Ánh",
        "holder_birth_date": date(1969, 5, 17),
        "course_title": "Kỹ năng số cơ bản cho cộng đồng",
        "course_hours": Decimal("1.5"),
        "score": Decimal("87.5"),
        "completed_on": date(2026, 11, 12),
        "issued_on": date(2026, 11, 18),
        "issuer_name": f"{DEPARTMENT} {settings.PROVINCE_NAME}",
        "place": settings.PROVINCE_NAME.removeprefix("tỉnh ").removeprefix("thành phố "),
        "signer_name": "Trần Đức Hiếu",
        "signer_title": "Phó Giám đốc",
        "decision_number": "412/QĐ-SKHCN",
        "decision_date": date(2026, 11, 18),
    }
    return Certificate(**(usual | sample.row))


def must_be_seen(certificate: Certificate) -> list[str]:
    """What every paper has to show whole."""
    return [
        certificate.holder_name,
        certificate.course_title,
        certificate.number,
        *(word for word in certificate.issuer_name.split() if word[0].isupper()),
    ]
