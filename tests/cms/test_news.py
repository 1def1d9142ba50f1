"""News: newest first, a page each, three on the first page; written by editors, kept for guests like any page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from cms.models import HomePage, NewsIndexPage, NewsPage, StandardPage
from cms.services import site_ensure
from common.text import vi_date
from tests.factories import cms as make

DAY = date(2026, 3, 1)


@pytest.fixture
def index(province):
    make.site()
    return NewsIndexPage.objects.get()


def news(index, number, *, live=True, **fields):
    said = {"said_on": DAY + timedelta(days=number), "title": f"Tin số {number}", "summary": f"Chuyện thứ {number}."}
    page = NewsPage(slug=f"tin-{number}", live=False, **(said | fields))
    index.add_child(instance=page)
    return make.publish(page) if live else page


def titles(page, of="Tin số"):
    """The titles in the order of a page."""
    return [line.strip() for line in strip_tags(page.content.decode()).splitlines() if line.strip().startswith(of)]


def test_the_list_says_the_newest_first_and_no_drafts(client, index):
    for number in (2, 5, 3):
        news(index, number)
    news(index, 9, live=False)
    page = client.get("/tin-tuc/")
    assert titles(page) == ["Tin số 5", "Tin số 3", "Tin số 2"]
    assert vi_date(date(2026, 3, 6)) in page.content.decode()
    assert "Chuyện thứ 5." in page.content.decode()


def test_a_day_with_two_news_puts_the_later_one_first(client, index):
    news(index, 1, said_on=DAY)
    news(index, 2, said_on=DAY)
    assert titles(client.get("/tin-tuc/")) == ["Tin số 2", "Tin số 1"]


@pytest.mark.parametrize(("asked", "shown"), [("1", 12), ("2", 2), ("99", 2), ("x", 12)])
def test_a_long_list_has_pages(client, index, asked, shown):
    for number in range(14):
        news(index, number)
    assert len(titles(client.get("/tin-tuc/", {"trang": asked}))) == shown


def test_without_news_the_list_leads_on_and_the_first_page_is_silent(client, index):
    page = client.get("/tin-tuc/").content.decode()
    assert "Chưa có tin nào" in page
    assert 'href="/khoa-hoc/"' in page
    assert "Tin mới" not in client.get("/").content.decode()


def test_the_first_page_shows_the_three_newest(client, index):
    for number in range(5):
        news(index, number)
    page = client.get("/")
    assert titles(page) == ["Tin số 4", "Tin số 3", "Tin số 2"]
    assert 'href="/tin-tuc/">Xem mọi tin' in page.content.decode()


def test_a_piece_of_news_has_its_own_page(client, index):
    page = news(index, 1, body=[("text", "<p>Mời bà con đến nhà văn hoá.</p>")])
    shown = client.get(page.site_path).content.decode()
    for told in (
        "Tin số 1",
        vi_date(date(2026, 3, 2)),
        "Chuyện thứ 1.",
        "Mời bà con đến nhà văn hoá.",
        'href="/tin-tuc/">Tin tức',
    ):
        assert told in shown
    assert client.get(news(index, 2, live=False).site_path).status_code == 404


@pytest.mark.parametrize("path", ["/tin-tuc/", "/"])
def test_more_news_cost_no_more_queries(client, index, path):
    def cost():
        client.get("/khoa-hoc/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path, {"so": NewsPage.objects.count()}).status_code == 200
        return len(asked), [query["sql"][:90] for query in asked]

    news(index, 0)
    cost()
    one, listed = cost()
    for number in range(1, 10):
        news(index, number)
    ten, listed_then = cost()
    assert one == ten, (listed, listed_then)


def test_a_kept_page_shows_what_was_just_published(client, index, django_capture_on_commit_callbacks):
    news(index, 1)
    assert titles(client.get("/")) == titles(client.get("/tin-tuc/")) == ["Tin số 1"]
    with django_capture_on_commit_callbacks(execute=True):
        news(index, 2)
    assert titles(client.get("/"))[0] == titles(client.get("/tin-tuc/"))[0] == "Tin số 2"
    with django_capture_on_commit_callbacks(execute=True):
        NewsPage.objects.get(slug="tin-2").unpublish()
    assert titles(client.get("/")) == titles(client.get("/tin-tuc/")) == ["Tin số 1"]


def test_readers_of_english_are_told_that_news_are_vietnamese(client, index, settings):
    page = news(index, 1)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    shown = client.get("/tin-tuc/").content.decode()
    assert ">News<" in shown
    assert "2 March 2026" in shown
    assert "in Vietnamese only" in client.get(page.site_path).content.decode()


def test_an_editor_writes_news_in_vietnamese(client, index, editor):
    client.force_login(editor)
    form = client.get(reverse("wagtailadmin_pages:add", args=["cms", "newspage", index.pk])).content.decode()
    for label in ("Ngày đăng", "Tóm tắt", "Nội dung"):
        assert label in form


def test_news_without_a_summary_say_what_is_missing(index):
    with pytest.raises(ValidationError) as refused:
        news(index, 1, summary="")
    assert "summary" in refused.value.message_dict


def test_an_address_that_an_editor_took_before_is_left_alone(province):
    make.site()
    NewsIndexPage.objects.get().delete()
    home = HomePage.objects.get()
    home.add_child(instance=StandardPage(title="Tin tức", slug="tin-tuc"))
    site_ensure()
    assert not NewsIndexPage.objects.exists()
