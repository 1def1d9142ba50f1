"""A list before it is decided: differences of name and birth date, putting aside, checking; services and pages."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.models import BatchState
from certificates.services import (
    batch_approve,
    batch_check,
    batch_items_exclude,
    batch_items_hold,
    batch_items_name_confirm,
    batch_items_release,
    proposal_for,
)
from certificates.services.lists import COMPLETION, ROSTER
from common.errors import Refusal
from common.models import AuditEntry
from courses.models import Course
from people.models import Role, Unit
from tests.factories.certificates import DECISION, approve, completions, propose
from tests.factories.people import MembershipFactory
from tests.proof import prove, with_second_step


@pytest.fixture
def page(batch):
    return reverse("issuing:batch", args=[batch.uuid])


@pytest.fixture
def renamed(batch, learner):
    """Somebody of the list is called otherwise today."""
    learner.full_name, learner.birth_date = "Nguyễn Thị Ngọc Ưởng", date(1969, 5, 18)
    learner.save()
    return batch.items.get(completion__user=learner)


@pytest.fixture
def second_coordinator(province):
    return with_second_step(MembershipFactory(unit=province.north, audience=province.staff, role=Role.COORDINATOR).user)


def refused_with(act, **arguments) -> Refusal:
    with pytest.raises(Refusal) as refused:
        act(**arguments)
    return refused.value


# --- Names and days of birth ----------------------------------------------------------------------------------------
def test_a_difference_must_be_decided_before_check_and_approval(batch, renamed, official):
    for act in (
        lambda: batch_check(batch=batch, actor=official),
        lambda: batch_approve(batch=batch, approver=official, **DECISION),
    ):
        refused = refused_with(act)
        assert refused.code == "differences_undecided"
        assert refused.detail["link"][0].endswith("?loc=chua-quyet")
    batch_items_name_confirm(batch=batch, items=[renamed.pk], source=ROSTER, actor=official)
    approve(batch, official)
    certificate = batch.certificates.get()
    assert (certificate.holder_name, certificate.holder_birth_date) == ("Nguyễn Thị Ngọc Ưởng", date(1969, 5, 18))


@pytest.mark.parametrize(
    ("source", "name", "born"),
    [
        (ROSTER, "Nguyễn Thị Ngọc Ưởng", date(1969, 5, 18)),
        (COMPLETION, "Nguyễn Thị Ngọc Ưỡng", date(1969, 5, 17)),
    ],
)
def test_who_decides_is_kept(batch, renamed, coordinator, source, name, born):
    assert batch_items_name_confirm(batch=batch, items=[renamed.pk], source=source, actor=coordinator) == 1
    renamed.refresh_from_db()
    assert (renamed.holder_name, renamed.holder_birth_date) == (name, born)
    assert renamed.name_checked_by == coordinator
    entry = AuditEntry.objects.get(act="batch_items_name_confirm")
    said = "theo danh sách hôm nay" if source == ROSTER else "theo lúc hoàn thành"
    assert (entry.detail["people"], entry.detail["chosen"], entry.detail["names"]) == (1, said, name)


def test_a_roster_mended_again_asks_again(batch, renamed, learner, coordinator):
    batch_items_name_confirm(batch=batch, items=[renamed.pk], source=ROSTER, actor=coordinator)
    assert not batch.items.undecided().exists()
    learner.full_name = "Nguyễn Thị Ngọc Ương"
    learner.save()
    assert batch.items.undecided().get() == renamed
    learner.full_name, learner.birth_date = "Nguyễn Thị Ngọc Ưởng", date(1970, 1, 1)
    learner.save()
    assert batch.items.undecided().get() == renamed


@pytest.mark.parametrize(
    ("then", "now", "differs"),
    [
        (None, None, False),
        (date(1970, 1, 1), None, False),
        (None, date(1970, 1, 1), True),
        (date(1970, 1, 1), date(1970, 1, 1), False),
        (date(1970, 1, 1), date(1970, 1, 2), True),
    ],
)
def test_which_days_differ(series, province, course, coordinator, then, now, differs):
    (done,) = completions(province, province.north, course=course, birth_date=then)
    batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
    type(done.user).objects.filter(pk=done.user_id).update(birth_date=now)
    assert batch.items.undecided().exists() is differs


@pytest.mark.parametrize(
    ("change", "source", "code"),
    [
        ({"full_name": "hoa@example.vn"}, ROSTER, "name_unusable"),
        ({"full_name": "Lê Thị Ánh"}, "", "birth_date_missing"),
    ],
)
def test_what_cannot_be_printed_cannot_be_chosen(series, province, course, coordinator, change, source, code):
    """Neither a log-in, nor nothing where the paper must name the day of birth."""
    series.official.needs_birth_date = code == "birth_date_missing"
    series.official.save()
    born = None if code == "birth_date_missing" else date(1970, 1, 1)
    (done,) = completions(province, province.north, course=course, birth_date=born)
    type(done.user).objects.filter(pk=done.user_id).update(birth_date=date(1970, 1, 1), **change)
    batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
    refused = refused_with(
        batch_items_name_confirm,
        batch=batch,
        items=[batch.items.get().pk],
        source=source or COMPLETION,
        actor=coordinator,
    )
    assert refused.code == code
    assert batch.items.get().name_checked_by is None


def test_people_of_one_name_and_day_are_pointed_out(client, series, province, course, coordinator, official):
    born = date(1970, 1, 1)
    completions(province, province.north, 2, course=course, birth_date=born)
    completions(province, province.north, 1, course=course, birth_date=date(1971, 1, 1))
    batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
    alike = batch.items.namesakes()
    assert len(alike) == 2
    client.force_login(official)
    page = reverse("issuing:batch", args=[batch.uuid])
    text = client.get(page).content.decode()
    assert "2 người trùng cả họ tên và ngày sinh" in text
    assert client.get(f"{page}?loc=trung-ten").content.decode().count('name="nguoi"') == 2
    batch_items_exclude(batch=batch, items=alike[:1], reason="Trùng người", actor=official)
    assert batch.items.namesakes() == []


# --- Put aside, taken off, taken back -------------------------------------------------------------------------------
def test_hold_release_exclude(batch, completion, coordinator, official, series, province, course):
    (item,) = batch.items.values_list("pk", flat=True)

    def eligible():
        return len(proposal_for(series=series.official, unit=province.north, course=course).eligible)

    assert eligible() == 0
    assert batch_items_hold(batch=batch, items=[item], reason="Chờ giấy tờ", actor=coordinator) == 1
    assert batch_items_hold(batch=batch, items=[item], reason="Lần nữa", actor=coordinator) == 0
    assert batch.items.get().held_reason == "Chờ giấy tờ"
    assert eligible() == 1
    assert refused_with(batch_approve, batch=batch, approver=official, **DECISION).code == "batch_empty"
    assert batch_items_release(batch=batch, items=[item], actor=official) == 1
    batch_items_exclude(batch=batch, items=[item], reason="Nghỉ việc", actor=official)
    assert batch_items_release(batch=batch, items=[item], actor=coordinator) == 1
    acts = ["batch_items_hold", "batch_items_release", "batch_items_exclude", "batch_items_release"]
    assert list(AuditEntry.objects.filter(act__in=acts).order_by("pk").values_list("act", flat=True)) == acts
    assert eligible() == 0


@pytest.mark.parametrize("is_issued", [False, True])
def test_who_was_taken_elsewhere_does_not_come_back(batch, coordinator, official, series, province, course, is_issued):
    (item,) = batch.items.values_list("pk", flat=True)
    batch_items_hold(batch=batch, items=[item], reason="Chờ", actor=coordinator)
    other = propose(proposer=coordinator, series=series.official, unit=province.north, course=course, title="Hai")
    if is_issued:
        approve(other, official)
    refused = refused_with(batch_items_release, batch=batch, items=[item], actor=coordinator)
    assert refused.code == "taken_elsewhere"
    assert "Nguyễn Thị Ngọc Ưỡng" in refused.text


@pytest.mark.parametrize("who", ["other_coordinator", "stranger", "learner"])
def test_only_the_two_offices_touch_a_list(request, batch, who):
    actor = request.getfixturevalue(who)
    items = list(batch.items.values_list("pk", flat=True))
    for act, more in (
        (batch_items_exclude, {"reason": "x"}),
        (batch_items_hold, {"reason": "x"}),
        (batch_items_release, {}),
        (batch_items_name_confirm, {"source": ROSTER}),
    ):
        assert refused_with(act, batch=batch, items=items, actor=actor, **more).code == "not_allowed"
    assert refused_with(batch_check, batch=batch, actor=actor).code == "not_allowed"


def test_a_decided_list_is_touched_by_nobody(issued, official):
    items = list(issued.batch.items.values_list("pk", flat=True))
    refused = refused_with(batch_items_hold, batch=issued.batch, items=items, reason="x", actor=official)
    assert refused.code == "batch_closed"


# --- Checking -------------------------------------------------------------------------------------------------------
def test_somebody_else_checks(batch, coordinator, second_coordinator, official):
    assert refused_with(batch_check, batch=batch, actor=coordinator).code == "four_eyes"
    checked, changed = batch_check(batch=batch, actor=second_coordinator)
    assert (checked.state, checked.checked_by, changed) == (BatchState.CHECKED, second_coordinator, True)
    assert batch_check(batch=batch, actor=official)[1] is False
    approve(batch, official)
    assert batch.state == BatchState.ISSUED


@pytest.mark.parametrize(("by_checker", "after"), [(True, BatchState.CHECKED), (False, BatchState.PROPOSED)])
def test_a_list_changed_by_another_is_to_be_checked_again(
    batch, completion, coordinator, official, series, province, course, by_checker, after
):
    batch_check(batch=batch, actor=official)
    actor = official if by_checker else coordinator
    batch_items_hold(batch=batch, items=[batch.items.get().pk], reason="Chờ", actor=actor)
    batch.refresh_from_db()
    assert batch.state == after
    assert (batch.checked_by is None) is (after == BatchState.PROPOSED)


# --- The decision's file --------------------------------------------------------------------------------------------
PDF = b"%PDF-1.7\n%%EOF"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("qd.pdf", PDF, None),
        ("qd.png", b"\x89PNG\r\n\x1a\n0000", None),
        ("qd.pdf", b"MZ\x90\x00 not a pdf", "file_unknown"),
        ("qd.png", PDF, "file_mislabelled"),
        ("qd.pdf", b"", "file_empty"),
        ("qd.mp4", b"0000ftypisom0000", "file_unknown"),
    ],
)
def test_the_file_of_a_decision_is_what_its_bytes_say(batch, official, name, content, code):
    file = SimpleUploadedFile(name, content)
    if code:
        # An empty upload says so as well as a wrong one.
        assert (
            refused_with(batch_approve, batch=batch, approver=official, decision_file=_Truthy(file), **DECISION).code
            == code
        )
        batch.refresh_from_db()
        assert batch.state == BatchState.PROPOSED
        return
    batch_approve(batch=batch, approver=official, decision_file=file, **DECISION)
    batch.refresh_from_db()
    with batch.decision_file.open() as kept:
        assert kept.read() == content


class _Truthy:
    """Django takes an upload without bytes for none at all; a service may still be handed one."""

    def __init__(self, file):
        self.file, self.name, self.size = file, file.name, file.size

    def __getattr__(self, name):
        return getattr(self.file, name)


# --- Pages ----------------------------------------------------------------------------------------------------------
def test_both_names_stand_beside_each_other_and_one_press_decides(client, renamed, page, coordinator):
    client.force_login(coordinator)
    text = client.get(page).content.decode()
    for part in ("Nguyễn Thị Ngọc Ưỡng", "17/05/1969", "Nguyễn Thị Ngọc Ưởng", "18/05/1969"):
        assert part in text
    assert "1 người có họ tên hoặc ngày sinh khác danh sách hôm nay" in text
    act = f"ghi-danh-sach:{renamed.completion.uuid}"
    answer = client.post(f"{page}nguoi/", {"viec": act, "loc": "chua-quyet", "q": "", "trang": "1"})
    assert answer["Location"] == f"{page}?loc=chua-quyet&trang=1"
    renamed.refresh_from_db()
    assert renamed.holder_name == "Nguyễn Thị Ngọc Ưởng"
    assert "Đã chọn cách ghi" in client.get(page).content.decode()


def test_everybody_in_the_filter_at_once_but_never_without_a_filter(client, series, province, course, coordinator):
    done = completions(province, province.north, 3, course=course)
    batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
    for one in done:
        one.user.full_name = "Lê Thị Khác"
        one.user.save()
    page = reverse("issuing:batch", args=[batch.uuid])
    client.force_login(coordinator)
    assert client.post(f"{page}nguoi/", {"viec": "loai", "reason": "x", "ca-loc": "1"}).status_code == 409
    client.post(f"{page}nguoi/", {"viec": "ghi-hoan-thanh", "ca-loc": "1", "loc": "chua-quyet"})
    assert not batch.items.undecided().exists()
    assert set(batch.items.values_list("holder_name", flat=True)) == {"Nguyễn Thị Hoa"}


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"viec": "loai"}, "nobody_chosen"),
        ({"viec": "loai", "nguoi": "khong-phai-ma"}, "nobody_chosen"),
        ({"viec": "xoa-het"}, "unknown_act"),
        ({}, "unknown_act"),
    ],
)
def test_wrong_forms_are_explained(client, batch, page, coordinator, form, code):
    client.force_login(coordinator)
    answer = client.post(f"{page}nguoi/", form)
    assert answer.status_code == 409
    assert code in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("coordinator", 302), ("official", 302), ("other_coordinator", 403), ("stranger", 404), ("learner", 404)],
)
def test_who_may_put_somebody_aside(client, request, batch, page, who, status):
    client.force_login(request.getfixturevalue(who))
    form = {"viec": "tam-giu", "reason": "Chờ", "nguoi": str(batch.items.get().completion.uuid)}
    assert client.post(f"{page}nguoi/", form).status_code == status
    assert bool(batch.items.get().held_reason) is (status == 302)


def test_filters_and_search(client, renamed, page, batch, coordinator, series, province, course):
    client.force_login(coordinator)
    assert "Không có ai như vậy" in client.get(f"{page}?loc=tam-giu").content.decode()
    assert "Không có ai như vậy" in client.get(f"{page}?q=khong+co").content.decode()
    assert 'name="nguoi"' in client.get(f"{page}?q=ngoc+uong").content.decode()
    batch_items_hold(batch=batch, items=[renamed.pk], reason="Chờ giấy tờ", actor=coordinator)
    assert "Tạm giữ cho đợt sau: Chờ giấy tờ" in client.get(f"{page}?loc=tam-giu").content.decode()


def test_what_changed_around_the_list_is_told(client, batch, page, course, province, official):
    Course.objects.filter(pk=course.pk).update(is_published=False)
    Unit.objects.filter(pk=province.north.pk).update(valid_to=date(2026, 11, 1))
    client.force_login(official)
    text = client.get(page).content.decode()
    assert "đã được gỡ khỏi trang khoá học" in text
    assert "đã kết thúc hoặc sáp nhập từ ngày 01/11/2026" in text
    approve(batch, official)
    assert batch.state == BatchState.ISSUED
    assert "đã được gỡ" not in client.get(page).content.decode()


def test_check_and_approve_in_the_browser_with_a_file(
    client, batch, page, official, second_coordinator, django_capture_on_commit_callbacks
):
    client.force_login(second_coordinator)
    assert "Ghi là đã kiểm tra" in client.get(page).content.decode()
    client.post(f"{page}kiem-tra/")
    client.force_login(official)
    prove(client)
    assert second_coordinator.full_name in client.get(page).content.decode()
    form = {"decision_number": "412/QĐ-SKHCN", "decision_date": "20/11/2026", "confirmed": "on"}
    wrong = client.post(f"{page}duyet/", form | {"decision_file": SimpleUploadedFile("qd.pdf", b"hello")})
    assert "Không nhận loại tệp này" in wrong.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(f"{page}duyet/", form | {"decision_file": SimpleUploadedFile("qd.pdf", PDF)})
    assert answer["Location"] == reverse("issuing:progress", args=[batch.uuid])
    file = client.get(f"{page}quyet-dinh/")
    assert b"".join(file.streaming_content) == PDF
    assert "attachment" in file["Content-Disposition"]


@pytest.mark.parametrize(("who", "status"), [("coordinator", 200), ("other_coordinator", 403), ("stranger", 404)])
def test_who_reads_the_decision(client, request, batch, page, official, who, status):
    batch_approve(batch=batch, approver=official, decision_file=SimpleUploadedFile("q.pdf", PDF), **DECISION)
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"{page}quyet-dinh/").status_code == status


def test_an_open_list_costs_the_same_at_any_number(client, series, province, coordinator, course):
    """Session · user · offices. Then batch · may see · count · people · namesakes · counts · may issue · may propose ·
    issuing side · last completion."""
    counts = []
    client.force_login(coordinator)
    for size in (3, 30):
        completions(province, province.north, size, course=course)
        batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
        page = reverse("issuing:batch", args=[batch.uuid])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16, counts
