"""What an official says about a change of the tree: one small form for each, ending in the service that does it."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms

from common.errors import Refusal
from common.text import nfc, vi_date
from people import access
from people.forms_audit import DayField
from people.models import Unit, UnitKind
from people.querysets import today
from people.units import changes
from people.units.change import Decision, Done
from people.units.changes import Naming, Part
from people.units.members import members_from
from people.units.reads import children_of, newest_structure, unit_named

REQUIRED = {"required": "Hãy điền ô này."}
DAY = {"required": "Hãy ghi ngày, ví dụ 22/11/2026.", "invalid": "Ngày chưa đúng. Ví dụ đúng: 22/11/2026."}
CHOOSE = {"required": "Hãy chọn một ý.", "invalid_choice": "Hãy chọn một trong các ý."}
UNIT_HELP = "Ghi mã, hoặc tên đầy đủ (có dấu hay không dấu đều được)."
#: Codes of refusals that are about the day; the others stand on top of the form.
_ABOUT_DAY = frozenset({"before_structure", "too_far_back", "before_unit"})
MOST_PEOPLE, MOST_CHILDREN, MOST_PARTS = 300, 300, 4


def name_field(label: str = "Tên", **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=200, error_messages=REQUIRED, **more)


def code_field(label: str = "Mã", **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=40, error_messages=REQUIRED, widget=widget, **more)


def kind_field(label: str = "Loại", **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=UnitKind.choices, error_messages=CHOOSE, **more)


def unit_field(label: str, help_text: str = UNIT_HELP, **more: Any) -> forms.CharField:
    """A unit by code or name; the page offers those nearby."""
    widget = forms.TextInput(attrs={"list": "don-vi-gan", "autocomplete": "off"})
    return forms.CharField(
        label=label, max_length=250, help_text=help_text, error_messages=REQUIRED, widget=widget, **more
    )


class ChangeForm(forms.Form):
    """A change of ``unit`` from a day on, by a decision. Subclasses say the fields before these and ``run``."""

    title: ClassVar[str] = ""
    lead: ClassVar[str] = ""

    on = DayField(label="Có hiệu lực từ ngày", help_text="Viết ngày/tháng/năm.", error_messages=DAY)
    decision_number = forms.CharField(
        label="Số quyết định", max_length=60, required=False, help_text="Ví dụ 412/QĐ-UBND"
    )
    decision_date = DayField(label="Ngày quyết định", required=False)
    note = forms.CharField(label="Ghi chú", max_length=300, required=False)

    def __init__(self, *args: Any, unit: Unit, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit, self.viewer = unit, viewer
        self.fields["on"].initial = max(today(), newest_structure().valid_from)
        last = ("on", "decision_number", "decision_date", "note")
        self.order_fields([*(name for name in self.fields if name not in last), *last])

    @property
    def heading(self) -> str:
        return self.title.format(self.unit.name)

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """Fields that are shown folded, under a heading each."""
        return []

    @property
    def plain_fields(self) -> list[Any]:
        """Fields that the form shows as they are."""
        folded = {field.name for _, fields in self.groups for field in fields}
        return [field for field in self.visible_fields() if field.name not in folded]

    @property
    def nearby(self) -> list[Unit]:
        """Units that are often meant, offered as one types: those beside this one."""
        structure, on = newest_structure(), today()
        above = self.unit.parent
        found = children_of(above, structure, on) if above else children_of(self.unit, structure, on)
        return [*([above] if above else []), *found.exclude(pk=self.unit.pk)[:150]]

    def unit_of(self, name: str) -> Unit | None:
        """The unit that a field names on the day of the change; its refusal is said beside the field."""
        text, on = self.cleaned_data.get(name), self.cleaned_data.get("on")
        if not text or not on:
            return None
        within = access.scope_units(self.viewer, access.TREE_KEEPING)
        try:
            return unit_named(text, on=on, within=within)
        except Refusal as refusal:
            self.add_error(name, f"{refusal.text} {refusal.fix}")
            return None

    def refuse(self, refusal: Refusal) -> None:
        """Say what the service answered, beside the field that it is about."""
        self.add_error("on" if refusal.code in _ABOUT_DAY else None, f"{refusal.text} {refusal.fix}")

    @property
    def frame(self) -> dict[str, Any]:
        """What every service takes."""
        data = self.cleaned_data
        decision = Decision(nfc(data["decision_number"]), data["decision_date"], nfc(data["note"]))
        return {"actor": self.viewer, "on": data["on"], "decision": decision}

    def run(self, expected: str | None = None) -> Done:
        """Do the change."""
        raise NotImplementedError


class AddForm(ChangeForm):
    title = "Thêm đơn vị dưới {}"

    name = name_field()
    code = code_field(help_text="Theo danh mục hoặc quyết định; không trùng mã của đơn vị đang hoạt động.")
    kind = kind_field()

    def run(self, expected: str | None = None) -> Done:
        data = self.cleaned_data
        naming = Naming(data["code"], data["name"], data["kind"])
        return changes.unit_add(parent=self.unit, naming=naming, expected=expected, **self.frame)


class RenameForm(ChangeForm):
    title = "Đổi tên {}"
    lead = "Mã giữ nguyên. Số liệu đã có vẫn ghi theo tên cũ; từ ngày hiệu lực, mọi trang dùng tên mới."

    name = name_field("Tên mới")
    kind = kind_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial, self.fields["kind"].initial = self.unit.name, self.unit.kind

    def run(self, expected: str | None = None) -> Done:
        data = self.cleaned_data
        return changes.unit_rename(
            unit=self.unit, name=nfc(data["name"]), kind=data["kind"], expected=expected, **self.frame
        )


class MoveForm(ChangeForm):
    title = "Chuyển {}"
    lead = "Cả những đơn vị bên dưới cùng chuyển theo."

    parent = unit_field("Chuyển về dưới đơn vị")

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["found_parent"] = self.unit_of("parent")
        return self.cleaned_data

    def run(self, expected: str | None = None) -> Done:
        return changes.unit_move(
            unit=self.unit, parent=self.cleaned_data["found_parent"], expected=expected, **self.frame
        )


class MergeForm(ChangeForm):
    title = "Nhập {} với đơn vị khác"
    KEEP, NEW = "giu", "moi"

    others = forms.CharField(
        label="Những đơn vị cùng nhập",
        help_text="Mỗi dòng một đơn vị: mã hoặc tên đầy đủ.",
        error_messages=REQUIRED,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    how = forms.ChoiceField(label="Sau khi nhập", error_messages=CHOOSE)
    name = name_field("Tên đơn vị mới", required=False, help_text="Chỉ ghi khi lập đơn vị mới.")
    code = code_field("Mã đơn vị mới", required=False, help_text="Có thể dùng lại mã của một đơn vị được nhập.")
    kind = kind_field("Loại đơn vị mới", required=False)
    parent = unit_field("Đơn vị mới thuộc", required=False, help_text=f"{UNIT_HELP} Để trống: cấp trên như cũ.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep = f"Giữ {self.unit.name}, các đơn vị kia nhập vào"
        self.fields["how"].choices = [(self.KEEP, keep), (self.NEW, "Lập một đơn vị mới")]  # type: ignore[attr-defined]
        self.fields["how"].initial, self.fields["kind"].initial = self.KEEP, self.unit.kind

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        return [("Đơn vị mới (chỉ điền khi lập đơn vị mới)", [self[n] for n in ("name", "code", "kind", "parent")])]

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
                    self.add_error(name, "Hãy điền ô này để lập đơn vị mới.")
            data["found_parent"] = self.unit_of("parent") if data.get("parent") else None
        return data

    def _other(self, line: str) -> Unit | None:
        if not (on := self.cleaned_data.get("on")):
            return None
        try:
            return unit_named(line, on=on, within=access.scope_units(self.viewer, access.TREE_KEEPING))
        except Refusal as refusal:
            self.add_error("others", f"{refusal.text} {refusal.fix}")
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


class SplitForm(ChangeForm):
    title = "Chia tách {}"
    lead = "Ghi từ hai phần trở lên. Số liệu đã có được tính cho phần chính; không có thì ghi là «chưa quy đổi»."
    NONE = "khong"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = dict(self.fields)
        self.fields.clear()
        for number in range(1, MOST_PARTS + 1):
            needed = number <= 2
            self.fields[f"name_{number}"] = name_field(f"Phần {number}: tên", required=needed)
            self.fields[f"code_{number}"] = code_field(f"Phần {number}: mã", required=needed)
            self.fields[f"kind_{number}"] = kind_field(f"Phần {number}: loại", initial=self.unit.kind)
        numbers = [(str(number), f"Phần {number}") for number in range(1, MOST_PARTS + 1)]
        none = (self.NONE, "Không có phần chính")
        self.fields["principal"] = forms.ChoiceField(
            label="Phần chính, kế thừa đơn vị cũ", choices=[*numbers, none], initial="1", error_messages=CHOOSE
        )
        self.fields.update(own)
        self._assign(numbers)

    def _assign(self, numbers: list[tuple[str, str]]) -> None:
        """A choice for each person and each unit below; nothing chosen means the principal part."""
        choices = [("", "Theo phần chính"), *numbers]
        self.people = members_from([self.unit.pk], today())
        self.below = list(children_of(self.unit, newest_structure(), today())[: MOST_CHILDREN + 1])
        self.too_many = len(self.people) > MOST_PEOPLE
        for membership in [] if self.too_many else self.people:
            label = f"{membership.user.full_name}, {membership.title or membership.get_role_display()}"
            self.fields[f"m_{membership.pk}"] = forms.ChoiceField(label=label, choices=choices, required=False)
        for child in self.below[:MOST_CHILDREN]:
            self.fields[f"c_{child.pk}"] = forms.ChoiceField(label=child.name, choices=choices, required=False)

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        shown = self.visible_fields()
        children = [field for field in shown if field.name.startswith("c_")]
        people = [field for field in shown if field.name.startswith("m_")]
        further = [field for field in shown if field.name[-2:] in ("_3", "_4") and field not in children + people]
        found = [
            ("Thêm phần 3 và phần 4", further),
            (f"Xếp từng đơn vị bên dưới vào các phần ({len(children)})", children),
            (f"Xếp từng người vào các phần ({len(people)})", people),
        ]
        return [(heading, fields) for heading, fields in found if fields]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        data["numbers"] = [n for n in range(1, MOST_PARTS + 1) if data.get(f"name_{n}") or data.get(f"code_{n}")]
        for number in data["numbers"]:
            for name in (f"name_{number}", f"code_{number}"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, "Hãy điền ô này.")
        if data.get("principal") not in (None, self.NONE) and int(data["principal"]) not in data["numbers"]:
            self.add_error("principal", "Phần được chọn chưa có tên và mã.")
        for name, value in list(data.items()):
            if name.startswith(("m_", "c_")) and value and int(value) not in data["numbers"]:
                self.add_error(name, "Phần được chọn chưa có tên và mã.")
        return data

    def run(self, expected: str | None = None) -> Done:
        data = self.cleaned_data
        numbers = data["numbers"]
        parts = [
            Part(Naming(data[f"code_{n}"], data[f"name_{n}"], data[f"kind_{n}"]), data["principal"] == str(n))
            for n in numbers
        ]

        def chosen(prefix: str) -> dict[int, int]:
            return {
                int(name.removeprefix(prefix)): numbers.index(int(value))
                for name, value in data.items()
                if name.startswith(prefix) and value
            }

        return changes.unit_split(
            unit=self.unit, parts=parts, members=chosen("m_"), children=chosen("c_"), expected=expected, **self.frame
        )


class CloseForm(ChangeForm):
    title = "Đóng {}"
    lead = "Đơn vị đã đóng vẫn giữ số liệu của mình; không ai vào thêm được nữa."

    receiver = unit_field(
        "Đơn vị tiếp nhận người và đơn vị bên dưới", required=False, help_text=f"{UNIT_HELP} Để trống nếu không có."
    )
    end_members = forms.BooleanField(
        label="Không có đơn vị tiếp nhận: cho mọi người thôi là thành viên", required=False
    )
    with_children = forms.BooleanField(label="Đóng cả các đơn vị bên dưới", required=False)

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

    title = "Quy đổi {}"

    successor = unit_field("Đơn vị kế thừa chính")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["on"]
        ended: date = self.unit.valid_to or today()
        self.fields["successor"].help_text = f"Đơn vị hoạt động từ ngày {vi_date(ended)}. {UNIT_HELP}"

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
    "nhap-voi": MergeForm,
    "chia-tach": SplitForm,
    "dong": CloseForm,
}
#: What is offered on a unit's page, and what each is called there.
ACTIONS: list[tuple[str, str]] = [
    ("them", "Thêm đơn vị bên dưới"),
    ("doi-ten", "Đổi tên, đổi loại"),
    ("chuyen", "Chuyển sang cấp trên khác"),
    ("nhap-voi", "Nhập với đơn vị khác"),
    ("chia-tach", "Chia tách"),
    ("dong", "Đóng đơn vị"),
]
