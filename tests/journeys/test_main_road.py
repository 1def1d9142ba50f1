"""The whole road: a citizen studies, is counted, gets a certificate from an official, and a stranger checks it."""

from __future__ import annotations

import re
from functools import partial

import pytest
from playwright.sync_api import expect

from people.models import Unit
from people.querysets import today
from tests.journeys import people
from tests.journeys.conftest import DESK, SCREENSHOTS

COURSE = "/khoa-hoc/5-ky-nang-so-co-ban/"
COURSE_TITLE = "5 kỹ năng số cơ bản"
WARD, WARD_CODE, PROVINCE_CODE = "Phường Bắc Giang", "07210", "24"
NOW, THEN = "2025-07-01", "2022"
INDICATOR = "BG23-2025-4"  # people of working age who have the skill: this course, at least 80 points
YEAR = today().year
PLACES = [(WARD_CODE, NOW), (PROVINCE_CODE, NOW), (PROVINCE_CODE, THEN)]


def figures(house) -> list[int]:
    """The figure at the ward, and at the province under both structures."""
    return [
        people.kpi_count(house.ask, indicator=INDICATOR, unit=unit, structure=structure, year=YEAR)
        for unit, structure in PLACES
    ]


def figure_on_page(page, unit: Unit, structure: str) -> int:
    page.goto(f"/quan-ly/chi-tieu/{INDICATOR}/?nam={YEAR}&co-cau={structure}&don-vi={unit.uuid}")
    shown = page.locator(".kpi-cards .figure").first.inner_text()
    return int(shown.replace(".", ""))


def open_units() -> list[tuple[Unit, str]]:
    ward = Unit.objects.get(code=WARD_CODE, valid_to=None)
    after, before = Unit.objects.get(code=PROVINCE_CODE, valid_to=None), Unit.objects.filter(code=PROVINCE_CODE)
    return [(ward, NOW), (after, NOW), (before.order_by("valid_from")[0], THEN)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("js", "name", "phone"),
    [
        pytest.param(True, "Nguyễn Thị Ngọc Ưỡng Hoà", "0912 345 601", id="with-javascript"),
        pytest.param(False, "Đặng Thuỳ Quỳnh Mỵ", "0912 345 602", id="without-javascript", marks=pytest.mark.sweep),
    ],
)
def test_from_first_visit_to_revoked_certificate(house, visit, tmp_path, js, name, phone):
    # A guest reads a lesson without an account.
    page = visit(js=js)
    page.goto("/")
    page.get_by_role("link", name="Học thử bài 1").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.locator(".lesson-body").inner_text().count(" ") > 100
    assert page.url.startswith(house.url + "/khoa-hoc/")

    # Sign-up by phone, enrolment, every lesson and self-check.
    learner = people.Learner(page, name=name, phone=phone, commune=WARD, scripts=js)
    learner.sign_up()
    learner.enrol(COURSE)
    final = people.final_quiz(COURSE)
    assert learner.learn_until(final) >= 10

    # Where they left off is remembered.
    page.goto("/viec-hoc/")
    page.get_by_role("link", name="Học tiếp:").click()
    page.wait_for_url(re.compile(str(final.uuid)))

    # The first try fails and counts nothing.
    before = figures(house)
    learner.start_quiz()
    learner.answer_final(right=False)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chưa đạt: đúng 0 trên 10 câu")
    assert figures(house) == before

    # The second passes: the course is completed, and the person counted once at every level.
    learner.start_quiz()
    learner.answer_final(right=True)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đạt: đúng 10 trên 10 câu")
    expect(page.get_by_text(f"Bạn đã hoàn thành khoá học «{COURSE_TITLE}».")).to_be_visible()
    assert figures(house) == [count + 1 for count in before]

    # The confirmation comes by itself.
    confirmation = learner.own_certificate_pdf(tmp_path)
    assert name in people.pdf_text(confirmation)

    # The provincial lead sees the new figures, and the person behind them.
    lead = visit(js=js, size=DESK)
    people.sign_in(lead, "chutri")
    for (unit, structure), count in zip(open_units(), before, strict=True):
        shown = partial(figure_on_page, lead, unit, structure)
        people.wait_until(lead, lambda want=count + 1, read=shown: read() == want, f"the new figure of {unit}")
    lead.get_by_role("link", name="Xem từng người").click()
    lead.get_by_label("Tìm theo tên").fill(name)
    lead.get_by_label("Tìm theo tên").press("Enter")
    expect(lead.get_by_text(name).first).to_be_visible()

    # The coordinator proposes, another person approves: the official certificate.
    coordinator = visit(js=js, size=DESK)
    people.sign_in(coordinator, "daumoi")
    title = f"Đợt của {name}"
    batch = people.propose(coordinator, course=COURSE_TITLE, unit=WARD, series="Giấy chứng nhận", title=title)
    official = visit(js=js, size=DESK)
    people.sign_in(official, "kycap")
    day = today()
    people.approve(official, batch, decision="412/QĐ-SKHCN", day=day)
    row = official.get_by_role("row", name=name)
    certificate = row.get_by_role("link")
    number = certificate.inner_text().strip()
    official_page = certificate.get_attribute("href")

    # On paper: the text of the file, and the QR code off its picture.
    pdf = learner.own_certificate_pdf(tmp_path, number)
    text = people.pdf_text(pdf)
    for expected in (name, number, COURSE_TITLE, "412/QĐ-SKHCN"):
        assert expected in text, f"{expected} is not in the PDF: {text[:600]}"
    picture = people.pdf_picture(pdf)
    assert picture.width > picture.height, "A4 landscape"
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    picture.save(SCREENSHOTS / f"certificate-{'js' if js else 'nojs'}.png")
    address = people.qr_of(picture)
    assert address.startswith(f"{house.url}/xac-minh/")

    # A stranger follows the code; then the certificate is revoked, and the page says so at once.
    stranger = visit(js=js)
    stranger.goto(address)
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("có hiệu lực")
    for expected in (name, number):
        expect(stranger.get_by_text(expected).first).to_be_visible()
    people.revoke(official, official_page, decision="431/QĐ-SKHCN", day=day, reason="Cấp nhầm ngày sinh")
    stranger.reload()
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("đã bị thu hồi")
    expect(stranger.get_by_text("Gian lận trong học tập").first).to_be_visible()

    # Revoking a paper takes nobody out of the figures, and live figures equal rebuilt ones.
    assert figures(house) == [count + 1 for count in before]
    house.ask("kpi_rebuild", "--check")
    house.ask("verify_register")
