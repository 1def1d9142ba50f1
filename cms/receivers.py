"""Who may enter ``/cms/`` follows the offices that people hold."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_delete, post_save

from cms.services import editor_access_sync
from people.models import Membership, User


def on_membership(sender: Any, instance: Membership, **kwargs: Any) -> None:
    if not kwargs.get("raw"):
        # A fresh person: the roles kept on the instance may be those of a moment ago.
        editor_access_sync(user=User.objects.get(pk=instance.user_id))


def on_login(sender: Any, user: User, **kwargs: Any) -> None:
    editor_access_sync(user=User.objects.get(pk=user.pk))


def connect() -> None:
    """Listen to memberships and sign-ins; called once when the room is ready."""
    post_save.connect(on_membership, sender=Membership, dispatch_uid="cms.membership_saved")
    post_delete.connect(on_membership, sender=Membership, dispatch_uid="cms.membership_deleted")
    user_logged_in.connect(on_login, dispatch_uid="cms.logged_in")
