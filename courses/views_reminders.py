"""Reminders that stand on "Việc học của tôi"."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from people.models import Notice
from people.notices import notice_seen
from people.requests import SignedInRequest


@login_required
def reminder_seen(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The person has read a reminder of theirs. A GET comes here after signing in again: nothing happens."""
    notice = get_object_or_404(Notice, uuid=uuid, user=request.user)
    if request.method == "POST":
        notice_seen(notice=notice)
    return redirect("courses:my_learning")
