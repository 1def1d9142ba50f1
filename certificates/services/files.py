"""The PDF of a certificate: asked for on commit, made by a worker, picked up by the sweep when it was lost."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db.models import QuerySet

from certificates.models import Certificate, Origin
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
    """Make the PDF of a certificate that has none; return the certificate, or None when there is nothing to do.

    Safe to repeat and to run twice at once: the bytes depend on the frozen row alone, the file is named by its
    content, and only the first of two workers writes the row. A failure is left in ``render_error`` and raised.
    """
    certificate = Certificate.objects.select_related("design").filter(pk=certificate_id).first()
    if certificate is None or file_exists(certificate):
        return None
    try:
        from certificates.rendering import certificate_pdf  # the layout engine is heavy; pages never need it

        name, digest = _file_keep(certificate, certificate_pdf(certificate))
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"[:2000]
        Certificate.objects.filter(pk=certificate.pk).update(render_error=problem)
        raise
    Certificate.objects.filter(pk=certificate.pk, file="").update(file=name, file_sha256=digest)
    Certificate.objects.filter(pk=certificate.pk).exclude(render_error="").update(render_error="")
    certificate.refresh_from_db()
    return certificate


def _file_keep(certificate: Certificate, pdf: bytes) -> tuple[str, str]:
    """Store the bytes under their hash. A lost file is only replaced by the very same bytes: people hold copies."""
    digest = hashlib.sha256(pdf).hexdigest()
    if certificate.file_sha256 and certificate.file_sha256 != digest:
        raise ValueError("The stored file is gone and a new one would differ; restore it from the backup.")
    name = f"certificates/{certificate.year}/{digest[:2]}/{digest}.pdf"
    storage = storages["private"]
    if not storage.exists(name):
        storage.save(name, ContentFile(pdf))
    return name, digest


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
        except Exception as error:  # one bad certificate must not keep the others waiting
            logger.exception("Certificate %s could not be rendered.", pk)
            yield pk, f"{type(error).__name__}: {error}"
        else:
            yield pk, ""
