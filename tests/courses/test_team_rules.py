"""What a team lacks: a pure rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.team_rules import FEWEST, MOST, Seat, team_gaps

LEADER, MEMBER = Seat(leads=True, reachable=True), Seat(leads=False, reachable=True)
SILENT, SILENT_LEADER = Seat(leads=False, reachable=False), Seat(leads=True, reachable=False)


@pytest.mark.parametrize(
    ("seats", "codes"),
    [
        ([], ["empty"]),
        ([LEADER], ["too_few"]),
        ([LEADER] + 2 * [MEMBER], ["too_few"]),
        ([LEADER] + 3 * [MEMBER], []),
        ([LEADER] + 8 * [MEMBER], []),
        ([LEADER] + 9 * [MEMBER], ["too_many"]),
        (4 * [MEMBER], ["no_leader"]),
        (2 * [MEMBER], ["no_leader", "too_few"]),
        (2 * [LEADER] + 2 * [MEMBER], ["many_leaders"]),
        ([SILENT_LEADER] + 3 * [MEMBER], ["leader_unreachable"]),
        ([SILENT_LEADER, LEADER] + 3 * [MEMBER], ["many_leaders"]),
        ([LEADER, SILENT] + 2 * [MEMBER], ["unreachable"]),
        ([SILENT_LEADER, SILENT], ["leader_unreachable", "too_few", "unreachable"]),
    ],
)
def test_what_a_team_lacks(seats, codes):
    assert [gap.code for gap in team_gaps(seats)] == codes


def test_a_gap_says_how_many_and_how_to_mend_it():
    [gap] = team_gaps([LEADER, MEMBER])
    assert gap.text == "Tổ mới có 2 người, cần 4–9 người."
    assert gap.fix == "Kiện toàn tổ để thêm ít nhất 2 người."
    [gap] = team_gaps([LEADER] + 3 * [MEMBER] + 2 * [SILENT])
    assert gap.text == "2 thành viên chưa có số điện thoại."


@given(st.lists(st.builds(Seat, leads=st.booleans(), reachable=st.booleans()), max_size=14))
def test_a_team_is_complete_exactly_when_nothing_is_wrong(seats):
    gaps = team_gaps(seats)
    right = FEWEST <= len(seats) <= MOST and sum(s.leads for s in seats) == 1 and all(s.reachable for s in seats)
    # Of several leaders one who can be called is enough to call; that there are several is already a gap.
    assert (not gaps) == right
    assert len({gap.code for gap in gaps}) == len(gaps)
    assert all(gap.text and gap.fix for gap in gaps)
