"""Films and sound: are they what browsers play, from the first byte to the last?"""

from __future__ import annotations

from struct import unpack
from typing import BinaryIO

from django.utils.translation import gettext as _

from cms.uploads.base import broken, refuse

_BITRATES = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
#: Encoders leave some room between the tag and the first frame.
_GAP = 4096


def check_mp4(file: BinaryIO) -> None:
    """Boxes from the first byte to the last, with a film among them."""
    size = file.seek(0, 2)
    at, seen = 0, set()
    while at < size:
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            raise broken("video")
        length, name = unpack(">I4s", header[:8])
        if length == 1 and len(header) == 16:
            length = unpack(">Q", header[8:])[0]
        elif length == 0:
            length = size - at
        if length < 8 or at + length > size or not name.isalnum():
            raise refuse(
                _("Video bị hỏng, hoặc có dữ liệu lạ nối vào sau."), _("Xuất lại video thành MP4 (H.264) rồi tải lên."),
                code="polyglot",
            )  # fmt: skip
        seen.add(name)
        at += length
    if b"moov" not in seen:
        raise broken("video")


def check_mp3(file: BinaryIO) -> None:
    """A tag perhaps, and then frames of sound: two in a row are no accident."""
    file.seek(0)
    head = file.read(10)
    start = 0
    if head[:3] == b"ID3":
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    file.seek(start)
    data = file.read(_GAP + 8192)
    for at in range(min(_GAP, max(0, len(data) - 4))):
        length = _frame(data[at : at + 4])
        if length and (at + length == len(data) or _frame(data[at + length : at + length + 4])):
            return
    raise refuse(
        _("Tệp .mp3 này không có âm thanh MP3 bên trong."), _("Xuất lại âm thanh thành MP3 rồi tải lên."), code="broken"
    )


def _frame(header: bytes) -> int:
    """The length in bytes of the frame of MPEG layer III that begins here; 0 when none does."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        return 0
    samples = 144 if version == 3 else 72
    return samples * _BITRATES[3 if version == 3 else 2][bitrate] * 1000 // _RATES[version][rate] + padding
