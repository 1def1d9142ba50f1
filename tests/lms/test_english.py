"""English as the second language: who gets it, that nothing is left without it, that it stays out of records."""

from __future__ import annotations

import gettext
import re
import shutil
import subprocess
import sys
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.forms import DateField
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format, localize

from common import jobs
from common.language import on_record
from common.models import JobState
from tests.factories.people import UserFactory
from tests.people.test_accounts_screens import PLACEHOLDER, read_po
from tests.proof import with_second_step

ROOT = Path(settings.BASE_DIR)
CATALOGUES = sorted(
    path for path in ROOT.glob("**/locale/en/LC_MESSAGES/django.po") if not {".venv", "var"} & set(path.parts)
)
ROOMS = ["lms", "cms", "kpi", "quizzes", "certificates", "courses", "people", "common"]
MARKUP = re.compile(r"</?\w+[^>]*>")
LOGIN = "/tai-khoan/login/"


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT)).split("/locale")[0]


def _collected(folder: Path) -> set[tuple[str | None, str, str | None]]:
    """The texts that the sources mark, as ``script/messages`` collects them, from a copy."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("*.po", "*.mo", "__pycache__"))
    (folder / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "en", "--extension", "html,txt,py"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return {key for path in folder.glob("**/django.po") for key in read_po(path)}


@pytest.mark.anywhere
def test_no_text_is_left_without_english(tmp_path):
    """What ``script/messages`` would collect today is what the catalogues hold."""
    collected, written = _collected(tmp_path), {key for path in CATALOGUES for key in read_po(path)}
    assert collected
    assert sorted(map(str, collected - written)) == []
    assert sorted(map(str, written - collected)) == [], "no longer used: script/messages takes them out"


@pytest.mark.anywhere
def test_one_text_has_one_english():
    said: dict = {}
    for path in CATALOGUES:
        for key, (texts, _flags) in read_po(path).items():
            said.setdefault(key, set()).add(tuple(texts))
    assert {key: texts for key, texts in said.items() if len(texts) > 1} == {}


@pytest.mark.anywhere
@pytest.mark.parametrize("path", CATALOGUES, ids=_id)
def test_entries_are_whole(path):
    for (_, msgid, plural), (texts, flags) in read_po(path).items():
        assert "fuzzy" not in flags, msgid
        assert all(texts), msgid
        assert len(texts) == (2 if plural else 1), msgid
        for text in texts:
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(msgid)), msgid
            assert sorted(MARKUP.findall(text)) == sorted(MARKUP.findall(msgid)), msgid


@pytest.mark.anywhere
@pytest.mark.parametrize("path", CATALOGUES, ids=_id)
def test_compiled_catalogue_is_the_written_one(path):
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for (context, msgid, plural), (texts, _) in read_po(path).items():
        if plural:
            read = partial(compiled.npgettext, context) if context else compiled.ngettext
            assert [read(msgid, plural, count) for count in (1, 2)] == list(texts)
        else:
            assert (compiled.pgettext(context, msgid) if context else compiled.gettext(msgid)) == texts[0]


# --- Who gets which language ----------------------------------------------------------------------------------------
def _root(answer) -> str:
    return re.search(r'<html lang="(\w+)"', answer.content.decode())[1]


def _reader(language: str = "", **headers) -> Client:
    client = Client(headers=headers)
    if language:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("chosen", "browser", "shown"),
    [
        ("", "", "vi"),
        ("", "en-US,en;q=0.9", "vi"),  # a phone as the shop set it up
        ("en", "vi", "en"),
        ("vi", "en", "vi"),
        ("fr", "", "vi"),
        ("en-gb", "", "vi"),
        ('en"><script>', "", "vi"),
    ],
)
def test_only_a_choice_counts(chosen, browser, shown):
    answer = _reader(chosen, **{"accept-language": browser}).get(LOGIN)
    assert (_root(answer), answer.headers["Content-Language"]) == (shown, shown)


@pytest.mark.django_db
def test_the_switch_leads_back_to_the_page_and_holds():
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("language"), {"language": "en", "next": f"{LOGIN}?next=/viec-hoc/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{LOGIN}?next=/viec-hoc/")
    page = client.get(LOGIN)
    assert _root(page) == "en"
    assert '<button type="submit" name="language" value="vi"' in page.content.decode()


@pytest.mark.django_db
def test_the_switch_leads_nowhere_else():
    answer = Client().post(reverse("language"), {"language": "en", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"


@pytest.fixture
def administrator():
    return with_second_step(UserFactory(full_name="Bùi Quang Uý", is_staff=True, is_superuser=True))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("coordinator", "/quan-ly/"),
        ("editor", "/cms/"),
        ("editor", "/cms/viet/"),
        ("administrator", "/quan-tri-he-thong/"),
    ],
)
def test_offices_are_read_in_english_and_offer_the_other_language(client, request, role, path):
    client.force_login(request.getfixturevalue(role))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(path)
    assert page.status_code == 200
    assert _root(page) == "en"
    assert '<button type="submit" name="language" value="vi"' in page.content.decode()


@pytest.mark.django_db
def test_a_job_runs_in_the_language_of_who_asked_for_it(learner):
    @jobs.register("test.speaks")
    def _speak(progress):
        with on_record():
            kept = str(JobState.FAILED.label)
        return {"said": str(JobState.FAILED.label), "kept": kept}

    with translation.override("en"):
        job = jobs.job_open(kind="test.speaks", owner=learner, title="x")
    jobs.job_run(uuid=str(job.uuid))
    job.refresh_from_db()
    assert job.result == {"said": "Failed", "kept": "Không làm được"}


@pytest.mark.django_db
def test_kept_pages_are_kept_for_each_language(province):
    vietnamese, english = Client(), _reader("en")
    for _ in range(2):
        assert _root(vietnamese.get("/khoa-hoc/")) == "vi"
        assert _root(english.get("/khoa-hoc/")) == "en"


def test_english_days_and_numbers():
    with translation.override("en"):
        assert date_format(date(2026, 8, 1)) == "1 August 2026"
        assert localize(1234567.5) == "1,234,567.5"
        assert DateField().clean("01/08/2026") == date(2026, 8, 1)
