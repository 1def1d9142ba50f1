"""The gate before every publication: what stops it, what is asked first, and what it would change for learners."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page

from cms.checks import rules
from cms.checks.describe import describe
from cms.checks.effects import effect_lines
from cms.checks.plain import ERROR, PAGE, WARNING, Finding
from common.errors import Refusal


class PublishRefused(Refusal):
    """A page that learners could not use, or not everybody could, stays as it is."""


_going: ContextVar[frozenset[int]] = ContextVar("cms_going_together", default=frozenset())


@contextmanager
def together(pages: Collection[int]) -> Iterator[None]:
    """While these pages (by their ids) go out in one transaction: each counts as published for all the others."""
    token = _going.set(frozenset(pages))
    try:
        yield
    finally:
        _going.reset(token)


def findings_of(page: Page) -> list[Finding]:
    """Everything that is found on a page as it is in memory, errors first."""
    return rules.check(describe(page.specific, going=_going.get()))


def errors_of(page: Page) -> list[Finding]:
    """What keeps a page from being published."""
    return [finding for finding in findings_of(page) if finding.level == ERROR]


def questions_of(page: Page) -> tuple[list[Finding], list[str]]:
    """What somebody is asked before a page goes out: warnings, and what changes for those who learn now."""
    warnings = [finding for finding in findings_of(page) if finding.level == WARNING]
    return warnings, effect_lines(page)


def refuse_unfit(page: Page) -> None:
    """Raise PublishRefused when the page has errors; ``page`` is what would be published."""
    errors = errors_of(page)
    if not errors:
        return
    raise PublishRefused(
        _("Chưa xuất bản được «%(title)s». %(findings)s")
        % {"title": page.get_admin_display_title(), "findings": in_words(errors)},
        code="page_unfit",
        fix=_("Bản nháp vẫn còn: hãy sửa các chỗ trên rồi xuất bản lại."),
        link=(reverse("wagtailadmin_pages:edit", args=[page.pk]), _("Mở trang để sửa")),
        errors=errors,
    )


def in_words(findings: list[Finding], *, most: int = 5) -> str:
    """The findings in one line; of many, the first ones and how many more."""
    told = " ".join(_told(finding) for finding in findings[:most])
    more = len(findings) - most
    if more <= 0:
        return told
    return f"{told} " + ngettext("Và %(count)s chỗ nữa.", "Và %(count)s chỗ nữa.", more) % {"count": more}


def _told(finding: Any) -> str:
    words = f"{finding.text} {finding.fix}".strip()
    return words if finding.where == PAGE else f"{finding.place}: {words}"
