"""Works that happen at one instant, each on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection

from common.errors import Refusal

Work = Callable[[], Any]


def at_once(*works: Work) -> list[Any]:
    """Run each in a thread of its own, all released together; what each gave, in the order in which they ended.

    Fails where any of them raised.
    """
    gate, found, failed = threading.Barrier(len(works)), [], []

    def run(work: Work) -> None:
        try:
            gate.wait(timeout=10)
            found.append(work())
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not failed
    assert len(found) == len(works)
    return found


def told_at_once(*works: Work) -> list[Any]:
    """The same where some may be refused: of these the code."""
    return at_once(*(partial(_told, work) for work in works))


def _told(work: Work) -> Any:
    try:
        return work()
    except Refusal as refusal:
        return refusal.code
