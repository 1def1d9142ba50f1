"""Figures around changes of the tree: what was read stays, what is shown beforehand is what comes, sums are equal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kpi import figures, places
from kpi.forms import ReadingForm, reading_of
from kpi.models import Population, Recurrence
from people.models import Unit
from people.querysets import today
from people.units import changes
from people.units.changes import Naming, Part
from people.units.previews import preview
from tests.factories.kpi import IndicatorFactory, TargetFactory
from tests.factories.people import MembershipFactory, UserFactory
from tests.kpi.conftest import at
from tests.kpi.test_figures import learn, shown

pytestmark = pytest.mark.slow


@pytest.fixture
def taught(reform, django_capture_on_commit_callbacks):
    """This year two people learnt in X and one in Y; before the reform one in A and one in the divided S."""
    indicator = IndicatorFactory(
        code="BG23-T", audiences=[reform.citizen], recurrence=Recurrence.CUMULATIVE, base_year=2023
    )
    this_year = f"{today().year}-01-02"
    with django_capture_on_commit_callbacks(execute=True):
        for unit, day in ((reform.x, this_year), (reform.x, this_year), (reform.y, this_year),
                          (reform.a, "2025-05-05"), (reform.s, "2025-05-05")):  # fmt: skip
            learn(unit, reform.citizen, day)
    return indicator


CHANGES = {
    "rename": lambda r, on: changes.unit_rename(actor=None, unit=r.x, name="Xã Mới", kind="commune", on=on),
    "move": lambda r, on: changes.unit_move(actor=None, unit=r.x, parent=r.y, on=on),
    "merge": lambda r, on: changes.units_merge(
        actor=None, units=[r.x, r.y], naming=Naming("0M", "Xã Chung", "commune"), parent=r.new, on=on
    ),
    "merge into": lambda r, on: changes.units_merge(actor=None, units=[r.x], into=r.y, on=on),
    "split": lambda r, on: changes.unit_split(
        actor=None, unit=r.x, on=on,
        parts=[Part(Naming("1", "Một", "commune")), Part(Naming("2", "Hai", "commune"), True)],
    ),
    "split without principal": lambda r, on: changes.unit_split(
        actor=None, unit=r.x, parts=[Part(Naming("1", "Một", "commune")), Part(Naming("2", "Hai", "commune"))], on=on
    ),
    "close": lambda r, on: changes.unit_close(actor=None, unit=r.x, end_members=True, on=on),
}  # fmt: skip


def everything_read(indicator, structures):
    """Every figure of every unit that stood in one of the structures, row by row, as the pages show them."""
    found = {}
    for structure in structures:
        known = places.structures()
        for unit in Unit.objects.filter(valid_from__lt=today()).order_by("pk"):
            place = places.place_of(unit, structure, known)
            if place.home != structure:
                continue  # a unit of another time, broken down by the units of this one: read as it stands in its own
            table = figures.table(indicator, place, today().year)
            rows = {(row.part, row.unit.pk if row.unit else None): row.count for row in table.rows if row.count}
            found[structure.code, unit.pk] = (table.total.count, rows)
    return found


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_read_before_a_change_reads_the_same_after_it(reform, taught, name):
    before = everything_read(taught, [reform.before, reform.now])
    CHANGES[name](reform, today())
    after = everything_read(taught, [reform.before, reform.now])
    assert after == before


@pytest.mark.parametrize("name", CHANGES)
def test_the_preview_shows_what_comes_and_saves_nothing(reform, taught, name):
    units = Unit.objects.count()
    seen = preview(lambda: CHANGES[name](reform, today()))
    assert Unit.objects.count() == units
    effect = seen.effects[0]
    assert effect.title.startswith("BG23-T")
    whole = effect.lines[-1]
    assert whole.name == "Tỉnh Bắc Ninh"
    assert whole.before == whole.after == 5, "the sum stays"
    CHANGES[name](reform, today())
    known = places.structures()
    now = places.structure_now(known)
    for line in effect.lines:
        unit = Unit.objects.filter(name=line.name.rsplit(" → ", 1)[-1]).order_by("-valid_from").first()
        if line.after is not None and not (name == "close" and unit == reform.x):
            table = figures.table(taught, places.place_of(unit, now, known), today().year)
            assert table.total.count == line.after, line


def test_a_move_is_counted_under_the_new_parent_from_now_on(reform, taught):
    changes.unit_move(actor=None, unit=reform.x, parent=reform.y, on=today())
    known = places.structures()
    table = figures.table(taught, places.place_of(reform.y, places.structure_now(known), known), today().year)
    assert table.total.count == 4
    assert shown(table) == {"Xã X": 3, "Trực tiếp tại đơn vị": 1}


def test_succession_by_hand_shows_what_the_new_unit_gains(reform, taught):
    seen = preview(lambda: changes.succession_set(actor=None, unit=reform.s, successor=reform.y))
    lines = {line.name: (line.before, line.after) for line in seen.effects[0].lines}
    assert lines == {"Xã Y": (1, 2), "Tỉnh Bắc Ninh": (5, 5)}


def test_a_person_who_was_carried_counts_once(reform, taught, django_capture_on_commit_callbacks):
    from tests.factories.courses import complete, course_with_steps

    person = UserFactory()
    MembershipFactory(user=person, unit=reform.x, audience=reform.citizen)
    with django_capture_on_commit_callbacks(execute=True):
        complete(person, course_with_steps(1), at(f"{today().year}-01-03"))
    changes.units_merge(actor=None, units=[reform.x], into=reform.y, on=today())
    with django_capture_on_commit_callbacks(execute=True):
        complete(person, course_with_steps(1), at(today().isoformat()))
    known = places.structures()
    table = figures.table(taught, places.place_of(reform.new, places.structure_now(known), known), today().year)
    assert table.total.count == 6


def test_the_choice_of_structures_names_reforms_and_todays(reform, taught, rf, lead_of_all):
    for number, name in enumerate(("Xã Một", "Xã Hai")):
        unit = Unit.objects.get(code="0A", valid_to=None)
        on = today().fromordinal(today().toordinal() - 2 + number)
        changes.unit_rename(actor=None, unit=unit, name=name, kind="commune", on=on)
    request = rf.get("/")
    request.user = lead_of_all
    form = ReadingForm(reading_of(request))
    codes = [code for code, _ in form.fields["co_cau"].choices]
    newest = places.structures()[-1].code
    assert codes == ["2022", "2025-07-01", newest]


@pytest.fixture
def lead_of_all(reform):
    return MembershipFactory(unit=reform.new, audience=reform.member, role="provincial_lead").user


def test_a_renamed_unit_keeps_its_head_count_and_its_target(taught, reform):
    Population.objects.create(indicator=taught, unit=reform.x, year=2025, value=40, source="000.txt", quote="40")
    TargetFactory(indicator=taught, unit=reform.x, value=30, measured_in="người")
    renamed = reform.x
    for name, day in (("Xã Mới", today() - timedelta(days=9)), ("Xã Mới Nữa", today())):
        renamed = changes.unit_rename(actor=None, unit=renamed, name=name, kind="commune", on=day).result
    for figure in (shown_of(taught, renamed), row_of(taught, reform.new, renamed)):
        assert (figure.denominator.value, figure.denominator.quote, figure.target.value) == (40, "40", 30)


def test_a_merged_unit_does_not_pass_for_one_of_its_parts(taught, reform):
    Population.objects.create(indicator=taught, unit=reform.x, year=2025, value=40, source="000.txt", quote="40")
    merged = changes.units_merge(
        actor=None,
        units=[reform.x, reform.y],
        naming=Naming("0A", "Xã Chung", "commune"),
        parent=reform.new,
        on=today(),
    ).result
    assert shown_of(taught, merged).denominator.value is None


def shown_of(indicator, unit):
    return figures.table(indicator, place_now(unit), today().year).total


def row_of(indicator, parent, unit):
    rows = figures.table(indicator, place_now(parent), today().year).rows
    return next(row for row in rows if row.unit == unit)


def place_now(unit):
    known = places.structures()
    return places.place_of(unit, places.structure_now(known), known)
