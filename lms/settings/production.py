"""Several machines or one behind a front server: strict about HTTPS, nothing shown on screen that belongs in a log."""

from lms.settings.base import *  # noqa: F403  (a settings module is the sum of its base and what differs)
from lms.settings.environment import ENV

DEBUG = False
# nginx stands in front and appends the visitor's address: limits count people, not the proxy.
ALLAUTH_TRUSTED_PROXY_COUNT = 1
if ENV.behind_https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SILENCED_SYSTEM_CHECKS = [
    "security.W019",  # the editors' preview shows the site's own pages in a frame; the policy forbids all others
    "security.W021",  # the preload list binds every name below a domain: the domain's owner decides, not one site
]
