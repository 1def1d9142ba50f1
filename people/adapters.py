"""How django-allauth meets our users: phones on the user, codes by text message, one wording for every refusal."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import Refusal
from people.doors import first_page
from people.forms import PhoneField
from people.letters import letter_html
from people.mfa import SecondStepMixin
from people.models import User
from people.phones import show_phone
from people.sms import SmsError, send_sms

logger = logging.getLogger(__name__)
WRONG_LOGIN = gettext_lazy("Số điện thoại, email hoặc mật khẩu chưa đúng.")
STAGES = {
    "allauth.account.stages.PhoneVerificationStage": "people.stages.PhoneStage",
    "allauth.account.stages.EmailVerificationStage": "people.stages.EmailStage",
}


class AccountAdapter(SecondStepMixin, DefaultAccountAdapter):
    """Our side of allauth."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG_LOGIN,
        "phone_password_mismatch": WRONG_LOGIN,
        "username_password_mismatch": WRONG_LOGIN,
        "invalid_login": WRONG_LOGIN,
    }

    # --- Signing up and in ---

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.full_name = form.cleaned_data["full_name"]
        return super().save_user(request, user, form, commit)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return first_page(request.user)

    def get_login_stages(self) -> list[str]:
        return [*(STAGES.get(path, path) for path in super().get_login_stages()), "people.stages.ClaimStage"]

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # The library leaves phones out of this key, so that five wrong passwords anywhere would lock out everybody
        # who signs in by phone; it knows nothing of learner codes.
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{credentials.get('phone', '')}{credentials.get('learner_code', '')}"

    def reauthenticate(self, user: Any, password: str) -> bool:
        if user.phone or user.email or not user.learner_code:
            return bool(super().reauthenticate(user, password))
        found = self.authenticate(allauth_context.request, learner_code=user.learner_code, password=password)
        return found is not None and found.pk == user.pk

    # --- Phones ---

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        user.phone, user.phone_verified = phone, verified
        user.save(update_fields=["phone", "phone_verified"])

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone_verified(self, user: Any, phone: str) -> None:
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone: str) -> User | None:
        found: User | None = User.objects.filter(phone=phone).first()
        return found

    # --- Messages ---
    # Texts go without accents: with them one message holds 70 letters instead of 160, and costs twice or three times.

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        text = _("Hoc So: ma cua ban la %(code)s, dung trong 15 phut. Khong dua ma nay cho bat ky ai.")
        self._text(phone, text % {"code": code})
        self._show_code(code)

    def send_account_already_exists_sms(self, phone: str) -> None:
        self._text(
            phone,
            _('Hoc So: so nay da co tai khoan, khong can dang ky lai. Hay dang nhap, hoac chon "Quen mat khau?".'),
        )
        if settings.DEMO:
            said = _("Bản dùng thử: số %(phone)s đã có tài khoản, tin nhắn chỉ báo điều đó.")
            self._notice(said % {"phone": show_phone(phone)})

    def render_mail(self, *args: Any, **kwargs: Any) -> Any:
        """The library's text, and beside it the same on our paper."""
        letter = super().render_mail(*args, **kwargs)
        if not letter.alternatives:
            letter.attach_alternative(letter_html(subject=letter.subject, text=letter.body), "text/html")
        return letter

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as error:
            logger.exception("Mail %s could not be sent", template_prefix)
            raise _not_sent(_("Chưa gửi được email có mã.")) from error
        if code := context.get("code"):
            self._show_code(code)
        elif settings.DEMO and template_prefix.endswith("account_already_exists"):
            said = _("Bản dùng thử: %(email)s đã có tài khoản, thư chỉ báo điều đó.")
            self._notice(said % {"email": email})

    def _text(self, phone: str, text: str) -> None:
        try:
            send_sms(phone=phone, text=text)
        except SmsError as error:
            logger.exception("A text message could not be sent")
            raise _not_sent(_("Chưa gửi được tin nhắn có mã.")) from error

    def _show_code(self, code: str) -> None:
        """On a demo nobody has the phone or mailbox of the account, so the code is shown on screen; never elsewhere.

        Kept in the session, so that the page still shows it when it is loaded again.
        """
        request = allauth_context.request
        if settings.DEMO and request is not None:
            request.session["demo_code"] = code

    def _notice(self, text: str) -> None:
        request = allauth_context.request
        if request is not None:
            messages.info(request, text)


def _not_sent(text: str) -> Refusal:
    return Refusal(
        text,
        code="code_not_sent",
        fix=_("Hãy chờ vài phút rồi đăng nhập lại; hệ thống sẽ gửi mã mới. Tài khoản của bạn vẫn được giữ."),
        status=503,
    )
