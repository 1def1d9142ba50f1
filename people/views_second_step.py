"""Pages around the second step: why and how to set it up, and going on after a proof."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from people import stepup
from people.mfa import has_passkey, has_second_step, must_have_second_step
from people.requests import SignedInRequest

#: Where somebody wanted to go before they were asked to set up a second step.
AFTERWARDS = "after_second_step"


@never_cache
@login_required
@require_safe
def second_step(request: SignedInRequest) -> HttpResponse:
    """Why a second step, the two ways to have one, and on to where the person wanted to go once they have it."""
    if wanted := get_next_redirect_url(request):
        request.session[AFTERWARDS] = wanted
    if has_second_step(request.user):
        return redirect(request.session.pop(AFTERWARDS, "") or reverse("mfa_index"))
    context = {
        "required": must_have_second_step(request.user),
        "has_passkey": has_passkey(request.user),
    }
    return render(request, "mfa/second_step.html", context)


@never_cache
@login_required
@require_safe
def resume(request: SignedInRequest, token: str) -> HttpResponse:
    """After the proof: what was interrupted goes on, once."""
    waiting = stepup.interrupted_by(request, token)
    if waiting is None:
        messages.info(request, _("Việc này đã được tiếp tục, hoặc đã chờ quá lâu. Hãy làm lại nếu chưa thấy kết quả."))
        return redirect("account")
    if not stepup.proved_recently(request):
        return stepup.proof_page(request, next_url=request.path)
    stepup.take_up(request, token)
    return render(request, "mfa/resume.html", {"waiting": waiting, "back": waiting["back"] or reverse("account")})


@method_decorator(never_cache, name="dispatch")
class AddPasskeyView(AddWebAuthnView):
    """A new passkey. For whom it is no second step, recovery codes would be paper without a use."""

    def get_success_url(self) -> str:
        return super().get_success_url() if has_second_step(self.request.user) else reverse("account")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Always a key that signs in by itself: it lives on the device and asks for finger, face or code.
        options = auth.begin_registration(self.request.user, True)
        context: dict[str, Any] = super(AddWebAuthnView, self).get_context_data(**kwargs)
        required = must_have_second_step(self.request.user)
        return context | {"js_data": {"creation_options": options}, "required": required}


add_passkey = login_required(AddPasskeyView.as_view())
