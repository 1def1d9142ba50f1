"""Our paper for e-mails: the same words as the text, nothing fetched, nothing that breaks by night."""

from __future__ import annotations

import re

import pytest

from people.letters import letter_html, letter_parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Chào bạn,\n\n123456\n\nHết.", [("said", "Chào bạn,"), ("code", "123456"), ("said", "Hết.")]),
        ("Mở:\n\nhttps://hocso.example/viec-hoc/", [("said", "Mở:"), ("link", "https://hocso.example/viec-hoc/")]),
        ("Lấy lại tại đây:\nhttps://a.example/x", [("said", "Lấy lại tại đây:\nhttps://a.example/x")]),
        ("Năm 2026 có 123456 người", [("said", "Năm 2026 có 123456 người")]),
        ("\n \n\n", []),
    ],
)
def test_paragraphs_are_told_apart(text, parts):
    assert letter_parts(text) == parts


def test_the_letter_says_what_the_text_says_and_fetches_nothing():
    html = letter_html(subject="Nhắc <học>", text="Chào Ưỡng & Ệ,\n\n123456\n\nhttps://hocso.example/?a=1&b=2")
    assert "Nhắc &lt;học&gt;" in html
    assert "Chào Ưỡng &amp; Ệ," in html
    assert 'href="https://hocso.example/?a=1&amp;b=2"' in html
    assert not re.search(r"<img|url\(|<link|<script|@import", html)


def test_the_letter_sets_a_ground_only_together_with_a_colour_of_text():
    """A mail program by night turns one of them and not the other: words would vanish."""
    html = letter_html(subject="s", text="Chào\n\n123456\n\nhttps://hocso.example/")
    for style in re.findall(r'style="([^"]*)"', html):
        assert ("background:" in style) == bool(re.search(r"(?<!-)color:", style)), style
