"""No list of people, however it is dated, moves a figure of a year that is over; nor do changes of the tree between."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import Refusal
from kpi import denominators, figures, places
from people import teams
from people.models import Membership, Role, Unit, UnitKind
from people.querysets import today
from people.rosters import services
from people.rosters.bounds import leaving_from, open_from
from people.services import structures_rebuild
from people.units import changes
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.factories.rosters import DAY, applied, brought, checked, people_rows, xlsx_bytes
from tests.kpi.test_figures import learn
from tests.lanes import draws

LAST = today().year - 1
THEN = date(LAST, 12, 31)
BEGAN = date(LAST, 8, 1)
ROLES = [None, Role.LEARNER.label, Role.TEAM_LEADER.label, Role.COORDINATOR.label]
AUDIENCES = [None, "cccvc", "to_cnscd"]


@pytest.fixture
def past(province, lead, django_capture_on_commit_callbacks):
    """Four in a team, three officials in a commune, since last year; one of each has learnt then."""
    team = UnitFactory(code="TO-1", name="Tổ Một", kind=UnitKind.TEAM, parent=province.north)
    structures_rebuild()
    people = []
    for number, name in enumerate(("Vũ An", "Vũ Bình", "Vũ Chi", "Vũ Dung", "Lò Em", "Lò Giang", "Lò Hà")):
        user = UserFactory(full_name=name, phone=f"+8491234567{number}")
        unit, audience = (team, province.team) if number < 4 else (province.north, province.staff)
        MembershipFactory(user=user, unit=unit, audience=audience, valid_from=BEGAN)
        people.append(user)
    indicators = [IndicatorFactory(code=a.code, audiences=[a]) for a in (province.team, province.staff)]
    with django_capture_on_commit_callbacks(execute=True):
        learn(team, province.team, f"{LAST}-09-09", valid_from=BEGAN)
        learn(province.north, province.staff, f"{LAST}-10-10", valid_from=BEGAN)
    units = [province.root, province.north, province.south, team]
    return SimpleNamespace(province=province, lead=lead, team=team, people=people, indicators=indicators, units=units)


def reported(past):
    """All that was reported of last year: who had learnt, of how many, in each unit and in each row below it."""
    found = {}
    known = places.structures()
    for unit in past.units:
        place = places.place_of(unit, past.province.structure, known)
        rows = [row.pk for row in place.rows]
        for indicator in past.indicators:
            table = figures.table(indicator, place, LAST)
            shown = [table.total, *table.rows]
            found[unit.pk, indicator.code] = [
                (row.part, row.unit.pk if row.unit else None, row.count, row.denominator.value) for row in shown
            ]
        audiences = [past.province.team.pk, past.province.staff.pk]
        found[unit.pk] = denominators.heads(place, audiences, THEN, total=True, rows=rows)
    return found


def a_list(draw, past, number):
    """A list with people who are known and new, in any role and audience, from any day; the day of the whole too."""
    lines = []
    for who in draw(st.lists(st.integers(0, 8), min_size=1, max_size=5, unique=True)):
        known = past.people[who] if who < len(past.people) else None
        phone = known.phone if known else f"+8498000{number}{who:03d}"
        line = {
            "Họ và tên": known.full_name if known else f"Giàng Mới {'ABCDEFGHI'[number]}",
            "Số điện thoại": "0" + phone.removeprefix("+84"),
            "Vai trò": draw(st.sampled_from(ROLES)),
            "Đối tượng": draw(st.sampled_from(AUDIENCES)),
            "Từ ngày": draw(st.none() | st.dates(date(LAST, 1, 1), today())),
        }
        lines.append({heading: cell for heading, cell in line.items() if cell is not None})
    on = draw(st.dates(leaving_from(), today()) | st.dates(date(LAST, 1, 1), today() + timedelta(days=30)))
    unit = Unit.objects.get(pk=draw(st.sampled_from(past.units)).pk)
    roster = checked(xlsx_bytes(*people_rows(*lines)), by=past.lead, unit=unit, whole_unit=draw(st.booleans()), on=on)
    if roster.problem:
        services.leavers_confirm(roster=roster, by=past.lead)
    services.rows_decide_all(roster=roster, decided=draw(st.sampled_from(["other", "skip"])), by=past.lead)
    return applied(roster, past.lead)


def a_change(draw, past, number):
    unit = Unit.objects.get(pk=draw(st.sampled_from(past.units[1:])).pk)
    if draw(st.booleans()):
        return changes.unit_rename(actor=past.lead, unit=unit, name=f"Mới {number}", kind=unit.kind, on=today())
    return changes.units_merge(actor=past.lead, units=[unit], into=past.province.south, on=today())


@pytest.mark.slow
@settings(max_examples=draws(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_sequence_of_lists_moves_a_reported_year(past, data):
    before, done = reported(past), 0
    assert before[past.team.pk] == {past.team.pk: 5}
    with transaction.atomic():
        for number in range(data.draw(st.integers(1, 4))):
            step = data.draw(st.sampled_from([a_list, a_list, a_list, a_change]))
            try:
                with transaction.atomic():
                    step(data.draw, past, number)
                    done += 1
            except Refusal:
                pass
            assert reported(past) == before
        transaction.set_rollback(True)


# --- One by one -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("on", "whole", "code"),
    [
        (open_from(), False, ""),
        (leaving_from(), True, ""),
        (open_from() - timedelta(days=1), False, "day_closed"),
        (open_from() - timedelta(days=1), True, "day_closed"),
        (date(LAST, 8, 1), True, "day_closed"),
        (leaving_from() - timedelta(days=1), True, "day_leaving" if leaving_from() > open_from() else "day_closed"),
        (today() + timedelta(days=367), False, "day_far"),
    ],
)
def test_from_when_a_list_may_hold(past, on, whole, code):
    content = xlsx_bytes(*people_rows({"Họ và tên": "Vũ An"}))
    if not code:
        assert checked(content, by=past.lead, unit=past.team, whole_unit=whole, on=on).pk
        return
    with pytest.raises(Refusal) as refused:
        checked(content, by=past.lead, unit=past.team, whole_unit=whole, on=on)
    assert (refused.value.code, bool(refused.value.fix)) == (code, True)


def test_who_joined_in_a_year_that_was_reported_is_written_from_this_year(past):
    line = {"Họ và tên": "Giàng A Mới", "Ngày sinh": date(1980, 1, 1), "Từ ngày": date(LAST, 8, 1)}
    roster, _ = brought(xlsx_bytes(*people_rows(line)), by=past.lead, unit=past.province.north)
    note = roster.rows.get().problems[0]
    assert note["text"] == f"Ghi từ {open_from():%d/%m/%Y}, vì số liệu năm trước đã báo cáo."
    assert note["note"]
    assert Membership.objects.get(user__full_name="Giàng A Mới").valid_from == open_from()


def test_who_is_there_already_keeps_the_first_day(past):
    line = {"Họ và tên": "Vũ An", "Số điện thoại": "0912345670", "Từ ngày": BEGAN}
    roster, counts = brought(xlsx_bytes(*people_rows(line)), by=past.lead, unit=past.team)
    assert (counts["unchanged"], roster.rows.get().problems) == (1, [])
    assert Membership.objects.get(user=past.people[0]).valid_from == BEGAN


def test_a_new_role_begins_this_year_where_the_old_one_ends(past):
    line = {
        "Họ và tên": "Vũ An", "Số điện thoại": "0912345670", "Vai trò": Role.TEAM_LEADER.label, "Từ ngày": BEGAN
    }  # fmt: skip
    brought(xlsx_bytes(*people_rows(line)), by=past.lead, unit=past.team)
    rows = Membership.objects.filter(user=past.people[0]).order_by("valid_from")
    assert list(rows.values_list("role", "valid_from", "valid_to")) == [
        ("learner", BEGAN, open_from()), ("team_leader", open_from(), None)
    ]  # fmt: skip


def test_what_was_decided_of_a_team_stays_as_it_was_decided(past):
    """Nobody leaves before the newest decision, nor on its day."""
    decided = max(open_from(), today() - timedelta(days=1))
    seats = [teams.Seat(person, leads=not n) for n, person in enumerate(past.people[:4])]
    teams.team_reconstitute(team=past.team, actor=past.lead, effective_on=decided, seats=seats)
    before = [member.name for member in teams.team_on(past.team, decided)]
    content = xlsx_bytes(*people_rows({"Họ và tên": "Vũ An"}, {"Họ và tên": "Vũ Bình"}))
    roster = checked(content, by=past.lead, unit=past.team, whole_unit=True, on=max(leaving_from(), DAY))
    roster.rows.filter(user=None, membership=None).delete()
    if roster.problem:
        services.leavers_confirm(roster=roster, by=past.lead)
    assert applied(roster, past.lead)["left"] > 0
    assert [member.name for member in teams.team_on(past.team, decided)] == before
    assert len(teams.team_on(past.team, decided + timedelta(days=2))) < len(before)
