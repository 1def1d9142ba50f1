"""Forms of the account screens. One field takes a phone number or an e-mail address; passwords are typed once."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.password_reset_by_code import PasswordResetVerificationProcess
from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from common.forms import DayField
from common.text import tidy_name
from people.accounts import residence_of
from people.claims import account_to_open, contact_proved, typed_in
from people.consents import consents_record
from people.entry_codes import learner_code_read, looks_like_learner_code
from people.models import Unit, User
from people.phones import PhoneError, parse_phone
from people.querysets import today
from people.stages import claim_login

CONTACT_LABEL = gettext_lazy("Số điện thoại hoặc email")
PASSWORD_HELP = gettext_lazy("Ít nhất 8 ký tự. Một câu ngắn dễ nhớ với bạn là tốt nhất.")
OLDEST = date(1900, 1, 1)
BIRTH_DATE_ERRORS = {
    "invalid": gettext_lazy("Ngày sinh chưa đúng. Ví dụ đúng: 17/05/1969."),
    "required": gettext_lazy("Hãy nhập ngày sinh, ví dụ 17/05/1969."),
}


class PhoneField(forms.CharField):
    """A mobile number in any spacing; its value is E.164."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
        kwargs = {"label": gettext_lazy("Số điện thoại"), "max_length": 30, "widget": widget, **kwargs}
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "")
        return _phone_or_error(text) if text else ""


class ContactField(forms.CharField):
    """A phone number or an e-mail address; its value is E.164 or a lower-case address."""

    not_a_contact = gettext_lazy("Mã học viên chưa đúng. Hãy xem lại từng chữ số, ví dụ HS-4827-1936.")

    def __init__(self, **kwargs: Any) -> None:
        # The e-mail keyboard of a phone has both digits and @; spelling help would only harm.
        attrs = {"autocomplete": "username", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        kwargs = {"label": CONTACT_LABEL, "max_length": 254, "widget": forms.TextInput(attrs=attrs), **kwargs}
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "").strip()
        if not text:
            return ""
        if "@" not in text:
            if looks_like_learner_code(text):
                raise ValidationError(self.not_a_contact)
            if any(letter.isalpha() for letter in text):
                raise ValidationError(_("Hãy nhập số điện thoại (0912 345 678) hoặc email (ten@example.vn)."))
            return _phone_or_error(text)
        try:
            validate_email(text)
        except ValidationError as error:
            raise ValidationError(_("Email chưa đúng. Ví dụ đúng: ten@example.vn.")) from error
        return text.lower()


def _phone_or_error(text: str) -> str:
    try:
        return parse_phone(text)
    except PhoneError as error:
        raise ValidationError(str(error)) from error


class NameField(forms.CharField):
    """A person's full name, kept in the one stored form."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "name"})
        said = {
            "label": gettext_lazy("Họ và tên"),
            "help_text": gettext_lazy("Viết đầy đủ, có dấu. Tên này sẽ in trên giấy chứng nhận."),
        }
        super().__init__(**{**said, "max_length": 150, "widget": widget, **kwargs})

    def clean(self, value: Any) -> str:
        return clean_name(str(super().clean(value)))


class RemindersField(forms.BooleanField):
    """Whether somebody wants to be reminded: never ticked for them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": gettext_lazy("Nhắc tôi học qua tin nhắn và email"), "required": False, **kwargs})


class SignupForm(allauth_forms.SignupForm):
    """The last page of a sign-up: the password. Contact and name were asked before, and come as ``answers``.

    ``answers["proved"]`` says that a code has shown already that the contact is theirs.
    """

    reminders = RemindersField()
    field_order = ["password1", "reminders"]

    def __init__(self, *args: Any, answers: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answers = answers or {}
        self.redirect_url: str | None = None
        # What they hold was typed on the first page; clean() sorts it out.
        del self.fields["email"], self.fields["phone"]
        self.fields["password1"].help_text = PASSWORD_HELP

    def clean(self) -> dict[str, Any]:
        contact = str(self.answers.get("contact", ""))
        self.cleaned_data["full_name"] = self.answers.get("full_name", "")
        if "@" in contact:
            self.cleaned_data["email"] = self.validate_unique_email(get_adapter().clean_email(contact))
        else:
            self.cleaned_data["phone"] = contact
        data: dict[str, Any] = super().clean()
        if password := data.get("password1"):
            person = User(full_name=data["full_name"], email=data.get("email"), phone=data.get("phone"))
            try:
                password_validation.validate_password(password, person)
            except ValidationError as error:
                self.add_error("password1", error)
        return data

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Save, unless the phone or address has an account: then everything looks the same until the code is typed.

        Somebody's account: its owner is told. An account that waits for its owner: the code hands it over.
        """
        contact = str(self.answers["contact"])
        if waiting := account_to_open(contact):
            url = self.redirect_url
            return None, claim_login(request, user=waiting, contact=contact, typed=self._typed(), redirect_url=url)
        try:
            with transaction.atomic():
                saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
        except IntegrityError:
            # Somebody signed up with it since the form was checked.
            self.account_already_exists = True
            return super().try_save(request)  # type: ignore[no-any-return]
        if saved[0] is not None and self.answers.get("proved"):
            contact_proved(saved[0], contact)
        return saved

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        consents_record(user=user, how="signup", reminders=self.cleaned_data["reminders"])

    def _typed(self) -> dict[str, Any]:
        data = self.cleaned_data
        return typed_in(data["full_name"], make_password(data["password1"]), data["reminders"])


class LoginField(ContactField):
    """What somebody signs in with: a contact, or a learner code, also without the letters before its digits."""

    def clean(self, value: Any) -> str:
        text = str(value or "")
        # Eight digits alone are nobody's phone number here.
        return learner_code_read(text) or learner_code_read(f"HS{text}") or super().clean(value)


class LoginForm(allauth_forms.LoginForm):
    """Phone, e-mail or learner code, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = LoginField(help_text=_("Hoặc mã học viên, ví dụ HS-4827-1936."))
        self.fields["password"].help_text = ""  # the way to a new password stands below the button
        self.order_fields(["login", "password"])

    def user_credentials(self) -> dict[str, Any]:
        if code := learner_code_read(self.cleaned_data["login"]):
            return {"learner_code": code, "password": self.cleaned_data["password"]}
        credentials: dict[str, Any] = super().user_credentials()
        return credentials

    @property
    def contact_typed(self) -> str:
        """The phone or address of a sign-in that failed, to which a code can go; the same whether it is known."""
        contact = getattr(self, "cleaned_data", {}).get("login", "")
        return "" if learner_code_read(contact) else contact


class OnePassword:
    """A new password is typed once: there is a button to look at it."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.fields["password1"].label = _("Mật khẩu mới")
        self.fields["password1"].help_text = PASSWORD_HELP


class ChangePasswordForm(OnePassword, allauth_forms.ChangePasswordForm):
    """Change a password that is known; the way for who forgot it stands below the form, as where one signs in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].help_text = ""


class SetPasswordForm(OnePassword, allauth_forms.SetPasswordForm):
    """Set the first password of an account that an office made."""


class ResetPasswordKeyForm(OnePassword, allauth_forms.ResetPasswordKeyForm):
    """Choose a new password after the code."""


class PhoneResetProcess(PasswordResetVerificationProcess):
    """The library's reset by code, with the code sent by text message.

    The number stands in the state where the library keeps an address ("email"), so that its screens go on with it.
    """

    @classmethod
    def start(cls, *, request: HttpRequest, user: User | None, phone: str) -> None:
        """Send the code and remember in the session what it is for; without an account, only seem to."""
        process = cls(request, state=cls.initial_state(user, phone), user=user)
        process.send()
        process.persist()

    def send(self) -> None:
        if not self.user:
            # Texts cost money: an unknown number gets none, and the screen is the same for both.
            return
        adapter = get_adapter()
        self.state["code"] = adapter.generate_password_reset_code()
        adapter.send_verification_code_sms(user=self.user, phone=self.state["email"], code=self.code)


class CodeContactField(ContactField):
    """Where a code can go: not to a learner code."""

    not_a_contact = gettext_lazy(
        "Mã học viên không nhận được tin nhắn. Hãy nhờ tổ trưởng in phiếu đặt mật khẩu, rồi nhập mã trên phiếu."
    )


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    """Phone or e-mail of the account whose password was forgotten."""

    email = CodeContactField()

    def clean_email(self) -> str:
        contact = str(self.cleaned_data["email"])
        if "@" in contact:
            return str(super().clean_email())
        user = get_adapter().get_user_by_phone(contact)
        self.users = [user] if user and user.is_active else []
        return contact

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        contact = str(self.cleaned_data["email"])
        if "@" in contact:
            return str(super().save(request, **kwargs))
        user = self.users[0] if self.users else None
        PhoneResetProcess.start(request=request, user=user, phone=contact)
        return contact


class ProfileForm(forms.Form):
    """What people say about themselves."""

    full_name = NameField()
    birth_date = DayField(
        label=gettext_lazy("Ngày sinh"),
        required=False,
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "bday", "inputmode": "numeric"}),
        help_text=gettext_lazy("Ngày/tháng/năm, ví dụ 17/05/1969. Dùng để in trên giấy chứng nhận."),
        error_messages=BIRTH_DATE_ERRORS,
    )
    commune = forms.ModelChoiceField(
        label=gettext_lazy("Nơi ở hiện nay"),
        queryset=Unit.objects.none(),
        required=False,
        empty_label=pgettext_lazy("nơi ở", "Chưa rõ"),
        widget=forms.Select(attrs={"translate": "no"}),  # names of places
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        home = residence_of(user)
        kwargs["initial"] = {"full_name": user.full_name, "birth_date": user.birth_date, "commune": home}
        super().__init__(*args, **kwargs)
        choices = Unit.objects.communes_for_choice()
        commune = cast(forms.ModelChoiceField, self.fields["commune"])
        # Somebody may still be recorded under a commune that a reform has since ended.
        commune.queryset = choices | Unit.objects.filter(pk=home.pk) if home else choices

    def clean_birth_date(self) -> date | None:
        birth_date: date | None = self.cleaned_data["birth_date"]
        if birth_date and not OLDEST <= birth_date <= today():
            raise ValidationError(_("Ngày sinh chưa đúng: năm sinh phải từ 1900 đến nay."))
        return birth_date


def clean_name(text: str) -> str:
    """A person's name in the stored form, as it will stand on paper. Refuses what holds no letters."""
    name = tidy_name(text)
    if not any(letter.isalpha() for letter in name) or any(letter.isdigit() for letter in name):
        raise ValidationError(_("Họ và tên chỉ gồm chữ, ví dụ Nguyễn Thị Hoà."))
    return name
