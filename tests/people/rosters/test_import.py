"""From a file to people: what goes in, what stays out and why."""

import json
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.errors import Forbidden, Refusal
from common.jobs import job_run
from common.models import Job, JobState
from people.models import Decided, Membership, Role, RosterState, UnitSuccession, User
from people.rosters import exports, services
from people.rosters.jobs import apply_or_check_again
from people.services import structures_rebuild
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.factories.rosters import (
    DAY,
    Silent,
    applied,
    brought,
    checked,
    codes,
    line,
    outcomes,
    people_rows,
    xlsx_bytes,
)
from tests.people.rosters import messy


def test_a_messy_workbook_goes_in_but_for_what_cannot(province, coordinator):
    content = messy.messy_workbook(province.north.name)
    roster = checked(content, by=coordinator, unit=province.north)
    found = outcomes(roster)
    assert found == {"new": 500 - messy.BROKEN - messy.SHARED, "rejected": messy.BROKEN, "doubtful": messy.SHARED}
    before = User.objects.count()
    numbers = applied(roster, coordinator)
    assert numbers["new"] == found["new"] == User.objects.count() - before
    again = checked(content, by=coordinator, unit=province.north)
    assert outcomes(again) == {"unchanged": numbers["new"], "rejected": messy.BROKEN, "doubtful": messy.SHARED}


def one(**said):
    names = {"name": "Họ và tên", "born": "Ngày sinh", "phone": "Số điện thoại", "email": "Email", "code": "Mã cán bộ"}
    names |= {"unit": "Đơn vị", "role": "Vai trò", "title": "Chức danh", "since": "Từ ngày"}
    return {names[key]: value for key, value in said.items()}


def roster_of(*people, by, unit, **more):
    return checked(xlsx_bytes(*people_rows(*people)), by=by, unit=unit, **more)


def member(unit, audience, **fields):
    return MembershipFactory(user=UserFactory(**fields), unit=unit, audience=audience).user


def test_a_claimed_account_is_never_taken_over(province, coordinator):
    person = member(province.north, province.staff, full_name="Vũ Lan", phone="+84912000001", email="lan@x.vn")
    User.objects.filter(pk=person.pk).update(claimed_at=timezone.now(), staff_code="CB1")
    said = one(name="Vũ Lan", code="CB1", phone="0912 000 999", email="thief@x.vn")
    roster = roster_of(said, by=coordinator, unit=province.north)
    row = line(roster, 2)
    assert (row.outcome, codes(row)) == ("unchanged", {"kept_own_contact"})
    applied(roster, coordinator)
    person.refresh_from_db()
    assert (person.phone, person.email) == ("+84912000001", "lan@x.vn")


def test_of_a_person_outside_the_scope_nothing_personal_changes(province, coordinator):
    person = member(province.south, province.staff, full_name="Vũ Lan", staff_code="CB1", birth_date=date(1980, 1, 1))
    said = one(name="Vũ Lan", code="CB1", born="02/02/1982", phone="0912000999")
    roster, numbers = brought(xlsx_bytes(*people_rows(said)), by=coordinator, unit=province.north)
    assert numbers["changed"] == 1
    assert "kept_person" in codes(line(roster, 2))
    person.refresh_from_db()
    assert (person.birth_date, person.phone) == (date(1980, 1, 1), None)
    assert set(person.memberships.values_list("unit__code", flat=True)) == {"07246", "07288"}


def test_an_official_above_keeps_their_account(province, coordinator):
    chief = MembershipFactory(
        user=UserFactory(full_name="Đỗ Hà", staff_code="CB9"),
        unit=province.north,
        audience=province.staff,
        role=Role.ISSUING_OFFICIAL,
    ).user
    said = one(name="Đỗ Hà", code="CB9", phone="0912000999", role="Người ký cấp chứng nhận")
    roster, _ = brought(xlsx_bytes(*people_rows(said)), by=coordinator, unit=province.north, whole_unit=True)
    assert codes(line(roster, 2)) == {"kept_person"}
    chief.refresh_from_db()
    assert chief.phone is None
    assert chief.memberships.get().valid_to is None


@pytest.mark.parametrize(
    ("known", "said", "outcome", "code"),
    [
        ({"phone": "+84912000001"}, {"phone": "0912000001"}, "unchanged", None),
        ({"phone": "+84912000001"}, {"name": "Đỗ Hà", "phone": "912000001"}, "doubtful", "phone_other_name"),
        ({"email": "a@x.vn"}, {"email": "A@x.vn"}, "unchanged", None),
        ({"email": "a@x.vn"}, {"name": "Đỗ Hà", "email": "a@x.vn"}, "doubtful", "email_other_name"),
        ({"birth_date": date(1980, 1, 1)}, {"born": "01/01/1980"}, "unchanged", None),
        ({"birth_date": date(1980, 1, 1)}, {"name": "VŨ LAN", "born": "1/1/80"}, "unchanged", None),
        ({"birth_date": date(1980, 1, 1)}, {"name": "Vũ Lân", "born": "01/01/1980"}, "doubtful", "near_name_birth"),
        (
            {"birth_date": date(1980, 1, 1), "phone": "+84912000001"},
            {"born": "01/01/1980", "phone": "0912000002"},
            "doubtful",
            "same_name_birth_other_phone",
        ),
        ({"staff_code": "C1"}, {"code": "C1"}, "unchanged", None),
        ({"staff_code": "C1"}, {"name": "Đỗ Hà", "code": "C1"}, "doubtful", "staff_code_other_name"),
        ({}, {}, "unchanged", None),
        ({"birth_date": None}, {"born": "01/01/1980"}, "doubtful", "same_name_unit"),
        ({"birth_date": date(1980, 1, 1)}, {"born": "02/02/1990"}, "new", None),
    ],
)
def test_whom_a_line_means(province, coordinator, known, said, outcome, code):
    member(province.north, province.staff, **{"full_name": "Vũ Lan", "email": None, "birth_date": None, **known})
    row = line(roster_of(one(**{"name": "Vũ Lan", **said}), by=coordinator, unit=province.north), 2)
    assert row.outcome == outcome
    assert code is None or code in codes(row)


def test_one_name_and_day_of_birth_elsewhere_is_a_doubt_and_decided_by_a_person(province, coordinator):
    other = member(province.south, province.staff, full_name="Vũ Lan", birth_date=date(1980, 1, 1))
    for decided, people in ((Decided.SAME, 0), (Decided.OTHER, 1), (Decided.SKIP, 0)):
        with transaction.atomic():
            roster = roster_of(one(name="Vũ Lan", born="01/01/1980"), by=coordinator, unit=province.north)
            row = line(roster, 2)
            assert codes(row) == {"same_name_birth_elsewhere"}
            whom = other if decided == Decided.SAME else None
            services.roster_decide(roster=roster, row=row, decided=decided, candidate=whom, by=coordinator)
            before = User.objects.count()
            if decided == Decided.SKIP:
                with pytest.raises(Refusal, match="Không có dòng nào"):
                    applied(roster, coordinator)
            else:
                applied(roster, coordinator)
            assert User.objects.count() - before == people
            assert other.memberships.count() == (2 if decided == Decided.SAME else 1)
            transaction.set_rollback(True)


def test_somebody_who_is_no_candidate_cannot_be_chosen(province, coordinator, learner):
    member(province.south, province.staff, full_name="Vũ Lan", birth_date=date(1980, 1, 1))
    roster = roster_of(one(name="Vũ Lan", born="01/01/1980"), by=coordinator, unit=province.north)
    with pytest.raises(Refusal) as refused:
        services.roster_decide(
            roster=roster, row=line(roster, 2), decided=Decided.SAME, candidate=learner, by=coordinator
        )
    assert refused.value.code == "no_candidate"


def test_two_with_one_phone_the_second_gets_it_as_contact(province, coordinator):
    roster = roster_of(
        one(name="Vũ Lan", phone="0912000001"),
        one(name="Đỗ Hà", phone="0912000001"),
        one(name="Vũ Lan", phone="0912000001"),
        by=coordinator,
        unit=province.north,
    )
    assert [row.outcome for row in roster.rows.all()] == ["new", "doubtful", "rejected"]
    assert "dòng 2" in line(roster, 4).problems[0]["text"]
    services.rows_decide_all(roster=roster, decided=Decided.OTHER, by=coordinator)
    applied(roster, coordinator)
    second = User.objects.get(full_name="Đỗ Hà")
    assert (second.phone, second.contact_phone) == (None, "+84912000001")
    assert not second.has_usable_password()
    assert second.claimed_at is None


def test_what_changed_since_the_look_stops_everything_and_is_checked_again(province, coordinator):
    roster = roster_of(one(name="Vũ Lan", code="C1"), one(name="Đỗ Hà"), by=coordinator, unit=province.north)
    member(province.north, province.staff, full_name="Vũ Lan", staff_code="C1")
    before = User.objects.count()
    with pytest.raises(Refusal) as refused:
        applied(roster, coordinator)
    assert (refused.value.code, refused.value.detail["lines"]) == ("stale", [2])
    assert User.objects.count() == before
    roster.refresh_from_db()
    assert roster.state == RosterState.READY
    assert outcomes(roster) == {"new": 1, "unchanged": 1}
    assert applied(roster, coordinator)["new"] == 1


def test_who_left_a_whole_unit_ends_and_many_must_be_confirmed(province, coordinator, learner):
    people = [member(province.north, province.staff, full_name=f"Vũ Lan {chr(65 + n)}") for n in range(10)]
    said = [one(name=person.full_name, email=person.email) for person in people[:5]]
    roster = roster_of(*said, by=coordinator, unit=province.north, whole_unit=True)
    assert outcomes(roster) == {"unchanged": 5, "left": 5}
    with pytest.raises(Refusal) as refused:
        applied(roster, coordinator)
    assert refused.value.code == "leavers_unconfirmed"
    services.leavers_confirm(roster=roster, by=coordinator)
    assert applied(roster, coordinator)["left"] == 5
    ended = Membership.objects.filter(valid_to=roster.effective_on)
    assert {m.user for m in ended} == set(people[5:])
    assert learner.memberships.get().valid_to is None  # a citizen's home is theirs to say
    assert coordinator.memberships.get().valid_to is None


def test_a_coordinator_appoints_team_leaders_but_no_equals(province, coordinator):
    roster = roster_of(
        one(name="Vũ Lan", role="Tổ trưởng"),
        one(name="Đỗ Hà", role="Đầu mối đơn vị"),
        by=coordinator,
        unit=province.north,
    )
    assert [row.outcome for row in roster.rows.all()] == ["new", "rejected"]
    assert codes(line(roster, 3)) == {"role_not_yours"}


def test_who_lost_the_office_between_check_and_import_is_refused(province, coordinator, lead):
    person = member(province.north, province.staff, full_name="Vũ Lan")
    member(province.north, province.staff, full_name="Bùi An")
    roster = roster_of(
        one(name="Vũ Lan", email=person.email), one(name="Đỗ Hà"), by=coordinator, unit=province.north, whole_unit=True
    )
    assert outcomes(roster) == {"unchanged": 1, "new": 1, "left": 1}
    before = User.objects.count()
    services.roster_begin(roster=roster, by=coordinator)
    coordinator.memberships.update(valid_to=DAY)
    with pytest.raises(Refusal) as refused:
        apply_or_check_again(roster=roster, by=coordinator, progress=Silent())
    assert refused.value.code == "out_of_scope"
    with pytest.raises(Http404):  # who never got as far as the job learns nothing
        services.roster_apply(roster=roster, by=coordinator)
    roster.refresh_from_db()
    assert (roster.state, User.objects.count()) == (RosterState.READY, before)
    assert not Membership.objects.filter(unit=province.north, valid_to__isnull=False).exclude(user=coordinator).exists()


def test_the_lead_imports_what_a_coordinator_brought_after_seeing_it_with_their_own_rights(province, coordinator, lead):
    member(province.south, province.staff, full_name="Vũ Lan", staff_code="CB1")
    roster = roster_of(one(name="Vũ Lan", code="CB1", born="02/02/1982"), by=coordinator, unit=province.north)
    with pytest.raises(Refusal) as refused:  # the lead may correct the day of birth, which the list does not show
        applied(roster, lead)
    assert refused.value.code == "stale"
    roster.refresh_from_db()
    assert applied(roster, lead)["changed"] == 1
    assert User.objects.get(staff_code="CB1").birth_date == date(1982, 2, 2)


def test_two_presses_of_the_button_open_one_job(province, coordinator):
    roster = roster_of(one(name="Vũ Lan"), by=coordinator, unit=province.north)
    first, second = (services.roster_apply(roster=roster, by=coordinator) for _ in range(2))
    assert first == second
    assert Job.objects.filter(kind="people.roster_apply").count() == 1
    before = User.objects.count()
    for _ in range(2):
        job_run(uuid=str(first.uuid))
    first.refresh_from_db()
    assert (first.state, first.result["new"]) == (JobState.DONE, 1)
    assert User.objects.count() == before + 1
    with pytest.raises(Refusal) as refused:
        services.roster_apply(roster=roster, by=coordinator)
    assert refused.value.code == "not_ready"


def test_a_unit_that_was_merged_names_its_successor(province, lead):
    content = xlsx_bytes(*people_rows(one(name="Vũ Lan")))
    old = UnitFactory(code="07249", name="Xã Canh Nậu", parent=province.root, valid_to=DAY)
    structures_rebuild()
    with pytest.raises(Refusal) as refused:
        checked(content, by=lead, unit=old)
    assert (refused.value.code, refused.value.text) == ("unit_closed", "«Xã Canh Nậu» không còn hoạt động.")
    UnitSuccession.objects.create(predecessor=old, successor=province.north, effective_on=DAY, principal=True)
    with pytest.raises(Refusal) as refused:
        checked(content, by=lead, unit=old)
    assert refused.value.detail["successors"] == [province.north]
    assert refused.value.text == f"«Xã Canh Nậu» đã sáp nhập vào «Xã Xuân Lương» từ ngày {DAY:%d/%m/%Y}."
    assert refused.value.fix == "Hãy nhập danh sách này cho đơn vị mới."
    # A line that names it is rejected, with the same words.
    row = line(roster_of(one(name="Vũ Lan", unit="Xã Canh Nậu"), by=lead, unit=province.root), 2)
    assert (row.outcome, codes(row)) == ("rejected", {"unit_closed"})
    assert "Xã Xuân Lương" in row.problems[0]["fix"]


def test_of_two_sheets_the_first_with_headings_is_read_and_named(province, coordinator):
    sheets = {
        "Bìa": [["Danh sách năm 2026"]],
        "Ẩn": people_rows(one(name="Đỗ Ẩn")),
        "Cán bộ": people_rows(one(name="Vũ Lan")),
        "Người dân": people_rows(one(name="Bùi An"), one(name="Bùi Anh")),
    }
    roster = checked(xlsx_bytes(sheets=sheets, hidden=("Ẩn",)), by=coordinator, unit=province.north)
    assert (roster.counts["sheet"], roster.counts["rows"]) == ("Cán bộ", 1)
    assert line(roster, 2).data["full_name"] == "Vũ Lan"


def test_a_name_that_two_of_the_unit_bear_is_never_taken_for_one_of_them(province, coordinator):
    people = [member(province.north, province.staff, full_name="Vũ Lan") for _ in range(2)]
    row = line(roster_of(one(name="Vũ Lan"), by=coordinator, unit=province.north), 2)
    assert (row.outcome, row.user) == ("doubtful", None)
    assert {found["uuid"] for found in row.candidates} == {str(person.uuid) for person in people}


@pytest.mark.parametrize("order", [1, -1])
def test_two_lines_of_one_name_one_without_a_day_of_birth_are_a_doubt(province, coordinator, order):
    said = [one(name="Vũ Lan", born="01/01/1980"), one(name="Vũ Lan"), one(name="Vũ Lan", unit="Xã Xuân Lương")]
    roster = roster_of(*said[:2][::order], by=coordinator, unit=province.north)
    assert [row.outcome for row in roster.rows.all()] == ["new", "doubtful"]
    assert codes(line(roster, 3)) == {"namesake"}
    services.rows_decide_all(roster=roster, decided=Decided.OTHER, by=coordinator)
    assert applied(roster, coordinator)["new"] == 2


def test_a_list_tells_nothing_about_people_of_other_units(province, coordinator):
    """Neither what is kept of a line, nor whether a guessed day of birth or number is right."""
    told = {"birth_date": date(1980, 1, 1), "phone": "+84912345678", "email": "lan@x.vn"}
    told |= {"contact_phone": "+84977000111", "staff_code": "CB1"}
    member(province.south, province.staff, full_name="Vũ Lan", **told)
    answers = []
    for guess in ({}, {"born": "01/01/1980", "phone": "0912345678"}, {"born": "02/02/1990", "phone": "0912345679"}):
        row = line(roster_of(one(name="Vũ Lan", code="CB1", **guess), by=coordinator, unit=province.north), 2)
        answers.append((row.outcome, row.problems, row.candidates, row.changes))
    assert answers[0] == answers[1] == answers[2]
    roster = roster_of(
        one(name="Đỗ Hà", code="CB1"), one(name="Đỗ An", email="lan@x.vn"), by=coordinator, unit=province.north
    )
    assert [codes(row) for row in roster.rows.all()] == [{"staff_code_other_name"}, {"email_other_name"}]
    kept = json.dumps(list(roster.rows.values("candidates", "problems", "changes", "data")), ensure_ascii=False)
    for secret in ("12345678", "12 345 678", "77000111", "77 000 111", "1980", "Vũ Lan"):
        assert secret not in kept
    assert all(set(found) == {"uuid", "why", "code"} for row in roster.rows.all() for found in row.candidates)


def test_a_line_does_not_keep_a_membership(province, coordinator):
    person = member(province.north, province.staff, full_name="Vũ Lan")
    roster = roster_of(one(name="Đỗ Hà"), by=coordinator, unit=province.north, whole_unit=True)
    person.memberships.get().delete()
    assert roster.rows.get(outcome="left").membership is None
    services.leavers_confirm(roster=roster, by=coordinator)
    assert applied(roster, coordinator)["left"] == 0


def test_nobody_brings_a_list_for_another_unit(province, other_coordinator, learner):
    content = xlsx_bytes(*people_rows(one(name="Vũ Lan")))
    with pytest.raises(Forbidden):
        checked(content, by=other_coordinator, unit=province.north)
    with pytest.raises(Http404):
        checked(content, by=learner, unit=province.north)


def test_the_number_of_queries_grows_with_chunks_only(province, coordinator):
    def work(count, start):
        names = ["Vũ Lan " + "ABCDEFGHIJ"[n % 10] * (n // 10 + 1) for n in range(count)]
        people = [one(name=name, code=f"C{start + n}") for n, name in enumerate(names)]
        with CaptureQueriesContext(connection) as seen:
            roster_of(*people, by=coordinator, unit=province.north)
        # SQLite takes few values in one statement, so one chunk is several INSERTs there.
        return sum(not query["sql"].startswith("INSERT") for query in seen.captured_queries)

    assert work(3, 0) == work(300, 1000)


def test_the_template_holds_nobody_and_its_example_stays_out(province, coordinator):
    roster = checked(exports.template_file(unit=province.north), by=coordinator, unit=province.north)
    assert (roster.state, outcomes(roster)) == ("ready", {})


def test_rejects_come_back_in_their_own_columns_and_can_be_sent_again(province, coordinator):
    content = messy.messy_workbook(province.north.name)
    roster, _ = brought(content, by=coordinator, unit=province.north)
    again = checked(exports.rejects_file(roster=roster), by=coordinator, unit=province.north)
    assert outcomes(again)["rejected"] == messy.BROKEN
    first = line(again, 2)
    assert {"Lý do", "Cách sửa", "SĐT"} <= set(first.cells)


def test_old_lists_are_forgotten(province, coordinator):
    roster, _ = brought(xlsx_bytes(*people_rows(one(name="Vũ Lan"))), by=coordinator, unit=province.north)
    assert services.roster_forget_old() == 0
    type(roster).objects.update(applied_at=timezone.now() - timedelta(days=31))
    stored = roster.file.storage, roster.file.name
    assert services.roster_forget_old() == 1
    assert not stored[0].exists(stored[1])
    assert not roster.rows.exists()


def test_the_command_says_by_its_code_what_happened(province, coordinator, tmp_path, capsys):
    file = tmp_path / "a.xlsx"
    file.write_bytes(xlsx_bytes(*people_rows(one(name="Vũ Lan"), one(name="Đỗ 1"))))
    with pytest.raises(SystemExit) as ended:
        call_command("import_roster", str(file), unit="07246", by=coordinator.email, json=True)
    assert ended.value.code == 2
    result = json.loads(capsys.readouterr().out)
    assert (result["applied"]["new"], result["problems"][0]["row"]) == (1, 3)
    out = tmp_path / "b.csv"
    call_command("export_roster", unit="07246", out=out, by=coordinator.email)
    call_command("import_roster", str(out), unit="07246", by=coordinator.email, json=True)
    (tmp_path / "c.xlsx").write_bytes(b"%PDF-1.4")
    with pytest.raises(CommandError) as refused:
        call_command("import_roster", str(tmp_path / "c.xlsx"), unit="07246", by=coordinator.email)
    assert refused.value.returncode == 1
