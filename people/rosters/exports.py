"""Files that leave: the template, what could not be imported, the people of a unit."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import xlsxwriter
from django.db.models import F, Q
from django.utils.translation import gettext as _

from common.language import on_record
from common.sheets_out import write_csv, write_xlsx
from common.text import fold
from people import access
from people.models import Audience, Decided, Gender, Membership, Outcome, Role, RosterImport, Unit
from people.phones import show_phone
from people.querysets import today
from people.rosters.checking import headings_of
from people.rosters.columns import EXAMPLE_NAME, HEADINGS, PERSON_HEADING
from people.rosters.places import Places, audience_words

#: Up to so many units, the template offers them in a drop-down.
UNITS_OFFERED = 200
#: Lines of the template that have drop-downs.
_PREPARED = 2000
_REASON, _FIX = "Lý do", "Cách sửa"
#: What is done about a doubt in the file itself, where there is nothing to press.
_IN_FILE = {
    "shared_contact": "Ghi số hoặc email khác, hoặc gửi lại tệp này rồi chọn trên trang.",
    "namesake": "Ghi ngày sinh cho cả hai dòng, hoặc gửi lại tệp này rồi chọn trên trang.",
    "twin": "Là một người thì xoá dòng này. Là hai người thì gửi lại tệp này rồi chọn trên trang.",
}
_WHO = "Ghi thêm ngày sinh hoặc ghi số khác, hoặc gửi lại tệp này rồi chọn trên trang."
_GUIDE = [
    "Mỗi người một dòng, ở trang «Danh sách». Chỉ cột Họ và tên là bắt buộc; ô nào chưa biết thì để trống.",
    f"Dòng «{EXAMPLE_NAME}» là ví dụ: xoá đi, hoặc để đó cũng không sao, hệ thống bỏ qua.",
    "Ngày sinh, Từ ngày: ghi ngày/tháng/năm, ví dụ 17/05/1969.",
    "Số điện thoại: số di động của chính người ấy. Người không có điện thoại thì để trống, họ sẽ nhận phiếu in.",
    "Hai người dùng chung một số: cứ ghi cả hai, hệ thống sẽ hỏi lại.",
    "Mã cán bộ: mã do cơ quan cấp. Không ghi số căn cước.",
    "Đơn vị: tên hoặc mã. Để trống là {unit}.",
    "Đối tượng, Vai trò: chọn trong danh sách hoặc để trống. Để trống Vai trò là Người học.",
    "Từ ngày: ngày người ấy vào đơn vị. Để trống là ngày bạn chọn khi tải tệp lên.",
    "Thứ tự cột và cột thêm không quan trọng. Ô để trống không làm mất thông tin đã có.",
]


# --- Template -------------------------------------------------------------------------------------------------------
def template_file(*, unit: Unit) -> bytes:
    """An empty list with our headings, drop-downs, a marked example, and a sheet that explains."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        page, guide = book.add_worksheet("Danh sách"), book.add_worksheet("Hướng dẫn")
        offered = book.add_worksheet("Lựa chọn")
        offered.hide()
        head = book.add_format({"bold": True, "bg_color": "#1F4E8C", "font_color": "#FFFFFF", "border": 1})
        text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "dd/mm/yyyy"})
        grey = book.add_format({"italic": True, "font_color": "#6B6B6B", "bg_color": "#F2F2F2", "num_format": "@"})
        names = list(HEADINGS)
        for column, name in enumerate(names):
            page.write_string(0, column, HEADINGS[name] + (" *" if name == "name" else ""), head)
            kind = day if name in ("birth_date", "valid_from") else text
            page.set_column(column, column, 28 if name in ("name", "unit", "audience") else 17, kind)
        page.freeze_panes(1, 1)
        for column, said in enumerate(_example(unit)):
            page.write_string(1, column, said, grey)
        page.write_comment(1, 0, "Dòng ví dụ, hệ thống bỏ qua.")
        for position, (name, options) in enumerate(_options(unit).items()):
            offered.write_column(0, position, options)
            letter = chr(ord("A") + position)
            page.data_validation(
                1,
                names.index(name),
                _PREPARED,
                names.index(name),
                {
                    "validate": "list",
                    "source": f"='Lựa chọn'!${letter}$1:${letter}${len(options)}",
                    "error_type": "warning",
                    "error_title": "Chưa có trong danh sách",
                    "error_message": "Chọn một dòng trong danh sách, hoặc để trống.",
                },
            )
        guide.set_column(0, 0, 110)
        for line, words in enumerate(_GUIDE):
            guide.write_string(line, 0, words.format(unit=unit.name), book.add_format({"text_wrap": True}))
    return target.getvalue()


def _example(unit: Unit) -> list[str]:
    return [EXAMPLE_NAME, "17/05/1969", "Nam", "0912 345 678", "vidu@example.vn", "CB001", unit.name, "", "", "", ""]


def _options(unit: Unit) -> dict[str, list[str]]:
    """What each column offers. Units only where there are not too many to look through."""
    roles = (Role.LEARNER, Role.TEAM_LEADER, Role.INSTRUCTOR, Role.COORDINATOR)
    with on_record():
        found = {
            "gender": [str(label) for label in Gender.labels],
            "audience": [str(audience) for audience in Audience.objects.all()],
            "role": [str(role.label) for role in roles],
        }
    places = Places(unit)
    standing = [place for place in places.by_id.values() if place.stands]
    if 1 < len(standing) <= UNITS_OFFERED:
        found["unit"] = sorted(places.name_for(place.id) for place in standing)
    return {name: options for name, options in found.items() if options}


# --- What could not be imported -------------------------------------------------------------------------------------
def rejects_file(*, roster: RosterImport) -> bytes:
    """The lines that stay out, in the file's own columns, each with why and how to mend it; made to be sent again."""
    headings = [heading for heading in headings_of(roster) if heading not in (_REASON, _FIX)]
    rows = roster.rows.filter(
        Q(outcome=Outcome.REJECTED) | Q(outcome=Outcome.DOUBTFUL, decided__in=("", Decided.SKIP))
    ).order_by("number", "pk")

    def lines() -> Iterator[list[Any]]:
        for row in rows.iterator(chunk_size=1000):
            told = [problem for problem in row.problems if not problem.get("note")]
            reasons = [f"Dòng {row.number}, cột {p['column']}{_value(p)}: {p['text']}" for p in told]
            reasons += [f"Dòng {row.number}: {candidate['why']}." for candidate in row.candidates]
            fixes = [_IN_FILE.get(p["code"], p["fix"]) for p in told if p["fix"]] or [_WHO]
            yield [row.cells.get(heading, "") for heading in headings] + ["\n".join(reasons), "\n".join(fixes)]

    return write_xlsx([*headings, _REASON, _FIX], lines(), sheet="Cần sửa")


def _value(problem: dict[str, Any]) -> str:
    return f" «{problem['value']}»" if problem["value"] else ""


# --- The people of a unit -------------------------------------------------------------------------------------------
def roster_file(*, unit: Unit, viewer: Any, on: date | None = None) -> bytes:
    """The people of ``unit`` and below on a day (today) as xlsx. Brought back, it changes nothing."""
    headings, rows = _export(unit, viewer, on)
    return write_xlsx(headings, rows, sheet="Danh sách")


def roster_csv(*, unit: Unit, viewer: Any, on: date | None = None) -> bytes:
    """The same as csv (UTF-8 with a mark that Excel knows)."""
    headings, rows = _export(unit, viewer, on)
    return write_csv(headings, rows)


def _export(unit: Unit, viewer: Any, on: date | None) -> tuple[list[str], Iterator[list[Any]]]:
    access.require(
        access.can_keep_roster(viewer, unit), viewer, what=_("danh sách của «%(unit)s»") % {"unit": unit.name}
    )
    return [*HEADINGS.values(), PERSON_HEADING], _lines_of(unit, on or today())


#: What is asked of a membership, as ``_lines_of`` takes it apart.
_ASKED = (
    *(
        f"user__{name}"
        for name in ("full_name", "birth_date", "gender", "phone", "contact_phone", "email", "staff_code")
    ),
    *("unit_id", "audience_id", "title", "role", "valid_from", "user__uuid"),
)


def _lines_of(unit: Unit, on: date) -> Iterator[list[Any]]:
    """One line for each membership in force, in the order of the tree and of names; read as a stream."""
    places = Places(unit)
    with on_record():
        audiences = _audience_names()
        roles = {value: str(label) for value, label in Role.choices}
        genders = {value: str(label) for value, label in Gender.choices}
    members = (
        Membership.objects.in_force(on)
        .under([unit.pk], access.current_structure())
        .annotate(by_unit=F("unit__search_key"), by_name=F("user__sort_key"))
        .order_by("by_unit", "unit_id", "by_name", "user_id", "pk")
        .values_list(*_ASKED)
        .iterator(chunk_size=2000)
    )
    for name, birth, gender, phone, contact, email, code, place, audience, title, role, since, uuid in members:
        number = phone or contact
        yield [
            name,
            birth,
            genders.get(gender, ""),
            show_phone(number) if number else "",
            email,
            code,
            places.name_for(place),
            audiences[audience],
            title,
            roles[role],
            since,
            str(uuid),
        ]


def _audience_names() -> dict[int, str]:
    """What to write for an audience so that it is found again: its name where no other bears it, else its code."""
    words, found = audience_words(), {}
    for audience in Audience.objects.all():
        name = str(audience)
        found[audience.pk] = name if words.get(fold(name)) == audience else audience.code
    return found
