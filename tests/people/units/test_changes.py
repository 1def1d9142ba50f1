"""Each change by example: what ends, what begins, who goes along, what is refused and how it is explained."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from common.errors import Refusal
from common.models import AuditEntry
from people import access
from people.models import Membership, Role, Structure, Unit, UnitAncestor, UnitKind
from people.querysets import today
from people.services import tree_version
from people.units import changes
from people.units.change import Decision
from people.units.changes import Naming, Part
from people.units.reads import heir_of, lineage_of, unit_named
from tests.factories.people import MembershipFactory, UnitFactory

NEW = Naming("0N", "Xã Mới", UnitKind.COMMUNE)


def above(unit, on=None):
    """Names of what stands above a unit under the newest structure, the nearest first."""
    structure = Structure.objects.order_by("-valid_from").first()
    rows = UnitAncestor.objects.filter(structure=structure, descendant=unit, depth__gt=0).order_by("depth")
    return [row.ancestor.name for row in rows.select_related("ancestor")]


def saved():
    """Everything that a change may write."""
    return (
        list(Unit.objects.order_by("pk").values()),
        list(Membership.objects.order_by("pk").values()),
        list(Structure.objects.order_by("pk").values()),
        UnitAncestor.objects.count(),
        AuditEntry.objects.count(),
    )


def test_a_renaming_begins_a_row_and_carries_everybody(world):
    decision = Decision("412/QĐ-UBND", date(2026, 11, 1), "Theo nghị quyết")
    done = changes.unit_rename(
        actor=world.lead, unit=world.x, name="Xã Xuân Mới", kind="ward", on=world.day, decision=decision
    )
    new = done.result
    world.x.refresh_from_db()
    assert (world.x.name, world.x.valid_to) == ("Xã Xuân Lương", world.day)
    assert (new.code, new.name, new.kind, new.valid_from) == ("0X", "Xã Xuân Mới", "ward", world.day)
    held = Membership.objects.in_force().filter(unit=new)
    assert set(held.values_list("user", flat=True)) == {*(p.pk for p in world.people[:3]), world.head.pk}
    assert set(held.values_list("title", "role")) == {("Hội viên", "learner"), ("", "coordinator")}
    assert not Membership.objects.in_force().filter(unit=world.x).exists()
    assert above(world.team_a) == ["Xã Xuân Mới", "Tỉnh Mới"], "what is below follows"
    assert above(world.a) == ["Xã Xuân Mới", "Tỉnh Mới"], "and so does what it came from"
    assert lineage_of(new) == [world.x]
    assert done.people.carried == 4
    entry = AuditEntry.objects.get(act="unit_rename")
    assert (entry.before["name"], entry.after["name"]) == ("Xã Xuân Lương", "Xã Xuân Mới")
    assert (entry.detail["decision_number"], entry.detail["effective_on"]) == ("412/QĐ-UBND", world.day.isoformat())
    structure = Structure.objects.get(valid_from=world.day)
    assert (structure.code, structure.is_reform) == (world.day.isoformat(), False)
    assert Structure.objects.get(code="2025-07-01").valid_to == world.day


def test_scope_follows_at_once(world):
    changes.unit_move(actor=world.lead, unit=world.team_c, parent=world.x, on=today())
    moved = Unit.objects.get(code="TO-C", valid_to=None)
    assert access.can_see_unit(world.head, moved)
    assert access.can_see_unit(world.head, world.team_c), "and its past"
    renamed = changes.unit_rename(
        actor=world.lead, unit=world.x, name="Xã Khác", kind="commune", on=today() + timedelta(days=1)
    ).result
    assert access.can_see_unit(world.head, world.x)
    assert Membership.objects.in_force(today() + timedelta(days=1)).filter(user=world.head, unit=renamed).exists()
    assert Membership.objects.in_force().filter(user=world.head, unit=world.x).exists(), "until the day comes"


def test_a_move_reads_the_past_as_it_was(world):
    changes.unit_move(actor=world.lead, unit=world.team_a, parent=world.y, on=world.day)
    moved = Unit.objects.get(code="TO-A", valid_to=None)
    assert above(moved) == above(world.team_a)[1:] == ["Xã Yên Thế", "Tỉnh Mới"]
    before = UnitAncestor.objects.filter(structure=world.now, ancestor=world.x, descendant__in=[world.team_a, moved])
    assert before.count() == 2, "under the structure before both rows stand under Xuân Lương"


@pytest.mark.parametrize("into", [True, False])
def test_a_merger_takes_everybody_once(world, into):
    both = MembershipFactory(user=world.people[3], unit=world.x, audience=world.citizen, is_main=False).user
    where = {"into": world.x} if into else {"naming": Naming("0X", "Xã Chung", "commune"), "parent": world.root}
    done = changes.units_merge(actor=world.lead, units=[world.x, world.y], on=world.day, **where)
    target = done.result
    assert (target == world.x) is into
    now = Membership.objects.in_force()
    assert now.filter(unit=target, role="learner").count() == 5
    kept = now.get(user=both, unit=target)
    assert kept.is_main, "who was mainly in the unit that ended is mainly here now"
    assert not now.filter(unit=world.y).exists()
    assert above(world.team_c) == [target.name, "Tỉnh Mới"]
    assert done.people.joined == 1
    assert heir_of(world.c, today()) == target


def test_a_split_assigns_people_and_teams(world):
    membership = Membership.objects.get(user=world.people[0])
    parts = [Part(Naming("0X", "Xuân", "commune"), principal=True), Part(Naming("0W", "Lương", "commune"))]
    done = changes.unit_split(
        actor=world.lead, unit=world.x, parts=parts, members={membership.pk: 1}, children={world.team_a.pk: 1},
        on=world.day,
    )  # fmt: skip
    main, other = done.after
    now = Membership.objects.in_force()
    assert now.get(user=world.people[0]).unit == other
    assert now.filter(unit=main).count() == 3
    team = Unit.objects.get(code="TO-A", valid_to=None)
    assert team.parent == other
    assert above(world.x) == ["Xuân", "Tỉnh Mới"]
    then = UnitAncestor.objects.filter(structure=world.now, descendant=other, depth=1).get()
    assert then.ancestor == world.x, "a part stands under what it came from"


def test_a_split_without_principal_leaves_people_in_sight(world):
    parts = [Part(Naming("0V", "Xuân", "commune")), Part(Naming("0W", "Lương", "commune"))]
    done = changes.unit_split(actor=world.lead, unit=world.x, parts=parts, on=world.day)
    assert done.people.unplaced == 4
    assert done.people.offices == ["Lê Thị Ánh, Đầu mối đơn vị của Xã Xuân Lương"]
    from people.units.reads import unplaced_in

    assert unplaced_in(world.root, access.current_structure()).count() == 4
    assert above(world.x) == ["Tỉnh Mới"]
    assert above(world.team_a) == ["Tỉnh Mới"]


def test_closing_ends_memberships_and_can_close_what_is_below(world):
    done = changes.unit_close(actor=world.lead, unit=world.y, end_members=True, with_children=True, on=world.day)
    assert {u.code for u in done.before} == {"0Y", "TO-C"}
    assert done.people.stopped == 3
    assert not Membership.objects.in_force().filter(user__in=world.people[3:5]).exists()
    assert Structure.objects.count() == 2, "nothing moved: no new version of the tree"


def test_a_receiver_takes_people_and_teams(world):
    changes.unit_close(actor=world.lead, unit=world.y, receiver=world.z, on=world.day)
    assert Membership.objects.in_force().filter(unit=world.z).count() == 3
    assert above(world.team_c) == ["Xã Đồng Kỳ", "Tỉnh Mới"]


def test_who_is_to_come_later_comes_to_the_new_unit(world):
    later = MembershipFactory(unit=world.x, audience=world.citizen, valid_from=today() + timedelta(days=40))
    new = changes.unit_rename(actor=world.lead, unit=world.x, name="Xã Khác", kind="commune", on=world.day).result
    later.refresh_from_db()
    assert (later.unit, later.valid_to) == (new, None)


def test_a_unit_below_a_young_unit_is_in_its_scope(world):
    school = changes.unit_add(actor=world.lead, parent=world.z, naming=Naming("TH", "Trường", "school"), on=world.day)
    MembershipFactory(user=world.head, unit=school.result, role=Role.COORDINATOR, audience=world.staff, is_main=False)
    club = changes.unit_add(
        actor=world.lead, parent=school.result, naming=Naming("CLB", "Tổ trường", "team"), on=world.day
    ).result
    assert access.can_see_unit(world.head, club)
    assert above(club) == ["Trường", "Xã Đồng Kỳ", "Tỉnh Mới"]


def test_succession_by_hand(world):
    lost = UnitFactory(
        code="0L", name="Xã Lạc", parent=world.d2, valid_from=date(2022, 1, 1), valid_to=date(2025, 7, 1)
    )
    changes.succession_set(actor=world.lead, unit=lost, successor=world.z)
    assert above(lost) == ["Xã Đồng Kỳ", "Tỉnh Mới"]
    link = lost.successions.get()
    assert (link.principal, link.effective_on) == (True, date(2025, 7, 1))
    with pytest.raises(Refusal) as refused:
        changes.succession_set(actor=world.lead, unit=lost, successor=world.y)
    assert refused.value.code == "has_principal"
    assert "«Xã Đồng Kỳ» (0Z)" in refused.value.text


def _rename(w, **more):
    return changes.unit_rename(actor=w.lead, unit=w.x, name="Xã Khác", kind="commune", **more)


def _merged(w):
    changes.units_merge(actor=w.lead, units=[w.z], into=w.y, on=w.day - timedelta(days=1))
    return w.z


WRONG = {
    "before the structure": (lambda w: _rename(w, on=date(2025, 6, 30)), "before_structure", "01/07/2025"),
    "too far back": (lambda w: _rename(w, on=today() - timedelta(days=31)), "too_far_back", "30 ngày"),
    "begun that day": (
        lambda w: changes.unit_move(
            actor=w.lead, unit=UnitFactory(parent=w.x, valid_from=w.day), parent=w.y, on=w.day
        ),
        "before_unit", "mới bắt đầu",
    ),
    "same name": (
        lambda w: changes.unit_rename(actor=w.lead, unit=w.x, name=w.x.name, kind=w.x.kind, on=w.day),
        "nothing_changes",
        "Tên mới".lower(),
    ),
    "same parent": (
        lambda w: changes.unit_move(actor=w.lead, unit=w.x, parent=w.root, on=w.day), "nothing_changes", "Tỉnh Mới",
    ),
    "under itself": (
        lambda w: changes.unit_move(actor=w.lead, unit=w.x, parent=w.team_a, on=w.day), "under_itself", "Xã Xuân Lương",
    ),
    "ended target": (
        lambda w: changes.unit_move(actor=w.lead, unit=w.team_a, parent=_merged(w), on=w.day),
        "unit_has_ended", "«Xã Yên Thế» (0Y)",
    ),
    "ended unit": (
        lambda w: changes.unit_move(actor=w.lead, unit=_merged(w), parent=w.x, on=w.day),
        "unit_has_ended", "«Xã Yên Thế» (0Y)",
    ),
    "close with people": (
        lambda w: changes.unit_close(actor=w.lead, unit=w.z, on=w.day), "unit_has_members", "còn 1 người",
    ),
    "close with teams": (
        lambda w: changes.unit_close(actor=w.lead, unit=w.y, end_members=True, on=w.day),
        "unit_has_children", "1 đơn vị",
    ),
    "one alone": (
        lambda w: changes.units_merge(actor=w.lead, units=[w.x], into=w.x, on=w.day), "too_few_units", "hai đơn vị",
    ),
    "into what is below": (
        lambda w: changes.units_merge(actor=w.lead, units=[w.x], into=w.team_a, on=w.day), "under_itself", "Tổ A",
    ),
    "code of another": (
        lambda w: changes.unit_add(actor=w.lead, parent=w.root, naming=Naming("0Z", "Xã", "commune"), on=w.day),
        "code_taken", "Xã Đồng Kỳ",
    ),
    "two principals": (
        lambda w: changes.unit_split(
            actor=w.lead, unit=w.x, parts=[Part(Naming("1", "A", "commune"), True), Part(NEW, True)], on=w.day
        ),
        "two_principals", "phần chính",
    ),
    "one code for two parts": (
        lambda w: changes.unit_split(actor=w.lead, unit=w.x, parts=[Part(NEW, True), Part(NEW)], on=w.day),
        "code_taken", "0N",
    ),
    "stale": (lambda w: _rename(w, on=w.day, expected="another"), "stale_tree", "thay đổi khác"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_explained_and_nothing_is_half_saved(world, name):
    work, code, said = WRONG[name]
    before = saved()
    with pytest.raises(Refusal) as refused:
        work(world)
    assert refused.value.code == code
    assert said in f"{refused.value.text} {refused.value.fix}"
    assert refused.value.fix
    if not name.startswith(("ended", "begun")):  # those make something first
        assert saved() == before


def test_the_version_changes_with_every_change(world):
    seen = {tree_version()}
    for work in (
        lambda: _rename(world, on=world.day),
        lambda: changes.unit_close(actor=world.lead, unit=world.z, end_members=True, on=world.day),
        lambda: changes.unit_add(actor=world.lead, parent=world.root, naming=NEW, on=world.day),
    ):
        work()
        seen.add(tree_version())
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("text", "found"),
    [("0X", "x"), ("xa xuan luong", "x"), ("Xã Xuân Lương", "x"), ("Xã Xuân Lương (0X)", "x"), (" to a ", "team_a")],
)
def test_a_unit_is_named_by_code_or_name(world, text, found):
    assert unit_named(text, on=today()) == getattr(world, found)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("Xã C", "unit_has_ended", "«Xã Yên Thế» (0Y)"),
        ("Xã Nào", "unknown_unit", "Xã Nào"),
        ("tổ d", "several_units", "TO-D"),
    ],
)
def test_a_name_that_does_not_do_is_explained(world, text, code, said):
    for number in (1, 2):
        UnitFactory(code=f"TO-D{number}", name="Tổ D", parent=world.x)
    with pytest.raises(Refusal) as refused:
        unit_named(text, on=today())
    assert refused.value.code == code
    assert said in f"{refused.value.text} {refused.value.fix}"
