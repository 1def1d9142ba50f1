"""Videos of other houses: which addresses are some, and where their players lie."""

from __future__ import annotations

import pytest
from django.test import override_settings

from cms import embeds
from cms.system_checks import check_embed_hosts

HOSTS = ["www.youtube-nocookie.com", "player.vimeo.com"]
ID = "aqz-KE-bpKQ"


@pytest.mark.parametrize(
    "address",
    [
        f"https://www.youtube.com/watch?v={ID}",
        f"https://youtube.com/watch?app=desktop&v={ID}&t=12",
        f"https://m.youtube.com/watch?v={ID}",
        f"https://youtu.be/{ID}?si=abc",
        f"https://www.youtube.com/shorts/{ID}",
        f"https://www.youtube.com/live/{ID}",
        f"https://www.youtube.com/embed/{ID}",
        f"https://www.youtube-nocookie.com/embed/{ID}",
        f" http://youtu.be/{ID} ",
    ],
)
def test_youtube_in_all_its_spellings(address):
    found = embeds.embed_of(address, HOSTS)
    assert found.frame.startswith(f"https://www.youtube-nocookie.com/embed/{ID}?")
    assert found.watch == f"https://www.youtube.com/watch?v={ID}"


@pytest.mark.parametrize("address", ["https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871"])
def test_vimeo_without_tracking(address):
    found = embeds.embed_of(address, HOSTS)
    assert found.frame == "https://player.vimeo.com/video/76979871?autoplay=1&dnt=1"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "https://youtube.com.evil.example/watch?v=" + ID,
        "https://evil.example/?https://youtu.be/" + ID,
        "https://user@youtu.be/" + ID,
        "https://www.youtube.com/watch?v=kurz",
        "https://www.youtube.com/playlist?list=PL123",
        'https://youtu.be/"onload="x',
        "https://vimeo.com/abc",
        "https://[bad",
        "ftp://youtu.be/" + ID,
    ],
)
def test_anything_else_is_refused(address):
    assert embeds.embed_of(address, HOSTS) is None


def test_a_house_that_is_not_allowed_stays_a_link():
    assert embeds.embed_of(f"https://youtu.be/{ID}", ["player.vimeo.com"]) is None
    assert embeds.names(["player.vimeo.com"]) == "Vimeo"


@pytest.mark.parametrize(("hosts", "errors"), [(HOSTS, 0), ([], 0), (["video.example"], 1)])
def test_a_host_that_cannot_be_addressed_stops_the_start(settings, hosts, errors):
    settings.EMBED_HOSTS = hosts
    assert [error.id for error in check_embed_hosts()] == ["cms.E001"] * errors


@override_settings(EMBED_HOSTS=[])
def test_without_any_house_an_old_block_is_a_plain_link(db):
    from tests.cms.test_blocks import _render

    html = _render("embed", {"url": f"https://youtu.be/{ID}", "title": "P", "transcript": "<p>x</p>"})
    assert "data-embed" not in html
    assert f'href="https://youtu.be/{ID}"' in html
