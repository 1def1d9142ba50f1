"""What an official says about a change of the tree: one small form for each, ending in the service that does it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from common import wording
from common.errors import Refusal
from common.text import nfc
from people import access
from people.forms_units_base import (
    CHOOSE,
    REQUIRED,
    UNIT_HELP,
    ChangeForm,
    code_field,
    kind_field,
    name_field,
    unit_field,
)
from people.forms_units_split import SplitForm
from people.models import Unit, UnitKind
from people.querysets import today
from people.units import changes
from people.units.change import Done
from people.units.changes import Naming
from people.units.correcting import is_correctable, unit_correct
from people.units.reads import unit_named

#: What is most often added below a unit; below all others a team.
_USUALLY_BELOW = {UnitKind.PROVINCE: UnitKind.COMMUNE, UnitKind.DEPARTMENT: UnitKind.AGENCY}


class AddForm(ChangeForm):
    title = gettext_noop("Thêm đơn vị dưới {}")
    ends_unit = False

    name = name_field()
    code = code_field(
        help_text=gettext_lazy("Theo danh mục hoặc quyết định; không trùng mã của đơn vị đang hoạt động.")
    )
    kind = kind_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].initial = _USUALLY_BELOW.get(UnitKind(self.unit.kind), UnitKind.TEAM)

    def run(self, expected: str | None = None) -> Done:
        data = self.cleaned_data
        naming = Naming(data["code"], data["name"], data["kind"])
        return changes.unit_add(parent=self.unit, naming=naming, expected=expected, **self.frame)


class RenameForm(ChangeForm):
    title = gettext_noop("Đổi tên {}")
    lead = gettext_noop("Mã giữ nguyên. Số liệu đã có vẫn ghi theo tên cũ; từ ngày hiệu lực, mọi trang dùng tên mới.")

    name = name_field(gettext_lazy("Tên mới"))
    kind = kind_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial, self.fields["kind"].initial = self.unit.name, self.unit.kind
        self.corrects = is_correctable(self.unit)
        if self.corrects:
            self.fields["on"].initial = self.unit.valid_from
            self.lead = _(
                "Tên này có hiệu lực từ ngày %(day)s. Giữ nguyên ngày đó thì tên được sửa "
                "ngay tại chỗ, và lần sửa được ghi vào nhật ký. Ghi một ngày sau đó thì là một lần đổi tên nữa."
            ) % {"day": wording.day(self.unit.valid_from)}

    @property
    def heading(self) -> str:
        if not self.corrects:
            return super().heading
        return _("Sửa tên vừa đặt của %(unit)s") % {"unit": self.unit.name}

    def run(self, expected: str | None = None) -> Done:
        data = self.cleaned_data
        if is_correctable(self.unit, data["on"]):
            frame = {key: value for key, value in self.frame.items() if key != "on"}
            return unit_correct(unit=self.unit, name=nfc(data["name"]), kind=data["kind"], expected=expected, **frame)
        return changes.unit_rename(
            unit=self.unit, name=nfc(data["name"]), kind=data["kind"], expected=expected, **self.frame
        )


class MoveForm(ChangeForm):
    title = gettext_noop("Chuyển {}")
    lead = gettext_noop("Cả những đơn vị bên dưới cùng chuyển theo.")

    parent = unit_field(gettext_lazy("Chuyển về dưới đơn vị"))

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["found_parent"] = self.unit_of("parent")
        return self.cleaned_data

    def run(self, expected: str | None = None) -> Done:
        return changes.unit_move(
            unit=self.unit, parent=self.cleaned_data["found_parent"], expected=expected, **self.frame
        )


class MergeForm(ChangeForm):
    title = gettext_noop("Sáp nhập {} với đơn vị khác")
    KEEP, NEW = "giu", "moi"

    others = forms.CharField(
        label=gettext_lazy("Những đơn vị cùng sáp nhập"),
        help_text=gettext_lazy("Mỗi dòng một đơn vị: mã hoặc tên đầy đủ."),
        error_messages=REQUIRED,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    how = forms.ChoiceField(label=gettext_lazy("Sau khi sáp nhập"), error_messages=CHOOSE)
    name = name_field(
        gettext_lazy("Tên đơn vị mới"), required=False, help_text=gettext_lazy("Chỉ ghi khi lập đơn vị mới.")
    )
    code = code_field(
        gettext_lazy("Mã đơn vị mới"),
        required=False,
        help_text=gettext_lazy("Có thể dùng lại mã của một đơn vị được sáp nhập."),
    )
    kind = kind_field(gettext_lazy("Loại đơn vị mới"), required=False)
    parent = unit_field(
        gettext_lazy("Đơn vị mới thuộc"),
        required=False,
        help_text=format_lazy("{} {}", UNIT_HELP, gettext_lazy("Để trống: cấp trên như cũ.")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep = _("Giữ %(unit)s, các đơn vị kia sáp nhập vào") % {"unit": self.unit.name}
        self.fields["how"].choices = [(self.KEEP, keep), (self.NEW, _("Lập một đơn vị mới"))]  # type: ignore[attr-defined]
        self.fields["how"].initial, self.fields["kind"].initial = self.KEEP, self.unit.kind

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        return [(_("Đơn vị mới (chỉ điền khi lập đơn vị mới)"), [self[n] for n in ("name", "code", "kind", "parent")])]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        found = []
        for line in (data.get("others") or "").splitlines():
            if line.strip():
                found.append(self._other(line.strip()))
        data["found_others"] = [unit for unit in found if unit]
        if data.get("how") == self.NEW:
            for name in ("name", "code", "kind"):
                if not data.get(name):
                    self.add_error(name, _("Hãy điền mục này để lập đơn vị mới."))
            data["found_parent"] = self.unit_of("parent") if data.get("parent") else None
        return data

    def _other(self, line: str) -> Unit | None:
        if not (on := self.cleaned_data.get("on")):
            return None
        try:
            return unit_named(line, on=on, within=access.scope_units(self.viewer, access.TREE_KEEPING))
        except Refusal as refusal:
            self.refuse(refusal, "others")
            return None

    def run(self, expected: str | None = None) -> Done:
        data = self.cleaned_data
        others = data["found_others"]
        if data["how"] == self.KEEP:
            return changes.units_merge(units=others, into=self.unit, expected=expected, **self.frame)
        naming = Naming(data["code"], data["name"], data["kind"])
        parent = data["found_parent"] or self.unit.parent or self.unit
        return changes.units_merge(
            units=[self.unit, *others], naming=naming, parent=parent, expected=expected, **self.frame
        )


class CloseForm(ChangeForm):
    title = gettext_noop("Đóng {}")
    lead = gettext_noop("Đơn vị đã đóng vẫn giữ số liệu của mình; không ai vào thêm được nữa.")

    receiver = unit_field(
        gettext_lazy("Đơn vị tiếp nhận người và đơn vị bên dưới"),
        required=False,
        help_text=format_lazy("{} {}", UNIT_HELP, gettext_lazy("Để trống nếu không có.")),
    )
    end_members = forms.BooleanField(
        label=gettext_lazy("Không có đơn vị tiếp nhận: cho mọi người thôi là thành viên"), required=False
    )
    with_children = forms.BooleanField(label=gettext_lazy("Đóng cả các đơn vị bên dưới"), required=False)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        data["found_receiver"] = self.unit_of("receiver") if data.get("receiver") else None
        return data

    def run(self, expected: str | None = None) -> Done:
        data = self.cleaned_data
        return changes.unit_close(
            unit=self.unit,
            receiver=data["found_receiver"],
            end_members=data["end_members"],
            with_children=data["with_children"],
            expected=expected,
            **self.frame,
        )


class SuccessorForm(ChangeForm):
    """Which unit took over from one that ended long ago; the day is the one on which it ended."""

    title = gettext_noop("Quy đổi {}")

    successor = unit_field(gettext_lazy("Đơn vị kế thừa chính"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["on"]
        ended: date = self.unit.valid_to or today()
        self.fields["successor"].help_text = " ".join(
            (_("Đơn vị hoạt động từ ngày %(day)s.") % {"day": wording.day(ended)}, str(UNIT_HELP))
        )

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["on"] = self.unit.valid_to
        self.cleaned_data["found"] = self.unit_of("successor")
        return self.cleaned_data

    def run(self, expected: str | None = None) -> Done:
        frame = self.frame
        del frame["on"]
        return changes.succession_set(unit=self.unit, successor=self.cleaned_data["found"], expected=expected, **frame)


FORMS: dict[str, type[ChangeForm]] = {
    "them": AddForm,
    "doi-ten": RenameForm,
    "chuyen": MoveForm,
    "sap-nhap": MergeForm,
    "chia-tach": SplitForm,
    "dong": CloseForm,
}
#: What is offered on a unit's page, and what each is called there; put into the reader's language on the way out.
ACTIONS: list[tuple[str, str]] = [
    ("them", gettext_noop("Thêm đơn vị bên dưới")),
    ("doi-ten", gettext_noop("Đổi tên, đổi loại")),
    ("chuyen", gettext_noop("Chuyển sang cấp trên khác")),
    ("sap-nhap", gettext_noop("Sáp nhập với đơn vị khác")),
    ("chia-tach", gettext_noop("Chia tách")),
    ("dong", gettext_noop("Đóng đơn vị")),
]
CORRECT = gettext_noop("Sửa tên vừa đặt")


def actions_for(unit: Unit) -> list[tuple[str, str]]:
    """What is offered on the page of this unit; a name given today or later is corrected, not given once more."""
    renames = CORRECT if is_correctable(unit) else dict(ACTIONS)["doi-ten"]
    return [(act, _(label)) for act, label in [*ACTIONS[:1], ("doi-ten", renames), *ACTIONS[2:]]]
