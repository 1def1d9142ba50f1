"""A report as .docx in the form of Nghị định 30/2020, to be put into the office's own document system."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from kpi.report_paper import COUNTRY, MOTTO, Paper, Table

FONT = "Times New Roman"
#: Widths of the head: who issues, and the name of the country, which needs one line. A cell keeps 1.9 mm on each side.
HEAD, CELL = (68, 97), 3.8
#: Widths in millimetres of a table of figures, by its number of columns; together the width between the margins.
WIDTHS = {8: (9, 56, 17, 17, 14, 18, 17, 17), 6: (10, 65, 23, 23, 21, 23)}


def report_docx(paper: Paper) -> bytes:
    document = Document()
    _page(document)
    _head(document, paper)
    if paper.warning:
        _line(document, paper.warning, align=ALIGN.CENTER, bold=True)
    _line(document, "BÁO CÁO", align=ALIGN.CENTER, bold=True, size=14, before=12)
    _line(document, paper.report.title, align=ALIGN.CENTER, bold=True, size=14)
    _rule(document, 165, 50)
    _addressees(document, paper.addressees)
    for number, part in enumerate(paper.parts, start=1):
        heading = _line(document, part.title, bold=True, before=8, keep=True)
        heading.paragraph_format.first_line_indent = Mm(10)
        end = "/." if number == len(paper.parts) else ""
        for place, text in enumerate(part.paragraphs, start=1):
            line = _line(document, text + (end if place == len(part.paragraphs) else ""), align=ALIGN.JUSTIFY, before=6)
            line.paragraph_format.first_line_indent = Mm(10)
            # No signature stands on a page by itself.
            line.paragraph_format.keep_with_next = bool(end) and place == len(part.paragraphs) and not part.tables
        for table in part.tables:
            _table(document, table)
    _foot(document, paper)
    document.core_properties.title = paper.report.title
    document.core_properties.author = paper.issuer[-1]
    document.core_properties.comments = paper.cite
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _page(document: Any) -> None:
    """A4, margins 20, 15, 20 and 30 mm; the number of the page at the top, not on the first."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(20), Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True
    header = section.header.paragraphs[0]
    header.alignment = ALIGN.CENTER
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = header.add_run()
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(13)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(0)


def _line(
    where: Any, text: str, *, align: Any = None, bold: bool = False, italic: bool = False, size: float = 13,
    before: float = 0, keep: bool = False,
) -> Any:  # fmt: skip
    """A paragraph in a document or a cell; the empty one that a cell begins with is used first."""
    paragraphs = where.paragraphs
    first = hasattr(where, "_tc") and len(paragraphs) == 1 and not paragraphs[0].runs
    line = paragraphs[0] if first else where.add_paragraph()
    run = line.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
    if align is not None:
        line.alignment = align
    line.paragraph_format.space_before = Pt(before)
    line.paragraph_format.keep_with_next = keep
    return line


def _rule(where: Any, room: float, length: float) -> None:
    """A thin line of ``length`` millimetres in the middle of the ``room`` there is."""
    line = where.add_paragraph()
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = Mm((room - length) / 2)
    line.paragraph_format.line_spacing = Pt(3)
    line.paragraph_format.space_after = Pt(4)
    border = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "auto")):
        bottom.set(qn(f"w:{name}"), value)
    border.append(bottom)
    # Before the spacing that stands there already: Word minds the order.
    line._p.get_or_add_pPr().insert(0, border)


def _columns(document: Any, *widths: float) -> Any:
    """A table without lines: what stands side by side. Returns its cells."""
    table = document.add_table(rows=1, cols=len(widths))
    _widths(table, widths)
    _whole(table.rows[0])
    return table.rows[0].cells


def _widths(table: Any, widths: Sequence[float]) -> None:
    """Widths in millimetres, said of columns and of cells: programs read the one or the other."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def _whole(row: Any) -> None:
    """A row is not torn between two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _head(document: Any, paper: Paper) -> None:
    own, country = _columns(document, *HEAD)
    for line in paper.head[:-1]:
        _line(own, line.upper(), align=ALIGN.CENTER, size=12)
    _line(own, paper.head[-1].upper(), align=ALIGN.CENTER, bold=True, size=12)
    _rule(own, HEAD[0] - CELL, 22)
    _line(own, f"Số: {paper.number}", align=ALIGN.CENTER)
    _line(country, COUNTRY.upper(), align=ALIGN.CENTER, bold=True, size=12)
    _line(country, MOTTO, align=ALIGN.CENTER, bold=True)
    _rule(country, HEAD[1] - CELL, 55)
    _line(country, paper.place_and_day, align=ALIGN.CENTER, italic=True)


def _addressees(document: Any, names: list[str]) -> None:
    if len(names) == 1:
        _line(document, f"Kính gửi: {names[0]}", align=ALIGN.CENTER, before=10)
    elif names:
        _line(document, "Kính gửi:", before=10).paragraph_format.left_indent = Mm(35)
        for place, name in enumerate(names, start=1):
            line = _line(document, f"- {name}{'.' if place == len(names) else ';'}")
            line.paragraph_format.left_indent = Mm(55)


def _table(document: Any, table: Table) -> None:
    _line(document, table.title, bold=True, size=11, before=8, keep=True)
    made = document.add_table(rows=1, cols=len(table.headings), style="Table Grid")
    repeats = OxmlElement("w:tblHeader")
    made.rows[0]._tr.get_or_add_trPr().append(repeats)
    for cell, heading in zip(made.rows[0].cells, table.headings, strict=True):
        _line(cell, heading, align=ALIGN.CENTER, bold=True, size=10)
    for row in table.rows:
        added = made.add_row()
        _whole(added)
        for place, (cell, text) in enumerate(zip(added.cells, row, strict=True)):
            side = ALIGN.CENTER if place == 0 else ALIGN.LEFT if place == 1 else ALIGN.RIGHT
            _line(cell, text, align=side, size=10, before=1).paragraph_format.space_after = Pt(2)
    _widths(made, WIDTHS[len(table.headings)])
    for note in table.notes:
        _line(document, note, italic=True, size=10, before=2)


def _foot(document: Any, paper: Paper) -> None:
    _line(document, "", keep=True)
    left, right = _columns(document, 80, 85)
    if paper.recipients:
        _line(left, "Nơi nhận:", bold=True, italic=True, size=12)
        for place, name in enumerate(paper.recipients, start=1):
            _line(left, f"- {name}{'.' if place == len(paper.recipients) else ';'}", size=11)
    for text in paper.signer:
        _line(right, text, align=ALIGN.CENTER, bold=True)
    _line(right, paper.report.signer_name, align=ALIGN.CENTER, bold=True, before=72)
