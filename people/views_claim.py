"""Claiming an account, or setting a new password, with a printed slip."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.internal.flows.login import record_authentication
from allauth.core import ratelimit
from allauth.core.internal.ratelimit import consume
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from common.errors import Refusal
from people import slips
from people.claims import is_waiting
from people.models import ClaimSlip
from people.phones import PhoneError, parse_phone, show_phone
from people.signup_forms import BirthYearForm, PasswordForm, SlipClaimForm, SlipCodeForm
from people.stages import claim_login
from people.views_signup import OWN_PHONE

#: Key of the session under which the slip in hand waits: its uuid, and whether the birth year was told.
SLIP = "slip"


@never_cache
def slip_type(request: HttpRequest) -> HttpResponse:
    """Type the code of a slip."""
    _nobody_signed_in(request)
    form = SlipCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _take_up(request, form.cleaned_data["slip_code"], form)
    return render(request, "account/slip.html", {"form": form})


@never_cache
def slip_open(request: HttpRequest, code: str) -> HttpResponse:
    """The address behind the QR code. The code leaves the address bar at once."""
    if request.user.is_authenticated:
        return redirect("account_slip")  # which says so, at an address without the code
    return _take_up(request, code, SlipCodeForm({"slip_code": SlipCodeForm.shown(code)}))


def _take_up(request: HttpRequest, code: str, form: SlipCodeForm) -> HttpResponse:
    """Keep the slip in the session, or say what is wrong with it. Looking up is limited, whatever the method."""
    if not consume(request, app="allauth.account", action="slip", limit_get=True):
        return cast(HttpResponse, ratelimit.respond_429(request))
    slip = slips.slip_find(code=code)
    if slip is None:
        if form.is_valid():
            form.add_error("slip_code", _("Không có phiếu nào mang mã này. Hãy xem lại từng chữ trên phiếu."))
        return render(request, "account/slip.html", {"form": form})
    slips.slip_check(slip=slip)
    request.session[SLIP] = {"uuid": str(slip.uuid), "told": False}
    return redirect("account_slip_claim")


@never_cache
@sensitive_post_parameters("password1", "year")
def slip_claim(request: HttpRequest) -> HttpResponse:
    """First the birth year, where it is known; then a password. Afterwards the person is signed in."""
    held: dict[str, Any] | None = request.session.get(SLIP)
    slip = ClaimSlip.objects.select_related("user", "unit").filter(uuid=held["uuid"]).first() if held else None
    if held is None or slip is None:
        return redirect("account_slip")
    slips.slip_check(slip=slip)
    if slips.asks_birth_year(slip) and not held["told"]:
        return _ask_year(request, slip)
    first = is_waiting(slip.user)
    form_class = SlipClaimForm if first else PasswordForm
    known = {"phone": _phone_to_offer(slip.user.phone)}
    form = form_class(request.POST if "password1" in request.POST else None, user=slip.user, initial=known)
    if form.is_valid():
        return _claim(request, slip, form.cleaned_data)
    return render(request, "account/slip_claim.html", {"form": form, "slip": slip, "first": first})


def _phone_to_offer(phone: str | None) -> str:
    """The number of the roster, where the form would accept it: a page must not stop at what it filled in itself."""
    try:
        return show_phone(parse_phone(phone or ""))
    except PhoneError:
        return ""


def _ask_year(request: HttpRequest, slip: ClaimSlip) -> HttpResponse:
    form = BirthYearForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if refused := ratelimit.consume_or_429(request, action="slip_year", key=str(slip.uuid)):
            return cast(HttpResponse, refused)
        if slips.slip_year_tell(slip=slip, year=form.cleaned_data["year"]):
            request.session[SLIP] = {"uuid": str(slip.uuid), "told": True}
            return redirect("account_slip_claim")
        left = slips.WRONG_YEARS - slips.wrong_years(slip)
        if left <= 0:
            slip.refresh_from_db()
            slips.slip_check(slip=slip)
        form.add_error("year", _wrong_year(left))
    return render(request, "account/slip_year.html", {"form": form, "slip": slip})


def _wrong_year(left: int) -> str:
    text = ngettext(
        "Năm sinh không khớp với danh sách của đơn vị. Bạn còn %(left)s lần thử.",
        "Năm sinh không khớp với danh sách của đơn vị. Bạn còn %(left)s lần thử.",
        left,
    )
    return text % {"left": left}


def _claim(request: HttpRequest, slip: ClaimSlip, data: dict[str, Any]) -> HttpResponse:
    person = slips.slip_claim(
        slip=slip,
        password=make_password(data["password1"]),
        phone=data.get("phone", ""),
        reminders=data.get("reminders", False),
    )
    request.session.pop(SLIP, None)
    request.session[OWN_PHONE] = data.get("phone", "")
    record_authentication(request, person, method="slip")
    return claim_login(request, user=person, contact="", proved=True, redirect_url=reverse("account_welcome"))


def _nobody_signed_in(request: HttpRequest) -> None:
    """A slip is for somebody else than who is signed in on this device: they must sign out first."""
    if request.user.is_authenticated:
        raise Refusal(
            _("Bạn đang đăng nhập bằng tài khoản của %(name)s.") % {"name": request.user},
            code="signed_in",
            fix=_("Phiếu nhận tài khoản dành cho người chưa đăng nhập. Hãy đăng xuất, rồi quét hoặc gõ mã lần nữa."),
            back=f"{reverse('account_logout')}?next={reverse('account_slip')}",
        )
