"""Whether what a design shows of somebody fits on the sheet. Pure: works on what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from certificates.models.designs import Paper
from common.pdf import Drawn

#: The alternative text of the code: by it people who do not see the code, and this module, know what it is.
QR_SAYS = "Mã QR dẫn tới trang kiểm tra giấy này"
#: How near to the edge words may come, in millimetres, and the smallest type that can be read, in points.
MARGIN = {Paper.LANDSCAPE: 6.0, Paper.PORTRAIT: 6.0, Paper.CARD: 2.0}
SMALLEST = {Paper.LANDSCAPE: 7.5, Paper.PORTRAIT: 7.5, Paper.CARD: 5.0}
SHEET = {Paper.LANDSCAPE: (297.0, 210.0), Paper.PORTRAIT: (210.0, 297.0), Paper.CARD: (85.6, 54.0)}
#: Modules of a code smaller than this are not read from paper: about 45 of them lie side by side.
SMALLEST_CODE = 18.0
#: Letters reach over their line a little, where nothing is drawn: so much of a run's height may be shared.
SLACK = 0.22


def fit_faults(pages: Sequence[Sequence[Drawn]], *, paper: Paper, expected: Sequence[str]) -> list[str]:
    """What does not fit, in sentences for the reader; empty when all is well. ``expected`` must be seen as it is."""
    if len(pages) != 1:
        return [_("Chữ tràn sang trang khác: giấy thành %(pages)s trang.") % {"pages": len(pages)}]
    drawn = [one for one in pages[0] if one.text.strip() or not one.text]
    words, pictures = [one for one in drawn if one.text], [one for one in drawn if not one.text]
    code = next((one for one in pictures if one.says == QR_SAYS), None)
    return [
        *_outside(words, paper),
        *_small(words, paper),
        *_covered(words),
        *_missing(words, expected),
        *_pictures(pictures, paper),
        *_code(code, drawn),
    ]


def _outside(words: Sequence[Drawn], paper: Paper) -> Iterator[str]:
    (width, height), margin = SHEET[paper], MARGIN[paper]
    for one in words:
        if not (
            margin <= one.left and one.right <= width - margin and margin <= one.top and one.bottom <= height - margin
        ):
            yield _("«%(text)s» ra sát hoặc ra ngoài mép giấy.") % {"text": _short(one)}
            return


def _small(words: Sequence[Drawn], paper: Paper) -> Iterator[str]:
    small = [one for one in words if one.size < SMALLEST[paper] - 0.01]
    if small:
        said = _("«%(text)s» cỡ %(size)s pt, nhỏ hơn %(smallest)s pt nên khó đọc.")
        size, smallest = f"{small[0].size:.1f}", f"{SMALLEST[paper]:g}"
        yield said % {"text": _short(small[0]), "size": size, "smallest": smallest}


def _covered(words: Sequence[Drawn]) -> Iterator[str]:
    for place, one in enumerate(words):
        for other in words[place + 1 :]:
            if _overlap(one, other):
                yield _("«%(one)s» và «%(other)s» đè lên nhau.") % {"one": _short(one), "other": _short(other)}
                return


def _overlap(one: Drawn, other: Drawn) -> bool:
    slack = SLACK * (one.bottom - one.top + other.bottom - other.top) / 2
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across > 0.3 and down > max(slack, 0.2)


def _missing(words: Sequence[Drawn], expected: Sequence[str]) -> Iterator[str]:
    seen = _plain("".join(one.text for one in words))
    for text in expected:
        if _plain(text) not in seen:
            yield _("Không thấy đủ «%(text)s» trên giấy.") % {"text": text[:60]}


def _pictures(pictures: Sequence[Drawn], paper: Paper) -> Iterator[str]:
    width, height = SHEET[paper]
    for one in pictures:
        if one.left < 0 or one.top < 0 or one.right > width or one.bottom > height:
            yield _("Có hình ra ngoài mép giấy.")
            return


def _code(code: Drawn | None, others: Sequence[Drawn]) -> Iterator[str]:
    """A signature may cross a name; nothing crosses the code."""
    if code is None:
        yield _("Không thấy mã QR trên giấy.")
    elif min(code.right - code.left, code.bottom - code.top) < SMALLEST_CODE:
        yield _("Mã QR nhỏ hơn %(smallest)s mm nên khó quét.") % {"smallest": f"{SMALLEST_CODE:g}"}
    elif covering := next((one for one in others if one is not code and _overlap(one, code)), None):
        yield _("«%(text)s» đè lên mã QR.") % {"text": _short(covering)}


def _short(one: Drawn) -> str:
    text = one.text.strip() or one.says
    return text if len(text) <= 40 else f"{text[:39]}…"


def _plain(text: str) -> str:
    return "".join(text.casefold().split())
