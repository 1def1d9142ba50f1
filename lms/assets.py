"""Two style sheets out of the parts under ``static/css``: parts for people, one request for a phone.

``css/site.css`` is all that a public page loads; pages of officials load ``css/manage.css`` after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseStorageFinder
from django.core.files.storage import FileSystemStorage

SITE = "css/site.css"
MANAGE = "css/manage.css"
BUNDLES = (SITE, MANAGE)


def bundle_parts(bundle: str) -> list[Path]:
    """The files that a sheet is made of, in order: tokens, base, then components by name."""
    folder: Path = settings.BASE_DIR / "static" / "css"
    if bundle == MANAGE:
        return sorted((folder / "manage").glob("*.css"))
    return [folder / "tokens.css", folder / "base.css", *sorted((folder / "components").glob("*.css"))]


def bundle_css(bundle: str) -> str:
    """The text of ``css/site.css`` or ``css/manage.css``."""
    return "".join(part.read_text(encoding="utf-8") for part in bundle_parts(bundle))


class CssBundleFinder(BaseStorageFinder):
    """Offers the sheets to runserver, WhiteNoise and collectstatic, made anew when a part changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.DATA_DIR / "build")
        super().__init__(*args, **kwargs)

    def _write(self, bundle: str) -> None:
        file = settings.DATA_DIR / "build" / bundle
        css = bundle_css(bundle)
        if not file.exists() or file.read_text(encoding="utf-8") != css:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(css, encoding="utf-8")

    def find(self, path: str, *args: Any, **kwargs: Any) -> Any:
        if path in BUNDLES:
            self._write(path)
        return super().find(path, *args, **kwargs)

    def list(self, ignore_patterns: Any) -> Iterator[Any]:
        for bundle in BUNDLES:
            self._write(bundle)
        yield from super().list(ignore_patterns)
