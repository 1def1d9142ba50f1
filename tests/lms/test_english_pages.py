"""The frame, the pages of errors and the help for those who read English."""

from __future__ import annotations

import re

import pytest
from allauth.core import ratelimit
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.test import Client
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cms.models import StandardPage
from common.errors import Refusal
from common.guides import guide
from lms import urls as doors
from lms import views
from lms.help.shelf import SLUGS
from tests.english import vietnamese_in

COOKIE = settings.LANGUAGE_COOKIE_NAME


def _raising(error):
    def view(request):
        raise error

    return view


def _refuse(request):
    title = "Kỹ năng số cơ bản"
    raise Refusal(
        _("Khoá học này hiện không mở."),
        code="course_closed",
        fix=_("Hãy học xong khoá «%(title)s» trước, rồi quay lại ghi danh khoá này.") % {"title": title},
        link=("/khoa-hoc/", _("Mở khoá «%(title)s»") % {"title": title}),
    )


urlpatterns = [
    path("thu/400/", _raising(BadRequest())),
    path("thu/403/", _raising(PermissionDenied())),
    path("thu/409/", _refuse),
    path("thu/429/", ratelimit.respond_429),
    path("thu/500/", _raising(RuntimeError("broken on purpose"))),
    *doors.urlpatterns,
]
handler400, handler403, handler404, handler500 = (
    doors.handler400,
    doors.handler403,
    doors.handler404,
    doors.handler500,
)


@pytest.fixture
def reader(db):
    """A browser whose reader chose English."""
    client = Client(raise_request_exception=False)
    client.cookies[COOKIE] = "en"
    return client


def english(answer, status=200):
    """The page of an answer, which is English but for what it quotes."""
    assert answer.status_code == status
    page = answer.content.decode()
    assert '<html lang="en"' in page
    assert list(vietnamese_in(page)) == []
    return page


# --- Errors ---------------------------------------------------------------------------------------------------------
@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("status", "says"),
    [
        (400, "This request could not be understood."),
        (403, "You may not open this page."),
        (409, "This course is not open at the moment."),
        (429, "You tried too many times in a short time"),
        (500, "Something went wrong"),
    ],
)
def test_errors(reader, status, says):
    assert says in english(reader.get(f"/thu/{status}/"), status)


def test_a_page_that_is_not_there(reader, province):
    page = english(reader.get("/khong-co-trang-nay/"), 404)
    assert "This page was not found." in page
    assert 'placeholder="Search courses"' in page


@pytest.mark.django_db
def test_a_form_that_is_too_old():
    client = Client(enforce_csrf_checks=True)
    client.cookies[COOKIE] = "en"
    assert "Your browser must allow cookies." in english(client.post("/tai-khoan/login/"), 403)


@pytest.mark.urls(__name__)
def test_what_a_refusal_quotes_is_read_with_a_vietnamese_voice(reader):
    page = english(reader.get("/thu/409/"), 409)
    quotation = '“<span lang="vi">Kỹ năng số cơ bản</span>”'
    assert f"First complete the course {quotation}, then come back" in page
    assert f">Open the course {quotation}<" in page


@pytest.mark.urls(__name__)
def test_a_refusal_in_vietnamese_quotes_as_ever(db):
    page = Client().get("/thu/409/").content.decode()
    assert "Hãy học xong khoá «Kỹ năng số cơ bản» trước" in page


@pytest.mark.parametrize(("chosen", "says"), [("en", "Something went wrong"), ("", "Hệ thống gặp lỗi")])
def test_a_fault_before_the_language_is_known(rf, chosen, says):
    request = rf.get("/")
    request.COOKIES[COOKIE] = chosen
    assert f"<h1>{says}</h1>" in views.server_error(request).content.decode()


def test_a_fault_of_the_page_about_faults_is_told_in_both_languages(rf, monkeypatch):
    monkeypatch.setattr(views, "render_to_string", lambda *_: 1 / 0)
    page = views.server_error(rf.get("/")).content.decode()
    assert "Hãy thử lại sau ít phút." in page
    assert "<p lang=en>Something went wrong" in page


# --- Without network, on the first screen of a phone ----------------------------------------------------------------
def test_the_page_without_network_is_kept_for_each_language():
    """Its address alone says the language: anybody may keep it."""
    address = reverse("offline")
    page = Client().get(address, {"lang": "en"})
    assert "Your device is offline" in english(page)
    assert page.headers["Content-Language"] == "en"
    assert "Cookie" not in page.headers.get("Vary", "")
    reader = Client()
    reader.cookies[COOKIE] = "en"
    assert '<html lang="vi">' in reader.get(address).content.decode()


def test_the_worker_keeps_the_page_of_the_language_that_was_chosen(reader):
    vietnamese, other = (client.get("/sw.js").content.decode() for client in (Client(), reader))
    names, pages = (
        [re.search(pattern, script)[1] for script in (vietnamese, other)]
        for pattern in (r'KEEP = "([^"]+)"', r'OFFLINE = "([^"]+)"')
    )
    assert names[0] != names[1]
    assert pages == [reverse("offline"), f"{reverse('offline')}?lang=en"]
    assert '<html lang="en">' in Client().get(pages[1]).content.decode()


def test_the_first_screen_of_a_phone_says_it_in_the_language_of_the_page(reader):
    """Browsers fetch the manifest without cookies."""
    address = re.search(r'<link rel="manifest" href="([^"]+)"', reader.get("/tai-khoan/login/").content.decode())[1]
    said = Client().get(address).json()
    assert (said["lang"], said["name"]) == ("en", "Học Số: learn digital skills")
    assert Client().get(reverse("manifest")).json()["lang"] == "vi"


# --- Help -----------------------------------------------------------------------------------------------------------
def test_the_shelves_of_guides(reader, province):
    StandardPage.objects.get(slug="tro-giup").unpublish()
    page = english(reader.get("/tro-giup/"))
    assert "Step-by-step guides" in page


@pytest.mark.parametrize("slug", sorted(SLUGS))
def test_a_guide_is_in_the_readers_language(reader, slug):
    answer = reader.get(reverse("help:guide", args=[slug]))
    page = english(answer)
    with translation.override("en"):
        assert f"<h1>{guide(slug).title}</h1>" in page
    assert guide(slug).title not in page
    assert f"<h1>{guide(slug).title}</h1>" in Client().get(answer.request["PATH_INFO"]).content.decode()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("password", "<mark>password</mark>"),
        ("mật khẩu", "Nothing was found for “"),
        ("<b>xyzzy", "Nothing was found for “"),
    ],
)
def test_the_search_in_the_guides(reader, words, says):
    assert says in english(reader.get("/tro-giup/tim/", {"q": words}))


def test_whom_to_ask(reader, learner, coordinator):
    reader.force_login(learner)
    page = english(reader.get("/tro-giup/tim/"))
    assert f'Who can help you: <span translate="no">{coordinator.full_name}</span>' in page


def test_the_menu_of_an_official_on_a_public_page(reader, coordinator):
    reader.force_login(coordinator)
    page = english(reader.get("/tro-giup/tim/"))
    assert re.search(r'<a href="/quan-ly/">Manage</a>', page)
