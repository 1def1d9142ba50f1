"""Signing in through an identity provider that the province names (OpenID Connect, as VNeID would offer it).

The key of an account there is ``sub`` and nothing else. An e-mail address or phone number that the provider tells is
neither kept nor compared: nobody gets into an account here because a provider says so. Who has an account already signs
in to it first and connects the provider from the account page. Of what the provider tells we keep ``sub`` and the name;
a national ID number, should one come along, is dropped before anything is stored.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.forms import DisconnectForm, SignupForm
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import get_request_param
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from requests import RequestException

from common.errors import Refusal
from common.text import tidy_name
from people.consents import consents_record
from people.forms import clean_name
from people.models import User

logger = logging.getLogger(__name__)
KEPT_CLAIMS = ("sub", "name")


def is_configured() -> bool:
    """Whether the province named a provider."""
    return bool(settings.SOCIALACCOUNT_PROVIDERS)


class ProviderSaysNonsense(OAuth2Error):
    """An answer that breaks the protocol: missing parts, another person's token, another sign-in's nonce."""


# --- Going there ----------------------------------------------------------------------------------------------------
@never_cache
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the provider, by a page of our own: a form may not be answered by a redirect to another site (CSP).

    A link alone starts nothing: otherwise any page on the web could connect an account here to one over there.
    """
    provider = _provider_or_404(request, provider_id)
    if request.method != "POST":
        return redirect("socialaccount_connections" if request.user.is_authenticated else "account_login")
    connecting = request.POST.get("process") == AuthProcess.CONNECT and request.user.is_authenticated
    nonce = secrets.token_urlsafe(24)
    try:
        there = provider.redirect(
            request,
            process=AuthProcess.CONNECT if connecting else AuthProcess.LOGIN,
            next_url=_safe_next(request),
            data={"nonce": nonce},
            auth_params={"nonce": nonce},
        )
        address = there["Location"]
    except (RequestException, KeyError, ValueError, TypeError) as error:
        logger.exception("The sign-in provider %s cannot be reached", provider_id)
        raise Refusal(
            _("%(provider)s đang không trả lời.") % {"provider": provider.name},
            code="provider_down",
            fix=_("Hãy chờ vài phút rồi thử lại, hoặc đăng nhập bằng số điện thoại, email và mật khẩu."),
            status=503,
        ) from error
    return render(request, "socialaccount/login_redirect.html", {"provider": provider, "redirect_to": address})


def _provider_or_404(request: HttpRequest, provider_id: str) -> Any:
    try:
        return get_adapter(request).get_provider(request, provider=provider_id)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error


def _safe_next(request: HttpRequest) -> str | None:
    wanted = get_request_param(request, "next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else None


# --- Coming back ----------------------------------------------------------------------------------------------------
class IdentityAdapter(OpenIDConnectOAuth2Adapter):
    """The provider's answer, checked to the letter and stripped to what is kept."""

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> Any:
        data = super().get_access_token_data(*args, **kwargs)
        # The library trusts a token that came straight from the provider; its signature is checked here all the same,
        # for the road there may lead through a province's own proxy.
        self.did_fetch_access_token = False
        return data

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        if not kwargs["response"].get("id_token"):
            raise ProviderSaysNonsense("no id_token")
        try:
            login: SocialLogin = super().complete_login(request, app, token, **kwargs)
            told = login.account.extra_data
            claims, person = told["id_token"], told.get("userinfo") or {}
            if person and person["sub"] != claims["sub"]:
                raise ProviderSaysNonsense("userinfo is about somebody else")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ProviderSaysNonsense(f"unreadable answer: {type(error).__name__}") from error
        login.told_nonce = str(claims.get("nonce", ""))
        _strip(login, {**claims, **person})
        return login


def _strip(login: SocialLogin, told: dict[str, Any]) -> None:
    """Leave ``sub`` and the name; whatever else was told is gone before anything is stored."""
    login.account.extra_data = {claim: str(told[claim])[:150] for claim in KEPT_CLAIMS if told.get(claim)}
    login.email_addresses = []
    login.phone, login.phone_verified = None, False
    login.user = User(full_name=tidy_name(login.account.extra_data.get("name", "")))


@never_cache
@require_GET
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The way back from the provider."""
    provider = _provider_or_404(request, provider_id)
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(IdentityAdapter(request, provider_id))(request)
    except (RequestException, KeyError, TypeError, ValueError, AttributeError) as error:
        answer = render_authentication_error(request, provider, exception=error)
    return answer


class IdentityAccountAdapter(DefaultSocialAccountAdapter):
    """What becomes of a person whom the provider vouches for."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "no_password": gettext_lazy(
            "Tài khoản này chưa có mật khẩu. Hãy đặt mật khẩu trước khi gỡ, để còn cách đăng nhập."
        ),
        "connected_other": gettext_lazy("Tài khoản bên ngoài này đã liên kết với một tài khoản Học Số khác."),
    }

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        expected = str((sociallogin.state.get("data") or {}).get("nonce", ""))
        told = getattr(sociallogin, "told_nonce", "")
        if not expected or not hmac.compare_digest(expected.encode(), told.encode()):
            error = ProviderSaysNonsense("nonce of another sign-in")
            raise ImmediateHttpResponse(render_authentication_error(request, sociallogin.provider, exception=error))

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        # The reason goes to the log, without what the provider told about the person.
        logger.warning("Sign-in by %s failed: %s %s", provider, kwargs.get("error"), kwargs.get("exception"))

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False  # the person reads and agrees first

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        return {"full_name": tidy_name(sociallogin.account.extra_data.get("name", ""))}

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> Any:
        return sociallogin.user


class IdentitySignupForm(SignupForm):
    """The last page before a new account: the name as it will be printed, and consent."""

    full_name = forms.CharField(
        label=gettext_lazy("Họ và tên"),
        max_length=150,
        help_text=gettext_lazy("Viết đầy đủ, có dấu. Tên này sẽ in trên giấy chứng nhận."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    agreed = forms.BooleanField(
        label=gettext_lazy("Tôi đồng ý để Học Số dùng thông tin này cho việc học và cấp chứng nhận của tôi")
    )
    reminders = forms.BooleanField(label=gettext_lazy("Nhắc tôi học qua tin nhắn hoặc email"), required=False)
    field_order = ["full_name", "agreed", "reminders"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(self.field_order):
            del self.fields[name]

    def clean_full_name(self) -> str:
        return clean_name(self.cleaned_data["full_name"])

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        user.claimed_at = timezone.now()
        user.save(update_fields=["claimed_at"])
        consents_record(user=user, how="provider", reminders=self.cleaned_data["reminders"])


class DisconnectIdentityForm(DisconnectForm):
    """Taking the provider off: there must be another way in."""

    def clean(self) -> dict[str, Any]:
        user = self.request.user
        if not user.has_usable_password():
            raise ValidationError(IdentityAccountAdapter.error_messages["no_password"])
        if not (user.email or user.phone):
            raise ValidationError(_("Hãy thêm số điện thoại hoặc email trước khi gỡ, để còn cách đăng nhập."))
        return forms.Form.clean(self) or {}
