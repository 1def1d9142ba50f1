"""Every page of every role by name, and what must be there for it to open. The demo has most; the rest is made once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from wagtail.models import Page

from certificates.models import Batch, BatchState, Certificate, CertificateState, Design, Series
from certificates.services import design_draft
from cms.pages.news import newest
from courses.models import Step
from kpi.models import Closing, Counted, Declaration, Indicator, Period, Report, ReportDue, ReportDuty
from kpi.services import report_draft
from kpi.services.closings import closing_make
from kpi.services.dues import dues_make
from lms.demo.accounts import LED_TEAM
from people.access import current_structure
from people.forms_units import FORMS as UNIT_FORMS
from people.models import Unit, User
from people.querysets import today
from tests.journeys import people

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
    "tin-tuc": "/tin-tuc/",
    "mot-tin": lambda: newest()[0].site_path,
    "cach-doc": "/viec-hoc/cach-doc/",
    "trang-kiem-tra": lambda: f"/kiem-tra/bat-dau/{people.final_quiz(COURSE).uuid}/",
    "dang-nhap": "/tai-khoan/login/",
    "dang-ky": "/tai-khoan/signup/",
    "quen-mat-khau": "/tai-khoan/password/reset/",
    "phieu": "/tai-khoan/phieu/",
    "xac-nhan-email": "/tai-khoan/confirm-email/",
    "tam-ngung": "/tai-khoan/inactive/",
    "da-gui-ma": "/tai-khoan/password/reset/done/",
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
    "duoc-tinh": "/viec-hoc/duoc-tinh/",
    "tai-khoan": "/tai-khoan/",
    "thong-tin": "/tai-khoan/thong-tin/",
    "doi-dien-thoai": "/tai-khoan/phone/change/",
    "doi-email": "/tai-khoan/email/",
    "doi-mat-khau": "/tai-khoan/password/change/",
    "hai-buoc": "/tai-khoan/2fa/",
    "noi-o": "/tai-khoan/noi-o/",
    "lien-ket": "/tai-khoan/3rdparty/",
    "buoc-hai": "/tai-khoan/buoc-hai/",
    "bai-kiem-tra": lambda: f"/kiem-tra/bat-dau/{people.final_quiz(COURSE).uuid}/",
    "bat-dau": "/viec-hoc/bat-dau/",
    "dang-xuat": "/tai-khoan/logout/",
}
LEADER: dict[str, str | Callable[[], str]] = {
    "quan-ly": "/quan-ly/",
    "to": lambda: f"/quan-ly/to/{led_team().uuid}/",
    "in-danh-sach": lambda: f"/quan-ly/to/{led_team().uuid}/?in=1",
    "phieu": lambda: f"/quan-ly/phieu/{led_team().uuid}/",
    "lich-su": lambda: f"/quan-ly/to/{led_team().uuid}/lich-su/",
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
    "ho-so-trung": "/quan-ly/ho-so-trung/",
    "gop-ho-so": lambda: twins(),
    "cac-to": "/quan-ly/to/",
    "danh-sach-to": "/quan-ly/to/danh-sach/",
    "kien-toan": lambda: f"/quan-ly/to/{led_team().uuid}/kien-toan/",
    "kien-toan-them": lambda: f"/quan-ly/to/{led_team().uuid}/kien-toan/them/",
    "phieu": "/quan-ly/phieu/",
    "bao-so-mot": lambda: f"/quan-ly/chi-tieu/bao-so/{declaration().uuid}/",
    "chot-so": "/quan-ly/chi-tieu/chot-so/",
    "bao-cao": "/quan-ly/chi-tieu/bao-cao/",
    "bao-cao-moi": "/quan-ly/chi-tieu/bao-cao/moi/",
    "bao-cao-mot": lambda: f"/quan-ly/chi-tieu/bao-cao/{report().uuid}/",
    "bao-cao-soan": lambda: f"/quan-ly/chi-tieu/bao-cao/{report().uuid}/soan/",
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
    "so-nguoi-sua": lambda: f"/quan-ly/chi-tieu/dan-so/sua/?doi-tuong=cccvc&don-vi={ward().uuid}",
    "so-nguoi-nhap": "/quan-ly/chi-tieu/dan-so/nhap/",
    "muc-tieu-lich-su": "/quan-ly/chi-tieu/muc-tieu/BG23-2030-4/lich-su/",
    "mot-nguoi": lambda: f"/quan-ly/chi-tieu/nguoi/{person().uuid}/",
    "chot-so-moi": "/quan-ly/chi-tieu/chot-so/moi/",
    "chot-so-mot": lambda: f"/quan-ly/chi-tieu/chot-so/{closing().uuid}/",
    "chot-so-nguoi": lambda: f"/quan-ly/chi-tieu/chot-so/{closing().uuid}/nguoi/BG23-2025-4/",
    "chot-so-so-sanh": lambda: f"/quan-ly/chi-tieu/chot-so/{closing().uuid}/so-sanh/",
    "lich-bao-cao": "/quan-ly/chi-tieu/lich-bao-cao/",
    "nghia-vu": "/quan-ly/chi-tieu/lich-bao-cao/nghia-vu/",
    "nghia-vu-mot": lambda: f"/quan-ly/chi-tieu/lich-bao-cao/nghia-vu/{duty().uuid}/",
    "han-bao-cao": lambda: f"/quan-ly/chi-tieu/lich-bao-cao/{due().uuid}/",
    "bao-so": "/quan-ly/chi-tieu/bao-so/",
    "luu-y": "/quan-ly/chi-tieu/luu-y/",
    "co-cau": "/quan-ly/co-cau/?q=bac+giang",
    "chua-quy-doi": "/quan-ly/co-cau/chua-quy-doi/",
    "nhap-co-cau": "/quan-ly/co-cau/nhap/",
    **{f"don-vi-{act}": (lambda act=act: f"/quan-ly/co-cau/{ward().uuid}/{act}/") for act in UNIT_FORMS},
    "don-vi-ke-tiep": lambda: f"/quan-ly/co-cau/{gone().uuid}/quy-doi/",
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
    "ky-so": lambda: f"/quan-ly/cap-chung-nhan/ky-so/{official_series().code}/",
}
WRITER: dict[str, str | Callable[[], str]] = {
    "viet": "/cms/viet/",
    "viet-bai": lambda: f"/cms/viet/{page_of('lam-quen-vneid-va-dich-vu-cong').pk}/",
}
EDITOR: dict[str, str | Callable[[], str]] = {
    "dau": "/cms/",
    "huong-dan": "/cms/huong-dan/",
    "khoa": lambda: f"/cms/pages/{page_of('khoa-hoc').pk}/",
    "de-cuong": lambda: f"/cms/de-cuong/{page_of('5-ky-nang-so-co-ban').pk}/",
    "sua-khoa": lambda: f"/cms/pages/{page_of('5-ky-nang-so-co-ban').pk}/edit/",
    "sua-bai": lambda: f"/cms/pages/{page_of('lam-quen-vneid-va-dich-vu-cong').pk}/edit/",
    "lich-su": lambda: f"/cms/pages/{page_of('lam-quen-vneid-va-dich-vu-cong').pk}/history/",
    "them-trang": lambda: f"/cms/pages/{page_of('5-ky-nang-so-co-ban').pk}/add_subpage/",
    "hinh": "/cms/images/",
    "them-hinh": "/cms/images/add/",
    "tai-lieu": "/cms/documents/",
    "doan-mau": "/cms/snippets/",
    "cau-hoi": "/cms/cau-hoi/",
    "ra-soat": "/cms/ra-soat/",
    "bao-cao-khoa": "/cms/reports/locked/",
    "bao-cao-cu": "/cms/reports/aging-pages/",
}
ADMINISTRATOR: dict[str, str | Callable[[], str]] = {
    "dau": "/quan-tri-he-thong/",
    "nguoi": "/quan-tri-he-thong/people/user/",
    "mot-nguoi": lambda: f"/quan-tri-he-thong/people/user/{person().pk}/change/",
    "thanh-vien": "/quan-tri-he-thong/people/membership/",
    "them-thanh-vien": "/quan-tri-he-thong/people/membership/add/",
    "don-vi": "/quan-tri-he-thong/people/unit/",
    "loai-giay": "/quan-tri-he-thong/certificates/series/",
    "nguoi-bien-tap": "/cms/users/",
    "nhom": "/cms/groups/",
    "nhat-ky-trang": "/cms/reports/site-history/",
    "quy-trinh": "/cms/workflows/list/",
}
ROLES = {
    None: PUBLIC,
    "nguoihoc": LEARNER,
    "totruong": LEADER,
    "daumoi": COORDINATOR,
    "giangvien": INSTRUCTOR,
    "chutri": LEAD,
    "kycap": OFFICIAL,
    "bientap": WRITER,
}
#: Pages of Wagtail's and Django's own admins: their look is theirs, their words are ours.
ADMINS = {"bientap": EDITOR, "quantri": ADMINISTRATOR}


def ward() -> Unit:
    return Unit.objects.get(code="07210", valid_to=None)


def proposing() -> str:
    """The preview of a list for the course of the issued one, in the same place."""
    like = batch(BatchState.ISSUED)
    asked = f"series={like.series.uuid}&unit={like.unit.uuid}&course={like.course.uuid if like.course else ''}"
    return f"/quan-ly/cap-chung-nhan/de-nghi/?{asked}"


def twins() -> str:
    """The two records of one person that the demo has."""
    second = User.objects.get(staff_code="YT-0712")
    first = User.objects.exclude(pk=second.pk).get(search_key=second.search_key, birth_date=second.birth_date)
    return f"/quan-ly/ho-so-trung/{first.uuid}/{second.uuid}/"


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


def official_series() -> Series:
    return Series.objects.get(is_automatic=False)


def page_of(slug: str) -> Page:
    return Page.objects.get(slug=slug)


def person() -> User:
    """Somebody who is counted."""
    return Counted.objects.order_by("pk")[0].user


def gone() -> Unit:
    """A unit that has ended."""
    return Unit.objects.exclude(valid_to=None).order_by("-pk")[0]


def duty() -> ReportDuty:
    return ReportDuty.objects.order_by("pk")[0]


def due() -> ReportDue:
    """The report that is due next, made as the night makes them."""
    return ReportDue.objects.order_by("pk").first() or dues_make(year=today().year) and ReportDue.objects.all()[0]


def account(login: str) -> User:
    return User.objects.get(email=people.EMAIL[login])


def closing() -> Closing:
    """The province's figures of last year, closed."""
    province, until = Unit.objects.get(code="24", valid_to=None), date(today().year - 1, 12, 31)
    return Closing.objects.filter(unit=province, until=until).first() or closing_make(
        actor=account("chutri"), unit=province, structure=current_structure(), period=Period.YEAR, until=until
    )


def report() -> Report:
    unit = ward()
    return Report.objects.filter(unit=unit).first() or report_draft(
        actor=account("daumoi"), unit=unit, closing=closing()
    )


def declaration() -> Declaration:
    """A figure that the ward has told and that waits."""
    known = Declaration.objects.filter(unit=ward()).first()
    return known or Declaration.objects.create(
        indicator=Indicator.objects.get(code="BG23-2030-4"), unit=ward(), year=today().year, until=today(),
        value=40, note="Đếm tại ba trường.", evidence_link="https://example.vn/bao-cao", declared_by=account("daumoi"),
    )  # fmt: skip
