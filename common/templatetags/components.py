"""Template tags for the components in ``lms/templates/components``, loaded in every template."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing of ``static/img/icons.svg`` beside words that say the same: ``{% icon "print" %} In danh sách``."""
    return format_html(
        '<svg class="icon" width="24" height="24" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("img/icons.svg"),
        name,
    )


@register.inclusion_tag("components/bar.html")
def bar(percent: int, label: str, lang: str = "") -> dict[str, Any]:
    """A progress bar: ``{% bar 40 "Bạn đã học 4 trên 10 phần" %}``; ``lang`` where the label is a title of ours."""
    return {"percent": percent, "label": label, "lang": lang}


@register.inclusion_tag("components/form.html")
def form_fields(form: Any) -> dict[str, Any]:
    """Error summary and fields of a form: ``<form novalidate>{% form_fields form %}…``."""
    return {"form": form}


@register.simple_block_tag
def search_form(
    content: str,
    label: str,
    words: str = "",
    *,
    button: str = "",
    name: str = "q",
    action: str = "",
    main: bool = False,
) -> str:
    """The search above a list: ``{% search_form "Tìm theo tên" words %}further fields{% endsearch_form %}``.

    ``main`` where searching is what the page is for.
    """
    said = {
        "label": label,
        "words": words,
        "button": button or _("Tìm"),
        "name": name,
        "action": action,
        "is_quiet": not main,
    }
    return str(render_to_string("components/search_form.html", said | {"more": content}))


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Any, page: Any) -> dict[str, Any]:
    """Previous and next page, keeping the other parameters of the address."""
    query = context["request"].GET.copy()
    query.pop("trang", None)
    return {"page": page, "query": f"{query.urlencode()}&" if query else ""}


@register.simple_block_tag
def nothing(content: str, heading: str = "", *, level: int = 2) -> str:
    """What stands where a list would: why nothing is there, and what to do next.

    ``{% nothing "Chưa có lộ trình nào" %}<p>Xem từng khoá…</p>{% endnothing %}``; ``level`` is that of its heading.
    """
    return str(render_to_string("components/nothing.html", {"heading": heading, "content": content, "level": level}))


@register.simple_block_tag
def file_drop(content: str, label: str, name: str = "", *, accept: str = "") -> str:
    """A file to choose or to let fall here, with a line about it: ``{% file_drop "Chọn tệp PDF" "tep" %}…``."""
    said = {"label": label, "id": name, "accept": accept, "content": content}
    return str(render_to_string("components/file_drop.html", said))


@register.simple_block_tag
def banner(content: str, heading: str, state: str = "good", *, level: int = 2, alert: bool = False) -> str:
    """One answer above all else, in words, colour and shape.

    ``state``: "good" (a tick), "bad" (a cross), "unknown" (a question mark) or "replaced" (two arrows).
    """
    said = {"heading": heading, "state": state, "level": level, "is_alert": alert, "content": content}
    return str(render_to_string("components/banner.html", said))


@register.inclusion_tag("components/share_card.html", takes_context=True)
def share_card(context: Any, title: str, text: str = "", picture: Any = None) -> dict[str, Any]:
    """What search engines and messengers show of a public page: its description and its card.

    ``picture`` is the address of a picture of its own; without one the house's stands there.
    """
    base = settings.BASE_URL.rstrip("/")
    own = f"{base}{picture}" if picture and str(picture).startswith("/") else picture
    return {
        "title": title,
        "text": text,
        "address": f"{base}{context['request'].path}",
        "picture": own or f"{base}{static('img/card.png')}",
        "is_ours": not own,
    }


@register.simple_block_tag
def crumbs(content: str) -> str:
    """The way back, above the heading: ``{% crumbs %}<a href="/khoa-hoc/">Khoá học</a>{% endcrumbs %}``."""
    return str(render_to_string("components/crumbs.html", {"content": content}))
