"""The whole tree at once says what each unit says by itself, in as many queries at any size."""

from __future__ import annotations

import random
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpi import figures, places
from kpi.models import CountingKind, Indicator, Population, Recurrence
from kpi.part import Part
from kpi.tree_figures import tree_figures
from people.models import UnitKind
from people.services import structures_rebuild
from tests.factories.kpi import DeclarationFactory, IndicatorFactory, TargetFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.kpi.conftest import REFORM
from tests.kpi.test_figures import learn

UNTIL = date(2026, 9, 30)


@pytest.fixture
def indicators(reform, django_capture_on_commit_callbacks):
    """One of each kind, some with official numbers and targets, over a reform that merged and divided."""
    yearly = IndicatorFactory(code="T-1", audiences=[reform.citizen, reform.member])
    listed = IndicatorFactory(code="T-2", audiences=[reform.member])
    ever = IndicatorFactory(code="T-3", audiences=[reform.citizen], recurrence=Recurrence.CUMULATIVE, base_year=2023)
    IndicatorFactory(code="T-4", audiences=[reform.member], counting=CountingKind.TEAM)
    declared = IndicatorFactory(
        code="T-5", counts=False, counting=CountingKind.DECLARED, metric_kind="count", audiences=[reform.citizen]
    )
    for indicator, unit, value in ((yearly, reform.new, 90), (listed, reform.old, 100), (ever, reform.new, 60)):
        TargetFactory(indicator=indicator, unit=unit, value=value)
    Population.objects.create(indicator=yearly, unit=reform.new, year=2026, value=500, source="s", quote="q")
    Population.objects.create(indicator=ever, unit=reform.a, year=2022, value=40, source="s", quote="q")
    DeclarationFactory(indicator=declared, unit=reform.x, value=7)
    DeclarationFactory(indicator=declared, unit=reform.y, value=3)
    team = UnitFactory(code="TO-1", name="Tổ 1", kind=UnitKind.TEAM, parent=reform.x, valid_from=REFORM)
    structures_rebuild()
    chance = random.Random(7)
    old, new = (reform.a, reform.b, reform.c, reform.s), (reform.x, reform.y, team, None)
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(24):
            of_old = number % 2
            unit = chance.choice(old if of_old else new)
            day = f"{chance.choice((2023, 2024) if of_old else (2025, 2026))}-{chance.randint(8, 12):02d}-05"
            audience = reform.member if unit == team or number % 3 == 0 else reform.citizen
            learn(unit, audience, day) if of_old else learn(unit, audience, day, valid_from=REFORM)
    return list(Indicator.objects.for_figures())


@pytest.mark.parametrize("which", ["before", "now"])
@pytest.mark.parametrize("year", [2023, 2026])
def test_the_whole_tree_says_what_each_unit_says(reform, indicators, which, year):
    structure, root = (reform.before, reform.old) if which == "before" else (reform.now, reform.new)
    known = places.structures()
    place = places.place_of(root, structure, known)
    until = date(year, 9, 30)
    found = list(tree_figures(indicators, place, known, year, as_of=until))
    whole = {(one.indicator.code, one.unit.pk): one.figure for one in found if one.figure.part == Part.TOTAL}
    units = places.units_within(place, known)
    assert {pk for _, pk in whole} == {unit.pk for unit in units}
    for indicator in indicators:
        for unit in units:
            alone = figures.table(indicator, places.place_of(unit, structure, known), year, as_of=until).total
            assert whole[indicator.code, unit.pk] == alone, f"{indicator.code} {unit}"
        rows = figures.table(indicator, place, year, as_of=until).rows
        special = {row.part: row.count for row in rows if row.unit is None}
        mine = {
            one.figure.part: one.figure.count
            for one in found
            if one.indicator == indicator and one.figure.part != Part.TOTAL
        }
        assert mine == special


def test_as_many_queries_at_any_size(reform, indicators):
    known = places.structures()
    place = places.place_of(reform.new, reform.now, known)

    def queries() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            list(tree_figures(indicators, place, known, 2026, as_of=UNTIL))
        return [query["sql"] for query in asked]

    small = queries()
    for number in range(12):
        unit = UnitFactory(code=f"M{number}", name=f"Xã M{number}", parent=reform.new, valid_from=REFORM)
        MembershipFactory(user=UserFactory(), unit=unit, audience=reform.member, valid_from=REFORM)
    structures_rebuild()
    place = places.place_of(reform.new, reform.now, known)
    assert len(queries()) == len(small) <= 20
