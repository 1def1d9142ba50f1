"""The second step of signing in: who must have one, when it is asked for, and how django-allauth keeps it for us.

Staff must have a second step (``docs/decisions/0009``): an authenticator app or a passkey. For everybody else an app is
a second step as soon as they set one up, while a passkey is only a quicker way in: a citizen who made one on their own
phone must still be able to sign in with a password on somebody else's.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import segno
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.encoding import force_bytes
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from common.errors import Refusal
from people import access

ENCRYPTED = "fernet:"
ASKED_AT_SIGN_IN = "allauth.mfa.stages.AuthenticateStage"
OURS_AT_SIGN_IN = "people.mfa.SecondStepStage"
PASSWORD_PROOF, CODE_PROOF = "reauthenticate", "mfa_reauthenticate"
#: What keys are called until their owner names them; kept so, and translated where they are shown (``key_name``).
FIRST_KEY, ANOTHER_KEY = gettext_noop("Máy của tôi"), gettext_noop("Máy thứ %(number)s")
SPARE_CODE = {"description": gettext_lazy("Dùng một mã dự phòng")}


# --- Who ------------------------------------------------------------------------------------------------------------
def must_have_second_step(user: Any) -> bool:
    """Whether the person holds an office that needs a second step; one query per request and person."""
    if not user.is_authenticated:
        return False
    wanted = access.STAFF | frozenset(settings.SECOND_STEP_ROLES)
    return bool(user.is_superuser or user.is_staff or access.roles_of(user) & wanted)


def has_second_step(user: Any) -> bool:
    """Whether the account is guarded by a second step: it is asked for at sign-in and before what cannot be undone."""
    kinds = set(
        Authenticator.objects.filter(user_id=user.pk)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .values_list("type", flat=True)
    )
    if Authenticator.Type.TOTP in kinds:
        return True
    return Authenticator.Type.WEBAUTHN in kinds and must_have_second_step(user)


def has_app(user: Any) -> bool:
    """Whether the second step of the account can be the code of an authenticator app."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists())


def has_passkey(user: Any) -> bool:
    """Whether a key of one of the person's devices opens the account."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.WEBAUTHN).exists())


def key_name(key: Authenticator) -> str:
    """The name of a passkey for its owner: one that we gave it is in the language of the page."""
    name = str(key)
    if name == FIRST_KEY:
        return _(FIRST_KEY)
    prefix = ANOTHER_KEY.partition("%")[0]
    number = name.removeprefix(prefix)
    return _(ANOTHER_KEY) % {"number": number} if name.startswith(prefix) and number.isdigit() else name


def passed_second_step(request: HttpRequest) -> bool:
    """Whether the person gave a second step in this session, at sign-in or later."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


class SecondStepStage(AuthenticateStage):
    """Asks for the second step after the password of a guarded account."""

    def handle(self) -> Any:
        if self.login.user is not None and not has_second_step(self.login.user):
            return None, True
        return super().handle()


# --- How the library keeps it ---------------------------------------------------------------------------------------
def _keys() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(b"people.mfa:" + force_bytes(secret)).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class SecondStepAdapter(DefaultMFAAdapter):
    """Secrets of apps and recovery codes lie encrypted, so that a stolen copy of the database opens no account."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy(
            "Mã chưa đúng. Hãy xem lại mã mới nhất trong ứng dụng, hoặc dùng một mã dự phòng."
        ),
    }

    def encrypt(self, text: str) -> str:
        return ENCRYPTED + _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        if not encrypted_text.startswith(ENCRYPTED):
            return encrypted_text  # kept before secrets were encrypted
        try:
            return _keys().decrypt(encrypted_text.removeprefix(ENCRYPTED).encode()).decode()
        except InvalidToken as error:
            # An empty secret would be one that everybody knows: better nobody signs in than anybody.
            raise Refusal(
                _("Chưa đọc được bước xác nhận thứ hai của tài khoản này."),
                code="second_step_unreadable",
                fix=_("SECRET_KEY của hệ thống đã đổi. Người quản trị cần đặt lại bước thứ hai: manage.py mfa_reset."),
                status=503,
            ) from error

    def build_totp_svg(self, url: str) -> str:
        """Part of the page itself: no picture from a data address, and it prints sharp."""
        return str(
            segno.make(url, error="m").svg_inline(
                omitsize=True,
                svgclass="qr",
                lineclass=None,
                light="#fff",
                border=2,
                title=_("Mã QR cho ứng dụng"),
            )
        )

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return FIRST_KEY if count == 0 else ANOTHER_KEY % {"number": count + 1}

    def _get_site_name(self) -> str:
        return str(settings.WAGTAIL_SITE_NAME)


class SecondStepMixin:
    """What the account adapter must know about the second step."""

    def get_login_stages(self) -> list[str]:
        found: list[str] = super().get_login_stages()  # type: ignore[misc]
        return [OURS_AT_SIGN_IN if path == ASKED_AT_SIGN_IN else path for path in found]

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """A password alone proves nothing where the account has a second step."""
        found: list[dict[str, Any]] = super().get_reauthentication_methods(user)  # type: ignore[misc]
        unfit = PASSWORD_PROOF if found and has_second_step(user) else CODE_PROOF
        fit = [method for method in found if method["id"] != unfit]
        if fit and not has_app(user):
            # Only recovery codes are left to be typed: they are for the day when the key is lost.
            fit.sort(key=lambda method: method["id"] == CODE_PROOF)
            return [method | SPARE_CODE if method["id"] == CODE_PROOF else method for method in fit]
        return fit

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        from people.stepup import proved_recently

        request = allauth_context.request
        if request is not None and proved_recently(request):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))  # type: ignore[misc]


def remember_set_up(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    """Receiver of ``authenticator_added``: who has just used an app or a passkey to set it up has proved themselves."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES and request.user == user:
        record_authentication(
            request, user, method="mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True
        )
