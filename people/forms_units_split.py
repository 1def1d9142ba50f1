"""Who and what goes to which part of a divided unit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from people.forms_units_base import (
    CHOOSE,
    MOST_CHILDREN,
    MOST_PARTS,
    MOST_PEOPLE,
    ChangeForm,
    code_field,
    kind_field,
    name_field,
)
from people.querysets import today
from people.units import changes
from people.units.change import Done
from people.units.changes import Naming, Part
from people.units.members import members_from
from people.units.reads import children_of, newest_structure


@dataclass(frozen=True)
class Share:
    """What goes to one part of a divided unit: people, and units below it."""

    label: str
    people: int
    below: int
    is_principal: bool = False


def _part(number: int) -> str:
    return pgettext("đơn vị", "Phần %(number)s") % {"number": number}


class SplitForm(ChangeForm):
    title = gettext_noop("Chia tách {}")
    lead = gettext_noop(
        "Ghi từ hai phần trở lên. Số liệu đã có được tính cho phần chính; không có thì ghi là «chưa quy đổi»."
    )
    NONE = "khong"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = dict(self.fields)
        self.fields.clear()
        for number in range(1, MOST_PARTS + 1):
            needed, part = number <= 2, {"number": number}
            self.fields[f"name_{number}"] = name_field(_("Phần %(number)s: tên") % part, required=needed)
            self.fields[f"code_{number}"] = code_field(_("Phần %(number)s: mã") % part, required=needed)
            self.fields[f"kind_{number}"] = kind_field(_("Phần %(number)s: loại") % part, initial=self.unit.kind)
        numbers = [(str(number), _part(number)) for number in range(1, MOST_PARTS + 1)]
        none = (self.NONE, _("Không có phần chính"))
        self.fields["principal"] = forms.ChoiceField(
            label=_("Phần chính, kế thừa đơn vị cũ"),
            choices=[*numbers, none],
            initial="1",
            error_messages=CHOOSE,
        )
        self.fields.update(own)
        self._assign(numbers)

    def _assign(self, numbers: list[tuple[str, str]]) -> None:
        """A choice for each person and each unit below; nothing chosen means the principal part."""
        choices = [("", _("Theo phần chính")), *numbers]
        self.people = members_from([self.unit.pk], today())
        self.below = list(children_of(self.unit, newest_structure(), today())[: MOST_CHILDREN + 1])
        self.too_many = len(self.people) > MOST_PEOPLE
        for membership in [] if self.too_many else self.people:
            label = f"{membership.user.full_name}, {membership.title or _(membership.get_role_display())}"
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
            (_("Thêm phần 3 và phần 4"), further),
            (_("Xếp từng đơn vị bên dưới vào các phần (%(count)s)") % {"count": len(children)}, children),
            (_("Xếp từng người vào các phần (%(count)s)") % {"count": len(people)}, people),
        ]
        return [(heading, fields) for heading, fields in found if fields]

    @property
    def shares(self) -> list[Share]:
        """Who goes to which part by what is chosen now; whoever is not placed goes to the principal part."""
        principal = str(self["principal"].value())
        people: dict[str, set[int]] = {}
        below: Counter[str] = Counter()
        for membership in self.people:
            chosen = "" if self.too_many else self[f"m_{membership.pk}"].value()
            people.setdefault(chosen or principal, set()).add(membership.user_id)
        for child in self.below[:MOST_CHILDREN]:
            below[self[f"c_{child.pk}"].value() or principal] += 1
        found = []
        for number in range(1, MOST_PARTS + 1):
            key, name = str(number), self[f"name_{number}"].value() or ""
            if number <= 2 or name or key in people or key in below:
                label = _part(number) + (f", {name}" if name else "")
                found.append(Share(label, len(people.get(key, ())), below[key], key == principal))
        if principal == self.NONE:
            found.append(Share(_("Chưa xếp"), len(people.get(self.NONE, ())), below[self.NONE]))
        return found

    @property
    def has_principal(self) -> bool:
        return bool(self["principal"].value() != self.NONE)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        data["numbers"] = [n for n in range(1, MOST_PARTS + 1) if data.get(f"name_{n}") or data.get(f"code_{n}")]
        for number in data["numbers"]:
            for name in (f"name_{number}", f"code_{number}"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Hãy điền mục này."))
        if data.get("principal") not in (None, self.NONE) and int(data["principal"]) not in data["numbers"]:
            self.add_error("principal", _("Phần được chọn chưa có tên và mã."))
        for name, value in list(data.items()):
            if name.startswith(("m_", "c_")) and value and int(value) not in data["numbers"]:
                self.add_error(name, _("Phần được chọn chưa có tên và mã."))
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
