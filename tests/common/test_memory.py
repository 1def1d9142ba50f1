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


def test_what_outlived_a_look_is_looked_for_again(monkeypatch):
    monkeypatch.setattr(memory, "YOUNG", 10)
    monkeypatch.setattr(memory, "LOOKS", 2)
    kept = [Ring() for _ in range(100)]
    memory.tidy()
    ring = weakref.ref(kept[0])
    kept.clear()
    for _ in range(4):
        more = [Ring() for _ in range(100)]
        memory.tidy()
        more.clear()
    assert ring() is None


@pytest.mark.parametrize(("young", "gone"), [(10, True), (1_000_000, False)])
def test_what_a_request_left_is_looked_for_where_there_is_much(monkeypatch, young, gone):
    monkeypatch.setattr(memory, "YOUNG", young)
    rings = [weakref.ref(Ring()) for _ in range(100)]
    memory.tidy()
    assert all(ring() is None for ring in rings) is gone
