"""Rules about the tree itself: layers, locks, templates, style sheet."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from lms.assets import BUNDLE, bundle_css

ROOT = settings.BASE_DIR
PINNED = r"^([a-zA-Z0-9_.\-]+)(?:\[[^\]]*\])?=="
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
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text)


def test_every_direct_requirement_is_locked():
    lock, wish = (ROOT / "requirements.lock").read_text(), (ROOT / "requirements.in").read_text()
    locked = {name.lower().replace("_", "-") for name in re.findall(PINNED, lock, re.MULTILINE)}
    wanted = re.findall(r"^([a-zA-Z0-9_.\-]+)", wish, re.MULTILINE)
    assert [name for name in wanted if name.lower().replace("_", "-") not in locked] == []


def test_style_sheet_holds_every_part_in_order():
    css = bundle_css()
    assert finders.find(BUNDLE), "the bundle is not offered to staticfiles"
    folder = ROOT / "static" / "css"
    for part in [folder / "tokens.css", folder / "base.css", *(folder / "components").glob("*.css")]:
        assert part.read_text(encoding="utf-8") in css
    assert css.startswith((folder / "tokens.css").read_text(encoding="utf-8"))


def test_style_sheet_names_no_other_host_and_balances_its_braces():
    css = bundle_css()
    assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", css)
    assert "@import" not in css
    without_strings = re.sub(r"/\*.*?\*/|\"[^\"]*\"|'[^']*'", "", css, flags=re.DOTALL)
    assert without_strings.count("{") == without_strings.count("}")


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_templates_hold_nothing_that_the_policy_forbids(file):
    """No inline script, style or event handler; nothing fetched from another host. PDF designs are not pages."""
    if "pdf" in file.parts or "pdf" in file.stem:
        pytest.skip("printed by WeasyPrint, not shown by a browser")
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
