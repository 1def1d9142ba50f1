"""Whether an uploaded file is what it says it is, and harmless. Pure: a name and bytes in, a refusal or nothing out.

A refusal says in plain Vietnamese what is wrong, where, and what to do.
"""

from __future__ import annotations

from typing import BinaryIO

from cms.uploads import archives, captions, drawings, films, papers, rasters
from cms.uploads.base import KINDS, Limits, UnsafeFile, check_label, read_all, refuse

__all__ = ["Limits", "UnsafeFile", "check_document", "check_picture"]

PICTURES = ("gif", "jpg", "jpeg", "png", "webp", "svg")


def check_picture(*, name: str, file: BinaryIO, limits: Limits) -> bytes | None:
    """Check a picture. Returns what to keep instead of it when something that is no picture was cut out, else None.

    Raises UnsafeFile.
    """
    extension = check_label(name, file, limits, allowed=PICTURES)
    data = read_all(file)
    if extension == "svg":
        drawings.check(data)
        return None
    return rasters.check(data, extension, limits)


def check_document(*, name: str, file: BinaryIO, limits: Limits) -> None:
    """Check a document, sound, film or captions. Raises UnsafeFile."""
    extension = check_label(name, file, limits, allowed=tuple(kind for kind in KINDS if kind not in PICTURES))
    if extension in archives.ARCHIVES:
        archives.check(file, extension, limits)
    elif extension == "pdf":
        papers.check_pdf(read_all(file))
    elif extension == "txt":
        papers.check_text(read_all(file))
    elif extension == "vtt":
        if problem := captions.problem_in(read_all(file)):
            raise refuse(*problem, code="captions")
    elif extension == "mp4":
        films.check_mp4(file)
    elif extension == "mp3":
        films.check_mp3(file)
    file.seek(0)
