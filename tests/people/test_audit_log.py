"""The audit log on screen: who reads what, searching, pages, words, the file."""

from __future__ import annotations

import ast
import csv
import io
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import audit
from common.models import AuditEntry
from people import audit_log, audit_names, audit_words
from people.models import Role
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.proof import prove, with_second_step

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LOG = "/quan-ly/nhat-ky/"
PERSON = "0c6dbd3a-52f1-4c0e-8f6b-7b8de0d7f001"
INNER = "6f1c7a1e-6b7e-4a53-9b3a-0d8f7f3e2c11"
KNOWN = audit_words.Known({"to_cnscd": "Thành viên Tổ CNSCĐ"}, {PERSON: "Lò Thị Ước"})
FILE = "/quan-ly/nhat-ky/tep.csv"


@pytest.fixture
def administrator(province):
    return with_second_step(
        MembershipFactory(unit=province.root, audience=province.staff, role=Role.ADMINISTRATOR).user
    )


@pytest.fixture
def acts(province, coordinator, other_coordinator, lead, learner):
    """One act in each commune, one at the province, one on the whole platform."""
    audit.record(
        actor=coordinator,
        act="membership_change",
        subject=learner,
        unit=province.north,
        before={"role": Role.LEARNER, "valid_to": None},
        after={"role": Role.TEAM_LEADER, "valid_to": "2026-12-31"},
    )
    audit.record(actor=other_coordinator, act="batch_propose", subject=province.south, unit=province.south, people=12)
    audit.record(actor=lead, act="kpi.people_exported", subject=province.root, unit=province.root, year=2026)
    audit.record(actor=None, act="batch_reject", subject=province.root, reason="Việc của toàn hệ thống")


def shown(client, **asked):
    return unescape(client.get(LOG, asked).content.decode())


def rows_shown(client, **asked):
    return client.get(LOG, asked).context["page"].lines


# --- Who ---


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("coordinator", 200),
        ("other_coordinator", 200),
        ("lead", 200),
        ("administrator", 200),
        ("official", 403),
        ("learner", 404),
        ("stranger", 404),
        ("editor", 404),
    ],
)
@pytest.mark.parametrize("address", [LOG, FILE])
def test_who_may_open_it(client, request, acts, who, status, address):
    client.force_login(request.getfixturevalue(who))
    prove(client)
    assert client.get(address).status_code == status


@pytest.mark.parametrize(
    ("who", "acts_seen"),
    [
        ("coordinator", {"membership_change"}),
        ("other_coordinator", {"batch_propose"}),
        ("lead", {"membership_change", "batch_propose", "kpi.people_exported"}),
        ("administrator", {"membership_change", "batch_propose", "kpi.people_exported", "batch_reject"}),
    ],
)
def test_one_reads_what_happened_in_one_s_scope(client, request, acts, who, acts_seen):
    client.force_login(request.getfixturevalue(who))
    assert {line.entry.act for line in rows_shown(client)} == acts_seen
    prove(client)
    body = b"".join(client.get(FILE).streaming_content).decode("utf-8-sig")
    assert {row["Việc"] for row in csv.DictReader(io.StringIO(body))} - {"Xuất nhật ký"} == {
        audit_words.act_name(act) for act in acts_seen
    }


def test_a_unit_that_ended_is_still_in_the_scope_of_what_took_over(client, province, lead):
    ended = UnitFactory(parent=province.root, valid_from=date(2020, 1, 1), valid_to=date(2025, 7, 1))
    from people.services import structures_rebuild

    structures_rebuild()
    audit.record(actor=lead, act="batch_reject", subject=ended, unit=ended)
    client.force_login(lead)
    assert len(rows_shown(client)) == 1


def test_nobody_signed_in_is_asked_to(client, province):
    for address in (LOG, FILE):
        assert reverse("account_login") in client.get(address)["Location"]


# --- Searching ---


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 4),
        ({"nhom": "xuat"}, 1),
        ({"nhom": "chung-nhan"}, 2),
        ({"nguoi": "nguyen thi ngoc uong"}, 1),  # about her
        ({"nguoi": "LÊ THỊ ÁNH"}, 1),  # by her
        ({"nguoi": "vu thi hang"}, 1),
        ({"nguoi": "Bắc Ninh"}, 2),  # what the thing was called
        ({"nguoi": "khong ai ca"}, 0),
        ({"don_vi": "xuan luong"}, 1),
        ({"don_vi": "07288"}, 1),
        ({"don_vi": "bac ninh"}, 3),  # and everything below
        ({"don_vi": "khong co"}, 0),
        ({"tu": "01/01/2020", "den": "31/12/2099"}, 4),
        ({"den": "31/12/2020"}, 0),
        ({"tu": "01/01/2099"}, 0),
        ({"nhom": "chung-nhan", "nguoi": "pham van on"}, 1),
        ({"nhom": "khong-co-nhom"}, 4),  # what cannot be read asks for nothing, and is marked
    ],
)
def test_searching(client, administrator, acts, asked, found):
    client.force_login(administrator)
    assert len(rows_shown(client, **asked)) == found


def test_a_membership_is_found_by_its_person(client, administrator, province, learner):
    place = learner.memberships.get()
    audit.record(actor=administrator, act="membership_add", subject=place, unit=province.north)
    client.force_login(administrator)
    assert len(rows_shown(client, nguoi="ngoc uong")) == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"tu": "31/02/2026"}, "Ngày chưa đúng. Ví dụ đúng: 22/11/2026."),
        ({"tu": "02/01/2026", "den": "01/01/2026"}, "Ngày này đứng trước «Từ ngày»."),
    ],
)
def test_a_day_that_cannot_be_read_is_said_and_no_file_is_made(client, administrator, acts, asked, said):
    client.force_login(administrator)
    prove(client)
    assert said in shown(client, **asked)
    assert said in unescape(client.get(FILE, asked).content.decode())
    assert not AuditEntry.objects.filter(act="audit_export").exists()


def test_days_are_days_of_the_province(client, administrator, province):
    audit.record(actor=administrator, act="batch_reject", subject=province.root)
    # 18:30 of the 20th in London is half past one of the 21st here.
    rewrite(at=datetime(2026, 11, 20, 18, 30, tzinfo=UTC))
    client.force_login(administrator)
    assert len(rows_shown(client, tu="21/11/2026", den="21/11/2026")) == 1
    assert len(rows_shown(client, tu="20/11/2026", den="20/11/2026")) == 0


# --- Pages ---


def rewrite(**fields):
    """Past the log's own refusal to be changed."""
    QuerySet(AuditEntry).update(**fields)


def fill(actor, unit, count):
    audit.record_many(actor=actor, act="batch_reject", rows=[{"subject": unit, "unit": unit} for _ in range(count)])


def test_pages_hold_every_entry_once(client, administrator, province):
    fill(administrator, province.north, 2 * audit_log.PER_PAGE + 3)
    client.force_login(administrator)
    seen, cursor = [], ""
    for _ in range(3):
        page = client.get(LOG, {"cu-hon": cursor} if cursor else {}).context["page"]
        seen += [line.entry.pk for line in page.lines]
        cursor = page.older
    assert cursor == ""
    assert seen == sorted(AuditEntry.objects.values_list("pk", flat=True), reverse=True)


def test_entries_of_one_instant_are_not_lost_between_pages(client, administrator, province):
    fill(administrator, province.north, audit_log.PER_PAGE + 5)
    rewrite(at=datetime(2026, 11, 20, tzinfo=UTC))
    client.force_login(administrator)
    first = client.get(LOG).context["page"]
    second = client.get(LOG, {"cu-hon": first.older}).context["page"]
    assert len({line.entry.pk for line in [*first.lines, *second.lines]}) == audit_log.PER_PAGE + 5


@pytest.mark.parametrize("cursor", ["x", "1", "WzEsMl0:1x:y", "'"])
def test_a_cursor_that_was_not_made_here_shows_the_newest(client, administrator, acts, cursor):
    client.force_login(administrator)
    assert len(rows_shown(client, **{"cu-hon": cursor})) == 4


def test_it_costs_the_same_however_long_the_log(client, lead, province):
    """Session, user, memberships' roles; size of the scope; entries with actors; units; people; audiences; the
    second step's own look."""
    client.force_login(lead)
    counts = []
    for more in (3, 200):
        fill(lead, province.north, more)
        audit.record(actor=UserFactory(), act="batch_reject", subject=province.south, unit=province.south)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LOG).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9
    counted = [q["sql"] for q in queries if "COUNT(" in q["sql"].upper() and "common_auditentry" in q["sql"]]
    assert counted == [], "nobody counts a million rows"


@pytest.mark.parametrize("large", [0, 300], ids=["as a large scope", "as a small scope"])
@pytest.mark.parametrize(("who", "seen"), [("coordinator", 1), ("lead", 3)])
def test_large_and_small_scopes_read_the_same(client, request, acts, monkeypatch, large, who, seen):
    monkeypatch.setattr(audit_log, "LARGE_SCOPE", large)
    client.force_login(request.getfixturevalue(who))
    assert len(rows_shown(client)) == seen


# --- Words ---


def recorded_acts():
    """Every act that the code records with its name written out: (act, file)."""
    found = set()
    rooms = ["lms", "cms", "kpi", "quizzes", "certificates", "courses", "people", "common"]
    for room in rooms:
        for file in (django_settings.BASE_DIR / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                    if name in {"record", "record_many"}:
                        for word in node.keywords:
                            if word.arg == "act":
                                found |= {c.value for c in ast.walk(word.value) if isinstance(c, ast.Constant)}
    return sorted(found)


def test_every_act_has_a_name_and_a_group():
    acts = recorded_acts()
    assert len(acts) > 5
    assert [act for act in acts if act not in audit_names.ACTS] == []
    assert {group for group, _ in audit_names.ACTS.values()} <= set(audit_names.GROUPS)


def test_an_act_that_nobody_named_is_still_readable():
    assert audit_words.act_name("something_new.done") == "something new done"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("role", "team_leader", "Tổ trưởng"),
        ("gender", "female", "Nữ"),
        ("kind", "school", "Trường học"),
        ("audience", "to_cnscd", "Thành viên Tổ CNSCĐ"),
        ("valid_from", "2026-11-22", "22/11/2026"),
        ("claimed_at", "2026-11-22T07:32:00+00:00", "14:32 ngày 22/11/2026"),
        ("phone", "+84912345678", "0912 345 678"),
        ("people", 4311, "4.311"),
        ("year", 2026, "2026"),
        ("whole_unit", True, "có"),
        ("whole_unit", False, "không"),
        ("valid_to", None, "(trống)"),
        ("title", "", "(trống)"),
        ("completion", INNER, "(trống)"),
        ("members", [], "(trống)"),
        ("leader", PERSON, "Lò Thị Ước"),
        ("members", [PERSON, INNER], "Lò Thị Ước"),
        ("members", ["Lò Thị Ước", "Trần Văn Đức"], "Lò Thị Ước; Trần Văn Đức"),
        ("members", [str(n) for n in range(20)], "0; 1; 2; 3; 4; 5; 6; 7; 8; 9; 10; 11 và 8 nữa"),
        (
            "left",
            {"name": "An", "role": "learner", "user": INNER},
            "Tên An, Vai trò Người học",
        ),
        ("note", "2026-13-45", "2026-13-45"),
        ("note", "Quyết định 412/QĐ-SKHCN", "Quyết định 412/QĐ-SKHCN"),
    ],
)
def test_values_in_words(field, value, words):
    entry = AuditEntry(before={field: value}, after={field: "khác"})
    [change] = audit_words.changes_of(entry, KNOWN)
    assert change.before == words


def test_facts_and_changes(db):
    entry = AuditEntry(
        before={"name": "Cũ", "code": "1"},
        after={"name": "Mới", "code": "1", "kind": "ward"},
        detail={"reason": "Sửa tên", "completion": INNER, "empty": None},
    )
    assert audit_words.changes_of(entry) == [
        audit_words.Change("Tên", "Cũ", "Mới"),
        audit_words.Change("Loại", "(trống)", "Phường"),
        audit_words.Change("Lý do", None, "Sửa tên"),
    ]


def test_before_and_after_are_on_the_page(client, coordinator, acts):
    client.force_login(coordinator)
    page = shown(client)
    for text in ["Sửa thành viên", "Nguyễn Thị Ngọc Ưỡng", "Người học", "Tổ trưởng", "31/12/2026", "Lê Thị Ánh"]:
        assert text in page
    assert "membership_change" not in page


def test_who_is_named_by_uuid_is_shown_by_name(client, coordinator, learner, province):
    said = {"leader": [str(learner.uuid)], "parent": str(province.root.uuid)}
    audit.record(actor=coordinator, act="team_reconstitute", subject=province.north, unit=province.north, after=said)
    client.force_login(coordinator)
    page = shown(client)
    assert "<ins>Nguyễn Thị Ngọc Ưỡng</ins>" in page
    assert "<ins>Tỉnh Bắc Ninh</ins>" in page


def test_what_was_recorded_is_shown_as_text(client, administrator, province):
    audit.record(actor=administrator, act="batch_reject", subject=province.root, reason="<script>alert(1)</script>")
    client.force_login(administrator)
    assert "<script>alert" not in client.get(LOG).content.decode()


# --- The file ---


def test_the_file_asks_for_a_fresh_proof(client, administrator, acts):
    client.force_login(administrator)
    assert client.get(FILE).status_code == 302
    assert not AuditEntry.objects.filter(act="audit_export").exists()


def test_the_file_holds_what_was_looked_for_and_is_recorded(client, lead, acts, province):
    client.force_login(lead)
    prove(client)
    response = client.get(FILE, {"don_vi": "xuan luong", "tu": "01/01/2020"})
    body = b"".join(response.streaming_content).decode("utf-8")
    assert body.startswith("\ufeff")
    [row] = csv.DictReader(io.StringIO(body.removeprefix("\ufeff")))
    assert (row["Việc"], row["Người làm"], row["Đơn vị"]) == ("Sửa thành viên", "Lê Thị Ánh", "Xã Xuân Lương")
    assert "Vai trò: Người học → Tổ trưởng" in row["Nội dung"]
    assert "no-store" in response["Cache-Control"]
    entry = AuditEntry.objects.get(act="audit_export")
    assert (entry.actor, entry.unit_uuid) == (lead, province.root.uuid)
    assert entry.detail == {"filters": {"unit": "xuan luong", "day_from": "2020-01-01"}}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "'=", "＝"])
def test_no_cell_of_the_file_is_a_formula(client, administrator, province, start):
    audit.record(actor=administrator, act="batch_reject", subject=province.root)
    rewrite(subject_name=f"{start}1+1")
    client.force_login(administrator)
    prove(client)
    body = b"".join(client.get(FILE).streaming_content).decode("utf-8-sig")
    cells = {row["Việc"]: row["Với"] for row in csv.DictReader(io.StringIO(body, newline=""))}
    assert cells["Không duyệt đợt cấp"] == f"'{start}1+1"


def test_the_file_holds_a_long_log_once(client, administrator, province):
    fill(administrator, province.north, 2500)
    client.force_login(administrator)
    prove(client)
    body = b"".join(client.get(FILE).streaming_content).decode("utf-8-sig")
    assert len(body.splitlines()) == 1 + 2500 + 1


def test_the_log_cannot_be_changed(acts):
    with pytest.raises(TypeError, match="append-only"):
        AuditEntry.objects.update(act="x")
    with pytest.raises(TypeError, match="append-only"):
        AuditEntry.objects.all().delete()
    entry = AuditEntry.objects.first()
    with pytest.raises(TypeError, match="append-only"):
        entry.save()
    with pytest.raises(TypeError, match="append-only"):
        entry.delete()
    assert AuditEntry.objects.filter(at__gte=entry.at - timedelta(days=1)).count() == 4
