"""Pure rules of gentle reminders: no models, no I/O."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

#: What the notices of these reminders are called.
KIND = "learn_on"
#: Nobody is reminded sooner than this after they last learnt.
IDLE = timedelta(days=7)
#: Between two reminders of one person, whatever they learn.
BETWEEN = timedelta(days=14)
#: After so many reminders of one enrolment comes silence.
AT_MOST = 3
#: Whoever has been away for so long has decided; they are not written to out of the blue.
LET_GO = timedelta(days=180)


def may_remind(
    *, seen_at: datetime, told_of_this: Collection[datetime], told_at_all: Collection[datetime], at: datetime
) -> bool:
    """Whether a person may be reminded of an enrolment at a moment.

    ``seen_at``: when they last learnt there; ``told_of_this``, ``told_at_all``: when they were reminded of it, and of
    anything.
    """
    if not IDLE <= at - seen_at <= LET_GO:
        return False
    if len(told_of_this) >= AT_MOST:
        return False
    return all(at - told >= BETWEEN for told in told_at_all)
