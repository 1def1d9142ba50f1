"""Every page of every role, on a phone and on a desk: axe-core finds nothing, nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from certificates.models import Batch, BatchState, Certificate, CertificateState, Design, Series
from certificates.services import design_draft
from courses.models import Step
from lms.demo.accounts import LED_TEAM
from people.models import Unit, User
from tests.journeys import looking, people
from tests.journeys.conftest import DESK, PHONE

pytestmark = pytest.mark.sweep

COURSE = "/khoa-hoc/5-ky-nang-so-co-ban/"

PUBLIC: dict[str, str | Callable[[], str]] = {
    "trang-dau": "/",
    "danh-muc": "/khoa-hoc/",
    "tim-khoa-hoc": "/khoa-hoc/?q=ky+nang+so",
    "tim-khong-thay": "/khoa-hoc/?q=khong+co+gi+ca",
    "lo-trinh": "/lo-trinh/",
    "mot-lo-trinh": "/lo-trinh/giao-vien-day-hoc-so/",
    "khoa-hoc": COURSE,
    "bai-hoc": f"{COURSE}lam-quen-vneid-va-dich-vu-cong/",
    "cach-doc": "/viec-hoc/cach-doc/",
    "trang-kiem-tra": lambda: f"/kiem-tra/bat-dau/{people.final_quiz(COURSE).uuid}/",
    "dang-nhap": "/tai-khoan/login/",
    "dang-ky": "/tai-khoan/signup/",
    "quen-mat-khau": "/tai-khoan/password/reset/",
    "phieu": "/tai-khoan/phieu/",
    "xac-minh": "/xac-minh/",
    "xac-minh-co-hieu-luc": lambda: f"/xac-minh/{certificate(CertificateState.VALID).token}/",
    "tro-giup": "/tro-giup/",
    "tro-giup-huong-dan": "/tro-giup/nguoi-hoc/",
    "tro-giup-tim": "/tro-giup/tim/?q=mat+khau",
    "kha-nang-tiep-can": "/kha-nang-tiep-can/",
    "quyen-rieng-tu": "/quyen-rieng-tu/",
}
REFUSED = {
    "khong-tim-thay": ("/khong-co-trang-nay/", 404),
    "xac-minh-khong-co": ("/xac-minh/khong-co-giay-nay/", 404),
    "xac-minh-tep-khac": (f"/xac-minh/tep/{'0' * 64}/", 404),
}
LEARNER: dict[str, str | Callable[[], str]] = {
    "trang-dau": "/",
    "khoa-hoc": COURSE,
    "bai-hoc": f"{COURSE}nop-ho-so-truc-tuyen/",
    "viec-hoc": "/viec-hoc/",
    "ghi-chu": "/viec-hoc/ghi-chu/",
    "chung-nhan": "/chung-nhan/",
    "tai-khoan": "/tai-khoan/",
    "thong-tin": "/tai-khoan/thong-tin/",
    "doi-dien-thoai": "/tai-khoan/phone/change/",
    "doi-email": "/tai-khoan/email/",
    "doi-mat-khau": "/tai-khoan/password/change/",
    "hai-buoc": "/tai-khoan/2fa/",
    "noi-o": "/tai-khoan/noi-o/",
    "bat-dau": "/viec-hoc/bat-dau/",
    "dang-xuat": "/tai-khoan/logout/",
}
LEADER: dict[str, str | Callable[[], str]] = {
    "quan-ly": "/quan-ly/",
    "to": lambda: f"/quan-ly/to/{led_team().uuid}/",
    "in-danh-sach": lambda: f"/quan-ly/to/{led_team().uuid}/?in=1",
    "phieu": lambda: f"/quan-ly/phieu/{led_team().uuid}/",
}
COORDINATOR: dict[str, str | Callable[[], str]] = {
    "quan-ly": "/quan-ly/",
    "don-vi": lambda: f"/quan-ly/don-vi/{ward().uuid}/",
    "chi-tieu": "/quan-ly/chi-tieu/",
    "chi-tieu-mot": "/quan-ly/chi-tieu/BG23-2025-4/",
    "nguoi-sau-con-so": "/quan-ly/chi-tieu/BG23-2025-4/nguoi/",
    "so-sanh": "/quan-ly/chi-tieu/BG23-2025-4/?so-sanh=1",
    "chua-hoc": "/quan-ly/chi-tieu/BG23-H04/chua-hoc/",
    "cac-dot-cap": "/quan-ly/cap-chung-nhan/",
    "lap-dot": "/quan-ly/cap-chung-nhan/de-nghi/",
    "lap-dot-xem": lambda: proposing(),
    "lap-dot-vi-sao": lambda: f"{proposing()}&loai=waiting",
    "danh-sach": "/quan-ly/danh-sach/",
    "nhap-danh-sach": "/quan-ly/danh-sach/nhap/",
    "cac-to": "/quan-ly/to/",
    "danh-sach-to": "/quan-ly/to/danh-sach/",
    "kien-toan": lambda: f"/quan-ly/to/{led_team().uuid}/kien-toan/",
    "phieu": "/quan-ly/phieu/",
    "co-cau": "/quan-ly/co-cau/",
    "co-cau-don-vi": lambda: f"/quan-ly/co-cau/{ward().uuid}/",
    "nhat-ky": "/quan-ly/nhat-ky/",
    "cach-lien-he": "/tai-khoan/nguoi-ho-tro/",
}
INSTRUCTOR: dict[str, str | Callable[[], str]] = {
    "giang-day": "/quan-ly/giang-day/",
    "khoa": lambda: f"/quan-ly/giang-day/{taught().course.uuid}/",
    "bai": lambda: f"/quan-ly/giang-day/{taught().course.uuid}/bai/{taught().uuid}/",
    "nguoi-hoc": lambda: f"/quan-ly/giang-day/{taught().course.uuid}/nguoi-hoc/",
    "bai-nop": "/quan-ly/giang-day/bai-nop/",
}
LEAD: dict[str, str | Callable[[], str]] = {
    "chi-tieu": "/quan-ly/chi-tieu/",
    "chi-tieu-co-cau-cu": "/quan-ly/chi-tieu/?co-cau=2022",
    "chi-tieu-mot": "/quan-ly/chi-tieu/BG23-2025-4/",
    "chi-tieu-cham-nhat": "/quan-ly/chi-tieu/BG23-H04/?xep=cham",
    "chi-tieu-chua-hoc": "/quan-ly/chi-tieu/BG23-2025-1/chua-hoc/",
    "chi-tieu-ban-do": "/quan-ly/chi-tieu/ban-do/",
    "chi-tieu-ai-dang-hoc": "/quan-ly/chi-tieu/ai-dang-hoc/",
    "chuong-trinh": "/quan-ly/chi-tieu/chuong-trinh/",
    "chuong-trinh-mot": "/quan-ly/chi-tieu/chuong-trinh/BG23-10/",
    "muc-tieu": "/quan-ly/chi-tieu/muc-tieu/",
    "muc-tieu-dat": "/quan-ly/chi-tieu/muc-tieu/BG23-2030-4/",
    "muc-tieu-giao": "/quan-ly/chi-tieu/muc-tieu/BG23-2030-4/giao/?de-xuat=1",
    "so-nguoi": "/quan-ly/chi-tieu/dan-so/?doi-tuong=cccvc",
    "so-nguoi-nhap": "/quan-ly/chi-tieu/dan-so/nhap/",
    "bao-so": "/quan-ly/chi-tieu/bao-so/",
    "luu-y": "/quan-ly/chi-tieu/luu-y/",
    "co-cau": "/quan-ly/co-cau/?q=bac+giang",
    "chua-quy-doi": "/quan-ly/co-cau/chua-quy-doi/",
    "nhap-co-cau": "/quan-ly/co-cau/nhap/",
    "doi-ten-don-vi": lambda: f"/quan-ly/co-cau/{ward().uuid}/doi-ten/",
    "cac-to": "/quan-ly/to/",
}
OFFICIAL: dict[str, str | Callable[[], str]] = {
    "quan-ly": "/quan-ly/",
    "cac-dot-cap": "/quan-ly/cap-chung-nhan/",
    "dot-da-cap": lambda: f"/quan-ly/cap-chung-nhan/dot/{batch(BatchState.ISSUED).uuid}/",
    "dot-cho-duyet": lambda: f"/quan-ly/cap-chung-nhan/dot/{batch(BatchState.PROPOSED).uuid}/",
    "dot-tien-do": lambda: f"/quan-ly/cap-chung-nhan/dot/{batch(BatchState.ISSUED).uuid}/tien-do/",
    "dot-giao-nhan": lambda: f"/quan-ly/cap-chung-nhan/dot/{batch(BatchState.ISSUED).uuid}/giao-nhan/",
    "dot-giao-nhan-in": lambda: f"/quan-ly/cap-chung-nhan/dot/{batch(BatchState.ISSUED).uuid}/giao-nhan/in/",
    "so-goc": lambda: f"/quan-ly/cap-chung-nhan/so-goc/{Series.objects.get(is_automatic=False).code}/",
    "so-goc-nhap": lambda: f"/quan-ly/cap-chung-nhan/so-goc/{Series.objects.get(is_automatic=False).code}/nhap/",
    "giay": lambda: f"/quan-ly/cap-chung-nhan/giay/{certificate(CertificateState.VALID).uuid}/",
    "mau-giay": "/quan-ly/cap-chung-nhan/mau/",
    "mot-mau": lambda: f"/quan-ly/cap-chung-nhan/mau/{design().uuid}/?mau=150-chu",
    "sua-mau": lambda: f"/quan-ly/cap-chung-nhan/mau/{draft().uuid}/?kiem-tra=1",
    "loai-giay": "/quan-ly/cap-chung-nhan/loai-giay/",
    "sua-loai-giay": "/quan-ly/cap-chung-nhan/loai-giay/giay-chung-nhan/",
    "loai-giay-moi": "/quan-ly/cap-chung-nhan/loai-giay/moi/",
}
ROLES = {
    None: PUBLIC,
    "nguoihoc": LEARNER,
    "totruong": LEADER,
    "daumoi": COORDINATOR,
    "giangvien": INSTRUCTOR,
    "chutri": LEAD,
    "kycap": OFFICIAL,
}


def ward() -> Unit:
    return Unit.objects.get(code="07210", valid_to=None)


def proposing() -> str:
    """The preview of a list for the course of the issued one, in the same place."""
    like = batch(BatchState.ISSUED)
    asked = f"series={like.series.uuid}&unit={like.unit.uuid}&course={like.course.uuid if like.course else ''}"
    return f"/quan-ly/cap-chung-nhan/de-nghi/?{asked}"


def led_team() -> Unit:
    """The team whose leader has a demo account."""
    return Unit.objects.get(code=LED_TEAM)


def taught() -> Step:
    """The first lesson of the course that most people of the demo learn."""
    return Step.objects.select_related("course").filter(course__slug="5-ky-nang-so-co-ban", is_active=True)[0]


def certificate(state: str) -> Certificate:
    return Certificate.objects.filter(state=state, batch__isnull=False).order_by("pk")[0]


def batch(state: str) -> Batch:
    return Batch.objects.filter(state=state).order_by("pk")[0]


def design() -> Design:
    return Design.objects.filter(code="chung-nhan", state="published").order_by("pk")[0]


def draft() -> Design:
    official = User.objects.get(email=people.EMAIL["kycap"])
    return design_draft(design=design(), actor=official)[0]


def complaints(page: Page, path: str, *, status: int = 200) -> list[str]:
    """Everything wrong with one page at the page's own width."""
    answer = page.goto(path)
    assert answer is not None
    found = [] if answer.status == status else [f"answers {answer.status} instead of {status}"]
    found += looking.violations(page)
    if wide := looking.scrolls_sideways(page):
        found.append(f"scrolls sideways: {', '.join(wide)}")
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} headings of level 1")
    return found


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
@pytest.mark.parametrize("login", list(ROLES), ids=lambda login: login or "guest")
def test_pages(house, visit, snapshot, login, size):
    page = visit(size=size)
    if login:
        people.sign_in(page, login)
    wrong: dict[str, list[str]] = {}
    for name, path in ROLES[login].items():
        address = path() if callable(path) else path
        if found := complaints(page, address):
            wrong[f"{name} {address}"] = found
        snapshot(page, f"{login or 'khach'}-{name}", (size,))
    for name, (address, status) in ({} if login else REFUSED).items():
        if found := complaints(page, address, status=status):
            wrong[f"{name} {address}"] = found
        snapshot(page, f"khach-{name}", (size,))
    assert wrong == {}, "\n".join(f"{place}: {said}" for place, said in wrong.items())


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
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
    assert wrong == {}


@pytest.mark.parametrize("path", ["/", COURSE], ids=["home", "course"])
def test_first_view_is_light(house, visit, path):
    """A cheap phone on 3G: at most 60 KB, 8 requests, nothing from other hosts."""
    weight = looking.weigh(visit(), path, house.url)
    assert weight.bytes <= 60_000, weight
    assert weight.requests <= 8, weight
    assert weight.foreign == 0, weight
