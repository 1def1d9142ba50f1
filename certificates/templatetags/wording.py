"""The wording of certificates as template filters: ``{% load wording %}``."""

from __future__ import annotations

from django import template

from certificates import wording
from common import text

register = template.Library()
register.filter("hours_text", text.vi_hours)
register.filter("score_text", wording.score_text)
