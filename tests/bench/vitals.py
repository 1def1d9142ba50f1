"""One page in a real Chromium made as slow as the reference device: what came over the wire, when it was there, how
soon it answered, and whether anything jumped."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, CDPSession, Page, Response, TimeoutError

from tests.bench import scores
from tests.journeys.looking import AXE_OPTIONS

#: "3G" of WebPageTest: 1.6 Mbit/s down, 768 kbit/s up, 300 ms there and back. Chromium waits that long for each answer,
#: not for opening a connection: a first visit over HTTPS takes two more round trips (TCP, TLS 1.3).
NETWORK = {"offline": False, "latency": 300, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 768_000 / 8}
HANDSHAKE_MS = 600
#: A cheap phone beside this machine.
CPU_SLOWDOWN = 4
#: Shorter than a frame is not told.
SHORTEST_MS = 16
SETTLED_MS = 1_500
#: So many folded parts of a page are opened.
FOLDED = 3
TOUCH_TIMEOUT_MS = 8_000
#: What people write in, and what they press to go on or to save.
WRITTEN = ["input[type=search]", "input[type=text]", "input[type=email]", "textarea"]
MAIN_BUTTON = re.compile("^(Câu tiếp|Ghi lại|Lưu|Tôi đã học xong|Tìm|Tiếp tục|Đăng nhập)")

WATCH = """(() => {
  const kept = JSON.parse(sessionStorage.getItem("__events") || "[]");
  const seen = (window.__seen = { fcp: 0, lcp: 0, what: "", shifts: [], tasks: [], events: kept });
  const on = (type, read, more = {}) => {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(read));
    observer.observe({ type, buffered: true, ...more });
    return () => observer.takeRecords().forEach(read);
  };
  on("paint", (e) => { if (e.name === "first-contentful-paint") seen.fcp = e.startTime; });
  on("largest-contentful-paint", (e) => {
    seen.lcp = e.startTime;
    seen.what = e.element?.tagName.toLowerCase() ?? "";
  });
  on("layout-shift", (e) => seen.shifts.push([e.startTime, e.value, e.hadRecentInput]));
  on("longtask", (e) => seen.tasks.push([e.startTime, e.duration]));
  const named = (e) => `${e?.localName ?? ""} ${e?.textContent?.trim().replace(/\\s+/g, " ").slice(0, 20) ?? ""}`;
  const touched = (e) => { if (e.interactionId) seen.events.push([e.duration, `${e.name} ${named(e.target)}`]); };
  const rest = on("event", touched, { durationThreshold: 16 });
  addEventListener("pagehide", () => {
    rest();
    sessionStorage.setItem("__events", JSON.stringify(seen.events));
  });
})();"""

PRACTICES = """() => {
  const all = (query) => [...document.querySelectorAll(query)];
  const named = (e) => e.textContent.trim() || e.getAttribute("aria-label");
  const viewport = document.querySelector('meta[name="viewport"]')?.content ?? "";
  const fields = all("input:not([type=hidden]), select, textarea");
  return {
    "a doctype": document.compatMode === "CSS1Compat",
    "a language": document.documentElement.lang === "vi",
    "a title": document.title.trim().length > 5,
    "one heading of level 1": all("h1").length === 1,
    "UTF-8": document.characterSet === "UTF-8",
    "a viewport": viewport.includes("width=device-width"),
    "may be enlarged": !/user-scalable|maximum-scale/.test(viewport),
    "an icon": all('link[rel~="icon"]').length > 0,
    "pictures with their sizes": all("img").every((i) => i.getAttribute("width") && i.getAttribute("height")),
    "links that lead somewhere and say where": all("a").every((a) => a.href && named(a)),
    "no script that blocks": all("head script[src]").every((s) => s.type === "module" || s.defer || s.async),
    "fields with a name": fields.every((f) => f.labels?.length || f.getAttribute("aria-label")),
  };
}"""


@dataclass
class Wire:
    """What came over the wire, and from whom."""

    bytes: int = 0
    requests: int = 0
    foreign: int = 0
    page: int = 0

    @staticmethod
    def tap(session: CDPSession, base: str) -> Wire:
        """Count from now on. What the browser had already is not counted."""
        wire, had = Wire(), set()

        def answered(event: dict[str, Any]) -> None:
            answer = event["response"]
            if answer.get("fromDiskCache") or answer["url"].startswith(("data:", "blob:")):
                had.add(event["requestId"])
            elif event["requestId"] not in had:
                wire.requests += 1
                wire.foreign += not answer["url"].startswith(base)

        def finished(event: dict[str, Any]) -> None:
            came = 0 if event["requestId"] in had else int(event["encodedDataLength"])
            wire.bytes += came
            wire.page = wire.page or came  # the page comes before what it names

        session.on("Network.requestServedFromCache", lambda event: had.add(event["requestId"]))
        session.on("Network.responseReceived", answered)
        session.on("Network.loadingFinished", finished)
        return wire


@dataclass
class Measured:
    """One page: the first view, the next one, and what people's touches cost."""

    first: Wire = field(default_factory=Wire)
    repeat: Wire = field(default_factory=Wire)
    fcp: float = 0
    lcp: float = 0
    what: str = ""
    tbt: float = 0
    cls: float = 0
    inp: float = 0
    slowest: str = ""
    touches: int = 0
    axe: list[str] = field(default_factory=list)
    axe_passed: int = 0
    failing: list[str] = field(default_factory=list)
    practices: int = 0
    #: Milliseconds of the server.
    server: float = 0

    @property
    def performance(self) -> int:
        return scores.performance({"fcp": self.fcp, "lcp": self.lcp, "tbt": self.tbt, "cls": self.cls})

    @property
    def accessibility(self) -> int:
        return scores.share(self.axe_passed, len(self.axe))

    @property
    def practice(self) -> int:
        return scores.share(self.practices - len(self.failing), len(self.failing))


def slow(page: Page) -> CDPSession:
    """Make the network and the processor of a page those of the reference device."""
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    return session


def view(open_context: Callable[[], BrowserContext], base: str, path: str) -> Measured:
    """A first view in a new browser, the touches of a person, and a second view; then what axe-core says."""
    context = open_context()
    context.add_init_script(WATCH)
    context.set_default_timeout(TOUCH_TIMEOUT_MS)
    context.set_default_navigation_timeout(60_000)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    session = slow(page)
    found = Measured(first=Wire.tap(session, base))
    answer = page.goto(path, wait_until="networkidle")
    page.wait_for_timeout(SETTLED_MS)
    seen = page.evaluate("window.__seen")
    found.fcp, found.lcp, found.what = seen["fcp"], seen["lcp"], seen["what"]
    found.tbt = scores.blocking(seen["tasks"], since=seen["fcp"])
    # Nobody has touched anything: what an emulated phone takes for a touch is none.
    found.cls = scores.session_shift((at, value) for at, value, _ in seen["shifts"])
    found.first = replace(found.first)  # what the rest does to the page is not part of it
    _look(page, answer, errors, found)
    session.detach()
    session = slow(page)
    found.repeat = Wire.tap(session, base)
    page.reload(wait_until="networkidle")
    found.repeat = replace(found.repeat)
    _touch(page, found)
    context.close()
    return found


def _look(page: Page, answer: Response | None, errors: list[str], found: Measured) -> None:
    """axe-core, and what good pages have."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    said = Axe().run(page, options=AXE_OPTIONS).response
    session.detach()
    found.axe = [f"{rule['id']} ×{len(rule['nodes'])}" for rule in said["violations"]]
    found.axe_passed = len(said["passes"])
    headers = answer.headers if answer else {}
    held = page.evaluate(PRACTICES) | {
        "answers 200": answer is not None and answer.status == 200,
        "nothing of other houses": not found.first.foreign,
        "no complaint in the console": not errors,
        "a policy without unsafe-inline": "unsafe" not in headers.get("content-security-policy", "unsafe"),
        "types are not guessed": headers.get("x-content-type-options") == "nosniff",
        "compressed": headers.get("content-encoding") in ("gzip", "br"),
    }
    found.practices, found.failing = len(held), [name for name, holds in held.items() if not holds]


def _touch(page: Page, found: Measured) -> None:
    """Do what people do on a page; INP is the slowest answer to a touch or a key."""
    menu = page.locator("summary:visible")
    touches: list[Callable[[], Any]] = [lambda: page.keyboard.press("Tab")]
    for number in range(min(FOLDED, menu.count())):
        touches += [menu.nth(number).click] * 2  # opened, and closed again: a menu lies over the page
    for query in ("input[type=radio]:visible", "input[type=checkbox]:visible", "fieldset label:visible"):
        if page.locator(query).count():
            touches.append(page.locator(query).first.click)
    writing = page.locator(", ".join(f"{field}:visible" for field in WRITTEN))
    if writing.count():
        touches.append(lambda: writing.first.press_sequentially("học", delay=80))
    onward = page.get_by_role("button", name=MAIN_BUTTON)
    pressed = [button for button in onward.all() if button.is_visible()][:1]
    for touch in [*touches, *(button.click for button in pressed)]:
        with suppress(TimeoutError):  # what lies under something else cannot be touched
            touch()
            found.touches += 1
        page.wait_for_timeout(400)
    page.wait_for_load_state("networkidle")
    time.sleep(0.3)
    seen = page.evaluate("window.__seen")
    found.inp, found.slowest = max(map(tuple, seen["events"]), default=(0, ""))
    jumped = scores.session_shift((at, value) for at, value, was_touched in seen["shifts"] if not was_touched)
    found.cls = max(found.cls, jumped)
