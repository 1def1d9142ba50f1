"""The test run: quick hashes, no waiting, files in a folder of its own."""

import atexit
import os
import shutil
import tempfile
from urllib.parse import urlsplit

# A test run must not read or write what a person's own server keeps.
if not (folder := os.environ.get("TEST_DATA_DIR")):
    folder = tempfile.mkdtemp(prefix="hocso-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
os.environ["LMS_DATA_DIR"] = folder
os.environ["SECRET_KEY"] = "tests-only"
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or "sqlite://:memory:"
os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL", "")
if os.environ["REDIS_URL"] and (process := os.environ.get("PYTEST_XDIST_WORKER", "")):
    # Each process of a parallel run has a database of its own; its cache and queue must not be shared either.
    number = int(process.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()

from lms.settings.base import *  # noqa: E402, F403  (the environment above must be set before it is read)
from lms.settings.base import STORAGES  # noqa: E402
from lms.settings.environment import ENV  # noqa: E402

DEBUG = False
DEMO = True
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# With a real broker a real worker runs beside the tests that ask for it; everywhere else tasks run in place.
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
ACCOUNT_RATE_LIMITS = False
SMS_BACKEND = "people.sms.MemoryBackend"
# A developer's own key signs nothing in a test run.
CERTIFICATE_SIGNING = "none"
SIGNING_P12_FILE = SIGNING_P12_PASSWORD = SIGNING_TSA_URL = SIGNING_TRUST_DIR = ""
# Wagtail keeps an index for the search of its own admin with every page saved: a quarter of a page test's time.
TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
if not ENV.redis_url:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Tests write behind the back of pages and read them again.
KPI_BOARD_SECONDS = 0
SESSION_ENGINE = "django.contrib.sessions.backends.db"
