from hypothesis import given
from hypothesis import strategies as st

from courses.teaching_rules import EDGES, FEWEST_PEOPLE, GRAIN_SECONDS, distribution, spoken, spread

times = st.dictionaries(st.integers(0, 240), st.integers(0, 50), max_size=30)


@given(times)
def test_quartiles_lie_in_order_within_what_was_measured(found):
    people = sum(found.values())
    result = spread(found)
    assert (result is None) == (people < FEWEST_PEOPLE)
    if result:
        longest = max((grain + 1) * GRAIN_SECONDS for grain, number in found.items() if number)
        assert 0 < result.lower <= result.median <= result.upper <= longest
        assert result.people == people


@given(times)
def test_every_person_stands_in_one_bar(found):
    bars = distribution(found)
    people = sum(found.values())
    assert sum(bar.people for bar in bars) == (people if people >= FEWEST_PEOPLE else 0)
    assert all(0 <= bar.length <= 100 for bar in bars)
    assert len(bars) in (0, len(EDGES) + 1)


def test_the_median_of_many_is_in_the_middle():
    result = spread({3: 4, 7: 1, 11: 4})  # a minute, two minutes, three minutes
    assert (result.lower, result.median, result.upper) == (60, 120, 180)
    assert (result.middle, result.half) == ("2 phút", "1–3 phút")


def test_times_are_spoken():
    said = ["0 giây", "45 giây", "1 phút", "1 phút 30 giây", "2 phút", "3 phút", "60 phút"]
    assert [spoken(s) for s in (0, 45, 60, 90, 120, 165, 3600)] == said
    assert spread({1: 2, 5: 1, 9: 2}).half == "30 giây – 3 phút"
    assert spread({7: 5}).half == "2 phút"


def test_bars_are_named():
    assert [bar.name for bar in distribution({0: 5})][::8] == ["dưới 1 phút", "từ 30 phút"]
