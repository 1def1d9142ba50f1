"""How certificates reach their holders: told once, handed over, acknowledged, shared; the delivery list."""

from __future__ import annotations

import io
import time
from datetime import date, timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from certificates import tasks
from certificates.links import KEPT, link_token
from certificates.models import Certificate, CertificateState, Delivery
from certificates.services import (
    certificate_acknowledge,
    certificate_render,
    certificate_revoke,
    certificates_notify,
    deliveries_hand_over,
    deliveries_take_back,
)
from common.errors import Refusal
from common.models import AuditEntry
from people.models import Notice
from tests.factories.certificates import AT, DECISION, approve, completions, propose
from tests.proof import prove

pytestmark = pytest.mark.anywhere

TODAY = date(2026, 11, 20)


@pytest.fixture
def paper(issued):
    return certificate_render(certificate_id=issued.certificate.pk)


@pytest.fixture
def page(issued):
    return reverse("issuing:delivery", args=[issued.batch.uuid])


def hand_over(issued, actor, **change):
    arguments = {"batch": issued.batch, "certificates": [issued.certificate.pk], "day": TODAY, "actor": actor}
    return deliveries_hand_over(**(arguments | change))


# --- Told when the file is there ------------------------------------------------------------------------------------
def test_the_holder_is_told_once_when_the_file_is_there(issued, learner):
    assert certificates_notify() == 0
    tasks.render([issued.certificate.pk])
    notice = Notice.objects.get(user=learner)
    assert (notice.subject, notice.path) == ("Giấy chứng nhận của bạn đã có", "/chung-nhan/")
    assert "5 kỹ năng số cơ bản" in notice.body
    for _ in range(2):
        tasks.sweep()
        tasks.render([issued.certificate.pk])
    assert Notice.objects.count() == 1
    assert issued.certificate.delivery.notified_at == AT


def test_a_notice_that_was_missed_is_swept_and_confirmations_are_not_told(issued, paper):
    """The automatic confirmation was shown on the page of the course; nobody is written to about it."""
    tasks.sweep()
    assert Notice.objects.count() == 1
    assert Certificate.objects.exclude(file="").count() == 2


def test_old_certificates_and_those_that_ended_are_not_told(issued, paper, official, clock):
    clock.now += timedelta(days=31)
    assert certificates_notify() == 0
    clock.now = AT
    certificate_revoke(certificate=paper, actor=official, reason="Thi hộ", **DECISION)
    assert certificates_notify() == 0


def test_many_are_told_with_the_same_number_of_queries(series, province, coordinator, official, course):
    counts = []
    for size in (2, 20):
        completions(province, province.north, size, course=course)
        batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
        approve(batch, official)
        Certificate.objects.filter(batch=batch).update(file="x.pdf")
        with CaptureQueriesContext(connection) as queries:
            assert certificates_notify() == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- Handed over ----------------------------------------------------------------------------------------------------
def test_handed_over_to_the_holder_or_somebody_for_them(issued, coordinator):
    assert hand_over(issued, coordinator) == 1
    delivery = Delivery.objects.get()
    assert (delivery.handed_over_on, delivery.received_by, delivery.handed_over_by) == (
        TODAY,
        "Nguyễn Thị Ngọc Ưỡng",
        coordinator,
    )
    assert hand_over(issued, coordinator, receiver="Ai khác") == 0
    certificates = [issued.certificate.pk]
    assert deliveries_take_back(batch=issued.batch, certificates=certificates, actor=coordinator) == 1
    assert hand_over(issued, coordinator, receiver=" Lê Văn  Trưởng thôn ") == 1
    delivery.refresh_from_db()
    assert delivery.received_by == "Lê Văn Trưởng thôn"
    entry = AuditEntry.objects.filter(act="certificates_hand_over").order_by("-pk")[0]
    assert (entry.detail["people"], entry.detail["received_by"]) == (1, "Lê Văn Trưởng thôn")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"day": TODAY + timedelta(days=1)}, "day_in_future"),
        ({"day": TODAY - timedelta(days=1)}, "day_too_early"),
        ({"certificates": []}, "nobody_chosen"),
    ],
)
def test_what_cannot_have_been_handed_over(issued, coordinator, change, code):
    with pytest.raises(Refusal) as refused:
        hand_over(issued, coordinator, **change)
    assert refused.value.code == code


@pytest.mark.parametrize("who", ["other_coordinator", "stranger", "learner"])
def test_only_the_offices_of_the_list_write_deliveries(request, issued, who):
    with pytest.raises(Refusal) as refused:
        hand_over(issued, request.getfixturevalue(who))
    assert refused.value.code == "not_allowed"


def test_a_revoked_paper_is_not_handed_over(issued, official):
    certificate_revoke(certificate=issued.certificate, actor=official, reason="Thi hộ", **DECISION)
    assert hand_over(issued, official) == 0


def test_the_holder_acknowledges_once(client, issued, paper, learner, coordinator, clock):
    client.force_login(learner)
    assert "Tôi đã nhận" in client.get("/chung-nhan/").content.decode()
    address = reverse("certificates:acknowledge", args=[paper.uuid])
    assert client.get(address)["Location"] == "/chung-nhan/"
    client.post(address)
    clock.now += timedelta(hours=1)
    text = client.post(address, follow=True).content.decode()
    assert "Bạn báo đã nhận ngày 20/11/2026" in text
    assert Delivery.objects.get().acknowledged_at == AT
    assert certificate_acknowledge(certificate=paper, holder=learner)[1] is False
    client.force_login(coordinator)
    assert client.post(address).status_code == 404


# --- The list -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "status"), [("coordinator", 200), ("official", 200), ("other_coordinator", 403), ("stranger", 404)]
)
def test_who_sees_the_list(client, request, issued, page, who, status):
    client.force_login(request.getfixturevalue(who))
    prove(client)
    for tail in ("", "in/", "tai/"):
        assert client.get(f"{page}{tail}").status_code == status
    done = {200: 302}.get(status, status)
    form = {"giay": str(issued.certificate.uuid), "day": "20/11/2026", "viec": "giao"}
    assert client.post(f"{page}ghi/", form).status_code == done


def test_ticked_rows_and_wrong_forms(client, issued, page, coordinator):
    client.force_login(coordinator)
    chosen = {"giay": str(issued.certificate.uuid), "viec": "giao"}
    assert "Ngày chưa đúng" in client.post(f"{page}ghi/", chosen | {"day": "31/02/2026"}).content.decode()
    assert client.post(f"{page}ghi/", {"giay": "x", "viec": "giao", "day": "20/11/2026"}).status_code == 409
    assert client.post(f"{page}ghi/", chosen | {"day": "21/11/2999"}).status_code == 409
    assert not Delivery.objects.filter(handed_over_on__isnull=False).exists()
    answer = client.post(f"{page}ghi/", chosen | {"day": "20/11/2026", "receiver": "Lê Văn Bảo", "loc": "chua-giao"})
    assert answer["Location"] == f"{page}?loc=chua-giao"
    assert "20/11/2026, Lê Văn Bảo" in client.get(f"{page}?loc=da-giao").content.decode()
    assert "Không có giấy nào như vậy" in client.get(f"{page}?loc=chua-giao").content.decode()
    client.post(f"{page}ghi/", {"viec": "bo", "ca-loc": "1"})
    assert "Chưa giao" in client.get(f"{page}?q=ngoc+uong").content.decode()
    assert issued.certificate.number in client.get(f"{page}?q=00001").content.decode()


def test_print_and_workbook(client, issued, page, coordinator):
    hand_over(issued, coordinator, receiver="Lê Văn Bảo")
    client.force_login(coordinator)
    prove(client)
    text = client.get(f"{page}in/").content.decode()
    for part in ("Ký nhận", "Nguyễn Thị Ngọc Ưỡng", "00001/2026/CN-SKHCN", "Lê Văn Bảo nhận thay", "412/QĐ-SKHCN"):
        assert part in text
    answer = client.get(f"{page}tai/")
    assert answer["Cache-Control"] == "private, no-store"
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert rows[0][:3] == ("STT", "Số giấy", "Họ và tên")
    assert rows[1][1:3] == ("00001/2026/CN-SKHCN", "Nguyễn Thị Ngọc Ưỡng")
    assert rows[1][7:9] == ("Lê Văn Bảo", coordinator.full_name)
    assert AuditEntry.objects.filter(act="delivery_export", actor=coordinator).count() == 1


def test_the_list_costs_the_same_at_any_number(client, series, province, coordinator, official, course):
    """Session · user · offices. Then batch · may see · counts · count and rows of the page."""
    counts = []
    client.force_login(coordinator)
    for size in (2, 20):
        completions(province, province.north, size, course=course)
        batch = approve(
            propose(proposer=coordinator, series=series.official, unit=province.north, course=course), official
        )
        certificates = list(batch.certificates.values_list("pk", flat=True))
        deliveries_hand_over(batch=batch, certificates=certificates, day=TODAY, actor=coordinator)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("issuing:delivery", args=[batch.uuid])).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10, counts


# --- Links ----------------------------------------------------------------------------------------------------------
def shared(certificate):
    return reverse("certificates:shared", args=[link_token(certificate)])


def test_a_link_hands_out_the_file_for_a_week(client, paper, monkeypatch):
    address = shared(paper)
    answer = client.get(address)
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert answer["X-Robots-Tag"] == "noindex"
    begun = time.time()
    monkeypatch.setattr(signing.time, "time", lambda: begun + KEPT.total_seconds() - 60)
    assert client.get(address).status_code == 200
    monkeypatch.setattr(signing.time, "time", lambda: begun + KEPT.total_seconds() + 60)
    expired = client.get(address)
    assert expired.status_code == 410
    text = expired.content.decode()
    assert "Đường dẫn này đã hết hạn" in text
    assert "tạo đường dẫn mới" in text
    assert 'href="/xac-minh/"' in text


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: f"x{t}", lambda t: "abc", lambda t: t.replace(":", "-")])
def test_a_spoilt_link_opens_nothing(client, paper, spoil):
    answer = client.get(f"/chung-nhan/tep/{spoil(link_token(paper))}/")
    assert answer.status_code == 404
    assert "link_unknown" in answer.content.decode()


def test_a_link_ends_with_the_certificate(client, paper, official):
    address = shared(paper)
    certificate_revoke(certificate=paper, actor=official, reason="Thi hộ", **DECISION)
    answer = client.get(address)
    assert answer.status_code == 410
    assert f"/xac-minh/{paper.token}/" in answer.content.decode()


def test_only_the_holder_makes_a_link(client, paper, learner, official):
    address = reverse("certificates:share", args=[paper.uuid])
    client.force_login(official)
    assert client.post(address).status_code == 404
    client.force_login(learner)
    text = client.post(address).content.decode()
    assert "/chung-nhan/tep/" in text
    assert "7 ngày" in text
    assert client.get(address)["Location"] == "/chung-nhan/"
    Certificate.objects.filter(pk=paper.pk).update(file="")
    assert "not_to_share" in client.post(address).content.decode()
    assert Certificate.objects.get(pk=paper.pk).state == CertificateState.VALID


def test_a_link_to_a_file_that_is_gone_says_so(client, paper):
    Certificate.objects.filter(pk=paper.pk).update(file="certificates/khong/co.pdf")
    answer = client.get(shared(paper))
    assert answer.status_code == 404
    assert "file_not_there" in answer.content.decode()
