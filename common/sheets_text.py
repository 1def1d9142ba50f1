"""The shared text of a workbook, read as a stream and kept on the disk: a province's names do not fit into memory."""

from __future__ import annotations

import re
import tempfile
from array import array
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.worksheet._reader import INLINE_STRING
from openpyxl.xml.functions import iterparse

TEXT_TAG = INLINE_STRING.replace("}is", "}t")
_RUN_TAG, _STRING_TAG = INLINE_STRING.replace("}is", "}r"), INLINE_STRING.replace("}is", "}si")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Characters that XML cannot hold are written as ``_x0007_``."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class TextOnDisk:
    """The shared text of a workbook, kept on the disk: in memory only where each piece ends, and the latest pieces."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the workbook is)
        self._ends = array("Q", [0])
        end = 0
        for piece in pieces:
            end += self._file.write(piece.encode("utf-8", "surrogatepass"))
            self._ends.append(end)
        self._read = lru_cache(maxsize=4096)(self._from_disk)

    def __getitem__(self, index: int) -> str:
        return self._read(index)

    def _from_disk(self, index: int) -> str:
        if not 0 <= index < len(self._ends) - 1:
            raise IndexError(index)
        self._file.seek(self._ends[index])
        return self._file.read(self._ends[index + 1] - self._ends[index]).decode("utf-8", "surrogatepass")

    def close(self) -> None:
        self._file.close()


class WorkbookReader(ExcelReader):
    """openpyxl's reader, but for the shared text."""

    def read_strings(self) -> None:
        if (part := self.package.find(SHARED_STRINGS)) is not None:
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings = TextOnDisk(_pieces(source))


def _pieces(source: Any) -> Iterator[str]:
    """Text by text; how it is pronounced (rPh) is no part of it."""
    table: Any = None
    for event, element in iterparse(source, events=("start", "end")):
        if table is None:
            table = element
        if event == "end" and element.tag == _STRING_TAG:
            parts = [part for part in element if part.tag == TEXT_TAG]
            parts += [part for run in element if run.tag == _RUN_TAG for part in run if part.tag == TEXT_TAG]
            yield unescaped("".join(part.text or "" for part in parts))
            table.clear()
