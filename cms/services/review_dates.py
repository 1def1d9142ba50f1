"""The owners of content hear that its day of review has come."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from cms.reviews import DueReview, due_reviews
from people.models import User
from people.notices import notices_send

#: A notice of the same batch is never repeated.
NEVER_AGAIN = 3650  # days
NAMED = 5


def owners_tell() -> int:
    """Write to every owner whose pages have become due since they were told last; return how many notices.

    The notice's kind holds the latest day of review among what is due: it is new only when another page became due.
    """
    by_owner: dict[User, list[DueReview]] = defaultdict(list)
    for row in due_reviews(within="qua-han"):
        if row.owner is not None:
            by_owner[row.owner].append(row)
    return sum(_tell(owner, rows) for owner, rows in by_owner.items())


def _tell(owner: User, rows: list[DueReview]) -> int:
    latest = max(row.review_on or date.min for row in rows)
    named = ", ".join(f"«{row.page.title}»" for row in rows[:NAMED])
    more = f" và {len(rows) - NAMED} trang khác" if len(rows) > NAMED else ""
    made = notices_send(
        users=[owner],
        kind=f"content_review:{latest:%Y%m%d}",
        subject=f"{len(rows)} nội dung bạn phụ trách đến hạn rà soát",
        body=f"Hãy xem lại, sửa nếu dịch vụ hoặc quy định đã thay đổi, rồi đặt ngày rà soát mới: {named}{more}.",
        path="/cms/ra-soat/?cua=toi&han=qua-han",
        not_within_days=NEVER_AGAIN,
    )
    return len(made)
