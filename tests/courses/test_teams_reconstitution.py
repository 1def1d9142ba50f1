"""The pages of kiện toàn: tick, choose, add, preview, save; nothing is saved before the last button."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.models import AuditEntry
from people.models import Role, RosterVersion, UnitKind, User
from people.querysets import today
from people.services import structures_rebuild
from people.teams import composition
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.proof import prove

pytestmark = pytest.mark.slow


@pytest.fixture
def team(province):
    unit = UnitFactory(code="TO-1", name="Tổ CNSCĐ thôn Đồng Vàng", kind=UnitKind.TEAM, parent=province.north)
    structures_rebuild()
    found = SimpleNamespace(unit=unit)
    for n, name in enumerate(("Giáp Văn Khởi", "Lê Thị Bình", "Trần Văn Cường", "Hồ Thị Duyên")):
        user = UserFactory(full_name=name, phone=f"+8491234567{n}")
        MembershipFactory(user=user, unit=unit, audience=province.team, role=Role.LEARNER if n else Role.TEAM_LEADER)
        setattr(found, ["leader", "binh", "cuong", "duyen"][n], user)
    return found


def url(team, name="reconstitute"):
    return reverse(f"teams:{name}", args=[team.unit.uuid])


def filled(*users, leader, day="22/11/2026", **more):
    keys = [user if isinstance(user, str) else str(user.uuid) for user in users]
    leads = leader if isinstance(leader, str) else str(leader.uuid)
    return {"o-lai": keys, "to-truong": leads, "effective_on": day, **more}


@pytest.fixture
def desk(client, coordinator):
    """The coordinator's browser, just proved to be theirs."""
    client.force_login(coordinator)
    prove(client)
    return client


@pytest.fixture
def client_of():
    """Another browser, of whoever is named."""

    def signed_in(user):
        browser = Client()
        browser.force_login(user)
        return browser

    return signed_in


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    cache.clear()
    monkeypatch.setattr("people.querysets.timezone.localdate", lambda *_: date(2026, 11, 22))


# --- Who may ---


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("coordinator", 200),
        ("lead", 200),
        ("leader", 403),
        ("other_coordinator", 403),
        ("official", 403),
        ("binh", 404),
        ("stranger", 404),
    ],
)
@pytest.mark.parametrize("name", ["reconstitute", "add_member", "preview"])
def test_a_leader_does_not_appoint_themself(client, request, team, who, status, name):
    client.force_login(getattr(team, who, None) or request.getfixturevalue(who))
    assert client.get(url(team, name)).status_code == status


@pytest.mark.parametrize(("who", "status"), [("leader", 403), ("other_coordinator", 403), ("binh", 404)])
def test_nobody_else_saves(client, request, team, who, status):
    client.force_login(getattr(team, who, None) or request.getfixturevalue(who))
    assert client.post(url(team, "save")).status_code == status
    assert not RosterVersion.objects.exists()


def test_saving_asks_for_a_fresh_proof(client, team, coordinator):
    client.force_login(coordinator)
    client.post(url(team), filled(team.binh, leader=team.binh))
    response = client.post(url(team, "save"))
    assert response.status_code == 302
    assert "/tai-khoan/" in response["Location"]
    assert not RosterVersion.objects.exists()


def test_only_for_teams(desk, province):
    assert desk.get(reverse("teams:reconstitute", args=[province.north.uuid])).status_code == 404


# --- The way through ---


def test_somebody_leaves_another_leads(desk, team):
    page = desk.get(url(team)).content.decode()
    assert page.count('name="o-lai"') == 4
    response = desk.post(
        url(team),
        filled(
            team.binh, team.cuong, team.duyen, leader=team.binh, decision_number="15/QĐ-UBND",
            decision_date="20/11/2026", **{f"chuc-danh-{team.cuong.uuid}": "Công an viên"},
        ),
    )  # fmt: skip
    assert response["Location"] == url(team, "preview")
    page = desk.get(url(team, "preview")).content.decode()
    for text in ("Tổ sẽ có 3 người từ ngày 22/11/2026", "15/QĐ-UBND", "− Giáp Văn Khởi", "Thành viên → Tổ trưởng"):
        assert text in page
    assert "Tổ mới có 3 người" in page, "what will still be wrong is said before"
    assert not RosterVersion.objects.exists(), "nothing is saved yet"
    page = desk.post(url(team, "save"), follow=True).content.decode()
    assert "Đã lưu thành phần mới của tổ, có từ ngày 22/11/2026." in page
    version = RosterVersion.objects.get()
    assert (version.decision_number, version.decision_date) == ("15/QĐ-UBND", date(2026, 11, 20))
    assert [(m.name, m.title) for m in composition(team.unit, today())] == [
        ("Lê Thị Bình", ""), ("Trần Văn Cường", "Công an viên"), ("Hồ Thị Duyên", ""),
    ]  # fmt: skip
    history = desk.get(url(team, "history")).content.decode()
    assert "− Giáp Văn Khởi rời tổ" in history
    before = desk.get(url(team, "history"), {"ngay": "21/11/2026"}).content.decode()
    assert "Ngày 21/11/2026: 4 người" in before


def test_saving_twice_makes_one_version(desk, team):
    desk.post(url(team), filled(team.binh, team.cuong, team.duyen, leader=team.binh))
    desk.post(url(team, "save"))
    assert desk.post(url(team, "save")).status_code == 302
    # The second press finds a fresh draft of what stands: the same people.
    assert len(composition(team.unit, today())) == 3
    assert RosterVersion.objects.count() <= 2


def test_people_are_added_by_search_and_by_hand(desk, team, learner):
    desk.post(url(team), filled(team.leader, team.binh, leader=team.leader, them="1"))
    page = desk.get(url(team, "add_member"), {"q": "ngoc uong"}).content.decode()
    assert "Nguyễn Thị Ngọc Ưỡng" in page
    assert desk.post(url(team, "add_member"), {"nguoi": learner.uuid})["Location"] == url(team)
    new = {"full_name": "đỗ văn ổn", "birth_date": "3/2/1970", "phone": "0987 654 321"}
    desk.post(url(team, "add_member"), new)
    page = desk.get(url(team)).content.decode()
    assert page.count("mới thêm") == 2
    assert page.count(" checked") == 5, "two stay, two are new, one leads: what was ticked before is kept"
    assert not User.objects.filter(full_name="Đỗ Văn Ổn").exists(), "made when it is saved"
    desk.post(url(team), filled(team.leader, team.binh, learner, "moi-1", leader="moi-1"))
    page = desk.get(url(team, "preview")).content.decode()
    assert "+ Đỗ Văn Ổn" in page
    desk.post(url(team, "save"))
    made = User.objects.get(full_name="Đỗ Văn Ổn")
    assert made.phone == "+84987654321"
    assert composition(team.unit, today())[0].name == "Đỗ Văn Ổn"
    assert str(learner.uuid) in {m.user for m in composition(team.unit, today())}


def test_search_finds_by_number_and_only_in_the_scope(desk, team, stranger, learner):
    User.objects.filter(pk=learner.pk).update(contact_phone="+84977777777")
    User.objects.filter(pk=stranger.pk).update(phone="+84966666666")
    assert learner.full_name in desk.get(url(team, "add_member"), {"q": "0977 777 777"}).content.decode()
    for words in ("tran van duc", "0966666666"):
        assert stranger.full_name not in desk.get(url(team, "add_member"), {"q": words}).content.decode()
    assert desk.post(url(team, "add_member"), {"nguoi": stranger.uuid}).status_code == 403


NEW = {"full_name": "Trần Văn Đức", "birth_date": "03/02/1970", "phone": ""}


@pytest.fixture
def far(stranger):
    """Somebody of another commune, with a number and a birth date."""
    User.objects.filter(pk=stranger.pk).update(birth_date=date(1970, 2, 3), phone="+84966666666")
    stranger.refresh_from_db()
    return stranger


def callout(page):
    return page.split('class="callout warning"')[1].split("</main>")[0]


@pytest.mark.parametrize("said", [{}, {"birth_date": "01/01/1990", "phone": "0966 666 666"}], ids=["born", "number"])
def test_somebody_who_may_be_known_is_asked_about(desk, team, far, said):
    same = NEW | said | {"full_name": "tran van duc"}
    page = callout(desk.post(url(team, "add_member"), same).content.decode())
    assert "Có thể người này đã có tài khoản" in page
    assert "<strong>T. V. Đ.</strong>, Xã Yên Thế" in page
    assert "1970" not in page.replace("03/02/1970", ""), "no birth year of a stranger"
    assert "mới thêm" not in desk.get(url(team)).content.decode()
    desk.post(url(team, "add_member"), {**same, "nguoi": far.uuid})
    assert f'value="{far.uuid}"' in desk.get(url(team)).content.decode()
    desk.post(url(team, "add_member"), {**same, "nguoi-khac": "1"})
    assert desk.get(url(team)).content.decode().count("mới thêm</span>") == 2


def test_a_number_alone_tells_nobody_whose_it_is(desk, team, far):
    asked = {"full_name": "Ai Đó", "birth_date": "01/01/1990", "phone": "0966666666"}
    page = desk.post(url(team, "add_member"), asked).content.decode()
    assert "Số điện thoại này đã có người dùng" in page
    assert "<strong>T. V. Đ.</strong>, Xã Yên Thế" in page
    for told in (far.full_name, "Trần", "1970", str(far.uuid), "Là người này"):
        assert told not in page, told
    assert desk.post(url(team, "add_member"), {**asked, "nguoi": far.uuid}).status_code == 403
    assert "mới thêm" not in desk.get(url(team)).content.decode()
    page = desk.post(url(team, "add_member"), {**asked, "sua-lai": "1"}).content.decode()
    assert 'value="Ai Đó"' in page
    assert "callout warning" not in page
    desk.post(url(team, "add_member"), {**asked, "nguoi-khac": "1"})
    assert "Ai Đó" in desk.get(url(team)).content.decode()


def test_the_number_of_somebody_in_the_scope_leads_to_them(desk, team, learner):
    User.objects.filter(pk=learner.pk).update(phone="+84966666666")
    asked = {"full_name": "Ai Đó", "birth_date": "01/01/1990", "phone": "0966 666 666"}
    page = callout(desk.post(url(team, "add_member"), asked).content.decode())
    assert "<strong>Nguyễn Thị Ngọc Ưỡng</strong>, sinh năm 1969" in page
    assert "Là người này" not in page
    assert learner.full_name in desk.get(url(team, "add_member") + "?q=0966%20666%20666").content.decode()
    assert 'href="?q=0966%20666%20666"' in page
    assert not AuditEntry.objects.filter(act="person_looked_up").exists(), "they may see that person anyway"


def test_looking_at_a_stranger_is_kept_once_in_the_log_of_their_unit(
    desk, client_of, team, far, coordinator, other_coordinator, province
):
    for _ in range(3):
        desk.post(url(team, "add_member"), NEW | {"full_name": "Ai Đó", "phone": "0966666666"})
    entry = AuditEntry.objects.get(act="person_looked_up")
    assert (entry.actor, entry.subject_uuid, entry.unit_uuid) == (coordinator, far.uuid, province.south.uuid)
    assert entry.detail == {"team": team.unit.name}
    mine, theirs = (
        client_of(who).get(reverse("audit:log")).content.decode() for who in (coordinator, other_coordinator)
    )
    assert far.full_name not in mine, "the log tells no name that the page kept back"
    assert "Tra cứu người ngoài phạm vi" in theirs


def test_strangers_are_not_looked_up_by_the_dozen(desk, team, province, settings):
    settings.ACCOUNT_RATE_LIMITS = {"person_look": "3/h/user"}
    for n in range(5):
        MembershipFactory(user=UserFactory(phone=f"+8496000000{n}"), unit=province.south, audience=province.citizen)
    asked = [NEW | {"full_name": "Ai Đó", "phone": f"096000000{n}"} for n in range(5)]
    desk.post(url(team, "add_member"), NEW | {"full_name": "Người Mới", "phone": "0977000000"})
    answers = [desk.post(url(team, "add_member"), fields).status_code for fields in asked]
    assert answers == [200, 200, 200, 429, 429], "finding nobody does not count"
    unknown = NEW | {"full_name": "Người Nữa", "phone": "0977000001"}
    assert desk.post(url(team, "add_member"), unknown).status_code == 429, "nor does it tell by then who is unknown"
    assert desk.post(url(team, "add_member"), {**unknown, "nguoi-khac": "1"}).status_code == 302


def test_it_costs_the_same_for_one_lookalike_and_for_five(desk, team, province, far):
    """The people, who of them is in scope, their places, communes, who was logged; each stranger's entry only once."""
    counts = []
    for more in (0, 4):
        for _ in range(more):
            user = UserFactory(full_name="Trần Văn Đức", birth_date=date(1970, 2, 3))
            MembershipFactory(user=user, unit=province.south, audience=province.citizen)
        desk.post(url(team, "add_member"), NEW)
        with CaptureQueriesContext(connection) as queries:
            page = desk.post(url(team, "add_member"), NEW).content.decode()
        assert page.count("T. V. Đ.") == more + 1
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_same_person_is_not_added_twice(desk, team, learner):
    desk.post(url(team, "add_member"), {"nguoi": learner.uuid})
    response = desk.post(url(team, "add_member"), {"nguoi": learner.uuid})
    assert response.status_code == 409
    page = response.content.decode()
    assert "đã có trong danh sách" in page
    assert "Quay lại trang kiện toàn" in page
    assert url(team) in page


@pytest.mark.parametrize("asked", ["", "khong-phai", "00000000-0000-0000-0000-000000000000"])
def test_nobody_is_added_by_a_made_up_name(desk, team, asked):
    response = desk.post(url(team, "add_member"), {"nguoi": asked})
    assert response.status_code in {200, 404, 409}
    if response.status_code == 409:
        assert "Quay lại trang thêm người" in response.content.decode()


# --- What cannot be ---


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"to-truong": ""}, "Chọn một người làm tổ trưởng."),
        ({"o-lai": []}, "chưa được đánh dấu"),
        ({"o-lai": [], "to-truong": ""}, "Tổ phải còn ít nhất một người."),
        ({"effective_on": ""}, "Hãy ghi ngày, ví dụ 22/11/2026."),
        ({"effective_on": "31/02/2026"}, "Ví dụ đúng"),
        ({"effective_on": "1/1/2024"}, "Chọn một ngày từ 01/07/2025 trở đi."),
        ({"effective_on": "1/1/2030"}, "còn quá xa"),
        ({"decision_date": "1/1/2030"}, "Ngày quyết định chưa đúng"),
    ],
)
def test_every_refusal_says_how_to_mend_it_and_keeps_the_rest(desk, team, change, said):
    fields = filled(team.leader, team.binh, leader=team.leader, decision_number="15/QĐ-UBND") | change
    response = desk.post(url(team), fields)
    page = response.content.decode()
    assert response.status_code == 200
    assert said in page
    assert 'value="15/QĐ-UBND"' in page


def test_what_changed_meanwhile_is_explained(desk, team, province):
    desk.post(url(team), filled(team.binh, team.cuong, leader=team.binh))
    MembershipFactory(unit=team.unit, audience=province.team, valid_from=date(2026, 1, 1))
    response = desk.post(url(team, "save"))
    assert response.status_code == 409
    assert "vừa được người khác thay đổi" in response.content.decode()
    assert desk.get(url(team)).content.decode().count('name="o-lai"') == 5, "the next try starts from what stands"


def test_starting_over(desk, team, learner):
    desk.post(url(team, "add_member"), {"nguoi": learner.uuid})
    desk.post(url(team), {"lam-lai": "1"})
    assert "mới thêm" not in desk.get(url(team)).content.decode()


def test_a_draft_of_one_team_is_not_that_of_another(desk, team, province, learner):
    other = UnitFactory(name="Tổ khác", kind=UnitKind.TEAM, parent=province.north)
    structures_rebuild()
    desk.post(url(team, "add_member"), {"nguoi": learner.uuid})
    page = desk.get(reverse("teams:reconstitute", args=[other.uuid])).content.decode()
    assert "mới thêm" not in page
    assert "Tổ chưa có ai" in page


def test_a_day_that_cannot_be_read(desk, team):
    page = desk.get(url(team, "history"), {"ngay": "hôm qua"}).content.decode()
    assert "Ngày chưa đúng. Ví dụ đúng: 22/11/2026." in page


def test_it_costs_the_same_for_four_and_for_thirty(desk, team, province):
    """Session, user, unit, roles, scope; composition, its mark."""
    counts = []
    for more in (0, 26):
        for _ in range(more):
            MembershipFactory(unit=team.unit, audience=province.team)
        desk.post(url(team), {"lam-lai": "1"})
        with CaptureQueriesContext(connection) as queries:
            desk.get(url(team))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9
