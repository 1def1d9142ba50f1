"""A whole new structure from a file: the difference, what is wrong in it, all or nothing, and its own export."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from common.errors import Refusal
from common.models import AuditEntry, Job, JobState
from common.sheets_out import write_xlsx
from people.models import Membership, Structure, Unit, UnitAncestor
from people.querysets import today
from people.units.importing import plan_of, standing_on, structure_import
from people.units.structure_file import COLUMNS, rows_read
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
