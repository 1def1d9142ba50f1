"""What a design kept in the database may say. Pure: text in, a template and its faults out.

A body is HTML of few elements with fields (``{{ ho_ten }}``) and conditions (``{% if ngay_sinh %}…{% endif %}``, also
``{% if not … %}``); a style is CSS of few properties. Nothing that was typed reaches the layout engine: the body is
read into a tree and written anew from it, so what is checked and what is drawn cannot differ. Every fault says line,
column and remedy.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.utils.html import conditional_escape

#: Every field: what it stands for.
FIELDS: dict[str, str] = {
    "ho_ten": "Họ và tên người được cấp",
    "ngay_sinh": "Ngày sinh (có thể trống)",
    "khoa_hoc": "Tên khoá học, lộ trình hoặc chương trình",
    "so_gio": "Thời lượng, ví dụ 1,5 giờ",
    "ket_qua": "Kết quả kiểm tra, ví dụ 90/100 (có thể trống)",
    "ngay_hoan_thanh": "Ngày hoàn thành",
    "so": "Số giấy",
    "ngay_cap": "Ngày cấp, viết «ngày 18 tháng 11 năm 2026»",
    "noi_cap": "Nơi ghi trên giấy",
    "don_vi_cap": "Tên cơ quan, đơn vị cấp (một hoặc hai dòng)",
    "chuc_danh": "Chức danh người ký (một hoặc hai dòng; có thể trống)",
    "nguoi_ky": "Họ và tên người ký (có thể trống)",
    "so_quyet_dinh": "Số quyết định (có thể trống)",
    "ngay_quyet_dinh": "Ngày quyết định (có thể trống)",
    "het_han": "Ngày cuối cùng giấy có giá trị (có thể trống)",
    "ma_qr": "Mã QR dẫn tới trang kiểm tra",
    "dia_chi_kiem_tra": "Địa chỉ trang kiểm tra, viết bằng chữ",
    "quoc_hieu": "Cộng hoà xã hội chủ nghĩa Việt Nam",
    "tieu_ngu": "Độc lập - Tự do - Hạnh phúc",
    "logo": "Biểu trưng của mẫu (có thể trống)",
    "chu_ky": "Ảnh chữ ký (có thể trống)",
    "con_dau": "Chỗ chừa để đóng dấu (có thể trống)",
}
#: Without these a paper says too little to be one.
REQUIRED = ("ho_ten", "so", "khoa_hoc", "ngay_cap", "don_vi_cap", "ma_qr", "dia_chi_kiem_tra")
MOST_BODY, MOST_ELEMENTS, MOST_DEPTH = 20_000, 300, 15

_BLOCKS = frozenset({"header", "main", "footer", "section", "div", "p", "h1", "h2", "h3", "ul", "ol", "hr"})
_INLINE = frozenset({"span", "b", "strong", "i", "em", "small", "br"})
_VOID = frozenset({"br", "hr"})
#: Inside these only words and inline elements: HTML would close them otherwise, and the tree would be another.
_HOLDS_WORDS = frozenset({"p", "h1", "h2", "h3"}) | _INLINE
_LISTS = frozenset({"ul", "ol"})
TAGS = _BLOCKS | _INLINE | {"li"}
_CLASSES = re.compile(r"[a-z][a-z0-9-]{0,30}(?: [a-z][a-z0-9-]{0,30}){0,5}")
_TOKEN = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)
_CONDITIONS = frozenset({"if", "unless"})
_HALF = re.compile(r"\{\{|\}\}|\{%|%\}")
_IF = re.compile(r"if\s+(not\s+)?([a-z_]+)")
#: Control signs, marks that turn the direction of words about, halves of signs and what is no sign at all.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_MEND = {
    "img": "Dùng ô {{ logo }}, {{ chu_ky }} hoặc {{ ma_qr }} để đặt hình.",
    "a": "Bỏ liên kết; mã QR đã dẫn tới trang kiểm tra.",
    "style": "Viết kiểu trình bày vào ô «Kiểu trình bày».",
    "link": "Viết kiểu trình bày vào ô «Kiểu trình bày».",
    "table": "Dùng <div> và chia cột bằng kiểu trình bày (display: flex).",
    **dict.fromkeys(("html", "head", "body", "title", "meta"), "Chỉ viết phần bên trong trang; hệ thống tự thêm đầu."),
    **dict.fromkeys(("script", "iframe", "object", "embed", "form", "svg"), "Bỏ phần này: giấy chỉ có chữ và hình."),
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong, where (from 1), and how to mend it; line 0 for what is missing everywhere."""

    line: int
    column: int
    text: str
    fix: str

    def __str__(self) -> str:
        place = f"Dòng {self.line}, cột {self.column}: " if self.line else ""
        return f"{place}{self.text} {self.fix}"


@dataclass
class Node:
    """A part of the tree: "text" (what), "field" (its name), "if" or "unless" (the field), "element" (the tag)."""

    kind: str
    what: str
    attributes: str = ""
    line: int = 0
    column: int = 0
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Template:
    """A sound body, ready to be filled any number of times."""

    root: Node

    def render(self, values: Mapping[str, str]) -> str:
        """The HTML with the values in their places; plain text is escaped, ``SafeString`` taken as it is."""
        return "".join(_written(self.root, {name: str(conditional_escape(text)) for name, text in values.items()}))

    def fields(self) -> set[str]:
        """The fields that are drawn on every paper on which they are not empty."""
        return set(_drawn(self.root, frozenset()))

    def tags(self) -> set[str]:
        """The elements that are there without a condition."""
        return set(_elements(self.root))


def body_read(source: str) -> tuple[Template, list[Fault]]:
    """The template of a body, and its faults in reading order; with a fault it may not be drawn."""
    reader = _Reader()
    if len(source) > MOST_BODY:
        return Template(reader.root), [_too_long("Nội dung", len(source), MOST_BODY)]
    if found := _UNPRINTABLE.search(source):
        return Template(reader.root), [_unprintable(source, found)]
    reader.read(source)
    return Template(reader.root), sorted(reader.faults)


def body_missing(template: Template) -> list[Fault]:
    """What must still be put in before the design may be published."""
    there = template.fields()
    missing = [
        Fault(0, 0, f"Thiếu ô {{{{ {name} }}}} ({FIELDS[name]}).", "Thêm ô này ngoài mọi điều kiện {% if %}.")
        for name in REQUIRED
        if name not in there
    ]
    if "h1" not in template.tags():
        missing.append(
            Fault(0, 0, "Thiếu tên giấy.", "Viết tên giấy trong <h1>…</h1>, ví dụ <h1>Giấy chứng nhận</h1>.")
        )
    if ("nguoi_ky" in there) != ("chuc_danh" in there):
        missing.append(
            Fault(0, 0, "Người ký và chức danh phải đi cùng nhau.", "Thêm cả {{ chuc_danh }} và {{ nguoi_ky }}.")
        )
    return missing


def _too_long(what: str, length: int, most: int) -> Fault:
    return Fault(0, 0, f"{what} dài {length} chữ, nhiều nhất {most}.", "Rút gọn rồi lưu lại.")


def _unprintable(source: str, found: re.Match[str]) -> Fault:
    before = source[: found.start()]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Fault(line, column, f"Có ký tự không in được (mã {ord(found[0]):04X}).", "Xoá ký tự đó rồi gõ lại đoạn này.")


def _written(node: Node, values: Mapping[str, str]) -> Iterator[str]:
    for child in node.children:
        if child.kind == "text":
            yield child.what
        elif child.kind == "field":
            yield values.get(child.what, "")
        elif child.kind in _CONDITIONS:
            if bool(values.get(child.what)) == (child.kind == "if"):
                yield from _written(child, values)
        else:
            yield f"<{child.what}{child.attributes}>"
            if child.what not in _VOID:
                yield from _written(child, values)
                yield f"</{child.what}>"


def _end_of(node: Node) -> str:
    return "{% endif %}" if node.kind in _CONDITIONS else f"</{node.what}>"


def _drawn(node: Node, asked: frozenset[str]) -> Iterator[str]:
    for child in node.children:
        if child.kind == "field" and asked <= {child.what}:
            yield child.what
        if child.kind != "unless":
            yield from _drawn(child, asked | {child.what} if child.kind == "if" else asked)


def _elements(node: Node) -> Iterator[str]:
    for child in node.children:
        if child.kind == "element":
            yield child.what
            yield from _elements(child)


class _Reader(HTMLParser):
    """Reads a body into a tree. Every element and condition is closed where it was opened, by name."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.root = Node("root", "")
        self.open = [self.root]
        self.faults: list[Fault] = []
        self.count = 0

    def read(self, source: str) -> None:
        self.feed(source)
        self.close()
        for node in self.open[1:]:
            shown = f"{{% if … {node.what} %}}" if node.kind in _CONDITIONS else f"<{node.what}>"
            fix = f"Thêm {_end_of(node)} vào chỗ kết thúc."
            self._fault(f"{shown} chưa được đóng.", fix, (node.line, node.column))

    # --- What the parser tells -------------------------------------------------------------------------------------
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, offset = self.getpos()
        if tag not in TAGS:
            fix = _MEND.get(tag, "Dùng " + ", ".join(sorted(TAGS)) + ".")
            self._fault(f"Không dùng được thẻ <{tag[:20]}>.", fix)
            return
        self._place(tag)
        self.count += 1
        if self.count == MOST_ELEMENTS + 1:
            self._fault(f"Có hơn {MOST_ELEMENTS} thẻ.", "Bỏ bớt thẻ.")
        node = Node("element", tag, self._attributes(tag, attrs), line, offset + 1)
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)
            if len(self.open) == MOST_DEPTH + 2:
                self._fault(f"Các thẻ lồng nhau quá {MOST_DEPTH} tầng.", "Bỏ bớt tầng.")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in TAGS and tag not in _VOID:
            self._fault(f"<{tag}/> không có nghĩa.", f"Viết <{tag}></{tag}>.")
            return
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in TAGS:
            return  # said where it was opened
        if tag in _VOID:
            self._fault(f"</{tag}> không có nghĩa.", f"Chỉ viết <{tag}>.")
        elif self.open[-1].kind == "element" and self.open[-1].what == tag:
            self.open.pop()
        else:
            self._fault(f"</{tag}> đóng sai chỗ.", self._what_is_open())
            places = [place for place, node in enumerate(self.open) if (node.kind, node.what) == ("element", tag)]
            del self.open[places[-1] if places else len(self.open) :]  # go on as if it were mended

    def handle_data(self, data: str) -> None:
        start = 0
        for token in _TOKEN.finditer(data):
            self._words(data, start, token.start())
            at = self._at(data, token.start())
            if token[1] is not None:
                self._field(token[1].strip(), at)
            else:
                self._condition(token[2].strip(), at)
            start = token.end()
        self._words(data, start, len(data))

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        """Notes of the designer are not written."""

    def handle_decl(self, decl: str) -> None:
        self._fault("Không cần dòng <!…>.", "Xoá dòng này; hệ thống tự thêm.")

    def handle_pi(self, data: str) -> None:
        self._fault("Không dùng được <?…>.", "Xoá dòng này.")

    def unknown_decl(self, data: str) -> None:
        self._fault("Không dùng được <![…]>.", "Xoá dòng này.")

    # --- Parts -----------------------------------------------------------------------------------------------------
    def _fault(self, text: str, fix: str, at: tuple[int, int] | None = None) -> None:
        line, column = at or (self.getpos()[0], self.getpos()[1] + 1)
        if len(self.faults) < 30:  # what follows a first fault is mostly its echo
            self.faults.append(Fault(line, column, text, fix))

    def _at(self, data: str, index: int) -> tuple[int, int]:
        line, offset = self.getpos()
        before = data[:index]
        if "\n" not in before:
            return line, offset + index + 1
        return line + before.count("\n"), index - before.rfind("\n")

    def _holder(self) -> str:
        """The element that what comes next stands in; conditions are as if they were not there."""
        return next((node.what for node in reversed(self.open) if node.kind == "element"), "")

    def _place(self, tag: str) -> None:
        holder = self._holder()
        if tag == "li" and holder not in _LISTS:
            self._fault("<li> phải nằm trong <ul> hoặc <ol>.", "Đặt <li> vào trong danh sách.")
        elif tag != "li" and holder in _LISTS:
            self._fault(f"Trong <{holder}> chỉ có <li>.", f"Đặt <{tag}> vào trong một <li>.")
        elif tag in _BLOCKS and holder in _HOLDS_WORDS:
            self._fault(
                f"<{tag}> không nằm được trong <{holder}>.", f"Đóng <{holder}> trước, hoặc đổi <{holder}> thành <div>."
            )

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> str:
        classes = ""
        for name, value in attrs:
            if name != "class":
                fix = "Viết kiểu trình bày vào ô «Kiểu trình bày»." if name == "style" else 'Chỉ dùng class="…".'
                self._fault(f"Thẻ <{tag}> không được có «{name[:20]}».", fix)
            elif not _CLASSES.fullmatch(value or ""):
                fix = 'Tên lớp gồm chữ thường không dấu, chữ số và dấu gạch ngang, ví dụ class="ho-ten".'
                self._fault(f"Tên lớp của <{tag}> chưa đúng.", fix)
            else:
                classes = f' class="{value}"'
        return classes

    def _field(self, name: str, at: tuple[int, int]) -> None:
        if name not in FIELDS:
            self._fault(f"Không có ô «{name[:30]}».", "Các ô dùng được: " + ", ".join(FIELDS) + ".", at)
        elif self._holder() in _LISTS:
            self._fault(f"Ô {{{{ {name} }}}} không nằm thẳng trong danh sách.", "Đặt ô vào trong <li>.", at)
        else:
            self.open[-1].children.append(Node("field", name, line=at[0], column=at[1]))

    def _condition(self, said: str, at: tuple[int, int]) -> None:
        if said == "endif":
            if self.open[-1].kind in _CONDITIONS:
                self.open.pop()
            else:
                self._fault("{% endif %} đóng sai chỗ.", self._what_is_open(), at)
            return
        found = _IF.fullmatch(said)
        if not found:
            self._fault(
                f"Không hiểu {{% {said[:30]} %}}.", "Chỉ có {% if tên_ô %}, {% if not tên_ô %} và {% endif %}.", at
            )
        elif found[2] not in FIELDS:
            self._fault(f"Không có ô «{found[2][:30]}».", "Các ô dùng được: " + ", ".join(FIELDS) + ".", at)
        else:
            node = Node("unless" if found[1] else "if", found[2], line=at[0], column=at[1])
            self.open[-1].children.append(node)
            self.open.append(node)

    def _what_is_open(self) -> str:
        node = self.open[-1]
        if node.kind == "root":
            return "Xoá nó: không có gì đang mở."
        return f"Viết {_end_of(node)} trước: phần mở ở dòng {node.line} chưa đóng."

    def _words(self, data: str, start: int, end: int) -> None:
        words = data[start:end]
        if half := _HALF.search(words):
            at = self._at(data, start + half.start())
            self._fault(f"Dấu {half[0]} lẻ.", "Viết đủ {{ tên_ô }} hoặc {% if tên_ô %}, không có thẻ ở giữa.", at)
        elif (loose := words.find("<")) >= 0:
            self._fault("Dấu < lẻ.", "Viết &lt; nếu muốn in dấu này.", self._at(data, start + loose))
        else:
            self._text(words, self._at(data, start))

    def _reference(self, written: str) -> None:
        meant = html.unescape(written)
        if meant == written or not meant or _UNPRINTABLE.search(meant):
            self._fault(f"Không hiểu «{written[:20]}».", "Gõ thẳng chữ cần in, hoặc viết &amp; &lt; &gt;.")
        else:
            self._text(meant, (self.getpos()[0], self.getpos()[1] + 1))

    def _text(self, words: str, at: tuple[int, int]) -> None:
        if self._holder() in _LISTS:
            if words.strip():
                self._fault("Chữ không nằm thẳng trong danh sách.", "Đặt chữ vào trong <li>.", at)
            return
        if words:
            self.open[-1].children.append(Node("text", html.escape(words, quote=False)))
