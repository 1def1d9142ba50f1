"""Every act under an office's addresses that gives or takes a right, hands out people's data, issues or revokes.

Each case of the table is sent by somebody who may do it, an hour after signing in: it leads to the page that asks for
a proof, and nothing has happened. Just after a proof the very same is done. An address that is in neither list here
fails a test: whoever adds one says on which side it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from certificates import paper_jobs
from certificates.models import Act as RegisterAct
from certificates.models import BatchState, Certificate, Design, Series
from certificates.services import certificate_copy, certificate_render, design_draft
from certificates.services.register import register_append
from common.models import AuditEntry, Job, JobState
from kpi.models import AudiencePopulation, CountingKind, Declaration, DeclarationState, Target
from kpi.population_sheet import HEADINGS
from people import roster_export
from people.models import Membership, Outcome, Role, RosterVersion, Unit, UnitKind, User
from people.querysets import today
from people.services import structures_rebuild
from tests.factories.certificates import approve, propose, series_defaults
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import ClosingFactory, IndicatorFactory, TargetFactory
from tests.factories.kpi_reports import ReportDueFactory, ReportDutyFactory, ReportFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.factories.quizzes import bank_with_questions
from tests.factories.rosters import checked, people_rows, xlsx_bytes
from tests.proof import prove, with_second_step

pytestmark = pytest.mark.anywhere

DAY = "%d/%m/%Y"


class Act(NamedTuple):
    """Who does it, how it is sent, and whether it has happened."""

    who: User
    send: Callable[[Client], Any]
    done: Callable[[], Any]


CASES: dict[str, tuple[str, Callable[[Any], Act]]] = {}


def case(name: str, address: str) -> Callable[[Callable[[Any], Act]], Callable[[Any], Act]]:
    """Put a case into the table; ``address`` is the name of the address that it is about."""

    def keep(made: Callable[[Any], Act]) -> Callable[[Any], Act]:
        CASES[name] = (address, made)
        return made

    return keep


@pytest.fixture
def here(province, request):
    """What the cases stand on: the province, and the people of the doors by name."""
    cache.clear()
    return SimpleNamespace(province=province, person=request.getfixturevalue)


def recorded(act: str) -> Callable[[], bool]:
    return lambda: AuditEntry.objects.filter(act=act).exists()


# --- Reports --------------------------------------------------------------------------------------------------------
@case("a duty to report is followed by another day", "kpi:duty")
def _duty(here):
    duty = ReportDutyFactory()
    form = {"day": "5", "month": "12", "follow": "on", "reason": "CV 12/SKHCN"}
    return Act(
        here.person("lead"), lambda c: c.post(reverse("kpi:duty", args=[duty.uuid]), form), recorded("kpi.duty_set")
    )


@case("a report that was handed in is open again", "kpi:due_reopen")
def _reopened(here):
    due = ReportDueFactory(
        duty=ReportDutyFactory(), unit=here.province.north, handed_in_at=timezone.now(), handed_in_note="1/BC"
    )
    url = reverse("kpi:due_reopen", args=[due.uuid])
    return Act(here.person("lead"), lambda c: c.post(url, {"reason": "Nhầm"}), recorded("kpi.due_reopened"))


@case("a unit need not hand a report in", "kpi:due_excuse")
def _excused(here):
    due = ReportDueFactory(duty=ReportDutyFactory(), unit=here.province.north)
    url = reverse("kpi:due_excuse", args=[due.uuid])
    return Act(here.person("lead"), lambda c: c.post(url, {"reason": "Xã mới"}), recorded("kpi.due_excused"))


@case("a decision asks for reports from when until when", "kpi:decision_span")
def _span(here):
    url = reverse("kpi:decision_span", args=[ReportDutyFactory().decision.code])
    form = {"valid_from": "01/01/2024", "valid_until": "31/12/2024", "reason": "QĐ 12/QĐ-UBND"}
    return Act(here.person("lead"), lambda c: c.post(url, form), recorded("kpi.decision_span_set"))


@case("a report is issued", "kpi:report_issue")
def _issued(here):
    closing = ClosingFactory(unit=here.province.root, structure=here.province.structure)
    report = ReportFactory(unit=here.province.north, closing=closing, signer_title="Chủ tịch", signer_name="Lò Văn Hà")
    form = {"number": "15/BC-UBND", "dated_on": f"{today():{DAY}}", "confirmed": "on", "version": "1"}
    url = reverse("kpi:report_issue", args=[report.uuid])
    return Act(here.person("coordinator"), lambda c: c.post(url, form), recorded("kpi.report_issued"))


# --- Lists ----------------------------------------------------------------------------------------------------------
def a_list(here: Any, by: User, **more: Any) -> Any:
    line = {"Họ và tên": "Vũ Lan", "Số điện thoại": "0912000009", "Vai trò": Role.COORDINATOR.label}
    return checked(xlsx_bytes(*people_rows(line, {"Họ và tên": "Đỗ 1"})), by=by, unit=here.province.north, **more)


@case("a list gives roles", "rosters:apply")
def _apply(here):
    lead = here.person("lead")
    found = a_list(here, lead)
    return Act(lead, lambda c: c.post(reverse("rosters:apply", args=[found.uuid])), Job.objects.exists)


@case("two records of one person become one", "merging:merge")
def _merge(here):
    pair = [UserFactory(full_name="Vũ Lan") for _ in range(2)]
    for one in pair:
        MembershipFactory(user=one, unit=here.province.north, audience=here.province.citizen)
    url = reverse("merging:merge", args=[one.uuid for one in pair])
    return Act(here.person("coordinator"), lambda c: c.post(url, {"reason": "Đã hỏi"}), recorded("person_merge"))


@case("the many who leave are confirmed", "rosters:confirm_leavers")
def _leavers(here):
    found = a_list(here, here.person("coordinator"), whole_unit=True)
    found.rows.create(number=0, outcome=Outcome.LEFT)
    url = reverse("rosters:confirm_leavers", args=[found.uuid])
    return Act(here.person("coordinator"), lambda c: c.post(url), recorded("roster_leavers_confirm"))


@case("lines to be mended leave", "rosters:rejects")
def _rejects(here):
    url = reverse("rosters:rejects", args=[a_list(here, here.person("coordinator")).uuid])
    return Act(here.person("coordinator"), lambda c: c.get(url), recorded("roster_rejects_export"))


@case("the list of a unit leaves", "rosters:export")
def _export(here):
    url = reverse("rosters:export", args=[here.province.north.uuid])
    return Act(here.person("coordinator"), lambda c: c.get(url), recorded("roster_export"))


# --- Results --------------------------------------------------------------------------------------------------------
@case("answers are scored anew", "insight:regrade")
def _regrade(here):
    question = bank_with_questions(1).questions.get()
    url, form = reverse("insight:regrade", args=[question.uuid]), {"version": 1, "reason": "Đáp án sai."}
    return Act(here.person("lead"), lambda c: c.post(url, form), Job.objects.exists)


# --- Other files ----------------------------------------------------------------------------------------------------
@case("the log leaves", "audit:export")
def _log(here):
    return Act(here.person("lead"), lambda c: c.get(reverse("audit:export")), recorded("audit_export"))


@case("the people behind a figure leave", "kpi:people")
def _people(here):
    IndicatorFactory(code="BG23-T", audiences=[here.province.citizen])
    url = reverse("kpi:people", args=["BG23-T"])
    return Act(here.person("lead"), lambda c: c.get(url, {"dang": "csv"}), recorded("kpi.people_exported"))


@case("the people who have not learnt leave", "kpi:missing")
def _missing(here):
    IndicatorFactory(code="BG23-T", audiences=[here.province.team])
    url = reverse("kpi:missing", args=["BG23-T"])
    return Act(here.person("lead"), lambda c: c.get(url, {"dang": "xlsx"}), recorded("kpi.missing_exported"))


@case("a period is closed", "kpi:closing_new")
def _closing(here):
    IndicatorFactory(audiences=[here.province.citizen])
    form = {"ky": "quarter:2026-09-30", "ghi_chu": ""}
    return Act(here.person("lead"), lambda c: c.post(reverse("kpi:closing_new"), form), Job.objects.exists)


@case("the people who came and went since a closing leave", "kpi:closing_people")
def _moved(here):
    IndicatorFactory(code="BG23-T", audiences=[here.province.citizen])
    closing = ClosingFactory(unit=here.province.root, until=date(2026, 9, 30))
    url = reverse("kpi:closing_people", args=[closing.uuid, "BG23-T"])
    return Act(here.person("lead"), lambda c: c.get(url, {"dang": "xlsx"}), recorded("kpi.moved_exported"))


@case("two closings leave as a sheet", "kpi:closing_compare")
def _compared(here):
    first, second = (
        ClosingFactory(unit=here.province.root, until=day) for day in (date(2026, 6, 30), date(2026, 9, 30))
    )
    url = reverse("kpi:closing_compare", args=[first.uuid])
    asked = {"voi": str(second.uuid), "dang": "xlsx"}
    return Act(here.person("lead"), lambda c: c.get(url, asked), recorded("kpi.closings_compared"))


# --- Targets, head-counts, declarations -----------------------------------------------------------------------------
PAPERS = {"decision_no": "84/KH-UBND", "decided_on": "19/05/2026", "reason": "Theo kế hoạch"}


def of_north(here: Any, name: str, *args: str) -> str:
    return f"{reverse(f'kpi:{name}', args=args)}?don-vi={here.province.north.uuid}"


@case("a target is set", "kpi:target_edit")
def _target(here):
    IndicatorFactory(code="BG23-T")
    form = PAPERS | {"comparator": ">=", "value": "5", "measured_in": "người", "year": today().year}
    url = of_north(here, "target_edit", "BG23-T")
    return Act(here.person("lead"), lambda c: c.post(url, form), Target.objects.exists)


@case("a target is withdrawn", "kpi:target_drop")
def _target_drop(here):
    TargetFactory(indicator=IndicatorFactory(code="BG23-T"), unit=here.province.north)
    url, form = of_north(here, "target_drop", "BG23-T"), {f"rut-{name}": said for name, said in PAPERS.items()}
    return Act(here.person("lead"), lambda c: c.post(url, form), lambda: not Target.objects.exists())


@case("a target is shared out", "kpi:target_allocation")
def _allocation(here):
    p = here.province
    TargetFactory(indicator=IndicatorFactory(code="BG23-T"), unit=p.root, value=5, measured_in="người")
    url = f"{reverse('kpi:target_allocation', args=['BG23-T'])}?don-vi={p.root.uuid}"
    form = PAPERS | {f"giao-{p.north.uuid}": "5", "giao": "1"}
    given = Target.objects.filter(unit=p.north).exists
    return Act(here.person("lead"), lambda c: c.post(url, form), given)


@case("a head-count is set", "kpi:population_edit")
def _population(here):
    form = {"audience": here.province.citizen.pk, "year": today().year, "value": "5", "source": "QĐ 1"}
    url = of_north(here, "population_edit")
    return Act(here.person("lead"), lambda c: c.post(url, form), AudiencePopulation.objects.exists)


@case("head-counts come from a table", "kpi:population_import")
def _populations(here):
    lead, url = here.person("lead"), of_north(here, "population_import")
    other = Client()
    other.force_login(lead)
    lines = (HEADINGS, ("07246", "", "nguoi_dan", today().year, 5, "QĐ 1"))
    seen = other.post(url, {"file": SimpleUploadedFile("a.xlsx", xlsx_bytes(*lines))})
    sent = {"kept": seen.context["kept"], "name": "a.xlsx", "luu": "1"}
    return Act(lead, lambda c: c.post(url, sent), AudiencePopulation.objects.exists)


@case("what a unit declared is approved", "kpi:declaration")
def _declaration(here):
    found = Declaration.objects.create(
        indicator=IndicatorFactory(counting=CountingKind.DECLARED), unit=here.province.north, year=today().year,
        until=today(), value=5, declared_by=here.person("coordinator"),
    )  # fmt: skip
    url = reverse("kpi:declaration", args=[found.uuid])
    approved = Declaration.objects.filter(state=DeclarationState.APPROVED).exists
    return Act(here.person("lead"), lambda c: c.post(url, {"duyet": "1"}), approved)


@case("a file that a job made leaves", "jobs:file")
def _job_file(here):
    owner, taken = here.person("coordinator"), []
    arguments = {"unit": str(here.province.north.uuid), "viewer": str(owner.uuid), "form": "csv"}
    job = Job.objects.create(kind=roster_export.KIND, owner=owner, title="x", args=arguments)
    job.state, job.finished_at, job.file_name = JobState.DONE, timezone.now(), "x.csv"
    job.file.save("x.csv", ContentFile(b"x"))

    def send(client):
        answer = client.get(reverse("jobs:file", args=[job.uuid]))
        taken.extend([b"".join(answer.streaming_content)] if answer.streaming else [])
        return answer

    return Act(owner, send, lambda: taken == [b"x"])


@case("slips are printed", "slips:print")
def _slips(here):
    MembershipFactory(
        user=UserFactory(full_name="Nguyễn Thị Hoà", email=None, password="!x"),
        unit=here.province.north,
        audience=here.province.team,
    )
    url = reverse("slips:print", args=[here.province.north.uuid])
    many = recorded("slip_print")
    return Act(here.person("coordinator"), lambda c: c.post(url, {"everybody": "1"}), many)


# --- Units and teams ------------------------------------------------------------------------------------------------
CHANGES = {
    "closed": ("dong", {"end_members": "on", "with_children": "on"}),
    "closed, people elsewhere": ("dong", {"receiver": "07288"}),
    "renamed": ("doi-ten", {"name": "Xã Xuân Mới", "kind": "commune"}),
    "moved": ("chuyen", {"parent": "SKHCN"}),
    "divided": ("chia-tach", {
        "name_1": "Xuân", "code_1": "07246", "kind_1": "commune", "name_2": "Lương", "code_2": "0W",
        "kind_2": "commune", "kind_3": "commune", "kind_4": "commune", "principal": "1",
    }),
    "merged": ("sap-nhap", {"others": "07288", "how": "moi", "name": "Xã Chung", "code": "07246", "kind": "commune"}),
}  # fmt: skip


def looked_at(who: User, url: str, form: dict[str, str]) -> dict[str, str]:
    """What the page of a preview sends when it is confirmed."""
    client = Client()
    client.force_login(who)
    seen = client.post(url, form)
    assert "preview" in seen.context, seen.context["form"].errors
    hidden = {field.html_name: field.value() or "" for field in seen.context["form"]}
    return {**hidden, "version": seen.context["preview"].version, "luu": "1"}


def a_change(name: str) -> Callable[[Any], Act]:
    act, form = CHANGES[name]

    def made(here):
        north, lead, _ = here.province.north, here.person("lead"), here.person("coordinator")
        url = reverse("units:change", args=[north.uuid, act])
        sent = looked_at(lead, url, {"on": f"{today():{DAY}}", **form})
        before = list(Membership.objects.order_by("pk").values_list())
        ended = Unit.objects.filter(pk=north.pk, valid_to=None).exists
        assert Membership.objects.in_force().filter(unit=north, role=Role.COORDINATOR).exists()
        return Act(
            lead,
            lambda c: c.post(url, sent),
            lambda: not ended() and list(Membership.objects.order_by("pk").values_list()) != before,
        )

    return made


for name in CHANGES:
    case(f"a unit with an office is {name}", "units:change")(a_change(name))


@case("the whole tree is replaced", "units:import")
def _structure(here):
    lead, url = here.person("lead"), reverse("units:import")
    other = Client()
    other.force_login(lead)
    prove(other)
    lines = (
        "code,name,kind,parent_code,predecessors\n24,Tỉnh Bắc Ninh,province,,24\n1,Xã Gộp,commune,24,07246*;07288*\n"
    )
    form = {"name": "Cơ cấu mới", "on": f"{today() + timedelta(days=1):{DAY}}"}
    seen = other.post(url, {**form, "file": SimpleUploadedFile("a.csv", lines.encode())})
    sent = {**form, "kept": seen.context["kept"], "version": seen.context["version"], "luu": "1"}
    return Act(lead, lambda c: c.post(url, sent), Job.objects.exists)


@case("the composition of a team is decided", "teams:save")
def _team(here):
    team = UnitFactory(name="Tổ CNSCĐ thôn Trung", kind=UnitKind.TEAM, parent=here.province.north)
    structures_rebuild()
    people = [
        MembershipFactory(user=UserFactory(phone=f"+8491234567{n}"), unit=team, audience=here.province.team).user
        for n in range(3)
    ]
    form = {
        "o-lai": [str(p.uuid) for p in people],
        "to-truong": str(people[0].uuid),
        "effective_on": f"{today():{DAY}}",
    }

    def send(client):
        client.post(reverse("teams:reconstitute", args=[team.uuid]), form)
        return client.post(reverse("teams:save", args=[team.uuid]))

    return Act(here.person("coordinator"), send, RosterVersion.objects.exists)


# --- Certificates ---------------------------------------------------------------------------------------------------
def a_batch(here: Any) -> Any:
    series, course = series_defaults(here.province), course_with_steps(lessons=2)
    complete(here.person("learner"), course)
    return propose(proposer=here.person("coordinator"), series=series.official, unit=here.province.north, course=course)


@case("certificates are issued", "issuing:batch_approve")
def _issue(here):
    batch = a_batch(here)
    url = reverse("issuing:batch_approve", args=[batch.uuid])
    form = {"decision_number": "412/QĐ-SKHCN", "decision_date": f"{today():{DAY}}", "confirmed": "on"}

    def done():
        batch.refresh_from_db()
        return batch.state == BatchState.APPROVED  # numbers follow after the commit

    return Act(here.person("official"), lambda c: c.post(url, form), done)


SENT = {"reason": "Thi hộ", "decision_number": "1/QĐ", "decision_date": f"{today():{DAY}}", "confirmed": "on"}
ENDINGS: dict[str, tuple[str, dict[str, str]]] = {
    "revoked": ("revoked", {"reason_class": "fraud"}),
    "cancelled": ("cancelled", {"reason_class": "other"}),
    "reissued": ("replaced", {}),
    "corrected": ("replaced", {
        "holder_name": "Nguyễn Thị Ngọc Ứng", "course_title": "Tên khác", "course_hours": "2",
        "completed_on": f"{today():{DAY}}",
    }),
}  # fmt: skip
ADDRESSES = {"revoked": "revoke", "cancelled": "cancel", "reissued": "reissue", "corrected": "correct"}


def an_ending(name: str) -> Callable[[Any], Act]:
    state, more = ENDINGS[name]

    def made(here):
        official = here.person("official")
        certificate = approve(a_batch(here), official).certificates.get()
        url = reverse(f"issuing:certificate_{ADDRESSES[name]}", args=[certificate.uuid])

        def done():
            certificate.refresh_from_db()
            return certificate.state == state

        return Act(official, lambda c: c.post(url, SENT | more), done)

    return made


for name in ENDINGS:
    case(f"a certificate is {name}", f"issuing:certificate_{ADDRESSES[name]}")(an_ending(name))


def an_issued_batch(here: Any) -> Any:
    batch = approve(a_batch(here), here.person("official"))
    for certificate in batch.certificates.all():
        certificate_render(certificate_id=certificate.pk)
    return batch


@case("all files of a list", "issuing:batch_bundle")
def _bundle(here):
    url = reverse("issuing:batch_bundle", args=[an_issued_batch(here).uuid])
    return Act(here.person("coordinator"), lambda c: c.post(url, {"kieu": "zip"}), Job.objects.exists)


@case("a delivery list is exported", "issuing:delivery_export")
def _delivery(here):
    url = reverse("issuing:delivery_export", args=[an_issued_batch(here).uuid])
    exported = AuditEntry.objects.filter(act="delivery_export")
    return Act(here.person("coordinator"), lambda c: c.get(url), exported.exists)


@case("copies of a certificate are handed out", "issuing:certificate_copy")
def _copy(here):
    official = here.person("official")
    certificate = approve(a_batch(here), official).certificates.get()
    url = reverse("issuing:certificate_copy", args=[certificate.uuid])
    form = {"asked_by": "Lê A", "copies": "1", "reason": "Nộp hồ sơ", "confirmed": "on"}
    return Act(official, lambda c: c.post(url, form), recorded("certificate_copy"))


@case("a copy leaves", "issuing:copy_file")
def _copy_file(here):
    official, taken = here.person("official"), []
    certificate = approve(a_batch(here), official).certificates.get()
    row, _ = certificate_copy(certificate=certificate, actor=official, asked_by="Lê A", copies=1, reason="Nộp hồ sơ")
    url = reverse("issuing:copy_file", args=[certificate.uuid, row.position])

    def send(client):
        answer = client.get(url)
        taken.append(answer.content[:4] == b"%PDF")
        return answer

    return Act(official, send, lambda: taken[-1])


@case("a design is published", "issuing:design_publish")
def _design(here):
    official = here.person("official")
    series_defaults(here.province)
    draft, _ = design_draft(design=Design.objects.get(code="the-vi"), actor=official)
    url = reverse("issuing:design_publish", args=[draft.uuid])
    return Act(official, lambda c: c.post(url), Design.objects.filter(pk=draft.pk, state="published").exists)


def series_typed(here: Any, **other: Any) -> dict[str, Any]:
    """What the form of a kind of paper sends."""
    return {
        "code": "chung-chi", "name": "Chứng chỉ", "kind": "qualification", "suffix": "CC", "is_active": "on",
        "pattern": "{so:05d}/{nam}/{ky_hieu}", "unit": str(here.province.department.uuid), "place": "Bắc Ninh",
        "design": str(Design.objects.get(code="chung-nhan").uuid), "signing": "none", "basis": "course",
        "remind_days": "30", **other,
    }  # fmt: skip


@case("a kind of paper is made", "issuing:kind_new")
def _kind_new(here):
    series_defaults(here.province)
    form, url = series_typed(here), reverse("issuing:kind_new")
    return Act(here.person("official"), lambda c: c.post(url, form), Series.objects.filter(code="chung-chi").exists)


@case("a kind of paper is changed", "issuing:kind")
def _kind(here):
    series = series_defaults(here.province).official
    form = series_typed(here, name="Tên mới", suffix=series.suffix)
    url = reverse("issuing:kind", args=[series.code])
    return Act(here.person("official"), lambda c: c.post(url, form), Series.objects.filter(name="Tên mới").exists)


@case("papers leave to be signed", "issuing:signing")
def _sign(here):
    series = series_defaults(here.province).official
    url, packed = reverse("issuing:signing", args=[series.code]), Job.objects.filter(kind="certificates.handoff_pack")
    return Act(here.person("official"), lambda c: c.post(url, {"goi": "1"}), packed.exists)


@case("a register leaves", "issuing:book_export")
def _book_export(here):
    official = here.person("official")
    series = approve(a_batch(here), official).series
    url, form = reverse("issuing:book_export", args=[series.code]), {"nam": str(today().year), "dang": "csv"}
    return Act(official, lambda c: c.post(url, form), recorded("register_export"))


@case("a book is closed", "issuing:book_close")
def _book_close(here):
    """A paper that was taken over a year ago stands alone in last year's book."""
    official, series = here.person("official"), series_defaults(here.province).official
    before = timezone.now() - timedelta(days=366)
    paper = Certificate.objects.create(
        origin="paper", series=series, year=2019, number="15/2019/CN", holder_name="Lê Văn Cũ", course_title="Tin học",
        issued_on=date(2019, 5, 2), issuer_name="Sở", place="Bắc Ninh",
    )  # fmt: skip
    register_append(series=series, certificates=[paper], act=RegisterAct.IMPORT, at=before, actor=official)
    year = timezone.localdate(before).year
    url, form = reverse("issuing:book_close", args=[series.code]), {"nam": str(year), "confirmed": "on"}
    return Act(official, lambda c: c.post(url, form), recorded("book_close"))


def a_paper_file(here: Any, official: User, line: str) -> tuple[str, str]:
    """The address of a series' paper register, and a file that waits there."""
    series = series_defaults(here.province).official
    upload = SimpleUploadedFile("a.csv", f"Số,Vào sổ ngày,Họ và tên,Nội dung\n{line}\n".encode())
    return series.code, paper_jobs.file_keep(upload)


@case("a paper register is taken over", "issuing:paper")
def _paper(here):
    official = here.person("official")
    code, kept = a_paper_file(here, official, "15/2019/CN,02/05/2019,Lê Văn Cũ,Tin học")
    url, form = reverse("issuing:paper", args=[code]), {"kept": kept, "name": "a.csv", "luu": "1"}
    return Act(official, lambda c: c.post(url, form), Job.objects.exists)


@case("lines of a paper register leave", "issuing:paper_faults")
def _paper_faults(here):
    official, taken = here.person("official"), []
    code, kept = a_paper_file(here, official, "15/2019/CN,02/05/2999,Lê Văn Cũ,Tin học")
    url = reverse("issuing:paper_faults", args=[code, kept])

    def send(client):
        answer = client.get(url)
        taken.append(answer.content[:2] == b"PK")
        return answer

    return Act(official, send, lambda: taken[-1])


# --- Administration -------------------------------------------------------------------------------------------------
def root() -> User:
    return with_second_step(UserFactory(is_staff=True, is_superuser=True))


@case("a role is given", "admin:people_membership_add")
def _appoint(here):
    learner, p = here.person("learner"), here.province
    form = {
        "user": learner.pk, "unit": p.south.pk, "audience": p.staff.pk, "role": Role.COORDINATOR,
        "valid_from": f"{date(today().year, 1, 1):{DAY}}",
    }  # fmt: skip
    url = reverse("admin:people_membership_add")
    given = Membership.objects.filter(user=learner, role=Role.COORDINATOR).exists
    return Act(root(), lambda c: c.post(url, form), given)


@case("a role ends", "admin:people_membership_change")
def _dismiss(here):
    membership = Membership.objects.get(user=here.person("coordinator"))
    url = reverse("admin:people_membership_change", args=[membership.pk])
    form = {"role": Role.COORDINATOR, "is_main": "on", "valid_to": f"{today():{DAY}}"}
    ended = Membership.objects.filter(pk=membership.pk, valid_to=today()).exists
    return Act(root(), lambda c: c.post(url, form), ended)


@case("an account gets rights", "admin:people_user_change")
def _rights(here):
    learner = here.person("learner")
    url = reverse("admin:people_user_change", args=[learner.pk])
    form = {"full_name": learner.full_name, "email": learner.email, "is_active": "on", "is_superuser": "on"}
    given = User.objects.filter(pk=learner.pk, is_superuser=True).exists
    return Act(root(), lambda c: c.post(url, form), given)


@case("an account is made", "admin:people_user_add")
def _account(here):
    form = {"full_name": "Vũ Lan", "email": "lan@example.vn", "is_active": "on"}
    made = User.objects.filter(email="lan@example.vn").exists
    return Act(root(), lambda c: c.post(reverse("admin:people_user_add"), form), made)


@case("a second step is taken off", "admin:second_step_reset")
def _reset(here):
    url = reverse("admin:second_step_reset", args=[here.person("coordinator").pk])
    return Act(root(), lambda c: c.post(url, {"reason": "Mất máy"}), recorded("second_step_reset"))


# --- The table ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", CASES)
def test_it_is_done_after_a_fresh_proof_and_not_before(client, here, name):
    act = CASES[name][1](here)
    client.force_login(act.who)
    asked = client.get("/quan-ly/")
    assert asked.status_code in (200, 404), "who is asked has passed the second step at sign-in"
    answer = act.send(client)
    assert answer.status_code == 302, answer.content[:500]
    assert reverse("mfa_reauthenticate") in answer["Location"]
    assert not act.done()

    prove(client)
    answer = act.send(client)
    if answer.streaming:
        answer.getvalue()
    assert "/reauthenticate/" not in answer.get("Location", "")
    assert act.done(), answer.content[:500] if not answer.streaming else ""


def test_a_change_that_touches_no_office_asks_for_nothing(client, here):
    """Only a citizen lives in Xã Xuân Lương: nobody's rights end or move with it."""
    here.person("learner")
    lead, url = here.person("lead"), reverse("units:change", args=[here.province.north.uuid, "doi-ten"])
    form = {"name": "Xã Xuân Mới", "kind": "commune", "on": f"{today():{DAY}}"}
    client.force_login(lead)
    client.post(url, looked_at(lead, url, form))
    assert Unit.objects.filter(name="Xã Xuân Mới").exists()


# --- Nothing is forgotten -------------------------------------------------------------------------------------------
#: Addresses that only show, or whose acts give no right and hand out nobody's data; each with why where it acts.
FREE = {
    "manage_home": "", "audit:log": "", "jobs:job": "", "jobs:state": "", "jobs:retry": "the owner's own work again",
    "rosters:home": "", "rosters:upload": "nobody is changed yet", "rosters:template": "holds nobody",
    "merging:alike": "",
    "rosters:roster": "", "rosters:decide": "nobody is changed yet", "rosters:decide_all": "nobody is changed yet",
    "rosters:cancel": "nobody is changed", "slips:home": "", "slips:unit": "", "units:tree": "", "units:unit": "",
    "units:unmapped": "", "units:succeed": "how the past is read; nobody moves",
    "units:import_template": "holds nobody", "unit_learning:people": "", "teams:home": "", "teams:list": "",
    "teams:remind_leaders": "a message", "teams:team": "", "teams:remind": "a message",
    "teams:reconstitute": "a draft", "teams:add_member": "a draft", "teams:preview": "", "teams:history": "",
    "kpi:map": "", "kpi:equity": "", "kpi:programmes": "", "kpi:programme": "", "kpi:missing_reminders": "a message",
    "kpi:dashboard": "", "kpi:indicator": "", "kpi:person": "", "kpi:closings": "", "kpi:closing": "",
    "kpi:closing_corrections": "", "issuing:batches": "",
    "kpi:targets": "", "kpi:target_history": "", "kpi:findings": "", "kpi:populations": "", "kpi:declarations": "",
    "kpi:population_template": "names nobody", "kpi:population_faults": "lines of one's own file; names nobody",
    "kpi:declare": "waits until somebody else approves it", "kpi:declaration_evidence": "for who judges it",
    "kpi:calendar": "", "kpi:duties": "", "kpi:dues_remind": "a message", "kpi:reports": "",
    "kpi:report_new": "a draft", "kpi:calendar_file": "what the reader owes",
    "kpi:calendar_link": "the reader's own address; it names units and days, nobody",
    "kpi:due": "a note that a report was sent; the log says by whom, and keepers can reopen it",
    "kpi:report": "", "kpi:report_edit": "a draft", "kpi:report_files": "figures without names",
    "kpi:report_drop": "a draft", "kpi:report_file": "figures without names",
    "issuing:batch_new": "a proposal, which somebody else approves", "issuing:batch": "",
    "issuing:designs": "", "issuing:design": "a draft", "issuing:design_draft": "a draft",
    "issuing:design_drop": "a draft", "issuing:design_retire": "nothing is issued or changed; the log says by whom",
    "issuing:design_picture": "", "issuing:design_pdf": "", "issuing:kinds": "",
    "issuing:batch_reject": "nothing is issued", "issuing:batch_items": "nothing is issued",
    "issuing:batch_check": "nothing is issued", "issuing:decision_file": "names nobody", "issuing:progress": "",
    "issuing:progress_state": "", "issuing:batch_pause": "nothing is lost", "issuing:batch_resume": "approved before",
    "issuing:batch_retry": "the same file again", "issuing:delivery": "", "issuing:delivery_print": "",
    "issuing:hand_over": "can be struck out; the log says by whom", "issuing:register": "",
    "issuing:register_check": "reads, and tells what it found", "issuing:paper_template": "holds nobody",
    "issuing:certificate": "", "teaching:home": "", "teaching:course": "", "teaching:learners": "", "teaching:step": "",
    "teaching:waiting": "", "teaching:file": "",
    "teaching:submission": "one piece of work is judged; the log says by whom",
    "insight:home": "", "insight:quiz": "", "insight:question": "", "insight:rebuild": "figures are worked out again",
    "insight:export": "figures without names", "insight:people": "", "insight:essays": "", "insight:attempt": "",
    "insight:person": "minutes or attempts for one person; the log says why and by whom",
    "insight:essay": "one piece of work is judged; the log says by whom",
}  # fmt: skip


def addresses(resolver: URLResolver, path: str = "", space: str = "") -> dict[str, str]:
    """Name → path of every address."""
    found = {}
    for entry in resolver.url_patterns:
        here = path + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found |= addresses(entry, here, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern) and entry.name:
            found[space + entry.name] = here
    return found


def test_every_address_of_an_office_says_whether_it_needs_a_proof():
    offices = {name for name, path in addresses(get_resolver()).items() if path.startswith("quan-ly/")}
    proved = {address for address, _ in CASES.values()}
    assert offices - proved - FREE.keys() == set(), "new addresses: put each into CASES or FREE"
    assert FREE.keys() - offices == set()
    assert proved & FREE.keys() == set()
