"""What PostgreSQL is told before many rows are written."""

import pytest
from django.db import connection, transaction

from common.database import plans_by_index

pytestmark = pytest.mark.django_db(transaction=True)


def shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL keeps plans of foreign keys")
def test_plans_by_index_end_with_the_transaction() -> None:
    before = shown("enable_seqscan"), shown("jit")
    with transaction.atomic():
        plans_by_index()
        assert (shown("enable_seqscan"), shown("jit")) == ("off", "off")
    assert (shown("enable_seqscan"), shown("jit")) == before


def test_plans_by_index_changes_nothing_elsewhere(django_assert_num_queries) -> None:
    with transaction.atomic(), django_assert_num_queries(1 if connection.vendor == "postgresql" else 0):
        plans_by_index()
