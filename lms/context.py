"""What every template may know."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from common.display import display_of
from common.language import other_language
from common.wording import province
from lms.help.page import PageHelp
from people import access


def site(request: HttpRequest) -> dict[str, Any]:
    """Name of the province, whether this is a demo, how to show the page, and which doors the person has."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "province_name": province(settings.PROVINCE_NAME),
        "is_demo": settings.DEMO,
        "display": display_of(request),
        "other_language": other_language(request),
        "page_help": PageHelp(request),
        "may_manage": signed_in and access.is_manager(user),
        "may_teach": signed_in and access.is_teacher(user),
        "may_edit": signed_in and access.is_editor(user),
    }
