"""The gate at Wagtail's own forms, which publish without asking the page: refused, asked, or let through."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page

from cms.checks import gate
from cms.checks.effects import effect_lines
from cms.checks.views import confirm_address


def before_publishing(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Errors: the page stays a draft. Warnings, or an effect on who learns now: asked first. Else it goes out at once.

    What was written is saved already, so nothing is lost either way.
    """
    errors = gate.errors_of(page)
    if errors:
        _keep_draft(page)
        name = page.get_admin_display_title()
        messages.error(
            request,
            _("Đã lưu bản nháp nhưng chưa xuất bản được «%(name)s». %(findings)s")
            % {"name": name, "findings": gate.in_words(errors)},
        )
        return redirect("wagtailadmin_pages:edit", page.pk)
    warnings, effect = gate.questions_of(page)
    if warnings or effect:
        _keep_draft(page)
        return redirect(confirm_address(page))
    return None


def _keep_draft(page: Page) -> None:
    """A page that is created and published in one go is already marked as live here, though nobody published it."""
    if page.live and page.first_published_at is None:
        Page.objects.filter(pk=page.pk).update(live=False, has_unpublished_changes=True)


def refusals_in_bulk(pages: list[Page], *, with_descendants: bool) -> list[str]:
    """Why several pages cannot be published together, each with its reasons.

    What changes something for learners is published one by one, where the effect is shown first.
    """
    refusals = []
    for draft in _drafts(pages, with_descendants):
        title = draft.get_admin_display_title()
        if errors := gate.errors_of(draft):
            refusals.append(f"«{title}»: {gate.in_words(errors)}")
        elif effect := effect_lines(draft):
            refusals.append(
                _("«%(title)s»: %(effect)s Hãy xuất bản riêng trang này.")
                % {"title": title, "effect": " ".join(effect)}
            )
    return refusals


def warnings_in_bulk(pages: list[Page], *, with_descendants: bool) -> list[str]:
    """How many things should be looked at again on each of the pages."""
    counts = [(draft, len(gate.questions_of(draft)[0])) for draft in _drafts(pages, with_descendants)]
    return [
        ngettext("«%(title)s»: %(count)s chỗ nên xem lại.", "«%(title)s»: %(count)s chỗ nên xem lại.", count)
        % {"title": draft.get_admin_display_title(), "count": count}
        for draft, count in counts
        if count
    ]


def _drafts(pages: list[Page], with_descendants: bool) -> list[Page]:
    wanted = {page.pk: page for page in pages}
    if with_descendants:
        wanted |= {below.pk: below for page in pages for below in page.get_descendants().not_live()}
    return [page.get_latest_revision_as_object() for page in wanted.values()]
