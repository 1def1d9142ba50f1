"""Pages of closings: who reads which part of them, and what they show."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from common.models import AuditEntry, Job
from kpi import rollup
from kpi.closed import closed_and_now, closed_and_now_below
from kpi.corrections import closed_load, corrections_record
from kpi.models import Closing, CorrectionReason, CountCorrection, Counted, CountingKind, Indicator, Population
from kpi.services import closing_make
from people.access import current_structure
from people.services import structures_rebuild
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory, TargetFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.kpi.conftest import at
from tests.proof import prove


@pytest.fixture(autouse=True)
def _in_november(monkeypatch):
    for module in ("kpi.services.closings", "kpi.denominators", "kpi.forms_closings"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 20))


@pytest.fixture
def closing(province, lead, django_capture_on_commit_callbacks):
    """Two learnt in the north and one in the south by September; one in the north sent in late."""
    indicator = IndicatorFactory(code="BG23-T", text="100% người dân được đào tạo", audiences=[province.citizen])
    TargetFactory(indicator=indicator, unit=province.root)

    def learnt(name, unit, day):
        person = UserFactory(full_name=name)
        MembershipFactory(user=person, unit=unit, audience=province.citizen)
        complete(person, course_with_steps(1), at(day))

    with django_capture_on_commit_callbacks(execute=True):
        learnt("Lò Thị Hoà", province.north, "2026-03-05")
        learnt("Nguyễn Văn Đạt", province.north, "2026-03-06")
        learnt("Giáp Thị Thu", province.south, "2026-09-05")
    made = closing_make(
        actor=lead, unit=province.root, structure=current_structure(), period="quarter", until=date(2026, 9, 30)
    )
    with django_capture_on_commit_callbacks(execute=True):
        learnt("Ưỡng Gửi Muộn", province.north, "2026-08-08")
    return made


def address(name, closing, *more, unit=None, **query):
    query |= {"don-vi": unit.uuid} if unit else {}
    tail = "&".join(f"{key}={value}" for key, value in query.items())
    return reverse(f"kpi:{name}", args=[closing.uuid, *more]) + (f"?{tail}" if tail else "")


def text_of(response):
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", "", response.content.decode()).split())


@pytest.mark.parametrize(
    ("who", "own", "sideways", "whole"),
    [
        ("lead", 200, 200, 200),
        ("coordinator", 200, 403, 403),
        ("other_coordinator", 403, 200, 403),
        ("learner", 404, 404, 404),
        ("stranger", 404, 404, 404),
        ("editor", 404, 404, 404),
    ],
)
def test_who_reads_which_part(client, closing, province, request, who, own, sideways, whole):
    client.force_login(request.getfixturevalue(who))
    for name, more in (
        ("closing", ()),
        ("closing_compare", ()),
        ("closing_corrections", ("BG23-T",)),
        ("closing_people", ("BG23-T",)),
    ):
        answers = [
            client.get(address(name, closing, *more, unit=unit)).status_code
            for unit in (province.north, province.south, province.root)
        ]
        assert answers == [own, sideways, whole], name


def test_the_lead_reads_what_changed_and_who(client, closing, lead, province):
    client.force_login(lead)
    assert "Nguyên vẹn" in client.get(address("closing", closing, **{"kiem-tra": 1})).content.decode()
    page = client.get(address("closing", closing)).content.decode()
    assert closing.checksum in page
    assert "kết quả gửi muộn" in page
    assert "+1" in page
    below = client.get(address("closing", closing, **{"chi-tieu": "BG23-T"})).content.decode()
    assert province.north.name in below
    people = client.get(address("closing_corrections", closing, "BG23-T")).content.decode()
    assert "Ưỡng Gửi Muộn" in people


@pytest.fixture
def since(closing, province, django_capture_on_commit_callbacks):
    """Since the closing: one was late, one learnt later in the south and one nobody knows where, one paper is gone."""
    with django_capture_on_commit_callbacks(execute=True):
        person = MembershipFactory(
            user=UserFactory(full_name="Vi Học Sau"), unit=province.south, audience=province.citizen
        ).user
        complete(person, course_with_steps(1), at("2026-11-11"))
        complete(UserFactory(full_name="Bàn Không Rõ"), course_with_steps(1), at("2026-11-12"))
    gone = Counted.objects.get(user__full_name="Nguyễn Văn Đạt")
    corrections_record(changes=[(gone, None)], closed=closed_load(), reason=CorrectionReason.REVOKED)
    gone.delete()
    return closing


def test_closed_today_and_the_difference_with_the_people_behind_it(client, since, lead, province):
    client.force_login(lead)
    page = text_of(client.get(address("closing", since)))
    assert "Số đã chốtPhải họcHôm nayTừ khi chốtCùng kỳ, tính lại" in page
    (line,) = client.get(address("closing", since)).context["lines"]
    assert (line.before.count, line.today.count, line.since, line.after.count) == (3, 5, 2, 3)
    below = client.get(address("closing", since, **{"chi-tieu": "BG23-T"}))
    told = {one.name: (one.before.count, one.today.count, one.since) for one in below.context["below"]}
    assert told == {"Xã Xuân Lương": (2, 2, 0), "Xã Yên Thế": (1, 2, 1), "Trực tiếp tại đơn vị": (0, 1, 1)}
    link = address("closing_people", since, "BG23-T", unit=province.root, xem="vao").replace("&", "&amp;")
    assert link.split("?")[0] in below.content.decode()
    shown = client.get(address("closing_people", since, "BG23-T", unit=province.root))
    assert [(row.user.full_name, why) for row, why in shown.context["rows"]] == [
        ("Ưỡng Gửi Muộn", "Kết quả gửi muộn"),
        ("Bàn Không Rõ", "Học xong sau ngày chốt"),
        ("Vi Học Sau", "Học xong sau ngày chốt"),
    ]
    assert (shown.context["came"], shown.context["went"]) == (3, 1)
    assert line.since == 3 - 1, "who came less who went is the difference"
    stayed = client.get(address("closing_people", since, "BG23-T", unit=province.root, xem="chot"))
    assert len(stayed.context["rows"]) == stayed.context["stayed"] == line.before.count - 1, "one of the closed went"
    names = {row.user.full_name for row, _ in stayed.context["rows"]}
    assert not names & {"Ưỡng Gửi Muộn", "Vi Học Sau", "Nguyễn Văn Đạt"}
    assert "xem=chot" in client.get(address("closing", since)).content.decode()
    out = client.get(address("closing_people", since, "BG23-T", unit=province.root, xem="ra"))
    assert [(row.user.full_name, why) for row, why in out.context["rows"]] == [
        ("Nguyễn Văn Đạt", "Giấy bị thu hồi hoặc huỷ bỏ")
    ]


def test_people_behind_a_difference_are_shown_within_ones_scope(client, since, coordinator, province):
    client.force_login(coordinator)
    came = client.get(address("closing_people", since, "BG23-T", unit=province.north))
    assert [row.user.full_name for row, _ in came.context["rows"]] == ["Ưỡng Gửi Muộn"]
    assert client.get(address("closing_people", since, "BG23-T", unit=province.root)).status_code == 403


def test_both_lists_leave_as_one_file_and_it_is_recorded(client, since, lead, province):
    client.force_login(lead)
    prove(client)
    answer = client.get(address("closing_people", since, "BG23-T", unit=province.root, dang="xlsx"))
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert [(row[0], row[1], row[2], row[5]) for row in rows[1:]] == [
        ("Được tính thêm", "Ưỡng Gửi Muộn", "Xã Xuân Lương", "Kết quả gửi muộn"),
        ("Được tính thêm", "Bàn Không Rõ", "Chưa rõ đơn vị", "Học xong sau ngày chốt"),
        ("Được tính thêm", "Vi Học Sau", "Xã Yên Thế", "Học xong sau ngày chốt"),
        ("Không còn được tính", "Nguyễn Văn Đạt", "Xã Xuân Lương", "Giấy bị thu hồi hoặc huỷ bỏ"),
    ]
    assert rows[2][4].date() == date(2026, 11, 12)
    entry = AuditEntry.objects.get(act="kpi.moved_exported")
    assert (entry.actor, entry.detail["people"], entry.detail["format"]) == (lead, 4, "xlsx")


def test_a_file_holds_ones_own_scope_only(client, since, coordinator, province):
    client.force_login(coordinator)
    prove(client)
    north = client.get(address("closing_people", since, "BG23-T", unit=province.north, dang="csv"))
    text = north.content.decode("utf-8-sig")
    assert [line.split('","')[1] for line in text.splitlines()] == [
        "Họ và tên",
        "Ưỡng Gửi Muộn",
        "Nguyễn Văn Đạt",
    ]
    whole = address("closing_people", since, "BG23-T", unit=province.root, dang="csv")
    assert client.get(whole).status_code == 403


def test_who_came_and_went_again_is_no_difference(client, since, lead, province):
    """A late result that was taken back, and a paper that was given again: the closing saw neither come nor go."""
    late = Counted.objects.get(user__full_name="Ưỡng Gửi Muộn")
    again = CountCorrection.objects.get(reason=CorrectionReason.REVOKED)
    back = Counted.objects.create(
        indicator=late.indicator, user=again.user, year=2026, unit=again.before_unit, audience=late.audience,
        completion=again.before_completion, counted_on=again.before_on,
    )  # fmt: skip
    corrections_record(changes=[(None, back), (late, None)], closed=closed_load(), reason=CorrectionReason.REPAIRED)
    late.delete()
    client.force_login(lead)
    shown = client.get(address("closing_people", since, "BG23-T", unit=province.root))
    assert [row.user.full_name for row, _ in shown.context["rows"]] == ["Bàn Không Rõ", "Vi Học Sau"]
    assert shown.context["went"] == 0
    assert shown.context["stayed"] == 3, "all whom the closing saw"
    (line,) = client.get(address("closing", since)).context["lines"]
    assert line.since == 2


def test_teams_and_declared_values_have_no_people_behind_a_difference(client, since, lead, province):
    Indicator.objects.update(counts=False, counting=CountingKind.DECLARED)
    client.force_login(lead)
    assert client.get(address("closing_people", since, "BG23-T")).status_code == 404
    assert "/nguoi/" not in client.get(address("closing", since)).content.decode()


def test_queries_of_who_came_and_went_do_not_depend_on_people(
    client, since, lead, province, django_capture_on_commit_callbacks
):
    client.force_login(lead)
    asked = [address("closing", since), address("closing_people", since, "BG23-T")]

    def queries():
        found = []
        for one in asked:
            with CaptureQueriesContext(connection) as log:
                assert client.get(one).status_code == 200
            found.append(len(log))
        return found

    queries()
    few = queries()
    with django_capture_on_commit_callbacks(execute=True):
        for n in range(12):
            person = MembershipFactory(unit=province.north, audience=province.citizen).user
            complete(person, course_with_steps(1), at("2026-11-13" if n % 2 else "2026-08-13"))
    assert queries() == few


def test_lines_below_add_up(lead, province, django_capture_on_commit_callbacks):
    """Who belongs to the province itself stands in a line of its own."""
    indicator = IndicatorFactory(code="BG23-T", audiences=[province.citizen])
    with django_capture_on_commit_callbacks(execute=True):
        for unit in (province.root, province.north, province.north):
            person = UserFactory()
            MembershipFactory(user=person, unit=unit, audience=province.citizen)
            complete(person, course_with_steps(1), at("2026-03-05"))
    structure = current_structure()
    made = closing_make(actor=lead, unit=province.root, structure=structure, period="quarter", until=date(2026, 9, 30))
    total = next(line for line in closed_and_now(made, province.root) if line.indicator == indicator)
    below = closed_and_now_below(made, province.root, indicator)
    assert [line.before.count for line in below if line.unit == province.root] == [1]
    for side in ("before", "after"):
        assert sum(getattr(line, side).count for line in below) == getattr(total, side).count == 3


def test_a_commune_reads_its_own_part_without_choosing(client, closing, coordinator, province):
    client.force_login(coordinator)
    listed = client.get(reverse("kpi:closings")).content.decode()
    assert str(closing.uuid) in listed
    page = client.get(address("closing", closing)).content.decode()
    assert "Các chỉ tiêu của xã Xuân Lương" in page
    assert province.south.name not in page


def test_closing_from_the_page(client, lead, province, django_capture_on_commit_callbacks):
    IndicatorFactory(code="BG23-T", audiences=[province.citizen])
    client.force_login(lead)
    prove(client)
    asked = {"ky": "month:2026-10-31", "ghi_chu": "Báo cáo tháng"}
    preview = client.get(reverse("kpi:closing_new"), asked)
    assert "Chốt số liệu Tháng 10/2026" in preview.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("kpi:closing_new"), asked)
    made, job = Closing.objects.get(), Job.objects.get()
    assert response.url == reverse("jobs:job", args=[job.uuid])
    assert (made.note, made.closed_by) == ("Báo cáo tháng", lead)
    again = client.post(reverse("kpi:closing_new"), asked)
    assert again.status_code == 409
    assert address("closing", made) in again.content.decode()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"ky": "day"}, "Hãy ghi ngày cuối cùng được tính."),
        ({"ky": "day", "ngay": "31/13/2026"}, "Ghi ngày theo kiểu 14/12/2026."),
        ({"ky": "day", "ngay": "31/12/2026"}, "chưa hết nên chưa chốt được"),
        ({"ky": "month:2026-11-30"}, "month:2026-11-30"),
    ],
)
def test_wrong_input_is_explained(client, lead, province, asked, says):
    IndicatorFactory(audiences=[province.citizen])
    client.force_login(lead)
    assert says in client.get(reverse("kpi:closing_new"), asked).content.decode()


def test_the_sheet_of_two_closings(client, closing, lead, province):
    other = closing_make(
        actor=lead, unit=province.root, structure=current_structure(), period="month", until=date(2026, 10, 31)
    )
    client.force_login(lead)
    prove(client)
    page = client.get(address("closing_compare", other, voi=closing.uuid)).content.decode()
    assert page.index("Quý III/2026") < page.index("BG23-T")
    sheet = client.get(address("closing_compare", other, voi=closing.uuid, dang="xlsx"))
    rows = list(load_workbook(io.BytesIO(sheet.content)).active.iter_rows(values_only=True))
    of_province = next(row for row in rows if row[2] == province.root.name)
    assert (of_province[3], of_province[6], of_province[9]) == (3, 4, 1)
    assert AuditEntry.objects.filter(act="kpi.closings_compared").count() == 1


def test_the_last_closed_figure_stands_beside_the_live_one(client, closing, lead, province):
    """Three were closed; one was sent in late, one learnt after the period."""
    person = MembershipFactory(unit=province.south, audience=province.citizen).user
    complete(person, course_with_steps(1), at("2026-11-11"))
    rollup.cells_repair()
    client.force_login(lead)
    reading = {"nam": 2026, "don-vi": province.root.uuid}
    page = text_of(client.get(reverse("kpi:indicator", args=["BG23-T"]), reading))
    assert "Đã chốt đến 30/09/2026 (Quý III/2026): 3; từ đó đến nay +1, điều chỉnh +1." in page
    listed = text_of(client.get(reverse("kpi:dashboard"), reading))
    assert "Đã chốt đến 30/09/2026: 3; từ đó đến nay +2" in listed
    assert "Đã chốt" not in text_of(client.get(reverse("kpi:dashboard"), reading | {"nam": 2025}))


def test_the_preview_names_what_looks_wrong(client, closing, lead, province):
    UnitFactory(name="Xã Im Lặng", parent=province.root)
    structures_rebuild()
    indicator = Indicator.objects.get()
    Population.objects.create(indicator=indicator, unit=province.north, year=2026, value=1, source="s", quote="q")
    client.force_login(lead)
    page = text_of(client.get(reverse("kpi:closing_new"), {"ky": "month:2026-10-31"}))
    assert "Xã Xuân Lương, BG23-T: đã học 3, nhiều hơn phải học 1." in page
    assert "1 xã, phường chưa có ai được tính ở chỉ tiêu nào: Xã Im Lặng." in page


def test_a_comparison_as_csv(client, closing, lead, province):
    other = closing_make(
        actor=lead, unit=province.root, structure=current_structure(), period="month", until=date(2026, 10, 31)
    )
    client.force_login(lead)
    prove(client)
    sheet = client.get(address("closing_compare", other, voi=closing.uuid, dang="csv"))
    assert sheet["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    found = {row["Đơn vị"]: (row["Số đã chốt, Quý III/2026"], row["Số đã chốt, Tháng 10/2026"]) for row in rows}
    assert [float(one) for one in found[province.root.name]] == [3, 4]


def test_corrected_people_of_unknown_unit_are_shown_to_the_whole_province_only(
    client, closing, lead, coordinator, province, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        complete(UserFactory(full_name="Bàn Không Rõ"), course_with_steps(1), at("2026-07-07"))
    assert CountCorrection.objects.filter(after_unit=None).count() == 1
    for who, unit, sees in ((lead, province.root, True), (coordinator, province.north, False)):
        client.force_login(who)
        page = client.get(address("closing_corrections", closing, "BG23-T", unit=unit)).content.decode()
        assert ("Bàn Không Rõ" in page) is sees


def test_a_large_comparison_is_made_by_a_job(
    client, closing, lead, coordinator, province, monkeypatch, django_capture_on_commit_callbacks
):
    """More units than are compared while one waits: asked for by POST; a commune's own sheet still comes at once."""
    monkeypatch.setattr("kpi.views_closings.DIRECT_UNITS", 2)
    other = closing_make(
        actor=lead, unit=province.root, structure=current_structure(), period="month", until=date(2026, 10, 31)
    )
    client.force_login(lead)
    prove(client)
    asked = {"voi": closing.uuid, "dang": "xlsx"}
    page = client.get(address("closing_compare", other, **asked))
    assert "Bảng có 4 đơn vị" in page.content.decode(), "a large one is offered, never made by a look"
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address("closing_compare", other), asked)
    job = Job.objects.get()
    assert answer.url == reverse("jobs:job", args=[job.uuid])
    sheet = client.get(reverse("jobs:file", args=[job.uuid]))
    rows = list(load_workbook(io.BytesIO(b"".join(sheet.streaming_content))).active.iter_rows(values_only=True))
    assert {row[2] for row in rows[1:]} == {province.root.name, province.north.name, province.south.name}
    client.force_login(coordinator)
    prove(client)
    own = client.get(address("closing_compare", other, unit=province.north, **asked))
    assert own["Content-Disposition"].endswith('.xlsx"')
