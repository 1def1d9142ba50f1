"""Figures as a certificate words them: the paper, the public page and the officials' pages say the very same."""

from __future__ import annotations

from decimal import Decimal

from common.text import vi_score


def score_text(score: Decimal | None) -> str:
    """``90/100``, ``87,5/100`` or ``79,9/100`` for 79,99; empty where the course had no test."""
    return "" if score is None else f"{vi_score(score)}/100"
