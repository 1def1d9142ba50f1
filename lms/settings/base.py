"""Settings shared by every way of running the platform. What differs by machine comes from ``lms/env.py``."""

from pathlib import Path
from typing import Any

from celery.schedules import crontab
from csp.constants import NONE, SELF

import common  # noqa: F401  (sets how openpyxl reads, before anybody imports that)
from lms.env import ROOT
from lms.settings.accounts import *  # noqa: F403  (a chapter of these settings)
from lms.settings.environment import ENV

BASE_DIR: Path = ROOT
DATA_DIR: Path = ENV.data_dir
DATA_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
DEMO = ENV.demo
ALLOWED_HOSTS = ENV.allowed_hosts
CSRF_TRUSTED_ORIGINS = ENV.csrf_trusted_origins
BASE_URL = ENV.base_url

INSTALLED_APPS = [
    "lms",
    "cms",
    "kpi",
    "quizzes",
    "certificates",
    "courses",
    "people",
    "common",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "cms.admin_app.EditorsAdminConfig",
    "wagtail",
    "modelcluster",
    "taggit",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "cms.middleware.KeptPageMiddleware",
    "common.language.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cms.middleware.EditorGateMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "people.middleware.SecondStepMiddleware",
    "lms.middleware.RequestAddressMiddleware",
    "lms.middleware.RefusalMiddleware",
    "cms.middleware.EditorRefusalMiddleware",
    "kpi.kept.FiguresChangedMiddleware",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "lms" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lms.context.site",
            ],
            "builtins": ["common.templatetags.vi", "common.templatetags.components"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data -----------------------------------------------------------------------------------------------------------
DATABASES = {"default": {**ENV.database, "ATOMIC_REQUESTS": False}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"

if ENV.redis_url:
    CACHES: dict[str, Any] = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": ENV.redis_url}
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(DATA_DIR / "cache"),
            # Beyond so many a third goes, whichever: kept pages, sessions and counted look-ups share it.
            "OPTIONS": {"MAX_ENTRIES": 5_000},
        }
    }
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# After how long the board of a unit's figures is made anew (kpi/kept.py); up to five times as old it may be shown.
KPI_BOARD_SECONDS = 60

# --- Jobs -----------------------------------------------------------------------------------------------------------
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Ho_Chi_Minh"
if ENV.redis_url:
    CELERY_BROKER_URL = ENV.redis_url
    # Somebody waits for the page that sends a task: a broker that is down is given up at once, the sweep finds the
    # work.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    }
else:
    QUEUE_DIR = DATA_DIR / "queue"
    (QUEUE_DIR / "messages").mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost/"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
    }
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
# What the moment lost (a broker that was down, a worker that died) the sweep picks up again.
CELERY_BEAT_SCHEDULE = {
    "close-overdue-attempts": {"task": "quizzes.close_overdue_attempts", "schedule": 60.0},
    # At night, when nobody waits for the database.
    "rebuild-quiz-statistics": {"task": "quizzes.rebuild_statistics", "schedule": crontab(hour=2, minute=40)},
    "remind-of-expiry": {"task": "certificates.remind", "schedule": crontab(hour=8, minute=10)},
    "render-missing-certificates": {"task": "certificates.sweep", "schedule": 120.0},
    # In the middle of the morning: nobody is to be woken.
    "remind-learners": {"task": "courses.remind_learners", "schedule": crontab(hour=9, minute=30)},
    "settle-finished-enrolments": {"task": "courses.settle", "schedule": 600.0},
    "settle-finished-paths": {"task": "courses.settle_paths", "schedule": 3600.0},
    "rebuild-uptake": {"task": "courses.uptake", "schedule": 86400.0},
    "forget-files-of-returned-work": {"task": "courses.forget_returned_files", "schedule": 86400.0},
    "make-report-dues": {"task": "kpi.make_dues", "schedule": crontab(hour=3, minute=50)},
    # When offices begin: once a day, and never who was reminded by the button that day.
    "remind-of-report-dues": {"task": "kpi.remind_dues", "schedule": crontab(hour=8, minute=0)},
    "correct-closed-figures": {"task": "kpi.correct_figures", "schedule": crontab(hour=4, minute=20)},
    "carry-assignments": {"task": "kpi.carry_assignments", "schedule": 86400.0},
    "forget-old-rosters": {"task": "people.forget_old_rosters", "schedule": 86400.0},
    "forget-old-question-files": {"task": "quizzes.forget_old_imports", "schedule": 86400.0},
    "forget-old-structures": {"task": "people.forget_old_structures", "schedule": 86400.0},
    "take-up-lost-jobs": {"task": "common.sweep", "schedule": 120.0},
    "deliver-notices": {"task": "people.deliver_notices", "schedule": 120.0},
    "publish-scheduled-pages": {"task": "cms.publish_scheduled", "schedule": 120.0},
    "tell-owners-of-reviews": {"task": "cms.tell_owners", "schedule": 7 * 86400.0},
    "check-links": {"task": "cms.check_links", "schedule": 7 * 86400.0},
    "refresh-kpi-summaries": {"task": "kpi.sweep", "schedule": 300.0},
}

# --- Messages to people -----------------------------------------------------------------------------------------------
SMS_BACKEND = ENV.sms_backend
# Codes always go out by text message; reminders only where the province pays for them.
REMINDERS_BY_SMS = ENV.reminders_by_sms
EMAIL_BACKEND = ENV.email_url["EMAIL_BACKEND"]
EMAIL_HOST = ENV.email_url.get("EMAIL_HOST", "")
EMAIL_PORT = ENV.email_url.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = ENV.email_url.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = ENV.email_url.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = ENV.email_url.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = ENV.email_url.get("EMAIL_USE_SSL", False)
DEFAULT_FROM_EMAIL = ENV.default_from_email

# --- Language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "ngon-ngu"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["lms.formats"]

# --- Files ----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
# Pictures of the guides are kept beside them, where a reader of the repository sees them too.
STATICFILES_DIRS = [BASE_DIR / "static", ("guides", BASE_DIR / "docs" / "guides" / "img")]
STATICFILES_FINDERS = [
    "lms.assets.CssBundleFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# Certificates are personal: they stay outside the folder that the web server hands out.
PRIVATE_ROOT = DATA_DIR / "private"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(PRIVATE_ROOT), "base_url": None},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Wagtail --------------------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "Học Số"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILADMIN_NOTIFICATION_USE_HTML = True
# Editors write and work in Vietnamese.
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES[:1]
# Addresses hold no accents: cms.addresses folds what editors type and paste.
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES[:1]
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp", "svg"]
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.upload_forms.PictureForm"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "cms.upload_forms.FileForm"
# What one uploaded file may weigh, in megabytes. nginx takes 50 with the form around it.
UPLOAD_MAX_MB = {"picture": 10, "drawing": 1, "document": 20, "audio": 30, "video": 48, "captions": 1}
# Width times height times frames; unpacked bytes and entries of archives, and how often they may be packed.
UPLOAD_MAX_PIXELS = 50_000_000
UPLOAD_MAX_UNPACKED_MB = 200
UPLOAD_MAX_ENTRIES = 5_000
UPLOAD_MAX_RATIO = 100
WAGTAILIMAGES_MAX_UPLOAD_SIZE = UPLOAD_MAX_MB["picture"] * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = UPLOAD_MAX_PIXELS
WAGTAILDOCS_MAX_UPLOAD_SIZE = UPLOAD_MAX_MB["video"] * 1024 * 1024
# Documents are always saved, never opened as a page of ours.
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "txt", "zip", "mp3", "mp4", "vtt"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_USER_EDIT_FORM = "cms.forms.StaffEditForm"
WAGTAIL_USER_CREATION_FORM = "cms.forms.StaffCreationForm"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
# Players of other houses that lessons may show, once a learner asks for it: cms.embeds knows their addresses.
EMBED_HOSTS = ["www.youtube-nocookie.com", "player.vimeo.com"]
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []

# Small provinces: editors publish themselves. On: they submit, a subject reviewer looks, a publisher lets it go out.
REVIEW_BEFORE_PUBLISHING = ENV.review_before_publishing
# The weekly look at addresses outside; off where the server cannot reach the internet.
CHECK_LINKS = ENV.check_links

# Names, e-mail and passwords are changed in one place: /tai-khoan/.
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False

# --- Digital signatures on certificates -----------------------------------------------------------------------------
# none: papers carry no digital signature; local: signed here with a key file; handoff: signed by officials elsewhere.
CERTIFICATE_SIGNING = ENV.signing_backend
SIGNING_P12_FILE = ENV.signing_p12_file
SIGNING_P12_PASSWORD = ENV.signing_p12_password
SIGNING_TSA_URL = ENV.signing_tsa_url
# Certificates (PEM) that are trusted when signatures are checked, and revocation lists; the local key's own are, too.
SIGNING_TRUST_DIR = ENV.signing_trust_dir

CSRF_FAILURE_VIEW = "lms.views.csrf_failure"

# --- Security -------------------------------------------------------------------------------------------------------
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = False
CONTENT_SECURITY_POLICY = {
    # Wagtail's own admin writes inline script; its addresses get a looser policy in lms.middleware.
    "EXCLUDE_URL_PREFIXES": ("/cms/", "/quan-tri-he-thong/"),
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "frame-src": [f"https://{host}" for host in EMBED_HOSTS] or [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"slips": {"()": "people.slips_log.WithoutSlipCodes"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["slips"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        # One line for every index entry of every saved page says nothing to an operator.
        "kombu": {"level": "ERROR"},  # the queue in files has no host, and says so at every start
        "django_tasks": {"level": "WARNING"},
        "wagtail": {"level": "WARNING"},
        # What is wrong with a file that somebody hands in goes into the report, not into the log with a stack trace.
        "pikepdf": {"level": "WARNING"},
        "pyhanko": {"level": "CRITICAL"},
        "pyhanko_certvalidator": {"level": "CRITICAL"},
    },
}

# --- Words and rules of this project --------------------------------------------------------------------------------
PROVINCE_NAME = "tỉnh Bắc Ninh"
# Whom pages of help name to guests, and to people in whose units nobody is in office.
SUPPORT_NAME = ENV.support_name
SUPPORT_PHONE = ENV.support_phone
SUPPORT_EMAIL = ENV.support_email
