"""The look of the collector comes when an answer has left."""

from __future__ import annotations

import gc
import weakref

import pytest

from common import memory


class Ring:
    """Something that only the collector finds."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _by_hand():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(("young", "gone"), [(10, True), (1_000_000, False)])
def test_what_a_request_left_is_looked_for_where_there_is_much(monkeypatch, young, gone):
    monkeypatch.setattr(memory, "YOUNG", young)
    rings = [weakref.ref(Ring()) for _ in range(100)]
    memory.tidy()
    assert all(ring() is None for ring in rings) is gone
