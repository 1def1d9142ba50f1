"""What people type about kinds of paper."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from certificates.forms_designs import PictureMixin, units_of_issuer
from certificates.models import Design, DesignState, Series
from certificates.models.series import Kind
from certificates.services.series import FIELDS
from courses.models import Course, LearningPath

REQUIRED = {"required": _("Hãy điền mục này.")}
CODE_WRONG = _("Chỉ dùng chữ không dấu, chữ số và gạch ngang, không có dấu cách; ví dụ chung-chi-so.")
#: The form in parts, as people think about it.
PARTS = (
    (pgettext_lazy("một loại", "Loại giấy"), ("code", "name", "kind", "design", "is_active")),
    (_("Số và sổ gốc"), ("suffix", "pattern")),
    (
        _("Đơn vị cấp và người ký"),
        ("unit", "place", "signer_name", "signer_title", "picture", "drop_picture", "signing"),
    ),
    (
        _("Cấp cho ai"),
        ("basis", "required_courses", "learning_path", "award_title", "min_score", "min_hours", "needs_birth_date"),
    ),
    (pgettext_lazy("giấy", "Thời hạn"), ("valid_months", "remind_days")),
)  # fmt: skip


def _named(one: Any) -> str:
    return str(getattr(one, "title", None) or one.name)


class KindForm(PictureMixin, forms.ModelForm):
    """A kind of paper. What depends on what else is so is checked by the service."""

    picture_label = _("Ảnh chữ ký")

    class Meta:
        model = Series
        fields = ["code", *FIELDS, "required_courses"]
        widgets = {"required_courses": forms.SelectMultiple(attrs={"size": 8})}
        help_texts = {
            "code": _("Chữ thường không dấu và gạch ngang, ví dụ chung-chi-so. Không đổi được: sổ gốc mang tên này."),
            "design": _("Bản mới của mẫu được dùng ngay khi công bố; giấy đã cấp giữ bản cũ."),
            "suffix": _("Phần sau năm, ví dụ CN-SKHCN."),
            "pattern": _("{so:05d} là số thứ tự đủ 5 chữ số, {nam} là năm, {ky_hieu} là ký hiệu ở trên."),
            "place": _("Ví dụ Bắc Ninh"),
            "signer_name": _("Giấy cấp theo quyết định cần cả họ tên và chức danh người ký."),
            "signer_title": _("Ví dụ Phó Giám đốc; giấy tự ghi KT. GIÁM ĐỐC ở trên."),
            "required_courses": _(
                "Theo khoá học: chỉ cấp cho các khoá này (không chọn: mọi khoá). Theo chương trình: "
                "phải xong tất cả. Giữ phím Ctrl để chọn nhiều khoá."
            ),
            "award_title": _("Chỉ khi cấp theo chương trình."),
            "learning_path": _("Chỉ khi cấp theo lộ trình học."),
            "valid_months": _("Để trống nếu có giá trị mãi."),
        }
        error_messages: ClassVar[dict[str, Any]] = dict.fromkeys(
            ("name", "suffix", "pattern", "unit", "design", "place"), REQUIRED
        ) | {"code": REQUIRED | {"invalid": CODE_WRONG}}

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["suffix"].widget.attrs["data-number-suffix"] = ""
        self.fields["pattern"].widget.attrs["data-number-pattern"] = ""
        general = Design.objects.filter(unit=None, state=DesignState.PUBLISHED).exclude(body="")
        if self.instance.pk:
            del self.fields["code"]
            general |= Design.objects.filter(pk=self.instance.design_id)
        choices = {
            "design": (general.order_by("name"), "uuid", gettext("Chọn mẫu")),
            "unit": (units_of_issuer(viewer), "uuid", gettext("Chọn đơn vị")),
            "required_courses": (Course.objects.order_by("title"), "uuid", None),
            "learning_path": (LearningPath.objects.order_by("title"), "slug", gettext("Không chọn")),
        }
        for name, (queryset, key, empty) in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset, field.to_field_name, field.empty_label = queryset, key, empty
            field.label_from_instance = _named  # type: ignore[assignment, method-assign]
            if self.instance.pk:
                self.initial[name] = self._initial(name, key)
        kind = cast(forms.ChoiceField, self.fields["kind"])
        kind.choices = [("", gettext("Chọn nhóm")), *Kind.choices]
        self.fields["required_courses"].required = False
        self.fields["is_active"].label = gettext("Đang cấp; bỏ dấu để thôi cấp, giấy đã cấp vẫn có giá trị")
        self.add_picture(self.instance.signature if self.instance.pk else None)

    def _initial(self, name: str, key: str) -> Any:
        if name == "required_courses":
            return list(self.instance.required_courses.values_list(key, flat=True))
        chosen = getattr(self.instance, name)
        return getattr(chosen, key) if chosen else None

    def _post_clean(self) -> None:
        """The row is not touched here: the service looks at it as it is, beside what was typed."""

    def clean(self) -> dict[str, Any]:
        for name, value in list(self.cleaned_data.items()):
            if name in FIELDS and value not in (None, ""):
                try:
                    cast(Any, Series._meta.get_field(name)).run_validators(getattr(value, "pk", value))
                except forms.ValidationError as wrong:
                    self.add_error(name, wrong)
        return self.cleaned_data

    def parts(self) -> list[tuple[Any, list[Any]]]:
        """The fields under their headings."""
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in PARTS]

    @property
    def values(self) -> dict[str, Any]:
        """What the service calls what was typed."""
        return {name: self.cleaned_data[name] for name in FIELDS}

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).lower()
        if Series.objects.filter(code=code).exists():
            raise forms.ValidationError(gettext("Đã có loại giấy mang mã này."))
        return code

    def clean_remind_days(self) -> int:
        days = int(self.cleaned_data["remind_days"])
        if days > 366:
            raise forms.ValidationError(gettext("Nhắc trước nhiều nhất 366 ngày."))
        return days
