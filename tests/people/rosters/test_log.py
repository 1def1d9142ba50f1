"""Every membership that a list makes, changes or ends has one line in the log; whoever stays as they were has none."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import AuditEntry
from people import audit_words
from people.models import Membership, Role
from tests.factories.people import MembershipFactory, UserFactory
from tests.factories.rosters import DAY, applied, brought, checked, people_rows, xlsx_bytes

ACTS = ["membership_add", "membership_change", "membership_end"]


def line(number, name, **more):
    return {"Họ và tên": name, "Số điện thoại": f"091234567{number}", **more}


@pytest.fixture
def members(province):
    """Four officials of Xã Xuân Lương."""
    names = ("Vũ An", "Vũ Bình", "Vũ Chi", "Vũ Dung")
    return [
        MembershipFactory(
            user=UserFactory(full_name=name, phone=f"+8491234567{n}"), unit=province.north, audience=province.staff
        )
        for n, name in enumerate(names)
    ]


def logged(act):
    return {entry.subject_name: entry for entry in AuditEntry.objects.filter(act=act)}


def test_who_came_changed_and_left_is_in_the_log_and_nobody_else(province, lead, members):
    content = xlsx_bytes(
        *people_rows(
            line(0, "Vũ An"),
            line(1, "Vũ Bình", **{"Chức danh": "Trưởng phòng"}),
            line(2, "Vũ Chi", **{"Vai trò": Role.COORDINATOR.label}),
            line(8, "Lò Mới", **{"Vai trò": Role.TEAM_LEADER.label}),
        )
    )
    _, counts = brought(content, by=lead, unit=province.north, whole_unit=True)
    assert (counts["new"], counts["left"]) == (1, 1)
    north = str(province.north.uuid)
    added, changed, ended = (logged(act) for act in ACTS)
    assert set(added) == {"Vũ Chi", "Lò Mới"}
    assert added["Lò Mới"].after == {
        "unit": north, "role": "team_leader", "audience": "cccvc", "title": "", "valid_from": f"{DAY:%Y-%m-%d}",
        "valid_to": None,
    }  # fmt: skip
    assert added["Vũ Chi"].after["role"] == "coordinator"
    assert set(changed) == {"Vũ Bình"}
    assert (changed["Vũ Bình"].before["title"], changed["Vũ Bình"].after["title"]) == ("", "Trưởng phòng")
    assert set(ended) == {"Vũ Chi", "Vũ Dung"}
    assert (ended["Vũ Dung"].before["valid_to"], ended["Vũ Dung"].after["valid_to"]) == (None, f"{DAY:%Y-%m-%d}")
    assert (ended["Vũ Dung"].after["role"], ended["Vũ Dung"].after["unit"]) == ("learner", north)
    assert {entry.unit_uuid for entry in [*added.values(), *ended.values()]} == {province.north.uuid}
    assert not AuditEntry.objects.filter(subject_name="Vũ An").exists()


def test_what_the_log_says_of_a_member_who_left(province, lead, members):
    content = xlsx_bytes(*people_rows(*(line(n, m.user.full_name) for n, m in enumerate(members[:3]))))
    brought(content, by=lead, unit=province.north, whole_unit=True)
    said = {c.label: (c.before, c.after) for c in audit_words.changes_of(AuditEntry.objects.get(act="membership_end"))}
    assert said == {"Đến trước ngày": ("(trống)", f"{DAY:%d/%m/%Y}"), "Vai trò": (None, "Người học")}


def test_a_list_that_changes_nobody_leaves_one_line_for_itself(province, lead, members):
    content = xlsx_bytes(*people_rows(*(line(n, m.user.full_name) for n, m in enumerate(members))))
    brought(content, by=lead, unit=province.north, whole_unit=True)
    assert sorted(AuditEntry.objects.values_list("act", flat=True)) == ["roster_apply", "roster_upload"]


def test_a_person_of_two_lines_has_two(province, lead):
    twice = [line(8, "Lò Mới"), line(8, "Lò Mới", **{"Đơn vị": "07288"})]
    brought(xlsx_bytes(*people_rows(*twice)), by=lead, unit=province.root)
    assert AuditEntry.objects.filter(act="membership_add", subject_name="Lò Mới").count() == 2
    assert Membership.objects.filter(user__full_name="Lò Mới").count() == 2


def test_the_log_costs_the_same_for_five_as_for_forty(province, lead):
    def queries(first, count):
        rows = [{"Họ và tên": "Giàng Mới", "Mã cán bộ": f"M{number:04d}"} for number in range(first, first + count)]
        roster = checked(xlsx_bytes(*people_rows(*rows)), by=lead, unit=province.north)
        with CaptureQueriesContext(connection) as seen:
            assert applied(roster, lead)["new"] == count
        return len(seen)

    queries(0, 5)
    assert queries(10, 5) == queries(20, 40)  # of more people SQLite takes two goes, one for 999 values
