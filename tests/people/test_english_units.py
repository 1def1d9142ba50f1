"""Offices in English: the first page, units and what changes them, the log, the system's admin.

Whatever an English reader does there leaves Vietnamese words behind: in the log, in its file, in the tree.
"""

from __future__ import annotations

import csv
import io

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from common import audit
from common.models import AuditEntry
from people import audit_names, audit_words
from people.audit_log import HEADINGS
from people.models import Membership, Notice, Role, Structure, UnitKind
from people.querysets import today
from people.services import structures_rebuild
from people.units.structure_file import KIND_NAMES, NAMES, rows_read
from tests.english import VIETNAMESE, english, held_texts
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.people.units.conftest import world  # noqa: F401  (a fixture)
from tests.proof import prove

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAY = "%d/%m/%Y"


def enter(client, person):
    client.force_login(person)
    prove(client)
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def office(client, world):  # noqa: F811
    """A browser of the provincial lead, who chose English."""
    return enter(client, world.lead)


def changing(world, act, **form):  # noqa: F811
    return reverse("units:change", args=[world.x.uuid, act]), {"on": world.day.strftime(DAY), **form}


def test_the_first_page_says_what_waits_and_what_one_does(office, world):  # noqa: F811
    UnitFactory(code="0L", name="Xã Lạc", parent=world.d2, valid_from=world.c.valid_from, valid_to=world.c.valid_to)
    structures_rebuild()
    page = english(office.get(reverse("manage_home")), held=held_texts())
    for said in ("Hello Vũ Thị Hằng", "<b>1</b> former unit not converted yet", "Audit log", "Claim slips"):
        assert said in page


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("them", "Add a unit under Xã Xuân Lương"),
        ("doi-ten", "every page uses the new one"),
        ("chuyen", "The units below it move along."),
        ("sap-nhap", "Keep Xã Xuân Lương; the others are merged into it"),
        ("chia-tach", "Part 1: name"),
        ("dong", "Close Xã Xuân Lương"),
    ],
)
def test_forms_of_every_change(office, world, act, said):  # noqa: F811
    url, form = changing(world, act)
    assert said in english(office.get(url), held=held_texts())
    assert (
        "Please fill this in." in english(office.post(url, {**form, "note": "x"}), held=held_texts()) or act == "dong"
    )


@pytest.mark.parametrize(
    ("act", "form", "said"),
    [
        ("doi-ten", {"name": "Xã Xuân Mới", "kind": "ward"}, "<b>4</b> people keep their places"),
        ("doi-ten", {"name": "Xã Xuân Lương", "kind": "commune"}, "Name and kind are the same as before."),
        ("chuyen", {"parent": "0Không"}, "There is no unit “0Không”."),
        ("chuyen", {"parent": "0A"}, "“Xã A” (0A) ended on 1 July 2025 and is now “Xã Xuân Lương” (0X)."),
        ("sap-nhap", {"others": "0Y", "how": "giu"}, "Takes over: <b>Xã Xuân Lương</b>"),
        ("dong", {}, "There is 1 active unit under “Xã Xuân Lương”."),
        ("dong", {"with_children": "on"}, "“Xã Xuân Lương” still has 5 people."),
        ("dong", {"with_children": "on", "end_members": "on"}, "Lê Thị Ánh, Unit coordinator of Xã Xuân Lương"),
        (
            "chia-tach",
            {"name_1": "Mai 1", "code_1": "1", "kind_1": "commune", "name_2": "Mai 2", "code_2": "2", "kind_2": "ward",
             "kind_3": "commune", "kind_4": "commune", "principal": "1"},
            "Whoever is not placed goes to the principal part.",
        ),
    ],
)  # fmt: skip
def test_previews_and_refusals(office, world, act, form, said):  # noqa: F811
    url, form = changing(world, act, **form)
    held = held_texts("0Không", "Xã Xuân Mới")
    assert said in english(office.post(url, form), held=held)


def test_pages_of_the_tree(office, world):  # noqa: F811
    lost = UnitFactory(
        code="0L", name="Xã Lạc", parent=world.d2, valid_from=world.c.valid_from, valid_to=world.c.valid_to
    )
    structures_rebuild()
    unit = reverse("units:unit", args=[lost.uuid])
    for url, said in (
        (reverse("units:tree"), "Name or code of a unit"),
        (reverse("units:tree") + "?loai=ward", "There is no such unit."),
        (reverse("units:tree") + "?q=lac&tinh-trang=moi", "Ended on 1 July 2025"),
        (unit, "No successor has been recorded."),
        (reverse("units:unit", args=[world.a.uuid]), "On 1 July 2025 became"),
        (reverse("units:unmapped"), "1 unit left."),
        (reverse("units:succeed", args=[lost.uuid]), "A unit that was active on 1 July 2025."),
    ):
        assert said in english(office.get(url), held=held_texts()), url
    refused = enter(office, world.head).get(reverse("units:unit", args=[world.y.uuid]))
    assert "You are not in charge of" in english(refused, 403, held=held_texts())


def test_a_change_leaves_vietnamese_words(office, world):  # noqa: F811
    url, form = changing(world, "doi-ten", name="Xã Xuân Mới", kind="ward")
    seen = office.post(url, form)
    saved = office.post(url, {**form, "luu": "1", "version": seen.context["preview"].version})
    assert "The change has been saved." in english(office.get(saved["Location"]), held=held_texts())
    structure = Structure.objects.order_by("-valid_from").first()
    assert structure.name == f"Cơ cấu từ {world.day.day}/{world.day.month}/{world.day.year}"
    entry = AuditEntry.objects.get(act="unit_rename")
    assert entry.after["kind"] == "ward"
    page = english(office.get(saved["Location"]), held=held_texts())
    assert "Rename a unit" in page
    assert "Kind: Commune → Ward" in page


def test_a_file_is_read_and_written_in_vietnamese(office, world):  # noqa: F811
    assert (KIND_NAMES["ward"], KIND_NAMES["team"]) == ("Phường", "Tổ công nghệ số cộng đồng")
    url = reverse("units:import")
    held = held_texts(*KIND_NAMES.values(), *NAMES.values(), "Làng")
    assert "File of the structure" in english(office.get(url), held=held)
    form = {"name": "Structure of 2027", "on": today().strftime(DAY)}
    wrong = "Mã,Tên,Loại,Mã cấp trên\n24,Tỉnh Mới,Tỉnh,\n0X,Xuan,Làng,24\n".encode()
    page = english(office.post(url, {**form, "file": SimpleUploadedFile("a.csv", wrong)}), held=held)
    assert "There is no such kind of unit. Choose one of: Tỉnh, " in page
    assert '<td data-l="Column" lang="vi">Loại</td>' in page
    short = english(office.post(url, {**form, "file": SimpleUploadedFile("a.csv", b"code\n24\n")}), held=held)
    assert "The first line of the file lacks: Tên, Loại, Mã cấp trên." in short
    rows, faults = rows_read(io.BytesIO(office.get(reverse("units:import_template")).content))
    assert ([row.kind for row in rows], faults) == (["province", "ward", "commune"], [])


def test_every_name_of_the_log_has_english():
    with translation.override("en"):
        acts = {act: audit_words.act_name(act) for act in audit_names.ACTS}
        fields = {field: audit_words._label(field) for field in audit_names.FIELDS}
        groups = {group: audit_words.named(name) for group, name in audit_names.GROUPS.items()}
    assert [name for name in (*acts.values(), *fields.values(), *groups.values()) if VIETNAMESE.search(name)] == []
    assert (fields["skipped"], fields["course_title"], acts["account_claim"]) == (
        "Skipped",
        "Course",
        "Claim an account",
    )


@pytest.fixture
def acts(world):  # noqa: F811
    """Entries that hold whatever an entry can."""
    audit.record(
        actor=world.lead, act="membership_change", subject=world.head, unit=world.x,
        before={"role": Role.LEARNER, "valid_to": None, "is_main": False, "gender": "female"},
        after={"role": Role.TEAM_LEADER, "valid_to": "2026-12-31", "is_main": True, "gender": "male"},
        reason="Đổi việc", channel="sms", how="slip", state="revoked", reason_class="fraud", people=1234,
        members=[str(person.uuid) for person in world.people] * 2,
    )  # fmt: skip
    audit.record(actor=None, act="unit_add", subject=world.x, unit=world.x, kind=UnitKind.WARD)


def test_the_log_is_read_in_english_and_its_file_is_vietnamese(office, acts):
    log = reverse("audit:log")
    page = english(office.get(log), held=held_texts())
    for said in (
        "Change a membership", "Learner</del>", "Team leader</ins>", "31 December 2026", ">no</del>", ">yes</ins>",
        'Reason:</span> <span lang="vi">Đổi việc</span>', "Text message", "a printed slip", "1,234", "Male",
        "Cheating in learning", "The platform", "Ward",
    ):  # fmt: skip
        assert said in page, said
    wrong = english(office.get(log, {"tu": "02/01/2026", "den": "01/01/2026"}), held=held_texts())
    assert "This day is before the day in “From”." in wrong
    assert "There is no such act." in english(office.get(log, {"nhom": "xuat"}), held=held_texts())
    answer = office.get(reverse("audit:export"), {"nhom": "nguoi"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == HEADINGS
    assert rows[1][2] == "Sửa thành viên"
    for said in ("Vai trò: Người học → Tổ trưởng", "31/12/2026", "Đơn vị chính: không → có", "Giới tính: Nữ → Nam",
                 "Bằng: phiếu in", "1.234", "và 4 nữa"):  # fmt: skip
        assert said in rows[1][6]
    assert AuditEntry.objects.get(act="audit_export").detail == {"filters": {"group": "Vai trò và thành viên"}}
    assert "Filter:</span> Group of acts Roles and memberships" in english(office.get(log), held=held_texts())


def test_the_admin_appoints_in_english(client, world):  # noqa: F811
    enter(client, UserFactory(full_name="Quang Anh", is_staff=True, is_superuser=True))
    listed = english(client.get(reverse("admin:people_membership_changelist")), held=held_texts())
    assert "Unit coordinator" in listed
    add = reverse("admin:people_membership_add")
    assert "Team leader</option>" in english(client.get(add), held=held_texts())
    form = {"user": world.people[0].pk, "unit": world.y.pk, "audience": world.staff.pk, "role": Role.TEAM_LEADER}
    refused = english(client.post(add, {**form, "valid_from": "01/01/2020"}), held=held_texts())
    assert "the figures of the year before have been reported" in refused
    assert client.post(add, {**form, "valid_from": today().strftime(DAY)}).status_code == 302
    made = Membership.objects.get(user=world.people[0], role=Role.TEAM_LEADER)
    assert str(made).endswith("Tổ trưởng")
    entry = AuditEntry.objects.get(act="membership_add")
    assert entry.subject_name.endswith("Tổ trưởng")


def test_a_lost_second_step_is_told_in_vietnamese(client, world):  # noqa: F811
    enter(client, UserFactory(full_name="Quang Anh", is_staff=True, is_superuser=True))
    owner = MembershipFactory(unit=world.x, audience=world.staff, role=Role.COORDINATOR).user
    url = reverse("admin:second_step_reset", args=[owner.pk])
    assert "Reset the second step" in english(client.get(url), held=held_texts())
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={})
    assert client.post(url, {"reason": "Mất điện thoại"}).status_code == 302
    assert Notice.objects.get(user=owner).subject == "Bước xác nhận thứ hai đã được đặt lại"
    assert AuditEntry.objects.get(act="second_step_reset").detail == {"reason": "Mất điện thoại"}
    assert "This account has no second step." in english(client.post(url, {"reason": "x"}), 409, held=held_texts())
