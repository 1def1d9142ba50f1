"""Appointing people and keeping units, for administrators, until rosters do it in bulk.

Nothing here is deleted: a membership ends by date, a unit ends by date and is succeeded.
"""

from __future__ import annotations

from typing import Any, cast

from allauth.account import admin as _account  # noqa: F401  (registers first what is taken off below)
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa import admin as _mfa  # noqa: F401
from allauth.mfa.models import Authenticator
from allauth.socialaccount import admin as _socialaccount  # noqa: F401
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path

from common import audit
from people.models import Audience, Membership, Structure, Unit, UnitSuccession, User
from people.second_step import second_step_reset
from people.services import structures_rebuild
from people.stepup import demand_fresh_proof

# What people sign in with is theirs: nobody adds an address, an app or a linked account to somebody else by hand.
for credential in (EmailAddress, EmailConfirmation, Authenticator, SocialAccount, SocialApp, SocialToken):
    if admin.site.is_registered(credential):
        admin.site.unregister(credential)

#: What on an account gives or takes away rights; a change of it is an official act.
RIGHTS = ("is_active", "is_staff", "is_superuser")


class KeptAdmin(admin.ModelAdmin):
    """Rows that history refers to: they are changed and ended, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ProvedAdmin(KeptAdmin):
    """Rows that say who may do what: saving asks for a fresh proof, and what was typed waits for it."""

    proof_why = ""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST":
            demand_fresh_proof(request, self.proof_why)
        return super().changeform_view(request, *args, **kwargs)


class TreeAdmin(KeptAdmin):
    """A change of the tree is read by every figure: the closure is made anew in the same transaction."""

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        structures_rebuild()


class ResetForm(forms.Form):
    """Why a second step is taken off; kept in the audit log."""

    reason = forms.CharField(
        label="Lý do", max_length=200, help_text="Ai đã yêu cầu, đã nhận ra người đó thế nào. Ghi vào nhật ký."
    )


@admin.register(User)
class UserAdmin(ProvedAdmin):
    proof_why = "đổi tài khoản của người khác"
    change_form_template = "admin/people/user/change_form.html"
    list_display = ("full_name", "phone", "email", "is_active")
    search_fields = ("search_key", "phone", "email")
    fields = ("full_name", "phone", "phone_verified", "email", "birth_date", "is_active", "is_staff", "is_superuser")

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if changed := [name for name in RIGHTS if name in form.changed_data]:
            before = {name: form.initial.get(name) for name in changed}
            after = {name: getattr(obj, name) for name in changed}
            audit.record(actor=request.user, act="account_rights", subject=obj, before=before, after=after)

    def get_urls(self) -> list[Any]:
        reset = path(
            "<int:pk>/buoc-hai/", self.admin_site.admin_view(self.second_step_reset_view), name="second_step_reset"
        )
        return [reset, *super().get_urls()]

    def second_step_reset_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the second step off an account whose owner lost the phone and the recovery codes."""
        user = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        demand_fresh_proof(request, f"đặt lại bước thứ hai của {user}")
        form = ResetForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            second_step_reset(user=user, actor=cast(User, request.user), reason=form.cleaned_data["reason"])
            messages.success(request, f"Đã đặt lại bước thứ hai của {user}. Người đó đã được báo.")
            return redirect("admin:people_user_change", user.pk)
        context = {**self.admin_site.each_context(request), "title": f"Đặt lại bước thứ hai: {user}", "form": form}
        return render(request, "admin/people/user/second_step.html", context)


@admin.register(Membership)
class MembershipAdmin(ProvedAdmin):
    proof_why = "đổi vai trò của người khác"
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
