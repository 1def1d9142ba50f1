"""Pages of the tree: who may see and change what, search, preview before saving, pressed twice, stale."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.models import AuditEntry
from people.forms_units import FORMS
from people.models import Membership, Structure, Unit
from people.querysets import today
from people.services import structures_rebuild
from tests.factories.people import MembershipFactory, UnitFactory
from tests.proof import prove

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
        if name == "import":  # a fresh proof is asked for first
            prove(client)
        assert client.get(url).status_code == status, person
    client.logout()
    assert client.get(url).status_code == 302


def test_preview_saves_nothing_and_saving_saves_once(client, world):
    client.force_login(world.lead)
    url = reverse("units:change", args=[world.x.uuid, "doi-ten"])
    seen = client.post(url, rename_form(world))
    assert seen.templates[0].name == "people/units/preview.html"
    assert "Xã Xuân Mới" in seen.text
    assert "4</b> tư cách thành viên" in seen.text
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
        ("nhap-voi", {"others": "0Y\nxã nào đó", "how": "giu"}, "others", "Không có đơn vị «xã nào đó»"),
        ("nhap-voi", {"others": "0Y", "how": "moi"}, "name", "Hãy điền ô này"),
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
        ("nhap-voi", {"others": "xa yen the", "how": "giu"}),
        ("nhap-voi", {"others": "0Y", "how": "moi", "name": "Xã Chung", "code": "0X", "kind": "commune"}),
        ("dong", {"receiver": "0Z"}),
        ("dong", {"end_members": "on", "with_children": "on"}),
        ("chia-tach", {"name_1": "Xuân", "code_1": "0X", "kind_1": "commune", "name_2": "Lương", "code_2": "0W",
                       "kind_2": "commune", "kind_3": "commune", "kind_4": "commune", "principal": "1"}),
    ],
)  # fmt: skip
def test_every_change_goes_from_form_to_preview_to_saved(client, world, act, form):
    client.force_login(world.lead)
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


def test_an_ended_unit_says_what_it_became(client, world):
    client.force_login(world.lead)
    answer = client.get(reverse("units:unit", args=[world.a.uuid]))
    assert "Nay là" in answer.text
    assert "Xã Xuân Lương" in answer.text
    refused = client.get(reverse("units:change", args=[world.a.uuid, "doi-ten"]))
    assert refused.status_code == 409
    assert "(0X)" in refused.text
    assert today() >= world.day
