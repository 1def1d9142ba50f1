"""What editors are told about learners before they take something away."""

from __future__ import annotations

from django import template

from cms import publishing

register = template.Library()

register.simple_tag(publishing.removal_warning, name="removal_warning")
