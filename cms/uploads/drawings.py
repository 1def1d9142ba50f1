"""Drawings (SVG) are programs as much as pictures: only what draws is let in."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cms.uploads.base import UnsafeFile, refuse

SVG = "http://www.w3.org/2000/svg"
XHTML = "http://www.w3.org/1999/xhtml"
XLINK = "http://www.w3.org/1999/xlink"
#: Elements that run, load or embed something. Everything that only draws may stay.
_FORBIDDEN = {
    "script", "foreignobject", "handler", "listener", "iframe", "embed", "object", "audio", "video", "canvas",
    "animation", "discard", "prefetch", "use-external", "html", "body", "link", "meta", "base", "form",
}  # fmt: skip
_ANIMATIONS = {"animate", "set", "animatemotion", "animatetransform", "animatecolor"}
_INLINE_PICTURE = re.compile(r"^data:image/(?:png|jpe?g|gif|webp);base64,", re.IGNORECASE)
_CSS_LOADS = re.compile(
    r"@import|url\((?!\s*['\"]?\s*(?:#|data:image/(?:png|jpe?g|gif|webp)))|expression\(|-moz-binding"
)
_SCRIPTED = re.compile(r"^[\s\x00-\x20]*(?:java|vb)script:", re.IGNORECASE)
MOST_ELEMENTS = 20_000
#: What `use` may multiply a drawing to: a few lines can otherwise draw a thousand million shapes.
MOST_DRAWN = 100_000
_FIX = gettext_noop("Xuất lại hình ở dạng «SVG thường» (Plain SVG), hoặc lưu thành PNG rồi tải lên.")


def check(data: bytes) -> None:
    """Refuse a drawing that does more than draw: names the first element or attribute that does."""
    root = _parse(data)
    if root.tag not in (f"{{{SVG}}}svg", "svg"):
        raise refuse(_("Tệp .svg này không bắt đầu bằng phần tử <svg>."), _(_FIX), code="svg_root")
    for count, element in enumerate(root.iter(), start=1):
        if count > MOST_ELEMENTS:
            raise refuse(
                _("Hình vẽ có hơn %(most_elements)s phần tử, máy yếu không vẽ nổi.") % {"most_elements": MOST_ELEMENTS},
                _(_FIX),
                code="svg_large",
            )
        _check_element(element)
    _check_uses(root)


class _Builder(TreeBuilder):
    """The tree of a drawing. Instructions to whoever reads it, such as a style sheet to fetch, are refused."""

    def pi(self, target: str, text: str | None = None) -> Any:
        raise _told(_("chỉ thị <?%(target)s?>") % {"target": target}, "svg_instruction")


def _parse(data: bytes) -> Element:
    parser = DefusedXMLParser(target=_Builder())
    try:
        parser.feed(data)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise refuse(
            _("Hình vẽ khai báo thực thể (<!ENTITY>), cách thường dùng để làm treo máy hoặc đọc trộm tệp."), _(_FIX),
            code="svg_entities",
        ) from error  # fmt: skip
    except (ParseError, ValueError, LookupError) as error:
        line = getattr(error, "position", (0, 0))[0]
        somewhere = _("Hình vẽ sai cú pháp XML.")
        told = _("Hình vẽ sai cú pháp XML ở dòng %(line)s.") % {"line": line} if line else somewhere
        raise refuse(told, _(_FIX), code="svg_syntax") from error
    return root


def _told(problem: str, code: str) -> UnsafeFile:
    return refuse(_("Hình vẽ SVG có %(problem)s. Thứ đó không phải để vẽ.") % {"problem": problem}, _(_FIX), code=code)


def _split(name: Any) -> tuple[str, str]:
    """Namespace and small-lettered local name of a tag or attribute."""
    namespace, _, local = str(name).rpartition("}")
    return namespace.removeprefix("{"), local.lower()


def _check_element(element: Element) -> None:
    namespace, local = _split(element.tag)
    if local in _FORBIDDEN or namespace == XHTML:
        raise _told(_("phần tử <%(local)s>") % {"local": local}, "svg_script" if local == "script" else "svg_element")
    if local == "style" and _CSS_LOADS.search(_css(element.text or "")):
        raise _told(_("kiểu dáng (<style>) nạp tệp từ nơi khác"), "svg_external")
    for name, value in element.attrib.items():
        _check_attribute(local, _split(name)[1], value)


def _check_attribute(element: str, name: str, value: str) -> None:
    shown = _("thuộc tính %(name)s ở phần tử <%(element)s>") % {"name": name, "element": element}
    if name.startswith("on"):
        raise _told(_("%(shown)s (chạy lệnh khi bấm hoặc khi mở)") % {"shown": shown}, "svg_event")
    if _SCRIPTED.match(value):
        raise _told(_("%(shown)s chứa lệnh javascript:") % {"shown": shown}, "svg_script")
    if element in _ANIMATIONS and name == "attributename":
        target = value.strip().rpartition(":")[2].lower()
        if target == "href" or target.startswith("on"):
            raise _told(
                _("hoạt hình đổi %(value)s ở phần tử <%(element)s>") % {"value": value, "element": element}, "svg_event"
            )
    if name in ("href", "src"):
        address = value.strip()
        if address and not address.startswith("#") and not _INLINE_PICTURE.match(address):
            raise _told(
                _("%(shown)s trỏ ra ngoài («%(address)s»)") % {"shown": shown, "address": address[:60]}, "svg_external"
            )
    elif "(" in value and _CSS_LOADS.search(_css(value)):
        raise _told(_("%(shown)s nạp tệp từ nơi khác") % {"shown": shown}, "svg_external")


def _css(text: str) -> str:
    """Style without the escapes and comments that hide what it loads."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"\\([0-9a-fA-F]{1,6})\s?", lambda found: chr(min(int(found.group(1), 16), 0x10FFFF)), text).lower()


def _check_uses(root: Element) -> None:
    """Count what `use` draws in the end; a circle or a tower of them is a bomb."""
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    known: dict[str, int] = {}

    def drawn(element: Element, path: tuple[str, ...]) -> int:
        total = 1
        for inner in element.iter():
            if inner is element and _split(inner.tag)[1] != "use":
                continue
            total += 1
            if _split(inner.tag)[1] != "use":
                continue
            target = (inner.get("href") or inner.get(f"{{{XLINK}}}href") or "").strip().removeprefix("#")
            if target in path or len(path) > 50:
                raise _told(_("phần tử <use> gọi vòng tròn («#%(target)s»)") % {"target": target}, "svg_bomb")
            if target in named:
                if target not in known:
                    known[target] = drawn(named[target], (*path, target))
                total += known[target]
            if total > MOST_DRAWN:
                raise _told(_("các phần tử <use> nhân hình lên quá nhiều lần"), "svg_bomb")
        return total

    drawn(root, ())
