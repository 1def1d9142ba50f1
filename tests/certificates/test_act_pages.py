"""The pages of acts on a certificate: forms, refusals, owner, colleague and stranger, copies, query counts."""

from __future__ import annotations

import re
import subprocess

import pytest
from django.urls import reverse

from certificates.models import Act, Certificate, CertificateState
from certificates.services import certificate_copy, certificate_reissue
from tests.certificates.test_acts import ASKED, DECISION
from tests.certificates.test_views import POSTED, _queries
from tests.proof import prove

SENT = {"reason": "Lý do", **POSTED}
FORMS = {
    "certificate_revoke": (SENT | {"reason_class": "fraud"}, CertificateState.REVOKED),
    "certificate_cancel": (SENT | {"reason_class": "other"}, CertificateState.CANCELLED),
    "certificate_reissue": (SENT, CertificateState.REPLACED),
    "certificate_correct": (
        SENT
        | {
            "holder_name": "Nguyễn Thị Ngọc Ứng",
            "holder_birth_date": "17/05/1969",
            "course_title": "5 kỹ năng số cơ bản",
            "course_hours": "2,5",
            "score": "",
            "completed_on": "20/11/2026",
        },
        CertificateState.REPLACED,
    ),
    "certificate_copy": (
        {"asked_by": "Lê A", "copies": "2", "reason": "Nộp hồ sơ", "confirmed": "on"},
        CertificateState.VALID,
    ),
}
#: What is left out or wrong, and what the page says then.
WRONG = {
    "certificate_revoke": [
        ({"reason_class": ""}, "Hãy điền mục này"),
        ({"reason_class": "vi-thich"}, "Có chỗ cần sửa"),
        ({"reason": " "}, "Hãy điền mục này"),
        ({"confirmed": ""}, "Hãy đánh dấu ô này"),
    ],
    "certificate_cancel": [
        ({"reason_class": ""}, "Hãy điền mục này"),
        ({"reason": ""}, "Hãy điền mục này"),
        ({"decision_number": "x"}, "chưa đúng dạng số văn bản"),
        ({"decision_date": "01/01/2020"}, "trước ngày 20/11/2026, là ngày cấp giấy"),
    ],
    "certificate_reissue": [
        ({"reason": ""}, "Hãy điền mục này"),
        ({"decision_number": ""}, "Hãy điền mục này"),
        ({"decision_date": "31/02/2026"}, "Ngày chưa đúng"),
        ({"confirmed": ""}, "Hãy đánh dấu ô này"),
    ],
    "certificate_correct": [
        ({"holder_name": ""}, "Hãy điền mục này"),
        ({"holder_birth_date": "1969"}, "Ngày chưa đúng"),
        ({"course_hours": "nhiều"}, "Ghi một số"),
        ({"completed_on": ""}, "Hãy ghi ngày"),
    ],
    "certificate_copy": [
        ({"asked_by": ""}, "Hãy điền mục này"),
        ({"copies": "0"}, "Ghi một số từ 1 đến 50"),
        ({"copies": "51"}, "nhiều nhất 50 bản"),
        ({"confirmed": ""}, "Hãy đánh dấu ô này"),
    ],
}


@pytest.fixture
def page(issued) -> str:
    return reverse("issuing:certificate", args=[issued.certificate.uuid])


def pdf_words(pdf: bytes) -> str:
    """What a reader finds in a PDF, on one line."""
    said = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, check=True, capture_output=True).stdout
    return " ".join(said.decode().split())


def address(name, certificate):
    return reverse(f"issuing:{name}", args=[certificate.uuid])


@pytest.mark.parametrize("name", FORMS)
def test_the_official_acts(client, issued, official, name):
    form, state = FORMS[name]
    client.force_login(official)
    prove(client)
    answer = client.post(address(name, issued.certificate), form, follow=True)
    assert answer.status_code == 200
    assert '<p class="notice success">' in answer.content.decode()
    issued.certificate.refresh_from_db()
    assert issued.certificate.state == state


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    ("who", "status"),
    [("coordinator", 403), ("lead", 403), ("other_coordinator", 403), ("stranger", 404), ("learner", 404)],
)
def test_nobody_else_does(client, request, issued, name, who, status):
    client.force_login(request.getfixturevalue(who))
    form, _ = FORMS[name]
    assert client.post(address(name, issued.certificate), form).status_code == status
    assert issued.certificate.register.count() == 1


@pytest.mark.parametrize("name", FORMS)
def test_wrong_input_comes_back_with_words(client, issued, official, name):
    client.force_login(official)
    prove(client)
    form, _ = FORMS[name]
    for change, said in WRONG[name]:
        text = client.post(address(name, issued.certificate), form | change).content.decode()
        assert said in text, change
        assert "Có chỗ cần sửa" in text
        assert re.search(r"<details[^>]* open", text), "the form comes back open"
    assert issued.certificate.register.count() == 1


@pytest.mark.parametrize("name", FORMS)
def test_who_arrives_by_a_link_is_led_to_the_page(client, issued, official, name, page):
    client.force_login(official)
    answer = client.get(address(name, issued.certificate), follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "Chưa ghi thay đổi nào" in answer.content.decode()


def test_every_field_of_the_page_has_its_own_name_for_browsers(client, issued, official, page):
    client.force_login(official)
    ids = re.findall(r'\bid="([^"]+)"', client.get(page).content.decode())
    assert len(ids) == len(set(ids))
    assert {"thu-hoi_reason", "huy-bo_reason", "ban-sao_copies"} <= set(ids)


def test_refusal_leads_to_what_stands_now(client, issued, official):
    new, _ = certificate_reissue(certificate=issued.certificate, actor=official, reason="Mất", **DECISION)
    client.force_login(official)
    prove(client)
    form, _ = FORMS["certificate_revoke"]
    answer = client.post(address("certificate_revoke", issued.certificate), form)
    assert answer.status_code == 409
    assert new.number in answer.content.decode()
    assert str(new.uuid) in answer.content.decode()


def test_the_page_tells_the_whole_story(client, issued, official, page):
    client.force_login(official)
    prove(client)
    client.post(address("certificate_correct", issued.certificate), FORMS["certificate_correct"][0])
    old = client.get(page).content.decode()
    assert "Đã được thay thế" in old
    assert "00002/2026/CN-SKHCN" in old
    assert "Họ và tên: <del>Nguyễn Thị Ngọc Ưỡng</del> → <ins>Nguyễn Thị Ngọc Ứng</ins>" in old
    assert "Thu hồi giấy này" not in old
    new = Certificate.objects.get(replaces=issued.certificate)
    text = client.get(reverse("issuing:certificate", args=[new.uuid])).content.decode()
    assert "Thay cho" in text
    assert issued.certificate.number in text


@pytest.mark.parametrize(
    ("who", "status"), [("official", 200), ("coordinator", 403), ("other_coordinator", 403), ("stranger", 404)]
)
def test_a_copy_is_a_page_of_the_register(client, request, issued, official, who, status):
    row, _ = certificate_copy(certificate=issued.certificate, actor=official, **ASKED)
    client.force_login(request.getfixturevalue(who))
    prove(client)
    url = reverse("issuing:copy_file", args=[issued.certificate.uuid, row.position])
    answer = client.get(url)
    assert answer.status_code == status
    if status == 200:
        assert answer.content == client.get(url).content, "the same bytes every time"
        said = pdf_words(answer.content)
        for part in ("BẢN SAO", "(trích lục từ sổ gốc)", issued.certificate.number, "Nguyễn Thị Ngọc Ưỡng", "2 bản"):
            assert part in said, part
        other = reverse("issuing:copy_file", args=[issued.certificate.uuid, 1])
        assert client.get(other).status_code == 404


def test_the_page_costs_the_same_after_many_acts(client, issued, official, page):
    """Session · user · offices · certificate with what it replaces · may manage · history · may act."""
    client.force_login(official)
    before = _queries(client, page)
    for number in range(8):
        certificate_copy(certificate=issued.certificate, actor=official, **(ASKED | {"copies": number + 1}))
    assert _queries(client, page) == before <= 14
    assert issued.certificate.register.filter(act=Act.COPY).count() == 8
