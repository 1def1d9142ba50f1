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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

#: Every field: what it stands for, to be translated where it is shown.
FIELDS: dict[str, str] = {
    "ho_ten": gettext_noop("Họ và tên người được cấp"),
    "ngay_sinh": gettext_noop("Ngày sinh (có thể trống)"),
    "khoa_hoc": gettext_noop("Tên khoá học, lộ trình hoặc chương trình"),
    "so_gio": gettext_noop("Thời lượng, ví dụ 1,5 giờ"),
    "ket_qua": gettext_noop("Kết quả kiểm tra, ví dụ 90/100 (có thể trống)"),
    "ngay_hoan_thanh": gettext_noop("Ngày hoàn thành"),
    "so": gettext_noop("Số giấy"),
    "ngay_cap": gettext_noop("Ngày cấp, viết «ngày 18 tháng 11 năm 2026»"),
    "noi_cap": gettext_noop("Nơi ghi trên giấy"),
    "don_vi_cap": gettext_noop("Tên cơ quan, đơn vị cấp (một hoặc hai dòng)"),
    "chuc_danh": gettext_noop("Chức danh người ký (một hoặc hai dòng; có thể trống)"),
    "nguoi_ky": gettext_noop("Họ và tên người ký (có thể trống)"),
    "so_quyet_dinh": gettext_noop("Số quyết định (có thể trống)"),
    "ngay_quyet_dinh": gettext_noop("Ngày quyết định (có thể trống)"),
    "het_han": gettext_noop("Ngày cuối cùng giấy có giá trị (có thể trống)"),
    "ma_qr": gettext_noop("Mã QR dẫn tới trang kiểm tra"),
    "dia_chi_kiem_tra": gettext_noop("Địa chỉ trang kiểm tra, viết bằng chữ"),
    "quoc_hieu": gettext_noop("Cộng hoà xã hội chủ nghĩa Việt Nam"),
    "tieu_ngu": gettext_noop("Độc lập - Tự do - Hạnh phúc"),
    "logo": gettext_noop("Biểu trưng của mẫu (có thể trống)"),
    "chu_ky": gettext_noop("Ảnh chữ ký (có thể trống)"),
    "con_dau": gettext_noop("Chỗ chừa để đóng dấu (có thể trống)"),
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
_INSIDE_ONLY = gettext_noop("Chỉ viết phần bên trong trang; hệ thống tự thêm đầu.")
_DROP = gettext_noop("Bỏ phần này: giấy chỉ có chữ và hình.")
_MEND = {
    "img": gettext_noop("Dùng ô {{ logo }}, {{ chu_ky }} hoặc {{ ma_qr }} để đặt hình."),
    "a": gettext_noop("Bỏ liên kết; mã QR đã dẫn tới trang kiểm tra."),
    "style": gettext_noop("Viết kiểu trình bày vào ô «Kiểu trình bày»."),
    "link": gettext_noop("Viết kiểu trình bày vào ô «Kiểu trình bày»."),
    "table": gettext_noop("Dùng <div> và chia cột bằng kiểu trình bày (display: flex)."),
    **dict.fromkeys(("html", "head", "body", "title", "meta"), _INSIDE_ONLY),
    **dict.fromkeys(("script", "iframe", "object", "embed", "form", "svg"), _DROP),
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong, where (from 1), and how to mend it; line 0 for what is missing everywhere."""

    line: int
    column: int
    text: str
    fix: str

    def __str__(self) -> str:
        said = f"{self.text} {self.fix}"
        placed = {"line": self.line, "column": self.column, "said": said}
        return _("Dòng %(line)s, cột %(column)s: %(said)s") % placed if self.line else said


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
        return Template(reader.root), [_too_long(len(source))]
    if found := _UNPRINTABLE.search(source):
        return Template(reader.root), [_unprintable(source, found)]
    reader.read(source)
    return Template(reader.root), sorted(reader.faults)


def body_missing(template: Template) -> list[Fault]:
    """What must still be put in before the design may be published."""
    there, fix = template.fields(), _("Thêm ô này ngoài mọi điều kiện {% if %}.")
    missing = [
        Fault(0, 0, _("Thiếu ô {{ %(name)s }} (%(meaning)s).") % {"name": name, "meaning": _(FIELDS[name])}, fix)
        for name in REQUIRED
        if name not in there
    ]
    if "h1" not in template.tags():
        fix = _("Viết tên giấy trong <h1>…</h1>, ví dụ <h1>Giấy chứng nhận</h1>.")
        missing.append(Fault(0, 0, _("Thiếu tên giấy."), fix))
    if ("nguoi_ky" in there) != ("chuc_danh" in there):
        fix = _("Thêm cả {{ chuc_danh }} và {{ nguoi_ky }}.")
        missing.append(Fault(0, 0, _("Người ký và chức danh phải đi cùng nhau."), fix))
    return missing


def _too_long(length: int) -> Fault:
    said = _("Nội dung dài %(length)s chữ, nhiều nhất %(most)s.") % {"length": length, "most": MOST_BODY}
    return Fault(0, 0, said, _("Rút gọn rồi lưu lại."))


def _unprintable(source: str, found: re.Match[str]) -> Fault:
    before = source[: found.start()]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    said = _("Có ký tự không in được (mã %(code)s).") % {"code": f"{ord(found[0]):04X}"}
    return Fault(line, column, said, _("Xoá ký tự đó rồi gõ lại đoạn này."))


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
            fix = _("Thêm %(end)s vào chỗ kết thúc.") % {"end": _end_of(node)}
            self._fault(_("%(start)s chưa được đóng.") % {"start": shown}, fix, (node.line, node.column))

    # --- What the parser tells -------------------------------------------------------------------------------------
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, offset = self.getpos()
        if tag not in TAGS:
            fix = _(_MEND[tag]) if tag in _MEND else _("Dùng %(allowed)s.") % {"allowed": ", ".join(sorted(TAGS))}
            self._fault(_("Không dùng được thẻ <%(tag)s>.") % {"tag": tag[:20]}, fix)
            return
        self._place(tag)
        self.count += 1
        if self.count == MOST_ELEMENTS + 1:
            self._fault(_("Có hơn %(most)s thẻ.") % {"most": MOST_ELEMENTS}, _("Bỏ bớt thẻ."))
        node = Node("element", tag, self._attributes(tag, attrs), line, offset + 1)
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)
            if len(self.open) == MOST_DEPTH + 2:
                self._fault(_("Các thẻ lồng nhau quá %(most)s tầng.") % {"most": MOST_DEPTH}, _("Bỏ bớt tầng."))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in TAGS and tag not in _VOID:
            fix = _("Viết <%(tag)s></%(tag)s>.") % {"tag": tag}
            self._fault(_("%(tag)s không có nghĩa.") % {"tag": f"<{tag}/>"}, fix)
            return
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in TAGS:
            return  # said where it was opened
        if tag in _VOID:
            self._fault(_("%(tag)s không có nghĩa.") % {"tag": f"</{tag}>"}, _("Chỉ viết <%(tag)s>.") % {"tag": tag})
        elif self.open[-1].kind == "element" and self.open[-1].what == tag:
            self.open.pop()
        else:
            self._fault(_("%(end)s đóng sai chỗ.") % {"end": f"</{tag}>"}, self._what_is_open())
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
        self._fault(_("Không cần dòng <!…>."), _("Xoá dòng này; hệ thống tự thêm."))

    def handle_pi(self, data: str) -> None:
        self._fault(_("Không dùng được <?…>."), _("Xoá dòng này."))

    def unknown_decl(self, data: str) -> None:
        self._fault(_("Không dùng được <![…]>."), _("Xoá dòng này."))

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
            self._fault(_("<li> phải nằm trong <ul> hoặc <ol>."), _("Đặt <li> vào trong danh sách."))
        elif tag != "li" and holder in _LISTS:
            fix = _("Đặt <%(tag)s> vào trong một <li>.") % {"tag": tag}
            self._fault(_("Trong <%(holder)s> chỉ có <li>.") % {"holder": holder}, fix)
        elif tag in _BLOCKS and holder in _HOLDS_WORDS:
            self._fault(
                _("<%(tag)s> không nằm được trong <%(holder)s>.") % {"tag": tag, "holder": holder},
                _("Đóng <%(holder)s> trước, hoặc đổi <%(holder)s> thành <div>.") % {"holder": holder},
            )

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> str:
        classes = ""
        for name, value in attrs:
            if name != "class":
                fix = _(_MEND["style"]) if name == "style" else _('Chỉ dùng class="…".')
                self._fault(_("Thẻ <%(tag)s> không được có «%(name)s».") % {"tag": tag, "name": name[:20]}, fix)
            elif not _CLASSES.fullmatch(value or ""):
                fix = _('Tên lớp gồm chữ thường không dấu, chữ số và dấu gạch ngang, ví dụ class="ho-ten".')
                self._fault(_("Tên lớp của <%(tag)s> chưa đúng.") % {"tag": tag}, fix)
            else:
                classes = f' class="{value}"'
        return classes

    def _field(self, name: str, at: tuple[int, int]) -> None:
        if name not in FIELDS:
            self._unknown(name, at)
        elif self._holder() in _LISTS:
            said = _("Ô {{ %(name)s }} không nằm thẳng trong danh sách.") % {"name": name}
            self._fault(said, _("Đặt ô vào trong <li>."), at)
        else:
            self.open[-1].children.append(Node("field", name, line=at[0], column=at[1]))

    def _unknown(self, name: str, at: tuple[int, int]) -> None:
        fix = _("Các ô dùng được: %(fields)s.") % {"fields": ", ".join(FIELDS)}
        self._fault(_("Không có ô «%(name)s».") % {"name": name[:30]}, fix, at)

    def _condition(self, said: str, at: tuple[int, int]) -> None:
        if said == "endif":
            if self.open[-1].kind in _CONDITIONS:
                self.open.pop()
            else:
                self._fault(_("%(end)s đóng sai chỗ.") % {"end": "{% endif %}"}, self._what_is_open(), at)
            return
        found = _IF.fullmatch(said)
        if not found:
            text = _("Không hiểu %(written)s.") % {"written": f"{{% {said[:30]} %}}"}
            self._fault(text, _("Chỉ có {% if tên_ô %}, {% if not tên_ô %} và {% endif %}."), at)
        elif found[2] not in FIELDS:
            self._unknown(found[2], at)
        else:
            node = Node("unless" if found[1] else "if", found[2], line=at[0], column=at[1])
            self.open[-1].children.append(node)
            self.open.append(node)

    def _what_is_open(self) -> str:
        node = self.open[-1]
        if node.kind == "root":
            return _("Xoá nó: không có gì đang mở.")
        return _("Viết %(end)s trước: phần mở ở dòng %(line)s chưa đóng.") % {"end": _end_of(node), "line": node.line}

    def _words(self, data: str, start: int, end: int) -> None:
        words = data[start:end]
        if half := _HALF.search(words):
            at = self._at(data, start + half.start())
            fix = _("Viết đủ {{ tên_ô }} hoặc {% if tên_ô %}, không có thẻ ở giữa.")
            self._fault(_("Dấu %(sign)s lẻ.") % {"sign": half[0]}, fix, at)
        elif (loose := words.find("<")) >= 0:
            at = self._at(data, start + loose)
            self._fault(_("Dấu %(sign)s lẻ.") % {"sign": "<"}, _("Viết &lt; nếu muốn in dấu này."), at)
        else:
            self._text(words, self._at(data, start))

    def _reference(self, written: str) -> None:
        meant = html.unescape(written)
        if meant == written or not meant or _UNPRINTABLE.search(meant):
            fix = _("Gõ thẳng chữ cần in, hoặc viết &amp; &lt; &gt;.")
            self._fault(_("Không hiểu «%(written)s».") % {"written": written[:20]}, fix)
        else:
            self._text(meant, (self.getpos()[0], self.getpos()[1] + 1))

    def _text(self, words: str, at: tuple[int, int]) -> None:
        if self._holder() in _LISTS:
            if words.strip():
                self._fault(_("Chữ không nằm thẳng trong danh sách."), _("Đặt chữ vào trong <li>."), at)
            return
        if words:
            self.open[-1].children.append(Node("text", html.escape(words, quote=False)))
