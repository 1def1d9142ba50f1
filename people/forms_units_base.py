"""What the forms of every change of the tree share: fields, the frame of a change, ways out of a refusal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext, gettext_lazy

from common.errors import Refusal
from common.forms import DayField
from common.text import nfc
from people import access
from people.models import Unit, UnitKind
from people.querysets import today
from people.units.change import Decision, Done
from people.units.reads import children_of, newest_structure, unit_named

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REQUIRED = {"required": gettext_lazy("Hãy điền mục này.")}
CHOOSE = {"required": gettext_lazy("Hãy chọn một ý."), "invalid_choice": gettext_lazy("Hãy chọn một trong các ý.")}
NAME, CODE, KIND = gettext_lazy("Tên"), gettext_lazy("Mã"), gettext_lazy("Loại")
UNIT_HELP = gettext_lazy("Ghi mã, hoặc tên đầy đủ (có dấu hay không dấu đều được).")
#: Codes of refusals that are about the day; the others stand on top of the form.
_ABOUT_DAY = frozenset({"before_structure", "too_far_back", "before_unit"})
MOST_PEOPLE, MOST_CHILDREN, MOST_PARTS = 300, 300, 4


def name_field(label: StrOrPromise = NAME, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=200, error_messages=REQUIRED, **more)


def code_field(label: StrOrPromise = CODE, **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=40, error_messages=REQUIRED, widget=widget, **more)


def kind_field(label: StrOrPromise = KIND, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=UnitKind.choices, error_messages=CHOOSE, **more)


def unit_field(label: StrOrPromise, help_text: StrOrPromise = UNIT_HELP, **more: Any) -> forms.CharField:
    """A unit by code or name; the page offers those nearby."""
    widget = forms.TextInput(attrs={"list": "don-vi-gan", "autocomplete": "off"})
    return forms.CharField(
        label=label, max_length=250, help_text=help_text, error_messages=REQUIRED, widget=widget, **more
    )


class ChangeForm(forms.Form):
    """A change of ``unit`` from a day on, by a decision. Subclasses say the fields before these and ``run``.

    ``title`` and ``lead`` are marked where they are written, and put into the reader's language here.
    """

    title: ClassVar[str] = ""
    lead: str = ""
    #: Whether the unit itself ends in its present form: then not on the very day on which that began.
    ends_unit: ClassVar[bool] = True

    on = DayField(label=gettext_lazy("Có hiệu lực từ ngày"), help_text=gettext_lazy("Viết ngày/tháng/năm."))
    decision_number = forms.CharField(
        label=gettext_lazy("Số quyết định"), max_length=60, required=False, help_text=gettext_lazy("Ví dụ 412/QĐ-UBND")
    )
    decision_date = DayField(label=gettext_lazy("Ngày quyết định"), required=False)
    note = forms.CharField(label=gettext_lazy("Ghi chú"), max_length=300, required=False)

    def __init__(self, *args: Any, unit: Unit, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit, self.viewer = unit, viewer
        self.lead = gettext(self.lead) if self.lead else ""
        #: What leads out of a refusal: a page (address, words), and the next day on which the change can be done.
        self.ways: list[tuple[str, str]] = []
        self.next_day: date | None = None
        first = max(today(), newest_structure().valid_from)
        self.fields["on"].initial = max(first, unit.valid_from + timedelta(days=1)) if self.ends_unit else first
        last = ("on", "decision_number", "decision_date", "note")
        self.order_fields([*(name for name in self.fields if name not in last), *last])

    @property
    def heading(self) -> str:
        return gettext(self.title).format(self.unit.name)

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """Fields that are shown folded, under a heading each."""
        return []

    @property
    def plain_fields(self) -> list[Any]:
        """Fields that the form shows as they are."""
        folded = {field.name for _heading, fields in self.groups for field in fields}
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
            self.refuse(refusal, name)
            return None

    def refuse(self, refusal: Refusal, name: str | None = None) -> None:
        """Say what the service answered, beside the field that it is about, and keep the way out of it."""
        self.add_error("on" if refusal.code in _ABOUT_DAY else name, f"{refusal.text} {refusal.fix}")
        if link := refusal.detail.get("link"):
            self.ways.append(link)
        self.next_day = refusal.detail.get("next_day") or self.next_day

    @property
    def frame(self) -> dict[str, Any]:
        """What every service takes."""
        data = self.cleaned_data
        decision = Decision(nfc(data["decision_number"]), data["decision_date"], nfc(data["note"]))
        return {"actor": self.viewer, "on": data["on"], "decision": decision}

    def run(self, expected: str | None = None) -> Done:
        """Do the change."""
        raise NotImplementedError
