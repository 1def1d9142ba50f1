"""What waits for who issues certificates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from certificates.models import Batch
from people.models import Role
from people.waiting import Waiting, waits_for


@waits_for({Role.ISSUING_OFFICIAL}, order=10)
def lists_to_approve(viewer: Any) -> Iterator[Waiting]:
    """Lists that the viewer may approve; one query."""
    count = Batch.objects.to_approve(viewer).count()
    note = "Kiểm tra người và họ tên, ghi số quyết định rồi duyệt"
    yield Waiting(count, "danh sách đề nghị cấp chờ bạn duyệt", f"{reverse('issuing:batches')}?cho=duyet", note=note)
