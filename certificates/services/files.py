"""The PDF of a certificate: asked for on commit, made by a worker, picked up by the sweep when it was lost."""

from __future__ import annotations

import errno
import hashlib
import logging
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db.models import QuerySet

from certificates.models import Certificate, Origin, Signing
from certificates.services.signing import file_sign, signer_require
from common.errors import Refusal
from common.language import on_record
from common.queue import enqueue

logger = logging.getLogger(__name__)

#: Certificates per message: one message each would flood the queue when a province approves 16,000 at once.
CHUNK = 50
#: What one run of the sweep takes on, well inside the time limit of a task.
SWEEP_LIMIT = 500
#: A page that waits for its file asks again at most this often (seconds).
ASK_AGAIN = 60


def enqueue_rendering(ids: Sequence[int]) -> None:
    """Put certificates on the queue. A queue that is down costs only time: the sweep finds what has no file."""
    from certificates import tasks  # tasks call this module

    for start in range(0, len(ids), CHUNK):
        if not enqueue(tasks.render, list(ids[start : start + CHUNK])):
            return


def certificate_file_request(*, certificate: Certificate) -> None:
    """Ask again for a file that somebody waits for, not more than once a minute for each certificate."""
    if cache.add(f"certificate-file-{certificate.pk}", "asked", ASK_AGAIN):
        enqueue_rendering([certificate.pk])


def certificate_render(*, certificate_id: int) -> Certificate | None:
    """Make the file of a certificate that has none, signed as its series asks; return the certificate, or None when
    there is nothing to do (also while its list is paused).

    Safe to repeat and to run twice at once: what is drawn depends on the frozen row alone, files are named by their
    content, and only the first of two workers writes the row. A failure is left in ``render_error`` and raised; file
    and failure are records, whatever the language of the page that asked.
    """
    with on_record():
        return _rendered(certificate_id)


def _rendered(certificate_id: int) -> Certificate | None:
    found = Certificate.objects.select_related("design", "signature", "series", "batch").filter(pk=certificate_id)
    certificate = found.filter(origin=Origin.PLATFORM).first()
    if certificate is None or certificate.draft_file or file_exists(certificate) or _is_paused(certificate):
        return None
    try:
        kept = _file_make(certificate)
    except Exception as error:
        Certificate.objects.filter(pk=certificate.pk).update(render_error=problem_text(error))
        raise
    Certificate.objects.filter(pk=certificate.pk, file="").update(**kept)
    Certificate.objects.filter(pk=certificate.pk).exclude(render_error="").update(render_error="")
    certificate.refresh_from_db()
    return certificate


def _is_paused(certificate: Certificate) -> bool:
    return certificate.batch is not None and certificate.batch.paused_at is not None


def _file_make(certificate: Certificate) -> dict[str, Any]:
    """Render, sign where the platform signs, store; the fields of the row that say so."""
    if certificate.file_sha256 and certificate.signed_at:
        raise Refusal(
            "Tệp đã ký của giấy này không còn trong kho lưu trữ.",
            code="signed_file_lost",
            fix="Khôi phục tệp từ bản sao lưu: tệp đã ký không thể tạo lại giống hệt.",
        )
    if certificate.series.signing == Signing.LOCAL:
        signer_require()  # before the work of drawing 16,000 papers that could not be signed
    from certificates.rendering import certificate_pdf  # the layout engine is heavy; pages never need it

    pdf = certificate_pdf(certificate)
    match certificate.series.signing:
        case Signing.HANDOFF:
            name, digest = file_keep(pdf, folder=f"drafts/{certificate.year}")
            return {"draft_file": name, "draft_sha256": digest}
        case Signing.LOCAL:
            signed = file_sign(pdf, certificate=certificate)
            name, digest = file_keep(signed.pdf, folder=str(certificate.year))
            return {"file": name, "file_sha256": digest, "signed_at": signed.at, "signed_by": signed.by}
        case _:
            name, digest = file_keep(pdf, folder=str(certificate.year), expected=certificate.file_sha256)
            return {"file": name, "file_sha256": digest}


def file_keep(pdf: bytes, *, folder: str, expected: str = "") -> tuple[str, str]:
    """Store bytes under their hash; returns (name in the private storage, hash). A lost file is only replaced by the
    very same bytes: people hold copies."""
    digest = hashlib.sha256(pdf).hexdigest()
    if expected and expected != digest:
        raise Refusal(
            "Tệp đã cấp không còn trong kho lưu trữ, và tệp tạo lại sẽ khác tệp cũ.",
            code="file_would_differ",
            fix="Khôi phục tệp từ bản sao lưu.",
        )
    name = f"certificates/{folder}/{digest[:2]}/{digest}.pdf"
    storage = storages["private"]
    if not storage.exists(name):
        storage.save(name, ContentFile(pdf))
    return name, digest


def problem_text(error: Exception) -> str:
    """Why a file could not be made, for officials: what happened and what helps."""
    match error:
        case Refusal():
            return f"{error.text} {error.fix}".strip()[:2000]
        case OSError(errno=errno.ENOSPC):
            return "Máy chủ hết chỗ lưu tệp. Báo người quản trị; khi có chỗ, hệ thống tự làm tiếp."
        case _:
            return f"Hệ thống gặp lỗi khi tạo tệp và sẽ tự thử lại. ({type(error).__name__}: {error})"[:2000]


def file_exists(certificate: Certificate) -> bool:
    """Whether the PDF was made and is still there."""
    return bool(certificate.file) and storages["private"].exists(certificate.file)


def without_file() -> QuerySet[Certificate]:
    """Certificates whose PDF is still to be made: those never tried first, then those that failed."""
    found: QuerySet[Certificate] = Certificate.objects.filter(
        origin=Origin.PLATFORM, file="", draft_file="", batch__paused_at=None
    )
    return found.order_by("render_error", "pk")


def certificates_sweep(*, limit: int | None = SWEEP_LIMIT) -> Iterator[tuple[int, str]]:
    """Render what has no file; yields (id, error or empty string) as each is done."""
    for pk in list(without_file().values_list("pk", flat=True)[:limit]):
        try:
            certificate_render(certificate_id=pk)
        except Refusal as refusal:  # told to people; nothing for those who mend programs
            yield pk, problem_text(refusal)
        except Exception as error:  # one bad certificate must not keep the others waiting
            logger.exception("Certificate %s could not be rendered.", pk)
            yield pk, problem_text(error)
        else:
            yield pk, ""
