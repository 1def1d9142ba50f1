"""Looks whether the addresses outside, to which published pages lead, still answer."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from django.utils.translation import gettext_noop
from requests.adapters import HTTPAdapter

from cms.checks.describe import outside_addresses
from cms.models import LessonPage, LinkCheck, NewsPage, StandardPage

TIMEOUT = (5, 10)  # seconds to connect, to answer
PAUSE = 0.5  # seconds between two questions: we are a guest there
REDIRECTS = 5
AGENT = "HocSo-kiem-tra-lien-ket/1.0"
#: Addresses of the old network dressed as new ones: what they stand for may be a neighbour.
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
#: Many servers answer these to whoever is no browser, though the page is there.
NOT_FOR_PROGRAMS = frozenset({401, 403, 405, 406, 429, 999})

Look = Callable[[str], tuple[int, str]]


@dataclass
class LinkReport:
    """How many addresses were looked at, and how many did not answer well; ``forgotten``: no page leads there now."""

    checked: int = 0
    failed: int = 0
    forgotten: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def links_check(
    *,
    dry_run: bool = False,
    look: Look | None = None,
    pause: float = PAUSE,
    say: Callable[[int, int], None] | None = None,
) -> LinkReport:
    """Ask every address once and keep how it answered; with ``dry_run`` only count them."""
    wanted = sorted(_addresses())
    gone = LinkCheck.objects.exclude(url__in=wanted)
    report = LinkReport(forgotten=gone.count())
    if dry_run:
        report.checked = len(wanted)
        return report
    gone.delete()
    for number, url in enumerate(wanted, start=1):
        status, error = (look or look_at)(url)
        well = status in NOT_FOR_PROGRAMS or 200 <= status < 400
        row, _ = LinkCheck.objects.get_or_create(url=url)
        row.status, row.error, row.failures = status, error[:200], 0 if well else min(row.failures + 1, 1000)
        row.save()
        report.checked += 1
        report.failed += not well
        if say:
            say(number, len(wanted))
        if number < len(wanted):
            time.sleep(pause)
    return report


def _addresses() -> set[str]:
    """Every address outside to which a published page leads."""
    found: set[str] = set()
    longest = LinkCheck._meta.get_field("url").max_length or 0
    for model in (LessonPage, NewsPage, StandardPage):
        for page in model._default_manager.filter(live=True).iterator(chunk_size=50):
            found |= {url for url in outside_addresses(page) if len(url) <= longest}
    return found


def look_at(url: str) -> tuple[int, str]:
    """The HTTP status of an address after redirections, or 0 and why there is none. Asks public places only.

    Editors type the addresses: without the look at every hop a link could make the server ask its own neighbours.
    """
    for _hop in range(REDIRECTS + 1):
        place, problem = public_place(url)
        if problem:
            return 0, problem
        try:
            answer = _ask(url, place)
        except requests.RequestException as fault:
            return 0, _fault_words(fault)
        if not answer.is_redirect:
            return answer.status_code, ""
        url = urljoin(url, answer.headers["location"])
    return 0, gettext_noop("chuyển hướng quá nhiều lần")


def public_place(url: str) -> tuple[str, str]:
    """The network address that may be asked about ``url``, or why none may: https on its usual port, a public place.

    Every address of the name must be public, and the one that was looked at is the one that is asked: a name that
    points elsewhere a moment later leads nowhere.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", gettext_noop("địa chỉ sai")
    if parts.scheme != "https" or not parts.hostname or port not in (None, 443) or parts.username:
        return "", gettext_noop("không phải địa chỉ https thông thường")
    try:
        found = socket.getaddrinfo(parts.hostname, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return "", gettext_noop("không tìm thấy tên miền")
    places = [ipaddress.ip_address(str(info[4][0]).split("%")[0]) for info in found]
    if not places or not all(_is_public(place) for place in places):
        return "", gettext_noop("địa chỉ nội bộ")
    return str(places[0]), ""


def _is_public(place: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return place.is_global and not place.is_multicast and place not in TRANSLATED


class _Pinned(HTTPAdapter):
    """Goes to a network address and still asks for the certificate of the name."""

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, server_hostname=self.host, assert_hostname=self.host)


def _ask(url: str, place: str) -> requests.Response:
    """HEAD, and GET of nothing but the head where a server does not know HEAD."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    netloc = f"[{place}]" if ":" in place else place
    given: dict[str, Any] = {
        "url": urlunsplit(("https", netloc, parts.path or "/", parts.query, "")),
        "headers": {"User-Agent": AGENT, "Host": host},
        "timeout": TIMEOUT,
        "allow_redirects": False,
    }
    with requests.Session() as session:
        session.trust_env = False  # no proxy and no password file decides where we go
        session.mount("https://", _Pinned(host))
        answer = session.head(**given)
        if answer.status_code in (404, 405, 501):
            with session.get(stream=True, **given) as answer:
                return answer
        return answer


def _fault_words(fault: requests.RequestException) -> str:
    if isinstance(fault, requests.exceptions.SSLError):
        return gettext_noop("chứng chỉ bảo mật không hợp lệ")
    if isinstance(fault, requests.Timeout):
        return gettext_noop("quá lâu không trả lời")
    return gettext_noop("không kết nối được")
