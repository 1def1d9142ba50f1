"""What scripts write on a page is heard by those who do not see it: it stands in a region that is read out."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from tests.lms.test_house_rules import TEMPLATES

SCRIPTS = sorted((settings.BASE_DIR / "static" / "js").glob("*.js"))
#: What scripts write their words into, by the script.
REGIONS = {
    "autosave.js": "data-autosave-status",
    "countdown.js": "data-time-said",
    "job.js": "data-job-said",
    "visit.js": "data-visit-note",
    "share.js": "data-share-said",
    "design-preview.js": "data-preview-status",
}
#: A mark of its own is not needed where the script takes the region by its role.
BY_ROLE = {"display.js", "speech.js", "verify-file.js"}
_ROLE = re.compile(r"\brole=\"(?:status|alert)\"")


@pytest.mark.parametrize(("script", "mark"), REGIONS.items())
def test_words_stand_in_a_live_region(script, mark):
    source = (settings.BASE_DIR / "static" / "js" / script).read_text(encoding="utf-8")
    assert f"[{mark}]" in source
    places = [
        tag for file in TEMPLATES for tag in re.findall(rf"<\w+[^>]*\b{mark}\b[^>]*>", file.read_text(encoding="utf-8"))
    ]
    assert places
    assert [tag for tag in places if not _ROLE.search(tag)] == []


def test_the_time_left_is_said_at_moments_and_not_every_second():
    """The clock itself is no live region: a screen reader would talk without end."""
    [clock] = [
        tag
        for file in TEMPLATES
        for tag in re.findall(r"<\w+[^>]*\bdata-seconds-left\b[^>]*>", file.read_text(encoding="utf-8"))
    ]
    assert not _ROLE.search(clock)
    assert "aria-live" not in clock


def test_every_script_that_speaks_is_known():
    speaking = {
        file.name for file in SCRIPTS if re.search(r"\b(?:said|status|note)\b\w*\.textContent =", file.read_text())
    }
    assert speaking - REGIONS.keys() - BY_ROLE == set()
