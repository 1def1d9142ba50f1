"""What a book of the register holds, as its closing says it."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from certificates.models import Act, Origin, RegisterEntry, Series

#: What a closing calls the number of rows of each act.
COUNTED = {
    Act.ISSUE: "issued",
    Act.IMPORT: "imported",
    Act.REISSUE: "reissued",
    Act.CORRECT: "corrected",
    Act.REVOKE: "revoked",
    Act.CANCEL: "cancelled",
    Act.COPY: "copied",
}


def book_totals(*, series: Series, year: int) -> dict[str, Any]:
    """The content of the row that closes the book of ``year``: how many rows of each act, the first and the last
    number, the hash of the last row."""
    rows = RegisterEntry.objects.filter(series=series, year=year).exclude(act=Act.CLOSE)
    counted = dict(rows.order_by().values_list("act").annotate(Count("pk")))
    given = series.certificates.filter(origin=Origin.PLATFORM, year=year).order_by("seq")
    last = rows.order_by("-position").values_list("row_hash", flat=True).first()
    return {
        "year": year,
        "rows": sum(counted.values()),
        **{name: counted.get(act, 0) for act, name in COUNTED.items()},
        "first_number": given.values_list("number", flat=True).first() or "",
        "last_number": given.values_list("number", flat=True).last() or "",
        "last_hash": last or "",
    }
