"""A report as PDF: portrait in the form of Nghị định 30/2020, or landscape pages for a meeting."""

from __future__ import annotations

from pathlib import Path

from django.template.loader import render_to_string

from common.pdf import pdf_render
from kpi.models import ReportKind
from kpi.report_paper import COUNTRY, MOTTO, Paper

ART = Path(__file__).parent / "templates" / "kpi" / "papers"
VARIANT = "pdf/a-3a"


def report_pdf(paper: Paper) -> bytes:
    """The same report gives the same bytes."""
    name = "briefing" if paper.report.kind == ReportKind.BRIEFING else "report"
    html = render_to_string(f"kpi/papers/{name}.html", {"paper": paper, "country": COUNTRY, "motto": MOTTO})
    css = (ART / f"{name}.css").read_text(encoding="utf-8")
    return pdf_render(html=html, css=css, art=ART, variant=VARIANT, identifier=paper.report.uuid.bytes)
