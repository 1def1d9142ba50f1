"""Every page of every role, on a phone and on a desk: for every eye and finger, in every colour, in both languages."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import resolve
from playwright.sync_api import Page

from tests.english import NOTHING, Held, held_texts, vietnamese_in
from tests.journeys import looking, people
from tests.journeys.addresses import ADMINS, COURSE, REFUSED, ROLES
from tests.journeys.conftest import DESK, PHONE
from tests.lms.test_role_matrix import addresses_under

pytestmark = pytest.mark.sweep

#: A desk shows what a phone shows, more of it at once: the other lane looks, so that both take as long.
SIZES = [
    pytest.param(PHONE, id="360"),
    pytest.param(DESK, id="1280", marks=pytest.mark.sweep(on="sqlite")),
]
#: Forms sent with nothing in them: the page, the button, whose page it is.
EMPTY_FORMS = [
    (None, "/tai-khoan/login/", "Đăng nhập"),
    (None, "/tai-khoan/signup/", "Tiếp tục"),
    (None, "/tai-khoan/password/reset/", "Gửi mã"),
    (None, "/tai-khoan/phieu/", "Tiếp tục"),
    (None, "/xac-minh/", "Kiểm tra|Tra cứu|Xác minh"),
    ("nguoihoc", "/tai-khoan/password/change/", "Đổi mật khẩu|Lưu"),
    ("nguoihoc", "/tai-khoan/phone/change/", "Đổi sang số này|Thêm số này"),
]
#: What Wagtail and Django write into templates and scripts without a way to translate it: a hidden button beside a
#: search, the name of a picture for yes and no, an empty attribute, a button of the calendar that is never shown.
THEIRS = ("«Search»", "«True»", "«False»", "«None»", "«Save Selected»")
#: Addresses below /quan-ly/ that no sweep opens, and why.
NOT_SWEPT: dict[str, str] = {
    "rosters:roster": "test_roster.py looks at it in every state",
    "jobs:job": "moves on while it is looked at: tests/people/test_jobs_pages.py",
    "teaching:submission": "the demo has no work that waits",
    "kpi:declare": "tests/kpi/test_declarations.py: hangs on who is named in a decision",
    "kpi:closing_corrections": "the demo changes nothing that was closed",
    **{
        f"insight:{name}": "test_insight.py looks at it"
        for name in (
            *("home", "quiz", "question", "regrade", "people", "person", "attempt"),
            *("essays", "essay"),
        )
    },
    **dict.fromkeys(
        (
            *("audit:export", "insight:export", "jobs:file", "jobs:state", "teaching:file", "units:import_template"),
            *("rosters:template", "rosters:export", "rosters:rejects"),
            *("kpi:declaration_evidence", "kpi:population_faults", "kpi:population_template", "kpi:report_file"),
            "kpi:calendar_file",
            *("issuing:book_export", "issuing:copy_file", "issuing:decision_file", "issuing:delivery_export"),
            *("issuing:design_pdf", "issuing:design_picture", "issuing:paper_faults", "issuing:paper_template"),
            "issuing:progress_state",
        ),
        "a file or an answer for scripts",
    ),
    **dict.fromkeys(
        (
            *("insight:rebuild", "jobs:retry", "slips:print", "issuing:hand_over", "issuing:register_check"),
            *(f"issuing:batch_{act}" for act in ("approve", "bundle", "check", "items", "pause", "reject", "resume")),
            *("issuing:batch_retry", "issuing:book_close"),
            *(f"issuing:certificate_{act}" for act in ("cancel", "copy", "correct", "reissue", "revoke")),
            *(f"issuing:design_{act}" for act in ("draft", "drop", "publish", "retire")),
            *("kpi:due_reopen", "kpi:dues_remind", "kpi:missing_reminders", "kpi:target_drop"),
            *("kpi:calendar_link", "kpi:decision_span", "kpi:due_excuse"),
            *("kpi:report_drop", "kpi:report_files", "kpi:report_issue"),
            *(f"rosters:{act}" for act in ("apply", "cancel", "confirm_leavers", "decide", "decide_all")),
            *("teams:remind", "teams:remind_leaders", "teams:preview", "teams:save"),
        ),
        "takes what a form sends",
    ),
}


def complaints(page: Page, path: str, *, status: int = 200) -> list[str]:
    """Everything wrong with one page at the page's own width."""
    answer = page.goto(path)
    assert answer is not None
    found = [] if answer.status == status else [f"answers {answer.status} instead of {status}"]
    return found + looking.look(page, least=least_at(path))


def complaints_in_english(page: Page, path: str, held: Held = NOTHING) -> list[str]:
    """What the same page leaves in Vietnamese for who chose English: fetched with the browser's cookies, not drawn."""
    browser = page.context
    # A cookie in a header would be lost where an address leads on to another.
    browser.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": page.url}])
    said = browser.request.get(path).text()
    browser.clear_cookies(name=settings.LANGUAGE_COOKIE_NAME)
    found = [] if '<html lang="en"' in said else ["is not English for who chose it"]
    return found + [f"Vietnamese for who chose English: «{text[:100]}»" for text in vietnamese_in(said, held)]


def least_at(path: str) -> int:
    """How large a target must be: fingers of the public are older and their phones smaller."""
    return looking.LEAST if path.startswith("/quan-ly/") else looking.PUBLIC_LEAST


def told(wrong: dict[str, list[str]]) -> str:
    return "\n".join(f"{place}: {said}" for place, said in wrong.items())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("login", list(ROLES), ids=lambda login: login or "guest")
def test_pages(house, visit, snapshot, login, size):
    page = visit(size=size)
    if login:
        people.sign_in(page, login)
    wrong: dict[str, list[str]] = {}
    asked = [(name, path() if callable(path) else path, 200) for name, path in ROLES[login].items()]
    asked += [(name, *refused) for name, refused in ({} if login else REFUSED).items()]
    # What visitors and learners are shown of others' words is marked as such; offices are full of names. Read when
    # every address is known: some make the record that they lead to.
    held = NOTHING if login in (None, "nguoihoc") or size is DESK else held_texts()
    for name, address, status in asked:
        found = complaints(page, address, status=status)
        if size is PHONE:
            found += complaints_in_english(page, address, held)
        if found:
            wrong[f"{name} {address}"] = found
        snapshot(page, f"{login or 'khach'}-{name}", (size,))
    assert wrong == {}, told(wrong)


@pytest.mark.parametrize("login", list(ADMINS))
def test_the_admins_speak_both_languages(house, visit, snapshot, login):
    """What is not ours to draw is ours to word: no English among Vietnamese, whatever scripts write, and the other way
    round."""
    page = visit(size=DESK)
    people.sign_in(page, login)
    asked = {name: path() if callable(path) else path for name, path in ADMINS[login].items()}
    held = held_texts()
    wrong: dict[str, list[str]] = {}
    for name, address in asked.items():
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, f"{address}: {answer.status}"
        found = [said for said in looking.english(page) if not said.startswith(THEIRS)]
        if found := found + complaints_in_english(page, address, held):
            wrong[f"{name} {address}"] = found
        snapshot(page, f"{login}-{name}", (DESK,))
    assert wrong == {}, told(wrong)


def test_forms_sent_empty(house, visit, snapshot):
    """The state that everybody sees first: what is wrong stands on top, is said, and passes what its page passes."""
    wrong: dict[str, list[str]] = {}
    pages = {None: visit(size=PHONE), "nguoihoc": visit(size=PHONE)}
    people.sign_in(pages["nguoihoc"], "nguoihoc")
    for login, path, button in EMPTY_FORMS:
        page = pages[login]
        page.goto(path)
        page.locator("main").get_by_role("button", name=re.compile(f"^({button})")).first.click()
        page.wait_for_load_state("load")
        found = looking.look(page, least=looking.PUBLIC_LEAST)
        if page.locator(".summary:focus, [role=alert]").count() == 0:
            found.append("nothing says what is wrong")
        if found:
            wrong[path] = found
        snapshot(page, f"loi-{path.strip('/').replace('/', '-')}", (PHONE,))
    assert wrong == {}, told(wrong)


@pytest.mark.parametrize("size", SIZES)
def test_pages_of_a_quiz(house, visit, snapshot, size):
    """The pages that exist only while one works: question, last look, result."""
    page = visit(size=size)
    phone = "0912 345 7" + ("01" if size is PHONE else "02")
    learner = people.Learner(page, name="Lò Thị Ước", phone=phone, commune="Phường Bắc Giang")
    learner.sign_up()
    page.goto(f"/kiem-tra/bat-dau/{people.final_quiz(COURSE).uuid}/")
    learner.start_quiz()
    wrong = {}
    address = page.url.removeprefix(house.url)
    for name, path in {"cau-hoi": address, "xem-lai": f"{address.split('?')[0]}xem-lai/"}.items():
        if found := complaints(page, path):
            wrong[name] = found
        snapshot(page, f"lam-bai-{name}", (size,))
    page.goto(address)
    learner.answer_final(right=False)
    if found := complaints(page, page.url.removeprefix(house.url)):
        wrong["ket-qua"] = found
    snapshot(page, "lam-bai-ket-qua", (size,))
    assert wrong == {}, told(wrong)


def test_no_page_is_forgotten(house):
    """Whatever stands below /quan-ly/ is opened by some sweep, or says why not."""
    swept = {
        resolve(urlsplit(path() if callable(path) else path).path).view_name
        for pages in ROLES.values()
        for path in pages.values()
    }
    assert set(addresses_under("quan-ly/")) - swept - NOT_SWEPT.keys() == set()
    assert NOT_SWEPT.keys() & swept == set(), "these are swept: take them off the list"


@pytest.mark.parametrize("path", ["/", COURSE], ids=["home", "course"])
def test_first_view_is_light(house, visit, path):
    """A cheap phone on 3G: at most 60 KB, 8 requests, nothing from other hosts."""
    weight = looking.weigh(visit(), path, house.url)
    assert weight.bytes <= 60_000, weight
    assert weight.requests <= 8, weight
    assert weight.foreign == 0, weight
