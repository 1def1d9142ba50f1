"""Work for the queue: notices on their way to people."""

from __future__ import annotations

from celery import shared_task

from common.queue import enqueue
from people.notices import AT_ONCE, notices_deliver


@shared_task(name="people.deliver_notices")
def deliver() -> int:
    """Send what waits; when there is more than one run takes, send for the next run."""
    taken = notices_deliver()
    if taken == AT_ONCE:
        enqueue(deliver)
    return taken
