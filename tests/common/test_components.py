"""Tags of components: what is written between them stays what it is, what is given to them is escaped."""

from __future__ import annotations

import pytest
from django.template import engines


def drawn(source: str, **context: object) -> str:
    return " ".join(engines["django"].from_string(source).render(context).split())


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ('{% crumbs %}<a href="/a/">{{ said }}</a>{% endcrumbs %}', ['<a href="/a/">&lt;b&gt;</a></nav>']),
        ('{% nothing said %}<p>Sau</p>{% endnothing %}', ["<h2>&lt;b&gt;</h2>", "<p>Sau</p>"]),
        ("{% nothing %}<p>Sau</p>{% endnothing %}", ['<div class="card nothing"> <p>Sau</p>']),
        ('{% nothing "Trống" level=3 %}{% endnothing %}', ["<h3>Trống</h3>"]),
        ("{% banner said %}<p>{{ said }}</p>{% endbanner %}", ["<span>&lt;b&gt;</span>", "<p>&lt;b&gt;</p>", "#check"]),
        ('{% banner "Thu hồi" "bad" level=1 %}{% endbanner %}', ['class="banner bad"', "#cross", "</h1>"]),
        ('{% banner "Thay" "replaced" %}{% endbanner %}', ['class="banner unknown"', "#swap"]),
        ('{% banner "Không thấy" "unknown" alert=True %}{% endbanner %}', ['role="alert"', "#help"]),
        ('{% file_drop said "tep" accept=".pdf" %}<p>x</p>{% endfile_drop %}', ['for="tep"', "&lt;b&gt;", "<p>x</p>"]),
        ('{{ "Học số, từ <b>"|clauses }}', [">Học số,</span> <span", ">từ &lt;b&gt;</span>"]),
        ('{% icon "print" %}', ['aria-hidden="true"', "img/icons.svg#print"]),
    ],
)  # fmt: skip
def test_components(source, parts):
    html = drawn(source, said="<b>")
    for part in parts:
        assert part in html
    assert "<b>" not in html
