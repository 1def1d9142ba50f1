"""The type of a request behind ``login_required``."""

from django.http import HttpRequest

from people.models import User


class SignedInRequest(HttpRequest):
    """A request whose person is known. Only for annotations: Django makes plain requests."""

    user: User
