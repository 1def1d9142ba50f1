"""Appointing people, one at a time, for administrators; lists do it in bulk.

Nothing here is deleted: a membership ends by date. Units, their successions and the structures are only looked at: they
change under ``/quan-ly/co-cau/``, where figures of the past stay what they were and every change is in the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from common import audit, wording
from common.models import PublicModel
from people.claims import masked
from people.models import Audience, Membership, Structure, Unit, UnitSuccession, User
from people.rosters.bounds import open_from
from people.second_step import second_step_reset
from people.stepup import demand_fresh_proof

# What people sign in with is theirs: nobody adds an address, an app or a linked account to somebody else by hand.
for credential in (EmailAddress, EmailConfirmation, Authenticator, SocialAccount, SocialApp, SocialToken):
    if admin.site.is_registered(credential):
        admin.site.unregister(credential)

#: What on an account gives or takes away rights; a change of it is an official act.
RIGHTS = ("is_active", "is_staff", "is_superuser")
#: Where a person is reached: the log keeps enough to recognise it, too little to write there.
CONTACTS = frozenset({"phone", "email"})


class KeptAdmin(admin.ModelAdmin):
    """Rows that history refers to: they are changed and ended, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ProvedAdmin(KeptAdmin):
    """Rows that say who may do what: saving asks for a fresh proof, and what was typed waits for it."""

    proof_why = ""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST":
            demand_fresh_proof(request, _(self.proof_why))
        return super().changeform_view(request, *args, **kwargs)


class SeenAdmin(KeptAdmin):
    """Rows that are looked at here and changed elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _said(name: str, value: Any) -> Any:
    """A field as the log keeps it: enough of a phone or address to recognise it, uuids instead of names."""
    if name in CONTACTS:
        return masked(value) if value else ""
    if isinstance(value, Audience):
        return value.code
    if isinstance(value, PublicModel):
        return str(value.uuid)
    return value.isoformat() if isinstance(value, date) else value


def _differences(before: Any, obj: Any, names: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of a row that are no longer what they were; ``before`` None for a new row: all that hold something."""
    after = {name: getattr(obj, name) for name in names}
    was = {name: getattr(before, name) if before else None for name in names}
    changed = [name for name in names if was[name] != after[name] and (before or after[name])]
    return {n: _said(n, was[n]) for n in changed if before}, {n: _said(n, after[n]) for n in changed}


class ResetForm(forms.Form):
    """Why a second step is taken off; kept in the audit log."""

    reason = forms.CharField(
        label=gettext_lazy("Lý do"),
        max_length=200,
        help_text=gettext_lazy("Ai đã yêu cầu, đã nhận ra người đó thế nào. Ghi vào nhật ký."),
    )


@admin.register(User)
class UserAdmin(ProvedAdmin):
    proof_why = gettext_noop("đổi tài khoản của người khác")
    change_form_template = "admin/people/user/change_form.html"
    list_display = ("full_name", "phone", "email", "is_active")
    search_fields = ("search_key", "phone", "email")
    fields = ("full_name", "phone", "phone_verified", "email", "birth_date", "is_active", "is_staff", "is_superuser")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A record that was merged into another one stays closed."""
        return ("is_active",) if obj is not None and obj.merged_into_id else ()

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        was = User.objects.select_for_update().get(pk=obj.pk) if change else None
        super().save_model(request, obj, form, change)
        before, after = _differences(was, obj, [name for name in self.fields if name not in RIGHTS])
        if after:
            audit.record(
                actor=request.user,
                act="account_change" if change else "account_add",
                subject=obj,
                before=before,
                after=after,
            )
        before, after = _differences(was, obj, RIGHTS)
        if after:
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
        demand_fresh_proof(request, _("đặt lại bước thứ hai của %(person)s") % {"person": user})
        form = ResetForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            second_step_reset(user=user, actor=cast(User, request.user), reason=form.cleaned_data["reason"])
            done = _("Đã đặt lại bước thứ hai của %(person)s. Người đó đã được báo.") % {"person": user}
            messages.success(request, done)
            return redirect("admin:people_user_change", user.pk)
        title = _("Đặt lại bước thứ hai: %(person)s") % {"person": user}
        context = {**self.admin_site.each_context(request), "title": title, "form": form}
        return render(request, "admin/people/user/second_step.html", context)


class MembershipForm(forms.ModelForm):
    """Figures of years that are over were reported: no day of such a year is written or taken back."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name in ("valid_from", "valid_to"):
            before, after = getattr(self.instance, name), data.get(name)
            closed = any(day is not None and day < open_from() for day in (before, after))
            if name in data and before != after and closed:
                words = _("Chọn ngày từ %(day)s trở đi, vì số liệu năm trước đã báo cáo.")
                self.add_error(name, words % {"day": wording.day(open_from())})
        return data


class RoleFilter(admin.ChoicesFieldListFilter):
    """Roles in the reader's language: their labels are Vietnamese, because files and logs hold them."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": _(str(choice["display"]))}


@admin.register(Membership)
class MembershipAdmin(ProvedAdmin):
    form = MembershipForm
    proof_why = gettext_noop("đổi vai trò của người khác")
    list_display = ("user", "unit", "role_said", "audience", "valid_from", "valid_to")
    list_filter = (("role", RoleFilter),)
    list_select_related = ("user", "unit", "audience")
    search_fields = ("user__search_key", "unit__search_key")
    autocomplete_fields = ("user", "unit")
    fields = ("user", "unit", "audience", "role", "title", "is_main", "valid_from", "valid_to")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Who was where since when, as one of which audience, is what past figures count."""
        return ("user", "unit", "audience", "valid_from") if obj else ()

    @admin.display(description=gettext_lazy("Vai trò"), ordering="role")
    def role_said(self, membership: Membership) -> str:
        return _(membership.get_role_display())

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            kwargs["choices"] = [(value, _(str(label))) for value, label in db_field.get_choices(include_blank=False)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        was = Membership.objects.select_for_update().get(pk=obj.pk) if change else None
        super().save_model(request, obj, form, change)
        before, after = _differences(was, obj, self.fields)
        if after:
            audit.record(
                actor=request.user,
                act="membership_change" if change else "membership_add",
                subject=obj,
                unit=obj.unit,
                before=before,
                after=after,
            )


@admin.register(Unit)
class UnitAdmin(SeenAdmin):
    list_display = ("name", "code", "kind", "parent", "valid_from", "valid_to")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("search_key", "code")


@admin.register(UnitSuccession)
class UnitSuccessionAdmin(SeenAdmin):
    list_display = ("predecessor", "successor", "effective_on", "principal")
    list_select_related = ("predecessor", "successor")
    search_fields = ("predecessor__search_key", "successor__search_key")


@admin.register(Structure)
class StructureAdmin(SeenAdmin):
    list_display = ("code", "name", "valid_from", "valid_to")


@admin.register(Audience)
class AudienceAdmin(KeptAdmin):
    list_display = ("code", "name", "short_name", "parent")
    search_fields = ("code", "name")
