"""Pages of our own in the editors' admin: what is due for review, and the guide."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_noop
from wagtail.permissions import page_permission_policy

from cms.reviews import DueReview, due_reviews
from common.guides import guide as guide_of
from common.language import on_record
from common.sheets_out import write_csv
from people.querysets import today

CHOICES = (
    ("qua-han", gettext_noop("Đã đến hạn")),
    ("30-ngay", gettext_noop("Đến hạn trong 30 ngày")),
    ("90-ngay", gettext_noop("Đến hạn trong 90 ngày")),
    ("khong-ngay", gettext_noop("Chưa có ngày rà soát")),
)
HEADINGS = ("Nội dung", "Loại", "Khoá học", "Người phụ trách", "Rà soát lại vào ngày", "Địa chỉ")


def reviews(request: HttpRequest) -> HttpResponse:
    """«Nội dung đến hạn rà soát», narrowed by day and owner; ``?dang=csv`` gives it as a table to take along."""
    within = request.GET.get("han", "30-ngay")
    mine = request.GET.get("cua") == "toi"
    rows = due_reviews(within=within, owner=request.user if mine else None)
    if request.GET.get("dang") == "csv":
        response = HttpResponse(_table(rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="ra-soat-{today():%Y-%m-%d}.csv"'
        return response
    may_edit = page_permission_policy.user_has_permission(request.user, "change")
    context = {"rows": rows, "within": within, "mine": mine, "choices": CHOICES, "may_edit": may_edit}
    return render(request, "cms/admin/reviews.html", context)


@on_record()
def _table(rows: list[DueReview]) -> bytes:
    cells = [
        (
            row.page.title,
            row.kind,
            row.course,
            str(row.owner or ""),
            row.review_on,
            row.page.site_path,
        )
        for row in rows
    ]
    return write_csv(HEADINGS, cells)


def guide(request: HttpRequest) -> HttpResponse:
    """The editors' guide, as it stands in ``docs/guides``."""
    found = guide_of("bien-tap")
    return render(request, "cms/admin/guide.html", {"guide": found, "title": found.title})
