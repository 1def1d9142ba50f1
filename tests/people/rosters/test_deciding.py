"""Doubtful lines through the pages: what an official says of them is done, also where two lines are one person."""

from __future__ import annotations

import io
from datetime import date, timedelta
from html import unescape

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse

from common.errors import Refusal
from common.jobs import job_run
from common.models import AuditEntry, Job, JobState
from people.models import Decided, Membership, Role, RosterImport, RosterState, User
from people.querysets import today
from people.rosters import exports, jobs, services
from people.rosters.checking import check_again, roster_check
from people.rosters.completing import without_taken
from tests.factories.people import MembershipFactory, UserFactory
from tests.factories.rosters import Silent, applied, brought, checked, codes, line, outcomes, people_rows, xlsx_bytes
from tests.proof import prove

pytestmark = pytest.mark.django_db
_NAMES = {"name": "Họ và tên", "born": "Ngày sinh", "phone": "Số điện thoại", "email": "Email", "unit": "Đơn vị"}
_NAMES |= {"title": "Chức danh", "role": "Vai trò", "code": "Mã cán bộ"}


def one(**said):
    return {_NAMES[key]: value for key, value in said.items()}


def roster_of(*people, by, unit, **more):
    return checked(xlsx_bytes(*people_rows(*people)), by=by, unit=unit, **more)


@pytest.fixture
def pages(client, coordinator, django_capture_on_commit_callbacks):
    """A coordinator at the pages: send a file, decide a line, import, read."""
    client.force_login(coordinator)
    prove(client)

    class Pages:
        def send(self, *people):
            file = SimpleUploadedFile("danh-sach.xlsx", xlsx_bytes(*people_rows(*people)))
            now = today()
            with django_capture_on_commit_callbacks(execute=True):
                client.post(reverse("rosters:upload"), {"tep": file, "tu_ngay": f"{now:%d/%m/%Y}"})
            return RosterImport.objects.latest("pk")

        def decide(self, roster, number, word):
            assert f'value="{word}"' in self.read(roster), word
            client.post(reverse("rosters:decide", args=[roster.uuid, number]), {"quyet-dinh": word})

        def bring_in(self, roster):
            with django_capture_on_commit_callbacks(execute=True):
                client.post(reverse("rosters:apply", args=[roster.uuid]))
            roster.refresh_from_db()
            return Job.objects.filter(kind="people.roster_apply").latest("pk")

        def read(self, roster, **asked):
            return unescape(client.get(reverse("rosters:roster", args=[roster.uuid]), asked).content.decode())

        def job(self, job):
            return unescape(client.get(reverse("jobs:job", args=[job.uuid])).content.decode())

    return Pages()


TWINS = {
    "one phone": (
        one(name="Vũ Thị Lan", phone="0912 345 671"),
        one(name="Vũ Thị Lành", phone="0912 345 671", born="17/05/1969", email="lan@bacninh.example.vn"),
    ),
    "one name and day of birth": (
        one(name="Vũ Thị Lan", born="17/05/1969", phone="0912 345 671"),
        one(name="Vũ Thị Lan", born="17/05/1969", phone="0912 345 672", email="lan@bacninh.example.vn"),
    ),
}


@pytest.mark.parametrize("kind", TWINS)
def test_two_lines_that_are_one_person_go_in_once(pages, province, kind):
    roster = pages.send(*TWINS[kind], one(name="Đỗ Thị Hà"))
    assert outcomes(roster) == {"new": 2, "doubtful": 1}
    page = pages.read(roster)
    assert "dòng 2 giữ số điện thoại" in page
    pages.decide(roster, 3, "same")
    page = pages.read(roster)
    assert "✓ Là cùng một người</span> với dòng 2, chỉ ghi một lần" in page
    assert "Nhập 2 người" in page
    job = pages.bring_in(roster)
    assert (job.state, job.error, roster.state) == (JobState.DONE, "", RosterState.APPLIED)
    assert "Đã nhập 2 người vào Xã Xuân Lương" in pages.read(roster)
    person = User.objects.get(full_name__startswith="Vũ Thị L")
    assert person.memberships.count() == 1
    # The first line holds; what it did not say is taken from the second.
    assert (person.full_name, person.phone) == ("Vũ Thị Lan", "+84912345671")
    assert (person.birth_date, person.email) == (date(1969, 5, 17), "lan@bacninh.example.vn")


@pytest.mark.parametrize("kind", TWINS)
def test_two_lines_that_are_two_people_go_in_as_two(pages, kind):
    roster = pages.send(*TWINS[kind])
    pages.decide(roster, 3, "other")
    assert "Nhập 2 người" in pages.read(roster)
    assert pages.bring_in(roster).state == JobState.DONE
    assert User.objects.filter(full_name__startswith="Vũ Thị L").count() == 2
    assert User.objects.get(phone="+84912345671").full_name == "Vũ Thị Lan"


def test_two_lines_chosen_to_be_one_known_person_go_in_once(pages, province):
    known = [
        MembershipFactory(
            user=UserFactory(full_name="Vũ Thị Lan", birth_date=date(1969, 5, 17)),
            unit=province.south,
            audience=province.staff,
        ).user
        for _ in range(2)
    ]
    twice = [one(name="Vũ Thị Lan", born="17/05/1969", phone=f"0912 345 67{n}") for n in (1, 2)]
    roster = pages.send(*twice)
    assert outcomes(roster) == {"doubtful": 2}
    for number in (2, 3):
        pages.decide(roster, number, f"same:{known[0].uuid}")
    job = pages.bring_in(roster)
    assert (job.state, job.error) == (JobState.DONE, "")
    assert known[0].memberships.filter(unit=province.north).count() == 1
    assert known[0].memberships.filter(is_main=True).count() == 1
    assert known[1].memberships.filter(unit=province.north).count() == 0


def test_a_line_that_repeats_a_repeating_line_is_the_same_person_too(province, coordinator):
    said = [*TWINS["one phone"], one(name="Vũ Thị Lành", email="lan@bacninh.example.vn", title="x", role="Tổ trưởng")]
    roster = roster_of(*said, by=coordinator, unit=province.north)
    services.roster_decide(roster=roster, row=line(roster, 3), decided=Decided.SAME, candidate=None, by=coordinator)
    numbers = applied(roster, coordinator)
    assert (numbers["new"], numbers["repeated"]) == (1, 2)
    person = User.objects.get(full_name="Vũ Thị Lan")
    assert set(person.memberships.values_list("role", flat=True)) == {Role.LEARNER, Role.TEAM_LEADER}


def test_a_line_repeating_one_of_somebody_known_does_not_fill_their_account(province, coordinator):
    known = MembershipFactory(
        user=UserFactory(full_name="Vũ Thị Lan", phone="+84912345671"), unit=province.north, audience=province.staff
    ).user
    roster = roster_of(*TWINS["one phone"], by=coordinator, unit=province.north)
    row = line(roster, 3)
    services.roster_decide(roster=roster, row=row, decided=Decided.SAME, candidate=known, by=coordinator)
    applied(roster, coordinator)
    assert known.memberships.count() == 1


def test_what_only_one_can_have_goes_to_its_holder_or_else_the_first(province):
    holder = UserFactory(phone="+84912345671", email="a@x.vn")
    first, second = UserFactory(), UserFactory()
    wanted = {
        holder.pk: {"phone": "+84912345671"},
        first.pk: {"phone": "+84912345671", "email": "b@x.vn"},
        second.pk: {"email": "b@x.vn", "gender": "male"},
    }
    without_taken(wanted)
    assert wanted == {
        holder.pk: {"phone": "+84912345671"},
        first.pk: {"email": "b@x.vn"},
        second.pk: {"gender": "male"},
    }


@pytest.mark.parametrize("decision", ["twin", "known"])
def test_a_decision_outlives_two_new_checks(province, coordinator, decision):
    known = MembershipFactory(
        user=UserFactory(full_name="Bùi An", birth_date=date(1969, 5, 17)), unit=province.south, audience=province.staff
    ).user
    roster = roster_of(*TWINS["one phone"], one(name="Bùi An", born="17/05/1969"), by=coordinator, unit=province.north)
    number, whom = (3, None) if decision == "twin" else (4, known)
    services.roster_decide(
        roster=roster, row=line(roster, number), decided=Decided.SAME, candidate=whom, by=coordinator
    )
    before = line(roster, number)
    for _ in range(2):
        check_again(roster)
        roster.refresh_from_db()
        roster_check(roster=roster, progress=Silent())
    after = line(roster, number)
    assert (after.decided, after.user, after.changes) == (before.decided, before.user, before.changes)


def test_a_fault_of_ours_is_not_called_stale(province, coordinator, monkeypatch):
    roster = roster_of(one(name="Vũ Lan"), by=coordinator, unit=province.north)

    def broken(**_):
        raise IntegrityError("x")

    monkeypatch.setattr(jobs, "apply_now", broken)
    with pytest.raises(IntegrityError):
        applied(roster, coordinator)
    roster.refresh_from_db()
    assert roster.state == RosterState.READY


def test_a_clash_that_a_new_look_shows_is_stale(province, coordinator, monkeypatch):
    roster = roster_of(one(name="Vũ Lan", phone="0912345678"), by=coordinator, unit=province.north)

    def quicker(**_):
        UserFactory(full_name="Đỗ Hà", phone="+84912345678")
        raise IntegrityError("x")

    monkeypatch.setattr(jobs, "apply_now", quicker)
    with pytest.raises(Refusal) as refused:
        applied(roster, coordinator)
    assert refused.value.code == "stale"
    assert outcomes(roster) == {"doubtful": 1}


def test_after_stale_the_way_leads_to_the_list(pages, province, coordinator):
    roster = pages.send(one(name="Vũ Lan", code="C1"))
    MembershipFactory(
        user=UserFactory(full_name="Vũ Lan", staff_code="C1"), unit=province.north, audience=province.staff
    )
    job = pages.bring_in(roster)
    page = pages.job(job)
    assert job.state == JobState.FAILED
    assert f'<a class="btn" href="{reverse("rosters:roster", args=[roster.uuid])}">Xem lại danh sách</a>' in page
    assert "Thử lại" not in page


def test_a_file_that_will_never_do_leads_to_another(pages, province, client):
    with io.BytesIO() as target:
        book = openpyxl.Workbook()
        book.active.append(["không", "có", "tiêu đề"])
        book.save(target)
        file = SimpleUploadedFile("a.xlsx", target.getvalue())
    client.post(reverse("rosters:upload"), {"tep": file, "tu_ngay": f"{today():%d/%m/%Y}"})
    job = Job.objects.latest("pk")
    job_run(uuid=str(job.uuid))
    page = pages.job(job)
    assert f'href="{reverse("rosters:upload")}?don-vi={province.north.uuid}">Chọn tệp khác</a>' in page
    assert "Thử lại" not in page


def test_before_the_doubtful_lines_were_seen_the_import_comes_second(pages):
    roster = pages.send(*TWINS["one phone"], one(name="Đỗ Thị Hà"))
    page = pages.read(roster)
    assert '<a class="btn" href="?loai=xem-lai#tung-dong">Xem 1 dòng cần xem lại</a>' in page
    assert '<button class="btn quiet" type="submit">Nhập 2 người, chưa nhập 1 dòng này</button>' in page
    pages.decide(roster, 3, "other")
    page = pages.read(roster)
    assert '<button class="btn" type="submit">Nhập 3 người</button>' in page
    assert "Xem 1 dòng cần xem lại" not in page


def test_the_figures_follow_the_decisions_and_then_what_was_done(pages):
    pairs = [
        one(name=name, phone=f"0912 345 67{n}") for n in (1, 2) for name in (f"Vũ Lan {n * 'A'}", f"Đỗ Hà {n * 'B'}")
    ]
    roster = pages.send(*pairs)
    figure = '<span class="figure">{}</span><span class="small">{}</span>'.format
    assert figure(2, "cần xem lại") in pages.read(roster)
    pages.decide(roster, 3, "other")
    assert figure(1, "cần xem lại") in pages.read(roster)
    pages.decide(roster, 5, "same")
    assert figure(2, "đã quyết định") in pages.read(roster)
    assert "Nhập 3 người" in pages.read(roster)
    pages.bring_in(roster)
    page = pages.read(roster)
    assert "Đã nhập 3 người" in page
    assert "1 dòng được gộp vào dòng khác của cùng một người" in page


def test_the_file_of_rejects_says_what_can_be_done_in_it(province, coordinator):
    MembershipFactory(user=UserFactory(full_name="Bùi An", birth_date=date(1969, 5, 17)), unit=province.south)
    roster = roster_of(
        *TWINS["one phone"],
        one(name="Đỗ Hà", born="01/01/1980"),
        one(name="Đỗ Hà"),
        one(name="Lê Bình", born="17/05/1969", phone="0912 345 675"),
        one(name="Lê Bình", born="17/05/1969", phone="0912 345 676"),
        one(name="Bùi An", born="17/05/1969"),
        by=coordinator,
        unit=province.north,
    )
    sheet = openpyxl.load_workbook(io.BytesIO(exports.rejects_file(roster=roster))).active
    fixes = [row[-1] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert len(fixes) == outcomes(roster)["doubtful"] == 4
    for fix in fixes:
        assert "gửi lại tệp này rồi chọn trên trang" in fix
        assert "«" not in fix


def test_a_number_that_no_phone_has_is_no_fault_where_the_person_has_it(province, lead):
    for number, field in enumerate(("phone", "contact_phone")):
        user = UserFactory(full_name=f"Vũ Lan {'AB'[number]}", **{field: f"+8457000000{number}"})
        MembershipFactory(user=user, unit=province.north, audience=province.staff)
    content = exports.roster_file(unit=province.north, viewer=lead)
    assert set(outcomes(checked(content, by=lead, unit=province.north))) == {"unchanged"}
    said = [
        one(name="Vũ Lan A", phone="0570000000"),
        one(name="Vũ Lan B", phone="570 000 001"),
        one(name="Vũ Lan A", phone="0570 000 009"),
    ]
    roster = roster_of(*said, by=lead, unit=province.north)
    assert [row.outcome for row in roster.rows.all()] == ["unchanged", "unchanged", "rejected"]
    assert codes(line(roster, 4)) >= {"phone_bad"}


def test_a_name_of_one_word_is_a_note(province, coordinator):
    roster, numbers = brought(
        xlsx_bytes(*people_rows(one(name="Mận"), one(name="Vũ Lan"))), by=coordinator, unit=province.north
    )
    assert codes(line(roster, 2)) == {"one_word"}
    assert codes(line(roster, 3)) == set()
    assert numbers["new"] == 2
    again = roster_of(one(name="Mận"), by=coordinator, unit=province.north)
    assert (line(again, 2).outcome, line(again, 2).problems) == ("unchanged", [])


# --- Taking a wrong import back -----------------------------------------------------------------------------------


def test_a_wrong_import_is_taken_back_the_same_day_by_a_right_whole_list(province, coordinator):
    now = today()
    MembershipFactory(
        user=UserFactory(full_name="Vũ Lan"), unit=province.north, audience=province.staff, valid_from=date(2026, 1, 5)
    )
    before = list(Membership.objects.order_by("pk").values_list())
    wrong = [one(name=f"Đỗ Hà {letter}") for letter in "ABCDEFGHIJ"]
    brought(xlsx_bytes(*people_rows(*wrong)), by=coordinator, unit=province.north, on=now)
    assert Membership.objects.count() == len(before) + 10
    right = roster_of(
        one(name="Vũ Lan"), one(name="Đỗ Hà A"), by=coordinator, unit=province.north, whole_unit=True, on=now
    )
    assert outcomes(right) == {"unchanged": 2, "left": 9}
    assert right.counts["members"] == 12  # with the coordinator, who stays
    assert "9 trong 12 người" in right.problem
    services.leavers_confirm(roster=right, by=coordinator)
    assert applied(right, coordinator)["left"] == 9
    after = list(Membership.objects.order_by("pk").values_list())
    assert after[:-1] == before
    assert AuditEntry.objects.filter(act="membership_take_back").count() == 9
    assert not Membership.objects.filter(user__full_name="Đỗ Hà B").exists()
    gone = right.rows.filter(outcome="left").first()
    assert gone.membership is None
    assert gone.data["was"].startswith("Người học, Xã Xuân Lương, từ ")


def test_who_comes_later_is_not_asked_for_by_a_list_of_today(province, coordinator):
    now = today()
    coming = MembershipFactory(unit=province.north, audience=province.staff, valid_from=now + timedelta(days=30))
    member = MembershipFactory(user=UserFactory(full_name="Vũ Lan"), unit=province.north, audience=province.staff)
    roster = roster_of(one(name=member.user.full_name), by=coordinator, unit=province.north, whole_unit=True, on=now)
    assert outcomes(roster) == {"unchanged": 1}
    assert coming.pk not in roster.rows.values_list("membership_id", flat=True)
