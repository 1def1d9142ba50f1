"""The project: settings, addresses, the queue, base templates and components."""

from lms.celery import app as celery_app

__all__ = ["celery_app"]
