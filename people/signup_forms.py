"""Forms of sign-up and claiming, one page each."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.forms import PasswordField
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.entry_codes import slip_code_read, slip_code_show
from people.forms import PASSWORD_HELP, ContactField, NameField, PhoneField, RemindersField
from people.models import Unit, User
from people.querysets import today

OLDEST_YEAR = 1900


class ContactForm(forms.Form):
    """First page of a sign-up: where a code can go."""

    contact = ContactField(help_text=gettext_lazy("Chúng tôi gửi mã xác nhận tới đây."))


class NameForm(forms.Form):
    """Second page of a sign-up. A name of one word is asked back once; ``meant`` is the one that was asked about."""

    full_name = NameField()

    def __init__(self, *args: Any, meant: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meant = meant
        self.one_word = ""

    def clean_full_name(self) -> str:
        name = str(self.cleaned_data["full_name"])
        if " " not in name:
            self.one_word = name
            if name != self.meant:
                raise ValidationError(
                    _(
                        "Đây có phải họ tên đầy đủ? Tên này in trên giấy chứng nhận. "
                        "Nếu đúng, hãy bấm Tiếp tục lần nữa."
                    ),
                    code="one_word",
                )
        return name


class CommuneForm(forms.Form):
    """Where somebody lives today, named by uuid; empty for "chưa rõ"."""

    commune = forms.ModelChoiceField(queryset=Unit.objects.none(), required=False, to_field_name="uuid")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["commune"]).queryset = Unit.objects.communes_for_choice()


class PasswordForm(forms.Form):
    """A password for an account that is being handed over; what was typed before a code came is not asked again."""

    password1 = PasswordField(label=gettext_lazy("Mật khẩu mới"), autocomplete="new-password", help_text=PASSWORD_HELP)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password1(self) -> str:
        password = str(self.cleaned_data["password1"])
        password_validation.validate_password(password, self.user)
        return password


class ClaimForm(PasswordForm):
    """What a new owner says, after a code."""

    reminders = RemindersField()

    def __init__(self, *args: Any, typed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if typed:
            self.fields.clear()


class SlipClaimForm(ClaimForm):
    """What a new owner says, after a slip."""

    phone = PhoneField(
        label=gettext_lazy("Số điện thoại của bạn"),
        required=False,
        help_text=gettext_lazy("Nếu có, lần sau bạn đăng nhập bằng số này và tự lấy lại mật khẩu được."),
    )
    field_order = ["password1", "phone", "reminders"]


class SlipCodeForm(forms.Form):
    """The code of a slip, however it is typed; its value has no dashes."""

    slip_code = forms.CharField(
        label=gettext_lazy("Mã phiếu"),
        max_length=40,
        help_text=gettext_lazy(
            "10 chữ và số in trên phiếu, ví dụ AB3K-9XQ2-7M. Viết hoa hay thường, có gạch hay không đều được."
        ),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_slip_code(self) -> str:
        code = slip_code_read(self.cleaned_data["slip_code"])
        if code is None:
            raise ValidationError(
                _("Mã phiếu gồm 10 chữ và số, ví dụ AB3K-9XQ2-7M. Hãy xem lại, có thể thừa hoặc thiếu.")
            )
        return code

    @staticmethod
    def shown(code: str) -> str:
        """The code as it is printed, to begin with."""
        read = slip_code_read(code)
        return slip_code_show(read) if read else code[:40]


class BirthYearForm(forms.Form):
    """The second proof of a slip."""

    year = forms.IntegerField(
        label=gettext_lazy("Năm sinh"),
        help_text=gettext_lazy("4 chữ số, ví dụ 1969."),
        localize=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday-year", "maxlength": "4"}),
        error_messages={"invalid": gettext_lazy("Năm sinh gồm 4 chữ số, ví dụ 1969.")},
    )

    def clean_year(self) -> int:
        year = int(self.cleaned_data["year"])
        if not OLDEST_YEAR <= year <= today().year:
            raise ValidationError(_("Năm sinh gồm 4 chữ số, ví dụ 1969."))
        return year
