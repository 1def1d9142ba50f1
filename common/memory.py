"""What a serving process does with its memory: once it has started, and between two requests."""

from __future__ import annotations

import gc
from typing import Any

from django.core.signals import request_finished

#: Objects made before the youngest are looked at: a page of figures makes some ten thousand, nearly all without cycles.
YOUNG = 50_000
#: So many times more may be made within one request, before somebody has to wait for the look.
WITHIN_A_REQUEST = 4
#: What a look leaves alive is looked through again after so many looks.
LOOKS = 20


def settle() -> None:
    """What is loaded by now stays for the life of the process: the collector need not look at it again. From now on it
    looks when an answer has left.

    Saves a fifth of the processor time of a page of figures, and those who wait the 15 ms that a look takes
    (``tests/bench/bench_kpi.py``).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG * WITHIN_A_REQUEST, LOOKS, LOOKS)
    request_finished.connect(tidy, dispatch_uid="common.memory.tidy")


def tidy(**_about: Any) -> None:
    """Look through the youngest objects where there are many; through older ones after so many looks at younger."""
    young, middle, old = gc.get_count()
    if young > YOUNG:
        gc.collect(2 if old > LOOKS else 1 if middle > LOOKS else 0)
