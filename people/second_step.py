"""When somebody lost what they sign in with: an administrator takes the second step off, and it is known to all."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from people.models import User
from people.notices import notices_send


def second_step_reset(*, user: User, actor: User | None, reason: str) -> int:
    """Take every app, passkey and recovery code off an account and end its sessions; returns how many were taken.

    For somebody who lost the phone and the recovery codes. Whoever must have a second step sets up a new one at the
    next sign-in. ``actor`` None: the command line. Raises Refusal without a reason, for oneself, or when there is none.
    """
    if not (reason := reason.strip()):
        raise Refusal(
            _("Chưa ghi lý do."), code="reason_missing", fix=_("Ghi ai đã yêu cầu và vì sao, ví dụ: mất điện thoại.")
        )
    if actor == user:
        raise Refusal(
            _("Không tự đặt lại bước thứ hai của chính mình."),
            code="own_second_step",
            fix=_("Dùng một mã dự phòng để đăng nhập, hoặc nhờ người quản trị khác."),
        )
    with transaction.atomic():
        User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        found = list(Authenticator.objects.filter(user=user))
        if not found:
            raise Refusal(_("Tài khoản này chưa có bước thứ hai."), code="no_second_step", fix=_("Không cần đặt lại."))
        Authenticator.objects.filter(pk__in=[a.pk for a in found]).delete()
        kinds = sorted({a.type for a in found})
        audit.record(actor=actor, act="second_step_reset", subject=user, before={"second_step": kinds}, reason=reason)
        notices_send(
            users=[user],
            kind="second_step_reset",
            subject="Bước xác nhận thứ hai đã được đặt lại",
            body="Người quản trị đã gỡ ứng dụng xác thực, khoá của máy và mã dự phòng khỏi tài khoản của bạn. "
            "Nếu bạn không yêu cầu việc này, hãy đổi mật khẩu và báo người quản trị ngay.",
            path="/tai-khoan/",
            actor=actor,
        )
        transaction.on_commit(lambda: sessions_end(user=user))
    return len(found)


def sessions_end(*, user: User) -> int:
    """Sign the person out everywhere: the lost phone may still be signed in. Reads every session in force; rare."""
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    ended = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator(chunk_size=1000):
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            store(session.session_key).delete()
            ended += 1
    return ended
