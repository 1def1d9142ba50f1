"""A person without a mouse: where the focus is, whether it can be seen, and what keys do with it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page

#: More presses than any page of ours has places: beyond them the focus is in a trap, or the thing cannot be reached.
PATIENCE = 250
#: Asked at each place where the focus rests; ``wanted`` is the thing that is looked for.
_STANDS = """(wanted) => {
  const e = document.activeElement;
  if (!e || e === document.body) return { isThere: false, faults: [] };
  const faults = [];
  const label = e.labels?.[0];
  const outlined = (one) => {
    const s = getComputedStyle(one);
    return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;
  };
  // A card shows the focus of the link that opens it around the whole card.
  const isShown = [e, label, e.parentElement, e.closest('li')].some(one => one && outlined(one));
  if (!isShown && getComputedStyle(e).boxShadow === 'none') faults.push('cannot be seen');
  const box = e.getBoundingClientRect();
  const isSeen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  if (!isSeen) faults.push('is outside the window');
  if (isSeen && box.width > 2 && box.height > 2) {
    const clamp = (least, value, most) => Math.max(least, Math.min(value, most));
    const x = clamp(1, box.left + box.width / 2, innerWidth - 1);
    const y = clamp(1, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2, innerHeight - 1);
    const top = document.elementFromPoint(x, y);
    const isMine = top && (e.contains(top) || top.contains(e) || label?.contains(top));
    if (top && !isMine) faults.push(`is covered by <${top.tagName.toLowerCase()}>`);
  }
  const last = window.focusBefore;
  const isOnward = !last?.isConnected || last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING;
  if (!isOnward) faults.push('goes back');
  window.focusBefore = e;
  const isThere = wanted !== null && (e === wanted || wanted.contains(e) && e.matches('input, select, textarea'));
  return { isThere, faults, what: e.outerHTML.slice(0, 100).replace(/\\s+/g, ' ') };
}"""


class Keys:
    """The keyboard of ``page``; ``faults`` gathers what was wrong with the focus on the way."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []

    def skip_to_content(self) -> None:
        """The first Tab of a page shows the way past the menu, and Enter takes it."""
        self.page.keyboard.press("Tab")
        said = self.page.evaluate("document.activeElement.textContent.trim()")
        assert said == "Đến nội dung chính", f"{self.page.url}: the first place is «{said}»"
        self._stand(None)
        self.page.keyboard.press("Enter")
        assert self.page.evaluate("document.activeElement.id") == "noi-dung"
        self.page.evaluate("window.focusBefore = document.activeElement")

    def to(self, wanted: Locator, *, skip: bool = True) -> None:
        """Press Tab until the focus is on it. From the top of a page first past the menu, unless the menu is meant."""
        handle = wanted.first.element_handle()
        assert handle is not None
        if self.page.evaluate("document.activeElement === document.body") and skip:
            self.skip_to_content()
        for _ in range(PATIENCE):
            if self._stand(handle, moving=True):
                return
        raise AssertionError(f"Tab never comes to {wanted} on {self.page.url}")

    def press(self, wanted: Locator, key: str = "Enter", **ways: Any) -> None:
        """Go there and press it."""
        self.to(wanted, **ways)
        self.page.keyboard.press(key)

    def leave_by(self, wanted: Locator, key: str = "Enter", **ways: Any) -> None:
        """Press it and wait for the page that it leads to."""
        before = self.page.url.partition("#")[0]
        self.press(wanted, key, **ways)
        self.page.wait_for_url(lambda url: url.partition("#")[0] != before)
        self.page.wait_for_load_state("load")

    def write(self, wanted: Locator, text: str, **ways: Any) -> None:
        """Go to a field, take what stands there and write over it."""
        self.to(wanted, **ways)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(text)

    def choose(self, wanted: Locator, label: str) -> None:
        """Go to a list and press the arrows until it says ``label``."""
        self.to(wanted)
        self.page.keyboard.press("Home")
        for _ in range(80):
            if label in wanted.first.evaluate("one => one.selectedOptions[0].textContent"):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{wanted} offers no «{label}»")

    def _stand(self, wanted: Any, *, moving: bool = False) -> bool:
        if moving:
            self.page.keyboard.press("Tab")
        place = self.page.evaluate(_STANDS, wanted)
        for fault in place["faults"]:
            self.faults.append(f"{self.page.url}: the focus {fault} at {place['what']}")
        return bool(place["isThere"])
