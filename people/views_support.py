"""A coordinator says how the people of their units reach them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from people.forms_support import OfficeContactForm
from people.requests import SignedInRequest
from people.support import is_asked_by_people, office_contact_set


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def office_contact(request: SignedInRequest) -> HttpResponse:
    """Office phone and e-mail as people of one's units see them; 404 for whom nobody is sent to."""
    if not is_asked_by_people(request.user):
        raise Http404
    held = {"phone": request.user.office_phone, "email": request.user.office_email}
    form = OfficeContactForm(request.POST or None, initial=held)
    if request.method == "POST" and form.is_valid():
        office_contact_set(user=request.user, **form.cleaned_data)
        messages.success(request, _("Đã lưu cách liên hệ."))
        return redirect("account")
    return render(request, "account/office_contact.html", {"form": form})
