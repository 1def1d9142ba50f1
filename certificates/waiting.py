"""What waits for who issues certificates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import Batch
from people.models import Role
from people.waiting import Waiting, waits_for


@waits_for({Role.ISSUING_OFFICIAL}, order=10)
def lists_to_approve(viewer: Any) -> Iterator[Waiting]:
    """Lists that the viewer may approve; one query."""
    count = Batch.objects.to_approve(viewer).count()
    note = _("Kiểm tra người và họ tên, ghi số quyết định rồi duyệt")
    words = ngettext("danh sách đề nghị cấp chờ bạn duyệt", "danh sách đề nghị cấp chờ bạn duyệt", count)
    yield Waiting(count, words, f"{reverse('issuing:batches')}?cho=duyet", note=note)
