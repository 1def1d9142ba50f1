"""Zip packages of strangers: counted before they are unpacked, and never a path outside. Pure."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from django.utils.translation import gettext as _

from quizzes.formats.base import MB, Unreadable

MAX_UNPACKED = 120 * MB
MAX_FILES = 12_000
MAX_RATIO = 150
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    OSError,
)


class Package:
    """The files of a zip package, read one at a time within what is left of the budget."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(BytesIO(data))
            parts = self._archive.infolist()
        except _BROKEN as error:
            raise Unreadable(_("tệp nén bị hỏng"), _("Xuất lại tệp từ hệ thống cũ.")) from error
        unpacked = sum(part.file_size for part in parts)
        if (
            len(parts) > MAX_FILES
            or unpacked > MAX_UNPACKED
            or (unpacked > 10 * MB and unpacked > len(data) * MAX_RATIO)
        ):
            raise Unreadable(
                _("tệp nén chứa quá nhiều dữ liệu, không mở để giữ an toàn"), _("Chia thành nhiều tệp nhỏ hơn.")
            )
        for part in parts:
            name = part.filename.replace("\\", "/")
            if name.startswith("/") or ".." in name.split("/") or ":" in name:
                raise Unreadable(
                    _("tệp nén có đường dẫn trỏ ra ngoài «%(path)s»") % {"path": name[-60:]},
                    _("Nén lại các tệp cần gửi."),
                )
            if part.flag_bits & 1:
                raise Unreadable(_("tệp nén có mật khẩu"), _("Nén lại không đặt mật khẩu."))
        self.names = {part.filename for part in parts if not part.is_dir()}
        self._left = MAX_UNPACKED

    def read(self, name: str, most: int) -> bytes | None:
        """A file of at most so many bytes; None when there is none, or it is larger or broken."""
        if name not in self.names:
            return None
        try:
            with self._archive.open(name) as file:
                data = file.read(min(most, self._left) + 1)
        except _BROKEN:
            return None
        self._left -= len(data)
        if self._left < 0:
            raise Unreadable(
                _("tệp nén chứa quá nhiều dữ liệu, không mở để giữ an toàn"), _("Chia thành nhiều tệp nhỏ hơn.")
            )
        return data if len(data) <= most else None


def beside(name: str, address: str) -> str:
    """Where an address in a file leads within the package; a name that no file has when it leads outside."""
    return normpath(join(dirname(name), unquote(address.split("?")[0].split("#")[0])))
