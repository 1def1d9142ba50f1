"""The team page: who sees it, what it says, reminding, printing; and the reminder on "Việc học của tôi"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.models import AuditEntry
from courses.models import Enrolment
from courses.teams import REMIND_KIND, team_page
from people.models import Channel, Notice, Role, UnitKind, User
from people.services import structures_rebuild
from tests.factories.courses import CourseFactory, EnrolmentFactory, complete, course_with_steps
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory

THIS_YEAR = datetime(2026, 3, 5, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    """22/11/2026 everywhere, so that "this year" means the same next year."""
    now = datetime(2026, 11, 22, 3, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def course(province):
    found = course_with_steps(title="5 kỹ năng số cơ bản")
    found.audiences.add(province.team)
    return found


@pytest.fixture
def team(province):
    unit = UnitFactory(code="TO-1", name="Tổ CNSCĐ thôn Đồng Vàng", kind=UnitKind.TEAM, parent=province.north)
    other = UnitFactory(code="TO-2", name="Tổ CNSCĐ thôn Khác", kind=UnitKind.TEAM, parent=province.south)
    structures_rebuild()
    people = SimpleNamespace(unit=unit, other=other)
    for n, (name, title) in enumerate(
        [("Giáp Văn Khởi", "Tổ trưởng"), ("Lê Thị Bình", "Bí thư chi bộ"), ("Trần Văn Cường", ""), ("Hồ Thị Duyên", "")]
    ):
        user = UserFactory(full_name=name, phone=f"+8491234567{n}", claimed_at=THIS_YEAR)
        role = Role.LEARNER if n else Role.TEAM_LEADER
        MembershipFactory(user=user, unit=unit, audience=province.team, role=role, title=title)
        setattr(people, ["leader", "binh", "cuong", "duyen"][n], user)
    people.other_leader = MembershipFactory(unit=other, audience=province.team, role=Role.TEAM_LEADER).user
    return people


def url(team, name="team"):
    return reverse(f"teams:{name}", args=[team.unit.uuid])


def page_of(client, team, **params):
    return client.get(url(team), params).content.decode()


def state_of(team, user):
    return next(m for m in team_page(team.unit, team.leader).members if m.user == user)


# --- Who sees it ---


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("leader", 200),
        ("coordinator", 200),
        ("lead", 200),
        ("other_leader", 403),
        ("other_coordinator", 403),
        ("official", 403),
        ("binh", 404),
        ("stranger", 404),
        ("editor", 404),
    ],
)
@pytest.mark.parametrize("name", ["team", "remind", "history"])
def test_owner_colleague_stranger(client, request, team, course, who, status, name):
    user = getattr(team, who, None) or request.getfixturevalue(who)
    client.force_login(user)
    response = client.post(url(team, name)) if name == "remind" else client.get(url(team, name))
    assert response.status_code == (302 if (status, name) == (200, "remind") else status)
    assert Notice.objects.exists() == ((status, name) == (200, "remind"))


def test_nobody_signed_in_is_sent_to_sign_in(client, team):
    assert reverse("account_login") in client.get(url(team))["Location"]


def test_another_unit_has_its_own_page(client, team, province, coordinator):
    client.force_login(coordinator)
    response = client.get(reverse("teams:team", args=[province.north.uuid]))
    assert response["Location"] == reverse("unit_learning:people", args=[province.north.uuid])
    assert client.get(reverse("teams:team", args=[province.south.uuid])).status_code == 403


# --- What it says ---


def test_trained_this_year_and_what_is_missing(team, course, province):
    second = course_with_steps(title="An toàn trên mạng")
    second.audiences.add(province.team)
    foreign = course_with_steps(title="Dạy học trên nền tảng số")
    hidden = CourseFactory(title="Khoá đã cất", is_published=False)
    hidden.audiences.add(province.team)
    complete(team.binh, course, THIS_YEAR)
    complete(team.cuong, foreign, THIS_YEAR)
    assert state_of(team, team.binh).trained_at == THIS_YEAR
    assert [c.title for c in state_of(team, team.binh).missing] == ["An toàn trên mạng"]
    assert state_of(team, team.cuong).trained_at is None, "a course for others is not the team's training"
    assert [c.title for c in state_of(team, team.duyen).missing] == ["5 kỹ năng số cơ bản", "An toàn trên mạng"]


@pytest.mark.parametrize(
    ("moment", "trained"),
    [
        (datetime(2025, 12, 31, 16, 59, tzinfo=UTC), False),  # 23:59 on 31/12/2025 in the province
        (datetime(2025, 12, 31, 17, 0, tzinfo=UTC), True),  # midnight
        (datetime(2024, 5, 5, tzinfo=UTC), False),
    ],
)
def test_the_year_begins_at_midnight_in_the_province(team, course, moment, trained):
    complete(team.binh, course, moment)
    assert bool(state_of(team, team.binh).trained_at) is trained
    assert not state_of(team, team.binh).to_learn, "who finished everything there is cannot be reminded of anything"


def test_last_activity_is_learning_or_signing_in(team, course):
    EnrolmentFactory(user=team.binh, course=course, last_seen_at=THIS_YEAR)
    later = THIS_YEAR + timedelta(days=1)
    User.objects.filter(pk=team.cuong.pk).update(last_login=later)
    Enrolment.objects.create(user=team.cuong, course=course, started_at=THIS_YEAR, last_seen_at=THIS_YEAR)
    assert state_of(team, team.binh).last_seen_at == THIS_YEAR
    assert state_of(team, team.cuong).last_seen_at == later
    assert state_of(team, team.duyen).last_seen_at is None


def test_a_member_is_shown_once_with_role_title_and_phones(client, team, course, province):
    MembershipFactory(user=team.leader, unit=team.unit, audience=province.citizen, role=Role.LEARNER)
    User.objects.filter(pk=team.binh.pk).update(contact_phone="+84987654321")
    gone = MembershipFactory(unit=team.unit, audience=province.team, valid_to=timezone.localdate()).user
    closed = MembershipFactory(
        unit=team.unit, audience=province.team, user=UserFactory(full_name="Đã Khoá", is_active=False)
    ).user
    client.force_login(team.leader)
    page = page_of(client, team)
    assert page.count("<h3>Giáp Văn Khởi</h3>") == 1
    assert 'href="tel:+84912345671"' in page
    assert 'href="tel:+84987654321"' in page
    assert "Bí thư chi bộ" in page
    assert "0/4" in page
    assert gone.full_name not in page
    assert closed.full_name not in page
    assert page.index("Giáp Văn Khởi") < page.index("Lê Thị Bình")


def test_a_leader_is_told_whom_to_ask_and_a_coordinator_can_mend(client, team, course, coordinator):
    team.unit.memberships.filter(user=team.duyen).delete()
    client.force_login(team.leader)
    page = page_of(client, team)
    assert "Tổ mới có 3 người" in page
    assert "đầu mối của Xã Xuân Lương" in page
    assert url(team, "reconstitute") not in page
    client.force_login(coordinator)
    assert url(team, "reconstitute") in page_of(client, team)


def test_no_course_and_nobody(client, team, province, coordinator):
    client.force_login(coordinator)
    page = page_of(client, team)
    assert "Không có ai cần nhắc" in page
    team.unit.memberships.all().delete()
    assert "Tổ chưa có thành viên nào" in page_of(client, team)


def test_it_costs_the_same_for_four_and_for_forty(client, team, course, province):
    """Session, user; the unit, right; members, courses, completions, enrolments, notices; roles, structure, slips;
    structure, commune; right to reconstitute."""
    client.force_login(team.leader)
    counts = []
    for more in (0, 36):
        for _ in range(more):
            user = MembershipFactory(unit=team.unit, audience=province.team).user
            EnrolmentFactory(user=user, course=course)
            Notice.objects.create(user=user, kind=REMIND_KIND, subject="x", body="y", channel=Channel.SITE)
        client.get(url(team))
        with CaptureQueriesContext(connection) as queries:
            client.get(url(team))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15, queries.captured_queries


# --- Reminding ---


def remind(client, team, **data):
    return client.post(url(team, "remind"), data, follow=True).content.decode()


def test_all_who_have_not_learnt_are_reminded_once(client, team, course, django_capture_on_commit_callbacks):
    complete(team.binh, course, THIS_YEAR)
    client.force_login(team.leader)
    assert "Nhắc 2 người chưa học" in page_of(client, team)
    with django_capture_on_commit_callbacks(execute=True):
        page = remind(client, team)
    assert "Đã nhắc 2 người: 2 người thấy khi mở Học Số." in page
    assert "chưa có tài khoản" not in page
    assert {n.user for n in Notice.objects.all()} == {team.cuong, team.duyen}, "not who learnt, not oneself"
    notice = Notice.objects.first()
    assert (notice.path, notice.unit, notice.actor) == (course.path, team.unit, team.leader)
    assert "«5 kỹ năng số cơ bản»" in notice.body
    assert "Đã nhắc 2 người chưa học, lần cuối lúc 10:00 ngày 22/11/2026" in page
    again = remind(client, team)
    assert "Đã nhắc rồi. Có thể nhắc lại từ ngày 25/11/2026." in again
    assert Notice.objects.count() == 2
    assert AuditEntry.objects.filter(act="team_remind").count() == 1
    assert mail.outbox == []


def unclaimed(*users):
    """As a roster makes them: with a number, and nobody who has ever been there."""
    User.objects.filter(pk__in=[user.pk for user in users]).update(claimed_at=None, last_login=None, password="!")


def test_who_has_no_account_gets_a_slip_and_no_reminder(client, team, course, province):
    unclaimed(team.binh, team.cuong)
    EnrolmentFactory(user=team.binh, course=course, last_seen_at=THIS_YEAR)  # entered for them by an office
    client.force_login(team.leader)
    page = page_of(client, team)
    slips = reverse("slips:unit", args=[team.unit.uuid])
    assert "Nhắc 1 người chưa học" in page
    assert "In phiếu nhận tài khoản (2)" in page
    assert page.count(f"{slips}?q=") == 2
    assert client.get(slips).context["page"].paginator.count == 2, "the button says what the list holds"
    page = remind(client, team)
    assert "Đã nhắc 1 người: 1 người thấy khi mở Học Số. 2 người chưa có tài khoản: in phiếu cho họ." in page
    assert [n.user for n in Notice.objects.all()] == [team.duyen]
    remind(client, team, nguoi=str(team.binh.uuid))
    assert Notice.objects.count() == 1, "nor when the address of the button is sent by hand"


@pytest.mark.parametrize(
    ("fields", "waits"),
    [
        ({"password": "!"}, True),
        ({"password": ""}, True),
        ({"password": "pbkdf2_sha256$1$x$y"}, False),  # handed over by an office, or a sign-up that stopped half-way
        ({"password": "!", "last_login": THIS_YEAR}, False),
        ({"password": "!", "claimed_at": THIS_YEAR}, False),
    ],
)
def test_without_account_means_the_same_here_as_on_the_page_of_the_slips(client, team, course, fields, waits):
    unclaimed(team.binh)
    User.objects.filter(pk=team.binh.pk).update(**fields)
    client.force_login(team.leader)
    assert state_of(team, team.binh).claimed is not waits
    listed = client.get(reverse("slips:unit", args=[team.unit.uuid])).context["page"].paginator.count
    assert (listed, team_page(team.unit, team.leader).slips) == (waits, waits)


def test_a_team_without_any_account_says_so(client, team, course):
    unclaimed(team.binh, team.cuong, team.duyen)
    client.force_login(team.leader)
    page = page_of(client, team)
    assert "Không có ai cần nhắc" not in page
    assert "3 người chưa có tài khoản" in page
    assert "Không có ai cần nhắc. 3 người chưa có tài khoản: in phiếu cho họ." in remind(client, team)
    assert not Notice.objects.exists()


def test_after_three_days_again(client, team, course):
    client.force_login(team.leader)
    remind(client, team)
    Notice.objects.update(made_at=timezone.now() - timedelta(days=3, seconds=1))
    assert "Nhắc 3 người chưa học" in page_of(client, team)
    remind(client, team)
    assert Notice.objects.count() == 6


def test_one_person(client, team, course):
    client.force_login(team.leader)
    assert "Đã nhắc 1 người" in remind(client, team, nguoi=str(team.cuong.uuid))
    assert [n.user for n in Notice.objects.all()] == [team.cuong]
    page = page_of(client, team)
    assert "Nhắc 2 người chưa học" in page
    assert page.count("Đã nhắc lúc") == 1


def test_somebody_of_another_team_or_nobody_is_not_reminded(client, team, course):
    client.force_login(team.leader)
    for asked in (str(team.other_leader.uuid), "khong-phai", str(team.leader.uuid)):
        remind(client, team, nguoi=asked)
    assert not Notice.objects.exists()


def test_each_is_told_of_what_they_lack(client, team, course, province):
    second = course_with_steps(title="An toàn trên mạng")
    second.audiences.add(province.team)
    complete(team.cuong, second, datetime(2025, 3, 1, tzinfo=UTC))
    client.force_login(team.leader)
    remind(client, team)
    bodies = {n.user: n.body for n in Notice.objects.all()}
    assert "An toàn trên mạng" in bodies[team.duyen]
    assert "An toàn trên mạng" not in bodies[team.cuong]


def test_opening_the_address_of_the_button_reminds_nobody(client, team, course):
    client.force_login(team.leader)
    assert client.get(url(team, "remind"))["Location"] == url(team)
    assert not Notice.objects.exists()


# --- Paper ---


def test_the_list_for_the_printer(client, team, course):
    complete(team.binh, course, THIS_YEAR)
    client.force_login(team.leader)
    page = page_of(client, team, **{"in": "1"})
    for text in ("STT", "Họ và tên", "Chức danh", "Điện thoại", "Chữ ký", "Xã Xuân Lương", "Đã học 05/03/2026"):
        assert text in page
    assert page.count("<tr>") == 5


# --- The learner ---


def test_the_learner_sees_the_reminder_until_they_have_read_it(client, team, course):
    client.force_login(team.leader)
    remind(client, team)
    client.force_login(team.binh)
    page = client.get(reverse("courses:my_learning")).content.decode()
    assert "Giáp Văn Khởi nhắc bạn, thành viên Tổ CNSCĐ thôn Đồng Vàng, học «5 kỹ năng số cơ bản»" in page
    assert f'href="{course.path}"' in page
    seen = reverse("courses:reminder_seen", args=[Notice.objects.get(user=team.binh).uuid])
    assert seen in page
    client.get(seen)
    assert "nhắc bạn" in client.get(reverse("courses:my_learning")).content.decode(), "a GET changes nothing"
    assert "nhắc bạn" not in client.post(seen, follow=True).content.decode()
    assert "Đã nhắc lúc" in _as(client, team.leader, team), "the leader still sees when"


def _as(client, user, team):
    client.force_login(user)
    return page_of(client, team)


def test_nobody_reads_the_reminders_of_others(client, team, course, stranger):
    client.force_login(team.leader)
    remind(client, team)
    seen = reverse("courses:reminder_seen", args=[Notice.objects.get(user=team.binh).uuid])
    client.force_login(stranger)
    assert client.post(seen).status_code == 404
    assert Notice.objects.filter(seen_at=None).count() == 3


def test_the_unit_page_leads_to_the_team_its_slips_and_its_list(client, team, coordinator, official):
    people = reverse("unit_learning:people", args=[team.unit.uuid])
    doors = {
        "team": url(team),
        "slips": reverse("slips:unit", args=[team.unit.uuid]),
        "export": reverse("rosters:export", args=[team.unit.uuid]),
    }
    for user, shown in ((team.leader, {"team", "slips"}), (coordinator, set(doors)), (official, set())):
        client.force_login(user)
        page = client.get(people).content.decode()
        assert {name for name, door in doors.items() if f'href="{door}"' in page} == shown
