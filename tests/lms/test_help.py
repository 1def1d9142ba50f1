"""Help on the site: its pages, its search, the way from each page, the hints of a first visit."""

from __future__ import annotations

import re

import pytest
from django.test import RequestFactory
from django.urls import resolve, reverse

from cms.models import StandardPage
from common.guides import FOLDER, guide, slugs
from lms.help import hints, places, shelf
from people.models import Role, UnitKind, User
from people.services import structures_rebuild
from tests.factories.people import MembershipFactory, UnitFactory
from tests.lms.test_fresh_proof import addresses
from tests.proof import with_second_step

pytestmark = pytest.mark.anywhere

FOR_OPERATORS = {"van-hanh"}


# --- Pages ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("slug", sorted(shelf.SLUGS))
def test_everybody_reads_a_guide_and_a_guest_without_a_query_the_second_time(
    client, province, slug, django_assert_num_queries
):
    page = client.get(f"/tro-giup/{slug}/")
    assert page.status_code == 200
    text = page.content.decode()
    assert text.count("<h1") == 1
    assert all(f'id="{section.anchor}"' in text for section in guide(slug).sections)
    with django_assert_num_queries(0):
        client.get(f"/tro-giup/{slug}/")


def test_every_guide_stands_on_a_shelf_but_those_for_operators(client, db):
    assert set(slugs()) - shelf.SLUGS == FOR_OPERATORS
    assert len([slug for one in shelf.SHELVES for slug in one.slugs]) == len(shelf.SLUGS)
    assert {file.stem for file in (FOLDER / "en").glob("*.md")} == shelf.SLUGS
    for slug in (*FOR_OPERATORS, "khong-co", "..%2f..%2fREADME"):
        assert client.get(f"/tro-giup/{slug}/").status_code == 404


def test_the_editors_questions_and_the_guides_are_one_page(client, province):
    page = client.get("/tro-giup/").content.decode()
    assert "quên mật khẩu" in page.lower()
    assert page.count("<h1>") == 1
    assert all(reverse("help:guide", args=[slug]) in page for slug in shelf.SLUGS)


def test_without_the_editors_page_the_guides_are_still_there(client, province):
    StandardPage.objects.get(slug="tro-giup").unpublish()
    page = client.get("/tro-giup/")
    assert page.status_code == 200
    assert reverse("help:guide", args=["nguoi-hoc"]) in page.content.decode()


@pytest.mark.parametrize(
    ("role", "first"),
    [
        (Role.TEAM_LEADER, ["to-truong"]),
        (Role.ISSUING_OFFICIAL, ["ky-cap", "so-goc"]),
        (Role.INSTRUCTOR, ["giang-vien"]),
        (Role.EDITOR, ["bien-tap"]),
        (Role.LEARNER, ["nguoi-hoc"]),
    ],
)
def test_ones_own_guides_come_first(client, province, role, first):
    user = MembershipFactory(unit=province.north, audience=province.staff, role=role).user
    client.force_login(with_second_step(user))
    page = client.get("/tro-giup/").content.decode()
    found = re.findall(r'href="/tro-giup/([\w-]+)/"', page[page.index("help-guides") :])
    assert found[: len(first)] == first
    folded = page[page.index("Hướng dẫn cho việc khác") :]
    assert not any(f"/tro-giup/{slug}/" in folded for slug in (*first, "nguoi-hoc")), "one's own are not folded away"


# --- Search ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("quen mat khau", "/tro-giup/nguoi-hoc/#quen-mat-khau"),
        ("Quên mật khẩu", "/tro-giup/nguoi-hoc/#quen-mat-khau"),
        ("kien toan", "/tro-giup/dau-moi/#kien-toan-to"),
        ("chốt số", "/tro-giup/chu-tri/#chot-so-lieu"),
        ("tu luan", "/tro-giup/giang-vien/#cham-cau-tu-luan"),
        ("khoa so", "/tro-giup/so-goc/#khoa-so-cuoi-nam"),
    ],
)
def test_the_search_finds_without_accents_what_the_heading_says_first(words, path):
    assert shelf.search(words)[0].path == path


def test_ones_own_guides_are_found_first():
    assert shelf.search("danh sách", {Role.ISSUING_OFFICIAL})[0].guide.slug in {"ky-cap", "so-goc"}
    assert shelf.search("danh sách", {Role.TEAM_LEADER})[0].guide.slug == "to-truong"


@pytest.mark.parametrize("words", ["", "   ", "!?", "xyzzy", "docker compose", "quen xyzzy"])
def test_what_is_nowhere_is_not_found(words):
    assert shelf.search(words) == []


def test_the_page_of_the_search_marks_the_words_and_says_when_there_are_none(client, db):
    page = client.get("/tro-giup/tim/", {"q": "mat khau"}).content.decode()
    assert "<mark>mật khẩu</mark>" in page
    page = client.get("/tro-giup/tim/", {"q": "<b>xyzzy"}).content.decode()
    assert "Không có mục nào" in page
    assert "<b>xyzzy" not in page


# --- The way from a page --------------------------------------------------------------------------------------------
TARGETS = sorted({target for _, target in places.BY_NAME + places.BY_PATH} | {places.HOME_OF_A_TEAM_LEADER})


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_is_there(target):
    slug, _, anchor = target.partition("#")
    assert slug in shelf.SLUGS
    assert not anchor or anchor in guide(slug).anchors


def _path_on(path, name=None):
    request = RequestFactory().get(path)
    if name:
        request.resolver_match = resolve(path)
        assert request.resolver_match.view_name == name
    return places.help_path(request)


@pytest.mark.parametrize(
    ("path", "name", "found"),
    [
        ("/quan-ly/", "manage_home", "/tro-giup/dau-moi/#viec-cho-ban-hom-nay"),
        ("/quan-ly/danh-sach/nhap/", "rosters:upload", "/tro-giup/nhap-danh-sach/"),
        ("/quan-ly/chi-tieu/chot-so/moi/", "kpi:closing_new", "/tro-giup/chu-tri/#chot-so-lieu"),
        ("/quan-ly/cap-chung-nhan/", "issuing:batches", "/tro-giup/ky-cap/#duyet-mot-danh-sach"),
        ("/viec-hoc/", "courses:my_learning", "/tro-giup/nguoi-hoc/#hoc-tiep"),
        ("/tai-khoan/login/", "account_login", "/tro-giup/nguoi-hoc/#dang-nhap"),
        ("/khoa-hoc/5-ky-nang/", None, "/tro-giup/nguoi-hoc/#hoc-mot-khoa"),
        ("/", None, "/tro-giup/"),
        ("/khong-co/", None, "/tro-giup/"),
    ],
)
def test_a_page_leads_to_its_part_of_the_help(path, name, found):
    assert _path_on(path, name) == found


@pytest.mark.parametrize(
    ("roles", "found"),
    [
        ([Role.TEAM_LEADER], "/tro-giup/to-truong/#xem-ai-trong-to-chua-hoc"),
        ([Role.COORDINATOR], "/tro-giup/dau-moi/#viec-cho-ban-hom-nay"),
        # Who leads a team and keeps the commune's lists too finds on that page what waits for the commune.
        ([Role.TEAM_LEADER, Role.COORDINATOR], "/tro-giup/dau-moi/#viec-cho-ban-hom-nay"),
    ],
)
def test_the_first_page_of_offices_leads_to_the_guide_of_ones_own_office(client, province, roles, found):
    user = User.objects.create(full_name="Nguyễn Thị Tổ Trưởng")
    for role in roles:
        MembershipFactory(user=user, unit=province.north, audience=province.staff, role=role)
    client.force_login(with_second_step(user))
    assert f'href="{found}"' in client.get(reverse("manage_home")).content.decode()


def test_no_entry_is_for_an_address_that_is_gone_and_none_is_hidden_by_an_earlier_one():
    from django.urls import get_resolver

    names = addresses(get_resolver())
    for place, (known, _) in enumerate(places.BY_NAME):
        fits = [n for n in names if (n.startswith(known[:-1]) if known.endswith("*") else n == known)]
        earlier = [k for k, _ in places.BY_NAME[:place]]
        free = [n for n in fits if not any(n.startswith(k[:-1]) if k.endswith("*") else n == k for k in earlier)]
        assert free, f"{known}: no address, or every one is taken by an entry above"


def test_every_page_of_the_offices_leads_to_a_guide():
    from django.urls import get_resolver

    offices = {name for name, path in addresses(get_resolver()).items() if path.startswith("quan-ly/")}
    known = [name for name, _ in places.BY_NAME]
    assert not [n for n in offices if not any(n.startswith(k[:-1]) if k.endswith("*") else n == k for k in known)]


def test_the_link_stands_on_pages_of_guests_and_of_offices(client, province, coordinator):
    assert 'href="/tro-giup/nguoi-hoc/#dang-nhap">Trợ giúp' in client.get("/tai-khoan/login/").content.decode()
    client.force_login(coordinator)
    page = client.get("/quan-ly/danh-sach/").content.decode()
    assert page.count('href="/tro-giup/nhap-danh-sach/">Trợ giúp') == 2, "beside the way up, and at the foot"


# --- Hints ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("hint", hints.HINTS, ids=lambda hint: hint.key)
def test_every_step_of_a_hint_leads_to_a_heading(hint):
    assert len(hint.steps) == 3
    assert resolve(reverse(hint.at, args=["0" * 8 + "-0000-0000-0000-" + "0" * 12] if hint.at == "teams:team" else []))
    assert {anchor for _, anchor in hint.steps} <= guide(hint.guide).anchors


def put_away(client, key, back="/quan-ly/"):
    return client.post(reverse("help:hint", args=[key]), {"next": back})


def test_a_hint_is_shown_until_it_is_put_away_and_stays_away(client, province, coordinator, learner):
    client.force_login(coordinator)
    assert "Mới làm đầu mối?" in client.get("/quan-ly/").content.decode()
    assert put_away(client, "dau-moi")["Location"] == "/quan-ly/"
    put_away(client, "dau-moi")
    assert User.objects.get(pk=coordinator.pk).hints_seen == ["dau-moi"]
    client.logout()
    client.force_login(coordinator)
    assert "Gợi ý cho lần đầu" not in client.get("/quan-ly/").content.decode()
    client.force_login(learner)
    assert "Mới học ở đây?" in client.get("/viec-hoc/").content.decode()
    put_away(client, "hoc", "/viec-hoc/")
    assert "Gợi ý cho lần đầu" not in client.get("/viec-hoc/").content.decode()


@pytest.mark.parametrize(
    ("role", "title"),
    [
        (Role.COORDINATOR, "Mới làm đầu mối?"),
        (Role.ISSUING_OFFICIAL, "Mới ký cấp ở đây?"),
        (Role.PROVINCIAL_LEAD, "Mới giữ số liệu ở đây?"),
        (Role.TEAM_LEADER, ""),
    ],
)
def test_each_role_is_told_of_its_own_work(client, province, role, title):
    user = MembershipFactory(unit=province.north, audience=province.staff, role=role).user
    client.force_login(with_second_step(user))
    page = client.get("/quan-ly/").content.decode()
    assert re.findall(r"<summary>(Mới .*?)</summary>", page) == ([title] if title else [])


def test_a_list_for_the_printer_carries_no_hint(client, province):
    team = UnitFactory(kind=UnitKind.TEAM, parent=province.north)
    leader = MembershipFactory(unit=team, audience=province.team, role=Role.TEAM_LEADER).user
    structures_rebuild()
    client.force_login(leader)
    path = reverse("teams:team", args=[team.uuid])
    assert "Mới làm tổ trưởng?" in client.get(path).content.decode()
    assert "Mới làm tổ trưởng?" not in client.get(f"{path}?in=1").content.decode()


@pytest.mark.parametrize("back", ["https://example.vn/", "//example.vn", "javascript:x", ""])
def test_putting_away_leads_nowhere_else(client, learner, back):
    client.force_login(learner)
    assert put_away(client, "hoc", back)["Location"] == "/"


def test_only_known_hints_of_ones_own_and_by_a_form(client, learner):
    assert reverse("account_login") in put_away(client, "hoc")["Location"]
    client.force_login(learner)
    assert put_away(client, "khong-co").status_code == 404
    assert client.get(reverse("help:hint", args=["hoc"])).status_code == 405
