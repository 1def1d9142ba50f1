"""What waits in quizzes: free texts that a person has to grade."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from courses import teaching
from people import access
from people.waiting import Waiting, waits_for
from quizzes import insight


@waits_for(access.SIGNING_OFF, order=31)
def essays_to_grade(viewer: Any) -> Iterator[Waiting]:
    """Free texts of people in the viewer's scope; one query."""
    people = teaching.people_of(access.scope_units(viewer, access.SIGNING_OFF))
    count = insight.essays_waiting(viewer=viewer, people=people).count()
    words = ngettext("câu tự luận chờ bạn chấm", "câu tự luận chờ bạn chấm", count)
    yield Waiting(count, words, reverse("insight:essays"))
