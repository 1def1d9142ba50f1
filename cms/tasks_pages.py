"""Work for the queue around the editors' pages; imported when the room is ready, here and in the worker."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from cms.services import links_check, owners_tell, pages_publish_scheduled


@shared_task(name="cms.publish_scheduled")
def publish_scheduled() -> int:
    """Publish and take down what is due."""
    report = pages_publish_scheduled()
    return len(report.published) + len(report.expired)


@shared_task(name="cms.tell_owners")
def tell_owners() -> int:
    """Tell the owners of content that its day of review has come."""
    return owners_tell()


@shared_task(name="cms.check_links", time_limit=3600)
def check_links() -> int:
    """Look whether the addresses outside still answer."""
    return links_check().checked if settings.CHECK_LINKS else 0
