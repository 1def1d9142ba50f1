"""Files of series that are signed: by the platform's key, or by an official who takes them away."""

from __future__ import annotations

import errno
import hashlib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.storage import storages

from certificates.models import Certificate, Signing
from certificates.services import certificate_render, certificates_sweep
from certificates.signing import State
from certificates.signing.trial_keys import key_packed, trial_key, trial_root
from certificates.signing.trust import trust_default
from certificates.signing.verifying import signature_check
from tests.factories.certificates import AT, approve


@pytest.fixture
def key_file(tmp_path, settings) -> SimpleNamespace:
    """The platform signs with a key that holds for a year around the day of the tests."""

    def put(begins=AT - timedelta(days=100), days=365):
        root = trial_root(begins=AT - timedelta(days=400), days=2000)
        key = trial_key(root, name="Sở Khoa học và Công nghệ", begins=begins, days=days)
        path.write_bytes(key_packed(key, "mật khẩu"))

    path = tmp_path / "khoa.p12"
    settings.CERTIFICATE_SIGNING, settings.SIGNING_P12_FILE = "local", str(path)
    settings.SIGNING_P12_PASSWORD, settings.SIGNING_TSA_URL = "mật khẩu", ""
    put()
    return SimpleNamespace(path=path, put=put)


@pytest.fixture
def signed_series(series):
    series.official.signing = Signing.LOCAL
    series.official.save()
    return series.official


@pytest.fixture
def certificate(signed_series, issued) -> Certificate:
    return issued.certificate


def stored(certificate: Certificate) -> bytes:
    with storages["private"].open(certificate.file) as file:
        return file.read()


def test_the_issued_file_is_the_signed_one(key_file, certificate):
    made = certificate_render(certificate_id=certificate.pk)
    pdf = stored(made)
    assert made.file_sha256 == hashlib.sha256(pdf).hexdigest()
    assert (made.signed_by, made.signed_at, made.draft_file) == ("Sở Khoa học và Công nghệ", AT, "")
    report = signature_check(pdf, trust=trust_default(), at=AT)
    assert report.state == State.VALID
    assert certificate_render(certificate_id=certificate.pk) is None, "a signed file is made once"


def test_without_a_key_the_reason_stands_at_the_certificate(certificate, settings):
    settings.CERTIFICATE_SIGNING = "none"
    assert {pk for pk, error in certificates_sweep() if error} == {certificate.pk}, "the confirmation is not signed"
    certificate.refresh_from_db()
    assert certificate.render_error.startswith("Loại giấy này phải ký số, nhưng hệ thống chưa có khoá ký.")
    assert not certificate.file


def test_an_expired_key_signs_nothing_until_it_is_changed(key_file, certificate):
    key_file.put(begins=AT - timedelta(days=300), days=200)
    assert any(error for _, error in certificates_sweep())
    certificate.refresh_from_db()
    assert "hết hạn" in certificate.render_error
    assert not certificate.file
    key_file.put()
    assert not any(error for _, error in certificates_sweep())
    certificate.refresh_from_db()
    assert certificate.file
    assert certificate.render_error == ""


def test_a_lost_signed_file_is_never_made_again(key_file, certificate):
    made = certificate_render(certificate_id=certificate.pk)
    storages["private"].delete(made.file)
    with pytest.raises(Exception, match="không còn trong kho lưu trữ"):
        certificate_render(certificate_id=certificate.pk)
    made.refresh_from_db()
    assert "sao lưu" in made.render_error
    assert made.file_sha256


def test_hand_off_leaves_a_draft_that_is_not_the_issued_file(certificate, signed_series):
    signed_series.signing = Signing.HANDOFF
    signed_series.save()
    made = certificate_render(certificate_id=certificate.pk)
    assert made.draft_file
    assert made.draft_sha256
    assert (made.file, made.file_sha256, made.signed_at) == ("", "", None)
    assert certificate_render(certificate_id=certificate.pk) is None
    assert list(certificates_sweep(limit=None)) != [], "the automatic confirmation has no file yet"
    made.refresh_from_db()
    assert made.file == ""


def test_a_full_disk_is_told_in_words_and_mends_itself(issued, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(type(storages["private"]), "save", full)
        assert all(error for _, error in certificates_sweep())
    certificate = Certificate.objects.get(pk=issued.certificate.pk)
    assert certificate.render_error.startswith("Máy chủ hết chỗ lưu tệp.")
    assert not any(error for _, error in certificates_sweep())
    assert Certificate.objects.filter(file="").count() == 0


def test_a_paused_list_is_left_alone(batch, official):
    approve(batch, official)
    batch.paused_at = AT
    batch.save(update_fields=["paused_at"])
    certificate = batch.certificates.get()
    assert certificate_render(certificate_id=certificate.pk) is None
    assert certificate.pk not in [pk for pk, _ in certificates_sweep()]
    batch.paused_at = None
    batch.save(update_fields=["paused_at"])
    assert certificate_render(certificate_id=certificate.pk).file
