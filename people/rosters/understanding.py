"""A line of a file, understood: what it says about a person, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

from common.sheets import CellFault
from common.sheets_out import column_letter
from people.models import Role
from people.rosters import values
from people.rosters.columns import HEADINGS, Header
from people.rosters.places import Place, Setting
from people.rosters.values import Fault, text_of

#: A line that holds none of these is a heading, a total or a signature.
_PERSONAL = ("name", "family_name", "given_name", "birth_date", "phone", "email", "staff_code")
_TEXTS = frozenset({"phone", "email", "staff_code", "title"})
_KEPT = 300  # characters of a cell that are kept for the pages


@dataclass
class Entry:
    """One line. ``values`` holds only what the line says: a blank cell says nothing and takes nothing away.

    Days are ISO text, so that the whole can be kept as JSON. ``audience_id`` is the one usual for the unit where the
    line names none. ``faults`` are problems found so far, one for a field.
    """

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)
    unit_id: int | None = None
    audience_id: int | None = None
    decided: str = ""
    user_uuid: str = ""

    @property
    def name(self) -> str:
        return self.values.get("name", "")

    @property
    def role(self) -> str:
        return self.values.get("role", Role.LEARNER)

    @property
    def birth_date(self) -> date | None:
        day = self.values.get("birth_date")
        return date.fromisoformat(day) if day else None

    @property
    def is_rejected(self) -> bool:
        return any(not fault.get("note") for fault in self.faults)

    def fault(self, header: Header | None, name: str, value: str, fault: Fault) -> None:
        """Write down what is wrong with one field."""
        self.faults.append(problem(header, name, value, fault))


def problem(header: Header | None, name: str, value: str, fault: Fault) -> dict[str, Any]:
    """A fault as the pages and the file of rejects show it."""
    column = header.heading_of(name) if header else HEADINGS.get(name, name)
    found = {"field": name, "column": column, "value": value[:_KEPT], "text": fault.text, "fix": fault.fix}
    words = {"words": list(fault.words), "values": fault.values} if fault.values else {}
    return {**found, **words, "code": fault.code, **({"note": True} if fault.note else {})}


def entry_of(number: int, cells: list[Any], header: Header, setting: Setting) -> Entry | None:
    """Understand one line; None for a line that says nothing about a person."""

    def at(name: str) -> Any:
        column = header.fields.get(name)
        return cells[column] if column is not None and column < len(cells) else None

    if not any(text_of(at(name)) or isinstance(at(name), CellFault) for name in _PERSONAL):
        return None
    entry = Entry(number, _shown(cells, header))
    readers: dict[str, Callable[[Any], Any]] = {
        "birth_date": lambda cell: values.day_of(cell, birth=True, today=setting.today),
        "gender": lambda cell: values.gender_of(text_of(cell)),
        "phone": lambda cell: _phone(entry, header, text_of(cell)),
        "email": lambda cell: values.email_of(text_of(cell)),
        "staff_code": lambda cell: values.staff_code_of(text_of(cell)),
        "title": lambda cell: values.title_of(text_of(cell)),
        "valid_from": lambda cell: values.day_of(cell, birth=False, today=setting.today),
        "role": lambda cell: setting.role_called(text_of(cell)),
        "audience": lambda cell: setting.audience_called(text_of(cell)),
        "person": text_of,
    }
    _name(entry, header, at)
    for name, reader in readers.items():
        _read(entry, header, name, at(name), reader)
    _place(entry, header, at("unit"), setting)
    return entry


def _shown(cells: list[Any], header: Header) -> dict[str, str]:
    """The line as the file has it; national identity numbers are never kept."""
    return {
        heading: "" if column in header.secret else text_of(cells[column])[:_KEPT]
        for column, heading in enumerate(header.headings)
        if column < len(cells) and cells[column] is not None
    }


def _read(entry: Entry, header: Header, name: str, cell: Any, reader: Callable[[Any], Any]) -> None:
    text = text_of(cell)
    if isinstance(cell, CellFault):
        entry.fault(header, name, cell.shown, _cell_fault(cell, header.fields[name], entry.number))
    elif text:
        try:
            found = reader(cell)
        except Fault as fault:
            entry.fault(header, name, text, fault)
            if fault.meant or (name in _TEXTS and not fault.note):
                # What the person has already is right, whatever it looks like.
                kept = values.as_stored(text) if name == "phone" else text
                entry.values[name] = fault.meant.isoformat() if fault.meant else kept
            return
        if name == "audience":
            entry.audience_id = found.pk
            found = found.code
        entry.values[name] = found.isoformat() if isinstance(found, date) else found


def _cell_fault(cell: CellFault, column: int, number: int) -> Fault:
    where = f"{column_letter(column)}{number}"
    if cell.shown:
        return Fault(
            "cell_error",
            gettext_noop("Ô %(cell)s báo lỗi %(shown)s."),
            gettext_noop("Gõ giá trị vào ô %(cell)s thay cho công thức."),
            values={"cell": where, "shown": cell.shown},
        )
    return Fault(
        "formula",
        gettext_noop("Ô %(cell)s là công thức chưa được tính."),
        gettext_noop("Mở tệp bằng Excel rồi lưu lại, hoặc gõ giá trị vào ô %(cell)s."),
        values={"cell": where},
    )


def _name(entry: Entry, header: Header, at: Callable[[str], Any]) -> None:
    fields = ("name",) if "name" in header.fields else ("family_name", "given_name")
    for name in fields:
        if isinstance(cell := at(name), CellFault):
            entry.fault(header, name, cell.shown, _cell_fault(cell, header.fields[name], entry.number))
            return
    text = " ".join(filter(None, (text_of(at(name)) for name in fields)))
    if not text:
        entry.fault(
            header,
            "name",
            "",
            Fault("no_name", gettext_noop("Thiếu họ và tên."), gettext_noop("Ghi họ và tên, hoặc xoá dòng này.")),
        )
        return
    try:
        entry.values["name"] = values.name_of(text)
    except Fault as fault:
        entry.fault(header, "name", text, fault)
        entry.values["name"] = text[:150]
        return
    if " " not in entry.name:
        said = gettext_noop("Tên chỉ có một chữ, sẽ in trên giấy chứng nhận.")
        entry.fault(
            header, "name", text, Fault("one_word", said, gettext_noop("Nếu thiếu, ghi đủ họ và tên."), note=True)
        )


def _phone(entry: Entry, header: Header, text: str) -> str:
    """The first number of a cell; people write two into one."""
    try:
        return values.phone_of(text)
    except Fault:
        first, *others = [part for part in text.replace(";", "/").replace(",", "/").split("/") if part.strip()] or [""]
        if not others:
            raise
        found = values.phone_of(first)
    entry.fault(
        header,
        "phone",
        text,
        Fault(
            "second_phone",
            gettext_noop("Ô này có hai số điện thoại; chỉ lấy số đầu."),
            gettext_noop("Mỗi người một số."),
            note=True,
        ),
    )
    return found


def _place(entry: Entry, header: Header, cell: Any, setting: Setting) -> None:
    text = text_of(cell)
    try:
        if isinstance(cell, CellFault):
            raise _cell_fault(cell, header.fields["unit"], entry.number)
        place: Place = setting.places.called(text)
    except Fault as fault:
        entry.fault(header, "unit", text, fault)
        return
    entry.unit_id = place.id
    if "audience" not in entry.values and (audience := setting.default_audience(place.kind)):
        entry.audience_id = audience.pk
