"""What a long list is remembered by: the same answers as sets and dictionaries would give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.phones import PhoneError, parse_phone
from people.rosters.keeping import Ids, Later
from people.rosters.repeats import Repeats
from people.rosters.understanding import Entry
from people.rosters.values import Fault, phone_of


@given(st.sets(st.integers(0, 5000)), st.integers(0, 6000))
def test_ids_hold_what_was_put_in_and_nothing_else(numbers, other):
    kept = Ids(numbers)
    assert all(number in kept for number in numbers)
    assert (other in kept) == (other in numbers)


@given(st.lists(st.tuples(st.integers(), st.dates())), st.integers(1, 5))
def test_what_is_to_be_done_later_comes_in_its_order(things, size):
    later = Later()
    for pk, day in things:
        later.add(pk, {"birth_date": day})
    parts = list(later.parts(size))
    assert [one for part in parts for one in part] == [(pk, {"birth_date": day}) for pk, day in things]
    assert all(len(part) <= size for part in parts)


def _said(repeats, lines, size):
    """What each line is told, the lines coming ``size`` at a time."""
    told = []
    for start in range(0, len(lines), size):
        entries = [
            Entry(number, values=values, unit_id=unit, audience_id=1)
            for number, (values, unit) in enumerate(lines[start : start + size], start=start + 2)
        ]
        repeats.turn_to(entries, ())
        for entry in entries:
            found = repeats.look(entry, None, alone=False)
            fault = found.fault[1].code if found.fault else ""
            told.append((fault, found.same_as, found.doubt and found.doubt[1].code, found.twin, sorted(found.shared)))
            if not fault:
                repeats.remember(entry, None, found)
    return told


_values = st.fixed_dictionaries(
    {"name": st.sampled_from(["Vũ Lan", "Vũ Lân", "VŨ LAN", "Đỗ Hoà", "Đỗ Hòa"])},
    optional={
        "birth_date": st.sampled_from(["1980-01-01", "1990-02-02"]),
        "phone": st.sampled_from(["+84912000001", "+84912000002"]),
        "email": st.just("a@x.vn"),
        "staff_code": st.sampled_from(["C1", "C2"]),
    },
)


@given(st.lists(st.tuples(_values, st.integers(1, 2)), max_size=12))
def test_lines_are_compared_alike_however_many_come_at_a_time(lines):
    assert _said(Repeats(), lines, 1) == _said(Repeats(), lines, 3) == _said(Repeats(), lines, 100)


@pytest.mark.parametrize("rest", ["0000000", "1234567", "9999999"])
def test_a_mobile_number_means_what_the_library_says(rest):
    for prefix in range(100):
        number = f"0{prefix:02d}{rest}"
        try:
            expected = parse_phone(number)
        except PhoneError:
            with pytest.raises(Fault):
                phone_of(number)
        else:
            assert phone_of(number) == expected
