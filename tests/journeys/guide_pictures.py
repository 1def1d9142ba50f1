"""Takes the pictures of the guides anew: pages of the demo, as people see them. Only on demand, never in a run:

    .venv/bin/pytest -m journey tests/journeys/guide_pictures.py

Each is written to ``docs/guides/img/`` as WebP small enough for a phone on 3G. Everybody on them is of the demo.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import Page

from certificates.models import Batch, BatchState
from common.guides import PICTURES
from courses.models import Step
from people.models import User
from tests.common.test_guides import MOST_BYTES
from tests.journeys import people
from tests.journeys.test_every_page import COURSE, taught

PHONE, DESK = {"width": 360, "height": 760}, {"width": 1024, "height": 640}
QUALITIES = (80, 70, 60, 50, 40, 30)


def keep(page: Page, name: str, at: str = "main") -> None:
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
    page.goto(COURSE)
    keep(page, "khoa-hoc")
    learner.enrol(COURSE)
    page.goto("/viec-hoc/")
    keep(page, "viec-hoc")
    page.goto(f"/kiem-tra/bat-dau/{people.final_quiz(COURSE).uuid}/")
    learner.start_quiz()
    keep(page, "cau-hoi")


def course_taught() -> str:
    step: Step = taught()
    return f"/quan-ly/giang-day/{step.course.uuid}/"


def waiting_list() -> str:
    batch = Batch.objects.filter(state=BatchState.PROPOSED).latest("proposed_at")
    return f"/quan-ly/cap-chung-nhan/dot/{batch.uuid}/"


def last_quarter(page: Page) -> None:
    page.get_by_label("Kỳ", exact=True).select_option(index=0)
    page.get_by_role("button", name="Xem trước").click()
    page.get_by_role("heading", name="chỉ tiêu có số").wait_for()


#: Name of the picture → who looks, where, what they do first, and what stands at its top.
OFFICES: dict[str, tuple[str, str | Callable[[], str], Callable[[Page], None] | None, str]] = {
    "quan-ly": ("daumoi", "/quan-ly/", None, "main"),
    "duyet": ("kycap", waiting_list, None, "main"),
    "giang-day": ("giangvien", course_taught, None, "main"),
    "chi-tieu": ("chutri", "/quan-ly/chi-tieu/", None, "main"),
    "chot-so": ("chutri", "/quan-ly/chi-tieu/chot-so/moi/", last_quarter, "main h2:has-text('chỉ tiêu có số')"),
}


def test_what_offices_see(house, visit):
    without_hints()
    for name, (login, path, act, top) in OFFICES.items():
        page = visit(size=DESK)
        people.sign_in(page, login)
        page.goto(path() if callable(path) else path)
        if act:
            act(page)
        keep(page, name, top)
