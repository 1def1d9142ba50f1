"""People to try the platform with: invented names in real units, a year of learning, and one account for each role.

The same seed gives the same province every time. History goes in as the rows that real learning leaves behind
(enrolments, steps, completions with standings); figures are then counted from it by the project's own rebuild.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from tqdm import tqdm

from cms.services import editor_group_ensure
from common.database import statistics_refresh
from common.errors import Refusal
from courses.models import Completion, CompletionStanding, Enrolment
from courses.services import path_completions_settle, uptake_rebuild
from kpi.rollup import counted_rebuild
from lms.demo.accounts import ACCOUNTS, PASSWORD, TAUGHT_WARD, accounts_create, batches_create
from lms.demo.history import SEED, history_create
from lms.demo.news import news_create
from lms.demo.people import institutions_create, people_create, places, twin_create
from lms.demo.teaching import traces_create
from lms.province import REFORM_DAY, Province
from people.models import Membership, Unit, UnitAncestor, User
from people.services import structures_rebuild

__all__ = ["ACCOUNTS", "DEFAULT_PEOPLE", "PASSWORD", "demo_load", "demo_require"]

DEFAULT_PEOPLE = 9000
CHUNK = 1000


def demo_require() -> None:
    """Raise Refusal (``demo_is_off``) unless LMS_DEMO is on: the accounts have a password that everybody knows."""
    if not settings.DEMO:
        raise Refusal(
            "Chỉ nạp người dùng thử khi bật chế độ dùng thử.",
            code="demo_is_off",
            fix="Đặt LMS_DEMO=1 nếu đây đúng là máy dùng thử; mật khẩu của các tài khoản này ai cũng biết.",
        )


@transaction.atomic
def demo_load(*, province: Province, people: int = DEFAULT_PEOPLE, progress: bool = False) -> dict[str, Any]:
    """Add demo people with their history and the demo accounts; does nothing when they are there. Returns counts.

    Raises Refusal as ``demo_require``.
    """
    demo_require()
    if User.objects.filter(email=ACCOUNTS[0].email).exists():
        return {"already_there": True}
    rng = random.Random(SEED)
    then = Unit.objects.get(code=province.then[1], valid_from=date(2022, 1, 1))
    now = Unit.objects.get(code=province.now[1], valid_from=REFORM_DAY)
    institutions = institutions_create(now, then)
    structures_rebuild()
    statistics_refresh(Unit, UnitAncestor)
    members = people_create(rng, list(places(rng, now, then, people)))
    statistics_refresh(User, Membership)
    with tqdm(total=len(members), desc="Lịch sử học", unit=" người", disable=not progress) as bar:
        completions = sum(history_create(rng, chunk, bar) for chunk in _chunks(members))
    statistics_refresh(Enrolment, Completion, CompletionStanding)
    counted_rebuild(check=False)
    path_completions_settle()
    uptake_rebuild()
    traces_create(rng, Unit.objects.get(code=TAUGHT_WARD, valid_from=REFORM_DAY))
    twin_create()
    accounts = accounts_create()
    editor_group_ensure()
    batches = batches_create(accounts)
    news = news_create()
    return institutions | {
        "people": len(members),
        "completions": completions,
        "accounts": len(accounts),
        "batches": batches,
        "news": news,
    }


def _chunks(items: list[Any]) -> Iterator[list[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
