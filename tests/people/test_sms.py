"""Text messages: the backends, what happens when a gateway fails, and a wrong setting."""

from __future__ import annotations

import logging

import pytest
from django.core.checks import run_checks
from hypothesis import given
from hypothesis import strategies as st

from people.checks import codes_reach_people, sms_backend_can_be_used
from people.phones import PhoneError, parse_phone, show_phone
from people.sms import MemoryBackend, Message, send_sms


@pytest.fixture(autouse=True)
def _empty_outbox():
    MemoryBackend.outbox.clear()


class DeafBackend:
    """No method to send with."""


@pytest.mark.parametrize(
    "written",
    [
        "0912345678", "0912 345 678", "0912.345.678", "(0912) 345-678", "+84912345678", "+84 912345678",
        "84912345678", "84 912 345 678", "0084 912345678", "912345678", "０９１２３４５６７８", " 0912 345 678 ",
    ],
)  # fmt: skip
def test_every_way_to_write_a_number_is_one_number(written):
    assert parse_phone(written) == "+84912345678"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "chưa đúng"), ("abc", "chưa đúng"), ("0912 345", "thừa hoặc thiếu"), ("0912 345 6789", "thừa hoặc thiếu"),
        ("0169 123 4567", "thừa hoặc thiếu"), ("0204 3854 123", "máy bàn"),
    ],
)  # fmt: skip
def test_what_is_no_mobile_number_says_why(written, why):
    with pytest.raises(PhoneError, match=why):
        parse_phone(written)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_a_refusal(text):
    try:
        phone = parse_phone(text)
    except PhoneError:
        return
    assert phone.startswith("+")
    assert parse_phone(phone) == phone
    assert parse_phone(show_phone(phone)) == phone


@pytest.mark.parametrize(
    ("phone", "shown"), [("+84912345678", "0912 345 678"), ("+12025550143", "+1 202-555-0143"), ("chưa có", "chưa có")]
)
def test_numbers_are_shown_as_people_read_them(phone, shown):
    assert show_phone(phone) == shown


def test_memory_backend_keeps_messages():
    send_sms(phone="+84912345678", text="Chào bạn")
    assert MemoryBackend.outbox == [Message("+84912345678", "Chào bạn")]


def test_console_backend_writes_to_the_log(settings, caplog):
    settings.SMS_BACKEND = "people.sms.ConsoleBackend"
    with caplog.at_level(logging.INFO, logger="people.sms"):
        send_sms(phone="+84912345678", text="ma la 123456")
    assert "SMS to +84912345678: ma la 123456" in caplog.text


@pytest.mark.parametrize("path", ["people.sms.Nothing", "nowhere.Backend", "", f"{__name__}.DeafBackend"])
def test_wrong_backend_stops_start_up(settings, path):
    settings.SMS_BACKEND = path
    assert [(error.id, bool(error.hint)) for error in sms_backend_can_be_used(None)] == [("people.E001", True)]


def test_the_check_is_registered_and_the_settings_pass_every_check(settings):
    assert run_checks() == []
    settings.SMS_BACKEND = "people.sms.Nothing"
    assert "people.E001" in [message.id for message in run_checks()]


@pytest.mark.parametrize(
    ("sms", "mail", "demo", "ids"),
    [
        ("people.sms.ConsoleBackend", "console", False, ["people.W002", "people.W003"]),
        ("people.sms.ConsoleBackend", "smtp", False, ["people.W002"]),
        ("gateway.Backend", "smtp", False, []),
        ("people.sms.ConsoleBackend", "console", True, []),
    ],
)
def test_a_deployment_whose_codes_reach_nobody_is_told(settings, sms, mail, demo, ids):
    settings.SMS_BACKEND, settings.DEMO = sms, demo
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{mail}.EmailBackend"
    assert [message.id for message in codes_reach_people(None)] == ids
