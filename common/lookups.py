"""A way of asking that Django does not bring along; ``common.apps`` sees that it is known."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Field, ForeignObject, Lookup


# What refers to another table hears nothing of what other columns are asked.
@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """``unit_id__any_of=ids``: as ``__in`` with thousands of ids, which PostgreSQL is handed as one list.

    With a placeholder for each, writing the query costs more than answering it.
    """

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        ids = list(self.rhs)
        left, params = self.process_lhs(compiler, connection)
        if not ids:
            raise EmptyResultSet
        return f"{left} IN ({', '.join(['%s'] * len(ids))})", (*params, *ids)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, params = self.process_lhs(compiler, connection)
        # In the column's own type: of another one PostgreSQL cannot tell how many rows it holds.
        kind = self.lhs.output_field.cast_db_type(connection)
        return f"{left} = ANY(%s::{kind}[])", (*params, list(self.rhs))
