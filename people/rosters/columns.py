"""Which column is which: headings as people write them, wherever the table begins. Pure: no models, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from common.text import fold, nfc

#: Headings of our own files, in their order.
HEADINGS: dict[str, str] = {
    "name": "Họ và tên",
    "birth_date": "Ngày sinh",
    "gender": "Giới tính",
    "phone": "Số điện thoại",
    "email": "Email",
    "staff_code": "Mã cán bộ",
    "unit": "Đơn vị",
    "audience": "Đối tượng",
    "title": "Chức danh",
    "role": "Vai trò",
    "valid_from": "Từ ngày",
}
#: Only in files that the platform wrote: says for sure which account a line means.
PERSON_HEADING = "Mã người dùng"
#: Name of the template's example: such a line is never imported.
EXAMPLE_NAME = "Nguyễn Văn Ví Dụ"

_SYNONYMS: dict[str, str] = {
    "name": "ho va ten; ho ten; ho & ten; ho, ten; ho va ten khai sinh; ho ten day du; ten day du; ho va ten "
    "nguoi hoc; ho va ten hoc vien; ho va ten thanh vien; ho va ten can bo; ho ten can bo; ten thanh "
    "vien; ten hoc vien; full name",
    "family_name": "ho; ho dem; ho va dem; ho va ten dem; ho va chu dem; ho lot; ho, chu dem; ho va ten lot",
    "given_name": "ten",
    "birth_date": "ngay sinh; ngay thang nam sinh; ngay, thang, nam sinh; ngay/thang/nam sinh; nam sinh; sinh ngay; "
    "ntns; ngay thang sinh; ngay, thang nam sinh; date of birth; dob; ngay sinh (dd/mm/yyyy)",
    "gender": "gioi tinh; gioi; phai; nam/nu; nam nu; gender",
    "phone": "so dien thoai; dien thoai; sdt; so dt; dt; dtdd; di dong; dien thoai di dong; so di dong; so may; so "
    "dien thoai di dong; sdt di dong; sdt lien he; dien thoai lien he; so dien thoai lien he; mobile; "
    "phone; zalo; so dien thoai (zalo); so zalo",
    "email": "email; e-mail; mail; thu dien tu; dia chi email; dia chi thu dien tu; hop thu; hop thu dien tu; thu "
    "cong vu; email cong vu",
    "staff_code": "ma can bo; ma cb; ma cbccvc; ma cccvc; ma nhan vien; ma nv; ma giao vien; ma gv; ma so can bo; ma "
    "cong chuc; ma vien chuc; so hieu can bo; so hieu cong chuc; ma dinh danh can bo; ma dinh danh giao "
    "vien",
    "unit": "don vi; don vi cong tac; co quan; co quan cong tac; noi cong tac; noi lam viec; ma don vi; ten don "
    "vi; phong ban; co quan, don vi; co quan/don vi; to cnscd; ten to; to cong nghe so cong dong; truong; "
    "ten truong",
    "audience": "doi tuong; nhom doi tuong; doi tuong dao tao; doi tuong hoc; nhom",
    "title": "chuc danh; chuc vu; chuc vu cong tac; chuc vu/chuc danh; chuc vu, chuc danh; chuc danh/chuc vu; chuc "
    "danh nghe nghiep; vi tri; vi tri viec lam; vi tri cong tac",
    "role": "vai tro; vai tro trong to; quyen; vai tro he thong",
    "valid_from": "tu ngay; ngay bat dau; ngay tham gia; ngay vao; tham gia tu; tham gia tu ngay; ngay vao to; "
    "ngay vao lam",
    "person": "ma nguoi dung; ma he thong",
}
_FIELD_OF = {words.strip(): name for name, listed in _SYNONYMS.items() for words in listed.split(";")}
_NOISE = re.compile(r"[*:.()\[\]]|\s*\((?:bat buoc|neu co|khong bat buoc)\)")
#: Headings of columns whose content must never be kept: national identity numbers.
_IDENTITY = re.compile(r"\b(cccd|cmnd|cmt|can cuoc|chung minh|dinh danh ca nhan|ho chieu)\b")
#: The line under the headings that numbers the columns: (1), (2), A, B.
_COUNTER = re.compile(r"^\(?(\d{1,2}|[A-Z])\)?$")
TOP_LINES = 15


@dataclass(frozen=True)
class Header:
    """Where the table begins, and what each of its columns holds."""

    number: int
    headings: list[str]
    fields: dict[str, int]
    secret: frozenset[int] = field(default_factory=frozenset)

    def heading_of(self, name: str) -> str:
        """The file's own heading of a field; ours where the file has none."""
        if name == "name" and "name" not in self.fields:
            name = "given_name"
        return self.headings[self.fields[name]] if name in self.fields else HEADINGS.get(name, name)

    @property
    def ignored(self) -> list[str]:
        """Headings of columns that mean nothing to us."""
        used = set(self.fields.values())
        return [heading for column, heading in enumerate(self.headings) if column not in used]


def field_of(heading: Any) -> str | None:
    """The field that a heading names, whatever its case, accents, stars and brackets; None for a column of no use."""
    if not isinstance(heading, str) or len(heading) > 80:
        return None
    folded = fold(heading.replace("\n", " "))
    for words in (folded, _NOISE.sub(" ", folded), folded.split("(")[0]):
        if found := _FIELD_OF.get(" ".join(words.split())):
            return found
    return None


def header_of(lines: Iterable[tuple[int, list[Any]]]) -> Header | None:
    """The first line that names the column of names, among the top lines of a sheet; None where there is none."""
    for seen, (number, cells) in enumerate(lines):
        if seen >= TOP_LINES:
            return None
        fields: dict[str, int] = {}
        for column, cell in enumerate(cells):
            if (name := field_of(cell)) and name not in fields:
                fields[name] = column
        if "name" in fields or {"family_name", "given_name"} <= fields.keys():
            return _header(number, cells, fields)
        if "given_name" in fields and len(fields) > 1:
            fields["name"] = fields.pop("given_name")
            return _header(number, cells, fields)
    return None


def _header(number: int, cells: list[Any], fields: dict[str, int]) -> Header:
    if "name" in fields:
        fields.pop("family_name", None)
        fields.pop("given_name", None)
    headings: list[str] = []
    for column, cell in enumerate(cells):
        text = nfc(str(cell))[:80] if cell is not None else f"Cột {column + 1}"
        while text in headings:
            text += " (2)"
        headings.append(text)
    secret = frozenset(column for column, heading in enumerate(headings) if _IDENTITY.search(fold(heading)))
    return Header(number, headings, fields, secret)


def is_counter(cells: list[Any]) -> bool:
    """Whether a line only numbers the columns, as printed forms do under their headings."""
    texts = [str(cell).strip() for cell in cells if cell is not None]
    return len(texts) > 1 and all(_COUNTER.match(text) for text in texts)
