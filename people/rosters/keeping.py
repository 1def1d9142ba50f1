"""What the work on a list must remember of its lines, in little memory however many lines there are."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any


class Ids:
    """A set of primary keys, one bit each up to the largest: a million people are 125 kB."""

    def __init__(self, ids: Iterable[int] = ()) -> None:
        self._bits = bytearray()
        self.update(ids)

    def add(self, number: int) -> None:
        place = number >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        self._bits[place] |= 1 << (number & 7)

    def update(self, ids: Iterable[int]) -> None:
        for number in ids:
            self.add(number)

    def __contains__(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] >> (number & 7) & 1)


class Later:
    """Things to do once every line was read, kept on the disk in their order."""

    def __init__(self) -> None:
        self._file: Any = None

    def add(self, pk: int, what: Any) -> None:
        """Keep ``what`` is to be done with the row ``pk``."""
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the work goes on)
        pickle.dump((pk, what), self._file, pickle.HIGHEST_PROTOCOL)

    def parts(self, size: int) -> Iterator[list[tuple[int, Any]]]:
        """What was kept, up to ``size`` things at a time."""
        if self._file is None:
            return
        self._file.seek(0)
        part: list[tuple[int, Any]] = []
        while True:
            try:
                part.append(pickle.load(self._file))  # noqa: S301 (written above, in a file that nobody else can open)
            except EOFError:
                break
            if len(part) == size:
                yield part
                part = []
        if part:
            yield part
