"""Rules about the tree itself: layers, locks, templates. Those about looks are in test_design.py."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
PINNED = r"^([a-zA-Z0-9_.\-]+)(?:\[[^\]]*\])?=="
#: A pin, one of its hashes, or a remark: names, versions and hashes only.
LOCK_LINE = re.compile(r"[\w.-]+(\[[\w,-]+\])?==\S+( ; .*)? \\$|    --hash=sha256:[0-9a-f]{64}( \\)?$|\s*#(?!.*//)|$")
ROOMS = ["lms", "cms", "kpi", "quizzes", "certificates", "courses", "people", "common"]
TEMPLATES = sorted(file for room in ROOMS for file in (ROOT / room).glob("**/templates/**/*.html"))


@pytest.mark.slow
def test_rooms_import_only_downward():
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", code, "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_carry_hashes_and_no_addresses(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    pinned = re.findall(PINNED, text, re.MULTILINE)
    assert len(pinned) > 30
    assert text.count("--hash=sha256:") >= len(pinned)
    assert [line for line in text.splitlines() if not re.match(LOCK_LINE, line)] == []


def test_every_direct_requirement_is_locked():
    lock, wish = (ROOT / "requirements.lock").read_text(), (ROOT / "requirements.in").read_text()
    locked = {name.lower().replace("_", "-") for name in re.findall(PINNED, lock, re.MULTILINE)}
    wanted = re.findall(r"^([a-zA-Z0-9_.\-]+)", wish, re.MULTILINE)
    assert [name for name in wanted if name.lower().replace("_", "-") not in locked] == []


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_templates_hold_nothing_that_the_policy_forbids(file):
    """No inline script, style or event handler; nothing from another host. PDF designs and mails are not pages."""
    if "pdf" in file.parts or "pdf" in file.stem or {"mail", "notifications"} & set(file.parts):
        pytest.skip("printed by WeasyPrint or shown by a mail program, not by a browser")
    comments = r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}"
    text = re.sub(comments, "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(ld\+)?json\")", text), "inline script"
    assert not re.search(r"<style\b", text), "inline style sheet"
    assert not re.search(r"<[^>]*\sstyle=", text), "style attribute"
    assert not re.search(r"<[^>]*\son[a-z]+=", text), "event handler attribute"
    elsewhere = r"(?:src|srcset|href)=\"(?:https?:)?//[^\"]*\.(?:js|css|png|jpe?g|svg|woff2?)"
    assert not re.search(elsewhere, text), "other host"


def test_no_private_wagtail_imports():
    """An upgrade to the next long-supported pair must stay a small change."""
    found = []
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for line in file.read_text(encoding="utf-8").splitlines():
                if re.match(r"\s*(from|import) wagtail\S*\._|\s*from wagtail\S* import _", line):
                    found.append(f"{file.relative_to(ROOT)}: {line.strip()}")
    assert found == []
