"""Pictures and sounds of questions: judged as every upload is, then kept with the bank."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _

from cms import uploads
from cms.upload_forms import limits
from cms.uploads.base import extension_of, refuse
from people.models import User
from quizzes.models import Bank, MediaFile
from quizzes.services import media_keep

PICTURES = {"gif": "image/gif", "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
SOUNDS = {"mp3": "audio/mpeg"}
UPLOAD, FILE = "upload", "file"
ACCEPT = ",".join(f".{ending}" for ending in (*PICTURES, *SOUNDS))


def media_judged(name: str, data: bytes) -> bytes:
    """The bytes to keep of a picture or sound; what is no picture in it is cut out. Raises UnsafeFile."""
    ending = extension_of(name)
    if ending in SOUNDS:
        uploads.check_document(name=name, file=io.BytesIO(data), limits=limits())
        return data
    if ending not in PICTURES:
        raise refuse(
            _("Câu hỏi không dùng được tệp «%(name)s».") % {"name": name},
            _("Hãy dùng hình %(kinds)s hoặc tiếng mp3.") % {"kinds": ", ".join(PICTURES)},
            code="not_media",
        )
    return uploads.check_picture(name=name, file=io.BytesIO(data), limits=limits()) or data


def upload_keep(*, bank: Bank, file: UploadedFile, actor: User | None) -> MediaFile:
    """Check and keep one upload. Raises UnsafeFile."""
    name = file.name or ""
    heaviest = max(settings.UPLOAD_MAX_MB.values()) * 1024 * 1024
    data = media_judged(name, file.read(heaviest + 1))
    return media_keep(bank=bank, name=name, mime=mime_of(name), data=data, actor=actor)


def mime_of(name: str) -> str:
    return {**PICTURES, **SOUNDS}[extension_of(name)]


def uploads_keep(*, bank: Bank, data: QueryDict, files: Any, actor: User) -> tuple[QueryDict, dict[str, str]]:
    """Keep every upload of a form at once, so that none is lost when the form comes back.

    Returns the data with the names of the kept files in it, and what is wrong by the name of the field.
    """
    kept, wrong = data.copy(), {}
    for name, file in files.items():
        row, _, field = name.rpartition("-")
        if field != UPLOAD:
            continue
        try:
            made = upload_keep(bank=bank, file=file, actor=actor)
        except uploads.UnsafeFile as refusal:
            wrong[name] = f"{refusal.text} {refusal.fix}"
        else:
            kept[f"{row}-{FILE}"] = str(made.uuid)
    return kept, wrong


def files_named(rows: Any) -> dict[str, MediaFile]:
    """The kept files that ``media`` rows name, by their name there."""
    wanted = [str(row["file"]) for row in rows if isinstance(row, dict) and row.get("file")]
    valid = [name for name in wanted if len(name) in (32, 36)]
    return {str(file.uuid): file for file in MediaFile.objects.filter(uuid__in=valid)} if valid else {}
