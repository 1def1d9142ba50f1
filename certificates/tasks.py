"""Work for the queue: each task takes ids and calls one service."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from celery import shared_task

from certificates.services.files import certificate_render, certificates_sweep

logger = logging.getLogger(__name__)


@shared_task(name="certificates.render")
def render(certificate_ids: Sequence[int]) -> None:
    """Make the PDFs of several certificates; one that fails keeps its error and does not stop the rest."""
    for pk in certificate_ids:
        try:
            certificate_render(certificate_id=pk)
        except Exception:  # kept in render_error by the service
            logger.exception("Certificate %s could not be rendered.", pk)


@shared_task(name="certificates.sweep")
def sweep() -> int:
    """Make the PDFs that were lost on the way; return how many were made."""
    return sum(not error for _, error in certificates_sweep())
