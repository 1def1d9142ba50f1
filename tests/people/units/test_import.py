"""A whole new structure from a file: the difference, what is wrong in it, all or nothing, and its own export."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from common import jobs
from common.errors import Forbidden, Refusal
from common.models import AuditEntry, Job, JobState, private_storage
from common.sheets_out import write_xlsx
from people import access
from people.models import Membership, Structure, Unit, UnitAncestor
from people.querysets import today
from people.services import tree_version
from people.units import import_job
from people.units.change import Decision
from people.units.importing import plan_of, standing_on, structure_import
from people.units.structure_file import COLUMNS, NAMES, rows_read
from tests.factories.people import MembershipFactory
from tests.proof import prove

#: Y and Z become W; X is divided: most of it stays X under a new name, a part makes V. 0Z is used again for new ground.
LINES = [
    ("24", "Tỉnh Mới", "Tỉnh", "", ""),
    ("0X", "Xã Xuân", "Xã", "24", "0X*"),
    ("0W", "Phường Hợp Nhất", "Phường", "24", "0Y*;0Z*"),
    ("0V", "Xã Vân", "commune", "24", "0X"),
    ("0Z", "Xã Khác", "commune", "24", "0X"),
]


def csv_of(lines, columns=COLUMNS, sep=","):
    return "\n".join(sep.join(cells) for cells in [columns, *lines]).encode()


def read(content):
    return rows_read(io.BytesIO(content))


def plan_for(lines, on):
    rows, faults = read(csv_of(lines))
    return plan_of(rows, standing_on(on), faults)


def everything():
    return (
        list(Unit.objects.order_by("pk").values()),
        list(Membership.objects.order_by("pk").values()),
        list(Structure.objects.order_by("pk").values()),
        set(UnitAncestor.objects.values_list("structure", "ancestor", "descendant", "depth")),
        AuditEntry.objects.count(),
    )


def test_the_report_says_what_differs(world):
    plan = plan_for(LINES, world.day)
    assert [str(f) for f in plan.faults] == []
    assert [row.code for row in plan.unchanged] == ["24"]
    assert [(row.code, unit.name) for row, unit in plan.renamed] == [("0X", "Xã Xuân Lương")]
    assert [row.code for row in plan.merged] == ["0W"]
    assert [(unit.code, [row.code for row in rows]) for unit, rows in plan.split] == [("0X", ["0X", "0V", "0Z"])]
    assert [(row.code, unit.name) for row, unit in plan.reused] == [("0Z", "Xã Đồng Kỳ")]
    assert plan.ended == []
    assert plan.people == 7, "four in X, two in Y, one in Z; teams are of no kind in the file and stay"


def test_it_is_applied_whole(world):
    rows, faults = read(csv_of(LINES))
    done = structure_import(actor=world.lead, rows=rows, faults=faults, on=world.day, name="Cơ cấu mới")
    assert done.structure.is_reform
    merged = Unit.objects.get(code="0W")
    assert set(Membership.objects.in_force().filter(unit=merged).values_list("user", flat=True)) == {
        p.pk for p in world.people[3:6]
    }
    under = UnitAncestor.objects.filter(structure=done.structure, descendant=world.team_c).order_by("depth")
    assert [row.ancestor.name for row in under] == ["Tổ C", "Phường Hợp Nhất", "Tỉnh Mới"]
    assert Unit.objects.get(code="24", valid_to=None) == world.root, "what does not change keeps its row"
    reused = Unit.objects.get(code="0Z", valid_to=None)
    assert reused.name == "Xã Khác"
    assert not world.z.successions.filter(successor=reused).exists()
    assert world.now.pk in Structure.objects.values_list("pk", flat=True)


def test_importing_what_stands_changes_no_unit(world):
    lines = [
        (u.code, u.name, u.kind, above.ancestor.code if above else "", "")
        for u in Unit.objects.filter(valid_to=None)
        for above in [UnitAncestor.objects.filter(structure=world.now, descendant=u, depth=1).first()]
    ]
    plan = plan_for(lines, world.day)
    assert len(plan.unchanged) == len(lines)
    assert {key: number for key, number in plan.counts().items() if number} == {"unchanged": len(lines)}
    units = list(Unit.objects.order_by("pk").values())
    rows, faults = read(csv_of(lines))
    structure_import(actor=world.lead, rows=rows, faults=faults, on=world.day, name="Cơ cấu mới")
    assert list(Unit.objects.order_by("pk").values()) == units


@pytest.mark.parametrize(
    ("changed", "line", "column", "value", "said"),
    [
        ({1: ("0X", "Xã Xuân", "Xã", "99", "")}, 3, "parent_code", "99", "Không có đơn vị này trong cơ cấu mới"),
        ({1: ("0X", "Xã Xuân", "Xã", "", "")}, 3, "parent_code", "", "Thiếu đơn vị cấp trên"),
        ({1: ("0X", "Xã Xuân", "Xã", "0V", ""), 3: ("0V", "Xã Vân", "Xã", "0X", "")}, 3, "parent_code", "0V", "vòng"),
        ({3: ("0W", "Xã Vân", "Xã", "24", "")}, 5, "code", "0W", "đã có ở dòng 4"),
        ({3: ("0V", "Xã Vân", "làng", "24", "")}, 5, "kind", "làng", "Không có loại"),
        ({3: ("0V", "", "Xã", "24", "")}, 5, "name", "", "trống"),
        ({3: ("0V", "Xã Vân", "Xã", "24", "0X*")}, 5, "predecessors", "0X*", "đã có đơn vị kế thừa chính ở dòng 3"),
        ({3: ("0V", "Xã Vân", "Xã", "24", "77")}, 5, "predecessors", "77", "Không có đơn vị đang hoạt động"),
        ({2: ("0W", "Phường", "Phường", "24", "0Y*")}, 0, "predecessors", "0Z", "còn 1 người"),
    ],
)
def test_what_is_wrong_names_line_column_value_and_how_to_mend_it(world, changed, line, column, value, said):
    lines = [changed.get(number, cells) for number, cells in enumerate(LINES)]
    before = everything()
    plan = plan_for(lines, world.day)
    fault = next(f for f in plan.faults if (f.line, f.column) == (line, column))
    assert (fault.value, bool(fault.fix)) == (value, True)
    assert said in fault.text
    rows, faults = read(csv_of(lines))
    with pytest.raises(Refusal) as refused:
        structure_import(actor=world.lead, rows=rows, faults=faults, on=world.day, name="Cơ cấu mới")
    assert refused.value.code == "structure_has_faults"
    assert everything() == before


@pytest.mark.parametrize(
    "content",
    [
        csv_of(LINES),
        "\ufeff".encode() + csv_of(LINES),
        csv_of([(*cells[:4], cells[4].replace(";", " ")) for cells in LINES], sep=";"),
        csv_of([(*cells[:4], "0Y*;0Z*;1;2;3;4;5;6" if cells[0] == "0W" else cells[4]) for cells in LINES]),
        csv_of(LINES, columns=("Mã", "TÊN", "Loại", "Thuộc", "Đơn vị trước")),
        write_xlsx(COLUMNS, LINES, sheet="Cơ cấu"),
    ],
)
def test_files_as_offices_send_them(content):
    rows, faults = read(content)
    assert faults == []
    assert [row.code for row in rows] == ["24", "0X", "0W", "0V", "0Z"]
    assert rows[2].predecessors[:2] == (("0Y", True), ("0Z", True))


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"a,b\n1,2\n", "missing_columns"), (csv_of([]), "empty_file"), (b"%PDF-1.4", "not_a_sheet")],
)
def test_what_is_no_structure_is_refused(content, code):
    with pytest.raises(Refusal) as refused:
        read(content)
    assert refused.value.code == code


def test_a_structure_begins_after_the_newest(world):
    rows, faults = read(csv_of(LINES))
    with pytest.raises(Refusal) as refused:
        structure_import(actor=None, rows=rows, faults=faults, on=world.now.valid_from, name="x")
    assert refused.value.code == "before_structure"


def test_the_command(world, tmp_path, capsys):
    file = tmp_path / "co-cau.csv"
    file.write_bytes(csv_of(LINES))
    before = everything()
    common = [str(file), "--from", world.day.isoformat(), "--name", "Cơ cấu mới"]
    call_command("import_structure", *common, "--dry-run", "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["applied"], said["merged"], said["people"]) == (False, 1, 7)
    assert everything() == before
    call_command("import_structure", *common)
    assert "Đã nhập." in capsys.readouterr().out
    assert Structure.objects.get(valid_from=world.day).name == "Cơ cấu mới"
    file.write_bytes(csv_of([("24", "Tỉnh", "Tỉnh", "", "")]))
    with pytest.raises(CommandError, match="chỗ sai"):
        call_command("import_structure", str(file), "--from", today().isoformat(), "--name", "x")


def test_the_page_reports_then_a_job_applies(client, world, django_capture_on_commit_callbacks):
    client.force_login(world.lead)
    prove(client)
    url = reverse("units:import")
    on = (world.day + timedelta(days=1)).strftime("%d/%m/%Y")
    form = {"name": "Cơ cấu mới", "on": on, "file": SimpleUploadedFile("a.csv", csv_of(LINES))}
    seen = client.post(url, form)
    assert "Xã Xuân Lương (0X) → Xã Xuân (0X)" in seen.text
    kept = {
        "name": "Cơ cấu mới",
        "on": on,
        "kept": seen.context["kept"],
        "version": seen.context["version"],
        "luu": "1",
    }
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(url, kept)
    job = Job.objects.get(kind="people.structure_import")
    assert answer.headers["Location"] == reverse("jobs:job", args=[job.uuid])
    assert (job.state, job.error) == (JobState.DONE, "")
    assert Structure.objects.filter(name="Cơ cấu mới", is_reform=True).exists()
    entry = AuditEntry.objects.filter(act="structure_import", subject_uuid=world.root.uuid).get()
    assert entry.detail["merged"] == 1


@pytest.fixture(params=["administrator", "provincial_lead"])
def keeper_of_one_commune(request, world):
    """Keeps the tree of Xã Xuân Lương, and nothing above it."""
    return MembershipFactory(unit=world.x, audience=world.staff, role=request.param).user


def _whole_tree_form(world, **more):
    return {"name": "Cơ cấu mới", "on": (world.day + timedelta(days=1)).strftime("%d/%m/%Y"), **more}


def test_a_keeper_of_one_commune_is_refused_at_every_step(client, world, keeper_of_one_commune):
    url = reverse("units:import")
    client.force_login(world.lead)
    prove(client)
    seen = client.post(url, _whole_tree_form(world, file=SimpleUploadedFile("a.csv", csv_of(LINES))))
    goes_ahead = {"kept": seen.context["kept"], "version": seen.context["version"], "luu": "1"}
    client.force_login(keeper_of_one_commune)
    prove(client)
    assert client.get(url).status_code == 403
    sent = _whole_tree_form(world, file=SimpleUploadedFile("a.csv", csv_of(LINES)))
    assert client.post(url, sent).status_code == 403
    assert client.post(url, _whole_tree_form(world, **goes_ahead)).status_code == 403
    assert not Job.objects.exists()
    assert url not in client.get(reverse("units:tree")).text


def _job_for(owner, world):
    return import_job.import_open(
        owner=owner,
        file=import_job.file_keep(SimpleUploadedFile("a.csv", csv_of(LINES))),
        on=world.day + timedelta(days=1),
        name="Cơ cấu mới",
        decision=Decision(),
        expected=tree_version(),
    )


def test_a_keeper_of_one_commune_cannot_open_the_job(world, keeper_of_one_commune):
    with pytest.raises(Forbidden):
        _job_for(keeper_of_one_commune, world)
    assert not Job.objects.exists()


def test_the_job_does_nothing_for_an_office_that_has_ended(world):
    job = _job_for(world.lead, world)
    Membership.objects.filter(user=world.lead).update(unit=world.x)
    jobs.job_run(uuid=str(job.uuid))
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "Bạn không phụ trách cơ cấu của cả tỉnh.")
    assert not Structure.objects.filter(name="Cơ cấu mới").exists()


def test_an_office_in_a_province_of_the_past_keeps_no_tree_of_today(world):
    of_old = MembershipFactory(unit=world.old, audience=world.staff, role="administrator").user
    assert not access.can_replace_tree(of_old)
    assert access.can_replace_tree(world.lead)


def test_a_file_that_is_too_large_is_said_so(client, world, monkeypatch):
    monkeypatch.setattr(import_job, "MAX_BYTES", 1024 * 1024)
    client.force_login(world.lead)
    prove(client)
    heavy = SimpleUploadedFile("a.csv", csv_of(LINES) + b"\n" * 1024 * 1024)
    seen = client.post(reverse("units:import"), _whole_tree_form(world, file=heavy))
    assert "Tệp nặng hơn 1 MB. Xoá hình ảnh" in seen.text
    assert "kept" not in seen.context


def _is_kept(name):
    return private_storage().exists(f"{import_job.FOLDER}/{name}")


def test_uploads_that_nobody_applied_are_deleted_after_a_day(world, monkeypatch):
    abandoned = import_job.file_keep(SimpleUploadedFile("a.csv", csv_of(LINES)))
    waiting = _job_for(world.lead, world).args["file"]
    import_job.files_forget()
    assert _is_kept(abandoned), "it is new"
    monkeypatch.setattr(import_job, "KEPT", -timedelta(minutes=1))
    assert import_job.files_forget() >= 1
    assert (_is_kept(abandoned), _is_kept(waiting)) == (False, True)
    Job.objects.update(state=JobState.FAILED)
    import_job.files_forget()
    assert not _is_kept(waiting)
    assert import_job.files_forget() == 0


# --- What people read and write ---


def test_everything_that_is_wrong_is_said_at_once(world):
    """Lines that have one fault are looked at for every other; lines come before what is about the whole file."""
    rows, faults = read(
        csv_of(
            [
                ("24", "Tỉnh Mới", "Tỉnh", "", ""),
                ("0X", "Xã Xuân", "Xã", "24", "0X*;0Y*;99999*"),
                ("0X", "Xã Hai", "Làng", "77", "0Z*;0Y*"),
                ("", "Xã Ba", "Xã", "78", "98"),
                ("0V", "", "Xã", "0U", ""),
                ("0U", "Xã Bốn", "Ấp", "24", ""),
            ]
        )
    )
    plan = plan_of(rows, standing_on(world.day), faults)
    assert [(f.line, f.heading, f.value) for f in plan.faults] == [
        (3, "Tiền thân", "99999"),
        (4, "Mã", "0X"),
        (4, "Loại", "Làng"),
        (4, "Mã cấp trên", "77"),
        (4, "Tiền thân", "0Y*"),
        (5, "Mã", ""),
        (5, "Mã cấp trên", "78"),
        (5, "Tiền thân", "98"),
        (6, "Tên", ""),
        (7, "Loại", "Ấp"),
    ], "a parent whose own line is wrong is there all the same"


def test_faults_of_the_whole_file_come_last(world):
    plan = plan_for([("24", "Tỉnh Mới", "Tỉnh", "", ""), ("0V", "Xã Vân", "Xã", "77", "")], world.day)
    assert [fault.line for fault in plan.faults] == [3, 0, 0, 0]
    assert {fault.heading for fault in plan.faults[1:]} == {"Tiền thân"}


@pytest.mark.parametrize("said", ["Xã", "xa", "commune", "Tổ", "Tổ CNSCĐ", "Trường học", "Sở, ban, ngành", "Thành phố"])
def test_kinds_as_people_write_them(said):
    rows, faults = read(csv_of([("1", "Một", f'"{said}"', "24", "")]))
    assert faults == []
    assert rows[0].kind in {"commune", "team", "school", "department", "city"}


def test_the_page_and_its_faults_speak_vietnamese(client, world):
    client.force_login(world.lead)
    prove(client)
    url = reverse("units:import")
    page = client.get(url).text
    assert all(name in page for name in NAMES.values())
    assert not any(f">{code}<" in page for code in COLUMNS)
    assert "Tệp cơ cấu <span" not in page, "the file is not optional"
    nothing = client.post(url, _whole_tree_form(world))
    assert "Hãy chọn tệp." in str(nothing.context["form"].errors["file"])
    wrong = csv_of([("24", "Tỉnh", "Làng", "", "")])
    seen = client.post(url, _whole_tree_form(world, file=SimpleUploadedFile("a.csv", wrong)))
    assert '<td data-l="Cột">Loại</td>' in seen.text
    assert "province" not in seen.text
    assert "predecessors" not in seen.text
    short = client.post(url, _whole_tree_form(world, file=SimpleUploadedFile("a.csv", "Mã,Tên\n24,Tỉnh\n".encode())))
    assert "thiếu cột Loại, Mã cấp trên" in str(short.context["form"].errors["file"])


def test_the_file_to_fill_in_can_be_read_back(client, world):
    url = reverse("units:import_template")
    client.force_login(world.lead)
    rows, faults = read(client.get(url).content)
    assert faults == []
    assert [(row.code, row.kind, row.predecessors) for row in rows][1:] == [
        ("07201", "ward", (("07210", True), ("07213", True))),
        ("07204", "commune", (("07213", False),)),
    ]
    for person, status in ((world.head, 403), (world.people[0], 404)):
        client.force_login(person)
        assert client.get(url).status_code == status
