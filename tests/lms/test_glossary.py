"""One word for one thing: the words of ``docs/glossary.md`` are those of the code, and of the pages."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.conf import settings

from people.models import Role
from tests.lms.test_house_rules import ROOMS

ROOT = settings.BASE_DIR
TEXT = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| ")]
WORDS = [row for row in ROWS if len(row) == 4 and row[0] != "Tiếng Việt"]
NOT_USED = [
    (bad.strip(), row[1]) for row in ROWS if len(row) == 3 and row[0] != "Không viết" for bad in row[0].split(",")
]
#: Names in code that are no models: choices, roles, fields, modules.
OTHER_NAMES = {"StepRule", "learner_code", "round", "second_step", "stepup", "verify", "live", *Role.values}
PAGES = sorted(
    file
    for room in ROOMS
    for file in (ROOT / room).rglob("*")
    if file.suffix in {".html", ".txt", ".py"} and "migrations" not in file.parts
) + [*sorted((ROOT / "static" / "js").glob("*.js")), ROOT / "cms" / "data" / "pages.yaml"]
#: Here the words stand on purpose: a check that holds them against editors, spellings that searching knows.
QUOTING = {"cms/checks/rules.py", "common/text.py", "people/rosters/values.py"}


def test_every_name_in_code_is_one():
    models = {model.__name__ for model in apps.get_models()} | OTHER_NAMES
    named = {name for row in WORDS for name in re.findall(r"`(\w+)`", row[2])}
    assert len(named) > 50
    assert named - models == set()


def test_no_word_stands_for_two_things():
    words = [word.strip() for row in WORDS for word in row[0].split(";")]
    assert sorted(word for word in words if words.count(word) > 1) == []


@pytest.mark.parametrize(("bad", "good"), NOT_USED)
def test_a_page_does_not_say(bad, good):
    said = re.compile(rf"(?<!\w){re.escape(bad)}(?!\w)", re.IGNORECASE)
    found = [
        str(file.relative_to(ROOT))
        for file in PAGES
        if said.search(file.read_text(encoding="utf-8")) and str(file.relative_to(ROOT)) not in QUOTING
    ]
    assert found == [], f"write «{good}» there"


def test_there_is_something_to_ask():
    assert len(WORDS) > 50
    assert len(NOT_USED) > 12
    assert len(PAGES) > 500
