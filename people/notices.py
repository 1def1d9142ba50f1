"""The one way in which the platform writes to people: a row on the site, and what else can carry it.

A notice is always shown on the site. E-mail or a text message carries it besides where the person may be written to
(``may_carry``) and an address of theirs is proved. It leaves after commit, by a job; a sweep takes up what was lost.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import ngettext

from common import wording
from common.language import on_record
from common.queue import enqueue
from people.letters import letter_html
from people.models import Channel, Consent, ConsentPurpose, Notice, NoticeState, Unit, User
from people.sms import SmsError, send_sms

logger = logging.getLogger(__name__)

#: How many leave in one run of the job; the rest follows in the next.
AT_ONCE = 500
#: A worker that took a notice and died is given this long before another takes it, and a server that is down this long
#: before it is asked again.
RETRY_AFTER = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(days=1)


def may_carry(*, consent: bool | None, official: bool) -> bool:
    """Whether e-mail or a text message may carry a notice. ``consent`` None: the person has never been asked.

    Luật 91/2025/QH15: silence is not consent, and a withdrawn one binds. Who was never asked is written to only on the
    other legal ground: an office reminds its own people of a duty that a decision lays on it (``official``).
    """
    return official if consent is None else consent


def channel_for(*, carried: bool, has_email: bool, has_phone: bool, by_sms: bool) -> Channel:
    """What carries a notice besides the site: e-mail before a text message, which costs money."""
    if carried and has_email:
        return Channel.EMAIL
    if carried and has_phone and by_sms:
        return Channel.SMS
    return Channel.SITE


@transaction.atomic
def notices_send(
    *,
    users: Iterable[User],
    kind: str,
    subject: str | Callable[[User], str],
    body: str | Callable[[User], str],
    path: str = "",
    actor: Any = None,
    unit: Unit | None = None,
    not_within_days: int = 0,
) -> list[Notice]:
    """Write to people; carried by e-mail or text message after commit, by a job. Returns the notices made.

    Whoever got a notice of the same kind within ``not_within_days`` days is left out; so is an inactive account. With a
    ``unit`` the notice is an official one of that office to its own people (see ``may_carry``). The rows of the people
    are locked first, so two clicks at one instant write once. ``subject`` and ``body`` may be worded for each person.
    """
    people = _not_lately({user.pk for user in users}, kind, not_within_days)
    channels = _channels(people, official=unit is not None)
    now = timezone.now()
    with on_record():
        made = [
            Notice(
                user=person,
                unit=unit,
                actor=actor,
                kind=kind,
                subject=subject if isinstance(subject, str) else subject(person),
                body=body if isinstance(body, str) else body(person),
                path=path,
                channel=channels[person.pk],
                # What only the site shows has arrived.
                state=NoticeState.SENT if channels[person.pk] == Channel.SITE else NoticeState.WAITING,
                sent_at=now if channels[person.pk] == Channel.SITE else None,
            )
            for person in people
        ]
    Notice.objects.bulk_create(made, batch_size=500)
    if any(notice.state == NoticeState.WAITING for notice in made):
        transaction.on_commit(_deliver_soon)
    return made


def _not_lately(ids: set[int], kind: str, days: int) -> list[User]:
    """The people behind ``ids``, locked, without those who got a notice of this kind within ``days`` days."""
    people = list(User.objects.select_for_update(of=("self",)).filter(pk__in=ids, is_active=True).order_by("pk"))
    if not days:
        return people
    since = timezone.now() - timedelta(days=days)
    recent = set(Notice.objects.filter(user__in=ids, kind=kind, made_at__gt=since).values_list("user", flat=True))
    return [person for person in people if person.pk not in recent]


def _deliver_soon() -> None:
    from people.tasks_notices import deliver

    enqueue(deliver)


def _channels(people: list[User], *, official: bool) -> Mapping[int, Channel]:
    """What carries a notice to each of the people; three queries, whatever their number."""
    ids = [person.pk for person in people]
    consents: dict[int, bool] = {}
    said = Consent.objects.filter(user__in=ids, purpose=ConsentPurpose.REMINDERS).order_by("at", "id")
    for user, given in said.values_list("user", "given"):
        consents[user] = given  # the newest is in force
    proved = set(EmailAddress.objects.filter(user__in=ids, verified=True).values_list("user", "email"))
    return {
        person.pk: channel_for(
            carried=may_carry(consent=consents.get(person.pk), official=official),
            has_email=bool(person.email) and (person.pk, person.email) in proved,
            has_phone=bool(person.phone) and person.phone_verified,
            by_sms=settings.REMINDERS_BY_SMS,
        )
        for person in people
    }


def notices_deliver(*, limit: int = AT_ONCE) -> int:
    """Hand waiting notices to the mail server or the gateway; return how many were taken up. Safe to repeat.

    Each is claimed by one conditional update: ``sent_at`` of a waiting notice is when it was last taken up. A server
    that does not answer is asked again for a day; nothing here ever fails whoever wrote the notice.
    """
    due = Q(sent_at=None) | Q(sent_at__lt=timezone.now() - RETRY_AFTER)
    waiting = Notice.objects.filter(due, state=NoticeState.WAITING).order_by("made_at", "id")
    mail = get_connection()
    taken = 0
    for pk in list(waiting.values_list("pk", flat=True)[:limit]):
        if Notice.objects.filter(due, pk=pk, state=NoticeState.WAITING).update(sent_at=timezone.now()):
            with on_record():
                _deliver(Notice.objects.select_related("user").get(pk=pk), mail)
            taken += 1
    mail.close()
    return taken


def _deliver(notice: Notice, mail: Any) -> None:
    """Carry one notice that was claimed, and write down how it went."""
    state, error = NoticeState.SENT, ""
    try:
        _carry(notice, mail)
    except SMTPRecipientsRefused as refused:
        state, error = NoticeState.FAILED, f"Địa chỉ email không nhận thư: {refused}"
    except (SMTPException, SmsError, OSError) as fault:
        late = notice.made_at < timezone.now() - GIVE_UP_AFTER
        state, error = NoticeState.FAILED if late else NoticeState.WAITING, f"{type(fault).__name__}: {fault}"
    except Exception as fault:
        logger.exception("Notice %s cannot be carried.", notice.uuid)
        state, error = NoticeState.FAILED, f"{type(fault).__name__}: {fault}"
    Notice.objects.filter(pk=notice.pk).update(state=state, error=error[:300], sent_at=timezone.now())


def _carry(notice: Notice, mail: Any) -> None:
    link = f"{settings.BASE_URL.rstrip('/')}{notice.path}" if notice.path else ""
    if notice.channel == Channel.SMS:
        # One text message: what it is about, and where to go.
        send_sms(phone=notice.user.phone or "", text=f"Hoc So: {notice.subject} {link}".strip())
        return
    parts = [f"Chào {notice.user.full_name},", notice.body, link]
    parts.append(f"Không muốn nhận thư nhắc nữa? Mở {settings.BASE_URL.rstrip('/')}/tai-khoan/ để tắt.")
    subject = f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{notice.subject}"
    text = "\n\n".join(part for part in parts if part)
    letter = EmailMultiAlternatives(subject, text, to=[notice.user.email or ""], connection=mail)
    letter.attach_alternative(letter_html(subject=subject, text=text), "text/html")
    letter.send()


def notice_seen(*, notice: Notice) -> Notice:
    """The person has read it on the site: neither it nor what it repeats is shown again. A repeat changes nothing."""
    same = Notice.objects.filter(user=notice.user_id, kind=notice.kind, made_at__lte=notice.made_at, seen_at=None)
    same.update(seen_at=timezone.now())
    notice.refresh_from_db(fields=["seen_at"])
    return notice


def notices_for_my_learning(user: Any, *, limit: int = 3) -> list[Notice]:
    """What the person has not read yet, newest first; of one kind only the newest."""
    found: dict[str, Notice] = {}
    for notice in Notice.objects.filter(user=user, seen_at=None).select_related("actor", "unit")[:30]:
        found.setdefault(notice.kind, notice)
    return list(found.values())[:limit]


def notices_summary(made: Iterable[Notice]) -> str:
    """Through what the notices go, in words for whoever sent them: ``1 người qua email, 2 người trên trang``."""
    count = Counter(notice.channel for notice in made)
    mail, sms, site = count[Channel.EMAIL], count[Channel.SMS], count[Channel.SITE]
    said = [
        (mail, ngettext("%(count)s người nhận qua email", "%(count)s người nhận qua email", mail)),
        (sms, ngettext("%(count)s người nhận qua tin nhắn", "%(count)s người nhận qua tin nhắn", sms)),
        (site, ngettext("%(count)s người thấy khi mở Học Số", "%(count)s người thấy khi mở Học Số", site)),
    ]
    return ", ".join(words % {"count": wording.number(number)} for number, words in said if number)
