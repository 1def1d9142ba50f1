"""Wagtail only: the editors' pages, and the publishing that carries their outline into courses."""
