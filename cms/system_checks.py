"""Mistakes of configuration fail at start-up, with what to do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from cms import embeds


@register()
def check_embed_hosts(**kwargs: Any) -> list[Error]:
    """Every host of ``EMBED_HOSTS`` must be a player that the blocks can address."""
    return [
        Error(
            f"EMBED_HOSTS names {host}, whose videos the platform cannot address.",
            hint=f"Use only {', '.join(embeds.FRAME_HOSTS)}, or teach cms/embeds.py the addresses of that host.",
            id="cms.E001",
        )
        for host in settings.EMBED_HOSTS
        if host not in embeds.FRAME_HOSTS
    ]
