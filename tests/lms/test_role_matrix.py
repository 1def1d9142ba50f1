"""Role × unit: every page and export under ``/quan-ly/``, for each role, against own, child, sibling and parent unit.

Two questions. Who may open it? The table says so; everybody else gets 403 with an office and 404 without one. And what
opens: does it name anybody who stands only in a sibling or in the parent? Nobody is read about sideways or upwards, on
any page, in any file. A new address under ``/quan-ly/`` that is missing here fails ``test_no_address_is_forgotten``.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from openpyxl import load_workbook

from common import audit
from common.models import Job
from courses.models import Submission
from people import access
from people.models import Outcome, Role, RosterImport, RosterRow, RosterState, UnitKind
from people.services import structures_rebuild
from people.views_units import FORMS
from tests.factories.certificates import completions, propose, series_defaults
from tests.factories.courses import course_with_steps
from tests.factories.kpi import IndicatorFactory, ProgrammeFactory, TargetFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.factories.rosters import people_rows, xlsx_bytes
from tests.proof import prove, with_second_step

pytestmark = [pytest.mark.slow, pytest.mark.anywhere]

PLACES = ("own", "child", "sibling", "parent")
INSIDE = ("own", "child")
#: Nobody else in the small province bears these names; whoever reads one reads about that unit's people.
NAMES = {
    "own": "Ngô Thị Nhà Mình",
    "child": "Ngô Văn Nhà Con",
    "sibling": "Lò Thị Láng Giềng",
    "parent": "Lò Văn Cấp Trên",
}
MANAGERS = access.MANAGING
#: Whoever may know that pages of teaching exist: every office, and instructors, for whom no other page does.
TEACHERS = access.MANAGING | access.TEACHING
World = SimpleNamespace
Address = Callable[[World, str], str]


@dataclass(frozen=True)
class Page:
    """An address, the roles that it opens for inside their scope, and how it is asked for."""

    address: Address
    roles: frozenset[str]
    method: str = "get"
    offices: frozenset[str] = MANAGERS


def of_unit(name: str, tail: str = "") -> Address:
    return lambda world, place: reverse(name, args=[world.units[place].uuid]) + tail


def of_team(name: str, tail: str = "") -> Address:
    return lambda world, place: reverse(name, args=[world.teams[place].uuid]) + tail


def of_roster(name: str, *more: Any) -> Address:
    return lambda world, place: reverse(name, args=[world.rosters[place].uuid, *more])


def of_batch(name: str) -> Address:
    return lambda world, place: reverse(name, args=[world.batches[place].uuid])


def kpi_of(name: str, *args: str, tail: str = "") -> Address:
    return lambda world, place: f"{reverse(name, args=args)}?don-vi={world.units[place].uuid}{tail}"


def teaching_of(name: str, *args: Callable[[World], Any]) -> Page:
    def address(world: World, place: str) -> str:
        return f"{reverse(name, args=[arg(world) for arg in args])}?don-vi={world.units[place].uuid}"

    return Page(address, access.TEACHING, offices=TEACHERS)


def of_work(name: str, method: str = "get") -> Page:
    return Page(
        lambda world, place: reverse(name, args=[world.works[place].uuid]), access.SIGNING_OFF, method, TEACHERS
    )


def course_uuid(world: World) -> Any:
    return world.course.uuid


#: Pages of figures that name people.
NAMING = ("kpi:people", "kpi:missing", "kpi:programme ")
#: Pages that belong to a unit.
PAGES: dict[str, Page] = {
    "unit_learning:people": Page(of_unit("unit_learning:people"), MANAGERS),
    "kpi:dashboard": Page(kpi_of("kpi:dashboard"), access.KPI_READING),
    "kpi:indicator": Page(kpi_of("kpi:indicator", "BG23-M1"), access.KPI_READING),
    "kpi:people": Page(kpi_of("kpi:people", "BG23-M1"), access.KPI_READING),
    "kpi:people csv": Page(kpi_of("kpi:people", "BG23-M1", tail="&dang=csv"), access.KPI_READING),
    **{f"kpi:{name}": Page(kpi_of(f"kpi:{name}"), access.KPI_READING) for name in ("map", "equity", "programmes")},
    "kpi:programme people": Page(kpi_of("kpi:programme", "BG23-M1"), access.KPI_READING),
    "kpi:missing": Page(kpi_of("kpi:missing", "BG23-M3"), access.KPI_READING),
    "kpi:missing xlsx": Page(kpi_of("kpi:missing", "BG23-M3", tail="&dang=xlsx"), access.KPI_READING),
    "kpi:missing_reminders": Page(kpi_of("kpi:missing_reminders", "BG23-M3"), access.ROSTER_KEEPING, "post"),
    **{
        f"kpi:{name}": Page(kpi_of(f"kpi:{name}"), roles)
        for roles, names in (
            (access.KPI_READING, ("targets", "findings", "populations", "declarations")),
            (access.KPI_KEEPING, ("population_edit", "population_import", "population_template")),
        )
        for name in names
    },
    "kpi:target_history": Page(kpi_of("kpi:target_history", "BG23-M1"), access.KPI_READING),
    "kpi:target_edit": Page(kpi_of("kpi:target_edit", "BG23-M1"), access.KPI_KEEPING),
    "kpi:target_drop": Page(kpi_of("kpi:target_drop", "BG23-M1"), access.KPI_KEEPING, "post"),
    "issuing:batch": Page(of_batch("issuing:batch"), access.PROPOSING),
    "rosters:template": Page(of_unit("rosters:template"), access.ROSTER_KEEPING),
    "rosters:export": Page(of_unit("rosters:export"), access.ROSTER_KEEPING),
    "rosters:export csv": Page(of_unit("rosters:export", "?dang=csv"), access.ROSTER_KEEPING),
    "rosters:roster": Page(of_roster("rosters:roster"), access.ROSTER_KEEPING),
    "rosters:rejects": Page(of_roster("rosters:rejects"), access.ROSTER_KEEPING),
    "rosters:decide": Page(of_roster("rosters:decide", 3), access.ROSTER_KEEPING, "post"),
    "rosters:decide_all": Page(of_roster("rosters:decide_all"), access.ROSTER_KEEPING, "post"),
    "rosters:confirm_leavers": Page(of_roster("rosters:confirm_leavers"), access.ROSTER_KEEPING, "post"),
    "rosters:apply": Page(of_roster("rosters:apply"), access.ROSTER_KEEPING, "post"),
    "rosters:cancel": Page(of_roster("rosters:cancel"), access.ROSTER_KEEPING, "post"),
    "slips:unit": Page(of_unit("slips:unit"), access.TEAM_LEADING),
    "slips:print": Page(of_unit("slips:print"), access.TEAM_LEADING, "post"),
    "units:unit": Page(of_unit("units:unit"), MANAGERS),
    **{
        f"units:change {act}": Page(
            lambda world, place, act=act: reverse("units:change", args=[world.units[place].uuid, act]),
            access.TREE_KEEPING,
        )
        for act in FORMS
    },
    "units:succeed": Page(of_unit("units:succeed"), access.TREE_KEEPING),
    "teams:team": Page(of_team("teams:team"), access.TEAM_LEADING),
    "teams:team in": Page(of_team("teams:team", "?in=1"), access.TEAM_LEADING),
    "teams:remind": Page(of_team("teams:remind"), access.TEAM_LEADING, "post"),
    "teams:history": Page(of_team("teams:history"), access.TEAM_LEADING),
    "teams:reconstitute": Page(of_team("teams:reconstitute"), access.ROSTER_KEEPING),
    "teams:add_member": Page(of_team("teams:add_member"), access.ROSTER_KEEPING),
    "teams:preview": Page(of_team("teams:preview"), access.ROSTER_KEEPING, "post"),
    "teams:save": Page(of_team("teams:save"), access.ROSTER_KEEPING, "post"),
    "teaching:home of a unit": teaching_of("teaching:home"),
    "teaching:course": teaching_of("teaching:course", course_uuid),
    "teaching:learners": teaching_of("teaching:learners", course_uuid),
    "teaching:step": teaching_of("teaching:step", course_uuid, lambda world: world.course.steps.get().uuid),
    "teaching:submission": of_work("teaching:submission"),
    "teaching:submission post": of_work("teaching:submission", "post"),
    "teaching:file": of_work("teaching:file"),
}
#: Pages that are the same address for every unit: they open for the roles and must keep to the scope by themselves.
LISTS: dict[str, tuple[str, frozenset[str]]] = {
    "manage_home": ("", TEACHERS),
    "teaching:home": ("", access.TEACHING),
    "teaching:waiting": ("", access.SIGNING_OFF),
    "rosters:home": ("", access.ROSTER_KEEPING),
    "rosters:upload": ("", access.ROSTER_KEEPING),
    "merging:alike": ("", access.ROSTER_KEEPING),
    "slips:home": ("?q=", access.TEAM_LEADING),
    "units:tree": ("?q=a", MANAGERS),
    "units:unmapped": ("", access.TREE_KEEPING),
    "audit:log": ("?q=Lò", access.AUDIT_READING),
    "audit:export": ("", access.AUDIT_READING),
    "teams:home": ("", access.TEAM_LEADING),
    "teams:list": ("?q=", access.TEAM_LEADING),
    "issuing:batches": ("", MANAGERS),
    "issuing:batch_new": ("", access.PROPOSING),
    "kpi:dashboard": ("", access.KPI_READING),
    "kpi:closings": ("", MANAGERS),
    "kpi:closing_new": ("", access.KPI_KEEPING),
    "kpi:targets": ("", access.KPI_READING),
    "kpi:populations": ("", access.KPI_READING),
    "kpi:declarations": ("", access.KPI_READING),
    "kpi:calendar": ("", access.KPI_READING),
    "kpi:calendar_file": ("", access.KPI_READING),
    "kpi:duties": ("", access.KPI_READING),
    "kpi:reports": ("", access.KPI_READING),
    "kpi:report_new": ("", access.KPI_READING),
}
#: Held elsewhere: their own tests ask owner, colleague and stranger, because they hang on more than a unit.
ELSEWHERE = {
    "jobs:job": "tests/people/test_jobs_pages.py: the owner alone",
    "jobs:state": "tests/people/test_jobs_pages.py",
    "jobs:retry": "tests/people/test_jobs_pages.py",
    "jobs:file": "tests/people/test_jobs_pages.py",
    **{
        f"kpi:{name}": "tests/kpi/test_views_reports.py: the unit's readers; duties and reopening by keepers"
        for name in (
            *("dues_remind", "duty", "due", "due_reopen", "due_excuse", "decision_span", "calendar_link"),
            *("report", "report_edit", "report_issue"),
            *("report_files", "report_drop", "report_file"),
        )
    },
    **{
        f"insight:{name}": "tests/quizzes/test_insight.py: figures by role, people by scope"
        for name in (
            *("home", "essays", "essay", "regrade", "quiz", "rebuild"),
            *("export", "question", "people", "person", "attempt"),
        )
    },
    "merging:merge": "tests/lms/test_merging.py: whoever keeps the lists of both records",
    "kpi:person": "tests/kpi/test_explaining.py: whoever reads the figures of a unit of the person",
    "kpi:target_allocation": "tests/kpi/test_targets.py: who keeps a unit that has a target",
    "kpi:population_faults": "tests/kpi/test_populations.py: who sent the file",
    **{
        f"kpi:{name}": "tests/kpi/test_declarations.py: who declares, who answers"
        for name in ("declare", "declaration", "declaration_evidence")
    },
    "teams:remind_leaders": "tests/courses/test_teams.py: reminds only leaders in scope",
    "units:import": "tests/people/units: whoever keeps the tree of the whole province",
    "units:import_template": "tests/people/units: whoever keeps the tree of the whole province",
    "issuing:batch_approve": "tests/certificates/test_views.py: the issuing unit",
    "issuing:batch_reject": "tests/certificates/test_views.py",
    **{
        f"issuing:{name}": "tests/certificates/test_lists.py: the two offices of a list"
        for name in ("batch_items", "batch_check", "decision_file")
    },
    **{
        f"issuing:{name}": "tests/certificates/test_progress.py: the two offices of a list, the issuing side acts"
        for name in ("progress", "progress_state", "batch_pause", "batch_resume", "batch_retry", "batch_bundle")
    },
    **{
        f"issuing:{name}": "tests/certificates/test_delivery.py: only lists that were approved have deliveries"
        for name in ("delivery", "hand_over", "delivery_print", "delivery_export")
    },
    "issuing:register": "tests/certificates/test_views.py",
    "issuing:certificate": "tests/certificates/test_views.py",
    "issuing:certificate_revoke": "tests/certificates/test_views.py",
    **{
        f"issuing:{name}": "tests/certificates/test_designs.py: who answers for the units that use a design"
        for name in (
            *("designs", "design", "design_draft", "design_publish", "design_retire", "design_drop"),
            *("design_picture", "design_pdf"),
        )
    },
    **{
        f"issuing:{name}": "tests/certificates/test_kinds.py: the issuing unit"
        for name in ("kinds", "kind_new", "kind")
    },
    "issuing:certificate_cancel": "tests/certificates/test_act_pages.py",
    "issuing:certificate_reissue": "tests/certificates/test_act_pages.py",
    "issuing:certificate_correct": "tests/certificates/test_act_pages.py",
    "issuing:certificate_copy": "tests/certificates/test_act_pages.py",
    "issuing:paper": "tests/certificates/test_paper_register.py",
    "issuing:paper_template": "tests/certificates/test_paper_register.py",
    "issuing:paper_faults": "tests/certificates/test_paper_register.py",
    "issuing:register_check": "tests/certificates/test_books.py",
    "issuing:book_export": "tests/certificates/test_books.py",
    "issuing:book_close": "tests/certificates/test_books.py",
    "issuing:copy_file": "tests/certificates/test_act_pages.py",
    "issuing:signing": "tests/certificates/test_handoff.py",
    **{
        f"kpi:{name}": "tests/kpi/test_closing_pages.py: hangs on a closing and a unit"
        for name in ("closing", "closing_compare", "closing_corrections", "closing_people")
    },
}


# --- A small province with somebody everywhere ---------------------------------------------------------------------
@pytest.fixture
def world(province: Any) -> World:
    """Own commune, a team in it, the commune beside it, the province above: people, lists, batches, figures in each."""
    units = {"own": province.north, "sibling": province.south, "parent": province.root}
    teams = {
        place: UnitFactory(
            code=f"TO-{PLACES.index(place)}", name=f"Tổ CNSCĐ số {PLACES.index(place)}", kind=UnitKind.TEAM, parent=unit
        )
        for place, unit in units.items()
    }
    units["child"] = teams["child"] = UnitFactory(code="TO-9", name="Tổ con", kind=UnitKind.TEAM, parent=units["own"])
    structures_rebuild()
    IndicatorFactory(code="BG23-M1", audiences=[province.citizen, province.team])
    TargetFactory(unit=province.root, indicator__code="BG23-M2")
    IndicatorFactory(code="BG23-M3", audiences=[province.team])
    course = course_with_steps(lessons=1)
    ProgrammeFactory(code="BG23-M1", audiences=[province.team], courses=[course])
    keeper = UserFactory(full_name="Bùi Quang Uý")
    people, works = {}, {}
    for place, name in NAMES.items():
        [completion] = completions(province, units[place], course=course, full_name=name, claimed_at=None)
        people[place] = completion.user
        works[place] = _work(completion)
        MembershipFactory(user=people[place], unit=teams[place], audience=province.team, is_main=False)
    return SimpleNamespace(
        province=province,
        units=units,
        teams=teams,
        people=people,
        course=course,
        works=works,
        rosters={place: _roster(units[place], people[place], keeper) for place in PLACES},
        batches=_batches(province, units, course, keeper),
        keeper=keeper,
    )


def _work(completion: Any) -> Submission:
    return Submission.objects.create(
        enrolment=completion.enrolment,
        step=completion.course.steps.get(),
        file=ContentFile(completion.learner_name.encode(), name="a.pdf"),
        file_name="a.pdf",
        submitted_at=completion.completed_at,
    )


def _roster(unit: Any, person: Any, keeper: Any) -> RosterImport:
    lines = people_rows({"Họ và tên": person.full_name, "Vai trò": "Vua"})
    roster = RosterImport.objects.create(
        unit=unit, file=ContentFile(xlsx_bytes(*lines), name="a.xlsx"), file_name=f"{person.full_name}.xlsx",
        sha256="0" * 64, effective_on=date(2026, 11, 20), state=RosterState.READY, made_by=keeper,
        counts={Outcome.REJECTED: 1, Outcome.DOUBTFUL: 1},
    )  # fmt: skip
    RosterRow.objects.create(
        roster=roster, number=2, cells={"Họ và tên": person.full_name}, outcome=Outcome.REJECTED,
        problems=[{"column": "Vai trò", "value": "Vua", "text": "Không có.", "fix": "Để trống.", "code": "no_role"}],
    )  # fmt: skip
    RosterRow.objects.create(
        roster=roster, number=3, cells={"Họ và tên": person.full_name}, outcome=Outcome.DOUBTFUL,
        data={"name": person.full_name}, candidates=[{"uuid": str(person.uuid), "why": "same_name_and_birth_date"}],
    )  # fmt: skip
    audit.record(actor=keeper, act="roster_apply", subject=person, unit=unit)
    Job.objects.create(kind="people.roster_check", owner=keeper, title=person.full_name)
    return roster


def _batches(province: Any, units: dict[str, Any], course: Any, keeper: Any) -> dict[str, Any]:
    MembershipFactory(user=keeper, unit=province.root, audience=province.staff, role=Role.PROVINCIAL_LEAD)
    series = series_defaults(province).official
    batches = {}
    for place in ("child", "sibling", "own", "parent"):  # small units first: the large ones hold their people too
        batches[place] = propose(
            proposer=keeper, series=series, unit=units[place], course=course, title=f"Đợt của {NAMES[place]}"
        )
    return batches


def signed_in(client: Client, world: World, role: str) -> Client:
    """Somebody with a role in the own unit, who proved themselves a moment ago."""
    user = UserFactory(full_name=f"Đinh {Role(role).label}")
    MembershipFactory(user=user, unit=world.units["own"], audience=world.province.staff, role=role)
    if role in access.STAFF:
        with_second_step(user)
    client.force_login(user)
    prove(client)
    return client


def expected(page: Page, role: str, place: str) -> set[int]:
    if role not in page.offices:
        return {404}
    if role in page.roles and place in INSIDE:
        return {200, 302, 400, 409} if page.method == "post" else {200}
    return {403}


# --- The questions ---------------------------------------------------------------------------------------------------
def named_aside(what: str, response: Any) -> list[str]:
    """Whom an answer names that stands beside or above."""
    text = read(response)
    return [f"{what} names {NAMES[place]}" for place in ("sibling", "parent") if NAMES[place] in text]


@pytest.mark.parametrize("role", Role.values)
def test_who_may_open_what_and_reads_about_nobody_sideways_or_upwards(client, world, role):
    signed_in(client, world, role)
    wrong = []
    for name, page in PAGES.items():
        for place in PLACES:
            response = getattr(client, page.method)(page.address(world, place))
            if response.status_code not in expected(page, role, place):
                wrong.append(f"{name} of {place}: {response.status_code} instead of {expected(page, role, place)}")
            if page.method == "get" and place in INSIDE:
                wrong += named_aside(f"{name} of {place}", response)
    assert wrong == []


@pytest.mark.parametrize("role", Role.values)
def test_lists_open_by_role_and_name_nobody_sideways_or_upwards(client, world, role):
    signed_in(client, world, role)
    wrong = []
    for name, (tail, roles) in LISTS.items():
        response = client.get(reverse(name) + tail)
        known = TEACHERS if name.startswith("teaching:") else MANAGERS
        wanted = {200, 302} if role in roles else {403} if role in known else {404}
        if response.status_code not in wanted:
            wrong.append(f"{name}: {response.status_code} instead of {wanted}")
        wrong += named_aside(name, response)
    assert wrong == []


def test_the_names_would_be_seen_if_they_were_there(client, world):
    """The guard of the test above: whoever answers for the sibling does read its name on the same pages."""
    MembershipFactory(user=world.keeper, unit=world.province.root, role=Role.ADMINISTRATOR)
    client.force_login(with_second_step(world.keeper))
    prove(client)
    blind = {"rosters:template", "teams:add_member"}
    blind |= {name for name in PAGES if name.startswith("kpi:") and not name.startswith(NAMING)}
    blind |= {"teaching:home of a unit", "teaching:course", "teaching:step"}
    for name, page in reading():
        if name not in blind and not name.startswith("units:"):
            assert NAMES["sibling"] in read(client.get(page.address(world, "sibling"))), name


def test_no_address_is_forgotten():
    known = {name.split(" ")[0] for name in (*PAGES, *LISTS, *ELSEWHERE)}
    assert set(addresses_under("quan-ly/")) - known == set()


def reading() -> Iterator[tuple[str, Page]]:
    return ((name, page) for name, page in PAGES.items() if page.method == "get")


def read(response: Any) -> str:
    """What a person can read in an answer: HTML or CSV as it is, the cells of a workbook."""
    content = response.getvalue() if hasattr(response, "getvalue") else response.content
    if content[:2] == b"PK":
        book = load_workbook(io.BytesIO(content), read_only=True)
        return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    return content.decode("utf-8", errors="ignore")


def addresses_under(prefix: str, patterns: Any = None, path: str = "", space: str = "") -> Iterator[str]:
    """Names of every address below a prefix."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses_under(prefix, pattern.url_patterns, here, pattern.namespace or space)
        elif here.startswith(prefix):
            yield f"{space}:{pattern.name}" if space else str(pattern.name)
