"""The forms by which pictures and documents come in, one by one, many at once or out of a chooser: all are checked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from wagtail.documents.fields import WagtailDocumentField
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from cms import uploads


def limits() -> uploads.Limits:
    """The limits of the settings."""
    return uploads.Limits(
        megabytes=settings.UPLOAD_MAX_MB,
        pixels=settings.UPLOAD_MAX_PIXELS,
        unpacked_mb=settings.UPLOAD_MAX_UNPACKED_MB,
        entries=settings.UPLOAD_MAX_ENTRIES,
        ratio=settings.UPLOAD_MAX_RATIO,
    )


def _told(refusal: uploads.UnsafeFile) -> ValidationError:
    return ValidationError(f"{refusal.text} {refusal.fix}", code=refusal.code)


def _keep_instead(upload: UploadedFile, content: bytes) -> None:
    """Change the upload itself: whatever happens to the form, nobody meets the old content."""
    file: Any = upload.file
    file.seek(0)
    file.truncate()
    file.write(content)
    file.seek(0)
    upload.size = len(content)


class PictureField(WagtailImageField):
    """A picture that is one, and nothing else besides."""

    def to_python(self, data: Any) -> Any:
        if data in self.empty_values:
            return super().to_python(data)
        try:
            clean = uploads.check_picture(name=data.name, file=data.file, limits=limits())
        except uploads.UnsafeFile as refusal:
            raise _told(refusal) from refusal
        if clean is not None:
            _keep_instead(data, clean)
        data.seek(0)
        return super().to_python(data)


class DocumentField(WagtailDocumentField):
    """A document, sound, film or captions, as its name says."""

    def to_python(self, data: Any) -> Any:
        if data not in self.empty_values:
            try:
                uploads.check_document(name=data.name, file=data.file, limits=limits())
            except uploads.UnsafeFile as refusal:
                raise _told(refusal) from refusal
            data.seek(0)
        return super().to_python(data)


class _CheckedFile:
    """Puts a field of ours where the form has one for the file; forms without one (edit many) stay as they are."""

    file_field: type[PictureField | DocumentField]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields  # type: ignore[attr-defined]
        if plain := fields.get("file"):
            fields["file"] = self.file_field(required=plain.required, label=plain.label, widget=plain.widget)


class PictureForm(_CheckedFile, BaseImageForm):
    """Pictures of the library."""

    file_field = PictureField


class FileForm(_CheckedFile, BaseDocumentForm):
    """Documents of the library."""

    file_field = DocumentField
