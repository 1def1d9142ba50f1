"""Looking at a page as its readers must be able to: axe-core, targets for fingers, zoom, colours, motion, words.

``look`` asks everything of one visit of a page; it costs half a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

from tests.language import READER

#: WCAG 2.2 A and AA, and what axe knows as good practice.
AXE_OPTIONS: dict[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}
#: What can differ when only colours change.
AXE_COLOURS: dict[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
#: 1280 px at 400 %: WCAG 1.4.10.
ZOOMED = {"width": 320, "height": 740}
#: CSS pixels: WCAG 2.5.8 everywhere, 2.5.5 where the public goes.
LEAST, PUBLIC_LEAST = 24, 44

_TARGETS = """(least) => {
  const kinds = 'a[href], button, select, textarea, summary, input:not([type=hidden]), [role=button], [tabindex="0"]';
  const unite = (boxes) => ({
    left: Math.min(...boxes.map(b => b.left)), right: Math.max(...boxes.map(b => b.right)),
    top: Math.min(...boxes.map(b => b.top)), bottom: Math.max(...boxes.map(b => b.bottom)),
  });
  // A link in a sentence is as high as its line: both rules leave it alone.
  const isInSentence = (e) => {
    if (getComputedStyle(e).display !== 'inline') return false;
    let block = e.parentElement;
    while (getComputedStyle(block).display === 'inline') block = block.parentElement;
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    let rest = '';
    while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(kinds)) rest += walker.currentNode.data;
    return (rest.match(/\\p{L}/gu) ?? []).length > 2;
  };
  const targets = [];
  for (const e of document.querySelectorAll(kinds)) {
    if (e.disabled || !e.checkVisibility({ visibilityProperty: true })) continue;
    const labels = ['checkbox', 'radio', 'file'].includes(e.type) ? [...e.labels] : [];
    const boxes = [e, ...labels].map(one => one.getBoundingClientRect());
    const box = unite(boxes);
    box.width = box.right - box.left;
    box.height = box.bottom - box.top;
    if (box.right <= 0 || box.bottom + scrollY <= 0 || box.width <= 1 || isInSentence(e)) continue;
    targets.push({ e, ...box, x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 });
  }
  const isSmall = (t, least) => t.width < least - .5 || t.height < least - .5;
  const isCrowded = (t) => targets.some(o => {
    if (o === t || o.e.contains(t.e) || t.e.contains(o.e)) return false;
    if (isSmall(o, 24)) return Math.hypot(o.x - t.x, o.y - t.y) < 24;
    const dx = Math.max(o.left - t.x, 0, t.x - o.right), dy = Math.max(o.top - t.y, 0, t.y - o.bottom);
    return Math.hypot(dx, dy) < 12;
  });
  return targets
    .filter(t => isSmall(t, least) && (least > 24 || isCrowded(t)))
    .map(t => `${t.e.outerHTML.slice(0, 90).replace(/\\s+/g, ' ')} ${Math.round(t.width)}×${Math.round(t.height)}`);
}"""
# Words beside an element, both parts of one flexible box: once there are too many for a line they stand as two columns.
_APART = """() => [...document.querySelectorAll('body *')].filter(e => {
  if (!e.checkVisibility({ visibilityProperty: true }) || !getComputedStyle(e).display.endsWith('flex')) return false;
  const isSaid = (n) => n.nodeType === Node.TEXT_NODE ? n.data.trim()
    : n.tagName !== 'svg' && n.textContent.trim() && n.checkVisibility() && getComputedStyle(n).position !== 'absolute';
  const parts = [...e.childNodes].filter(n => n.nodeType !== Node.COMMENT_NODE && isSaid(n));
  if (parts.length < 2 || !parts.some(n => n.nodeType === Node.TEXT_NODE)) return false;
  return parts.some(n => {
    const range = document.createRange();
    range.selectNodeContents(n);
    return new Set([...range.getClientRects()].map(box => Math.round(box.top / 8))).size > 1;
  });
}).map(e => e.outerHTML.slice(0, 110).replace(/\\s+/g, ' '))"""
_MOVING = """() => [...document.querySelectorAll('body, body *')].filter(e => {
  const s = getComputedStyle(e);
  const lasts = (times) => times.split(',').some(time => parseFloat(time) > .01);
  const isAnimated = s.animationName !== 'none' && lasts(s.animationDuration);
  return isAnimated || lasts(s.transitionDuration) || s.scrollBehavior === 'smooth';
}).map(e => e.tagName.toLowerCase() + '.' + e.className).slice(0, 3)"""

# The menu of a phone lies over the page: open, it would hide from axe what is under it.
_UNFOLD = """() => document.querySelectorAll('details:not([open]):not(header details)').forEach(one => {
  one.open = true;
  one.dataset.wasShut = '';
})"""
_FOLD = """() => {
  for (const one of document.querySelectorAll('[data-was-shut]')) {
    one.open = false;
    delete one.dataset.wasShut;
  }
  document.documentElement.removeAttribute('data-contrast');
}"""


def violations(page: Page, options: dict[str, Any] = AXE_OPTIONS) -> list[str]:
    """What axe-core holds against the page as it stands: rule, how many, the first place.

    A page that a click has just led to may have come in half: axe would miss what is still on its way.
    """
    page.wait_for_load_state("load")
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("options => axe.run(document, options).then(said => said.violations)", options)
    return [f"{v['id']} ×{len(v['nodes'])} ({v['impact']}): {v['nodes'][0]['html'][:160]}" for v in found]


def scrolls_sideways(page: Page) -> list[str]:
    """Elements that make a phone scroll sideways; empty when the page fits."""
    return page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.scrollingElement.scrollWidth <= width + 1) return [];
          return [...document.querySelectorAll('body *')]
            .filter(e => e.getBoundingClientRect().right > width + 1)
            .map(e => e.tagName.toLowerCase() + '.' + e.className).slice(0, 3);
        }"""
    )


def small_targets(page: Page, least: int = LEAST) -> list[str]:
    """What a trembling finger misses: targets under ``least`` px; at 24 px only those too near to another one."""
    return page.evaluate(_TARGETS, least)


def moves(page: Page) -> list[str]:
    """What still moves by itself although the reader asked for stillness."""
    return page.evaluate(_MOVING)


def falls_apart(page: Page) -> list[str]:
    """Sentences that stand in two columns because an element is part of them."""
    return page.evaluate(_APART)


def english(page: Page) -> list[str]:
    """English on the page as scripts have left it."""
    return [str(find) for find in READER.judge_page(page.content())]


def look(page: Page, *, least: int = LEAST) -> list[str]:
    """All that is wrong with the page as it stands, folded parts open, without motion.

    A narrow page is looked at in dark colours, a wide one in light ones, one of the public in high contrast too. What
    axe asks beside colours is the same in each, and its run is what costs time: offices' pages are asked it once.
    """
    own = page.viewport_size
    assert own is not None
    is_narrow = own["width"] < 500
    page.emulate_media(color_scheme="dark" if is_narrow else "light", reduced_motion="reduce")
    page.evaluate(_UNFOLD)
    found = violations(page, AXE_OPTIONS if is_narrow or least == PUBLIC_LEAST else AXE_COLOURS)
    found += [f"target {said}" for said in small_targets(page, least)[:4]]
    found += [f"falls apart: {said}" for said in falls_apart(page)[:4]]
    found += [f"English {said}" for said in english(page)[:6]]
    found += [f"moves: {said}" for said in moves(page)]
    if page.locator("option", has_text="-----").count():
        found.append("a choice that is called -----, not what is to be chosen")
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} headings of level 1")
    if wide := scrolls_sideways(page):
        found.append(f"scrolls sideways: {', '.join(wide)}")
    elif is_narrow:
        page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
        if wide := scrolls_sideways(page):
            found.append(f"scrolls sideways at 320 px: {', '.join(wide)}")
        page.set_viewport_size(own)
    if not is_narrow and least == PUBLIC_LEAST:
        page.evaluate("() => document.documentElement.setAttribute('data-contrast', 'cao')")
        found += [f"high contrast: {said}" for said in violations(page, AXE_COLOURS)]
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    page.evaluate(_FOLD)
    return found


@dataclass
class Weight:
    """What a first view cost."""

    bytes: int = 0
    requests: int = 0
    foreign: int = 0


def weigh(page: Page, path: str, base: str) -> Weight:
    """Open ``path`` with an empty cache and count what came over the wire."""
    weight = Weight()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def finished(event: dict) -> None:
        weight.bytes += int(event["encodedDataLength"])

    def asked(event: dict) -> None:
        url = event["request"]["url"]
        weight.requests += 1
        weight.foreign += not url.startswith((base, "data:", "blob:"))

    session.on("Network.loadingFinished", finished)
    session.on("Network.requestWillBeSent", asked)
    page.goto(path, wait_until="networkidle")
    return weight
