"""HTML to plain lines and back."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizzes.formats.markup import html_of_text, text_of_html
from tests.factories.questions import lines

PLAIN = [
    ("một <b>hai</b>", "một hai"),
    ("<p>a</p><p>b</p>", "a\nb"),
    ("<p>a</p>\n\n<div><p>b</p></div>", "a\nb"),
    ("a<br>b<br/>", "a\nb"),
    ("<p>a</p><p><br></p><p>b</p>", "a\n\nb"),
    ("<p>a</p><p>&nbsp;</p><p>b</p>", "a\n\nb"),
    ("<ul><li>x</li><li>y</li></ul>z", "- x\n- y\nz"),
    ("H<sub>2</sub>O, m<sup>2</sup>, x<sup>ab</sup>, 10<sup><b>3</b></sup>", "H₂O, m², x^(ab), 10³"),
    ('<a href="https://vi.example/a">xem</a>', "xem (https://vi.example/a)"),
    ('<a href="https://vi.example/a">https://vi.example/a</a>', "https://vi.example/a"),
    ('<a href="javascript:alert(1)">xem</a>', "xem"),
    ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 | 2\n3"),
    ("a<script>alert(1)</script><style>p{}</style>b", "ab"),
    ("<!-- ghi chú <b> -->a<!--[if gte mso 9]><xml><x>1</x></xml><![endif]-->b", "ab"),
    ("1 &lt; 2 &amp;&amp; 3 &gt; 2, &#273;&eacute;", "1 < 2 && 3 > 2, đé"),
    ("a < b và c > d", "a < b và c > d"),
    ("Khi \\(x &lt; 2\\) thì $$y^2$$", "Khi \\(x < 2\\) thì $$y^2$$"),
    ("<pre>dòng 1\n  dòng 2</pre>", "dòng 1\ndòng 2"),
    ("chữ\n  thường", "chữ thường"),
    ("", ""),
]


@pytest.mark.parametrize(("html", "text"), PLAIN)
def test_html_becomes_plain_lines(html: str, text: str) -> None:
    assert text_of_html(html).text == text


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=lines())
def test_text_comes_back_from_its_html(text: str) -> None:
    assert text_of_html(html_of_text(text)).text == text
    assert text_of_html(html_of_text(text) + "<i></i>").text == text  # not by the short way


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(html=st.text(alphabet="<>/!-&;\"' =apbr1#\n", max_size=60))
def test_any_html_is_read(html: str) -> None:
    assert "<script" not in text_of_html(f"{html}<script>x</script>").text or "&" in html or "<" in html


def test_pictures_are_handed_over_whole() -> None:
    taken = []
    packed = "data:image/png;base64," + "QUJD" * 100_000
    made = text_of_html(f'<p>a <img src="{packed}" alt="Hình"> b</p>', lambda *told: taken.append(told) is None)
    assert (made.text, taken, made.lost) == ("a b", [(packed, "Hình")], [])
