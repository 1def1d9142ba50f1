"""What holders and those who check a certificate meet, in English: every state, every way to look one up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from certificates.links import link_token
from certificates.models import Certificate, Origin, RegisterEntry
from certificates.services import (
    certificate_cancel,
    certificate_reissue,
    certificate_render,
    certificate_revoke,
)
from certificates.views import LOOKUPS
from common.models import AuditEntry
from tests.english import VIETNAMESE, english
from tests.factories.certificates import DECISION
from tests.factories.courses import complete

TODAY = date(2026, 11, 20)


def in_english(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def visitor(db):
    return in_english(Client())


@pytest.fixture
def holder(learner):
    client = Client()
    client.force_login(learner)
    return in_english(client)


def checked(visitor, certificate):
    return english(visitor.get(reverse("certificates:verify_token", args=[certificate.token])))


def mine(holder):
    return english(holder.get(reverse("certificates:mine")))


# --- Checking one ---------------------------------------------------------------------------------------------------
def test_valid(visitor, issued):
    certificate_render(certificate_id=issued.certificate.pk)
    certificate = Certificate.objects.get(pk=issued.certificate.pk)
    page = checked(visitor, certificate)
    assert "This certificate is valid" in page
    assert "Checked at 10:00 on 20 November 2026" in page
    assert "<dt>Register number</dt>" in page
    assert '<dd translate="no">Nguyễn Thị Ngọc Ưỡng</dd>' in page
    assert "day and month are hidden" in page or not certificate.holder_birth_date
    assert 'by Decision <span translate="no">' in page
    assert "Compare the file by its SHA-256 code" in page


def test_expired(visitor, issued):
    Certificate.objects.update(expires_on=TODAY - timedelta(days=1), score="87.5", course_hours="1.5")
    page = checked(visitor, issued.certificate)
    assert "No longer valid since 20 November 2026." in page
    assert 'data-said="has expired"' in page or "data-said" not in page
    assert "<title>Certificate has expired" in page
    assert "87.5/100" in page
    assert "1.5 hours" in page


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (certificate_revoke, "<strong>Revoked on 20 November 2026.</strong> Reason: Cheating in learning"),
        (certificate_cancel, "<strong>Cancelled on 20 November 2026.</strong> Reason: Cheating in learning"),
    ],
)
def test_ended(visitor, holder, issued, official, act, words):
    act(certificate=issued.certificate, actor=official, reason="Thi hộ", reason_class="fraud", **DECISION)
    assert words in checked(visitor, issued.certificate)
    assert "✕ Revoked" in mine(holder) or "✕ Cancelled" in mine(holder)


def test_replaced(visitor, holder, issued, official):
    new, _ = certificate_reissue(certificate=issued.certificate, actor=official, reason="Mất", **DECISION)
    page = checked(visitor, issued.certificate)
    assert "Replaced on 20 November 2026 by certificate number <a" in page
    assert "Reason: The paper was lost or damaged." in page
    assert f"please use certificate number {new.number}." in mine(holder)


def test_taken_over_from_paper(visitor, issued):
    paper = Certificate.objects.create(
        origin=Origin.PAPER, series=issued.certificate.series, year=2019, number="15/2019/QĐ", number_key="15.2019.qd",
        holder_name="Lê Văn Cũ", course_title="Tin học cơ bản", issued_on=date(2019, 5, 2), issuer_name="Sở", place="B",
        signer_name="Trần Ổn", signer_title="Giám đốc",
    )  # fmt: skip
    assert "Taken over from a paper register" in checked(visitor, paper)


def test_unknown(visitor):
    page = english(visitor.get(reverse("certificates:verify_token", args=["x" * 27])), status=404)
    assert "This certificate was not found" in page


# --- Looking one up -------------------------------------------------------------------------------------------------
def test_by_number(visitor, issued):
    address = reverse("certificates:verify")
    assert "You can leave out the Vietnamese accents." in english(visitor.get(address))
    assert "Please fill this in." in english(visitor.post(address, {"number": "", "name": ""}))
    lost = english(visitor.post(address, {"number": "9/2026/A", "name": "Ai Do"}), status=404)
    assert "No certificate with this number and name was found" in lost
    asked = {"number": issued.certificate.number, "name": issued.certificate.holder_name}
    assert "This certificate is valid" in english(visitor.post(address, asked, follow=True))


def test_by_file(visitor, issued, official):
    made = certificate_render(certificate_id=issued.certificate.pk)
    address = reverse("certificates:verify_file", args=[made.file_sha256])
    assert "✓ Your file is the one that was issued." in english(visitor.get(address))
    certificate_revoke(certificate=made, actor=official, reason="x", **DECISION)
    assert "but this certificate was revoked." in english(visitor.get(address))
    wrong = reverse("certificates:verify_file", args=["0" * 64])
    assert "This file is not one that was issued" in english(visitor.get(wrong), status=404)
    digest = visitor.get(reverse("certificates:verify_digest"), {"ma": "12"})
    assert "The SHA-256 code is not right" in english(digest, status=404)


def test_too_often(visitor):
    for _ in range(LOOKUPS):
        visitor.get(reverse("certificates:verify_file", args=["0" * 64]))
    page = english(visitor.get(reverse("certificates:verify_file", args=["0" * 64])), status=429)
    assert "Try again in 10 minutes" in page


# --- One's own ------------------------------------------------------------------------------------------------------
def test_none_yet(holder):
    assert "You have no certificates yet" in mine(holder)


def test_waiting_for_the_file_and_having_it(holder, issued, monkeypatch):
    monkeypatch.setattr("certificates.views.certificate_file_request", lambda **_: None)  # the queue is slow today
    page = mine(holder)
    assert "The file is being made" in page
    assert "Issued on 20 November 2026" in page
    waiting = holder.get(reverse("certificates:download", args=[issued.certificate.uuid]))
    assert "This usually takes less than a minute." in english(waiting, status=202)
    Certificate.objects.update(render_error="Hỏng")
    assert "the platform is trying again" in mine(holder)
    certificate_render(certificate_id=issued.certificate.pk)
    page = mine(holder)
    assert "Download the PDF<span" in page
    assert "Make a link to share (it expires after 7 days)" in page
    thanks = english(holder.post(reverse("certificates:acknowledge", args=[issued.certificate.uuid]), follow=True))
    assert "It is noted that you have certificate number" in thanks
    assert "You confirmed on 20 November 2026 that you have it" in thanks


@pytest.mark.parametrize(("days", "words"), [(-1, "Expired on 19 November 2026."), (9, "Valid until the end of 29")])
def test_one_that_runs_out(holder, issued, days, words):
    Certificate.objects.update(expires_on=TODAY + timedelta(days=days))
    assert words in mine(holder)


def test_sharing(holder, visitor, issued, clock):
    share = reverse("certificates:share", args=[issued.certificate.uuid])
    assert "This certificate cannot be shared yet." in english(holder.post(share), status=409)
    certificate_render(certificate_id=issued.certificate.pk)
    assert "It expires after 7 days, at 10:00 on 27 November 2026." in english(holder.post(share))
    bad = reverse("certificates:shared", args=["abc:def:ghi"])
    assert "This link is not right." in english(visitor.get(bad), status=404)


def test_a_link_that_holds_no_longer(visitor, issued, official):
    certificate_render(certificate_id=issued.certificate.pk)
    address = reverse("certificates:shared", args=[link_token(issued.certificate)])
    certificate_revoke(certificate=issued.certificate, actor=official, reason="x", **DECISION)
    assert "is no longer valid, so it cannot be downloaded by this link." in english(visitor.get(address), status=410)


def test_what_is_issued_to_a_reader_of_english_is_vietnamese(holder, series, course, learner):
    """Completing a course writes into the register while the page is English."""
    with translation.override("en"):
        complete(learner, course)
        paper = Certificate.objects.get()
        made = certificate_render(certificate_id=paper.pk)
    with translation.override("vi"):
        Certificate.objects.filter(pk=paper.pk).update(file="", file_sha256="")
        again = certificate_render(certificate_id=paper.pk)
    assert made.file_sha256 == again.file_sha256
    stored = " ".join(str(row.content) for row in RegisterEntry.objects.all())
    stored += " ".join(str(row.detail) for row in AuditEntry.objects.all())
    assert VIETNAMESE.search(stored)
    assert "Certificate" not in stored
