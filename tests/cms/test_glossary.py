"""Words that a lesson explains: marked once, where they first stand, and nowhere where a link would be wrong."""

from __future__ import annotations

import re

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from cms.glossary import Glossary
from cms.models import GlossaryTerm
from tests.factories.media import stream

WORDS = {"mã OTP": "tu-1", "OTP": "tu-2", "dữ liệu cá nhân": "tu-3", "A & B": "tu-4"}


def _mark(html, words=WORDS):
    return Glossary(words).mark(html)


def _marked(html, words=WORDS):
    return re.findall(r'<a class="term" href="#([\w-]+)" data-term>(.*?)</a>', _mark(html, words))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Giữ mã OTP và mã OTP.</p>", [("tu-1", "mã OTP")]),
        ("<p>Mã otp ở đây, OTP ở kia.</p>", [("tu-1", "Mã otp"), ("tu-2", "OTP")]),
        ("<h2>mã OTP</h2><p>Đọc <b>mã OTP</b>.</p>", [("tu-1", "mã OTP")]),
        ('<p><a href="https://x.vn/OTP">OTP ở đây</a> rồi OTP</p>', [("tu-2", "OTP")]),
        ("<p>BOTP và OTPs</p>", []),
        ("<p>Luật Bảo vệ dữ liệu cá nhân.</p>", [("tu-3", "dữ liệu cá nhân")]),
        ("<p>A &amp; B</p>", [("tu-4", "A &amp; B")]),
        ('<p title="OTP">không</p>', []),
        ("<p>mã <b>OTP</b></p>", [("tu-2", "OTP")]),
        ("", []),
    ],
)
def test_words_are_marked_where_they_first_stand(html, expected):
    assert _marked(html) == expected


def test_a_word_is_marked_once_in_the_whole_lesson():
    glossary = Glossary({"OTP": "tu-2"})
    assert "term" in glossary.mark("<p>OTP</p>")
    assert "term" not in glossary.mark("<p>OTP</p>")


@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<b>", "</b>", '<a href="https://x.vn">', "</a>", "mã OTP", "OTP", " ", "A &amp; B", "x<"]
        ),
        max_size=30,
    )
)
def test_marking_adds_marks_and_changes_nothing_else(pieces):
    html = "".join(pieces)
    without = re.sub(r'<a class="term" href="#[\w-]+" data-term>(.*?)</a>', r"\1", _mark(html))
    assert without == html
    assert len(_marked(html)) <= len(WORDS)


@pytest.mark.django_db
def test_the_words_of_a_lesson_lead_to_their_meanings_wherever_the_list_stands():
    term = GlossaryTerm.objects.create(term="mã OTP", meaning="Mã dùng một lần.")
    callout = {"style": "tip", "title": "mã OTP", "text": "<p>Không đọc mã OTP.</p>"}
    body = stream(
        ("text", "<h2>Mã OTP</h2><p>Xin chào.</p>"),
        ("callout", callout),
        ("text", "<p>mã OTP</p>"),
        ("glossary", {"title": "Từ", "terms": [term.pk]}),
    )
    html = Template("{% load cms_body %}{% body b %}").render(Context({"b": body}))
    assert html.count("data-term") == 1
    assert f'<a class="term" href="#tu-{term.pk}" data-term>mã OTP</a>' in html
    assert f'id="tu-{term.pk}"' in html
    assert html.index("data-term") < html.index("<dt>")
