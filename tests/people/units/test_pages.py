"""Pages of the tree: who may see and change what, search, preview before saving, pressed twice, stale."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import audit
from common.models import AuditEntry
from people.forms_units import FORMS
from people.models import Membership, Structure, Unit
from people.querysets import today
from people.services import structures_rebuild
from tests.factories.people import MembershipFactory, UnitFactory
from tests.proof import prove

pytestmark = pytest.mark.slow

DAY = "%d/%m/%Y"


@pytest.fixture
def other_head(world):
    """The coordinator of Xã Yên Thế: a colleague of another scope."""
    return MembershipFactory(unit=world.y, audience=world.staff, role="coordinator").user


def rename_form(world, **more):
    return {"name": "Xã Xuân Mới", "kind": "commune", "on": world.day.strftime(DAY), **more}


def version_in(response):
    return response.context["preview"].version


@pytest.mark.parametrize("name", ["tree", "unit", "unmapped", "import", "succeed", *FORMS])
def test_who_may_open_what(client, world, other_head, name):
    lost = UnitFactory(
        code="0L", name="Xã Lạc", parent=world.d2, valid_from=world.c.valid_from, valid_to=world.c.valid_to
    )
    structures_rebuild()
    if name in FORMS:
        url = reverse("units:change", args=[world.x.uuid, name])
    else:
        about = {"unit": [world.x.uuid], "succeed": [lost.uuid]}
        url = reverse(f"units:{name}", args=about.get(name, []))
    reads_own = name in ("tree", "unit")
    for person, status in (
        (world.lead, 200),
        (world.head, 200 if reads_own else 403),
        (other_head, 200 if name == "tree" else 403),
        (world.people[0], 404),
    ):
        client.force_login(person)
        if name == "import" and status == 200:  # a fresh proof is asked for, but only of who may
            assert client.get(url).status_code == 302
            prove(client)
        assert client.get(url).status_code == status, person
    client.logout()
    assert client.get(url).status_code == 302


def test_preview_saves_nothing_and_saving_saves_once(client, world):
    client.force_login(world.lead)
    prove(client)
    prove(client)
    url = reverse("units:change", args=[world.x.uuid, "doi-ten"])
    seen = client.post(url, rename_form(world))
    assert seen.templates[0].name == "people/units/preview.html"
    assert "Xã Xuân Mới" in seen.text
    assert "4</b> người giữ nguyên vị trí" in seen.text
    assert not Unit.objects.filter(name="Xã Xuân Mới").exists()
    assert Structure.objects.count() == 2
    form = rename_form(world, version=version_in(seen), luu="1")
    saved = client.post(url, form)
    new = Unit.objects.get(name="Xã Xuân Mới")
    assert saved.headers["Location"] == reverse("units:unit", args=[new.uuid])
    again = client.post(url, form, follow=True)
    assert "đã được lưu trước đó" in again.text
    assert AuditEntry.objects.filter(act="unit_rename").count() == 1


def test_a_stale_preview_is_shown_anew(client, world):
    client.force_login(world.lead)
    url = reverse("units:change", args=[world.x.uuid, "doi-ten"])
    version = version_in(client.post(url, rename_form(world)))
    UnitFactory(parent=world.root)
    structures_rebuild()
    answer = client.post(url, rename_form(world, version=version, luu="1"))
    assert "vừa có thay đổi khác" in answer.text
    assert version_in(answer) != version
    assert not Unit.objects.filter(name="Xã Xuân Mới").exists()


def test_going_back_keeps_what_was_written(client, world):
    client.force_login(world.lead)
    url = reverse("units:change", args=[world.x.uuid, "doi-ten"])
    answer = client.post(url, rename_form(world, sua="1", version="x"))
    assert answer.templates[0].name == "people/units/change.html"
    assert 'value="Xã Xuân Mới"' in answer.text


@pytest.mark.parametrize(
    ("act", "form", "field", "said"),
    [
        ("chuyen", {"parent": "Xã C"}, "parent", "«Xã Yên Thế» (0Y)"),
        ("chuyen", {"parent": "to a"}, None, "đang nằm dưới"),
        ("sap-nhap", {"others": "0Y\nxã nào đó", "how": "giu"}, "others", "Không có đơn vị «xã nào đó»"),
        ("sap-nhap", {"others": "0Y", "how": "moi"}, "name", "Hãy điền mục này"),
        ("dong", {"with_children": "on"}, None, "còn 5 người"),
        ("doi-ten", {"name": "Xã Khác", "kind": "commune", "on": "01/01/2020"}, "on", "01/07/2025"),
        ("them", {"name": "Tổ B", "code": "0Z", "kind": "team"}, None, "Xã Đồng Kỳ"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field(client, world, act, form, field, said):
    client.force_login(world.lead)
    data = {"on": world.day.strftime(DAY), **form}
    answer = client.post(reverse("units:change", args=[world.x.uuid, act]), data)
    errors = answer.context["form"].errors
    assert said in str(errors.get(field or "__all__"))
    assert Unit.objects.filter(valid_from=world.day).count() == 0


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("them", {"name": "Tổ B", "code": "TO-B", "kind": "team"}),
        ("chuyen", {"parent": "Xã Đồng Kỳ (0Z)"}),
        ("sap-nhap", {"others": "xa yen the", "how": "giu"}),
        ("sap-nhap", {"others": "0Y", "how": "moi", "name": "Xã Chung", "code": "0X", "kind": "commune"}),
        ("dong", {"receiver": "0Z"}),
        ("dong", {"end_members": "on", "with_children": "on"}),
        ("chia-tach", {"name_1": "Xuân", "code_1": "0X", "kind_1": "commune", "name_2": "Lương", "code_2": "0W",
                       "kind_2": "commune", "kind_3": "commune", "kind_4": "commune", "principal": "1"}),
    ],
)  # fmt: skip
def test_every_change_goes_from_form_to_preview_to_saved(client, world, act, form):
    client.force_login(world.lead)
    prove(client)
    prove(client)
    url = reverse("units:change", args=[world.x.uuid, act])
    data = {"on": world.day.strftime(DAY), **form}
    seen = client.post(url, data)
    assert seen.templates[0].name == "people/units/preview.html", seen.context["form"].errors
    hidden = {field.html_name: field.value() or "" for field in seen.context["form"]}
    assert client.post(url, {**hidden, "version": version_in(seen), "luu": "1"}).status_code == 302
    assert AuditEntry.objects.filter(actor=world.lead).exists()
    page = client.get(reverse("units:unit", args=[world.x.uuid]))
    assert page.status_code == 200


def test_split_by_list(client, world):
    client.force_login(world.lead)
    prove(client)
    prove(client)
    member = Membership.objects.get(user=world.people[0])
    data = {
        "name_1": "Xuân", "code_1": "0X", "kind_1": "commune", "name_2": "Lương", "code_2": "0W", "kind_2": "commune",
        "kind_3": "commune", "kind_4": "commune", "principal": "1", f"m_{member.pk}": "2",
        f"c_{world.team_a.pk}": "2", "on": world.day.strftime(DAY),
    }  # fmt: skip
    url = reverse("units:change", args=[world.x.uuid, "chia-tach"])
    seen = client.post(url, data)
    client.post(url, {**data, "version": version_in(seen), "luu": "1"})
    part = Unit.objects.get(code="0W")
    assert Membership.objects.in_force().get(user=world.people[0]).unit == part
    assert Unit.objects.get(code="TO-A", valid_to=None).parent == part


def test_successor_by_hand(client, world):
    lost = UnitFactory(
        code="0L", name="Xã Lạc", parent=world.d2, valid_from=world.c.valid_from, valid_to=world.c.valid_to
    )
    structures_rebuild()
    client.force_login(world.lead)
    assert "Xã Lạc" in client.get(reverse("units:unmapped")).text
    url = reverse("units:succeed", args=[lost.uuid])
    assert "Xã Yên Thế (0Y)" in client.get(url).text, "what took its neighbour is suggested"
    seen = client.post(url, {"successor": "0Y"})
    client.post(url, {"successor": "0Y", "version": version_in(seen), "luu": "1"})
    assert lost.successions.get().successor == world.y
    assert "Xã Lạc" not in client.get(reverse("units:unmapped")).text


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"q": "dong ky"}, {"Xã Đồng Kỳ"}),
        ({"q": "XÃ ĐỒNG"}, {"Xã Đồng Kỳ"}),
        ({"q": "to-"}, {"Tổ A", "Tổ C"}),
        ({"q": "xa c"}, set()),
        ({"q": "xa c", "tinh-trang": "da-ket-thuc"}, {"Xã C"}),
        ({"loai": "team"}, {"Tổ A", "Tổ C"}),
    ],
)
def test_search(client, world, asked, names):
    client.force_login(world.lead)
    answer = client.get(reverse("units:tree"), asked)
    assert {unit.name for unit, _ in answer.context["rows"]} == names


def test_search_stays_in_scope(client, world):
    client.force_login(world.head)
    answer = client.get(reverse("units:tree"), {"q": "xa", "tinh-trang": "moi"})
    assert {unit.name for unit, _ in answer.context["rows"]} == {"Xã Xuân Lương", "Xã A", "Xã B"}


@pytest.mark.parametrize("name", ["tree", "search", "unit", "unmapped"])
def test_the_number_of_queries_does_not_grow(client, world, name):
    """Session, user, roles, own offices; current structure; page count and page; people of the rows; paths; for a
    unit its scope, history (earlier, before, after, acts), unplaced people and the rights to act."""
    client.force_login(world.lead)
    url = {
        "tree": reverse("units:tree"),
        "search": f"{reverse('units:tree')}?q=xa&tinh-trang=moi",
        "unit": reverse("units:unit", args=[world.root.uuid]),
        "unmapped": reverse("units:unmapped"),
    }[name]
    UnitFactory(name="Xã Cũ", parent=world.d1, valid_from=world.a.valid_from, valid_to=world.a.valid_to)
    structures_rebuild()

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    few = (queries(), queries())[1]
    for number in range(40):
        unit = UnitFactory(parent=world.root, valid_from=world.now.valid_from)
        MembershipFactory(unit=unit, audience=world.citizen)
        UnitFactory(name=f"Xã Cũ {number}", parent=world.d1, valid_from=world.a.valid_from, valid_to=world.a.valid_to)
    structures_rebuild()
    assert queries() == few


@pytest.mark.parametrize(
    ("role", "seen"),
    [("coordinator", True), ("administrator", True), ("issuing_official", False), ("team_leader", False)],
)
def test_acts_are_for_those_who_may_read_the_log(client, world, role, seen):
    audit.record(
        actor=world.lead,
        act="unit_rename",
        subject=world.x,
        unit=world.x,
        before={"name": "Tên cũ"},
        after={"name": "Tên nay"},
    )
    client.force_login(MembershipFactory(unit=world.x, audience=world.staff, role=role).user)
    page = client.get(reverse("units:unit", args=[world.x.uuid]))
    assert page.status_code == 200
    assert [said in page.text for said in ("Việc đã làm", "Tên cũ", world.lead.full_name)] == [seen] * 3
    assert (client.get(reverse("audit:log")).status_code == 200) is seen


def test_an_ended_unit_says_what_it_became(client, world):
    client.force_login(world.lead)
    answer = client.get(reverse("units:unit", args=[world.a.uuid]))
    assert "Nay là" in answer.text
    assert "Xã Xuân Lương" in answer.text
    refused = client.get(reverse("units:change", args=[world.a.uuid, "doi-ten"]))
    assert refused.status_code == 409
    assert "(0X)" in refused.text
    assert today() >= world.day


# --- What a tester stumbled over ---


def split_form(world, **more):
    return {
        "name_1": "Xuân", "code_1": "0X", "kind_1": "commune", "name_2": "Lương", "code_2": "0W", "kind_2": "commune",
        "kind_3": "commune", "kind_4": "commune", "principal": "1", "on": world.day.strftime(DAY), **more,
    }  # fmt: skip


def test_a_split_shows_who_goes_where_in_the_form_and_before_saving(client, world):
    client.force_login(world.lead)
    url = reverse("units:change", args=[world.x.uuid, "chia-tach"])
    first = client.get(url)
    assert [(s.label, s.people, s.below) for s in first.context["form"].shares] == [
        ("Phần 1", 4, 1),
        ("Phần 2", 0, 0),
    ]
    assert "Ai chưa xếp sẽ vào phần chính" in first.text
    member = Membership.objects.get(user=world.people[0])
    data = split_form(world, **{f"m_{member.pk}": "2", f"c_{world.team_a.pk}": "2"})
    back = client.post(url, {**data, "sua": "1"})
    assert [(s.label, s.people, s.below, s.is_principal) for s in back.context["form"].shares] == [
        ("Phần 1, Xuân", 3, 0, True),
        ("Phần 2, Lương", 1, 1, False),
    ]
    seen = client.post(url, data)
    assert [(unit.name, people) for unit, people in seen.context["preview"].shares] == [("Xuân", 3), ("Lương", 1)]
    assert "Xuân: <b>3</b> người" in seen.text
    assert "Ai chưa xếp sẽ vào phần chính" in seen.text


def test_a_split_without_a_principal_part_says_who_is_left(client, world):
    client.force_login(world.lead)
    url = reverse("units:change", args=[world.x.uuid, "chia-tach"])
    back = client.post(url, split_form(world, principal="khong", sua="1"))
    assert [(s.label, s.people) for s in back.context["form"].shares][-1] == ("Chưa xếp", 4)
    assert "Ai chưa xếp sẽ vào phần chính" not in back.text
    seen = client.post(url, split_form(world, principal="khong"))
    assert "Chưa xếp đơn vị: <b>4</b> người" in seen.text


def saved(client, url, form):
    """From the form to the preview to what was saved; the answer to the last."""
    seen = client.post(url, form)
    assert seen.templates[0].name == "people/units/preview.html", seen.context["form"].errors
    return client.post(url, {**form, "version": version_in(seen), "luu": "1"})


@pytest.fixture
def renamed_today(client, world):
    client.force_login(world.lead)
    prove(client)
    url = reverse("units:change", args=[world.x.uuid, "doi-ten"])
    saved(client, url, {"name": "Xã Tiên Lực", "kind": "commune", "on": today().strftime(DAY)})
    return Unit.objects.get(name="Xã Tiên Lực")


def test_a_name_given_today_is_corrected_in_its_own_row(client, world, renamed_today):
    url = reverse("units:change", args=[renamed_today.uuid, "doi-ten"])
    assert "Sửa tên vừa đặt" in client.get(reverse("units:unit", args=[renamed_today.uuid])).text
    form = client.get(url).context["form"]
    assert form.heading == "Sửa tên vừa đặt của Xã Tiên Lực"
    assert form["on"].value() == today()
    before = Unit.objects.count(), Structure.objects.count(), Membership.objects.count()
    for name in ("Xã Tiên Lục", "Xã Xuân Lương", "Xã Tiên Lục"):  # once more, and back: each is an act of its own
        data = {"name": name, "kind": "commune", "on": today().strftime(DAY)}
        seen = client.post(url, data)
        assert "Tên và loại sửa thành" in seen.text
        renamed_today.refresh_from_db()
        assert renamed_today.name != name, "the preview saves nothing"
        again = {**data, "version": version_in(seen), "luu": "1"}
        assert client.post(url, again).headers["Location"] == reverse("units:unit", args=[renamed_today.uuid])
        assert "đã được lưu trước đó" in client.post(url, again, follow=True).text
        renamed_today.refresh_from_db()
        assert (renamed_today.name, renamed_today.valid_from) == (name, today())
    assert (Unit.objects.count(), Structure.objects.count(), Membership.objects.count()) == before
    assert renamed_today.search_key == "xa tien luc"
    first = AuditEntry.objects.filter(act="unit_correct").last()
    assert (first.before["name"], first.after["name"]) == ("Xã Tiên Lực", "Xã Tiên Lục")
    world.x.refresh_from_db()
    assert (world.x.name, world.x.valid_to) == ("Xã Xuân Lương", today())


@pytest.mark.parametrize(
    "form",
    [
        ("chuyen", {"parent": "0Z"}),
        ("chia-tach", {"name_1": "A1", "code_1": "0X", "kind_1": "commune", "name_2": "A2", "code_2": "0W",
                       "kind_2": "commune", "kind_3": "commune", "kind_4": "commune", "principal": "1"}),
    ],
)  # fmt: skip
def test_a_row_that_began_otherwise_is_not_corrected(client, world, form):
    client.force_login(world.lead)
    prove(client)
    act, fields = form
    saved(client, reverse("units:change", args=[world.x.uuid, act]), {"on": today().strftime(DAY), **fields})
    row = Unit.objects.get(code="0X", valid_to=None)
    assert row.valid_from == today()
    url = reverse("units:change", args=[row.uuid, "doi-ten"])
    assert "Sửa tên vừa đặt" not in client.get(url).text
    refused = client.post(url, {"name": "Khác", "kind": "commune", "on": today().strftime(DAY)})
    assert "mỗi ngày một đơn vị chỉ có một thay đổi" in refused.text


def test_a_name_that_held_for_a_day_is_not_corrected(client, world):
    client.force_login(world.lead)
    prove(client)
    saved(client, reverse("units:change", args=[world.x.uuid, "doi-ten"]), rename_form(world))
    row = Unit.objects.get(name="Xã Xuân Mới")
    url = reverse("units:change", args=[row.uuid, "doi-ten"])
    assert "on" in client.post(url, rename_form(world, name="Xã Khác")).context["form"].errors


def test_another_change_on_the_same_day_is_offered_for_the_next(client, world, renamed_today):
    url = reverse("units:change", args=[renamed_today.uuid, "sap-nhap"])
    tomorrow = today() + timedelta(days=1)
    assert client.get(url).context["form"]["on"].value() == tomorrow
    form = {"others": "0Y", "how": "giu", "on": today().strftime(DAY)}
    refused = client.post(url, form)
    assert "mới bắt đầu từ ngày" in str(refused.context["form"].errors["on"])
    assert f'name="tu-ngay" value="{tomorrow:%d/%m/%Y}"' in refused.text
    seen = client.post(url, {**form, "tu-ngay": tomorrow.strftime(DAY)})
    assert seen.templates[0].name == "people/units/preview.html"
    assert seen.context["done"].on == tomorrow
    assert seen.context["form"]["on"].value() == tomorrow.strftime(DAY), "what is saved next is that day"


def test_a_unit_that_ended_leads_to_the_one_to_choose(client, world):
    client.force_login(world.lead)
    page = reverse("units:unit", args=[world.x.uuid])
    refused = client.get(reverse("units:change", args=[world.a.uuid, "doi-ten"]))
    assert f'href="{page}"' in refused.text
    form = {"others": "0A", "how": "giu", "on": world.day.strftime(DAY)}
    beside = client.post(reverse("units:change", args=[world.y.uuid, "sap-nhap"]), form)
    assert f'href="{page}">Mở trang của Xã Xuân Lương' in beside.text


def test_search_puts_first_what_is_meant(client, world):
    for name, kind in (
        ("Xuân Lương", "school"),
        ("Trường Tiểu học Xuân Lương", "school"),
        ("Tổ thôn 1, xã Xuân Lương", "team"),
        ("Xuân Lương Thượng", "team"),
        ("Phường Xuân Lương Hạ", "ward"),
    ):
        UnitFactory(name=name, kind=kind, parent=world.root)
    structures_rebuild()
    client.force_login(world.lead)
    answer = client.get(reverse("units:tree"), {"q": "xuân lương"})
    assert [unit.name for unit, _ in answer.context["rows"]] == [
        "Xuân Lương",
        "Xuân Lương Thượng",
        "Phường Xuân Lương Hạ",
        "Xã Xuân Lương",
        "Tổ thôn 1, xã Xuân Lương",
        "Trường Tiểu học Xuân Lương",
    ]
    answer = client.get(reverse("units:tree"), {"q": "xã xuân lương"})
    assert [unit.name for unit, _ in answer.context["rows"]][0] == "Xã Xuân Lương"
