"""Appointing people and keeping units, for administrators, until rosters do it in bulk.

Nothing here is deleted: a membership ends by date, a unit ends by date and is succeeded.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from common import audit
from people.models import Audience, Membership, Structure, Unit, UnitSuccession, User
from people.services import structures_rebuild


class KeptAdmin(admin.ModelAdmin):
    """Rows that history refers to: they are changed and ended, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TreeAdmin(KeptAdmin):
    """A change of the tree is read by every figure: the closure is made anew in the same transaction."""

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        structures_rebuild()


@admin.register(User)
class UserAdmin(KeptAdmin):
    list_display = ("full_name", "phone", "email", "is_active")
    search_fields = ("search_key", "phone", "email")
    fields = ("full_name", "phone", "phone_verified", "email", "birth_date", "is_active", "is_staff", "is_superuser")


@admin.register(Membership)
class MembershipAdmin(KeptAdmin):
    list_display = ("user", "unit", "role", "audience", "valid_from", "valid_to")
    list_filter = ("role",)
    list_select_related = ("user", "unit", "audience")
    search_fields = ("user__search_key", "unit__search_key")
    autocomplete_fields = ("user", "unit")
    fields = ("user", "unit", "audience", "role", "title", "is_main", "valid_from", "valid_to")

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit.record(
            actor=request.user,
            act="membership_change" if change else "membership_add",
            subject=obj,
            unit=obj.unit,
            role=obj.role,
            valid_from=obj.valid_from.isoformat(),
            valid_to=obj.valid_to.isoformat() if obj.valid_to else None,
        )


@admin.register(Unit)
class UnitAdmin(TreeAdmin):
    list_display = ("name", "code", "kind", "parent", "valid_from", "valid_to")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("search_key", "code")
    autocomplete_fields = ("parent",)


@admin.register(UnitSuccession)
class UnitSuccessionAdmin(TreeAdmin):
    list_display = ("predecessor", "successor", "effective_on", "principal")
    list_select_related = ("predecessor", "successor")
    search_fields = ("predecessor__search_key", "successor__search_key")
    autocomplete_fields = ("predecessor", "successor")


@admin.register(Structure)
class StructureAdmin(TreeAdmin):
    list_display = ("code", "name", "valid_from", "valid_to")


@admin.register(Audience)
class AudienceAdmin(KeptAdmin):
    list_display = ("code", "name", "short_name", "parent")
    search_fields = ("code", "name")
