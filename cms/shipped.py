"""Texts of the first pages that a province gets with the platform, so that readers of English need not guess at them.

Editors may change every one of them; what they wrote themselves is shown as they wrote it, marked as Vietnamese.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from django.utils.translation import get_language, gettext, gettext_noop

from common.datafiles import read_yaml

DATA = Path(__file__).parent / "data"
#: In which language the pages come, and editors go on writing them.
WRITTEN_IN = "vi"
#: The pages, by language.
FILES = {"vi": DATA / "pages.yaml", "en": DATA / "pages.en.yaml"}

#: As they stand in ``data/pages.yaml`` and in the defaults of ``HomePage``; a test holds them together.
SHIPPED = frozenset(
    {
        gettext_noop("Học kỹ năng số miễn phí"),
        gettext_noop("Học kỹ năng số, từ chiếc điện thoại của bạn"),
        gettext_noop(
            "Miễn phí, mỗi bài 5–10 phút, học lúc nào cũng được. Học xong có giấy xác nhận kiểm tra được bằng mã QR."
        ),
        gettext_noop("Dịch vụ công, thanh toán, an toàn trên mạng"),
        gettext_noop("Hướng dẫn bà con 5 kỹ năng số cơ bản"),
        gettext_noop("Dạy học và học liệu trên nền tảng số"),
        gettext_noop("Cán bộ y tế"),
        gettext_noop("Hồ sơ sức khoẻ điện tử, khám từ xa"),
        gettext_noop("Cán bộ, công chức, viên chức"),
        gettext_noop("Nền tảng số, dữ liệu số của tỉnh"),
        gettext_noop("Người lao động doanh nghiệp"),
        gettext_noop("Sản xuất thông minh, thương mại điện tử"),
        gettext_noop("Khoá học"),
        gettext_noop("Mọi khoá học đều miễn phí và đọc được không cần tài khoản."),
        gettext_noop("Tin tức"),
        gettext_noop("Lớp học mới, đợt cấp giấy, và những điều người học cần biết."),
        gettext_noop("Lộ trình học"),
        gettext_noop("Nhiều khoá học xếp theo thứ tự, hướng tới một việc. Học xong khoá nào được tính khoá đó."),
    }
)


class Entry(TypedDict):
    """A page of running text; ``body`` as a stream field takes it."""

    title: str
    slug: str
    intro: str
    body: list[dict[str, Any]]


@cache
def standing_pages(language: str) -> dict[str, Entry]:
    """The pages of running text that come in a language, by slug; none in a language that no file is in."""
    data = read_yaml(FILES[language])["pages"] if language in FILES else ()
    return {entry["slug"]: _entry(**entry) for entry in data}


def _entry(*, title: str, slug: str, intro: str, body: list[dict[str, Any]]) -> Entry:
    return Entry(title=title, slug=slug, intro=intro, body=[_block(**block) for block in body])


def _block(*, type: str, **fields: Any) -> dict[str, Any]:
    """A block as the stream field takes it: of running text the text, else its fields."""
    return {"type": type, "value": fields["value"] if type == "text" else fields}


def in_readers_language(text: Any) -> str:
    """The text as the page is read: a shipped one in the page's language, an editor's own as it is."""
    return gettext(str(text)) if str(text) in SHIPPED else str(text)


def language_of(text: Any) -> str:
    """The code of the language that ``in_readers_language`` gives the text in."""
    return (get_language() or "vi") if str(text) in SHIPPED else "vi"
