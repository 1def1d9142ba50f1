"""Trying a design on people who are nobody: what is wrong with it, whether it fits, and how it looks."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.translation import get_language

from certificates import drawing
from certificates.design_language import Fault, body_missing
from certificates.fitting import fit_faults
from certificates.models import Asset, Certificate, Design, Paper, Series
from certificates.samples import BY_KEY, SAMPLES, Sample, must_be_seen, sample_certificate

#: Dots an inch of a preview: a card is small, so it is shown larger.
DOTS = {Paper.LANDSCAPE: 96, Paper.PORTRAIT: 96, Paper.CARD: 260}
SMALL_DOTS = {Paper.LANDSCAPE: 34, Paper.PORTRAIT: 34, Paper.CARD: 100}
KEPT_SECONDS = 3600
LONGEST_DRAWING = 20  # seconds


@dataclass(frozen=True)
class Trial:
    """How a design does with one sample; no ``faults``: it fits."""

    sample: Sample
    faults: Sequence[str]


def design_faults(design: Design) -> list[Fault]:
    """What is wrong with body and style as they were typed; with any of it nothing can be drawn."""
    sound = drawing.design_read(design.body, design.style, design.paper)
    return [*sound.faults, *sound.style_faults]


def design_missing(design: Design) -> list[Fault]:
    """What the body must show besides, before it may be published."""
    return body_missing(drawing.design_read(design.body, design.style, design.paper).template)


def design_trials(design: Design, keys: Sequence[str] = ()) -> list[Trial]:
    """Try a sound design on the samples (all, or some by their keys). Each answer is kept for an hour."""
    wanted = [BY_KEY[key] for key in keys] if keys else SAMPLES
    signature = signature_for(design)
    return [Trial(sample, _fit(design, sample, signature)) for sample in wanted]


def _fit(design: Design, sample: Sample, signature: Asset | None) -> list[str]:
    from common.pdf import pages_measured  # the layout engine is heavy; most pages never need it

    name = f"design-fit-{get_language()}-{_fingerprint(design, sample, signature)}"
    found: list[str] | None = cache.get(name)
    if found is None:
        certificate = sample_certificate(sample, design, signature)
        html, css = drawing.page_of(certificate, design)
        pages = pages_measured(html=html, css=css, art=drawing.ART)
        found = fit_faults(pages, paper=Paper(design.paper), expected=must_be_seen(certificate))
        cache.set(name, found, KEPT_SECONDS)
    return found


def design_sample_pdf(design: Design, key: str) -> bytes:
    """The PDF of a sample in a sound design."""
    from certificates.rendering import certificate_pdf

    return certificate_pdf(_certificate(design, BY_KEY[key]))


def design_picture(design: Design, key: str, *, small: bool = False) -> bytes | None:
    """A PNG of a sample; None on a machine that cannot make pictures of PDF (poppler is not installed)."""
    if not can_make_pictures():
        return None
    sample = BY_KEY[key]
    name = f"design-picture-{small}-{_fingerprint(design, sample, signature_for(design))}"
    picture: bytes | None = cache.get(name)
    if picture is None:
        dots = (SMALL_DOTS if small else DOTS)[Paper(design.paper)]
        picture = _drawn(design_sample_pdf(design, key), dots)
        if picture is not None:
            cache.set(name, picture, KEPT_SECONDS)
    return picture


def can_make_pictures() -> bool:
    """Whether poppler's ``pdftoppm`` is installed here; without it previews are PDF files."""
    return shutil.which("pdftoppm") is not None


def _drawn(pdf: bytes, dots: int) -> bytes | None:
    command = ["pdftoppm", "-png", "-singlefile", "-r", str(dots), "-"]
    try:
        done = subprocess.run(command, input=pdf, capture_output=True, check=True, timeout=LONGEST_DRAWING)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def signature_for(design: Design) -> Asset | None:
    """The signature that papers in this design carry: that of a kind of paper that uses it, if any."""
    users = Series.objects.filter(design__code=design.code).exclude(signature=None).select_related("signature")
    series = users.order_by("pk").first()
    return series.signature if series else None


def _certificate(design: Design, sample: Sample) -> Certificate:
    return sample_certificate(sample, design, signature_for(design))


def _fingerprint(design: Design, sample: Sample, signature: Asset | None) -> str:
    """Of everything that a preview shows."""
    parts = [design.body, design.style, design.paper, design.name, design.has_seal, design.logo_id, sample.key]
    said = "\0".join(map(str, [*parts, signature and signature.sha256]))
    return hashlib.sha256(said.encode()).hexdigest()
