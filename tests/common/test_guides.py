"""Guides: what Markdown becomes, what it may not become, and that every guide of ours can be read."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from common import guides

SLUGS = guides.slugs()
#: A picture in a guide is small enough for a phone on 3G.
MOST_BYTES = 40_000


def test_headings_lists_tables_and_links_as_the_site_has_them():
    guide = guides.drawn(
        "to",
        "# Hướng dẫn\n\nMở *đầu*.\n\n## Mục một\n\n1. Một **đậm**.\n2. `mã`\n\n### Nhỏ hơn\n\n"
        "| Thấy | Làm |\n|---|---|\n| A | [tổ](to-truong.md#in-danh-sach) |\n\n## Mục hai\n\n[ngoài](https://example.vn/a.md)\n",
    )
    assert (guide.title, guide.anchors) == ("Hướng dẫn", {"muc-mot", "nho-hon", "muc-hai"})
    assert guide.lead.html == "<p>Mở <em>đầu</em>.</p>\n"
    first, second = guide.sections
    assert '<h2 id="muc-mot">Mục một</h2>\n<ol>\n<li>Một <strong>đậm</strong>.</li>' in first.html
    assert '<h3 id="nho-hon">Nhỏ hơn</h3>' in first.html
    assert '<th scope="col">Thấy</th>' in first.html
    assert '<th scope="row">A</th>' in first.html
    assert '<td data-l="Làm"><a href="/tro-giup/to-truong/#in-danh-sach">tổ</a></td>' in first.html
    assert first.text == "Một đậm. mã Nhỏ hơn Thấy Làm A tổ"
    assert 'href="https://example.vn/a.md"' in second.html


@pytest.mark.parametrize(
    "bad", ["<script>x</script>", "[x](javascript:alert(1))", "<img src=x onerror=y>", "a <b>c</b>"]
)
def test_nothing_but_words_comes_of_html_and_scripts(bad):
    html = guides.drawn("x", f"# T\n\n{bad}\n\n## M {bad}\n\n{bad}\n").html
    assert not re.search(r"<(script|img|b)\b|href=\"javascript", html)


def test_two_headings_with_one_address_are_found():
    with pytest.raises(ValueError, match="mot-viec"):
        guides.drawn("x", "# T\n\n## Một việc\n\n## Một việc\n")


@pytest.mark.parametrize("slug", SLUGS)
def test_every_guide_has_a_title_and_links_that_lead_somewhere(slug):
    guide = guides.guide(slug)
    assert guide.title
    assert guide.sections
    for other, anchor in re.findall(r'href="/tro-giup/([\w-]+)/(?:#([\w-]*))?"', guide.html):
        assert other in SLUGS, f"{slug}.md leads to {other}.md"
        assert not anchor or anchor in guides.guide(other).anchors, f"{slug}.md leads to {other}.md#{anchor}"


def test_every_picture_is_named_described_and_light():
    named = {picture for slug in SLUGS for picture in guides.guide(slug).pictures}
    files = {file.name for file in guides.PICTURES.iterdir()}
    assert named == files
    for slug in SLUGS:
        for alt in re.findall(r'<img[^>]*\balt="([^"]*)"', guides.guide(slug).html):
            assert len(alt) > 20, f"{slug}.md: a picture says what it shows"
    for name in files:
        file = guides.PICTURES / name
        assert file.suffix == ".webp"
        assert file.stat().st_size <= MOST_BYTES, name
        with Image.open(file) as picture:
            assert picture.width <= 1280, name
