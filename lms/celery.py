"""The one Celery application. Configuration lives in the Django settings under ``CELERY_``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")

app = Celery("hocso")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
