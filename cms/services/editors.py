"""Who may do what in ``/cms/``: three groups with rights of Wagtail, whose members follow the offices that people hold.

Editors write, subject reviewers comment and approve, publishers let it go out. Unless the province wants a review
before publishing (``REVIEW_BEFORE_PUBLISHING``), editors publish too.
"""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection as MediaCollection
from wagtail.models import GroupCollectionPermission, GroupPagePermission, Page

from people import access
from people.models import Role, User
from quizzes.models import Bank, Question

GROUP = "Biên tập viên"
REVIEWERS = "Người thẩm định"
PUBLISHERS = "Người xuất bản"
WRITING = frozenset({"add_page", "change_page"})
PUBLISHING = frozenset({*WRITING, "publish_page", "bulk_delete_page", "lock_page", "unlock_page"})
#: Which offices bring somebody into which group.
GROUPS_OF: dict[str, frozenset[str]] = {
    Role.EDITOR: frozenset({GROUP}),
    Role.CONTENT_REVIEWER: frozenset({REVIEWERS}),
    Role.PUBLISHER: frozenset({PUBLISHERS}),
    Role.ADMINISTRATOR: frozenset({GROUP, PUBLISHERS}),
}


@transaction.atomic
def editor_group_ensure() -> Group:
    """The three groups with the rights that their work needs, as the settings of today want it; returns the editors'.

    Idempotent: a right that the settings no longer give is taken away.
    """
    editors, reviewers, publishers = (_group(name) for name in (GROUP, REVIEWERS, PUBLISHERS))
    _page_rights(editors, WRITING if settings.REVIEW_BEFORE_PUBLISHING else PUBLISHING)
    _page_rights(reviewers, frozenset())
    _page_rights(publishers, PUBLISHING)
    for group in (editors, publishers):
        _media_rights(group)
        group.permissions.add(*_model_rights())
    return editors


def _group(name: str) -> Group:
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    return group


def _page_rights(group: Group, codenames: Collection[str]) -> None:
    """Exactly these rights over all pages; on its own task a workflow lets reviewers into a page without any."""
    root = Page.get_first_root_node()
    GroupPagePermission.objects.filter(group=group, page=root).exclude(permission__codename__in=codenames).delete()
    for permission in Permission.objects.filter(
        content_type__app_label="wagtailcore", content_type__model="page", codename__in=codenames
    ):
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)


def _media_rights(group: Group) -> None:
    for model in (get_image_model(), get_document_model()):
        rights = Permission.objects.filter(
            content_type__app_label=model._meta.app_label, content_type__model=model._meta.model_name
        ).exclude(codename__startswith="view_")
        for permission in rights:
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=MediaCollection.get_first_root_node(), permission=permission
            )


def _model_rights() -> list[Permission]:
    """Banks and questions: everything but deleting, for attempts lean on them. What lessons share: everything."""
    codenames = [f"{act}_{model._meta.model_name}" for model in (Bank, Question) for act in ("add", "change", "view")]
    questions = Permission.objects.filter(content_type__app_label="quizzes", codename__in=codenames)
    shared = Permission.objects.filter(
        content_type__app_label="cms", content_type__model__in=["glossaryterm", "reusablecontent"]
    )
    return [*questions, *shared]


def editor_access_sync(*, user: User) -> bool:
    """Put the person into the groups that the offices of today give, and out of the others; say whether there is one.

    A superuser is let in without a group.
    """
    roles = access.roles_of(user) if not user.is_superuser else frozenset()
    wanted = {name for role in roles for name in GROUPS_OF.get(role, ())}
    held = set(user.groups.filter(name__in=[GROUP, REVIEWERS, PUBLISHERS]).values_list("name", flat=True))
    if missing := wanted - held:
        if Group.objects.filter(name__in=missing).count() < len(missing):
            editor_group_ensure()
        user.groups.add(*Group.objects.filter(name__in=missing))
    if ended := held - wanted:
        user.groups.remove(*Group.objects.filter(name__in=ended))
    return bool(wanted)
