"""The log of official acts: searching it, and taking a copy."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.sheets_out import guarded
from people import access, audit_log
from people.forms_audit import AuditSearchForm
from people.models import User
from people.querysets import today
from people.requests import SignedInRequest
from people.stepup import demand_fresh_proof


def _require_right(viewer: User) -> None:
    allowed = bool(access.roles_of(viewer) & access.AUDIT_READING)
    access.require(allowed, viewer, what=_("nhật ký của đơn vị nào"))


@never_cache
@login_required
@require_safe
def log(request: SignedInRequest) -> HttpResponse:
    """Entries of one's scope, newest first, with what was before and after."""
    _require_right(request.user)
    form = AuditSearchForm(request.GET)
    search = form.search()
    page = audit_log.page_of(audit_log.entries_for(request.user, search), request.GET.get("cu-hon", ""))
    query = request.GET.copy()
    query.pop("cu-hon", None)
    context = {
        "form": form,
        "page": page,
        "query": query.urlencode(),
        "is_first": "cu-hon" not in request.GET,
        "is_filtered": search != audit_log.Search(),
        "most": audit_log.EXPORT_MOST,
    }
    return render(request, "people/audit/log.html", context)


@never_cache
@login_required
@require_safe
def export(request: SignedInRequest) -> HttpResponse | StreamingHttpResponse:
    """What was looked for as a CSV file; that it was taken is an entry of the log itself."""
    _require_right(request.user)
    form = AuditSearchForm(request.GET)
    if not form.is_valid():
        return log(request)
    demand_fresh_proof(request, _("xuất nhật ký"))
    search = form.search()
    entries = audit_log.entries_for(request.user, search)
    audit_log.export_record(viewer=request.user, search=search)
    response = StreamingHttpResponse(_csv(audit_log.export_rows(entries)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="nhat-ky-{today():%Y-%m-%d}.csv"'
    return response


class _Echo:
    """A file that hands every line on instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _csv(rows: Iterator[list[str]]) -> Iterator[str]:
    yield "\ufeff"  # by which spreadsheets know Vietnamese letters
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([guarded(cell) for cell in row])
