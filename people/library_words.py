"""Texts of django-allauth that our English says otherwise: its words for things have other names on our pages.

Marked here, so that ``script/messages`` collects them and ``locale/en`` of this room can hold what we say instead.
Their Vietnamese stands in ``locale/vi`` with the rest of the library.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop

SAID_OTHERWISE = (
    gettext_noop("Use a security key"),
    gettext_noop("Security key added."),
    gettext_noop("Security key removed."),
    gettext_noop("Security Key Added"),
    gettext_noop("Security Key Removed"),
    gettext_noop("A new security key has been added."),
    gettext_noop("A security key has been removed."),
    gettext_noop("Authenticator App Activated"),
    gettext_noop("Authenticator App Deactivated"),
    gettext_noop("Authenticator app activated."),
    gettext_noop("Authenticator app deactivated."),
    gettext_noop("New Recovery Codes Generated"),
    gettext_noop("A new set of recovery codes has been generated."),
    gettext_noop("A new set of Two-Factor Authentication recovery codes has been generated."),
    gettext_noop("You cannot generate recovery codes without having two-factor authentication enabled."),
    gettext_noop("Account Inactive"),
    gettext_noop("Change Password"),
    gettext_noop("Current Password"),
    gettext_noop("Set Password"),
    gettext_noop("Password Changed"),
    gettext_noop("Password successfully changed."),
    gettext_noop("Password Reset Code"),
    gettext_noop("Please Confirm Your Email Address"),
    gettext_noop("Account Already Exists"),
    gettext_noop("Unknown Account"),
    gettext_noop("Email Changed"),
    gettext_noop("Incorrect code."),
    gettext_noop("Incorrect password."),
    gettext_noop("Please type your current password."),
)
