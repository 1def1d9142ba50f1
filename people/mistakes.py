"""A refused form is shown again by a redirect, so that the browser's Back and Reload never ask to send it again.

What was typed and what is wrong with it wait in the session for the next look at the same page. Passwords never do.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

_KEY = "mistakes"


def mistakes_keep(request: HttpRequest, form: forms.BaseForm) -> HttpResponse:
    """Put a refused form aside and lead back to its page."""
    secret = {name for name, field in form.fields.items() if isinstance(field.widget, forms.PasswordInput)}
    request.session[_KEY] = {
        "path": request.path,
        "typed": {name: form[name].data for name in form.fields if name not in secret},
        "errors": {name: [item["message"] for item in found] for name, found in form.errors.get_json_data().items()},
    }
    return redirect(request.get_full_path())


def mistakes_show(request: HttpRequest, form: Any) -> None:
    """On a page that is looked at: show once what the last try got wrong."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if request.method == "POST" or not kept:
        return
    del request.session[_KEY]
    if kept["path"] == request.path:
        form.initial |= kept["typed"]
        form._errors = ErrorDict({name: form.error_class(found) for name, found in kept["errors"].items()})
