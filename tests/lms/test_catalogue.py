"""The admins speak Vietnamese: no text of Wagtail or Django is left out, in their pages or in their scripts."""

from __future__ import annotations

import gettext
import json
import re
from pathlib import Path

import django
import pytest
from django.apps import apps
from django.conf import global_settings, settings
from django.utils.translation import gettext as translated
from django.utils.translation import ngettext

from people.models import User
from tests.people.test_accounts_screens import PLACEHOLDER, read_po

OURS = Path(settings.BASE_DIR) / "locale" / "vi" / "LC_MESSAGES"
MARKUP = re.compile(r"</?(?:a|b|em|span|strong|br)\b[^>]*>")
# The tone stands on the second vowel: xoá, khoá, huỷ. Wagtail's own Vietnamese spells otherwise.
OLD_SPELLING = re.compile(r"(?:óa|òa|ỏa|õa|ọa|óe|òe|ỏe|ọe|úy|ùy|ủy|ũy|ụy)(?!\w)", re.IGNORECASE)
WAGTAIL_APPS = {app.name: Path(app.path) for app in apps.get_app_configs() if app.name.split(".")[0] == "wagtail"}


def source_of(app: str, domain: str) -> Path:
    return WAGTAIL_APPS[app] / "locale" / "en" / "LC_MESSAGES" / f"{domain}.po"


@pytest.mark.parametrize("app", sorted(WAGTAIL_APPS))
def test_no_text_of_wagtail_is_left_out(app):
    source = source_of(app, "django")
    theirs = read_po(source) if source.exists() else {}
    ours = read_po(OURS / "django.po")
    assert [key for key in theirs if key not in ours] == []


def test_there_is_something_to_compare():
    assert {"wagtail", "wagtail.admin", "wagtail.images", "wagtail.documents", "wagtail.users"} <= WAGTAIL_APPS.keys()
    assert len(read_po(source_of("wagtail.admin", "django"))) > 800


def test_no_text_of_the_scripts_is_left_out():
    theirs, ours = read_po(source_of("wagtail.admin", "djangojs")), read_po(OURS / "djangojs.po")
    assert len(theirs) > 80
    assert [key for key in theirs if key not in ours] == []


DJANGO = {"django.conf": Path(django.__file__).parent / "conf"} | {
    app.name: Path(app.path) for app in apps.get_app_configs() if app.name.startswith(("django.", "taggit"))
}
#: Texts of Django that nobody here is shown: names of languages, and the page of a project without addresses.
NEVER_SHOWN = {name for _, name in global_settings.LANGUAGES} | {
    "The install worked successfully! Congratulations!",
    "Django Documentation",
    "Django Community",
    "Topics, references, &amp; how-to’s",
    "Tutorial: A Polling App",
    "Get started with Django",
    "Connect, get help, or contribute",
}


@pytest.mark.parametrize("domain", ["django", "djangojs"])
@pytest.mark.parametrize("app", sorted(DJANGO))
def test_no_text_of_django_is_left_out(app, domain):
    """Django has its own Vietnamese; where it misses a text, ours says it."""
    folder = DJANGO[app] / "locale"
    files = [folder / language / "LC_MESSAGES" / f"{domain}.po" for language in ("en", "vi")]
    source, theirs = (read_po(file) if file.exists() else {} for file in files)
    known = {key for key, (texts, flags) in theirs.items() if all(texts) and "fuzzy" not in flags}
    missing = source.keys() - known - read_po(OURS / f"{domain}.po").keys()
    of_the_first_page = {key for key in missing if "release notes</a>" in key[1] or "DEBUG=True</a>" in key[1]}
    assert {key[1] for key in missing - of_the_first_page} - NEVER_SHOWN == set()


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_entries_are_whole(domain):
    for (_, msgid, plural), (texts, flags) in read_po(OURS / f"{domain}.po").items():
        source = plural or msgid
        assert "fuzzy" not in flags, msgid
        assert len(texts) == 1, msgid
        assert texts[0], msgid
        assert sorted(PLACEHOLDER.findall(texts[0])) == sorted(PLACEHOLDER.findall(source)), msgid
        assert sorted(MARKUP.findall(texts[0])) == sorted(MARKUP.findall(source)), msgid
        assert not OLD_SPELLING.search(texts[0]), texts[0]


def test_compiled_scripts_catalogue_is_the_written_one():
    with (OURS / "djangojs.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for (context, msgid, plural), (texts, _) in read_po(OURS / "djangojs.po").items():
        if context:
            assert compiled.pgettext(context, msgid) == texts[0]
        else:
            assert (compiled.ngettext(msgid, plural, 2) if plural else compiled.gettext(msgid)) == texts[0]


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("Your most recent edits", "Nội dung bạn sửa gần đây"),
        ("Save draft", "Lưu bản nháp"),
        ("Unpublish", "Gỡ xuống"),
        ("Snippets", "Đoạn mẫu"),
        ("live + draft", "đã xuất bản + bản nháp"),
        ("The page could not be saved due to validation errors.", "Chưa lưu được trang vì có mục điền chưa đúng."),
    ],
)
def test_words_of_the_editors(english, vietnamese):
    assert translated(english) == vietnamese


@pytest.mark.parametrize("count", [1, 3])
def test_one_form_for_every_number(count):
    text = ngettext("%(num_pages)d page has been moved", "%(num_pages)d pages have been moved", count)
    assert text % {"num_pages": count} == f"Đã chuyển {count} trang"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/cms/jsi18n/", "/quan-tri-he-thong/jsi18n/"])
def test_scripts_get_our_words(client, editor, address):
    User.objects.filter(pk=editor.pk).update(is_staff=True)
    client.force_login(editor)
    answer = client.get(address)
    assert answer.status_code == 200
    found = re.search(r"const newcatalog = (\{.*?\n  \});", answer.content.decode(), re.DOTALL)
    assert found
    catalogue = json.loads(found[1])
    for (context, msgid, plural), (texts, _) in read_po(OURS / "djangojs.po").items():
        assert catalogue[f"{context}\x04{msgid}" if context else msgid] == ([texts[0]] if plural else texts[0])
