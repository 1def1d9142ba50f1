"""What the tests of this room share."""

from __future__ import annotations

import pytest
from django.core.cache import cache

GATES = ["cms.middleware.KeptPageMiddleware", "cms.middleware.EditorGateMiddleware"]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    cache.clear()


@pytest.fixture(autouse=True)
def _gates(settings):
    """Both gates of this room, where the settings do not name them yet."""
    middleware = [name for name in settings.MIDDLEWARE if name not in GATES]
    at = middleware.index("django.contrib.sessions.middleware.SessionMiddleware")
    middleware.insert(at, GATES[0])
    at = middleware.index("django.contrib.auth.middleware.AuthenticationMiddleware")
    middleware.insert(at + 1, GATES[1])
    settings.MIDDLEWARE = middleware
