"""Teaching, teams and reconstitution for who reads English; what is kept, sent or signed of them stays Vietnamese."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from common.models import AuditEntry
from courses.models import Submission, SubmissionState
from courses.teaching_rules import distribution, spread
from courses.team_rules import Seat, team_gaps
from courses.waiting import members_untrained, teams_without_leader, work_to_sign_off
from people.models import Notice, RosterVersion, UnitKind
from people.services import structures_rebuild
from tests.courses.test_teaching import addresses, handed_in, instructor, taught  # noqa: F401  (fixtures)
from tests.courses.test_teams import _today, course, team, url  # noqa: F401  (fixtures)
from tests.english import VIETNAMESE, english, held_texts
from tests.factories.people import UnitFactory
from tests.proof import prove

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def browser_of(user):
    """A browser whose owner chose English and has just proved who they are."""
    browser = Client()
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    browser.force_login(user)
    prove(browser)
    return browser


def english_of(answer, status=200):
    return english(answer, status, held=held_texts())


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()


# --- Teaching -------------------------------------------------------------------------------------------------------
def test_pages_of_teaching(taught, instructor):  # noqa: F811
    desk = browser_of(instructor)
    said = " ".join(english_of(desk.get(address)) for address in addresses(taught))
    assert "Most people stopped at" in said
    assert "of 2 people enrolled" in said
    assert english_of(desk.get(reverse("teaching:learners", args=[taught.uuid]), {"tinh-trang": "dung-lai", "q": "x"}))


def test_work_that_waits(handed_in, instructor):  # noqa: F811
    desk = browser_of(instructor)
    assert "1 task." in english_of(desk.get(reverse("teaching:waiting")))
    where = reverse("teaching:submission", args=[handed_in.mine.uuid])
    english_of(desk.get(where))
    assert "Tell the learner what is missing" in english_of(desk.post(where, {"viec": "tra-lai"}), 400)
    desk.post(where, {"viec": "tra-lai", "comment": "Thiếu ảnh"})
    assert Submission.objects.get(pk=handed_in.mine.pk).state == SubmissionState.RETURNED
    assert Notice.objects.get().subject == "Bài thực hành cần làm lại"
    assert "Nhận xét: Thiếu ảnh" in Notice.objects.get().body
    english_of(desk.get(where))


# --- Teams ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["coordinator", "lead", "leader"])
def test_pages_of_teams(request, team, course, who):  # noqa: F811
    desk = browser_of(getattr(team, who, None) or request.getfixturevalue(who))
    for name in ("home", "list"):
        english_of(desk.get(reverse(f"teams:{name}"), follow=True))
    english_of(desk.get(reverse("teams:list"), {"loc": "chua-du"}))
    for name in ("team", "history"):
        english_of(desk.get(url(team, name)))
    english_of(desk.get(url(team, "history"), {"ngay": "32/13/2026"}))
    assert "people reminded: " in english_of(desk.post(url(team, "remind"), follow=True))
    assert "You can remind again from 25 November 2026." in english_of(desk.post(url(team, "remind"), follow=True))


def test_a_team_that_lacks_everything(province, coordinator):
    unit = UnitFactory(code="TO-9", name="Tổ CNSCĐ thôn Trống", kind=UnitKind.TEAM, parent=province.north)
    structures_rebuild()
    page = english_of(browser_of(coordinator).get(reverse("teams:team", args=[unit.uuid])))
    assert "The team has no members yet." in page


def test_reminders_are_vietnamese(team, course, coordinator):  # noqa: F811
    browser_of(team.leader).post(url(team, "remind"))
    browser_of(coordinator).post(reverse("teams:remind_leaders"))
    told = list(Notice.objects.values_list("subject", flat=True))
    assert told
    assert set(told) <= {"Nhắc học năm 2026", "Tổ của bạn chưa hoạt động"}


def test_the_list_for_signing_is_vietnamese(client, team, course):  # noqa: F811
    client.force_login(team.leader)
    sheets = [
        re.search(r"<article.*</article>", browser.get(url(team), {"in": 1}).content.decode(), re.DOTALL)[0]
        for browser in (client, browser_of(team.leader))
    ]
    assert sheets[0] == sheets[1]
    english_of(browser_of(team.leader).get(url(team), {"in": 1}))


def test_a_reconstitution(team, course, coordinator):  # noqa: F811
    desk = browser_of(coordinator)
    people = [team.leader, team.binh, team.cuong, team.duyen]
    asked = {"o-lai": [str(one.uuid) for one in people], "to-truong": str(people[1].uuid), "effective_on": "22/11/2026"}
    english_of(desk.get(url(team, "reconstitute")))
    wrong = desk.post(url(team, "reconstitute"), {**asked, "o-lai": [str(team.leader.uuid)], "decision_date": "x"})
    assert "The person chosen as team leader is not ticked" in english_of(wrong)
    for sent in ({}, {"full_name": "Lê Thị Bình", "birth_date": "2/2/1990", "phone": "0912345671"}):
        english_of(desk.post(url(team, "add_member"), sent))
    assert "person found." in english_of(desk.get(url(team, "add_member"), {"q": "Bình"}))
    assert desk.post(url(team, "reconstitute"), asked).status_code == 302
    assert "The team will have 4 people from 22 November 2026" in english_of(desk.get(url(team, "preview")))
    assert "The new composition of the team is saved" in english_of(desk.post(url(team, "save"), follow=True))
    english_of(desk.get(url(team, "history")))
    titles = {member["title"] for member in RosterVersion.objects.get(unit=team.unit).members}
    assert "Bí thư chi bộ" in titles
    acts = AuditEntry.objects.filter(subject_uuid=team.unit.uuid).values_list("before", "after", "detail")
    assert not any("Team leader" in str(act) or "Learner" in str(act) for act in acts)


def test_people_of_a_unit(province, coordinator, learner):
    english_of(browser_of(coordinator).get(reverse("unit_learning:people", args=[province.north.uuid])))


# --- Words ----------------------------------------------------------------------------------------------------------
def test_rules_say_it_in_english():
    leader, silent = Seat(leads=True, reachable=False), Seat(leads=False, reachable=False)
    teams = ([], [silent], [leader], [leader, leader] + 8 * [silent])
    with translation.override("en"):
        gaps = [gap for seats in teams for gap in team_gaps(seats)]
        said = [text for gap in gaps for text in (gap.label, gap.text, gap.fix)]
        said += [bar.name for bar in distribution({3: 5})] + [spread({3: 4, 7: 1, 11: 4}).half, spread({1: 5}).middle]
    assert not any(VIETNAMESE.search(text) for text in said)
    assert {"under 1 minute", "1–3 minutes", "30 minutes and more"} <= set(said)


@pytest.mark.parametrize("teller", [members_untrained, teams_without_leader, work_to_sign_off])
def test_what_waits(team, course, coordinator, teller):  # noqa: F811
    with translation.override("en"):
        for viewer in (team.leader, coordinator):
            assert not any(VIETNAMESE.search(waiting.words) for waiting in teller(viewer))
