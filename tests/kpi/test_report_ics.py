"""The calendar file: lines, folding and escaping of RFC 5545, held against a reader of its own."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.report_ics import Event, calendar_text, escaped, folded

AT = datetime(2026, 11, 29, 2, 5, tzinfo=UTC)


def event(**more):
    said = {
        "uid": "1b4e28ba@hocso", "day": date(2026, 12, 31), "summary": "Nộp báo cáo", "description": "Một\nHai",
        "url": "https://hocso.example/a/",
    }  # fmt: skip
    return Event(**said | more)


def read(text):
    """Properties of a calendar file in order, unfolded and unescaped, as a calendar program reads them."""
    assert text.endswith("\r\n")
    lines = text.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    whole = re.sub("\r\n[ \t]", "", "\r\n".join(lines)).split("\r\n")
    unescape = {"\\\\": "\\", "\\;": ";", "\\,": ",", "\\n": "\n"}
    for line in whole:
        name, _, value = line.partition(":")
        yield name, re.sub(r"\\[\\;,n]", lambda found: unescape[found.group()], value)


def test_a_report_is_a_whole_day_on_its_last_day_on_time():
    held = list(read(calendar_text([event(remind_days=14)], name="Lịch", at=AT)))
    assert held[:4] == [
        ("BEGIN", "VCALENDAR"), ("VERSION", "2.0"), ("PRODID", "-//Hoc So//Lich bao cao//VI"),
        ("CALSCALE", "GREGORIAN"),
    ]  # fmt: skip
    inside = held[held.index(("BEGIN", "VEVENT")) :]
    assert inside == [
        ("BEGIN", "VEVENT"), ("UID", "1b4e28ba@hocso"), ("DTSTAMP", "20261129T020500Z"),
        ("DTSTART;VALUE=DATE", "20261231"), ("DTEND;VALUE=DATE", "20270101"), ("SUMMARY", "Nộp báo cáo"),
        ("DESCRIPTION", "Một\nHai"), ("URL", "https://hocso.example/a/"), ("TRANSP", "TRANSPARENT"),
        ("BEGIN", "VALARM"), ("ACTION", "DISPLAY"), ("DESCRIPTION", "Nộp báo cáo"), ("TRIGGER", "-P14D"),
        ("END", "VALARM"), ("END", "VEVENT"), ("END", "VCALENDAR"),
    ]  # fmt: skip


def test_without_anything_owed_it_is_a_calendar_all_the_same():
    assert [name for name, _ in read(calendar_text([], name="Lịch", at=AT))][-1] == "END"


@pytest.mark.parametrize(
    ("text", "written"),
    [("a;b,c\\d", "a\\;b\\,c\\\\d"), ("một\r\nhai", "một\\nhai"), ("a\x07b\tc\u00a0d", "ab c d"), ("\\n", "\\\\n")],
)
def test_escaping(text, written):
    assert escaped(text) == written


@given(st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("ếữỗ,;\\\n 😀")), max_size=300))
def test_whatever_a_report_is_called_it_reads_the_same(text):
    kept = "".join(" " if s.isspace() and s != "\n" else s for s in text.replace("\r\n", "\n"))
    kept = "".join(s for s in kept if s == "\n" or s.isprintable())
    told = dict(read(calendar_text([event(summary=text)], name="Lịch", at=AT)))
    assert told["SUMMARY"] == kept


def test_no_letter_is_cut_in_two():
    pieces = list(folded("SUMMARY:" + "ế" * 100))
    assert "".join([pieces[0], *(piece[1:] for piece in pieces[1:])]) == "SUMMARY:" + "ế" * 100
    assert all(piece.startswith(" ") for piece in pieces[1:])
