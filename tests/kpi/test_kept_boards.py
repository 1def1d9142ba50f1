"""The board of a unit: made once a minute for all who may read it, behind an answer; anew for whoever acts."""

from __future__ import annotations

import time
from datetime import date
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.core.signals import request_finished
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.jobs import job_ended
from common.models import Job
from kpi import kept
from kpi.figures import table
from kpi.kept import FiguresChangedMiddleware
from kpi.models import Population
from kpi.places import place_of
from kpi.views import dashboard
from people.models import Role, User
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory, TargetFactory
from tests.factories.people import MembershipFactory, UserFactory
from tests.proof import with_second_step

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept_a_minute(settings):
    settings.KPI_BOARD_SECONDS = 60
    cache.clear()  # rows of the test before had the same ids


@pytest.fixture
def indicator(province):
    indicator = IndicatorFactory(code="BG23-T", text="100% người dân được đào tạo", audiences=[province.citizen])
    TargetFactory(indicator=indicator, unit=province.root, value=100, comparator="=")
    return indicator


@pytest.fixture
def learns(province, indicator, django_capture_on_commit_callbacks):
    """Somebody of Xuân Lương completes a course."""

    def learn():
        with django_capture_on_commit_callbacks(execute=True):
            person = UserFactory()
            MembershipFactory(user=person, unit=province.north, audience=province.citizen)
            complete(person, course_with_steps(1))

    return learn


def _counted(client, unit) -> tuple[str, int]:
    """What the board says was counted, and the queries the page took."""
    with CaptureQueriesContext(connection) as asked:
        page = client.get(reverse("kpi:dashboard"), {"don-vi": unit.uuid})
    assert page.status_code == 200
    cell = page.content.decode().split('class="n nowrap" data-l="Đã học"')[1].split("</a>")[0]
    return cell.rsplit(">", 1)[1].strip(), len(asked)


def _reader(unit, province) -> Client:
    person = MembershipFactory(user=UserFactory(), unit=unit, audience=province.staff, role=Role.PROVINCIAL_LEAD).user
    client = Client()
    client.force_login(with_second_step(person))
    return client


def test_a_second_reader_costs_nothing_and_sees_the_same(province, learns):
    learns()
    first, second = _reader(province.root, province), _reader(province.root, province)
    made, found = _counted(first, province.root), _counted(second, province.root)
    assert (made[0], found[0]) == ("1", "1")
    assert found[1] < made[1] / 2, (made, found)


def _left(answer: HttpResponse) -> None:
    """As a server closes an answer that it has sent; the connection, which holds the test's transaction, stays open."""
    request_finished.disconnect(close_old_connections)
    try:
        answer.close()
    finally:
        request_finished.connect(close_old_connections)


@pytest.fixture
def clock(monkeypatch):
    """``clock(90)``: so many seconds go by."""
    gone = [0.0]
    monkeypatch.setattr("kpi.kept.time", SimpleNamespace(time=lambda: time.time() + gone[0]))

    def go(seconds: float) -> None:
        gone[0] += seconds

    return go


def test_a_learner_is_seen_a_minute_later_and_nobody_waits_for_that(province, learns, clock):
    """Whoever comes when the board is old sees it as it was, and behind that answer it is made anew for the next."""
    reader = _reader(province.root, province)
    _, made = _counted(reader, province.root)
    learns()
    assert _counted(reader, province.root)[0] == "0"
    clock(61)
    with CaptureQueriesContext(connection) as asked:
        request = RequestFactory().get(reverse("kpi:dashboard"), {"don-vi": str(province.root.uuid)})
        request.user = User.objects.get(pk=reader.session["_auth_user_id"])
        answer = FiguresChangedMiddleware(dashboard)(request)
        assert "<main" in answer.content.decode()
        before_it_left = len(asked)
        _left(answer)
    assert before_it_left < made / 2
    assert len(asked) > before_it_left
    assert _counted(reader, province.root)[0] == "1"


def test_what_fails_behind_an_answer_takes_nothing_from_its_reader(province, learns, clock, monkeypatch, caplog):
    reader = _reader(province.root, province)
    _counted(reader, province.root)
    clock(61)
    monkeypatch.setattr("kpi.views._board", lambda *_: 1 / 0)
    assert _counted(reader, province.root)[0] == "0"
    assert "could not be made anew" in caplog.text


def test_what_is_old_is_made_anew_by_one_request_at_a_time(clock):
    made: list[int] = []

    def shown(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(kept._kept("kpi:thu", lambda: made.append(1) or len(made)))

    def ask() -> HttpResponse:
        return FiguresChangedMiddleware(shown)(RequestFactory().get("/"))

    assert ask().content == b"1"
    clock(61)
    answers = [ask() for _ in range(3)]
    assert ([answer.content for answer in answers], len(made)) == ([b"1"] * 3, 1)
    for answer in answers:
        _left(answer)
    assert (len(made), ask().content) == (2, b"2")


def test_without_a_request_nobody_gets_what_is_old(clock):
    """A job or a command has nobody who waits."""
    said = iter("abc")
    assert kept._kept("kpi:thu", lambda: next(said)) == "a"
    assert kept._kept("kpi:thu", lambda: next(said)) == "a"
    clock(61)
    assert kept._kept("kpi:thu", lambda: next(said)) == "b"


@pytest.mark.parametrize(
    ("address", "by_others"), [("/quan-ly/chi-tieu/BG23-T/chua-hoc/nhac/", "1"), ("/quan-ly/khong-co-trang-nay/", "0")]
)
def test_what_was_sent_to_an_office_is_seen_at_once(
    province, learns, address, by_others, django_capture_on_commit_callbacks
):
    """Whatever the answer was: a refusal may have come after a part was done. By whoever sent it; by others where it
    was about figures, and else with what learners do."""
    reader, other = _reader(province.root, province), _reader(province.root, province)
    assert _counted(reader, province.root)[0] == "0"
    learns()
    with django_capture_on_commit_callbacks(execute=True):
        reader.post(address)
    assert _counted(other, province.root)[0] == by_others
    assert _counted(reader, province.root)[0] == "1"
    assert _counted(other, province.root)[0] == "1"


@pytest.mark.parametrize(("kind", "by_others"), [("kpi.population_import", "1"), ("people.roster_apply", "0")])
def test_a_job_that_ended_is_seen_at_once(province, learns, kind, by_others, django_capture_on_commit_callbacks):
    reader, other = _reader(province.root, province), _reader(province.root, province)
    assert _counted(reader, province.root)[0] == "0"
    learns()
    owner = int(reader.session["_auth_user_id"])
    with django_capture_on_commit_callbacks(execute=True):
        job_ended.send(sender=Job, job=Job(kind=kind, owner_id=owner))
    assert _counted(other, province.root)[0] == by_others
    assert _counted(reader, province.root)[0] == "1"


def test_what_was_being_made_while_somebody_acted_is_too_old_for_them(province, django_capture_on_commit_callbacks):
    """The act came after the board had been read from the database, and before it was kept."""
    person = _reader(province.root, province).session["_auth_user_id"]
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=person)

    def acts() -> str:
        with django_capture_on_commit_callbacks(execute=True):
            kept._acted(request.user.pk)
        return "before"

    assert kept._kept("kpi:thu", acts) == "before"
    shown = FiguresChangedMiddleware(lambda _request: HttpResponse(kept._kept("kpi:thu", lambda: "after")))
    assert shown(request).content == b"after"


def test_units_and_years_do_not_share(province, learns, indicator):
    learns()
    reader = _reader(province.root, province)
    Population.objects.create(indicator=indicator, unit=province.south, value=7, source="Báo cáo", year=2025, quote="7")
    assert _counted(reader, province.root)[0] == "1"
    assert _counted(reader, province.south)[0] == "0"
    last_year = reader.get(reverse("kpi:dashboard"), {"don-vi": province.root.uuid, "nam": 2025}).content.decode()
    assert "Năm 2025" in last_year


def test_what_is_kept_opens_no_door(province, learns, coordinator):
    learns()
    assert _counted(_reader(province.root, province), province.root)[0] == "1"
    client = Client()
    client.force_login(coordinator)
    assert client.get(reverse("kpi:dashboard"), {"don-vi": province.root.uuid}).status_code == 403


def test_head_counts_by_list_are_kept_for_pages_and_asked_anew_for_what_is_reported(
    province, django_capture_on_commit_callbacks
):
    """Who joins is on the page a minute later, in a report at once, and on the page after an act about figures."""
    indicator = IndicatorFactory(code="BG23-L", audiences=[province.team])
    MembershipFactory(unit=province.north, audience=province.team)
    place = place_of(province.root, province.structure, [province.structure])

    def heads(**asked):
        return table(indicator, place, 2026, **asked).total.denominator.value

    assert heads() == 1
    MembershipFactory(unit=province.north, audience=province.team)
    assert heads() == 1
    assert heads(exact=True) == 2
    assert heads(as_of=date(2026, 11, 30)) == 2
    with django_capture_on_commit_callbacks(execute=True):
        job_ended.send(sender=Job, job=Job(kind="kpi.population_import"))
    assert heads() == 2
