"""Signing in with a learner code, for people who have neither a phone nor an e-mail address of their own."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from people.models import User


class LearnerCodeBackend(ModelBackend):
    """Checks ``learner_code`` and password; what other backends know is left to them."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, learner_code: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if not learner_code or not password:
            return None
        user = User.objects.filter(learner_code=learner_code).first()
        if user is None:
            User().set_password(password)  # an unknown code takes as long as a known one
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None
