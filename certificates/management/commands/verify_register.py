"""``manage.py verify_register``: the older name of ``register_verify``."""

from __future__ import annotations

from certificates.management.commands.register_verify import Command

__all__ = ["Command"]
