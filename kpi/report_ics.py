"""The reports that a person owes as a calendar file (RFC 5545), for the calendar of a phone or an office program.

Pure: no models, no clock. A whole-day event for each report on its last day on time; the same report keeps its ``UID``,
so a program that fetches the file again moves the event and lets go what was handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

#: Octets of a line at most, without its end (RFC 5545, 3.1).
LONGEST = 75


@dataclass(frozen=True)
class Event:
    """One report that is owed. ``uid`` is its name for good; ``remind_days``: the alarm so many days before."""

    uid: str
    day: date
    summary: str
    description: str
    url: str
    remind_days: int = 0


def calendar_text(events: Iterable[Event], *, name: str, at: datetime) -> str:
    """The whole file; ``at`` is when it was made."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hoc So//Lich bao cao//VI", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:P1D"]
    for event in events:
        lines += _event(event, at)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def _event(event: Event, at: datetime) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(event.summary)}",
        f"DESCRIPTION:{escaped(event.description)}",
        f"URL:{event.url}",
        "TRANSP:TRANSPARENT",
        *_alarm(event),
        "END:VEVENT",
    ]


def _alarm(event: Event) -> list[str]:
    if not event.remind_days:
        return []
    shown = ["ACTION:DISPLAY", f"DESCRIPTION:{escaped(event.summary)}", f"TRIGGER:-P{event.remind_days}D"]
    return ["BEGIN:VALARM", *shown, "END:VALARM"]


def escaped(text: str) -> str:
    """A value of type TEXT (3.3.11); control characters have no place in one."""
    spaced = (" " if sign.isspace() and sign != "\n" else sign for sign in text.replace("\r\n", "\n"))
    kept = "".join(sign for sign in spaced if sign == "\n" or sign.isprintable())
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        kept = kept.replace(sign, written)
    return kept


def folded(line: str) -> Iterator[str]:
    """A line in pieces of at most 75 octets, each after the first begun by a space; no letter is cut in two."""
    piece, room = b"", LONGEST
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > room:
            yield piece.decode()
            piece, room = b" ", LONGEST
        piece += octets
    yield piece.decode()
