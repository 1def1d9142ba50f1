"""What changes of closed figures without any one person: declared values, teams, the unit tree."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse

from kpi import places, tasks
from kpi.closed import closed_and_now
from kpi.corrections import closed_load, corrections_record
from kpi.models import CorrectionReason, Counted, CountingKind, FigureCorrection, Recurrence
from kpi.services import closing_make, declaration_approve
from kpi.services.correcting import closings_correct, figures_correct
from people.models import Role, UnitKind
from people.services import structures_rebuild
from people.units import changes
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import DeclarationFactory, IndicatorFactory
from tests.factories.people import AudienceFactory, MembershipFactory, UnitFactory, UserFactory
from tests.kpi.conftest import REFORM, at
from tests.kpi.test_figures import learn

UNTIL = date(2026, 9, 30)


@pytest.fixture(autouse=True)
def _in_november(monkeypatch):
    for module in ("kpi.services.closings", "kpi.denominators", "kpi.places"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 20))


@pytest.fixture
def world(reform, django_capture_on_commit_callbacks):
    """People, teams, activities of schools and a declared number, closed as of the end of September."""
    schools = AudienceFactory(code="truong_hoc")
    place = {"valid_from": REFORM}
    teams = [UnitFactory(kind=UnitKind.TEAM, parent=parent, **place) for parent in (reform.x, reform.x, reform.y)]
    school = UnitFactory(kind=UnitKind.SCHOOL, parent=reform.y, **place)
    structures_rebuild()
    nothing = {"counts": False, "recurrence": Recurrence.YEARLY}
    found = SimpleNamespace(
        reform=reform, teams=teams, school=school, course=course_with_steps(1),
        people=IndicatorFactory(code="T-1", audiences=[reform.citizen]),
        ever=IndicatorFactory(code="T-2", audiences=[reform.citizen], recurrence=Recurrence.CUMULATIVE),
        team=IndicatorFactory(code="T-3", audiences=[reform.member], counting=CountingKind.TEAM),
        activity=IndicatorFactory(code="T-4", audiences=[schools], counting=CountingKind.ACTIVITY, **nothing),
        number=IndicatorFactory(code="T-5", counting=CountingKind.DECLARED, metric_kind="count", **nothing),
    )  # fmt: skip
    found.lead = MembershipFactory(unit=reform.new, role=Role.PROVINCIAL_LEAD, **place).user
    found.members = [
        MembershipFactory(user=UserFactory(), unit=team, audience=reform.member, **place) for team in teams
    ]
    with django_capture_on_commit_callbacks(execute=True):
        learn(reform.x, reform.citizen, "2026-03-05", valid_from=REFORM)
        learn(reform.s, reform.citizen, "2025-05-05")
        complete(found.members[0].user, found.course, at("2026-02-02"))
    declare(found, reform.x, 10, "2026-06-30")
    found.closing = closing_make(actor=found.lead, unit=reform.new, structure=reform.now, period="quarter", until=UNTIL)
    return found


def declare(world, unit, value, until, *, indicator=None, state="approved"):
    return DeclarationFactory(
        indicator=indicator or world.number, unit=unit, value=value, until=date.fromisoformat(until), state=state,
        decided_at=at("2026-07-01"),
    )  # fmt: skip


def units(world):
    known = places.structures()
    return places.units_within(places.place_of(world.reform.new, world.reform.now, known), known)


def unexplained(world):
    """What of any unit's figures differs from what was closed, and no correction says why."""
    return {
        (unit.name, line.indicator.code): line.unexplained
        for unit in units(world)
        for line in closed_and_now(world.closing, unit)
        if line.unexplained
    }


def corrections():
    rows = FigureCorrection.objects.select_related("unit", "indicator").order_by("indicator__code", "unit__code")
    return [(row.indicator.code, row.unit.code, row.reason, row.before, row.after) for row in rows]


def test_nothing_changed_nothing_written(world):
    assert closings_correct() == 0
    assert unexplained(world) == {}


def test_a_value_approved_late_stands_beside_the_closed_figure(world, django_capture_on_commit_callbacks):
    """By the act itself, for the unit and for all above that add it up; a value of a later day says nothing of it."""
    for value, until in ((99, "2026-10-31"), (14, "2026-08-31")):
        waiting = declare(world, world.reform.x, value, until, state="submitted")
        with django_capture_on_commit_callbacks(execute=True):
            declaration_approve(actor=world.lead, declaration=waiting)
    reason = CorrectionReason.DECLARED
    assert corrections() == [("T-5", "0A", reason, 10, 14), ("T-5", "24", reason, 10, 14)]
    assert FigureCorrection.objects.first().said == "Xã X, số đến 31/08/2026"
    [line] = [one for one in closed_and_now(world.closing, world.reform.x) if one.indicator == world.number]
    assert (line.explained, line.unexplained) == ([(reason.label, Decimal(4))], 0)
    assert closings_correct() == 0


def test_a_team_whose_list_is_mended_for_a_closed_day(world):
    MembershipFactory(unit=world.teams[0], audience=world.reform.member, valid_from=date(2026, 9, 1))
    assert tasks.correct_figures() == 3
    assert {row[1:] for row in corrections()} == {
        (code, CorrectionReason.TEAM, 1, 0) for code in (world.teams[0].code, "0A", "24")
    }
    assert unexplained(world) == {}


def test_corrections_of_people_say_nothing_of_teams(world, django_capture_on_commit_callbacks):
    """Two members in two teams were late: the teams count, and not each person once more."""
    with django_capture_on_commit_callbacks(execute=True):
        for member in world.members[1:]:
            complete(member.user, world.course, at("2026-05-05"))
    closings_correct()
    [line] = [one for one in closed_and_now(world.closing, world.reform.new) if one.indicator == world.team]
    assert (line.before.count, line.after.count, line.why) == (1, 3, {CorrectionReason.TEAM: 2})


def test_two_causes_between_two_nights_are_both_told(world, django_capture_on_commit_callbacks):
    """A value of the divided S was approved late, and S was given its successor: both moved the figure of Y."""
    waiting = declare(world, world.reform.s, 5, "2026-06-15", state="submitted")
    declaration_approve(actor=world.lead, declaration=waiting)
    changes.succession_set(actor=None, unit=world.reform.s, successor=world.reform.y)
    closings_correct()
    row = FigureCorrection.objects.filter(indicator=world.number, unit=world.reform.y).get()
    assert (row.reason, row.step) == (CorrectionReason.DECLARED, 5)
    assert row.said == (
        "Số đơn vị báo được duyệt sau khi chốt: Xã S, số đến 15/06/2026. Đổi cách quy đổi đơn vị: Xã S. "
        "Chưa tách được phần của từng nguyên nhân"
    )
    other = FigureCorrection.objects.filter(indicator=world.ever, unit=world.reform.y).get()
    assert (other.reason, other.said) == (CorrectionReason.UNITS, "Xã S"), "nothing was declared of people"


def test_a_cause_that_was_told_is_not_told_again(world):
    """The approval moved the figure of the first night; the second night has a cause of its own."""
    waiting = declare(world, world.reform.x, 14, "2026-08-31", state="submitted")
    declaration_approve(actor=world.lead, declaration=waiting)
    closings_correct()
    later = declare(world, world.reform.x, 20, "2026-09-15", state="submitted")
    declaration_approve(actor=world.lead, declaration=later)
    closings_correct()
    rows = FigureCorrection.objects.filter(indicator=world.number, unit=world.reform.x).order_by("pk")
    assert [(row.step, row.said) for row in rows] == [
        (4, "Xã X, số đến 31/08/2026"), (6, "Xã X, số đến 15/09/2026"),
    ]  # fmt: skip
    declare(world, world.reform.x, 77, "2026-09-20")  # somebody went into the database
    assert closings_correct() == 0, "what explained an earlier change explains no later one"


def test_an_approval_elsewhere_is_no_cause_here(world):
    waiting = declare(world, world.reform.x, 14, "2026-08-31", state="submitted")
    declaration_approve(actor=world.lead, declaration=waiting)
    declare(world, world.reform.y, 77, "2026-08-31")  # somebody went into the database
    closings_correct()
    assert unexplained(world) == {("Xã Y", "T-5"): 77}


def test_of_teams_every_cause_of_the_members_is_told(world, django_capture_on_commit_callbacks):
    """One member was late and the paper of another is gone on the same day: each cause stands by itself."""
    with django_capture_on_commit_callbacks(execute=True):
        complete(world.members[1].user, world.course, at("2026-05-05"))
    gone = Counted.objects.get(user=world.members[0].user, indicator=world.team)
    corrections_record(changes=[(gone, None)], closed=closed_load(), reason=CorrectionReason.REVOKED)
    gone.delete()
    MembershipFactory(unit=world.teams[2], audience=world.reform.member, valid_from=REFORM)
    with django_capture_on_commit_callbacks(execute=True):
        complete(world.members[2].user, world.course, at("2026-05-06"))
    closings_correct()
    said = {row.unit: row.said for row in FigureCorrection.objects.filter(indicator=world.team)}
    assert said[world.teams[0]] == "giấy bị thu hồi hoặc huỷ bỏ: 1 người"
    assert said[world.teams[1]] == "kết quả gửi muộn: 1 người"
    assert world.reform.x not in said, "one team more and one less: the figure is the same"
    assert unexplained(world) == {}


def test_a_revocation_and_a_merge_of_one_person_on_one_day_stand_in_two_lines(client, world):
    """Corrections of people are written by each act, so no night puts two causes together."""
    row = Counted.objects.filter(indicator=world.people).first()
    for change, reason in (((row, None), CorrectionReason.REVOKED), ((None, row), CorrectionReason.MERGED)):
        corrections_record(changes=[change], closed=closed_load(), reason=reason)
    client.force_login(world.lead)
    query = f"?don-vi={world.reform.x.uuid}"
    page = client.get(reverse("kpi:closing", args=[world.closing.uuid]) + query).content.decode()
    assert "giấy bị thu hồi hoặc huỷ bỏ: −1" in page
    assert "gộp hai hồ sơ của một người: +1" in page
    people = client.get(reverse("kpi:closing_corrections", args=[world.closing.uuid, "T-1"]) + query).content.decode()
    assert people.count(row.user.full_name) == 2


def test_a_successor_named_after_the_closing(world):
    """Who learnt in the divided S belonged to the province alone; now to Y as well."""
    changes.succession_set(actor=None, unit=world.reform.s, successor=world.reform.y)
    figures_correct(closing=world.closing)
    assert corrections() == [("T-2", "0C", CorrectionReason.UNITS, 0, 1)]
    assert FigureCorrection.objects.get().said == "Xã S"


def test_a_difference_without_a_reason_stays_one(world):
    """Somebody went into the database: no reason is made up for it."""
    declare(world, world.reform.x, 77, "2026-08-31")  # decided before the closing, as the row says
    assert closings_correct() == 0
    assert unexplained(world) == {("Xã X", "T-5"): 67, ("Tỉnh Bắc Ninh", "T-5"): 67}


ACTS = {
    "declare": lambda w, r: declaration_approve(
        actor=w.lead,
        declaration=declare(
            w, r.choice([w.reform.new, w.reform.x, w.reform.y]), r.randint(0, 50), f"2026-{r.randint(1, 11):02d}-15",
            state="submitted",
        ),
    ),
    "activity": lambda w, r: declaration_approve(
        actor=w.lead,
        declaration=declare(
            w, w.school, 1, f"2026-{r.randint(1, 11):02d}-15", indicator=w.activity, state="submitted"
        ),
    ),
    "join": lambda w, r: w.members.append(
        MembershipFactory(
            unit=r.choice(w.teams), audience=w.reform.member, valid_from=date(2026, r.randint(1, 11), 1)
        )
    ),
    "leave": lambda w, r: type(w.members[0]).objects.filter(pk=r.choice(w.members).pk).update(
        valid_to=date(2026, r.randint(1, 11), 28)
    ),
    "member learns": lambda w, r: complete(r.choice(w.members).user, course_with_steps(1), late(r)),
    "citizen learns": lambda w, r: complete(
        MembershipFactory(unit=r.choice([w.reform.x, w.reform.y]), audience=w.reform.citizen).user, w.course, late(r)
    ),
    "nobody knows where": lambda w, r: complete(UserFactory(), w.course, late(r)),
    "correct": lambda w, r: closings_correct(),
}  # fmt: skip


def late(r):
    return at(f"2026-{r.randint(1, 11):02d}-{r.randint(1, 28):02d}")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_closed_figures_and_corrections_add_up_after_any_history(world, seed, django_capture_on_commit_callbacks):
    r = random.Random(seed)
    for step in range(14):
        with django_capture_on_commit_callbacks(execute=True):
            ACTS[r.choice(list(ACTS))](world, r)
        if step == 6 and seed % 2:
            changes.succession_set(
                actor=None, unit=world.reform.s, successor=r.choice([world.reform.x, world.reform.y])
            )
    closings_correct()
    assert unexplained(world) == {}
    assert closings_correct() == 0, "a repeat writes nothing"


def test_the_pages_say_why(client, world, django_capture_on_commit_callbacks):
    declare(world, world.reform.y, 3, "2026-08-31")
    client.force_login(world.lead)
    address = reverse("kpi:closing", args=[world.closing.uuid]) + f"?don-vi={world.reform.x.uuid}"
    people = reverse("kpi:closing_corrections", args=[world.closing.uuid, "T-5"]) + f"?don-vi={world.reform.x.uuid}"
    assert "chưa ghi lý do" not in client.get(address).content.decode()
    waiting = declare(world, world.reform.x, 14, "2026-08-31", state="submitted")
    declaration_approve(actor=world.lead, declaration=waiting)
    assert "chưa ghi lý do: +4" in client.get(address).content.decode(), "until the night"
    closings_correct()
    page = client.get(address).content.decode()
    assert "số đơn vị báo được duyệt sau khi chốt: +4" in page
    assert "chưa ghi lý do" not in page
    assert "Xã X, số đến 31/08/2026" in client.get(people).content.decode()
