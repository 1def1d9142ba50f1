"""XML of strangers: no entities, no declarations, and every question knows its line. Pure."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _

from quizzes.formats.base import Unreadable, decoded

_DECLARED = re.compile(r"<\?xml[^>]*\?>")
_NAMED = re.compile(rb"<\?xml[^>]{0,60}encoding=[\"']([\w.-]{2,20})[\"']")
#: Tables of letters; others of Python's codecs unpack or take their time.
_PLAIN_CODECS = (b"utf-8", b"utf-16", b"us-ascii", b"iso-8859-", b"windows-12")
#: An attribute that no file can have, because names cannot begin like this.
LINE = " line"


class _Lined(TreeBuilder):
    """Builds the tree, and notes at each element in which line it begins."""

    parser: Any = None

    def start(self, tag: Any, attrs: Any) -> Element:
        element = super().start(tag, attrs)
        element.set(LINE, str(self.parser.parser.CurrentLineNumber))
        return element


def tree_of(data: bytes) -> Element:
    """The root of an XML file. Unreadable for what is broken, and for declarations that could fetch or swell."""
    text = xml_text(data)
    builder = _Lined()
    parser = DefusedXMLParser(target=builder, encoding="utf-8", forbid_dtd=True)
    builder.parser = parser
    try:
        parser.feed(text.encode())
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise Unreadable(
            _("có phần khai báo (DOCTYPE, ENTITY) mà hệ thống không mở để giữ an toàn"),
            _("Xuất lại tệp từ hệ thống cũ; tệp câu hỏi không cần phần này."),
        ) from error
    except ParseError as error:
        line = error.position[0]
        raise Unreadable(
            _("XML bị hỏng: thẻ không đóng, hoặc có dấu < hay & chưa đổi thành &lt; hay &amp;"),
            _("Xuất lại tệp, hoặc sửa chỗ này."),
            where=_("dòng %(line)s") % {"line": line},
        ) from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("XML bị hỏng"), _("Xuất lại tệp từ hệ thống cũ.")) from error
    return root


def xml_text(data: bytes) -> str:
    """The text of an XML file without its declaration, in the encoding that it names where that is one."""
    named = _NAMED.match(data.lstrip()[:120])
    if named and named[1].lower().startswith(_PLAIN_CODECS):
        try:
            text = decoded(data.decode(named[1].decode()).encode())[0]
        except (LookupError, UnicodeError):
            text = decoded(data)[0]
    else:
        text = decoded(data)[0]
    text = text.lstrip()
    return _DECLARED.sub("", text, count=1) if text.startswith("<?xml") else text


def local(tag: Any) -> str:
    """The name of an element without its namespace, in small letters and without dashes: QTI 2 and 3 are alike so."""
    return tag.rpartition("}")[2].lower().replace("-", "") if isinstance(tag, str) else ""


def line_of(element: Element) -> int:
    return int(element.get(LINE, "0"))
