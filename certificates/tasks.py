"""Work for the queue: each task takes ids and calls one service."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from celery import shared_task

from certificates.models import Batch
from certificates.services.delivery import certificates_notify
from certificates.services.files import certificate_render, certificates_sweep
from certificates.services.numbering import batch_number as number_batch
from certificates.services.numbering import batches_sweep
from certificates.services.renewals import certificates_remind
from common.errors import Refusal

logger = logging.getLogger(__name__)


@shared_task(name="certificates.render")
def render(certificate_ids: Sequence[int]) -> None:
    """Make the PDFs of several certificates; one that fails keeps its error and does not stop the rest."""
    for pk in certificate_ids:
        try:
            certificate_render(certificate_id=pk)
        except Refusal as refusal:
            logger.warning("Certificate %s has no file yet: %s", pk, refusal.text)
        except Exception:  # kept in render_error by the service
            logger.exception("Certificate %s could not be rendered.", pk)
    certificates_notify(ids=certificate_ids)


@shared_task(name="certificates.batch_number")
def batch_number(batch_id: int) -> None:
    """Give an approved list its numbers."""
    number_batch(batch=Batch.objects.get(pk=batch_id))


@shared_task(name="certificates.sweep")
def sweep() -> int:
    """Number lists, make PDFs and tell holders, as far as that was lost on the way; return how many PDFs were made."""
    batches_sweep()
    made = sum(not error for _, error in certificates_sweep())
    certificates_notify()
    return made


@shared_task(name="certificates.remind")
def remind() -> int:
    """Tell holders of certificates that will soon hold no more; return how many."""
    return certificates_remind()
