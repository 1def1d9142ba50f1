"""Entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from common.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")

application = get_wsgi_application()
settle()
