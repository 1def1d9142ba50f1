"""Template tags of the account screens."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext_lazy

from people.models import Role
from people.phones import show_phone

register = template.Library()
_JOINTS = re.compile(r"(@|\.(?=\w))")
#: Roles as a page of the person names them. The labels of ``Role`` go into files and logs, and stay Vietnamese.
ROLES: dict[str, Promise] = {
    Role.LEARNER: pgettext_lazy("vai trò", "Người học"),
    Role.TEAM_LEADER: pgettext_lazy("vai trò", "Tổ trưởng"),
    Role.INSTRUCTOR: pgettext_lazy("vai trò", "Giảng viên"),
    Role.COORDINATOR: pgettext_lazy("vai trò", "Đầu mối đơn vị"),
    Role.ISSUING_OFFICIAL: pgettext_lazy("vai trò", "Người ký cấp chứng nhận"),
    Role.PROVINCIAL_LEAD: pgettext_lazy("vai trò", "Đơn vị chủ trì cấp tỉnh"),
    Role.EDITOR: pgettext_lazy("vai trò", "Biên tập viên"),
    Role.CONTENT_REVIEWER: pgettext_lazy("vai trò", "Người thẩm định nội dung"),
    Role.PUBLISHER: pgettext_lazy("vai trò", "Người xuất bản"),
    Role.ADMINISTRATOR: pgettext_lazy("vai trò", "Quản trị hệ thống"),
}


@register.filter
def phone(value: str) -> str:
    """An E.164 number as people read it: ``0912 345 678``."""
    return show_phone(value) if value else ""


@register.filter
def email(address: str) -> SafeString:
    """An address that breaks where its parts meet, not within a word."""
    return mark_safe(_JOINTS.sub(r"\1<wbr>", escape(address)))  # noqa: S308  (escaped)


@register.filter
def role_name(role: str) -> str:
    """What somebody is in a unit, in the language of the page."""
    return str(ROLES[role])


@register.inclusion_tag("components/form.html")
def account_fields(form: Any) -> dict[str, Any]:
    """The fields of a library's form in our look.

    Their placeholders only repeat the label and vanish when typing starts, so they go; fields for codes get the
    number keyboard, and take a code pasted with spaces.
    """
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        if name == "code":
            field.widget.attrs.update({"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code"})
    return {"form": form}
