"""The secret address of a person's reporting calendar, and what it holds."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from common.text import vi_date
from kpi.models import CalendarLink, ReportDue
from kpi.report_ics import Event, calendar_text
from kpi.services.reporting_reminders import dues_owed_by
from people.models import User
from people.querysets import today


def calendar_link_make(*, user: User) -> CalendarLink:
    """Give a person an address that a calendar program can fetch without signing in; an earlier one stops working."""
    link, _ = CalendarLink.objects.update_or_create(user=user, defaults={"token": secrets.token_urlsafe(32)})
    return link


def calendar_link_drop(*, user: User) -> None:
    """The address of a person stops working."""
    CalendarLink.objects.filter(user=user).delete()


def calendar_of(user: Any) -> str:
    """What the person owes today, as a calendar file. What was handed in or excused is no longer in it."""
    events = [_event(due) for due in dues_owed_by(user)]
    return calendar_text(events, name="Lịch báo cáo – Học Số", at=timezone.now())


def _event(due: ReportDue) -> Event:
    late = "QUÁ HẠN: " if due.due_on < today() else ""
    address = f"{settings.BASE_URL.rstrip('/')}{reverse('kpi:due', args=[due.uuid])}"
    told = [f"{due.unit}: {due.duty.subject}", f"Kỳ: {due.period}", f"Hạn cuối: {vi_date(due.due_on)}"]
    told += [f"Văn bản: {due.duty.decision.title}, mục {due.duty.section}", address]
    return Event(
        uid=f"{due.uuid}@hocso",
        day=due.due_on,
        summary=f"{late}Nộp báo cáo {due.period}, {due.unit} ({due.duty.code})",
        description="\n".join(told),
        url=address,
        remind_days=due.duty.remind_days,
    )
