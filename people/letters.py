"""The paper that our e-mails are written on: a letter is a text first, and the same text in our clothes beside it."""

from __future__ import annotations

import re

from django.template.loader import render_to_string

CODE = re.compile(r"\d{6}")
LINK = re.compile(r"https?://\S+")


def letter_parts(text: str) -> list[tuple[str, str]]:
    """The paragraphs of a text, each with its kind: ``code`` (six digits), ``link`` (an address alone) or ``said``."""
    paragraphs = (part.strip() for part in re.split(r"\n\s*\n", text))
    return [(_kind(part), part) for part in paragraphs if part]


def letter_html(*, subject: str, text: str) -> str:
    """The letter as HTML: small, without a picture or anything that is fetched, legible by day and by night.

    Made from the text, so that the two can never say different things.
    """
    return render_to_string("people/mail/letter.html", {"subject": subject, "parts": letter_parts(text)})


def _kind(paragraph: str) -> str:
    if CODE.fullmatch(paragraph):
        return "code"
    return "link" if LINK.fullmatch(paragraph) else "said"
