"""Reconstitution of a team: a dated version, memberships that end and begin, one leader, nothing rewritten."""

from __future__ import annotations

import threading
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Forbidden, Refusal
from common.models import AuditEntry
from people.lookalikes import people_like
from people.models import Membership, Role, RosterVersion, Unit, UnitKind, User
from people.querysets import today
from people.teams import (
    NewPerson,
    Placed,
    Seat,
    composition,
    composition_mark,
    differences,
    team_on,
    team_reconstitute,
)
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory

DAY = date(2026, 9, 1)


@pytest.fixture
def team(province):
    from people.services import structures_rebuild

    unit = UnitFactory(code="TO-1", name="Tổ CNSCĐ thôn Đồng Vàng", kind=UnitKind.TEAM, parent=province.north)
    structures_rebuild()
    return unit


@pytest.fixture
def people(team, province):
    """A leader and three members since 1/7/2025."""
    users = [UserFactory(full_name=name) for name in ("Giáp Văn An", "Lê Thị Bình", "Trần Văn Cường", "Hồ Thị Duyên")]
    for number, user in enumerate(users):
        role = Role.LEARNER if number else Role.TEAM_LEADER
        MembershipFactory(user=user, unit=team, audience=province.team, role=role)
    return users


def seats(*users, leader=0, titles=()):
    return [Seat(user, leads=n == leader, title=titles[n] if n < len(titles) else "") for n, user in enumerate(users)]


def change(team, actor, new, **fields):
    return team_reconstitute(team=team, actor=actor, **{"effective_on": DAY, "seats": new, **fields})


def who(placed):
    return [(member.name, member.role) for member in placed]


def standing(team, day):
    return {(m.user.full_name, m.role) for m in team.memberships.in_force(day)}


class TestTheAct:
    def test_who_left_who_came_who_leads(self, team, people, coordinator, province):
        an, binh, cuong, duyen = people
        newcomer = UserFactory(full_name="Vũ Thị Oanh")
        version = change(
            team,
            coordinator,
            seats(binh, cuong, newcomer, duyen, titles=("Bí thư chi bộ",)),
            decision_number=" 15/QĐ-UBND ",
            decision_date=date(2026, 8, 28),
        )
        before, after = DAY - timedelta(days=1), DAY
        assert standing(team, before) == {
            ("Giáp Văn An", "team_leader"), ("Lê Thị Bình", "learner"), ("Trần Văn Cường", "learner"),
            ("Hồ Thị Duyên", "learner"),
        }  # fmt: skip
        assert standing(team, after) == {
            ("Lê Thị Bình", "team_leader"), ("Trần Văn Cường", "learner"), ("Vũ Thị Oanh", "learner"),
            ("Hồ Thị Duyên", "learner"),
        }  # fmt: skip
        assert [m["name"] for m in version.joined] == ["Vũ Thị Oanh"]
        assert [m["name"] for m in version.left] == ["Giáp Văn An"]
        assert version.members[0] == asdict(Placed(str(binh.uuid), "Lê Thị Bình", "team_leader", "Bí thư chi bộ"))
        assert version.decision_number == "15/QĐ-UBND"
        # Who stays as they were keeps their row; a new role ends one membership and begins another.
        assert Membership.objects.filter(user=cuong).count() == 1
        assert list(Membership.objects.filter(user=binh).order_by("pk").values_list("valid_from", "valid_to")) == [
            (date(2025, 7, 1), DAY),
            (DAY, None),
        ]
        assert Membership.objects.get(user=newcomer).audience == province.team
        assert Membership.objects.get(user=newcomer).is_main

    def test_the_act_is_in_the_log_by_uuid(self, team, people, coordinator):
        version = change(team, coordinator, seats(*people[1:]), decision_number="15/QĐ-UBND")
        entry = AuditEntry.objects.get(act="team_reconstitute")
        assert (entry.actor, entry.subject_uuid, entry.unit_uuid) == (coordinator, team.uuid, team.uuid)
        assert entry.before == {
            "leader": [str(people[0].uuid)],
            "members": sorted(str(user.uuid) for user in people),
        }
        assert entry.after["leader"] == [str(people[1].uuid)]
        assert entry.detail["version"] == str(version.uuid)
        assert "Giáp" not in str((entry.before, entry.after, entry.detail)), "no names in the log"

    def test_past_days_read_as_they_were(self, team, people, coordinator):
        an, binh, cuong, duyen = people
        first = composition(team, today())
        change(team, coordinator, seats(binh, cuong, duyen))
        later = DAY + timedelta(days=30)
        change(team, coordinator, seats(duyen, binh), effective_on=later)
        assert team_on(team, DAY - timedelta(days=1)) == first
        assert who(team_on(team, DAY))[0] == ("Lê Thị Bình", "team_leader")
        assert len(team_on(team, later - timedelta(days=1))) == 3
        assert who(team_on(team, later)) == [("Hồ Thị Duyên", "team_leader"), ("Lê Thị Bình", "learner")]
        # A name that is corrected later does not rewrite a version.
        User.objects.filter(pk=binh.pk).update(full_name="Lê Thị Bính")
        assert who(team_on(team, DAY))[0] == ("Lê Thị Bình", "team_leader")

    def test_again_on_the_same_day_corrects_it(self, team, people, coordinator):
        an, binh, cuong, duyen = people
        change(team, coordinator, seats(binh, cuong, duyen))
        change(team, coordinator, seats(cuong, binh, duyen))
        assert standing(team, DAY) == {
            ("Trần Văn Cường", "team_leader"), ("Lê Thị Bình", "learner"), ("Hồ Thị Duyên", "learner"),
        }  # fmt: skip
        assert standing(team, DAY - timedelta(days=1)) >= {("Giáp Văn An", "team_leader")}
        assert who(team_on(team, DAY))[0] == ("Trần Văn Cường", "team_leader")

    def test_a_decision_ahead_holds_from_its_day(self, team, people, coordinator):
        ahead = today() + timedelta(days=10)
        change(team, coordinator, seats(*people[1:]), effective_on=ahead)
        assert who(composition(team, today()))[0] == ("Giáp Văn An", "team_leader")
        assert who(composition(team, ahead))[0] == ("Lê Thị Bình", "team_leader")

    def test_somebody_in_two_rows_of_a_team_keeps_one(self, team, people, coordinator, province):
        MembershipFactory(user=people[0], unit=team, audience=province.citizen, role=Role.LEARNER)
        assert len(composition(team, DAY)) == 4
        change(team, coordinator, seats(*people))
        assert [m.role for m in team.memberships.in_force(DAY).filter(user=people[0])] == [Role.TEAM_LEADER]

    def test_an_office_in_the_team_is_not_a_seat(self, team, people, coordinator, province):
        office = MembershipFactory(unit=team, audience=province.staff, role=Role.COORDINATOR)
        change(team, coordinator, seats(*people))
        office.refresh_from_db()
        assert office.valid_to is None
        assert len(team_on(team, DAY)) == 4

    def test_a_new_person_gets_an_account_that_nobody_has_claimed(self, team, people, coordinator):
        new = NewPerson("Đỗ Văn Ổn", date(1970, 2, 3), "+84912345678")
        change(team, coordinator, [*seats(*people), Seat(new)])
        user = User.objects.get(full_name="Đỗ Văn Ổn")
        assert (user.phone, user.contact_phone, user.birth_date) == ("+84912345678", "", date(1970, 2, 3))
        assert not user.has_usable_password()
        assert user.claimed_at is None
        assert (user.gender, user.phone_verified) == ("", False)

    def test_a_phone_that_somebody_signs_in_with_is_shared_for_calls_only(self, team, people, coordinator):
        owner = UserFactory(phone="+84912345678")
        change(team, coordinator, [*seats(*people), Seat(NewPerson("Đỗ Văn Ổn", None, "+84912345678"))])
        user = User.objects.get(full_name="Đỗ Văn Ổn")
        assert (user.phone, user.contact_phone) == (None, "+84912345678")
        owner.refresh_from_db()
        assert owner.phone == "+84912345678"


class TestRefusals:
    @pytest.mark.parametrize(
        ("leaders", "code"),
        [([False, False], "no_leader"), ([True, True], "many_leaders"), ([], "no_members")],
    )
    def test_exactly_one_leader(self, team, people, coordinator, leaders, code):
        with pytest.raises(Refusal) as refusal:
            change(team, coordinator, [Seat(user, leads) for user, leads in zip(people, leaders, strict=False)])
        assert refusal.value.code == code
        assert not RosterVersion.objects.exists()

    def test_nobody_twice(self, team, people, coordinator):
        with pytest.raises(Refusal) as refusal:
            change(team, coordinator, [*seats(*people), Seat(people[0])])
        assert refusal.value.code == "twice"

    @pytest.mark.parametrize(
        ("day", "code"),
        [(date(2025, 6, 30), "too_early"), (today() + timedelta(days=93), "too_late")],
    )
    def test_a_day_that_cannot_be(self, team, people, coordinator, day, code):
        with pytest.raises(Refusal) as refusal:
            change(team, coordinator, seats(*people), effective_on=day)
        assert refusal.value.code == code
        assert refusal.value.fix

    def test_not_before_the_newest_version_or_the_newest_member(self, team, people, coordinator, province):
        change(team, coordinator, seats(*people))
        with pytest.raises(Refusal) as refusal:
            change(team, coordinator, seats(*people), effective_on=DAY - timedelta(days=1))
        assert refusal.value.code == "too_early"
        assert "01/09/2026" in refusal.value.fix
        MembershipFactory(unit=team, audience=province.team, valid_from=date(2026, 10, 10))
        with pytest.raises(Refusal, match="10/10/2026"):
            change(team, coordinator, seats(*people))

    def test_a_team_that_ended(self, team, people, coordinator):
        Unit.objects.filter(pk=team.pk).update(valid_to=DAY)
        with pytest.raises(Refusal) as refusal:
            change(team, coordinator, seats(*people))
        assert refusal.value.code == "team_closed"

    def test_only_teams(self, province, coordinator, learner):
        with pytest.raises(Refusal) as refusal:
            change(province.north, coordinator, seats(learner))
        assert refusal.value.code == "not_a_team"

    def test_what_changed_meanwhile_is_not_overwritten(self, team, people, coordinator, lead):
        mark = composition_mark(team)
        change(team, lead, seats(*people[:3]), based_on=mark)
        with pytest.raises(Refusal) as refusal:
            change(team, coordinator, seats(*people), based_on=mark)
        assert refusal.value.code == "team_changed"
        assert len(composition(team, DAY)) == 3

    def test_who_may_not_appoint(self, request, team, people, coordinator):
        for name in ("learner", "other_coordinator", "official", "editor"):
            with pytest.raises(Forbidden):
                change(team, request.getfixturevalue(name), seats(*people))
        with pytest.raises(Forbidden):
            change(team, people[0], seats(*people))  # the leader themself
        assert not RosterVersion.objects.exists()

    def test_nothing_is_half_done(self, team, people, coordinator, monkeypatch):
        def breaks(**_):
            raise RuntimeError

        monkeypatch.setattr("people.teams.audit.record", breaks)
        with pytest.raises(RuntimeError):
            change(team, coordinator, [*seats(*people[1:]), Seat(NewPerson("Đỗ Văn Ổn"))])
        assert not RosterVersion.objects.exists()
        assert not User.objects.filter(full_name="Đỗ Văn Ổn").exists()
        assert len(composition(team, DAY)) == 4


@pytest.mark.parametrize(
    ("new", "found"),
    [
        (NewPerson("le thi binh", date(1969, 5, 17)), True),
        (NewPerson("Lê Thị Bình", date(1969, 5, 18)), False),
        (NewPerson("Lê Thị Bình"), False),
        (NewPerson("Người Khác", None, "+84911111111"), True),
        (NewPerson("Người Khác", None, "+84922222222"), True),
        (NewPerson("Người Khác", None, "+84933333333"), False),
    ],
)
def test_who_may_be_the_same_person(db, new, found):
    UserFactory(full_name="Lê Thị Bình", phone="+84911111111", contact_phone="+84922222222")
    assert bool(people_like(new)) is found


MEMBERS = st.lists(
    st.builds(
        Placed,
        user=st.sampled_from("abcdefgh"),
        name=st.just("x"),
        role=st.sampled_from([str(Role.TEAM_LEADER), str(Role.LEARNER)]),
        title=st.sampled_from(["", "Bí thư"]),
    ),
    unique_by=lambda member: member.user,
)


@given(before=MEMBERS, after=MEMBERS)
def test_what_is_left_after_the_differences_is_the_new_composition(before, after):
    found = differences(before, after)
    gone = {m.user for m in found.left}
    became = {was.user: now for was, now in found.changed}
    rebuilt = {m.user: became.get(m.user, m) for m in before if m.user not in gone} | {m.user: m for m in found.joined}
    assert rebuilt == {m.user: m for m in after}
    assert found.is_empty == (sorted(before, key=repr) == sorted(after, key=repr))
    assert len(found.stayed) + len(found.changed) + len(found.joined) == len(after)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_officials_at_one_instant_make_one_composition(on_postgres, team, people, coordinator, lead):
    mark, results, barrier = composition_mark(team), [], threading.Barrier(2)

    def run(actor, new):
        try:
            barrier.wait()
            change(team, actor, new, based_on=mark)
            results.append("saved")
        except Refusal as refusal:
            results.append(refusal.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(coordinator, seats(*people[:3]))),
        threading.Thread(target=run, args=(lead, seats(*people[1:]))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["saved", "team_changed"]
    assert RosterVersion.objects.count() == 1
    assert len(composition(team, DAY)) == 3
