"""The tree under structures: by example, and by property on random histories of reforms."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from people.tree import Link, Node, closure

OLD, NEW = date(2022, 1, 1), date(2025, 7, 1)


def ancestors(nodes, links, day, unit):
    return [a for a, d, _ in sorted(closure(nodes, links, day), key=lambda r: r[2]) if d == unit]


#   before: province 1 > district 2 > communes 3, 4; district 5 > commune 6 (merges across districts), 7 (no successor)
#   after:  province 10 > communes 11 (of 3 and 4), 12 (of 6 and 4's neighbour 3?), 13 brand new school under 11
NODES = [
    Node(1, None, OLD, NEW),
    Node(2, 1, OLD, NEW),
    Node(3, 2, OLD, NEW),
    Node(4, 2, OLD, NEW),
    Node(5, 1, OLD, NEW),
    Node(6, 5, OLD, NEW),
    Node(7, 5, OLD, NEW),
    Node(8, 2, OLD, NEW),
    Node(10, None, NEW, None),
    Node(11, 10, NEW, None),
    Node(12, 10, NEW, None),
    Node(13, 11, NEW, None),
    Node(14, 3, OLD, None),  # a team that goes on standing, registered under a commune that ended
]
LINKS = [Link(1, 10), Link(3, 11), Link(4, 11), Link(6, 12), Link(8, 12)]


def test_old_commune_stands_under_its_successor():
    assert ancestors(NODES, LINKS, NEW, 3) == [3, 11, 10]


def test_district_without_successor_counts_for_the_province():
    assert ancestors(NODES, LINKS, NEW, 2) == [2, 10]


def test_commune_without_successor_is_never_dropped():
    assert ancestors(NODES, LINKS, NEW, 7) == [7, 10]


def test_new_commune_stands_under_what_its_parts_have_in_common():
    assert ancestors(NODES, LINKS, OLD, 11) == [11, 2, 1]
    assert ancestors(NODES, LINKS, OLD, 12) == [12, 1], "parts from two districts: known only for the province"


def test_new_unit_without_past_stands_under_its_parent():
    assert ancestors(NODES, LINKS, OLD, 13) == [13, 2, 1]


def test_standing_team_moves_with_its_commune():
    assert ancestors(NODES, LINKS, OLD, 14) == [14, 3, 2, 1]
    assert ancestors(NODES, LINKS, NEW, 14) == [14, 11, 10]


@st.composite
def histories(draw):
    """Three generations of units with random parents and principal successions between neighbours."""
    days = [date(2022, 1, 1), date(2025, 1, 1), date(2025, 7, 1)]
    nodes, links, generations = [], [], []
    number = 0
    for index, start in enumerate(days):
        end = days[index + 1] if index + 1 < len(days) else None
        here = []
        for _ in range(draw(st.integers(1, 6))):
            number += 1
            parent = draw(st.sampled_from([None, *here])) if here else None
            nodes.append(Node(number, parent, start, end))
            here.append(number)
        for old in generations[-1] if generations else []:
            if draw(st.booleans()):
                links.append(Link(old, draw(st.sampled_from(here))))
        generations.append(here)
    return nodes, links, days


@given(histories(), st.integers(0, 2))
def test_every_unit_counts_once_below_every_ancestor(history, which):
    nodes, links, days = history
    rows = closure(nodes, links, days[which])
    pairs = [(a, d) for a, d, _ in rows]
    assert len(pairs) == len(set(pairs))
    assert {(n.id, n.id) for n in nodes} <= set(pairs)
    above = defaultdict(list)
    for ancestor, descendant, _ in sorted(rows, key=lambda r: r[2]):
        above[descendant].append(ancestor)
    standing = {n.id for n in nodes if n.stands_on(days[which])}
    for node in nodes:
        chain = above[node.id]
        assert chain[0] == node.id
        assert set(chain[1:]) <= standing, "only units that stand are ancestors of others"
        if len(chain) > 1:
            assert chain[1:] == above[chain[1]], "one path upwards: sums up the tree are plain additions"


@given(histories())
def test_the_order_of_rows_does_not_matter(history):
    nodes, links, days = history
    day = days[1] + timedelta(days=3)
    assert sorted(closure(nodes, links, day)) == sorted(closure(nodes[::-1], links[::-1], day))
