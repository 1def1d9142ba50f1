"""What people do on the platform: the steps that journeys are made of. The same with and without JavaScript."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from common.text import fold
from courses.models import Step, StepKind
from lms.demo import ACCOUNTS, PASSWORD
from quizzes.models import Attempt

WAIT_SECONDS = 40
EMAIL = {account.login: account.email for account in ACCOUNTS}


def final_quiz(course: str) -> Step:
    """The quiz that decides a course, by the address of the course."""
    return Step.objects.get(course__path=course, kind=StepKind.QUIZ, required=True, is_active=True)


def wait_until(page: Page, there: Callable[[], bool], what: str) -> None:
    """Reload the page until ``there()``: what a job makes appears a moment after the click."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not there():
        assert time.monotonic() < deadline, f"{what} did not appear on {page.url} within {WAIT_SECONDS} s"
        page.wait_for_timeout(500)
        page.reload()


def sign_in(page: Page, login: str) -> None:
    """Sign in with a demo account: "nguoihoc", "daumoi", "kycap", …"""
    page.goto("/tai-khoan/login/")
    page.get_by_label("Số điện thoại hoặc email").fill(EMAIL[login])
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url(lambda url: "/tai-khoan/login/" not in url)
    if "/2fa/authenticate/" in page.url:
        give_second_step(page)


def give_second_step(page: Page) -> None:
    """Type the code of the authenticator app, which a demo shows on the page that asks for it."""
    said = page.get_by_text("mã lúc này là").inner_text()
    asking = page.url
    page.get_by_label("Mã xác nhận").fill(said.rsplit(" ", 1)[1])
    page.get_by_role("button", name=re.compile("^(Đăng nhập|Xác nhận)$")).click()
    page.wait_for_url(lambda url: url != asking)


# --- A learner ------------------------------------------------------------------------------------------------------
@dataclass
class Learner:
    """A citizen in front of a phone."""

    page: Page
    name: str
    phone: str
    commune: str
    password: str = "mot cau ngan de nho 2026"
    scripts: bool = True

    def sign_up(self) -> None:
        """By phone, one page after the other, to the list of what one learns."""
        self.sign_up_begin()
        self.give_code()
        self.choose_home()
        self.page.get_by_role("link", name="Để sau").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Việc học của tôi")

    def sign_up_begin(self) -> None:
        """Phone, name and password, one a page; then the code is on its way."""
        page = self.page
        page.goto("/tai-khoan/signup/")
        for label, answer in (
            ("Số điện thoại hoặc email", self.phone),
            ("Họ và tên", self.name),
            ("Mật khẩu", self.password),
        ):
            page.get_by_label(label, exact=True).fill(answer)
            self.leave_by(page.get_by_role("button", name="Tiếp tục"))

    def give_code(self) -> None:
        """Type the code; the demo shows on screen what would come by text message. Scripts send it by themselves."""
        page = self.page
        said = page.get_by_text("mã của bạn là").inner_text()
        shown = re.search(r"mã của bạn là (\d{6})", said)
        assert shown, said
        asking, code = page.url, shown.group(1)
        page.get_by_label("Mã", exact=True).fill(f"{code[:3]} {code[3:]}")
        if not self.scripts:
            page.get_by_role("button", name="Xác nhận").click()
        page.wait_for_url(lambda url: url != asking)

    def choose_home(self) -> None:
        """Find the commune by a part of its name, without accents."""
        page = self.page
        page.get_by_label("Tên xã, phường").fill(fold(self.commune))
        page.get_by_role("button", name="Tìm").click()
        self.leave_by(page.get_by_role("button", name=self.commune, exact=True))

    def enrol(self, course: str) -> None:
        self.page.goto(course)
        self.page.get_by_role("button", name="Ghi danh và học bài 1").click()
        expect(self.page.get_by_role("button", name="Tôi đã học xong bài này")).to_be_visible()

    def learn_until(self, final: Step) -> int:
        """Read every lesson and do every self-check in the order the pages lead; return how many steps were taken."""
        taken = 0
        while str(final.uuid) not in self.page.url:
            taken += 1
            assert taken < 40, f"the way through the course never ends; now at {self.page.url}"
            done = self.page.get_by_role("button", name="Tôi đã học xong bài này")
            expect(done.or_(self.quiz_button)).to_be_visible()
            if done.is_visible():
                self.leave_by(done)
            else:
                self.start_quiz()
                self.answer_check()
                self.leave_by(self.page.get_by_role("link", name="Học tiếp:"))
        return taken

    def leave_by(self, way: Locator) -> None:
        """Press it and wait until another page is there: a click alone does not wait for what it leads to."""
        before = self.page.url
        way.click()
        self.page.wait_for_url(lambda url: url != before)

    # Quizzes
    @property
    def quiz_button(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("Bắt đầu làm bài|Làm lại|Làm tiếp"))

    def start_quiz(self) -> None:
        """Begin, go on or begin again, from the quiz's own page or from a result."""
        self.leave_by(self.quiz_button)
        expect(self.page.locator("fieldset").first).to_be_visible()

    @property
    def paper(self) -> list[dict]:
        """The questions of the attempt on screen, with the key that only the server has."""
        found = re.search(r"/kiem-tra/([0-9a-f-]{36})/", self.page.url)
        assert found, self.page.url
        return Attempt.objects.get(uuid=found.group(1)).paper

    def choose(self, position: int, item: dict, *, right: bool) -> None:
        """Mark the right options of a question, or one wrong option."""
        keys = [option["key"] for option in item["options"] if option["correct"] == right]
        for key in keys if right else keys[:1]:
            self.page.locator(f'#cau-{position} label:has(input[value="{key}"])').click()

    def answer_check(self, *, right: bool = True) -> None:
        """A self-check: all questions on one page."""
        for position, item in enumerate(self.paper, start=1):
            self.choose(position, item, right=right)
        self.page.get_by_role("button", name="Nộp bài và xem kết quả").click()
        expect(self.page.get_by_role("heading", name="Từng câu một")).to_be_visible()

    def answer_final(self, *, right: bool) -> None:
        """The final quiz: one question a page, a last look, hand in."""
        paper = self.paper
        for position, item in enumerate(paper, start=1):
            expect(self.page.locator(f"#cau-{position}")).to_be_visible()
            self.choose(position, item, right=right)
            name = "Câu tiếp" if position < len(paper) else "Xem lại và nộp bài"
            self.page.get_by_role("button", name=name, exact=False).first.click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(
            f"Bạn đã trả lời {len(paper)} trên {len(paper)} câu"
        )
        self.page.get_by_role("button", name="Nộp bài", exact=True).click()
        # The page hands in by itself and then goes on: only the result says that it is done.
        expect(self.page.get_by_role("heading", name="Từng câu một")).to_be_visible()

    def own_certificate_pdf(self, folder: Path, number: str = "") -> Path:
        """The PDF of the person's newest certificate, or of the one with ``number``, once the job has made it."""
        self.page.goto("/chung-nhan/")
        link = self.page.get_by_role("link", name=f"Tải tệp PDF số {number}".strip())
        wait_until(self.page, lambda: link.count() > 0, "the PDF of the certificate")
        with self.page.expect_download() as download:
            link.first.click()
        file = folder / f"{number.replace('/', '-') or 'confirmation'}.pdf"
        download.value.save_as(file)
        return file


# --- Offices --------------------------------------------------------------------------------------------------------
def propose(page: Page, *, course: str, unit: str, series: str, title: str) -> str:
    """The coordinator puts a list forward; returns the address of the batch."""
    page.goto("/quan-ly/cap-chung-nhan/de-nghi/")
    kind = page.get_by_label("Loại giấy")
    if kind.count():  # asked where there are several
        kind.select_option(label=series)
        page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Khoá học").select_option(label=course)
    page.get_by_label("Đơn vị").select_option(label=unit)
    page.get_by_role("button", name="Xem danh sách").click()
    page.get_by_label("Tên đợt cấp").fill(title)
    page.get_by_role("button", name=re.compile("Đề nghị cấp cho")).click()
    page.wait_for_url(re.compile("/quan-ly/cap-chung-nhan/dot/"))
    return page.url


def approve(page: Page, batch: str, *, decision: str, day: date, file: Path | None = None, wait: bool = True) -> None:
    """The issuing official approves a list under a decision, waits for the last file and comes back to the list."""
    page.goto(batch)
    if file:
        page.get_by_label("Tệp quyết định").set_input_files(file)
    page.get_by_label("Số quyết định").fill(decision)
    page.get_by_label("Ngày quyết định").fill(f"{day:%d/%m/%Y}")
    page.get_by_label("Tôi đã kiểm tra danh sách").check()
    page.get_by_role("button", name=re.compile("Duyệt, cấp")).click()
    expect(page.get_by_text(decision).first).to_be_visible()
    if wait:
        wait_until(page, lambda: page.get_by_text("Đã xong").count() > 0, "the last file of the list")
    page.goto(batch)


def revoke(page: Page, certificate: str, *, decision: str, day: date, reason: str) -> None:
    """The issuing official revokes a certificate under a decision."""
    page.goto(certificate)
    page.get_by_text("Thu hồi giấy này").click()
    form = page.locator("#thu-hoi")
    form.get_by_label("Nhóm lý do").select_option("fraud")
    form.get_by_label("Lý do thu hồi").fill(reason)
    form.get_by_label("Số quyết định").fill(decision)
    form.get_by_label("Ngày quyết định").fill(f"{day:%d/%m/%Y}")
    form.get_by_label("Tôi đã kiểm tra giấy số").check()
    form.get_by_role("button", name=re.compile("Thu hồi giấy số")).click()
    expect(page.get_by_role("heading", name="Đã thu hồi")).to_be_visible()


# --- Paper ----------------------------------------------------------------------------------------------------------
def pdf_text(file: Path) -> str:
    """What a reader finds in the file, on one line."""
    said = subprocess.run(["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True, text=True).stdout
    return " ".join(said.split())


def pdf_picture(file: Path) -> Image.Image:
    """The first page as a picture, as a printer would make it."""
    target = file.with_suffix("")
    subprocess.run(["pdftoppm", "-r", "150", "-png", "-singlefile", str(file), str(target)], check=True)
    return Image.open(target.with_suffix(".png")).convert("RGB")


def qr_of(picture: Image.Image) -> str:
    """What a phone reads off the paper."""
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    assert len(found) == 1, f"{len(found)} QR codes on the page"
    return found[0].text


# --- Figures --------------------------------------------------------------------------------------------------------
def kpi_count(ask: Callable[..., str], *, indicator: str, unit: str, structure: str, year: int) -> int:
    """A figure as ``manage.py kpi`` gives it to programs."""
    asked = {"year": str(year), "indicator": indicator, "unit": unit, "structure": structure, "format": "json"}
    said = ask("kpi", *(word for name, value in asked.items() for word in (f"--{name}", value)))
    [figure] = json.loads(said)["figures"]
    return int(figure["count"])
