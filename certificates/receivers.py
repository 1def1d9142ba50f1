"""Receivers of the domain signal ``course_completed``."""
