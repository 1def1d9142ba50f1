"""The mark and what is drawn of it: pictures for browsers, first screens of phones, and links that are handed on.

The mark is the dot below of *Học* and the acute of *Số*, which are also 0 and 1: a gold circle and a white stroke on a
green tile. ``static/img/mark.svg`` is its drawing; ``python -m lms.identity`` draws the others anew, beside it.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from common.pdf import FONTS

GREEN, GOLD, WHITE, PAPER, INK, LINE, SOFT = "#0a5f53", "#f0b429", "#ffffff", "#fbf9f4", "#14283a", "#d9d4c7", "#e3f0ec"
FOLDER = Path(__file__).resolve().parent.parent / "static" / "img"
#: Drawn so many times larger, and made smaller: edges come out smooth.
FINE = 4
CARD = (1200, 630)
#: The motif of the first page: circles and strokes of the mark in the colours of the house, five rows of four.
MOTIF = ["gydw", "wggy", "gSyd", "yLsg", "sgdY"]
SIGNS = {"g": ("o", GREEN), "y": ("o", GOLD), "s": ("o", SOFT), "d": ("o", LINE)} | {
    "w": ("/", LINE), "S": ("/", SOFT), "L": ("/", GREEN), "Y": ("/", GOLD)
}  # fmt: skip


def mark(side: int, *, is_full: bool = False) -> Image.Image:
    """The mark on its tile; ``is_full`` without round corners, for phones that cut the tile themselves."""
    one = side * FINE / 32
    tile = Image.new("RGBA", (side * FINE, side * FINE), GREEN if is_full else (0, 0, 0, 0))
    pen = ImageDraw.Draw(tile)
    if not is_full:
        pen.rounded_rectangle((0, 0, side * FINE - 1, side * FINE - 1), 9 * one, fill=GREEN)
    # Phones cut a tile to a circle of four fifths: there the mark is drawn smaller.
    scale = 0.8 if is_full else 1
    shift = 16 * one * (1 - scale)
    _mark(pen, shift, shift, one * scale)
    return tile.resize((side, side), Image.Resampling.LANCZOS)


def _mark(pen: ImageDraw.ImageDraw, left: float, top: float, one: float) -> None:
    pen.circle((left + 11.5 * one, top + 19 * one), 5 * one, fill=GOLD)
    _stroke(pen, (left + 18.5 * one, top + 24 * one), (left + 23.5 * one, top + 8 * one), 4.6 * one, WHITE)


def _stroke(
    pen: ImageDraw.ImageDraw, start: tuple[float, float], end: tuple[float, float], width: float, colour: str
) -> None:
    pen.line((*start, *end), fill=colour, width=round(width))
    for spot in (start, end):
        pen.circle(spot, width / 2, fill=colour)


def card() -> Image.Image:
    """What messengers show beside a link of ours: name, what it is, and that it costs nothing."""
    sheet = Image.new("RGB", (CARD[0] * FINE, CARD[1] * FINE), PAPER)
    pen = ImageDraw.Draw(sheet)
    for row, signs in enumerate(MOTIF):
        for column, sign in enumerate(signs):
            shape, colour = SIGNS[sign]
            x, y = (820 + 96 * column) * FINE, (123 + 96 * row) * FINE
            if shape == "o":
                pen.circle((x, y), 26 * FINE, fill=colour)
            else:
                _stroke(pen, (x - 13 * FINE, y + 27 * FINE), (x + 13 * FINE, y - 27 * FINE), 22 * FINE, colour)
    pen.rectangle((0, 612 * FINE, 1200 * FINE, 630 * FINE), fill=GREEN)
    sheet = sheet.resize(CARD, Image.Resampling.LANCZOS)
    tile = mark(104)
    sheet.paste(tile, (72, 92), tile)
    words = ImageDraw.Draw(sheet)
    words.text((204, 92), "Học Số", font=_font("Bold", 76), fill=INK)
    for line, said in enumerate(["Học kỹ năng số,", "từ chiếc điện thoại", "của bạn"]):
        words.text((72, 238 + 72 * line), said, font=_font("SemiBold", 54), fill=GREEN)
    words.text((72, 500), "Miễn phí cho mọi người", font=_font("Regular", 36), fill=INK)
    return sheet.quantize(64, dither=Image.Dither.NONE)


def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"BeVietnamPro-{weight}.ttf"), size)


def draw(folder: Path = FOLDER) -> None:
    """Write every picture."""
    mark(32).save(folder / "favicon.ico", sizes=[(32, 32)])
    # Apple rounds the corners itself and paints what is transparent black.
    mark(180, is_full=True).convert("RGB").quantize(32).save(folder / "mark-180.png", optimize=True)
    for side in (192, 512):
        mark(side, is_full=True).convert("RGB").quantize(32).save(folder / f"mark-{side}.png", optimize=True)
    card().save(folder / "card.png", optimize=True)


if __name__ == "__main__":
    draw()
