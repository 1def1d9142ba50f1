"""Videos of other houses, by their addresses. Pure: nothing is asked of anybody."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Embed:
    """A video elsewhere: the house's name, the address of its player, and the address to open it there."""

    house: str
    frame: str
    watch: str


@dataclass(frozen=True)
class _House:
    name: str
    frame_host: str
    hosts: frozenset[str]
    video: re.Pattern[str]
    frame: str
    watch: str


# Players that set no cookie before somebody presses play, where the house has one.
_HOUSES = (
    _House(
        name="YouTube",
        frame_host="www.youtube-nocookie.com",
        hosts=frozenset({"youtube.com", "m.youtube.com", "youtu.be", "youtube-nocookie.com"}),
        video=re.compile(r"^/(?:embed/|shorts/|live/|v/)?([\w-]{11})/?$", re.ASCII),
        frame="https://www.youtube-nocookie.com/embed/{}?autoplay=1&rel=0&hl=vi&cc_load_policy=1",
        watch="https://www.youtube.com/watch?v={}",
    ),
    _House(
        name="Vimeo",
        frame_host="player.vimeo.com",
        hosts=frozenset({"vimeo.com", "player.vimeo.com"}),
        video=re.compile(r"^/(?:video/|channels/\w+/)?(\d{6,12})/?$", re.ASCII),
        frame="https://player.vimeo.com/video/{}?autoplay=1&dnt=1",
        watch="https://vimeo.com/{}",
    ),
)
#: The hosts whose players can be addressed.
FRAME_HOSTS = tuple(house.frame_host for house in _HOUSES)


def embed_of(address: str, hosts: Collection[str]) -> Embed | None:
    """The video at ``address``; None when it is none, or when its player's host is not among ``hosts``."""
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return None
    for house in _HOUSES:
        if host not in house.hosts or house.frame_host not in hosts:
            continue
        path = parts.path
        if path == "/watch":
            path = f"/{parse_qs(parts.query).get('v', [''])[0]}"
        if found := house.video.match(path):
            return Embed(house.name, house.frame.format(found.group(1)), house.watch.format(found.group(1)))
    return None


def names(hosts: Collection[str]) -> str:
    """The houses that are allowed, as a person says them."""
    return _(" hoặc ").join(house.name for house in _HOUSES if house.frame_host in hosts)
