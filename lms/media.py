"""What editors uploaded, handed out so that nothing in it can run as a page of ours, and so that films can be wound."""

from __future__ import annotations

import re
from typing import IO, Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.static import serve

#: What a page shows or plays; everything else is saved to the device, never opened here.
SHOWN = re.compile(r"\.(?:png|jpe?g|gif|webp|avif|svg|mp4|mp3|vtt)$", re.IGNORECASE)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


class _Part:
    """A stretch of an open file, read in pieces."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self.file, self.left = file, length

    def read(self, size: int = -1) -> bytes:
        wanted = self.left if size < 0 else min(size, self.left)
        content = self.file.read(wanted)
        self.left -= len(content)
        return content

    def close(self) -> None:
        self.file.close()


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Pictures, films and documents of editors. Where nginx stands in front it does the same."""
    response: Any = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    if response.status_code == 200:
        response.headers["Accept-Ranges"] = "bytes"
        if wanted := request.headers.get("Range"):
            response = _stretch(response, wanted)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "public, max-age=86400"
    if not SHOWN.search(path):
        response.headers["Content-Disposition"] = "attachment"
    return response  # type: ignore[no-any-return]


def _stretch(whole: FileResponse, wanted: str) -> HttpResponseBase:
    """The one stretch that was asked for: phones wind a film this way, and go on where they stopped."""
    size = int(whole.headers["Content-Length"])
    found = _RANGE.match(wanted)
    if not found or not any(found.groups()):
        return whole
    first, last = found.groups()
    begin = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    file: Any = whole.file_to_stream
    if begin > end:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    file.seek(begin)
    part = FileResponse(_Part(file, end - begin + 1), status=206, content_type=whole.headers["Content-Type"])
    part.headers["Content-Length"] = str(end - begin + 1)
    part.headers["Content-Range"] = f"bytes {begin}-{end}/{size}"
    part.headers["Accept-Ranges"] = "bytes"
    part.headers["Last-Modified"] = whole.headers["Last-Modified"]
    return part
