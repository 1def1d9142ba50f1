"""What PostgreSQL is told before many rows are written."""

import pytest
from django.db import connection, transaction

from common.database import plans_by_index, row_by_row

pytestmark = pytest.mark.django_db(transaction=True)


def shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL keeps plans of foreign keys")
def test_plans_by_index_end_with_the_transaction() -> None:
    before = shown("enable_seqscan")
    with transaction.atomic():
        plans_by_index()
        assert shown("enable_seqscan") == "off"
    assert shown("enable_seqscan") == before


def test_plans_by_index_changes_nothing_elsewhere(django_assert_num_queries) -> None:
    with transaction.atomic(), django_assert_num_queries(1 if connection.vendor == "postgresql" else 0):
        plans_by_index()


@pytest.mark.parametrize("ids", [[], [7], [3, 7, 9_000_000_000]])
def test_any_of_answers_as_in_does(ids) -> None:
    from people.models import Unit, UnitKind

    for number in (3, 7, 8):
        Unit.objects.create(pk=number, code=str(number), name="Xã", kind=UnitKind.COMMUNE, valid_from="2025-07-01")
    Unit.objects.filter(pk=8).update(parent=7)
    assert set(Unit.objects.filter(pk__any_of=ids)) == set(Unit.objects.filter(pk__in=ids))
    assert set(Unit.objects.filter(parent_id__any_of=ids)) == set(Unit.objects.filter(parent__in=ids))
    assert set(Unit.objects.exclude(pk__any_of=ids)) == set(Unit.objects.exclude(pk__in=ids))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL chooses how to join")
def test_row_by_row_ends_with_its_block() -> None:
    before = shown("enable_hashjoin"), shown("random_page_cost")
    with row_by_row():
        assert (shown("enable_hashjoin"), shown("random_page_cost")) == ("off", "1.1")
    assert (shown("enable_hashjoin"), shown("random_page_cost")) == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL compiles queries, and plans cursors apart")
def test_queries_are_not_compiled_and_cursors_are_read_to_the_end() -> None:
    assert (shown("jit"), shown("cursor_tuple_fraction")) == ("off", "1")
