"""The library's forms of the second step in our words."""

from __future__ import annotations

from typing import Any

from allauth.core import context as allauth_context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people.mfa import has_app


def used_key(user: Any, code: str) -> str:
    """Where it is kept that somebody has used a code."""
    return f"people.second_step:{user.pk}:{code}"


class OnceMixin:
    """A code of the app is good for one use, for as long as the clock would still accept it.

    The library remembers a used code for one period only, while the tolerance for slow clocks accepts it for three.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]  # type: ignore[attr-defined]
        field.label = _("Mã xác nhận")
        app = has_app(self.user)  # type: ignore[attr-defined]
        by_app, by_paper = _("6 chữ số trong ứng dụng xác thực, hoặc một mã dự phòng."), _("Một mã dự phòng.")
        field.help_text = by_app if app else by_paper

    def clean_code(self) -> str:
        key = used_key(self.user, normalize_user_code(self.cleaned_data["code"]))  # type: ignore[attr-defined]
        if cache.get(key):
            raise ValidationError(
                _("Mã này vừa dùng rồi. Hãy chờ ứng dụng hiện mã mới (dưới 30 giây)."), code="used_code"
            )
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP:  # type: ignore[attr-defined]
            cache.set(key, True, app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1))
        return code


class SecondStepForm(OnceMixin, AuthenticateForm):
    """The second step at sign-in. Who used a recovery code has lost something: they are told what to do about it."""

    def save(self) -> None:
        super().save()
        if self.authenticator.type == Authenticator.Type.RECOVERY_CODES:
            self.authenticator.refresh_from_db()  # the code was struck off in a row of its own reading
            left = len(self.authenticator.wrap().get_unused_codes())
            messages.warning(allauth_context.request, _by_recovery_code(left))


def _by_recovery_code(left: int) -> str:
    """How many codes are left, and what to do about the phone."""
    if left:
        text = ngettext(
            "Bạn vừa đăng nhập bằng mã dự phòng, còn %(left)s mã.",
            "Bạn vừa đăng nhập bằng mã dự phòng, còn %(left)s mã.",
            left,
        ) % {"left": left}
    else:
        text = _("Bạn vừa đăng nhập bằng mã dự phòng, không còn mã nào: hãy tạo mã mới ngay.")
    phone = _(
        "Mất hoặc đổi điện thoại? Mở Tài khoản, mục Bước xác nhận thứ hai: "
        "tắt ứng dụng rồi bật lại trên điện thoại mới."
    )
    return f"{text} {phone}"


class ProofForm(OnceMixin, ReauthenticateForm):
    """The second step as a fresh proof."""


class SetUpAppForm(ActivateTOTPForm):
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Mã 6 chữ số trong ứng dụng")

    def clean_code(self) -> str:
        try:
            return str(super().clean_code())
        except ValidationError as error:
            if error.code != "incorrect_code":
                raise
            # There are no recovery codes yet that could help.
            raise ValidationError(
                _(
                    "Mã chưa đúng. Hãy nhập mã mới nhất mà ứng dụng đang hiện, "
                    "và xem giờ trên điện thoại có đúng không."
                ),
                code=error.code,
            ) from error


class AddPasskeyForm(AddWebAuthnForm):
    """A key of one's phone or computer, always one that can also sign in by itself."""

    name = forms.CharField(
        label=gettext_lazy("Tên để nhận ra máy này"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Ví dụ: Điện thoại, Máy ở cơ quan."),
    )
    passwordless = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)


class RenamePasskeyForm(EditWebAuthnForm):
    """Another name for a key."""

    name = forms.CharField(label=gettext_lazy("Tên để nhận ra máy này"), max_length=60)


class PasskeyMixin:
    """The library calls a key that it does not take a wrong code; here it gets words of its own."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except ValidationError as error:
            if error.code != "incorrect_code":
                raise
            raise ValidationError(
                _("Khoá này chưa dùng được cho tài khoản. Hãy thử lại, hoặc chọn cách khác."), code="passkey_refused"
            ) from error


class PasskeySignInForm(PasskeyMixin, LoginWebAuthnForm):
    """A passkey instead of a password."""


class PasskeyStepForm(PasskeyMixin, AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class PasskeyProofForm(PasskeyMixin, ReauthenticateWebAuthnForm):
    """A passkey as a fresh proof."""
