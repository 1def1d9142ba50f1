"""Rows of a form that repeat: options, pairs, accepted answers. A button adds one, with or without JavaScript.

Rows are numbered in the names of their fields, ``<prefix>-<n>-<field>``; the hidden ``<prefix>-rows`` counts them.
A row whose fields are all empty is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_ROWS = 40
#: The button that adds a row carries this name, and the prefix of its rows as value.
ADD = "them"


class PlainForm(forms.Form):
    """A form whose fields are not marked for the browser: what is wrong we say in our words."""

    use_required_attribute = False
    _errors: ErrorDict | None

    def quiet(self) -> None:
        """Say nothing of what is wrong: the editor is still filling in."""
        if self.is_bound:
            self._errors, self.cleaned_data = ErrorDict(), {}

    def tell(self, field: str, problem: str) -> None:
        """Say beside a field what is wrong, also where the form was not looked at yet."""
        if self._errors is None:
            self.full_clean()
        self.add_error(field, problem)

    @property
    def is_told(self) -> bool:
        """Whether something wrong was said already."""
        return bool(self._errors)


class RowForm(PlainForm):
    """One row. ``main`` are the fields in sight, ``more`` stand behind a fold; the first of ``main`` must be filled."""

    main: Sequence[str] = ()
    more: Sequence[str] = ()
    #: Said beside the first field when only the others are filled.
    missing: StrOrPromise = _("Dòng này chưa có chữ.")
    #: What alone does not make a row: ticks and numbers that stand there from the beginning.
    does_not_count: Sequence[str] = ()

    @property
    def main_fields(self) -> list[Any]:
        return [self[name] for name in self.main]

    @property
    def more_fields(self) -> list[Any]:
        return [self[name] for name in self.more if not self.fields[name].widget.is_hidden]

    @property
    def hidden_ones(self) -> list[Any]:
        return [field for field in self if field.is_hidden]

    @property
    def more_is_open(self) -> bool:
        """A fold in which something stands, or is wrong, is open."""
        wrong = self._errors is not None and any(name in self._errors for name in self.more)
        return wrong or any(self[name].value() for name in self.more if not self.fields[name].widget.is_hidden)

    @property
    def is_filled(self) -> bool:
        """Whether the row says anything; ask after it was cleaned."""
        return any(
            self.cleaned_data.get(name) not in (None, "", False, [])
            for name, field in self.fields.items()
            if not field.widget.is_hidden and name not in self.does_not_count
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first = self.main[0]
        if self.is_filled and not cleaned.get(first) and first not in self.errors:
            self.add_error(first, self.missing)
        return cleaned


class Rows:
    """All rows of one kind."""

    def __init__(
        self,
        *,
        prefix: str,
        form: type[RowForm],
        title: str,
        row_title: str,
        add_label: str = "",
        least: int = 0,
        initial: Sequence[Mapping[str, Any]] = (),
        data: Any = None,
        help_text: str = "",
        **form_kwargs: Any,
    ) -> None:
        self.prefix, self.title, self.row_title = prefix, title, row_title
        self.add_label, self.help_text = add_label, help_text
        self.form, self.data, self.form_kwargs = form, data, form_kwargs
        self.error = ""
        self.forms = [self._row(n, initial[n] if n < len(initial) else {}) for n in range(self._count(least, initial))]

    def _count(self, least: int, initial: Sequence[Any]) -> int:
        if self.data is None:
            return max(least, len(initial))
        sent = self.data.get(f"{self.prefix}-rows", "")
        return min(int(sent), MOST_ROWS) if sent.isdecimal() else max(least, len(initial))

    def _row(self, number: int | str, initial: Mapping[str, Any]) -> RowForm:
        return self.form(self.data, prefix=f"{self.prefix}-{number}", initial=dict(initial), **self.form_kwargs)

    def __iter__(self) -> Iterator[RowForm]:
        return iter(self.forms)

    def __len__(self) -> int:
        return len(self.forms)

    @property
    def blank(self) -> RowForm:
        """An empty row as a pattern for the browser, which puts a number where ``__n__`` stands."""
        return self.form(None, prefix=f"{self.prefix}-__n__", **self.form_kwargs)

    @property
    def may_add(self) -> bool:
        return bool(self.add_label) and len(self.forms) < MOST_ROWS

    def add(self) -> None:
        """One more empty row at the end."""
        if self.may_add:
            self.forms.append(self.form(None, prefix=f"{self.prefix}-{len(self.forms)}", **self.form_kwargs))

    def quiet(self) -> None:
        """Say nothing of what is wrong: the editor is still filling in."""
        for row in self.forms:
            row.quiet()

    def is_valid(self) -> bool:
        fine = [row.is_valid() for row in self.forms]  # each of them, so that each says what is wrong
        return all(fine)

    def filled(self) -> list[RowForm]:
        """The rows that say something; ask only where all are valid."""
        return [row for row in self.forms if row.is_filled]

    def values(self) -> list[dict[str, Any]]:
        return [row.cleaned_data for row in self.filled()]

    def tell(self, place: int | None, problem: str, field: str = "") -> None:
        """Say what is wrong beside the ``place``-th filled row (from 1), or above all of them."""
        rows = self.filled()
        if place is not None and 1 <= place <= len(rows):
            row = rows[place - 1]
            row.add_error(field or row.main[0], problem)
        else:
            self.error = self.error or problem
