"""What people type about designs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certificates import rights
from certificates.models import Asset, Design
from certificates.samples import SAMPLES
from certificates.services.assets import asset_keep
from common.errors import Refusal
from common.text import nfc
from people.models import Unit, UnitKind

REQUIRED = {"required": _("Hãy điền mục này.")}
PICTURE_HELP = _("Ảnh PNG (nền trong suốt được) hoặc JPG, nhiều nhất 2 MB. Không nhận SVG.")


class PictureMixin(forms.Form):
    """A picture that may be chosen, kept or taken away."""

    picture_label = _("Ảnh")

    def add_picture(self, current: Asset | None) -> None:
        """Put the fields in; ``current`` is what is there now."""
        self.current = current
        accept = {"accept": "image/png,image/jpeg"}
        self.fields["picture"] = forms.FileField(
            label=self.picture_label, required=False, help_text=PICTURE_HELP, widget=forms.FileInput(attrs=accept)
        )
        if current:
            label = gettext("Bỏ ảnh đang dùng (%(name)s)") % {"name": current.name}
            self.fields["drop_picture"] = forms.BooleanField(label=label, required=False)

    def picture_of(self, actor: Any) -> Asset | None:
        """What is to be there from now on. Raises Refusal for a file that cannot be taken."""
        if file := self.cleaned_data.get("picture"):
            return asset_keep(file=file, actor=actor)
        return None if self.cleaned_data.get("drop_picture") else self.current


def sample_choices() -> list[tuple[str, str]]:
    """The samples by name, in the language of the page that asks."""
    return [(one.key, one.label) for one in SAMPLES]


class DesignForm(PictureMixin, forms.ModelForm):
    """A draft as it is typed. Faults of body and style are said beside the preview: an unsound draft can be kept."""

    picture_label = _("Biểu trưng (logo)")
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    sample = forms.ChoiceField(label=_("Xem thử với"), choices=sample_choices, required=False)

    class Meta:
        model = Design
        fields = ["name", "paper", "body", "style", "has_seal"]
        labels = {"body": _("Nội dung (HTML)"), "style": _("Kiểu trình bày (CSS)")}
        widgets = {
            name: forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "class": "code", "wrap": "off"})
            for name, rows in (("body", 22), ("style", 22))
        }
        error_messages = {"name": REQUIRED}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paper"].choices = [choice for choice in self.fields["paper"].choices if choice[0]]  # type: ignore[attr-defined]
        self.fields["body"].required = True
        self.fields["body"].error_messages.update(REQUIRED)
        for name in ("body", "style"):
            self.fields[name].strip = False  # type: ignore[attr-defined]
        self.fields["seen"].initial = self.instance.changed_at.isoformat()
        self.add_picture(self.instance.logo)
        self.order_fields(["name", "paper", "sample", "body", "style"])

    def clean_name(self) -> str:
        return nfc(self.cleaned_data["name"])


class CopyForm(forms.Form):
    """What a copy of a design is called."""

    name = forms.CharField(label=_("Tên mẫu mới"), max_length=120, error_messages=REQUIRED)


class VariantForm(forms.Form):
    """For which unit a variant is made."""

    unit = forms.ModelChoiceField(
        label=_("Đơn vị"),
        queryset=Unit.objects.none(),
        empty_label=_("Chọn đơn vị"),
        help_text=_("Người của đơn vị này và các đơn vị trực thuộc nhận giấy theo mẫu riêng."),
        error_messages=REQUIRED,
        to_field_name="uuid",
    )

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = units_of_issuer(viewer)


def units_of_issuer(viewer: Any) -> Any:
    """Units for which the viewer answers as issuer, those that stand today; teams issue nothing."""
    scope = rights.issuer_units(viewer)
    return Unit.objects.standing_on().filter(pk__in=scope).exclude(kind=UnitKind.TEAM).order_by("search_key")


def refused(form: forms.Form, refusal: Refusal, field: str | None = None) -> None:
    """Say a refusal on the form."""
    form.add_error(field if field in form.fields else None, f"{refusal.text} {refusal.fix}".strip())
