"""Random histories: a whole tree read at once says what each unit says, also after a merger, a split or a new name."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from kpi import figures, places
from kpi.models import Counted, CountingKind, Indicator, Population, Recurrence
from kpi.part import Part
from kpi.tree_figures import tree_figures
from people.models import UnitKind
from people.querysets import today
from people.services import structures_rebuild
from people.units import changes
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import DeclarationFactory, IndicatorFactory, TargetFactory
from tests.factories.people import AudienceFactory, MembershipFactory, UnitFactory, UserFactory
from tests.kpi.conftest import REFORM

#: A change of units may not lie far back, so all days of this year hang on today.
CHANGED_ON = today() - timedelta(days=10)
BEFORE, AFTER = CHANGED_ON - timedelta(days=1), CHANGED_ON + timedelta(days=5)
DAYS = [date(2025, 2, 3), date(2025, 9, 30), date(2025, 12, 31), BEFORE, AFTER]


def said(figure):
    """Everything that a figure says, but for the row it stands in."""
    return (
        figure.count,
        figure.denominator.value,
        figure.denominator.source,
        figure.denominator.why,
        figure.goal,
        figure.target,
        figure.words,
        figure.is_known,
        figure.says_something,
    )


def unit_by_unit(indicators, place, known, year, as_of):
    """The same as ``tree_figures``, read by the pages' own way: unit after unit, indicator after indicator."""
    found = {}
    for unit in places.units_within(place, known):
        own = places.place_of(unit, place.structure, known)
        for indicator in indicators:
            table = figures.table(indicator, own, year, as_of=as_of, exact=True)
            found[indicator.code, unit.pk, Part.TOTAL] = said(table.total)
            if unit == place.unit:
                rest = [row for row in table.rows if row.unit is None]
                found |= {(indicator.code, unit.pk, row.part): said(row) for row in rest}
    return found


def at_once(indicators, place, known, year, as_of):
    rows = list(tree_figures(indicators, place, known, year, as_of=as_of))
    found = {(one.indicator.code, one.unit.pk, one.figure.part): said(one.figure) for one in rows}
    assert len(found) == len(rows), "no figure comes twice"
    return found


@pytest.fixture
def indicators(reform):
    """One of each way to count, with targets of the old province, of a ward and of none."""
    school = AudienceFactory(code="truong_hoc")
    many = {
        "people": {"audiences": [reform.citizen], "recurrence": Recurrence.CUMULATIVE},
        "members": {"audiences": [reform.member]},
        "everybody": {"audiences": [reform.citizen, reform.member]},
        "teams": {"audiences": [reform.member], "counting": CountingKind.TEAM},
        "schools": {"audiences": [school], "counting": CountingKind.ACTIVITY, "counts": False},
        "declared": {"counting": CountingKind.DECLARED, "counts": False, "metric_kind": "count"},
        "rate": {"counting": CountingKind.DECLARED, "counts": False, "recurrence": Recurrence.SNAPSHOT},
    }
    made = {name: IndicatorFactory(code=name, base_year=2023, **some) for name, some in many.items()}
    TargetFactory(indicator=made["people"], unit=reform.old, value=70, comparator=">=")
    TargetFactory(indicator=made["members"], unit=reform.x, value=90, comparator=">")
    TargetFactory(indicator=made["teams"], unit=reform.c, value=50)
    TargetFactory(indicator=made["everybody"], unit=reform.old, value=500, measured_in="người", comparator=">=")
    TargetFactory(indicator=made["declared"], unit=reform.old, value=30, measured_in="sự kiện", comparator=">=")
    Population.objects.create(indicator=made["people"], unit=reform.old, year=2024, value=900, source="000.txt")
    Population.objects.create(indicator=made["everybody"], unit=reform.a, year=2025, value=40, source="000.txt")
    Population.objects.create(indicator=made["members"], unit=reform.y, year=2026, value=7, source="000.txt")
    return made


def grow(reform, draw):
    """Offices, schools and teams below the wards of today."""
    below = []
    for ward in (reform.x, reform.y):
        for kind in (UnitKind.SCHOOL, UnitKind.TEAM, UnitKind.TEAM, UnitKind.AGENCY):
            below.append(UnitFactory(parent=ward, kind=kind, valid_from=REFORM))
    below += [UnitFactory(parent=draw.choice(below), kind=UnitKind.TEAM, valid_from=REFORM) for _ in range(3)]
    structures_rebuild()
    return below


#: What may happen to the wards between two reforms.
CHANGES = [
    lambda r: changes.unit_rename(actor=None, unit=r.x, name="Xã Mới", kind="commune", on=CHANGED_ON),
    lambda r: changes.units_merge(actor=None, units=[r.x], into=r.y, on=CHANGED_ON),
    lambda r: changes.unit_split(
        actor=None,
        unit=r.x,
        parts=[changes.Part(changes.Naming(str(n), f"Xã {n}", "commune"), n == 1) for n in (1, 2)],
        on=CHANGED_ON,
    ),
    lambda r: changes.unit_move(actor=None, unit=r.y, parent=r.x, on=CHANGED_ON),
]


def populate(reform, indicators, below, draw):
    """Members on lists, in one unit or two; people counted anywhere, at any time; declarations."""
    units = [reform.old, reform.a, reform.b, reform.c, reform.s, reform.x, reform.y, reform.new, *below]
    course = course_with_steps(1)
    fed = [indicators[name] for name in ("people", "members", "everybody", "teams")]
    for _ in range(8):
        person, audience = UserFactory(), draw.choice([reform.citizen, reform.member])
        for n, unit in enumerate(draw.sample(units, draw.choice([1, 1, 2]))):
            begins = draw.choice([unit.valid_from, max(unit.valid_from, date(2026, 1, 1))])
            if unit.valid_to is None or begins < unit.valid_to:
                MembershipFactory(user=person, unit=unit, audience=audience, valid_from=begins, is_main=n == 0)
        proof = complete(person, course)
        for indicator in draw.sample(fed, draw.randint(0, len(fed))):
            day = draw.choice(DAYS)
            year = day.year if indicator.recurrence == Recurrence.YEARLY else indicator.base_year
            unit = draw.choice([None, *units])
            Counted.objects.update_or_create(
                indicator=indicator, user=person, year=year,
                defaults={"unit": unit, "audience": audience, "completion": proof, "counted_on": day},
            )  # fmt: skip
    for name in ("schools", "declared", "rate"):
        for unit in draw.sample(units, 5):
            day = draw.choice(DAYS)
            value = 1 if name == "schools" else draw.randint(1, 90)
            DeclarationFactory(indicator=indicators[name], unit=unit, year=day.year, until=day, value=value)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_whole_tree_reads_as_its_units_do(reform, indicators, seed):
    draw = random.Random(seed)
    populate(reform, indicators, grow(reform, draw), draw)
    if seed < len(CHANGES):
        CHANGES[seed](reform)
    known = places.structures()
    read = list(Indicator.objects.for_figures())
    year, as_of = draw.choice([(2025, None), (2025, DAYS[1]), (BEFORE.year, BEFORE), (AFTER.year, AFTER)])
    for structure in known:
        for unit in (reform.new, reform.old, reform.x):
            place = places.place_of(unit, structure, known)
            if place.home == structure:
                expected = unit_by_unit(read, place, known, year, as_of)
                assert at_once(read, place, known, year, as_of) == expected, (structure.code, unit.name)
