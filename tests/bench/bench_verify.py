"""How long the public page of a certificate takes, in this very process, on a database that is made and thrown away.

    python -m tests.bench.bench_verify [--certificates 20000] [--times 300]

SQLite unless DATABASE_URL names a server on which a test database may be made.
"""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from tests.bench.inprocess import cost, guest, set_up, site

CHUNK = 500
DIGEST = "ab" * 32


def fill(count: int) -> Any:
    """Certificates taken over from paper, the last one with a file; returns that one."""
    from certificates.models import Certificate
    from certificates.numbering import number_key
    from certificates.services import series_ensure_defaults
    from people.models import UnitKind
    from tests.factories.people import UnitFactory

    root = UnitFactory(name="Tỉnh Bắc Ninh", kind=UnitKind.PROVINCE)
    department = UnitFactory(name="Sở Khoa học và Công nghệ", kind=UnitKind.DEPARTMENT, parent=root)
    _, series = series_ensure_defaults(unit=department, signer_name="Trần Đức Hiếu", signer_title="Giám đốc")
    for start in range(0, count, CHUNK):
        numbers = [f"{number}/2019/CN" for number in range(start + 1, start + CHUNK + 1)]
        Certificate.objects.bulk_create(
            Certificate(
                origin="paper", series=series, year=2019, number=number, number_key=number_key(number),
                holder_name="Nguyễn Thị Ngọc Ưỡng", course_title="Tin học cơ bản", issued_on=date(2019, 5, 2),
                issuer_name="Sở Khoa học và Công nghệ", place="Bắc Ninh",
            )
            for number in numbers
        )  # fmt: skip
    last = Certificate.objects.order_by("-pk").first()
    Certificate.objects.filter(pk=last.pk).update(file="x.pdf", file_sha256=DIGEST)
    return last


def measure(certificate: Any, times: int) -> None:
    """Print queries, milliseconds and kilobytes of the page, and of the page for looking up."""
    client = guest()
    for name, path in (("giấy", f"/xac-minh/{certificate.token}/"), ("tra cứu", "/xac-minh/")):
        figures, _ = cost(client, path, times)
        print(f"{name:8} {figures}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificates", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=300)
    wanted = parser.parse_args()
    set_up()
    with site() as vendor:
        print(vendor, wanted.certificates, "certificates")
        measure(fill(wanted.certificates), wanted.times)
