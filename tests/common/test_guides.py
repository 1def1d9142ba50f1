"""Guides: what Markdown becomes, what it may not become, and that every guide of ours can be read."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from html import unescape

import pytest
from django.conf import settings
from django.utils import translation
from PIL import Image

from common import guides
from common.text import slug as slug_of
from tests.people.test_accounts_screens import read_po

SLUGS = guides.slugs()
ENGLISH = sorted(file.stem for file in (guides.FOLDER / "en").glob("*.md"))
IN_A_LANGUAGE = [*(("vi", slug) for slug in SLUGS), *(("en", slug) for slug in ENGLISH)]
BOLD = re.compile(r"<strong>(.*?)</strong>", re.DOTALL)
TAG, VALUE, STEPS = re.compile(r"<[^>]*>"), re.compile(r"%\(\w+\)s"), re.compile(" [→›] ")
#: Bold words that no screen shows: what a guide stresses.
EMPHASIS = {
    "sau khoá này người học làm được gì?", "năm đến sáu việc nhỏ", "10 câu hỏi", "ngày rà soát mới", "3/8",
    "Mở từ, Đóng lúc, Chờ giữa hai lần làm", "Xem điểm, đáp án…", "Gửi duyệt theo Thẩm định và xuất bản",
    "Số liệu phải báo", "Báo cáo đến hạn", "trùng tên và ngày sinh", "họ tên khác",
    "Tệp .xls cũ", "Hai người chung một số điện thoại", "Nhiều người rời đơn vị", "Đang nhập mà đóng máy",
    "Người đã tự nhận tài khoản",
}  # fmt: skip
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


@pytest.mark.parametrize(("language", "slug"), IN_A_LANGUAGE)
def test_every_guide_has_a_title_and_links_that_lead_somewhere(language, slug):
    guide = drawn_in(language, slug)
    assert guide.title
    assert guide.sections
    for other, anchor in re.findall(r'href="/tro-giup/([\w-]+)/(?:#([\w-]*))?"', guide.html):
        assert other in SLUGS, f"{slug}.md leads to {other}.md"
        assert not anchor or anchor in guides.guide(other).anchors, f"{slug}.md leads to {other}.md#{anchor}"


def test_every_picture_is_named_described_and_light():
    named = {picture for language, slug in IN_A_LANGUAGE for picture in drawn_in(language, slug).pictures}
    files = {file.relative_to(guides.PICTURES).as_posix() for file in guides.PICTURES.rglob("*.*")}
    assert named == files
    for language, slug in IN_A_LANGUAGE:
        for alt in re.findall(r'<img[^>]*\balt="([^"]*)"', drawn_in(language, slug).html):
            assert len(alt) > 20, f"{slug}.md: a picture says what it shows"
    for name in files:
        file = guides.PICTURES / name
        assert file.suffix == ".webp"
        assert file.stat().st_size <= MOST_BYTES, name
        with Image.open(file) as picture:
            assert picture.width <= 1280, name


# --- Two languages --------------------------------------------------------------------------------------------------
def drawn_in(language, slug):
    with translation.override(language):
        return guides.guide(slug)


def test_a_heading_has_one_address_in_both_languages():
    ours, theirs = drawn_in("vi", "to-truong"), drawn_in("en", "to-truong")
    assert [section.anchor for section in ours.sections] == [section.anchor for section in theirs.sections]
    assert ours.anchors == theirs.anchors
    assert not {section.title for section in ours.sections} & {section.title for section in theirs.sections}


def test_another_language_with_other_headings_is_found():
    with pytest.raises(ValueError, match=r"en/to-truong\.md: 1 headings instead of \d"):
        guides.drawn("to-truong", "# Guide\n\n## One\n", "en")


def test_a_link_to_a_heading_in_other_words_leads_to_the_same_place():
    title = drawn_in("en", "nguoi-hoc").sections[0]
    said = guides.drawn("to-truong", with_link((guides.FOLDER / "en" / "to-truong.md").read_text(), title.title), "en")
    assert f'<a href="/tro-giup/nguoi-hoc/#{title.anchor}">this</a>' in said.lead.html


def with_link(text, heading):
    first, _, rest = text.partition("\n")
    return f"{first}\n\n[this](nguoi-hoc.md#{slug_of(heading)})\n{rest}"


@pytest.mark.parametrize("slug", ENGLISH)
def test_a_guide_says_the_same_in_both_languages(slug):
    """Section for section the same steps, tables, pictures and ways on; and each label of a screen as that screen has
    it in the reader's language."""
    ours, theirs = drawn_in("vi", slug), drawn_in("en", slug)
    for one, other in zip((ours.lead, *ours.sections), (theirs.lead, *theirs.sections), strict=True):
        marks = [re.findall(r"<(li|ol|ul|tr|h3|img|a|strong)\b", section.html) for section in (one, other)]
        assert marks[0] == marks[1], one.title
        ways = [re.findall(r'href="([^"]*)"', section.html) for section in (one, other)]
        assert ways[0] == ways[1], one.title
        for label, said in zip(bold(one), bold(other), strict=True):
            # A way through menus: each of them by its own name.
            for step, told in zip(STEPS.split(label), STEPS.split(said), strict=True):
                assert is_on_the_screen(step, told), f"{one.title}: «{step}» is not «{told}» on the screen"


def bold(section):
    return [" ".join(unescape(TAG.sub("", words)).split()) for words in BOLD.findall(section.html)]


def is_on_the_screen(label, said):
    """Whether what a screen calls ``label`` in Vietnamese it calls ``said`` in English: by our catalogues or, where
    English is the source, by those of Wagtail. What stands in the midst of a longer text is only looked for."""
    texts = texts_of_screens()
    with translation.override("vi"):
        if label in texts or translation.gettext(said) != said:
            return said in texts.get(label, ()) or translation.gettext(said) == label
    return label in EMPHASIS or any(label in text for text in texts)


@cache
def texts_of_screens():
    """All that our screens say in Vietnamese, without tags, with «…» where a value stands; and how in English."""
    found = defaultdict(set)
    for file in settings.BASE_DIR.glob("**/locale/en/LC_MESSAGES/django.po"):
        for (_context, words, _plural), (said, _flags) in read_po(file).items():
            ours, *theirs = (VALUE.sub("…", TAG.sub("", text)) for text in (words, *said))
            found[ours] |= set(theirs)
    return found


def test_pages_are_there_to_be_photographed_in_both_languages():
    """Pictures are taken on demand: what takes them must not rot until then."""
    from tests.journeys import guide_pictures

    taken = {*guide_pictures.OFFICES, *guide_pictures.OF_A_LEARNER}
    kept = {file.stem for file in guides.PICTURES.glob("*.webp")}
    assert taken == kept == {file.stem for file in (guides.PICTURES / "en").glob("*.webp")}
