"""A list on its way: proposed, a name that differs settled, checked, approved with its decision, followed, packed."""

from __future__ import annotations

import re
import zipfile
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from courses.models import Course
from people.models import Audience, Unit, User
from people.querysets import today
from tests.factories.certificates import completions
from tests.factories.courses import course_with_steps
from tests.journeys import people
from tests.journeys.conftest import DESK

WARD = "Phường Bắc Giang"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("js", "title"),
    [
        pytest.param(True, "Khoá của một đợt cấp", id="with-javascript"),
        pytest.param(False, "Khoá của đợt cấp thứ hai", id="without-javascript", marks=pytest.mark.sweep),
    ],
)
def test_from_proposal_to_bundle(house, visit, tmp_path, js, title):
    # Three people finished a course that was taken off the pages since; one of them is called otherwise today.
    course = course_with_steps(lessons=1, title=title, automatic_confirmation=False)
    ward = Unit.objects.get(code="07210", valid_to=None)
    citizen = Audience.objects.get(code="nguoi_dan")
    names = ("Phạm Thị Bưởi", "Trần Văn Cam", "Lê Thị Mận")
    done = [completions(SimpleNamespace(citizen=citizen), ward, course=course, full_name=name)[0] for name in names]
    Course.objects.filter(pk=course.pk).update(is_published=False)
    User.objects.filter(pk=done[0].user_id).update(full_name="Lê Thị Đổi Tên", search_key="le thi doi ten")

    coordinator = visit(js=js, size=DESK)
    people.sign_in(coordinator, "daumoi")
    batch = people.propose(coordinator, course=title, unit=WARD, series="Giấy chứng nhận", title=f"Đợt {title}")
    expect(coordinator.get_by_text("đã được gỡ khỏi trang khoá học")).to_be_visible()

    # The official is told what is undecided, decides, checks and approves.
    official = visit(js=js, size=DESK)
    people.sign_in(official, "kycap")
    official.goto(batch)
    expect(official.get_by_text("Chưa duyệt được: còn 1 người")).to_be_visible()
    official.get_by_role("link", name="Xem những người này").first.click()
    official.get_by_role("button", name=re.compile("Ghi theo danh sách.*Lê Thị Đổi Tên")).click()
    official.goto(batch)
    official.get_by_role("button", name="Ghi là đã kiểm tra danh sách").click()
    expect(official.get_by_text("Đã kiểm tra, chờ duyệt").first).to_be_visible()
    decision = tmp_path / "quyet-dinh.pdf"
    decision.write_bytes(b"%PDF-1.7\n%%EOF")
    people.approve(official, batch, decision="512/QĐ-SKHCN", day=today(), file=decision)
    expect(official.get_by_text("Lê Thị Đổi Tên").first).to_be_visible()
    expect(official.get_by_role("link", name="Tệp quyết định")).to_be_visible()

    # Everything in one piece.
    official.get_by_role("link", name="Tiến độ và tệp").click()
    official.get_by_role("button", name="Gói tất cả tệp").click()
    official.wait_for_url(re.compile("/quan-ly/viec/"))
    link = official.get_by_role("link", name=re.compile("Tải tệp"))
    people.wait_until(official, lambda: link.count() > 0, "the bundle")
    with official.expect_download() as download:
        link.click()
    packed = tmp_path / "dot.zip"
    download.value.save_as(packed)
    with zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
    assert len(names) == 4
    assert any("le-thi-doi-ten" in name for name in names)

    # Who handed the papers over writes it down.
    coordinator.goto(f"{batch}giao-nhan/")
    coordinator.get_by_label("Lê Thị Đổi Tên").check()
    coordinator.get_by_role("button", name="Ghi đã giao").click()
    expect(coordinator.get_by_text("Đã ghi nhận giao 1 giấy.")).to_be_visible()
