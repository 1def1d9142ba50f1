"""«Cách đọc»: one cookie of a few values, pages kept once for each, and nobody's page given to somebody else."""

from __future__ import annotations

import itertools
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.display import CONTRASTS, COOKIE, GROUNDS, SAVERS, TEXTS, Display, display_chosen, display_read
from tests.factories import cms as make

COURSE = "/khoa-hoc/khoa-thu/"
LESSON = f"{COURSE}bai-1/"
LARGE = "rat-to.cao.bat.toi"
EVERY = [
    Display(text, contrast, saver, ground=ground)
    for text, contrast, saver, ground in itertools.product(
        TEXTS.values(), CONTRASTS.values(), SAVERS.values(), GROUNDS.values()
    )
]


@pytest.fixture
def course(province):
    return make.course(lessons=2, title="Khoá thử")


def _cost(client, path, **headers):
    with CaptureQueriesContext(connection) as queries:
        page = client.get(path, **headers)
    return page, len(queries)


def _root(page):
    """The attributes of the page's first element."""
    return re.search(r"<html ([^>]*)>", page.content.decode())[1]


@pytest.mark.parametrize("display", EVERY, ids=lambda display: display.value)
def test_a_choice_survives_its_cookie(display):
    assert display_read(display.value) == display


@pytest.mark.parametrize(
    "value",
    [
        "",
        "to",
        "to.cao",
        "to.cao.bat.x",
        "to.cao.bat.toi.",
        "TO.cao.bat",
        "to.cao.",
        "<b>.cao.bat",
        "." * 5000,
        "x" * 5000,
    ],
)
def test_a_value_that_is_not_ours_says_nothing(value):
    assert display_read(value) == Display()


def test_a_choice_of_three_words_still_holds():
    """From before light and dark could be chosen; such a cookie is kept for a year."""
    assert display_read("to.cao.bat") == Display("to", True, True)


def test_pages_differ_in_36_ways_whatever_is_sent():
    asked = (True, False)
    values = [*(display.value for display in EVERY), "", "rác", "to.cao.bat; x"]
    assert len({display_read(value, saver_asked=a).key for value in values for a in asked}) == 36


@pytest.mark.parametrize(
    ("before", "saver", "chosen", "holds"),
    [
        # Nothing chosen: the browser's wish holds, and sending it back unchanged is no choice.
        (Display(), "tat", None, False),
        (Display(saver_asked=True), "bat", None, True),
        # Against the browser's wish is a choice, and so is taking it back.
        (Display(saver_asked=True), "tat", False, False),
        (Display(), "bat", True, True),
        (Display(saver_chosen=True), "tat", False, False),
        (Display(saver_chosen=False, saver_asked=True), "tat", False, False),
        (Display(saver_chosen=True), "không có", True, True),
    ],
)
def test_leaving_the_saver_alone_is_no_choice(before, saver, chosen, holds):
    after = display_chosen(before, text="to", contrast="thuong", saver=saver, ground="")
    assert (after.text, after.saver_chosen, after.saver) == ("to", chosen, holds)


def test_a_choice_is_kept_for_a_year_and_leads_back_to_the_page(client, course):
    sent = {"co_chu": "to", "tuong_phan": "cao", "tiet_kiem": "tat", "nen": "toi", "next": LESSON}
    answer = client.post(reverse("courses:display"), sent)
    assert (answer.status_code, answer["Location"]) == (302, LESSON)
    cookie = answer.cookies[COOKIE]
    assert (cookie.value, cookie["samesite"], cookie["max-age"]) == ("to.cao.may.toi", "Lax", 31536000)
    assert _root(client.get(LESSON)) == 'lang="vi" data-scheme="toi" data-text="to" data-contrast="cao"'
    page = client.get(reverse("courses:display")).content.decode()
    assert 'value="to" checked' in page
    assert 'value="cao" checked' in page
    assert 'value="toi" checked' in page


@pytest.mark.parametrize(
    "elsewhere", ["https://lua-dao.example/", "//lua-dao.example/", "/\\lua-dao.example", "javascript:alert(1)", ""]
)
def test_nobody_is_led_to_another_site(client, db, elsewhere):
    answer = client.post(reverse("courses:display"), {"co_chu": "to", "next": elsewhere})
    assert answer["Location"] == "/"


def test_another_site_cannot_press_for_the_reader(client, db):
    answer = client.post(reverse("courses:display"), {"co_chu": "to"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert COOKIE not in answer.cookies


def test_a_script_gets_no_page_back(client, db):
    answer = client.post(reverse("courses:display"), {"co_chu": "to"}, headers={"x-requested-with": "fetch"})
    assert (answer.status_code, answer.cookies[COOKIE].value) == (204, "to.thuong.may.theo-may")


@pytest.mark.parametrize("path", ["/", COURSE, LESSON])
@pytest.mark.parametrize("first", ["", LARGE])
def test_each_way_of_showing_is_kept_apart(client, course, path, first):
    """Whoever comes first, with large text or without, the other gets a page of their own, and both are kept."""
    shown = {
        "": 'lang="vi"',
        LARGE: 'lang="vi" data-scheme="toi" data-text="rat-to" data-contrast="cao" data-saver="bat"',
    }
    second = LARGE if first == "" else ""
    for value in (first, second):
        client.cookies.load({COOKIE: value})
        page, queries = _cost(client, path)
        assert queries > 0
        assert _root(page) == shown[value]
    for value in (first, second):
        client.cookies.load({COOKIE: value})
        page, queries = _cost(client, path)
        assert (queries, _root(page)) == (0, shown[value])
        assert {"Cookie", "Save-Data"} <= {name.strip() for name in page["Vary"].split(",")}


def test_a_browser_that_saves_data_is_kept_apart_too(client, course):
    assert "data-saver" not in _root(client.get(COURSE))
    for cost in (True, False):
        page, queries = _cost(client, COURSE, headers={"save-data": "on"})
        assert bool(queries) is cost
        assert 'data-saver="bat"' in _root(page)
    assert "data-saver" not in _root(client.get(COURSE))
    # What was chosen outweighs what the browser asks for, and shares the page of those who never asked.
    client.cookies.load({COOKIE: "vua.thuong.tat"})
    page, queries = _cost(client, COURSE, headers={"save-data": "on"})
    assert (queries, "data-saver" in _root(page)) == (0, False)


def test_a_kept_page_still_sets_no_cookie_and_holds_no_token(client, course):
    page = client.get(LESSON)
    assert not page.cookies
    assert "csrfmiddlewaretoken" not in page.content.decode()
    assert f'action="{reverse("courses:display")}"' in page.content.decode()
