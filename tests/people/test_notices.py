"""Notices: whom they reach and how, that they leave once, and that a broken gateway harms nobody."""

from __future__ import annotations

import threading
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from kombu.exceptions import OperationalError

from people import tasks_notices
from people.models import Channel, Consent, ConsentPurpose, Notice, NoticeState, User
from people.notices import (
    channel_for,
    may_carry,
    notice_seen,
    notices_deliver,
    notices_for_my_learning,
    notices_send,
    notices_summary,
)
from people.sms import MemoryBackend, SmsError
from tests.factories.people import UnitFactory, UserFactory

SENT, WAITING, FAILED = NoticeState.SENT, NoticeState.WAITING, NoticeState.FAILED


@pytest.fixture(autouse=True)
def _quiet():
    MemoryBackend.outbox.clear()


def with_email(**fields):
    user = UserFactory(**fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def say(user, given):
    Consent.objects.create(user=user, purpose=ConsentPurpose.REMINDERS, version="1", given=given, how="account")


def send(*users, **fields):
    return notices_send(users=users, **{"kind": "remind", "subject": "Nhắc học", "body": "Hãy học.", **fields})


# --- Whom it may reach, and how ---


@pytest.mark.parametrize(
    ("consent", "official", "carried"),
    [
        (True, True, True),
        (True, False, True),
        (False, True, False),
        (False, False, False),
        (None, True, True),
        (None, False, False),
    ],
)
def test_consent_decides_and_silence_is_none(consent, official, carried):
    assert may_carry(consent=consent, official=official) is carried


@pytest.mark.parametrize(
    ("carried", "has_email", "has_phone", "by_sms", "channel"),
    [
        (True, True, True, True, Channel.EMAIL),
        (True, True, False, False, Channel.EMAIL),
        (True, False, True, True, Channel.SMS),
        (True, False, True, False, Channel.SITE),
        (True, False, False, True, Channel.SITE),
        (False, True, True, True, Channel.SITE),
    ],
)
def test_email_comes_before_a_text_message_that_costs_money(carried, has_email, has_phone, by_sms, channel):
    assert channel_for(carried=carried, has_email=has_email, has_phone=has_phone, by_sms=by_sms) == channel


@pytest.mark.django_db
class TestSending:
    def test_by_email_with_the_way_back_and_the_way_out(self, settings, django_capture_on_commit_callbacks):
        user = with_email(full_name="Nguyễn Thị Hoà", email="hoa@example.vn")
        with django_capture_on_commit_callbacks(execute=True):
            [notice] = send(user, unit=UnitFactory(), path="/khoa-hoc/x/")
        [letter] = mail.outbox
        [paper] = letter.alternatives
        assert paper.mimetype == "text/html"
        assert letter.to == ["hoa@example.vn"]
        assert letter.subject == "Học Số: Nhắc học"
        for part in ("Chào Nguyễn Thị Hoà", "Hãy học.", f"{settings.BASE_URL}/khoa-hoc/x/", "/tai-khoan/"):
            assert part in letter.body
        notice.refresh_from_db()
        assert (notice.channel, notice.state, notice.error) == (Channel.EMAIL, SENT, "")

    @pytest.mark.parametrize(
        ("said", "official", "channel"),
        [
            ([], True, Channel.EMAIL),
            ([], False, Channel.SITE),
            ([True], False, Channel.EMAIL),
            ([True, False], True, Channel.SITE),
            ([False, True], False, Channel.EMAIL),
        ],
    )
    def test_the_newest_word_of_the_person_holds(self, said, official, channel):
        user = with_email()
        for given in said:
            say(user, given)
        [notice] = send(user, unit=UnitFactory() if official else None)
        assert notice.channel == channel

    def test_an_address_that_nobody_proved_is_not_written_to(self):
        user = UserFactory()
        EmailAddress.objects.create(user=user, email=user.email, verified=False)
        other = UserFactory(email="moi@example.vn")
        EmailAddress.objects.create(user=other, email="cu@example.vn", verified=True)
        made = send(user, other, unit=UnitFactory())
        assert [(n.channel, n.state) for n in made] == 2 * [(Channel.SITE, SENT)]
        assert all(n.sent_at for n in made)

    def test_text_messages_only_where_the_province_pays_for_them(self, settings, django_capture_on_commit_callbacks):
        user = UserFactory(email=None, phone="+84912345678", phone_verified=True)
        [notice] = send(user, unit=UnitFactory())
        assert notice.channel == Channel.SITE
        settings.REMINDERS_BY_SMS = True
        unproved = UserFactory(email=None, phone="+84987654321", phone_verified=False)
        with django_capture_on_commit_callbacks(execute=True):
            made = send(user, unproved, unit=UnitFactory(), path="/viec-hoc/")
        assert [n.channel for n in made] == [Channel.SMS, Channel.SITE]
        [text] = MemoryBackend.outbox
        assert text.phone == "+84912345678"
        assert "/viec-hoc/" in text.text

    def test_not_again_within_days_and_only_of_that_kind(self):
        user, late = UserFactory(), UserFactory()
        send(user, late)
        Notice.objects.filter(user=late).update(made_at=timezone.now() - timedelta(days=3, minutes=1))
        assert [n.user for n in send(user, late, not_within_days=3)] == [late]
        assert len(send(user, kind="other", not_within_days=3)) == 1
        assert send(user, late, not_within_days=3) == []

    def test_an_account_that_is_closed_is_left_out_and_nobody_is_written_to_twice(self):
        user, closed = UserFactory(), UserFactory(is_active=False)
        assert [n.user for n in send(user, closed, user)] == [user]

    def test_a_broker_that_is_down_does_not_harm_the_sender(self, monkeypatch, django_capture_on_commit_callbacks):
        def down(**_):
            raise OperationalError("no broker")

        monkeypatch.setattr(tasks_notices.deliver, "apply_async", down)
        with django_capture_on_commit_callbacks(execute=True):
            [notice] = send(with_email(), unit=UnitFactory())
        notice.refresh_from_db()
        assert (notice.state, mail.outbox) == (WAITING, [])
        assert tasks_notices.deliver() == 1, "the sweep finds it"
        assert len(mail.outbox) == 1

    def test_it_costs_the_same_for_one_and_for_many(self):
        """Savepoint, lock of the people, throttle, consents, addresses, insert, release."""
        unit, counts = UnitFactory(), []
        for size in (1, 40):
            users = [with_email() for _ in range(size)]
            with CaptureQueriesContext(connection) as queries:
                send(*users, unit=unit, not_within_days=3)
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 7


@pytest.mark.django_db
class TestDelivery:
    def test_twice_sends_once(self):
        send(with_email(), with_email(), unit=UnitFactory())
        assert notices_deliver() == 2
        assert notices_deliver() == 0
        assert len(mail.outbox) == 2

    def test_what_another_worker_just_took_is_left_to_it_until_it_seems_dead(self):
        [notice] = send(with_email(), unit=UnitFactory())
        Notice.objects.update(sent_at=timezone.now() - timedelta(minutes=9))
        assert notices_deliver() == 0
        Notice.objects.update(sent_at=timezone.now() - timedelta(minutes=11))
        assert notices_deliver() == 1

    def test_a_limit_leaves_the_rest_to_the_next_run(self):
        send(*(with_email() for _ in range(3)), unit=UnitFactory())
        assert [notices_deliver(limit=2), notices_deliver(limit=2)] == [2, 1]

    @pytest.mark.parametrize(
        ("fault", "age", "state"),
        [
            (SMTPServerDisconnected("away"), timedelta(0), WAITING),
            (ConnectionRefusedError("away"), timedelta(0), WAITING),
            (ConnectionRefusedError("away"), timedelta(days=1, minutes=1), FAILED),
            (SMTPRecipientsRefused({"a@b": (550, b"no such user")}), timedelta(0), FAILED),
            (ValueError("a fault of ours"), timedelta(0), FAILED),
        ],
    )
    def test_faults_are_written_down_and_the_next_person_still_gets_theirs(self, monkeypatch, fault, age, state):
        first, second = with_email(email="mot@example.vn"), with_email(email="hai@example.vn")
        send(first, second, unit=UnitFactory())
        Notice.objects.update(made_at=timezone.now() - age)
        real = mail.EmailMultiAlternatives.send

        def fails_for_the_first(self, *args, **kwargs):
            if self.to == ["mot@example.vn"]:
                raise fault
            return real(self, *args, **kwargs)

        monkeypatch.setattr("people.notices.EmailMultiAlternatives.send", fails_for_the_first)
        assert notices_deliver() == 2
        bad, good = Notice.objects.get(user=first), Notice.objects.get(user=second)
        assert bad.state == state
        assert str(fault)[:10] in bad.error
        assert (good.state, good.error) == (SENT, "")

    def test_a_gateway_that_refuses_is_asked_again_later(self, settings, monkeypatch):
        settings.REMINDERS_BY_SMS = True
        send(UserFactory(email=None, phone="+84912345678", phone_verified=True), unit=UnitFactory())

        def refuses(self, **_):
            raise SmsError("no credit")

        monkeypatch.setattr(MemoryBackend, "send", refuses)
        notices_deliver()
        monkeypatch.undo()
        notice = Notice.objects.get()
        assert (notice.state, notice.error) == (WAITING, "SmsError: no credit")
        assert notices_deliver() == 0, "not at once"
        Notice.objects.update(sent_at=timezone.now() - timedelta(minutes=11))
        assert notices_deliver() == 1
        notice.refresh_from_db()
        assert (notice.state, notice.error) == (SENT, "")


@pytest.mark.django_db
class TestReading:
    def test_the_newest_of_each_kind_until_it_is_seen(self):
        user, other = UserFactory(), UserFactory()
        send(user, subject="cũ")
        [newest] = send(user, subject="mới")
        [second] = send(user, kind="khac")
        send(other)
        assert [n.pk for n in notices_for_my_learning(user)] == [second.pk, newest.pk]
        seen = notice_seen(notice=newest)
        assert seen.seen_at
        assert [n.pk for n in notices_for_my_learning(user)] == [second.pk], "what it repeats is gone too"
        assert notice_seen(notice=newest).seen_at == seen.seen_at
        assert Notice.objects.get(user=other).seen_at is None

    def test_the_sender_is_told_what_carries_it(self):
        made = send(with_email(), UserFactory(), UserFactory(), unit=UnitFactory())
        assert notices_summary(made) == "1 người nhận qua email, 2 người thấy khi mở Học Số"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_one_instant_write_once(on_postgres):
    users = [UserFactory() for _ in range(5)]
    barrier, made = threading.Barrier(2), []

    def click():
        try:
            barrier.wait()
            found = User.objects.filter(pk__in=[u.pk for u in users])
            made.append(len(send(*found, not_within_days=3)))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 5]
    assert Notice.objects.count() == 5
