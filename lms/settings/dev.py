"""One machine from a clone: what ``script/server`` and ``manage.py`` use."""

from lms.settings.base import *  # noqa: F403  (a settings module is the sum of its base and what differs)
