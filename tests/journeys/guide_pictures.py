"""Takes the pictures of the guides anew: pages of the demo, as people see them. Only on demand, never in a run:

    .venv/bin/pytest -m journey tests/journeys/guide_pictures.py

Each is written to ``docs/guides/img/`` as WebP small enough for a phone on 3G, and as readers of English see it to
``en/`` in that folder. Everybody on them is of the demo.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from django.conf import settings
from PIL import Image
from playwright.sync_api import Page

from certificates.models import Batch, BatchState
from common.guides import PICTURES
from courses.models import Step
from people.models import User
from tests.common.test_guides import MOST_BYTES
from tests.journeys import people
from tests.journeys.addresses import COURSE, taught

PHONE, DESK = {"width": 360, "height": 760}, {"width": 1024, "height": 640}
OF_A_LEARNER = ("khoa-hoc", "viec-hoc", "cau-hoi")
QUALITIES = (80, 70, 60, 50, 40, 30)


def keep_in_both(page: Page, name: str, at: str = "main", act: Callable[[Page], None] | None = None) -> None:
    """The page as it stands, once ``act`` was done on it, in Vietnamese and in English."""
    address = page.url
    for folder, language in (("", "vi"), ("en/", "en")):
        page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": address}])
        page.goto(address)
        if act:
            act(page)
        keep(page, folder + name, at)
    page.context.clear_cookies(name=settings.LANGUAGE_COOKIE_NAME)
    page.goto(address)


def keep(page: Page, name: str, at: str) -> None:
    """What stands in the window from the top of ``at``, in the best quality that stays small."""
    page.locator(at).first.evaluate("part => window.scrollTo(0, part.getBoundingClientRect().top + scrollY)")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for quality in QUALITIES:
        out = io.BytesIO()
        shot.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= MOST_BYTES:
            break
    (PICTURES / f"{name}.webp").write_bytes(out.getvalue())


def without_hints() -> None:
    """Nobody is at a page for the first time: a hint would stand before what the guide speaks of."""
    from lms.help.hints import HINTS

    User.objects.update(hints_seen=[hint.key for hint in HINTS])


def test_what_a_learner_sees(house, visit):
    page = visit(size=PHONE)
    learner = people.Learner(page, name="Hoàng Thị Mận", phone="0912 345 611", commune="Phường Bắc Giang")
    learner.sign_up()
    without_hints()
    course, learning, question = OF_A_LEARNER
    page.goto(COURSE)
    keep_in_both(page, course)
    learner.enrol(COURSE)
    page.goto("/viec-hoc/")
    keep_in_both(page, learning)
    page.goto(f"/kiem-tra/bat-dau/{people.final_quiz(COURSE).uuid}/")
    learner.start_quiz()
    keep_in_both(page, question)


def course_taught() -> str:
    step: Step = taught()
    return f"/quan-ly/giang-day/{step.course.uuid}/"


def waiting_list() -> str:
    batch = Batch.objects.filter(state=BatchState.PROPOSED).latest("proposed_at")
    return f"/quan-ly/cap-chung-nhan/dot/{batch.uuid}/"


def last_quarter(page: Page) -> None:
    page.locator("main select[name=ky]").select_option(index=0)
    page.locator("main form:has(select[name=ky]) button[type=submit]").first.click()
    page.locator("#xem-truoc").wait_for()


#: Name of the picture → who looks, where, what they do first, and what stands at its top.
OFFICES: dict[str, tuple[str, str | Callable[[], str], Callable[[Page], None] | None, str]] = {
    "quan-ly": ("daumoi", "/quan-ly/", None, "main"),
    "duyet": ("kycap", waiting_list, None, "main"),
    "giang-day": ("giangvien", course_taught, None, "main"),
    "chi-tieu": ("chutri", "/quan-ly/chi-tieu/", None, "main"),
    "chot-so": ("chutri", "/quan-ly/chi-tieu/chot-so/moi/", last_quarter, "#xem-truoc"),
}


def test_what_offices_see(house, visit):
    without_hints()
    for name, (login, path, act, top) in OFFICES.items():
        page = visit(size=DESK)
        people.sign_in(page, login)
        page.goto(path() if callable(path) else path)
        keep_in_both(page, name, top, act)
