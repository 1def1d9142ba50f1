"""The pages of lists of people: who may open them, what they show, what their buttons do."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.models import AuditEntry, Job
from people import roster_export, roster_pages
from people.models import Decided, Membership, Outcome, Role, RosterImport, RosterRow, RosterState, UnitSuccession, User
from people.querysets import today
from people.services import structures_rebuild
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.factories.rosters import DAY
from tests.proof import prove

pytestmark = pytest.mark.django_db
OFFICES = [("coordinator", 200), ("lead", 200), ("other_coordinator", 403), ("official", 403)]
STRANGERS = [("learner", 404), ("stranger", 404), ("editor", 404)]
CSV = """\
Họ và tên,Ngày sinh,Số điện thoại
Lò Thị Ước,17/05/1969,0912 345 671
Trần Văn Bình,02/03/1980,
Hoàng Thị Mỵ,31/02/1990,0912 345 673
"""


@pytest.fixture
def roster(province, coordinator):
    """A list that was checked, with a line of every kind."""
    found = RosterImport.objects.create(
        unit=province.north,
        file="rosters/x.csv",
        file_name="to-dan-pho.xlsx",
        sha256="0",
        effective_on=DAY,
        state=RosterState.READY,
        made_by=coordinator,
    )
    line(found, 2, Outcome.NEW, "Lò Thị Ước")
    line(found, 3, Outcome.UNCHANGED, "Trần Văn Bình")
    change = {"field": "title", "label": "Chức danh", "before": "Tổ viên", "after": "Tổ phó"}
    line(found, 4, Outcome.CHANGED, "Vi Văn Ổn", changes=[change])
    problem = {
        "field": "birth_date",
        "column": "Ngày sinh",
        "value": "31/02/1990",
        "text": "Không có ngày này.",
        "fix": "Ghi ngày/tháng/năm, ví dụ 17/05/1969.",
        "code": "no_such_day",
    }
    line(found, 5, Outcome.REJECTED, "Hoàng Thị Mỵ", problems=[problem])
    return found


def line(roster, number, outcome, name, **fields):
    fields = {"data": {"name": name}, "cells": {"Họ và tên": name}, **fields}
    return RosterRow.objects.create(roster=roster, number=number, outcome=outcome, **fields)


def doubtful(roster, number, person, **fields):
    candidates = [{"uuid": str(person.uuid), "why": "Cùng họ tên và ngày sinh", "code": "same_name_birth"}]
    return line(roster, number, Outcome.DOUBTFUL, person.full_name, candidates=candidates, **fields)


def page_of(client, roster, **asked):
    return unescape(client.get(reverse("rosters:roster", args=[roster.uuid]), asked).content.decode())


def upload(client, unit=None, content=None, name="to-dan-pho.csv", **fields):
    """Send a file as the form does."""
    address = reverse("rosters:upload") + (f"?don-vi={unit.uuid}" if unit else "")
    sent = {
        "tep": SimpleUploadedFile(name, CSV.encode() if content is None else content),
        "tu_ngay": f"{DAY:%d/%m/%Y}",
        **fields,
    }
    return client.post(address, {name: value for name, value in sent.items() if value is not None})


# --- Who may open what ---


@pytest.mark.parametrize(("who", "status"), OFFICES + STRANGERS)
@pytest.mark.parametrize("name", ["roster", "rejects"])
def test_who_may_look_at_a_list(client, request, roster, who, status, name):
    client.force_login(request.getfixturevalue(who))
    prove(client)
    assert client.get(reverse(f"rosters:{name}", args=[roster.uuid])).status_code == status


@pytest.mark.parametrize(("who", "status"), OFFICES + STRANGERS)
@pytest.mark.parametrize("name", ["template", "export"])
def test_who_may_take_the_files_of_a_unit(client, request, province, who, status, name):
    client.force_login(request.getfixturevalue(who))
    prove(client)
    assert client.get(reverse(f"rosters:{name}", args=[province.north.uuid])).status_code == status


@pytest.mark.parametrize(("who", "status"), [*OFFICES[:2], ("other_coordinator", 200), ("official", 403), *STRANGERS])
@pytest.mark.parametrize("name", ["home", "upload"])
def test_who_may_bring_lists_at_all(client, request, province, who, status, name):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(f"rosters:{name}")).status_code == status


@pytest.mark.parametrize(
    ("who", "status"), [("other_coordinator", 403), ("official", 403), ("learner", 404), ("stranger", 404)]
)
@pytest.mark.parametrize("name", ["apply", "cancel", "confirm_leavers", "decide_all"])
def test_nobody_else_acts_on_a_list(client, request, roster, who, status, name):
    client.force_login(request.getfixturevalue(who))
    response = client.post(reverse(f"rosters:{name}", args=[roster.uuid]), {"quyet-dinh": "other"})
    assert response.status_code == status
    roster.refresh_from_db()
    assert roster.state == RosterState.READY
    assert not Job.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("other_coordinator", 403), ("stranger", 404)])
def test_nobody_else_uploads_for_a_unit(client, request, province, who, status):
    client.force_login(request.getfixturevalue(who))
    assert upload(client, province.north).status_code == status
    assert not RosterImport.objects.exists()


@pytest.mark.parametrize("name", ["apply", "cancel", "confirm_leavers", "decide_all"])
def test_a_link_does_nothing(client, coordinator, roster, name):
    client.force_login(coordinator)
    response = client.get(reverse(f"rosters:{name}", args=[roster.uuid]), follow=True)
    assert "Chưa ghi thay đổi nào" in response.content.decode()
    roster.refresh_from_db()
    assert roster.state == RosterState.READY


def test_nobody_signed_in_is_asked_to(client, roster):
    for address in (reverse("rosters:home"), reverse("rosters:roster", args=[roster.uuid])):
        assert reverse("account_login") in client.get(address)["Location"]


def test_the_address_works_without_its_last_stroke(client, coordinator):
    client.force_login(coordinator)
    assert client.get("/quan-ly/danh-sach/nhap", follow=True).status_code == 200


# --- Choosing a unit ---


def test_one_s_own_unit_is_chosen_already(client, coordinator):
    client.force_login(coordinator)
    page = unescape(client.get(reverse("rosters:upload")).content.decode())
    assert "Nhập danh sách cho Xã Xuân Lương" in page
    assert "Chọn đơn vị khác" not in page, "there is no other"


def test_few_units_are_a_list_to_choose_from(client, lead, province):
    client.force_login(lead)
    page = unescape(client.get(reverse("rosters:upload"), {"don-vi": province.south.uuid}).content.decode())
    assert "Nhập danh sách cho Xã Yên Thế" in page
    assert f'<option value="{province.north.uuid}">Xã Xuân Lương</option>' in page


def test_for_a_unit_that_ended_the_way_to_its_successor_is_offered_once(client, lead, province):
    ended = UnitFactory(code="07249", name="Xã Canh Nậu", parent=province.root, valid_to=today())
    UnitSuccession.objects.create(predecessor=ended, successor=province.north, effective_on=today(), principal=True)
    structures_rebuild()
    client.force_login(lead)
    page = unescape(upload(client, ended).content.decode())
    form = page[page.index('<form method="post" action="?don-vi') :]
    way = f'<a class="touch" href="?don-vi={province.north.uuid}">Hãy nhập danh sách này cho đơn vị mới.</a>'
    assert form.count(way) == 1
    assert form.count("«Xã Xuân Lương»") == 1
    assert not RosterImport.objects.exists()


@pytest.fixture
def many_units(province):
    from people.services import structures_rebuild

    for number in range(roster_pages.PICK_FROM):
        UnitFactory(name=f"Trường Tiểu học số {number}", code=f"TH{number:02d}", parent=province.north)
    structures_rebuild()


@pytest.mark.parametrize(
    ("words", "found"), [("so 12 tieu hoc", ["Trường Tiểu học số 12"]), ("th12", ["Trường Tiểu học số 12"])]
)
def test_among_many_units_one_searches(client, lead, many_units, words, found):
    client.force_login(lead)
    response = client.get(reverse("rosters:upload"), {"tim": words})
    assert [unit.name for unit in response.context["found"]] == found
    assert found[0] in response.content.decode()


def test_the_search_finds_nothing_of_another_scope(client, coordinator, province, many_units):
    client.force_login(coordinator)
    response = client.get(reverse("rosters:upload"), {"tim": "yen the"})
    assert list(response.context["found"]) == []
    assert "Không có đơn vị nào như vậy" in response.content.decode()


@pytest.mark.parametrize("address", ["x", "00000000-0000-4000-8000-000000000000"])
def test_a_unit_that_is_not_there_is_not_found(client, coordinator, address):
    client.force_login(coordinator)
    assert client.get(reverse("rosters:upload"), {"don-vi": address}).status_code == 404


# --- Sending a file ---


def test_a_file_becomes_a_list_and_a_job(client, coordinator, province):
    client.force_login(coordinator)
    response = upload(client)
    roster, job = RosterImport.objects.get(), Job.objects.get()
    assert response.url == reverse("jobs:job", args=[job.uuid])
    assert (roster.unit, roster.whole_unit, roster.effective_on) == (province.north, False, DAY)
    assert job.next_path == reverse("rosters:roster", args=[roster.uuid])
    assert roster_pages.job_of(roster, coordinator) == job


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"tep": None}, "Hãy chọn tệp danh sách."),
        ({"content": b""}, "Tệp này trống."),
        ({"tu_ngay": "31/02/2026"}, "Ngày chưa đúng. Ví dụ đúng: 22/11/2026."),
        ({"tu_ngay": ""}, "Hãy ghi ngày"),
        ({"content": b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "name": "anh.xlsx"}, "Tệp danh sách:"),
    ],
)
def test_what_cannot_be_used_is_said_beside_the_field(client, coordinator, fields, said):
    client.force_login(coordinator)
    response = upload(client, **fields)
    assert response.status_code == 200
    assert said in unescape(response.content.decode())
    assert not RosterImport.objects.exists()


# --- Looking ---


def test_numbers_lead_to_lines(client, coordinator, roster):
    client.force_login(coordinator)
    page = page_of(client, roster)
    for words in ["Nhập 2 người", "<b>1</b> người mới được thêm", "<b>1</b> người được cập nhật", "1 dòng có lỗi"]:
        assert words in page
    for slug, shown in [
        ("moi", ["Lò Thị Ước"]),
        ("khong-doi", ["Trần Văn Bình"]),
        ("thay-doi", ["Vi Văn Ổn", "<del>Tổ viên</del>", "<ins>Tổ phó</ins>"]),
        ("loi", ["Hoàng Thị Mỵ", "dòng 5", "Ngày sinh", "31/02/1990", "Không có ngày này.", "ví dụ 17/05/1969"]),
    ]:
        page = page_of(client, roster, loai=slug)
        for words in shown:
            assert words in page, (slug, words)


def test_what_asks_for_a_decision_is_shown_first(client, coordinator, roster, learner):
    client.force_login(coordinator)
    assert "Hoàng Thị Mỵ" in page_of(client, roster)
    doubtful(roster, 6, learner)
    page = page_of(client, roster)
    assert 'id="dong-6"' in page
    assert "Hoàng Thị Mỵ" not in page


@pytest.mark.parametrize("slug", ["", "khong-co", "<script>"])
def test_an_unknown_kind_shows_the_first(client, coordinator, roster, slug):
    client.force_login(coordinator)
    assert "Hoàng Thị Mỵ" in page_of(client, roster, loai=slug)


def test_a_candidate_in_scope_is_shown_whole_and_another_only_in_part(client, coordinator, roster, learner, stranger):
    User.objects.filter(pk=learner.pk).update(phone="+84912345678", birth_date=date(1969, 5, 17))
    User.objects.filter(pk=stranger.pk).update(phone="+84987654321", birth_date=date(1971, 4, 3))
    doubtful(roster, 6, learner)
    doubtful(roster, 7, stranger)
    client.force_login(coordinator)
    page = re.sub(r"</?span[^>]*>", "", page_of(client, roster))
    for shown in ["0912 345 678", "17/05/1969", "Xã Xuân Lương", "trong hệ thống: T. V. Đ.", "Xã Yên Thế"]:
        assert shown in page
    for hidden in ["…321", "654 321", "/1971", "trong hệ thống: Trần Văn Đức"]:
        assert hidden not in page, "a number alone tells nobody whose it is"


def test_a_line_that_may_repeat_another_stands_beside_it(client, coordinator, roster):
    line(roster, 6, Outcome.DOUBTFUL, "Vi Thị Sơn", data={"name": "Vi Thị Sơn", "twin": 2})
    client.force_login(coordinator)
    page = page_of(client, roster)
    assert "Dòng 2 trong tệp: Lò Thị Ước" in page
    assert 'value="same">Là cùng một người<span class="hidden-text"> với dòng 2' in page


def test_the_many_who_would_leave_stand_before_the_import(client, coordinator, roster, learner):
    place = learner.memberships.get()
    line(roster, 0, Outcome.LEFT, learner.full_name, user=learner, membership=place, cells={})
    RosterImport.objects.update(whole_unit=True, problem="Danh sách này làm 1 trong 2 người thôi thuộc đơn vị.")
    client.force_login(coordinator)
    page = page_of(client, roster)
    assert "Danh sách này làm 1 trong 2 người" in page
    assert "Đúng, 1 người này đã rời đơn vị" in page
    assert "Nhập 2 người" not in page
    assert "Nguyễn Thị Ngọc Ưỡng" in page
    RosterImport.objects.update(leavers_confirmed=True)
    assert "Nhập 2 người, ghi 1 người rời đơn vị" in page_of(client, roster)


def test_nothing_to_do_is_said(client, coordinator, roster):
    roster.rows.exclude(outcome=Outcome.UNCHANGED).delete()
    client.force_login(coordinator)
    page = page_of(client, roster)
    assert "Không có gì cần nhập" in page
    assert reverse("rosters:apply", args=[roster.uuid]) not in page


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RosterState.CHECKING, "Đang kiểm tra…"),
        (RosterState.APPLYING, "Đang nhập…"),
        (RosterState.UNREADABLE, "Chưa đọc được tệp này"),
        (RosterState.CANCELLED, "Danh sách này đã bỏ"),
    ],
)
def test_other_states_say_where_it_stands(client, coordinator, roster, state, said):
    RosterImport.objects.update(state=state, problem="Tệp có mật khẩu.")
    client.force_login(coordinator)
    page = page_of(client, roster)
    assert said in page
    assert reverse("rosters:apply", args=[roster.uuid]) not in page


COUNTS = {"new": 1, "doubtful": 3, "rejected": 1, "applied": {"new": 1, "changed": 1, "rejected": 1, "skipped": 2}}


def test_after_the_import_the_next_steps_are_there(client, coordinator, roster, province):
    RosterImport.objects.update(
        state=RosterState.APPLIED, applied_by=coordinator, applied_at=timezone.now(), counts=COUNTS
    )
    roster.rows.exclude(outcome=Outcome.REJECTED).delete()
    client.force_login(coordinator)
    page = page_of(client, roster)
    for shown in [
        reverse("slips:unit", args=[province.north.uuid]),
        reverse("unit_learning:people", args=[province.north.uuid]),
        reverse("rosters:rejects", args=[roster.uuid]),
    ]:
        assert shown in page
    roster.rows.all().delete()
    assert "Đã nhập 2 người" in page_of(client, roster), "the numbers outlive the lines"
    assert reverse("rosters:rejects", args=[roster.uuid]) not in page_of(client, roster), "there is nothing to fetch"
    assert "đã được xoá để giữ riêng tư" in page_of(client, roster)


def test_what_a_file_says_is_shown_as_text(client, coordinator, roster):
    line(roster, 9, Outcome.NEW, "<b>x</b>", cells={"<i>h</i>": "<script>alert(1)</script>"})
    client.force_login(coordinator)
    raw = client.get(reverse("rosters:roster", args=[roster.uuid]), {"loai": "moi"}).content.decode()
    assert "<script>alert" not in raw
    assert "<i>h</i>" not in raw


def test_a_list_costs_the_same_with_three_lines_and_with_sixty(client, coordinator, roster, stranger):
    """Session, user, roles, second step; list, scope; numbers; count and lines of the page; candidates, their places,
    who of them is visible."""
    client.force_login(coordinator)
    counts = []
    for more in (3, 60):
        for number in range(more):
            doubtful(roster, 1000 * more + number, UserFactory())
        with CaptureQueriesContext(connection) as queries:
            page_of(client, roster)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


def test_lists_cost_the_same_with_one_and_with_thirty(client, coordinator, roster, province):
    """Session, user, roles, second step; own unit, units to choose from; count and lists of the page."""
    client.force_login(coordinator)
    counts = []
    for more in (1, 30):
        for _ in range(more):
            RosterImport.objects.create(
                unit=province.north, file="x", file_name="x", sha256="0", effective_on=province.day, made_by=coordinator
            )
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("rosters:home"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


# --- Numbers ---


@pytest.mark.parametrize(
    ("decided", "open_", "incoming", "left_out", "words"),
    [
        ([], 0, 2, 1, "1 dòng có lỗi"),
        ([""], 1, 2, 2, "1 dòng có lỗi, 1 dòng cần xem lại"),
        ([Decided.SAME], 0, 3, 1, "1 dòng có lỗi"),
        (["same of nobody known"], 0, 2, 1, "1 dòng có lỗi"),
        ([Decided.OTHER, Decided.SKIP, ""], 1, 3, 3, "1 dòng có lỗi, 1 dòng cần xem lại, 1 dòng bạn bỏ"),
    ],
)
def test_numbers(roster, learner, decided, open_, incoming, left_out, words):
    for number, decision in enumerate(decided):
        known = {"user": learner, "changes": [{}]} if decision == Decided.SAME else {}
        doubtful(roster, 20 + number, learner, decided=decision.split(" ")[0], **known)
    numbers = roster_pages.numbers_of(roster)
    assert (numbers.open, numbers.incoming, numbers.left_out) == (open_, incoming, left_out)
    assert numbers.left_out_words == words


# --- Out ---


def test_an_export_asks_for_a_fresh_proof(client, coordinator, province):
    client.force_login(coordinator)
    assert client.get(reverse("rosters:export", args=[province.north.uuid])).status_code == 302
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(("form", "start"), [("xlsx", b"PK\x03\x04"), ("csv", b"\xef\xbb\xbf")])
def test_an_export_is_recorded(client, coordinator, province, learner, form, start):
    client.force_login(coordinator)
    prove(client)
    response = client.get(reverse("rosters:export", args=[province.north.uuid]), {"dang": form})
    assert response.content.startswith(start)
    assert response["Content-Disposition"].endswith(f'.{form}"')
    assert "no-store" in response["Cache-Control"]
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.actor, entry.unit_uuid) == ("roster_export", coordinator, province.north.uuid)
    assert entry.detail == {"people": 2, "format": form}


def test_a_long_export_is_a_job_with_a_file(
    client, coordinator, province, learner, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(roster_pages, "EXPORT_AT_ONCE", 1)
    client.force_login(coordinator)
    prove(client)
    address = reverse("rosters:export", args=[province.north.uuid])
    assert "Danh sách có 2 người" in client.get(address).content.decode()
    assert not Job.objects.exists(), "looking makes nothing"
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(address)
    job = Job.objects.get()
    assert response.url == reverse("jobs:job", args=[job.uuid])
    assert job.state == "done", job.error
    assert job.file.read(4) == b"PK\x03\x04"
    job.file.close()
    assert AuditEntry.objects.filter(act="roster_export").count() == 1


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Phường Đa Mai", "danh-sach-phuong-da-mai"),
        ('Xã "X"\r\n/..', "danh-sach-xa-x"),
        ("Ơ" * 80, "danh-sach-" + "o" * 60),
    ],
)
def test_names_of_files_are_plain(name, file):
    assert roster_export.file_name(UnitFactory.build(name=name), "csv").startswith(f"{file}-20")


def test_the_template_is_a_workbook(client, coordinator, province):
    client.force_login(coordinator)
    response = client.get(reverse("rosters:template", args=[province.north.uuid]))
    assert response.content.startswith(b"PK\x03\x04")
    assert "mau-xa-xuan-luong" in response["Content-Disposition"]


# --- From the file to the people ---


def test_a_list_from_upload_to_people(client, coordinator, province, django_capture_on_commit_callbacks):
    twin = MembershipFactory(
        user=UserFactory(full_name="Trần Văn Bình", birth_date=date(1980, 3, 2)), unit=province.south
    ).user
    client.force_login(coordinator)
    with django_capture_on_commit_callbacks(execute=True):
        upload(client)
    roster = RosterImport.objects.get()
    assert roster.state == RosterState.READY, (roster.problem, Job.objects.get().error)
    page = page_of(client, roster)
    assert "Nhập 1 người" in page
    assert "1 dòng có lỗi, 1 dòng cần xem lại" in page
    number = roster.rows.get(outcome=Outcome.DOUBTFUL).number
    response = client.post(
        reverse("rosters:decide", args=[roster.uuid, number]), {"quyet-dinh": f"same:{twin.uuid}", "trang": "1"}
    )
    assert response.url.endswith(f"?loai=xem-lai&trang=1#dong-{number}")
    page = page_of(client, roster)
    assert "Nhập 2 người" in page
    assert "✓ Là cùng một người" in page
    prove(client)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("rosters:apply", args=[roster.uuid]))
    job = Job.objects.get(kind="people.roster_apply")
    assert response.url == reverse("jobs:job", args=[job.uuid])
    roster.refresh_from_db()
    assert roster.state == RosterState.APPLIED, job.error
    assert "Đã nhập 2 người vào Xã Xuân Lương" in page_of(client, roster)
    members = Membership.objects.in_force(DAY).filter(unit=province.north, role=Role.LEARNER)
    assert {m.user.full_name for m in members} == {"Lò Thị Ước", "Trần Văn Bình"}
    assert User.objects.filter(full_name="Trần Văn Bình").count() == 1


@pytest.mark.parametrize("word", ["", "x", "same:not-a-uuid", "same:00000000-0000-4000-8000-000000000000"])
def test_an_unclear_decision_changes_nothing(client, coordinator, roster, learner, word):
    row = doubtful(roster, 6, learner)
    client.force_login(coordinator)
    response = client.post(reverse("rosters:decide", args=[roster.uuid, 6]), {"quyet-dinh": word})
    assert response.status_code == 409
    row.refresh_from_db()
    assert row.decided == ""


def test_somebody_who_is_no_candidate_cannot_be_chosen(client, coordinator, roster, learner, stranger):
    row = doubtful(roster, 6, learner)
    client.force_login(coordinator)
    address = reverse("rosters:decide", args=[roster.uuid, 6])
    assert client.post(address, {"quyet-dinh": f"same:{stranger.uuid}"}).status_code == 409
    row.refresh_from_db()
    assert (row.decided, row.user) == ("", None)


def test_a_line_that_is_not_doubtful_has_nothing_to_decide(client, coordinator, roster):
    client.force_login(coordinator)
    assert client.post(reverse("rosters:decide", args=[roster.uuid, 2]), {"quyet-dinh": "other"}).status_code == 404


def test_one_word_for_all_that_are_left(client, coordinator, roster, learner, stranger):
    doubtful(roster, 6, learner, decided=Decided.SKIP)
    doubtful(roster, 7, learner)
    doubtful(roster, 8, stranger)
    client.force_login(coordinator)
    response = client.post(reverse("rosters:decide_all", args=[roster.uuid]), {"quyet-dinh": "other"}, follow=True)
    assert "Đã ghi quyết định cho 2 dòng." in response.content.decode()
    assert list(roster.rows.filter(number__in=[6, 7, 8]).values_list("decided", flat=True)) == [
        "skip",
        "other",
        "other",
    ]


def test_a_list_that_was_dropped_changes_nobody(client, coordinator, roster):
    client.force_login(coordinator)
    before = User.objects.count(), Membership.objects.count()
    response = client.post(reverse("rosters:cancel", args=[roster.uuid]), follow=True)
    assert "Đã bỏ danh sách trong tệp to-dan-pho.xlsx" in response.content.decode()
    roster.refresh_from_db()
    assert roster.state == RosterState.CANCELLED
    assert (User.objects.count(), Membership.objects.count()) == before
    prove(client)
    assert client.post(reverse("rosters:apply", args=[roster.uuid])).status_code == 409


def test_leavers_are_confirmed_by_an_act_of_their_own(client, coordinator, roster):
    RosterImport.objects.update(whole_unit=True, problem="Nhiều người rời.", counts={"left": 1})
    line(roster, 0, Outcome.LEFT, "x", cells={})
    client.force_login(coordinator)
    prove(client)
    assert client.post(reverse("rosters:apply", args=[roster.uuid])).status_code == 409
    client.post(reverse("rosters:confirm_leavers", args=[roster.uuid]))
    roster.refresh_from_db()
    assert roster.leavers_confirmed


def test_the_rejects_are_a_workbook(client, coordinator, roster):
    roster.file.save("x.csv", ContentFile(CSV.encode()))
    client.force_login(coordinator)
    prove(client)
    response = client.get(reverse("rosters:rejects", args=[roster.uuid]))
    assert response.content.startswith(b"PK\x03\x04")
    assert "can-sua-xa-xuan-luong" in response["Content-Disposition"]
