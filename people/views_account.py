"""The account page, and the two steps of allauth that must know about phones."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import ChangePhoneView, ConfirmPasswordResetCodeView
from allauth.core.exceptions import RateLimited
from allauth.core.ratelimit import respond_429
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from people import claims
from people.accounts import profile_change, residence_of
from people.consents import consents_in_force, reminders_set
from people.forms import ProfileForm
from people.requests import SignedInRequest
from people.stages import claim_login
from people.support import is_asked_by_people


@never_cache
@login_required
def account(request: SignedInRequest) -> HttpResponse:
    """Who I am to the platform: name, phone, e-mail, units and roles in force, and the doors to change them."""
    memberships = request.user.memberships.in_force().select_related("unit", "audience")
    context = {
        "memberships": memberships,
        "home": residence_of(request.user),
        "consents": consents_in_force(request.user),
        "is_supporter": is_asked_by_people(request.user),
        "shown_contact": ", ".join(filter(None, [request.user.office_phone, request.user.office_email])),
    }
    return render(request, "account/account.html", context)


@login_required
@require_POST
def reminders(request: SignedInRequest) -> HttpResponse:
    """Agree to reminders, or take that back."""
    given = "yes" in request.POST
    reminders_set(user=request.user, given=given)
    yes, no = _("Từ nay bạn sẽ nhận lời nhắc học."), _("Từ nay bạn không nhận lời nhắc nữa.")
    messages.success(request, yes if given else no)
    return redirect("account")


@never_cache
@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    """Change name, birth date and commune."""
    form = ProfileForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        profile_change(user=request.user, **form.cleaned_data)
        messages.success(request, _("Đã lưu thông tin của bạn."))
        return redirect("account")
    return render(request, "account/profile.html", {"form": form})


class ConfirmResetCodeView(ConfirmPasswordResetCodeView):
    """The code of a password reset. A right one also proves whose phone it is."""

    def form_valid(self, form: Any) -> HttpResponse:
        contact, user = self._process.state["email"], self._process.user
        if claims.is_waiting(user):
            self._process.abort()
            return claim_login(
                self.request, user=user, contact=contact, proved=True, redirect_url=reverse("account_home")
            )
        if "@" not in contact:
            adapter = get_adapter()
            adapter.set_phone_verified(user, contact)
            adapter._delete_login_attempts_cached_email(self.request, phone=contact)
        response: HttpResponse = super().form_valid(form)
        return response


class SetPhoneView(ChangePhoneView):
    """Change the phone number; asking too often is a page, not an error."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse
        try:
            response = super().form_valid(form)
        except RateLimited:
            response = respond_429(self.request)
        return response


set_phone = login_required(SetPhoneView.as_view())
confirm_reset_code = ConfirmResetCodeView.as_view()
