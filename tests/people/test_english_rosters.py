"""Lists of people, slips and jobs for who reads English; what is kept, printed or handed out stays Vietnamese."""

from __future__ import annotations

import io

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from common.models import Job, JobState
from common.sheets import book_open
from people import slips
from people.models import Notice, RosterState
from people.notices import notices_send
from people.rosters import exports
from people.slips_pdf import slips_drawn
from tests.english import VIETNAMESE, english, held_texts
from tests.factories.people import MembershipFactory, UserFactory
from tests.factories.rosters import DAY, applied, checked, csv_bytes, people_rows, xlsx_bytes
from tests.proof import prove

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: What is wrong in a line, and how its page says so.
SAID = {
    "Số điện thoại": ("0912", "The phone number is not right; it may have a digit too many or too few."),
    "Ngày sinh": ("31/02/1990", "Write day/month/year, for example 17/05/1969."),
    "Đơn vị": ("Xã Xuân Lươngg", "Do you mean “Xã Xuân Lương”? Write the right name or code of the unit"),
    "Giới tính": ("chưa rõ", "This gender is not understood."),
    "Vai trò": ("Giám đốc", "There is no such role."),
}


@pytest.fixture
def desk(client, coordinator):
    """The coordinator's browser, whose owner chose English."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(coordinator)
    prove(client)
    return client


@pytest.fixture
def lan(province):
    """Somebody of the commune whom lines of a list mean, or may."""
    person = UserFactory(full_name="Nguyễn Thị Lan", birth_date="1969-05-17", gender="female", phone=None)
    MembershipFactory(user=person, unit=province.north, audience=province.staff, title="Chuyên viên")
    return person


def lines():
    wrong = [{"Họ và tên": "Lê Văn Sai", heading: cell} for heading, (cell, _said) in SAID.items()]
    known = {"Họ và tên": "Nguyễn Thị Lan", "Ngày sinh": "17/05/1969", "Giới tính": "Khác", "Chức danh": "Văn thư"}
    doubtful = {"Họ và tên": "Nguyễn Thị Lán", "Ngày sinh": "17/05/1969"}
    new = {"Họ và tên": "Trần Văn Mới", "Ngày sinh": "02/03/1980", "Email": "van@example.vn"}
    return people_rows(known, doubtful, new, dict(new, Email="moi@example.vn"), *wrong)


def kept(roster):
    fields = ("number", "outcome", "cells", "changes", "problems", "data")
    rows = list(roster.rows.order_by("number", "pk").values_list(*fields))
    return rows, [one.get("why") for row in roster.rows.order_by("number") for one in row.candidates], roster.problem


def english_of(answer, status=200):
    return english(answer, status, held=held_texts())


# --- Pages ----------------------------------------------------------------------------------------------------------
def test_pages_of_lists(desk, province, coordinator, lan):
    roster = checked(xlsx_bytes(*lines()), by=coordinator, unit=province.north)
    for name, args in (("home", []), ("upload", []), ("roster", [roster.uuid])):
        english_of(desk.get(reverse(f"rosters:{name}", args=args)))
    tabs = {
        tab: english_of(desk.get(reverse("rosters:roster", args=[roster.uuid]), {"loai": tab}))
        for tab in ("xem-lai", "loi", "moi", "thay-doi")
    }
    assert all(said in tabs["loi"] for _cell, said in SAID.values())
    assert "Same date of birth, the name differs only in its accents" in tabs["xem-lai"]
    assert "Same name and date of birth as line 4." in tabs["xem-lai"]
    assert "Female</del>" in tabs["thay-doi"]
    assert "Other</ins>" in tabs["thay-doi"]


def test_a_list_that_makes_many_leave(desk, province, coordinator):
    for number in range(6):
        MembershipFactory(
            user=UserFactory(full_name=f"Vi Văn Đi {number}"), unit=province.north, audience=province.staff
        )
    roster = checked(
        xlsx_bytes(*people_rows({"Họ và tên": "Trần Văn Mới"})), by=coordinator, unit=province.north, whole_unit=True
    )
    assert VIETNAMESE.search(roster.problem)
    page = english_of(desk.get(reverse("rosters:roster", args=[roster.uuid])))
    assert "people (85%) would leave the unit. Perhaps this is the file of another unit" in page
    assert "Look at the people who would leave the unit, then confirm." in english_of(
        desk.post(reverse("rosters:apply", args=[roster.uuid])), 409
    )


def test_a_refused_upload(desk, province, django_capture_on_commit_callbacks):
    where = reverse("rosters:upload") + f"?don-vi={province.north.uuid}"
    assert "Choose the file with the list." in english_of(desk.post(where, {"tu_ngay": "1/1/1999"}))
    sent = {"tep": SimpleUploadedFile("x.csv", b"Ten don vi\nA\n"), "tu_ngay": f"{DAY:%d/%m/%Y}"}
    with django_capture_on_commit_callbacks(execute=True):
        job = desk.post(where, sent)
    assert "one of them must be “Full name”" in english_of(desk.get(job["Location"]))


def test_pages_of_slips(desk, province, lan):
    lan.email = None
    lan.save()
    for address in (reverse("slips:home"), reverse("slips:unit", args=[province.north.uuid])):
        english_of(desk.get(address, follow=True))
    nobody = desk.post(reverse("slips:print", args=[province.north.uuid]), follow=True)
    assert "Choose at least one person to print a slip for." in english_of(nobody)


@pytest.mark.parametrize("state", JobState.values)
def test_pages_of_jobs(desk, coordinator, state):
    job = Job.objects.create(kind="people.slips_print", owner=coordinator, title="Print slips", state=state)
    english_of(desk.get(reverse("jobs:job", args=[job.uuid])))
    english_of(desk.get(reverse("jobs:file", args=[job.uuid])), 404)


# --- What is kept ---------------------------------------------------------------------------------------------------
def test_what_is_kept_of_a_list_does_not_depend_on_who_reads(province, coordinator, lan):
    """Checked by an English reader, it is kept in Vietnamese, and imported by whoever comes, for nothing changed."""
    vietnamese = checked(xlsx_bytes(*lines()), by=coordinator, unit=province.north, whole_unit=True)
    with translation.override("en"):
        roster = checked(xlsx_bytes(*lines()), by=coordinator, unit=province.north, whole_unit=True)
        assert kept(roster) == kept(vietnamese)
        assert _rejects(roster) == _rejects(vietnamese)
    assert applied(roster, coordinator)["new"] == 1


def _rejects(roster):
    with book_open(io.BytesIO(exports.rejects_file(roster=roster))) as book:
        return [cells for _number, cells in book.lines(book.sheets[0].name)]


def test_files_stay_vietnamese(province, coordinator, lan):
    def written():
        with book_open(io.BytesIO(exports.template_file(unit=province.north))) as book:
            template = [cells for sheet in book.sheets for _number, cells in book.lines(sheet.name)]
        return exports.roster_csv(unit=province.north, viewer=coordinator), template

    before = written()
    with translation.override("en"):
        assert written() == before
    assert "Người học" in before[0].decode("utf-8-sig")


def test_english_headings_are_read(province, coordinator):
    """What an English page says of headings and words in cells is so."""
    rows = [["Full name", "Date of birth", "Gender", "Vai trò"], ["Trần Văn Mới", "02/03/1980", "female", "learner"]]
    roster = checked(csv_bytes(*rows), by=coordinator, unit=province.north, name="x.csv")
    assert roster.state == RosterState.READY
    assert not roster.rows.get().problems


def test_slips_are_printed_in_vietnamese(monkeypatch, province, coordinator, lan):
    drawn = []
    monkeypatch.setattr("people.slips_pdf.pdf_render", lambda **said: drawn.append(said["html"]) or b"")
    printed = slips.slips_make(people=[lan], unit=province.north, by=coordinator)
    slips_drawn(printed)
    with translation.override("en"):
        slips_drawn(printed)
    assert drawn[0] == drawn[1]
    assert "Phiếu nhận tài khoản" in drawn[0]


def test_notices_are_worded_in_vietnamese(province, lan):
    with translation.override("en"):
        notices_send(users=[lan], kind="x", subject=lambda _person: gettext("Tổ trưởng"), body="Nhắc học")
    assert Notice.objects.get().subject == "Tổ trưởng"
