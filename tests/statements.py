"""Which tests between them send every statement: the SQLite lane writes down what each sends, PostgreSQL's reads it.

A statement that two tests sent to PostgreSQL has been understood there, and has met two sets of rows. A third test that
sends it once more asks the same server the same question, and there are hundreds of these: signing in, a unit's
members, one's own courses. So the PostgreSQL lane takes tests, the quickest for what they bring first, until every
statement that any test sent was sent twice. Tests that nobody has written down are always taken, and so are those about
the database itself: locks, workers, commits (``tests.lanes.is_about_the_database``).
"""

from __future__ import annotations

import heapq
import json
import math
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2s
from pathlib import Path
from typing import Any

import pytest

#: By how many tests each statement is sent.
TIMES = 2
#: Seconds below which nothing is gained by leaving a test out.
QUICKEST = 1 / 32
_LISTS = re.compile(r"\((?:%s(?:, )?)+\)")
_ROWS = re.compile(r"(\([^()]*\))(?:, ?\([^()]*\))+")
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class Sent:
    """What one test sent: how long it took, in seconds of the processor, and its statements, one as good as another
    where they differ in values or in how many these are."""

    seconds: float
    statements: frozenset[str]


# --- Writing down -----------------------------------------------------------------------------------------------------
class Recorder:
    """Listens to the database while tests run; each process of a run writes a file of its own into ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tests: dict[str, tuple[float, list[str]]] = {}
        self._known: dict[str, str] = {}
        self._sent: set[str] = set()

    def _listen(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        kind = self._kind(str(sql))
        try:
            answer = execute(sql, params, many, context)
        except Exception as refused:
            # What a database refuses, and what becomes of the transaction then, is a question of its own.
            self._sent.add(f"{kind} {type(refused).__name__}")
            raise
        self._sent.add(kind)
        return answer

    def _kind(self, sql: str) -> str:
        if sql not in self._known:
            plain = _NUMBERS.sub("0", _ROWS.sub(r"\1", _LISTS.sub("(%s)", sql)))
            self._known[sql] = blake2s(plain.encode(), digest_size=6).hexdigest()
        return self._known[sql]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        from django.db import connection

        self._sent = set()
        began = time.process_time()
        with connection.execute_wrapper(self._listen):
            answer = yield
        self.tests[item.nodeid] = (round(time.process_time() - began, 3), sorted(self._sent))
        return answer  # noqa: B901  (what a wrapper of pytest hands on)

    def pytest_sessionfinish(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        (self.folder / f"{name}.json").write_text(json.dumps(self.tests))


# --- Reading and choosing ---------------------------------------------------------------------------------------------
def read(folder: Path) -> dict[str, Sent]:
    """Test → what it sent, from all files of a run; empty where there was none."""
    found: dict[str, Sent] = {}
    for file in sorted(folder.glob("*.json")):
        for test, (seconds, statements) in json.loads(file.read_text()).items():
            found[test] = Sent(seconds, frozenset(statements))
    return found


def chosen(tests: Mapping[str, Sent], *, times: int = TIMES) -> set[str]:
    """Tests that together send every statement as often as ``times``, or as often as there are tests that do.

    Greedy: next comes whichever brings most that is still wanted for its time. Times count in powers of two, so that a
    busy machine does not choose others; of two alike the first by name.
    """
    cost = {name: 2.0 ** round(math.log2(max(sent.seconds, QUICKEST))) for name, sent in tests.items()}
    senders = Counter(statement for sent in tests.values() for statement in sent.statements)
    wanted = {statement: min(times, count) for statement, count in senders.items()}
    waiting = [(-len(sent.statements) / cost[name], name) for name, sent in tests.items()]
    heapq.heapify(waiting)
    found: set[str] = set()
    while waiting:
        _, name = heapq.heappop(waiting)
        brings = [statement for statement in tests[name].statements if wanted[statement]]
        worth = (-len(brings) / cost[name], name)
        if not brings:
            continue
        if waiting and worth > waiting[0]:
            heapq.heappush(waiting, worth)
            continue
        found.add(name)
        for statement in brings:
            wanted[statement] -= 1
    return found
