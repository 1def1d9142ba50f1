"""Who is being trained: by age and gender, as counts and as shares of those who ought to be. Small numbers stay hidden.

Ethnicity and the device somebody learns with are not kept on this platform, with or without consent: nothing is shown
about them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from common.wording import percent
from kpi import charts
from kpi.denominators import by_list, list_day
from kpi.missing import listed_memberships
from kpi.models import Counted, Indicator
from kpi.places import Place
from people.models import Gender, User

#: Fewer people than this in a group are not told apart from others.
FEWEST = 5
BANDS = ((0, 17, _("Dưới 18")), (18, 29, "18–29"), (30, 44, "30–44"), (45, 59, "45–59"), (60, 200, _("Từ 60")))
AGES = tuple(name for *_, name in BANDS)
GENDERS = tuple(Gender.labels)
UNKNOWN = _("Không rõ")
#: Gender and age in the year, as the database groups them → people.
Cells = Mapping[tuple[str, int | None], int]


@dataclass(frozen=True)
class Row:
    """A group; pages translate its name. ``counted`` None: hidden, too few. ``listed``: those of the list; None hidden
    or no list."""

    name: str
    counted: int | None
    listed: int | None
    is_hidden: bool
    bar: str
    bar_text: str = ""


@dataclass(frozen=True)
class Breakdown:
    """One way to divide the people of a figure. ``is_rate``: bars are shares of those on the list of each group, and
    ``counted`` are those of the list; else bars are shares of all counted."""

    title: str
    key: str
    rows: list[Row]
    is_rate: bool

    @property
    def has_hidden(self) -> bool:
        return any(row.is_hidden for row in self.rows)


def hidden(counts: Sequence[int]) -> set[int]:
    """Which of some counts stay hidden: the small ones, and more until no hidden one follows from the sum. Pure.

    Zero is told: it names nobody. At least two are hidden or none, and together they are not few; else all are.
    """
    found = {index for index, count in enumerate(counts) if 0 < count < FEWEST}
    rest = sorted((count, index) for index, count in enumerate(counts) if count >= FEWEST)
    while found and rest and (len(found) < 2 or sum(counts[index] for index in found) < FEWEST):
        found.add(rest.pop(0)[1])
    if found and (len(found) < 2 or sum(counts[index] for index in found) < FEWEST):
        return set(range(len(counts)))  # the whole is few: whom it falls to is not told, nor to whom it does not
    return found


def band_of(age: int | None) -> str:
    """The name of an age's band."""
    if age is None or age < 0:
        return UNKNOWN
    return next(name for low, high, name in BANDS if low <= min(age, 200) <= high)


def gender_name(code: str) -> str:
    return Gender(code).label if code in set(Gender.values) else UNKNOWN


def breakdown(
    title: str, key: str, names: Sequence[str], counted: Mapping[str, int], listed: Mapping[str, int] | None
) -> Breakdown:
    """The rows of one division. With a list, a group is hidden where its counted, listed or missing are few. Pure."""
    numbers = [counted.get(name, 0) for name in names]
    secret = hidden(numbers)
    totals: list[int | None] = [None] * len(names)
    if listed is not None:
        heads = [listed.get(name, 0) for name in names]
        secret |= hidden(heads) | hidden([head - number for head, number in zip(heads, numbers, strict=True)])
        totals = list(heads)
    everybody = sum(numbers)
    rows = []
    for index, name in enumerate(names):
        if index in secret:
            rows.append(Row(name, None, None, True, "0%"))
        elif numbers[index] or totals[index]:
            whole = totals[index] if listed is not None else everybody
            number = numbers[index]
            rows.append(
                Row(name, number, totals[index], False, charts.share(number, whole or 0), percent(number, whole))
            )
    return Breakdown(title, key, rows, listed is not None)


def breakdowns_of(indicator: Indicator, place: Place, year: int) -> list[Breakdown]:
    """Age and gender of a figure: one query, or two where a list says who ought to be trained."""
    if by_list(indicator):
        cells, heads = _cells_of_list(indicator, place, year)
    else:
        cells, heads = _cells_of_counted(indicator, place, year), None
    return [
        _divided(gettext("Theo tuổi"), "tuoi", [*AGES, UNKNOWN], lambda _code, age: band_of(age), cells, heads),
        _divided(
            gettext("Theo giới tính"),
            "gioi-tinh",
            [*GENDERS, UNKNOWN],
            lambda code, _age: gender_name(code),
            cells,
            heads,
        ),
    ]


def _divided(
    title: str,
    key: str,
    names: Sequence[str],
    name_of: Callable[[str, int | None], str],
    cells: Cells,
    heads: Cells | None,
) -> Breakdown:
    def gathered(some: Cells) -> Counter[str]:
        found: Counter[str] = Counter()
        for (gender, age), people in some.items():
            found[name_of(gender, age)] += people
        return found

    return breakdown(title, key, names, gathered(cells), gathered(heads) if heads is not None else None)


def _cells_of_counted(indicator: Indicator, place: Place, year: int) -> Cells:
    facts = Counted.objects.filter(place.inside(), indicator=indicator).within(year).order_by()
    rows = facts.values_list("user__gender", ExtractYear("user__birth_date")).annotate(people=Count("pk"))
    return _by_age(rows, year)


def _cells_of_list(indicator: Indicator, place: Place, year: int) -> tuple[Cells, Cells]:
    """Those of the list who are counted, and the list."""
    on_list = listed_memberships(indicator, place.units, list_day(year)).filter(user=OuterRef("pk"))
    counted = Counted.objects.filter(indicator=indicator, user=OuterRef("pk")).within(year)
    people = User.objects.filter(Exists(on_list)).annotate(is_counted=Exists(counted)).order_by()
    rows = list(
        people.values_list("gender", ExtractYear("birth_date")).annotate(
            done=Count("pk", filter=Q(is_counted=True)), all=Count("pk")
        )
    )
    done = _by_age(((gender, born, number) for gender, born, number, _all in rows), year)
    return done, _by_age(((gender, born, number) for gender, born, _done, number in rows), year)


def _by_age(rows: Iterable[tuple[str, int | None, int]], year: int) -> Cells:
    found: Counter[tuple[str, int | None]] = Counter()
    for gender, born, people in rows:
        found[gender, None if born is None else year - born] += people
    return found
