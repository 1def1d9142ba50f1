"""The site as it must stand before editors can work: home, catalogue, lists, the standing pages."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from wagtail.models import Collection, Page, Site, Task, Workflow

from cms import shipped
from cms.models import AudienceCard, CataloguePage, CoursePage, HomePage, NewsIndexPage, PathIndexPage, StandardPage
from cms.services.editors import editor_group_ensure
from cms.services.reviewing import workflow_ensure
from common.datafiles import read_yaml
from people.models import Audience

#: Model, field, the word of Wagtail's migrations, ours.
MADE_IN_ENGLISH: tuple[tuple[type[Model], str, str, str], ...] = (
    (Page, "title", "Root", "Gốc"),
    (Page, "draft_title", "Root", "Gốc"),
    (Collection, "name", "Root", "Gốc"),
    (Group, "name", "Editors", "Biên tập viên (có sẵn)"),
    (Group, "name", "Moderators", "Người kiểm duyệt (có sẵn)"),
    (Workflow, "name", "Moderators approval", "Kiểm duyệt"),
    (Task, "name", "Moderators approval", "Kiểm duyệt"),
)


@transaction.atomic
def site_ensure(*, hostname: str = "localhost") -> HomePage:
    """Home, catalogue, paths, news, standing pages, the site record, editors' groups and workflow. Idempotent.

    What is there already stays as editors left it; only what is missing is written.
    """
    data = read_yaml(shipped.FILES[shipped.WRITTEN_IN])
    home = HomePage.objects.first() or _home_create(data["home"])
    if not Site.objects.filter(root_page=home).exists():
        Site.objects.update_or_create(
            is_default_site=True,
            defaults={"hostname": hostname, "port": 80, "root_page": home, "site_name": "Học Số"},
        )
        _welcome_remove()
    if not CataloguePage.objects.exists():
        _publish(home, CataloguePage(**data["catalogue"]))
    if not PathIndexPage.objects.exists():
        _publish(home, PathIndexPage(**data["paths"]))
    taken = home.get_children().filter(slug=data["news"]["slug"])  # by a page that editors wrote before there were news
    if not NewsIndexPage.objects.exists() and not taken.exists():
        _publish(home, NewsIndexPage(**data["news"]))
    for slug, entry in shipped.standing_pages(shipped.WRITTEN_IN).items():
        if not StandardPage.objects.child_of(home).filter(slug=slug).exists():
            _publish(home, StandardPage.of_entry(entry))
    _cards_ensure(home, data["home"]["cards"])
    _words_ensure()
    editor_group_ensure()
    workflow_ensure()
    return home


def _home_create(data: dict[str, Any]) -> HomePage:
    root = Page.get_first_root_node()
    home = HomePage(title=data["title"], slug="trang-dau", seo_title=data["seo_title"])
    root.add_child(instance=home)
    home.save_revision().publish()
    return home


def _words_ensure() -> None:
    """Wagtail's migrations name roots, groups and a workflow in English, whatever the language; editors read them."""
    for model, field, theirs, ours in MADE_IN_ENGLISH:
        model._default_manager.filter(**{field: theirs}).update(**{field: ours})


def _cards_ensure(home: HomePage, cards: list[dict[str, Any]]) -> None:
    """Write the cards of "Bạn là ai?" once their audiences are known; an editor's choice stays."""
    if home.audience_cards.exists():
        return
    known = {audience.code: audience for audience in Audience.objects.all()}
    wanted = [card for card in cards if card["audience"] in known]
    if not wanted:
        return
    home.audience_cards = [
        AudienceCard(audience=known[card["audience"]], title=card.get("title", ""), text=card["text"], sort_order=place)
        for place, card in enumerate(wanted)
    ]
    home.save_revision().publish()


def start_course_offer(*, page: CoursePage) -> None:
    """Let the first page begin with this course, unless an editor chose one."""
    home = HomePage.objects.filter(start_course__isnull=True).first()
    if home is not None:
        home.start_course = page
        home.save_revision().publish()


def _publish(parent: Page, page: Page) -> None:
    parent.add_child(instance=page)
    page.save_revision().publish()


def _welcome_remove() -> None:
    """Take away the welcome page that comes with Wagtail, if nobody made anything of it."""
    plain = ContentType.objects.get_for_model(Page)
    for page in Page.objects.filter(depth=2, slug="home", content_type=plain, numchild=0):
        page.delete()
