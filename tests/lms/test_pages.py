"""What every answer of the house carries: policy, error pages in Vietnamese, health."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.templatetags.static import static
from django.test import Client
from django.urls import path, reverse

from common.errors import Refusal
from lms import urls as doors
from lms import views
from lms.middleware import ADMIN_POLICY

pytestmark = pytest.mark.anywhere


def _refuse(request):
    raise Refusal("Khoá học này hiện không mở.", code="course_closed", fix="Xem các khoá học khác.")


def _break(request):
    raise RuntimeError("broken on purpose")


urlpatterns = [path("thu-tu-choi/", _refuse), path("thu-loi/", _break), *doors.urlpatterns]
handler400, handler403, handler404, handler500 = (
    doors.handler400,
    doors.handler403,
    doors.handler404,
    doors.handler500,
)


def policy_of(response) -> dict[str, list[str]]:
    directives = (part.split() for part in response.headers["Content-Security-Policy"].split(";") if part.strip())
    return {name: values for name, *values in directives}


def test_health_answers(client, db):
    response = client.get("/suc-khoe/")
    assert response.status_code == 200
    assert response.json() == {"ok": True, "problems": []}


def test_health_names_the_part_that_does_not_answer(client, db, monkeypatch):
    class Deaf:
        def set(self, *_):
            raise ConnectionError

    monkeypatch.setattr(views, "cache", Deaf())
    response = client.get("/suc-khoe/")
    assert response.status_code == 503
    assert response.json()["problems"] == ["cache: ConnectionError"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/tai-khoan/login/", "/tai-khoan/signup/", "/khong-co-trang-nay/"])
def test_public_pages_allow_only_their_own_scripts_and_styles(client, address):
    policy = policy_of(client.get(address))
    assert policy["default-src"] == ["'self'"]
    assert policy["object-src"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert not any("unsafe" in value for values in policy.values() for value in values)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/cms/login/", "/quan-tri-he-thong/login/"])
def test_admin_pages_get_the_policy_they_can_live_with(client, address):
    response = client.get(address)
    assert response.headers["Content-Security-Policy"] == ADMIN_POLICY
    assert "unsafe-eval" not in ADMIN_POLICY


@pytest.mark.django_db
def test_security_headers(client):
    headers = client.get("/tai-khoan/login/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] in {"SAMEORIGIN", "DENY"}


@pytest.mark.django_db
def test_robots_keeps_people_out_of_search_engines(client):
    text = client.get("/robots.txt").content.decode()
    for closed in ("/quan-ly/", "/tai-khoan/", "/viec-hoc/", "/kiem-tra/", "/xac-minh/", "/cms/"):
        assert f"Disallow: {closed}" in text


@pytest.mark.django_db
@pytest.mark.urls(__name__)
class TestErrorPages:
    """Each says in Vietnamese what happened and what to do next, under the right status."""

    @pytest.mark.parametrize(
        ("address", "status", "says"),
        [
            ("/khong-co-trang-nay/", 404, "Không tìm thấy trang này."),
            ("/thu-tu-choi/", 409, "Khoá học này hiện không mở."),
            ("/thu-loi/", 500, "Hệ thống gặp lỗi"),
        ],
    )
    def test_pages(self, address, status, says):
        response = Client(raise_request_exception=False).get(address)
        assert response.status_code == status
        page = response.content.decode()
        assert says in page
        assert 'lang="vi"' in page or "lang=vi" in page
        assert "Traceback" not in page

    def test_a_page_that_is_not_there_can_be_searched_for(self):
        page = Client().get("/khong-co-trang-nay/").content.decode()
        assert 'action="/khoa-hoc/"' in page
        assert "not_found" in page

    def test_refusal_says_what_to_do(self):
        assert "Xem các khoá học khác." in Client().get("/thu-tu-choi/").content.decode()

    def test_form_without_token(self):
        response = Client(enforce_csrf_checks=True).post("/tai-khoan/login/", {"login": "a"})
        assert response.status_code == 403
        page = response.content.decode()
        assert "lang=vi" in page or 'lang="vi"' in page, "Django's own English CSRF page was shown"


def test_pictures_of_editors_are_answered_without_a_front_server_and_cannot_run_script(client, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "hinh.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
    response = client.get("/media/hinh.svg")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    for outside in ("/media/../secret_key", "/media/%2e%2e/secret_key", "/media/"):
        assert client.get(outside).status_code in {400, 404}


@pytest.mark.parametrize(("asked", "given"), [("/cms/login/", "account_login"), ("/cms/account/", "account")])
def test_editors_sign_in_and_keep_their_account_where_everybody_does(client, editor, asked, given):
    client.force_login(editor)
    assert client.get(asked)["Location"] == reverse(given)


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("sent_from", "leads_back"),
    [
        ("http://testserver/quan-ly/dot/?loc=giu", True),
        ("http://testserver/thu-tu-choi/", False),
        ("http://elsewhere.example/quan-ly/", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_a_refused_form_leads_back_to_the_page_it_was_sent_from(client, sent_from, leads_back):
    page = client.post("/thu-tu-choi/", headers={"referer": sent_from}).content.decode()
    assert (f'href="{sent_from}">Quay lại</a>' in page) is leads_back
    assert (">Quay lại</a>" in page) is leads_back


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_refused_page_leads_back_to_nothing_by_itself(client):
    page = client.get("/thu-tu-choi/", headers={"referer": "http://testserver/quan-ly/"}).content.decode()
    assert ">Quay lại</a>" not in page


class TestPagesThatLeanOnNothing:
    """No database is open to these tests: whoever asked it would fail."""

    def test_the_page_about_a_fault(self, rf):
        response = views.server_error(rf.get("/"))
        assert response.status_code == 500
        assert "Lỗi ở phía chúng tôi" in response.content.decode()
        assert "css/site.css" in response.content.decode()

    def test_a_fault_in_that_page_is_answered_too(self, rf, monkeypatch):
        def broken(*_):
            raise RuntimeError("no templates")

        monkeypatch.setattr(views, "render_to_string", broken)
        response = views.server_error(rf.get("/"))
        assert response.status_code == 500
        assert "Hệ thống gặp lỗi" in response.content.decode()

    def test_the_page_without_network_is_for_everybody(self, client):
        response = client.get(reverse("offline"))
        assert "không có mạng" in response.content.decode()
        assert response.cookies == {}
        assert "public" in response.headers["Cache-Control"]
        assert "Cookie" not in response.headers.get("Vary", "")

    def test_the_worker_keeps_that_page_and_its_clothes_alone(self, client):
        response = client.get("/sw.js")
        assert response.headers["Content-Type"].startswith("text/javascript")
        assert "no-cache" in response.headers["Cache-Control"]
        script = response.content.decode()
        kept = json.loads(re.search(r"CLOTHES = (\[.*?\]);", script)[1])
        assert kept == [static(path) for path in views.CLOTHES]
        assert all(finders.find(path) for path in views.CLOTHES)
        assert f'OFFLINE = "{reverse("offline")}"' in script
        assert script.count(".addAll(") == 1
        assert ".put(" not in script

    def test_the_worker_is_a_new_one_when_its_clothes_are(self, client, monkeypatch):
        before = client.get("/sw.js").content
        monkeypatch.setattr(views, "CLOTHES", views.CLOTHES[:-1])
        name = re.compile(rb'KEEP = "([^"]+)"')
        assert name.search(before)[1] != name.search(client.get("/sw.js").content)[1]

    def test_the_manifest_names_pictures_that_are_there(self, client):
        response = client.get("/manifest.webmanifest")
        assert response.headers["Content-Type"] == "application/manifest+json"
        said = response.json()
        assert (said["short_name"], said["lang"]) == ("Học Số", "vi")
        assert all(finders.find(icon["src"].removeprefix("/static/")) for icon in said["icons"])


@pytest.mark.parametrize(
    ("who", "status"), [("editor", 200), ("coordinator", 200), ("learner", 404), (None, 404)]
)  # fmt: skip
def test_the_pattern_page_is_for_those_who_build_and_write(request, client, db, who, status):
    if who:
        client.force_login(request.getfixturevalue(who))
    assert client.get("/styleguide/").status_code == status


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("", ['<html lang="vi">']),
        ("?nen=toi", ['data-scheme="toi"']),
        ("?nen=sang&tuong-phan=cao", ['data-scheme="sang"', 'data-contrast="cao"']),
        ('?nen="><script>', ['<html lang="vi">']),
    ],
)
def test_the_pattern_page_is_shown_on_every_ground(client, editor, asked, says):
    client.force_login(editor)
    head = client.get(f"/styleguide/{asked}").content.decode()[:400]
    for part in says:
        assert part in head


def test_public_pages_carry_a_card_for_those_they_are_handed_to(client, db, settings):
    settings.BASE_URL = "https://hocso.example/"
    cache.clear()  # a page that was kept names the address of before
    page = client.get("/").content.decode()
    card = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', page))
    assert card["image"] == f"https://hocso.example{static('img/card.png')}"
    assert card["url"] == "https://hocso.example/"
    assert card["title"]
    assert card["description"] in page
