"""What waits for editors, for those who also hold an office: the same numbers as on the first page of ``/cms/``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cms.editor_home import drafts_of
from cms.reviews import due_reviews
from people import access
from people.waiting import Waiting, waits_for


@waits_for(access.EDITING, order=70)
def pages_to_write(viewer: Any) -> Iterator[Waiting]:
    """Own drafts, and own pages that are due for another look; seven queries, whatever their number."""
    yield Waiting(drafts_of(viewer).count(), _("bản nháp của bạn chưa xuất bản"), reverse("wagtailadmin_home"))
    due = len(due_reviews(within="30-ngay", owner=viewer))
    yield Waiting(due, _("nội dung của bạn đến hạn rà soát"), f"{reverse('cms_reviews')}?cua=toi")
