"""Every field that is written to the log has a Vietnamese label: read off the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from people import audit_names, audit_words

ROOT = Path(__file__).parents[2]
ROOMS = ("common", "people", "courses", "quizzes", "certificates", "kpi", "cms", "lms")
#: Words of the call itself; they are shown in columns of their own.
FRAME = {"actor", "act", "subject", "unit", "before", "after", "rows", "detail"}
INSIDE = {"before", "after", "detail", "rows"}


class _Module:
    """The calls of one file that write to the log, and the fields that they name."""

    def __init__(self, file: Path) -> None:
        self.tree = ast.parse(file.read_text(encoding="utf-8"))
        self.functions = {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}

    def fields(self) -> Iterator[tuple[str, int]]:
        for call in ast.walk(self.tree):
            if not isinstance(call, ast.Call) or not self._writes(call):
                continue
            for word in call.keywords:
                if word.arg is None:  # **detail: where it is built, in this file
                    yield from self._said(word.value, set())
                elif word.arg not in FRAME:
                    yield word.arg, call.lineno
                elif word.arg in INSIDE:
                    yield from self._said(word.value, set())

    def _writes(self, call: ast.Call) -> bool:
        if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
            return False
        named = (call.func.value.id, call.func.attr)
        return named in {("audit", "record"), ("audit", "record_many"), ("change", "log"), ("self", "log")}

    def _said(self, value: ast.AST, seen: set[str]) -> Iterator[tuple[str, int]]:
        """Keys of dictionaries written there, or in the functions and names of this file that stand there."""
        for node in ast.walk(value):
            if isinstance(node, ast.Dict):
                for key in node.keys:
                    if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value not in FRAME:
                        yield key.value, node.lineno
            elif isinstance(node, ast.Name) and node.id not in seen:
                seen.add(node.id)
                if node.id in self.functions:
                    for back in ast.walk(self.functions[node.id]):
                        if isinstance(back, ast.Return) and isinstance(back.value, ast.Dict):
                            yield from self._said(back.value, seen)
                for made in ast.walk(self.tree):
                    is_dict = isinstance(made, ast.Assign) and isinstance(made.value, ast.Dict)
                    if is_dict and any(isinstance(t, ast.Name) and t.id == node.id for t in made.targets):
                        yield from self._said(made.value, seen)


def _written() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for field, line in _Module(file).fields():
                found.setdefault(field, []).append(f"{file.relative_to(ROOT)}:{line}")
    return found


def test_every_field_of_the_log_has_a_label():
    written = _written()
    assert {"decision_number", "resets", "took_over", "valid_to", "kind"} <= set(written), "the scan sees them"
    known = set(audit_names.FIELDS) | audit_words._UNSAID
    assert {field: places for field, places in written.items() if field not in known} == {}


def test_labels_are_vietnamese():
    plain = {field for field, label in audit_names.FIELDS.items() if label.casefold() == field.replace("_", " ")}
    assert plain <= {"email"}
