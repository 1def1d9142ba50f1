"""What is written reads back as it was: for every format, every kind that it carries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from quizzes.formats import FORMATS, Entry, keys_kept, parse, write
from quizzes.formats.base import CannotCarry
from quizzes.kinds import KINDS as _KINDS
from tests.factories.questions import entries

#: What each format says that it carries; the rest must be left out by name.
CARRIES = {
    "gift": {"single", "multiple", "true_false", "short_text", "numeric", "matching", "essay"},
    "aiken": {"single"},
    "xlsx": {"single", "multiple", "true_false", "short_text", "numeric", "matching", "ordering"},
    "qti": set(_KINDS) - {"hotspot", "scenario"},
    "moodle": set(_KINDS) - {"hotspot", "scenario"},
}
BUSY = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def _back(entry: Entry, format: str) -> Entry:
    written = write([entry], format)
    assert not written.left_out, written.left_out
    parsed = parse(written.data, format)
    assert not parsed.faults, parsed.faults
    assert len(parsed.entries) == 1
    return replace(parsed.entries[0], where="", line=0)


@pytest.mark.parametrize(("format", "kind"), [(f, k) for f, kinds in CARRIES.items() for k in sorted(kinds)])
@BUSY
@given(data=st.data())
def test_written_questions_read_back(format: str, kind: str, data: Any) -> None:
    entry = data.draw(entries([kind]))
    try:
        kept = FORMATS[format].carried(entry)
    except CannotCarry:
        reject()
    found = _back(entry, format)
    assert replace(found, content=keys_kept(found.content, kept.content)) == kept
