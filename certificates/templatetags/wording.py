"""The wording of certificates as template filters: ``{% load wording %}``."""

from __future__ import annotations

from django import template

from certificates import wording

register = template.Library()
register.filter("hours_text", wording.hours_text)
register.filter("score_text", wording.score_text)
