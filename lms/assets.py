"""One style sheet out of the parts under ``static/css``: parts for people, one request for the phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseStorageFinder
from django.core.files.storage import FileSystemStorage

BUNDLE = "css/site.css"


def bundle_css() -> str:
    """The parts in order: tokens, base, then components by name."""
    folder = settings.BASE_DIR / "static" / "css"
    parts = [folder / "tokens.css", folder / "base.css", *sorted((folder / "components").glob("*.css"))]
    return "".join(part.read_text(encoding="utf-8") for part in parts)


class CssBundleFinder(BaseStorageFinder):
    """Offers ``css/site.css`` to runserver, WhiteNoise and collectstatic, made anew when a part changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.DATA_DIR / "build")
        super().__init__(*args, **kwargs)

    def _write(self) -> None:
        file = settings.DATA_DIR / "build" / BUNDLE
        css = bundle_css()
        if not file.exists() or file.read_text(encoding="utf-8") != css:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(css, encoding="utf-8")

    def find(self, path: str, *args: Any, **kwargs: Any) -> Any:
        if path == BUNDLE:
            self._write()
        return super().find(path, *args, **kwargs)

    def list(self, ignore_patterns: Any) -> Iterator[Any]:
        self._write()
        yield from super().list(ignore_patterns)
