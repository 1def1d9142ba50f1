"""What editors are told about learners before they take something away."""

from __future__ import annotations

from django import template

from cms import effects

register = template.Library()

register.simple_tag(effects.removal_warning, name="removal_warning")
