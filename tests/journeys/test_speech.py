"""A lesson read aloud by the reader's own machine: offered where it speaks Vietnamese, nowhere else."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.addresses import COURSE
from tests.journeys.conftest import PHONE

pytestmark = pytest.mark.sweep(on="sqlite")

LESSON = f"{COURSE}lam-quen-vneid-va-dich-vu-cong/"
#: A machine with the given voices: it writes down what it is given to say, and is done with a piece when told so.
MACHINE = """
window.spoken = [];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, 'speechSynthesis', { value: Object.assign(new EventTarget(), {
  voices: VOICES,
  getVoices() { return this.voices; },
  speak(words) { window.spoken.push(words.text); this.words = words; },
  cancel() { const cut = this.words; this.words = null; cut?.onend(); },
}) });
"""


def machine(page: Page, *languages: str) -> None:
    voices = [{"lang": language, "name": language} for language in languages]
    page.add_init_script(MACHINE.replace("VOICES", json.dumps(voices)))


def spoken(page: Page) -> list[str]:
    return page.evaluate("window.spoken")


def test_played_paused_and_stopped_by_keys(house, visit, snapshot):
    page = visit(size=PHONE)
    machine(page, "en-US", "vi_VN")
    page.goto(LESSON)
    play = page.get_by_role("button", name="Nghe bài này")
    expect(play).to_be_visible()
    expect(page.get_by_role("button", name="Thôi nghe")).to_be_hidden()
    snapshot(page, "nghe-bai", (PHONE,))
    play.press("Enter")
    assert spoken(page) == [page.get_by_role("heading", level=1).inner_text()]
    for _ in range(3):
        page.evaluate("speechSynthesis.words.onend()")
    said = spoken(page)
    assert len(said) == 4
    assert page.evaluate("speechSynthesis.words.lang") == "vi-VN"
    body = " ".join(page.locator(".lesson-body").inner_text().split())
    assert all(" ".join(text.split()) in body for text in said[1:]), "the lesson in its order, nothing beside it"

    # Going on begins the piece anew, for some machines cannot pause.
    page.get_by_role("button", name="Tạm dừng").press("Space")
    page.get_by_role("button", name="Nghe tiếp").press("Space")
    assert spoken(page) == [*said, said[-1]]

    # Stopped: the focus stays where the reader was, and the next press begins at the beginning.
    page.get_by_role("button", name="Thôi nghe").press("Enter")
    expect(play).to_be_focused()
    play.press("Enter")
    assert spoken(page)[-1] == said[0]
    page.evaluate("speechSynthesis.words.onerror()")
    expect(page.get_by_text("Máy chưa đọc được bài này.")).to_be_visible()


@pytest.mark.parametrize("languages", [(), ("en-US", "fr-FR")], ids=["none", "others"])
def test_not_offered_without_a_vietnamese_voice(house, visit, languages):
    page = visit(size=PHONE)
    machine(page, *languages)
    page.goto(LESSON, wait_until="networkidle")
    expect(page.get_by_role("button", name="Nghe bài này")).to_have_count(0)
    # Many browsers tell their voices a moment later.
    page.evaluate("speechSynthesis.voices = [{ lang: 'vi-VN' }]")
    page.evaluate("speechSynthesis.dispatchEvent(new Event('voiceschanged'))")
    expect(page.get_by_role("button", name="Nghe bài này")).to_be_visible()
