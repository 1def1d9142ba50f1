"""What editors are told about learners before they take something away."""

from __future__ import annotations

from django import template

from cms import effects, needed

register = template.Library()

register.simple_tag(effects.removal_warning, name="removal_warning")
register.simple_tag(needed.closing_warnings, name="closing_warnings")
