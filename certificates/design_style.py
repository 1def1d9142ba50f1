"""The style of a design kept in the database: CSS of known properties, with nothing fetched. Pure.

Read with tinycss2 and cssselect2 (the readers of the layout engine itself) and written anew from what was understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cssselect2
import tinycss2
from django.utils.translation import gettext as _

from certificates.design_language import Fault

MOST_STYLE = 30_000
_BOX = ("", "-top", "-right", "-bottom", "-left")
PROPERTIES = frozenset(
    {
        *("color", "opacity", "background", "background-color", "background-image", "background-repeat"),
        *("background-position", "background-size", "box-sizing", "border-radius", "border-color", "border-style"),
        *("border-width", "width", "height", "min-width", "max-width", "min-height", "max-height", "z-index"),
        *("position", "top", "right", "bottom", "left", "display", "float", "clear", "vertical-align"),
        *("flex", "flex-direction", "flex-wrap", "flex-grow", "flex-shrink", "flex-basis", "order"),
        *("justify-content", "align-items", "align-self", "align-content", "gap", "row-gap", "column-gap"),
        *("text-align", "text-transform", "text-indent", "text-decoration"),
        *("line-height", "font-size", "font-weight", "white-space", "overflow-wrap"),
        *("list-style", "list-style-type", "content"),
        *(f"{name}{side}" for name in ("margin", "padding", "border") for side in _BOX),
        *(f"border{side}-{what}" for side in _BOX[1:] for what in ("width", "style", "color")),
    }
)
#: Spacing of letters is left out too: programs that read the paper aloud or copy from it would see broken words.
#: Where only some words make sense on paper; whatever hides or repeats is left out.
_WORDS = {
    "position": {"static", "relative", "absolute"},
    "display": {"block", "inline", "inline-block", "flex", "list-item"},
    "white-space": {"normal", "nowrap", "pre-line"},
}
_PLACES = frozenset({"top", "right", "bottom", "left", *(f"margin{side}" for side in _BOX)})
_FUNCTIONS = frozenset({"rgb", "rgba", "hsl", "hsla", "url"})
_MILLIMETRES = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 0.3528, "px": 0.2646, "em": 4.3, "rem": 4.3}
#: No length on A4 is longer than its diagonal.
MOST_LENGTH = 365.0
_UNSAFE = "\\<>"


class _Unfit(Exception):
    """What is wrong with a value, how to mend it, and at which token."""

    def __init__(self, text: str, fix: str, token: Any = None) -> None:
        super().__init__(text)
        self.text, self.fix, self.token = text, fix, token


def style_read(source: str, art: Mapping[str, str]) -> tuple[str, list[Fault]]:
    """The style written anew, or its faults; ``art`` gives the address of each drawing that may be named."""
    if len(source) > MOST_STYLE:
        said = _("Kiểu trình bày dài %(length)s chữ, nhiều nhất %(most)s.")
        said %= {"length": len(source), "most": MOST_STYLE}
        return "", [Fault(0, 0, said, _("Rút gọn rồi lưu lại."))]
    written, faults = [], []
    for rule in tinycss2.parse_stylesheet(source, skip_comments=True, skip_whitespace=True):
        if rule.type == "at-rule":
            fix = _("Bỏ dòng này: khổ giấy, phông chữ và lề trang do hệ thống đặt.")
            faults.append(_fault(rule, _("Không dùng được @%(rule)s.") % {"rule": rule.at_keyword[:20]}, fix))
        elif rule.type != "qualified-rule":
            fix = _("Viết theo dạng .lop { thuoc-tinh: gia-tri; }.")
            faults.append(_fault(rule, _("Không hiểu đoạn này."), fix))
        else:
            selector, found = _selector(rule)
            lines, more = _declarations(rule, art)
            faults += [*found, *more]
            written.append(f"{selector}{{{';'.join(lines)}}}")
    return "" if faults else "\n".join(written), sorted(faults)[:30]


def _fault(token: Any, text: str, fix: str) -> Fault:
    return Fault(token.source_line, token.source_column, text, fix)


def _selector(rule: Any) -> tuple[str, list[Fault]]:
    written = tinycss2.serialize(rule.prelude).strip()
    try:
        cssselect2.compile_selector_list(rule.prelude)
        sound = not any(sign in written for sign in _UNSAFE[:2])
    except cssselect2.SelectorError:
        sound = False
    if sound:
        return written, []
    fix = _("Viết tên lớp hoặc tên thẻ, ví dụ .ho-ten hoặc h1.")
    return written, [_fault(rule, _("Không hiểu «%(written)s».") % {"written": written[:30]}, fix)]


def _declarations(rule: Any, art: Mapping[str, str]) -> tuple[list[str], list[Fault]]:
    lines, faults = [], []
    for part in tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True):
        if part.type != "declaration":
            fix = _("Viết mỗi dòng theo dạng thuoc-tinh: gia-tri; và đủ dấu chấm phẩy.")
            faults.append(_fault(part, _("Không hiểu đoạn này."), fix))
            continue
        try:
            lines.append(_declaration(part, art))
        except _Unfit as unfit:
            faults.append(_fault(unfit.token or part, unfit.text, unfit.fix))
    return lines, faults


def _declaration(part: Any, art: Mapping[str, str]) -> str:
    name = part.lower_name
    if name not in PROPERTIES:
        is_font = name.startswith("font")
        fix = _("Bỏ dòng này: chữ trên giấy luôn là Be Vietnam Pro.") if is_font else _("Bỏ dòng này.")
        raise _Unfit(_("Không dùng được thuộc tính «%(name)s».") % {"name": part.name[:30]}, fix)
    value = "".join(_value(name, token, art) for token in part.value).strip()
    if not value:
        raise _Unfit(_("«%(name)s» chưa có giá trị.") % {"name": name}, _("Ghi giá trị sau dấu hai chấm."))
    return f"{name}:{value}{'!important' if part.important else ''}"


def _value(name: str, token: Any, art: Mapping[str, str]) -> str:
    kind = token.type
    if kind == "whitespace":
        return " "
    if kind == "comment":
        return ""
    if kind == "ident":
        return _word(name, token)
    if kind in ("number", "percentage", "dimension"):
        return _measure(name, token)
    if kind == "hash" and token.value.isalnum():
        return f"#{token.value}"
    if kind == "literal" and token.value in {",", "/"}:
        return str(token.value)
    if kind == "string" and name == "content" and len(token.value) <= 40 and not set(_UNSAFE) & set(token.value):
        return str(token.serialize())
    if kind == "url":
        return _drawing(token, token.value, art)
    if kind == "function" and token.lower_name in _FUNCTIONS:
        return _function(name, token, art)
    fix = _('Chỉ dùng số đo, màu, từ khoá và url("tên hình có sẵn").')
    said = _("Giá trị «%(value)s» của «%(name)s» không dùng được.")
    raise _Unfit(said % {"value": token.serialize()[:30], "name": name}, fix, token)


def _function(name: str, token: Any, art: Mapping[str, str]) -> str:
    if token.lower_name == "url":
        inside = [part for part in token.arguments if part.type != "whitespace"]
        return _drawing(token, inside[0].value if len(inside) == 1 and inside[0].type == "string" else "", art)
    if any(part.type in ("function", "url", "string") for part in token.arguments):
        said = _("Màu «%(colour)s» chưa đúng.") % {"colour": token.serialize()[:30]}
        raise _Unfit(said, _("Viết màu theo dạng #0a5f53."), token)
    return f"{token.lower_name}({''.join(_value(name, part, art) for part in token.arguments)})"


def _drawing(token: Any, wanted: str, art: Mapping[str, str]) -> str:
    if wanted not in art:
        fix = _("Các hình có sẵn: %(names)s.") % {"names": ", ".join(sorted(art))}
        raise _Unfit(_("Không lấy được hình này."), fix, token)
    return f'url("{art[wanted]}")'


def _word(name: str, token: Any) -> str:
    allowed = _WORDS.get(name)
    if allowed is not None and token.lower_value not in allowed:
        fix = _("Dùng %(allowed)s.") % {"allowed": ", ".join(sorted(allowed))}
        written = f"{name}: {token.value[:20]}"
        raise _Unfit(_("«%(written)s» không dùng được trên giấy.") % {"written": written}, fix, token)
    if not token.value.replace("-", "").isalnum() or not token.value.isascii():
        said = _("Không hiểu «%(written)s».") % {"written": token.value[:30]}
        raise _Unfit(said, _("Kiểm tra lại cách viết."), token)
    return str(token.value)


def _measure(name: str, token: Any) -> str:
    unit = "%" if token.type == "percentage" else getattr(token, "lower_unit", "")
    factor = _MILLIMETRES.get(unit, 1.0 if unit in ("", "%", "deg") else None)
    if factor is None:
        raise _Unfit(_("Không dùng đơn vị «%(unit)s».") % {"unit": unit[:10]}, _("Dùng mm, pt, em hoặc %."), token)
    if abs(token.value) * factor > (MOST_LENGTH if unit else 2000):
        said = _("«%(length)s» lớn hơn cả trang giấy.") % {"length": token.serialize()[:20]}
        raise _Unfit(said, _("Ghi số đo nhỏ hơn."), token)
    if token.value < 0 and name in _PLACES:
        said = _("«%(name)s» âm đẩy chữ ra ngoài chỗ của nó.") % {"name": name}
        raise _Unfit(said, _("Dùng số không âm."), token)
    return f"{token.value:.4f}".rstrip("0").rstrip(".") + unit
