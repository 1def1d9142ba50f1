"""Every form sent as it comes, with nothing filled in: it says in Vietnamese what is missing, and never breaks.

Whether what it says is Vietnamese is asked by who listens to every answer (``tests.language``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import reverse

from people.models import Role
from tests.factories import cms as make
from tests.factories.people import MembershipFactory, UserFactory
from tests.lms.test_role_matrix import LISTS, PAGES, signed_in, world  # noqa: F401
from tests.proof import prove, with_second_step

pytestmark = [pytest.mark.slow, pytest.mark.anywhere]

_FORM = re.compile(r"<form\b([^>]*\bmethod=\"post\"[^>]*)>(.*?)</form>", re.IGNORECASE | re.DOTALL)
_ACTION = re.compile(r"\baction=\"([^\"]*)\"")
_HIDDEN = re.compile(r"<input\b[^>]*\btype=\"hidden\"[^>]*>", re.IGNORECASE)
_NAME, _VALUE = re.compile(r"\bname=\"([^\"]*)\""), re.compile(r"\bvalue=\"([^\"]*)\"")
#: What a script of Wagtail's would add: no blocks.
NO_BLOCKS = {"body-count": "0", "sections-count": "0"}
#: Nothing is sent to these: leaving, and changing how pages are shown.
LEFT_ALONE = ("/tai-khoan/logout/", "/viec-hoc/cach-doc/")


def forms_of(client, addresses: Iterable[str]) -> dict[str, dict[str, str]]:
    """Where the forms of some pages lead, and what they carry without being filled in."""
    found = {}
    for address in addresses:
        response = client.get(address)
        if response.status_code != 200 or not response.headers["Content-Type"].startswith("text/html"):
            continue
        for attributes, inside in _FORM.findall(response.content.decode()):
            action = _ACTION.search(attributes)
            hidden = {
                name[1]: unescape(value[1]) if (value := _VALUE.search(tag)) else ""
                for tag in _HIDDEN.findall(inside)
                if (name := _NAME.search(tag))
            }
            target = urljoin(address, unescape(action[1])) if action else address
            if urlsplit(target).path not in LEFT_ALONE:
                found[target] = NO_BLOCKS | hidden
    return found


def send_empty(client, forms: dict[str, dict[str, str]]) -> dict[str, int]:
    """Send each as it stands; returns what broke."""
    answers = {target: client.post(target, carried, follow=True).status_code for target, carried in forms.items()}
    return {target: status for target, status in answers.items() if status >= 500}


def test_offices(client, world):  # noqa: F811
    signed_in(client, world, Role.ADMINISTRATOR)
    pages = {page.address(world, "own") for page in PAGES.values() if page.method == "get"}
    forms = forms_of(client, sorted(pages | {reverse(name) + tail for name, (tail, _) in LISTS.items()}))
    assert len(forms) > 15
    assert send_empty(client, forms) == {}


def test_learners(client, learner):
    course = make.course(lessons=2, title="Khoá thử")
    client.force_login(learner)
    prove(client)
    pages = [
        *("/viec-hoc/", "/viec-hoc/ghi-chu/", "/viec-hoc/bat-dau/", "/chung-nhan/", "/xac-minh/", course.url),
        *("/tai-khoan/thong-tin/", "/tai-khoan/noi-o/", "/tai-khoan/email/", "/tai-khoan/password/change/"),
        f"{course.url}bai-1/",
    ]
    forms = forms_of(client, pages)
    assert len(forms) > 8
    assert send_empty(client, forms) == {}


def test_the_admins(client, province):
    """The forms of Wagtail and Django that editors and administrators fill in."""
    user = with_second_step(UserFactory(full_name="Bùi Quang Uý", is_staff=True, is_superuser=True))
    MembershipFactory(user=user, unit=province.root, audience=province.staff, role=Role.ADMINISTRATOR)
    client.force_login(user)
    course = make.course(lessons=1, title="Khoá thử")
    lesson, home = course.get_children()[0], course.get_parent().get_parent()
    prove(client)
    pages = [
        *(f"/cms/pages/{page.pk}/edit/" for page in (home, course.get_parent(), course, lesson)),
        *(f"/cms/pages/add/cms/{kind}/{parent.pk}/" for kind, parent in (("lessonpage", course), ("quizpage", course))),
        *(f"/cms/pages/{lesson.pk}/{act}/" for act in ("move", "unpublish", "delete", "history", "usage")),
        *("/cms/images/add/", "/cms/documents/add/", "/cms/users/new/", "/cms/collections/add/"),
        *("/cms/sites/new/", "/cms/snippets/", "/cms/cau-hoi/"),
        *(reverse(f"admin:people_{model}_add") for model in ("user", "membership", "audience")),
        reverse("admin:password_change"),
    ]
    forms = forms_of(client, pages)
    assert len(forms) > 15
    assert send_empty(client, forms) == {}
