"""Wagtail's forms for staff accounts, without the user name that our people do not have."""

from django import forms
from wagtail.users.forms import UserCreationForm, UserEditForm

from people.models import User


class StaffEditForm(UserEditForm):
    """Edit an account: one full name instead of first and last name."""

    first_name = None
    last_name = None

    class Meta(UserEditForm.Meta):
        fields = ["email", "full_name", "phone", "is_active", "is_superuser", "groups"]
        widgets = {"full_name": forms.TextInput}


class StaffCreationForm(UserCreationForm):
    """Create an account for a member of staff."""

    first_name = None
    last_name = None

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ["email", "full_name", "phone", "is_active", "is_superuser", "groups"]
