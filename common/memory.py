"""What a serving process does with its memory once it has started."""

from __future__ import annotations

import gc

#: Objects made before the youngest are looked at: a page of figures makes some ten thousand, nearly all without cycles.
YOUNG = 50_000


def settle() -> None:
    """What is loaded by now stays for the life of the process: the collector need not look at it again.

    Saves a fifth of the processor time of a page of figures (``tests/bench/bench_kpi.py``).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
