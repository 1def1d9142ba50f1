"""What anybody can learn of a certificate: every state, its file, and nothing more than that."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.models import Certificate, Origin
from certificates.services import (
    certificate_cancel,
    certificate_correct,
    certificate_reissue,
    certificate_render,
    certificate_revoke,
)
from certificates.views import LOOKUPS
from certificates.wording import Status, status_of
from tests.certificates.test_acts import DECISION

TODAY = date(2026, 11, 20)


@pytest.fixture
def page(issued) -> str:
    return reverse("certificates:verify_token", args=[issued.certificate.token])


def text_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.mark.parametrize(
    ("state", "expires", "status"),
    [
        ("valid", None, Status.VALID),
        ("valid", TODAY, Status.VALID),
        ("valid", TODAY + timedelta(days=1), Status.VALID),
        ("valid", TODAY - timedelta(days=1), Status.EXPIRED),
        ("revoked", TODAY - timedelta(days=1), Status.REVOKED),
        ("cancelled", None, Status.CANCELLED),
        ("replaced", TODAY - timedelta(days=1), Status.REPLACED),
    ],
)
def test_status(state, expires, status):
    assert status_of(state, expires_on=expires, today=TODAY) == status


ENDED = {
    "expired": (None, ("Giấy này đã hết hiệu lực", "Hết hiệu lực từ ngày 20/11/2026")),
    "revoked": (certificate_revoke, ("Giấy này đã bị thu hồi", "Thu hồi ngày 20/11/2026", "Lý do: Gian lận")),
    "cancelled": (certificate_cancel, ("Giấy này đã bị huỷ bỏ", "Huỷ bỏ ngày 20/11/2026", "Lý do: Gian lận")),
}


@pytest.mark.parametrize("what", ENDED)
def test_what_no_longer_holds_says_since_when_and_why(client, issued, official, page, what):
    do, said = ENDED[what]
    if do is None:
        Certificate.objects.filter(pk=issued.certificate.pk).update(expires_on=TODAY - timedelta(days=1))
    else:
        do(certificate=issued.certificate, actor=official, reason="Riêng tư", reason_class="fraud", **DECISION)
    answer = client.get(page)
    text = text_of(answer)
    assert answer.status_code == 200
    assert all(part in text for part in said), text
    assert "Riêng tư" not in text
    assert "✓" not in text


def test_what_was_replaced_leads_to_the_last(client, issued, official, page):
    middle, _ = certificate_reissue(certificate=issued.certificate, actor=official, reason="Mất ở nhà", **DECISION)
    last, _ = certificate_correct(
        certificate=middle, actor=official, reason="Sai tên", changes={"holder_name": "Nguyễn Thị Ứng"}, **DECISION
    )
    answer = client.get(page)
    text = text_of(answer)
    assert f"bởi giấy số {last.number}" in text
    assert reverse("certificates:verify_token", args=[last.token]) in answer.content.decode()
    assert "Lý do: Bản giấy bị mất hoặc hư hỏng" in text
    assert "Mất ở nhà" not in text
    assert "Giấy này có hiệu lực" in text_of(client.get(reverse("certificates:verify_token", args=[last.token])))


def test_what_came_from_paper_says_so(client, issued):
    paper = Certificate.objects.create(
        origin=Origin.PAPER, series=issued.certificate.series, year=2019, number="15/2019/CN", number_key="15.2019.cn",
        holder_name="Lê Văn Cũ", course_title="Tin học cơ bản", issued_on=date(2019, 5, 2), issuer_name="Sở", place="B",
    )  # fmt: skip
    text = text_of(client.get(reverse("certificates:verify_token", args=[paper.token])))
    assert "Ghi lại từ sổ giấy" in text
    assert "Thời lượng" not in text
    found = client.post(reverse("certificates:verify"), {"number": "15/2019/cn", "name": "le van cu"})
    assert found["Location"] == reverse("certificates:verify_token", args=[paper.token])


def test_who_signed_and_when_is_told(client, issued, page):
    moment = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
    Certificate.objects.filter(pk=issued.certificate.pk).update(signed_at=moment, signed_by="Sở KH&CN")
    text = text_of(client.get(page))
    assert "Chữ ký số Sở KH&amp;CN, ký lúc 11:30" in text


# --- By file ---------------------------------------------------------------------------------------------------------
def by_file(digest: str) -> str:
    return reverse("certificates:verify_file", args=[digest])


def test_the_exact_file_finds_its_certificate(client, issued, official):
    made = certificate_render(certificate_id=issued.certificate.pk)
    answer = client.get(by_file(made.file_sha256))
    assert answer.status_code == 200
    assert "Tệp của bạn đúng là tệp đã cấp" in text_of(answer)
    assert answer["Cache-Control"] == "no-store"
    certificate_revoke(certificate=issued.certificate, actor=official, reason="x", **DECISION)
    assert "đúng là tệp đã cấp, nhưng giấy này đã bị thu hồi" in text_of(client.get(by_file(made.file_sha256)))


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        ("0" * 64, "Tệp này không phải tệp đã cấp"),
        ("0" * 63, "Mã SHA-256 chưa đúng"),
        ("A" * 64, "Mã SHA-256 chưa đúng"),
        ("tep.pdf", "Mã SHA-256 chưa đúng"),
    ],
)
def test_any_other_file_finds_nothing(client, issued, digest, said):
    certificate_render(certificate_id=issued.certificate.pk)
    answer = client.get(by_file(digest))
    assert answer.status_code == 404
    assert said in text_of(answer)
    assert issued.certificate.holder_name not in text_of(answer)


def test_a_certificate_without_file_is_not_found_by_an_empty_one(client, issued):
    assert client.get("/xac-minh/tep/").status_code == 404
    assert client.get("/xac-minh/tep/?ma=").status_code == 404


def test_a_digest_typed_by_hand_leads_there(client, issued):
    made = certificate_render(certificate_id=issued.certificate.pk)
    typed = f" {made.file_sha256.upper()[:32]} {made.file_sha256[32:]}\n"
    answer = client.get(reverse("certificates:verify_digest"), {"ma": typed})
    assert answer["Location"] == by_file(made.file_sha256)


def test_looking_files_up_is_limited_like_numbers(client, db):
    for _ in range(LOOKUPS):
        assert client.get(by_file("0" * 64)).status_code == 404
    assert client.get(by_file("0" * 64)).status_code == 429
    assert client.post(reverse("certificates:verify"), {"number": "1", "name": "A B"}).status_code == 429


def test_without_script_the_page_explains_the_digest(client, issued, page):
    made = certificate_render(certificate_id=issued.certificate.pk)
    assert made.file_sha256 in text_of(client.get(page))
    assert "certutil -hashfile" in text_of(client.get(reverse("certificates:verify")))


# --- Light and closed ------------------------------------------------------------------------------------------------
def test_the_page_is_light(client, issued, official):
    """HTML, style and scripts as they travel: a clerk on a slow line waits for nothing else."""
    first = issued.certificate
    certificate_render(certificate_id=first.pk)
    certificate_reissue(certificate=first, actor=official, reason="Mất", **DECISION)
    for address in (reverse("certificates:verify"), reverse("certificates:verify_token", args=[first.token])):
        html = client.get(address).content
        parts = re.findall(r'(?:src|href)="/static/([^"]+\.(?:js|css))"', html.decode())
        assert {"css/site.css", "js/verify-file.js"} <= set(parts)
        sizes = {"html": len(gzip.compress(html, 6))}
        for part in parts:
            with open(finders.find(part), "rb") as file:
                sizes[part] = len(gzip.compress(file.read(), 6))
        assert sum(sizes.values()) <= 20_000, sizes


def test_the_page_asks_the_database_little(client, issued, official, page):
    """The certificate with its series and what replaced it; a chain of three costs nothing more."""
    current = issued.certificate
    for number in range(3):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        assert len(queries) <= 3
        current, _ = certificate_reissue(
            certificate=current, actor=official, reason="Mất", **(DECISION | {"decision_number": f"{number + 1}/QĐ"})
        )
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    assert len(queries) <= 3


@pytest.mark.parametrize("state", ["valid", "replaced"])
def test_no_engine_keeps_it(client, issued, official, page, state):
    if state == "replaced":
        certificate_reissue(certificate=issued.certificate, actor=official, reason="Mất", **DECISION)
    answer = client.get(page)
    assert answer["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in answer.content.decode()
