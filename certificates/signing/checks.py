"""Start-up checks: a key that cannot sign is told of before anybody waits for a signature, with the way to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils import timezone

from certificates.signing.base import Backend
from common.errors import Refusal


@register()
def signing_can_work(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """``certificates.E001`` settings, ``E002`` key, ``W003`` key that runs or ran out, ``E004`` trust folder."""
    return [*_settings(), *_key(), *_trust()]


def _settings() -> Iterator[CheckMessage]:
    known = ", ".join(Backend)
    if settings.CERTIFICATE_SIGNING not in list(Backend):
        yield Error(
            f"CERTIFICATE_SIGNING = {settings.CERTIFICATE_SIGNING!r} không phải một cách ký.",
            hint=f"Hãy dùng một trong: {known}.",
            id="certificates.E001",
        )
    if settings.CERTIFICATE_SIGNING == Backend.LOCAL and not settings.SIGNING_P12_FILE:
        yield Error(
            "CERTIFICATE_SIGNING = local nhưng chưa đặt SIGNING_P12_FILE.",
            hint="Hãy ghi đường dẫn của tệp khoá .p12, hoặc để CERTIFICATE_SIGNING = none.",
            id="certificates.E001",
        )
    if settings.SIGNING_TSA_URL and not _is_address(settings.SIGNING_TSA_URL):
        yield Error(
            "SIGNING_TSA_URL không phải một địa chỉ http:// hay https://.",
            hint="Hãy ghi đủ địa chỉ của máy chủ dấu thời gian, hoặc để trống.",
            id="certificates.E001",
        )
    if settings.CERTIFICATE_SIGNING == Backend.HANDOFF and not settings.SIGNING_TRUST_DIR:
        yield Error(
            "CERTIFICATE_SIGNING = handoff nhưng chưa đặt SIGNING_TRUST_DIR: mọi tệp ký xong đều sẽ bị từ chối.",
            hint="Hãy đặt chứng thư gốc của nơi cấp chữ ký số cho cán bộ vào một thư mục và ghi thư mục ấy ở đây.",
            id="certificates.E001",
        )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _key() -> Iterator[CheckMessage]:
    if settings.CERTIFICATE_SIGNING != Backend.LOCAL or not settings.SIGNING_P12_FILE:
        return
    from certificates.signing.keys import key_load, key_problems  # only those who sign pay for the libraries

    try:
        key = key_load(settings.SIGNING_P12_FILE, settings.SIGNING_P12_PASSWORD)
    except Refusal as refusal:
        yield Error(f"{refusal.text} ({refusal.code})", hint=refusal.fix, id="certificates.E002")
        return
    for problem in key_problems(key, at=timezone.now()):
        # A key runs out by itself, and learning must go on: only papers wait until there is a new one.
        if problem.level == "warning" or problem.code == "key_expired":
            yield Warning(f"{problem.text} ({problem.code})", hint=problem.fix, id="certificates.W003")
        else:
            yield Error(f"{problem.text} ({problem.code})", hint=problem.fix, id="certificates.E002")


def _trust() -> Iterator[CheckMessage]:
    if not settings.SIGNING_TRUST_DIR:
        return
    from certificates.signing.trust import trust_load

    try:
        store = trust_load(settings.SIGNING_TRUST_DIR)
    except Refusal as refusal:
        yield Error(f"{refusal.text} ({refusal.code})", hint=refusal.fix, id="certificates.E004")
        return
    if not store.certificates and settings.CERTIFICATE_SIGNING == Backend.HANDOFF:
        yield Error(
            f"Thư mục {settings.SIGNING_TRUST_DIR} không có chứng thư nào. (trust_empty)",
            hint="Hãy chép chứng thư gốc (.pem, .crt, .cer) của nơi cấp chữ ký số vào đó.",
            id="certificates.E004",
        )
