"""Key files, trusted folders and the start-up checks: what is wrong is said with the way to mend it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from django.core.checks import run_checks
from django.test import override_settings

from certificates.signing.keys import key_load, key_problems
from certificates.signing.local import LocalSigner
from certificates.signing.trust import trust_default, trust_load
from certificates.signing.verifying import signature_check
from common.errors import Refusal
from tests.factories.certificates import AT

SECRET = BestAvailableEncryption(b"p")


def refusal_of(call, *args) -> Refusal:
    with pytest.raises(Refusal) as told:
        call(*args)
    assert told.value.text.endswith(".")
    assert told.value.fix.endswith((".", ")"))
    return told.value


def without_key(world) -> bytes:
    return pkcs12.serialize_key_and_certificates(None, None, None, [world.person.certificate], SECRET)


def without_certificate(world) -> bytes:
    return pkcs12.serialize_key_and_certificates(None, world.person.private, None, None, SECRET)


def of_a_kind_we_do_not_sign_with(world) -> bytes:
    return pkcs12.serialize_key_and_certificates(None, ed25519.Ed25519PrivateKey.generate(), None, None, SECRET)


BAD_FILES = {
    "words": ("key_file_damaged", lambda world: b"xin chao"),
    "empty": ("key_file_damaged", lambda world: b""),
    "a certificate": ("key_file_damaged", lambda world: world.root.pem),
    "huge": ("key_file_damaged", lambda world: b"\0" * 1_100_000),
    "no key": ("key_missing", without_key),
    "no certificate": ("key_certificate_missing", without_certificate),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_bad_key_file_is_refused(world, tmp_path, what):
    code, make = BAD_FILES[what]
    file = tmp_path / "khoa.p12"
    file.write_bytes(make(world))
    assert refusal_of(key_load, file, "p").code == code


def test_a_key_of_another_kind_is_refused(world, tmp_path):
    file = tmp_path / "khoa.p12"
    file.write_bytes(of_a_kind_we_do_not_sign_with(world))
    assert refusal_of(key_load, file, "p").code in ("key_unsupported", "key_certificate_missing")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    assert refusal_of(key_load, tmp_path / "khong-co.p12", "p").code == "key_file_missing"
    assert refusal_of(key_load, tmp_path, "p").code == "key_file_unreadable"


@pytest.mark.parametrize("wrong", ["", "sai", "mật khẩu 2", "x" * 5000])
def test_a_wrong_pass_phrase_is_told_from_a_damaged_file(key_file, wrong):
    file = key_file()
    assert refusal_of(key_load, file.path, wrong).code == "key_password_wrong"


def test_accents_and_no_pass_phrase_at_all_open_a_file(world, key_file):
    for password in ("mật khẩu Ưỡng", ""):
        file = key_file(password=password)
        assert key_load(file.path, password).certificate == world.person.certificate


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"days": 20}, ["key_expired"]),
        ({"days": 60}, ["key_expiring"]),
        ({"days": 61}, []),
        ({"begins": AT + timedelta(hours=1)}, ["key_not_yet_valid"]),
        ({"kind": "rsa", "bits": 1024}, ["key_weak"]),
        ({"kind": "rsa"}, []),
        ({"usage": ["key_encipherment"]}, ["key_usage"]),
        ({"usage": ["digital_signature"]}, []),
        ({"usage": ["content_commitment"]}, []),
        ({"usage": ["data_encipherment"], "days": 20}, ["key_expired", "key_usage"]),
    ],
)
def test_keys_are_looked_over(world, changes, codes):
    assert [problem.code for problem in key_problems(world.key(**changes), at=AT)] == codes


# --- Whom to trust --------------------------------------------------------------------------------------------------


def test_a_folder_of_certificates_in_pem_and_der(world, tmp_path):
    (tmp_path / "goc.pem").write_bytes(world.root.pem + world.stranger.pem)
    (tmp_path / "nguoi.cer").write_bytes(world.person.certificate.public_bytes(Encoding.DER))
    [crl] = world.crl(world.person, at=AT).lists
    (tmp_path / "a.crl").write_bytes(crl.public_bytes(Encoding.DER))
    (tmp_path / "b.CRL").write_bytes(crl.public_bytes(Encoding.PEM))
    (tmp_path / "GHI-CHU.txt").write_text("không phải chứng thư", encoding="utf-8")
    store = trust_load(tmp_path)
    assert set(store.certificates) == {world.root.certificate, world.stranger.certificate, world.person.certificate}
    assert len(store.lists) == 2


@pytest.mark.parametrize("name", ["goc.pem", "goc.cer", "ds.crl"])
def test_a_file_that_is_no_certificate_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"-----BEGIN x" if name.endswith("m") else b"xin chao")
    refusal = refusal_of(trust_load, tmp_path)
    assert refusal.code == "trust_unreadable"
    assert name in refusal.text


def test_a_missing_folder_is_named(tmp_path):
    assert refusal_of(trust_load, tmp_path / "khong-co").code == "trust_missing"


def test_the_settings_trust_the_folder_and_the_own_key(world, key_file, tmp_path):
    file = key_file()
    (tmp_path / "tin").mkdir()
    (tmp_path / "tin" / "goc.pem").write_bytes(world.stranger.pem)
    with override_settings(
        CERTIFICATE_SIGNING="local",
        SIGNING_P12_FILE=str(file.path),
        SIGNING_P12_PASSWORD=file.password,
        SIGNING_TRUST_DIR=str(tmp_path / "tin"),
    ):
        for key in (world.person, world.key(root=world.stranger)):
            assert signature_check(world.signed(key=key), trust=trust_default(), at=AT).ok
    assert trust_default().certificates == ()


def test_a_key_that_came_alone_is_trusted_itself(world):
    from dataclasses import replace

    alone = replace(world.person, chain=())
    assert alone.anchors == [alone.certificate]
    from certificates.signing.trust import TrustStore

    signed = LocalSigner(alone).sign(world.pdf, at=AT)
    assert signature_check(signed, trust=TrustStore().with_key(alone), at=AT).ok
    assert signature_check(world.signed(key=world.seal), trust=TrustStore().with_key(alone), at=AT).state == (
        "unknown_signer"
    )


# --- Start-up -------------------------------------------------------------------------------------------------------


def told(**settings) -> list[tuple[str, str]]:
    """(id, code at the end of the message) of what the start-up checks of this room say."""
    if "backend" in settings:
        settings["certificate_signing"] = settings.pop("backend")
    names = {name: f"SIGNING_{name.upper()}" for name in settings} | {"certificate_signing": "CERTIFICATE_SIGNING"}
    with override_settings(**{names[name]: value for name, value in settings.items()}):
        found = [one for one in run_checks() if one.id and one.id.startswith("certificates.")]
    assert all(one.hint for one in found)
    return [(one.id.removeprefix("certificates."), str(one.msg).rsplit("(", 1)[-1].rstrip(")")) for one in found]


def test_nothing_set_is_nothing_wrong():
    assert told() == []


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"backend": "usb"}, "usb"),
        ({"backend": "local"}, "SIGNING_P12_FILE"),
        ({"backend": "handoff"}, "SIGNING_TRUST_DIR"),
        ({"tsa_url": "tsa.vn"}, "SIGNING_TSA_URL"),
        ({"tsa_url": "ftp://tsa.vn"}, "SIGNING_TSA_URL"),
        ({"tsa_url": "http://[x"}, "SIGNING_TSA_URL"),
    ],
)
def test_settings_that_do_not_fit_stop_the_start(settings, named):
    [(code, message)] = told(**settings)
    assert code == "E001"
    assert named in message


def test_a_good_key_passes(key_file):
    file = key_file()
    assert told(backend="local", p12_file=str(file.path), p12_password=file.password) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"days": 20}, [("W003", "key_expired")]),
        ({"days": 45}, [("W003", "key_expiring")]),
        ({"begins": AT + timedelta(days=2)}, [("E002", "key_not_yet_valid")]),
        ({"kind": "rsa", "bits": 1024}, [("E002", "key_weak")]),
        ({"usage": ["key_encipherment"]}, [("E002", "key_usage")]),
    ],
)
def test_a_key_that_cannot_sign_stops_the_start_unless_it_only_ran_out(world, key_file, changes, expected):
    file = key_file(world.key(**changes))
    assert told(backend="local", p12_file=str(file.path), p12_password=file.password) == expected


def test_key_files_that_cannot_be_opened_stop_the_start(key_file, tmp_path):
    file = key_file()
    assert told(backend="local", p12_file=str(file.path), p12_password="sai") == [("E002", "key_password_wrong")]
    missing = str(tmp_path / "khong-co.p12")
    assert told(backend="local", p12_file=missing) == [("E002", "key_file_missing")]


def test_trusted_folders_are_looked_into(world, tmp_path):
    assert told(trust_dir=str(tmp_path / "khong-co")) == [("E004", "trust_missing")]
    assert told(backend="handoff", trust_dir=str(tmp_path)) == [("E004", "trust_empty")]
    (tmp_path / "goc.pem").write_bytes(world.root.pem)
    assert told(backend="handoff", trust_dir=str(tmp_path)) == []
    (tmp_path / "hong.pem").write_bytes(b"x")
    assert told(trust_dir=str(tmp_path)) == [("E004", "trust_unreadable")]
