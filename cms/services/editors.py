"""Editors: one group with the rights of Wagtail, whose members follow the offices that people hold."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from people import access
from people.models import User
from quizzes.models import Bank, Question

GROUP = "Biên tập viên"
PAGE_RIGHTS = ("add_page", "change_page", "publish_page", "bulk_delete_page", "lock_page", "unlock_page")


@transaction.atomic
def editor_group_ensure() -> Group:
    """The group of editors with every right that writing and publishing needs. Idempotent."""
    group, _ = Group.objects.get_or_create(name=GROUP)
    group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    root = Page.get_first_root_node()
    for permission in Permission.objects.filter(
        content_type__app_label="wagtailcore", content_type__model="page", codename__in=PAGE_RIGHTS
    ):
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
    for model in (get_image_model(), get_document_model()):
        rights = Permission.objects.filter(
            content_type__app_label=model._meta.app_label, content_type__model=model._meta.model_name
        ).exclude(codename__startswith="view_")
        for permission in rights:
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=Collection.get_first_root_node(), permission=permission
            )
    group.permissions.add(*_model_rights())
    return group


def _model_rights() -> list[Permission]:
    """Banks and questions: everything but deleting, for attempts lean on them. What lessons share: everything."""
    codenames = [f"{act}_{model._meta.model_name}" for model in (Bank, Question) for act in ("add", "change", "view")]
    questions = Permission.objects.filter(content_type__app_label="quizzes", codename__in=codenames)
    shared = Permission.objects.filter(
        content_type__app_label="cms", content_type__model__in=["glossaryterm", "reusablecontent"]
    )
    return [*questions, *shared]


def editor_access_sync(*, user: User) -> bool:
    """Put the person into the editors' group or out of it, as the offices of today say. Returns whether they are in.

    A superuser is let in without the group.
    """
    wanted = access.is_editor(user) and not user.is_superuser
    is_member = user.groups.filter(name=GROUP).exists()
    if wanted and not is_member:
        group = Group.objects.filter(name=GROUP).first() or editor_group_ensure()
        user.groups.add(group)
    elif is_member and not wanted:
        user.groups.remove(*user.groups.filter(name=GROUP))
    return wanted
