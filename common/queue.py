"""Sending work to the queue without ever failing the person who waits for a page."""

from __future__ import annotations

import logging
from typing import Any

from kombu.exceptions import KombuError

logger = logging.getLogger(__name__)


def enqueue(task: Any, *args: Any) -> bool:
    """Send a Celery task; return whether the queue took it.

    Called after commit. A broker that does not answer is logged and costs only time, because every task that is sent
    this way has a sweep that finds what was lost. No retries here: somebody waits.
    """
    try:
        task.apply_async(args=args, retry=False)
    except (KombuError, OSError):  # a broker that is down; a mistake in a task must not hide here
        logger.exception("The queue does not answer; %s%r is left to the sweep.", task.name, args)
        return False
    return True
