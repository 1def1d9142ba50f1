"""Which tests the PostgreSQL lane takes: between them they send every statement, twice where two tests do."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.models import User
from tests.statements import Recorder, Sent, chosen

SENT = st.builds(Sent, st.floats(min_value=0, max_value=30), st.frozensets(st.sampled_from("abcdefghij"), max_size=6))


def senders(tests: dict[str, Sent]) -> Counter[str]:
    return Counter(statement for sent in tests.values() for statement in sent.statements)


@given(st.dictionaries(st.text("xyz", min_size=1, max_size=4), SENT, max_size=25), st.integers(1, 3))
def test_every_statement_is_sent_as_often_as_asked_for_or_as_there_is(tests, times):
    taken = senders({name: tests[name] for name in chosen(tests, times=times)})
    assert taken.keys() == senders(tests).keys()
    assert all(taken[statement] >= min(times, count) for statement, count in senders(tests).items())


@given(st.dictionaries(st.text("xyz", min_size=1, max_size=4), SENT, max_size=25))
def test_the_choice_does_not_depend_on_the_order_of_the_record(tests):
    assert chosen(tests) == chosen(dict(reversed(tests.items())))


@pytest.mark.parametrize(
    ("tests", "taken"),
    [
        ({}, set()),
        ({"idle": Sent(1.0, frozenset())}, set()),
        ({"quick": Sent(0.1, frozenset("ab")), "slow": Sent(9.0, frozenset("ab"))}, {"quick"}),
        ({"slow": Sent(9.0, frozenset("abc")), "quick": Sent(0.1, frozenset("ab"))}, {"quick", "slow"}),
        # A busy machine took a little longer: the same choice.
        ({"a": Sent(1.1, frozenset("x")), "b": Sent(1.0, frozenset("x"))}, {"a"}),
    ],
)
def test_the_quickest_are_taken(tests, taken):
    assert chosen(tests, times=1) == taken


@pytest.fixture
def recorder(tmp_path, db):
    from django.db import connection

    recorder = Recorder(tmp_path)
    with connection.execute_wrapper(recorder._listen):
        yield recorder


def sent_by(recorder: Recorder, act) -> set[str]:
    recorder._sent = set()
    act()
    return set(recorder._sent)


def test_values_and_how_many_they_are_make_no_other_statement(recorder):
    def of(*ids):
        return sent_by(recorder, lambda: list(User.objects.filter(pk__in=ids)))

    assert of(1, 2) == of(7, 8, 9)
    assert of(1, 2) != sent_by(recorder, lambda: list(User.objects.filter(pk__gt=1)))


def test_a_refused_statement_is_one_of_its_own(recorder):
    from django.db import IntegrityError, transaction

    def add(phone):
        with transaction.atomic():
            User.objects.create(full_name="Nguyễn Văn Ổn", phone=phone)

    fine = sent_by(recorder, lambda: add("+84912345678"))

    def refused():
        with pytest.raises(IntegrityError):
            add("+84912345678")

    assert sent_by(recorder, refused) - fine
