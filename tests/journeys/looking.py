"""Looking at a page as its readers must be able to: axe-core, sideways scrolling, weight of a first view."""

from __future__ import annotations

from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: WCAG 2.2 A and AA, and what axe knows as good practice.
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}


def violations(page: Page) -> list[str]:
    """What axe-core holds against the page as it stands: rule, how many, the first place.

    A page that a click has just led to may have come in half: axe would miss what is still on its way.
    """
    page.wait_for_load_state("load")
    found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
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
