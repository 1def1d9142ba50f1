"""Forms inside a form: gaps in a text, and the questions of a situation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from cms.questions import kindforms
from cms.questions.kindforms import KindForms, said
from cms.questions.rowforms import PartOrAllForm
from cms.questions.rows import PlainForm
from quizzes.kinds import KINDS, Problem
from quizzes.kinds.arranged import GAP
from quizzes.kinds.scenario import MAX_PARTS, Scenario

GAP_WORDS = {
    "short_text": gettext_noop("viết một từ hay một cụm từ"),
    "numeric": gettext_noop("viết một số"),
    "single": gettext_noop("chọn trong danh sách"),
}


def _inner_of(problem: str) -> re.Match[str] | None:
    """Which gap or question a problem is about, and what it says of it, in the language in which it was said."""
    inners = "|".join(re.escape(word) for word in (_("chỗ trống"), _("câu")))
    return re.match(rf"(?:{inners}) (\w+): (.*)$", problem, re.DOTALL)


class InnerForm(PlainForm):
    """What a gap or a part of a situation is."""

    key = forms.CharField(max_length=12, widget=forms.HiddenInput)
    #: The kind whose fields the page showed: only those were sent.
    shown = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=gettext_lazy("Loại"))


class PartForm(InnerForm):
    """A question of a situation."""

    text = forms.CharField(label=gettext_lazy("Câu hỏi"), widget=forms.Textarea(attrs={"rows": 2}))
    explanation = forms.CharField(
        label=gettext_lazy("Giải thích"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    remove = forms.BooleanField(label=gettext_lazy("Bỏ câu này khỏi tình huống"), required=False)


class Inner:
    """One gap or part: its own fields, and those of its kind."""

    def __init__(
        self,
        *,
        prefix: str,
        form: type[InnerForm],
        kinds: Mapping[str, str],
        content: Mapping[str, Any],
        data: Any,
        makers: Mapping[str, type[KindForms]],
    ) -> None:
        self.prefix, self.kinds = prefix, kinds
        kind = content.get("kind") or next(iter(kinds))
        bound = data is not None and f"{prefix}-key" in data
        if bound and data.get(f"{prefix}-kind") in kinds:
            kind = data[f"{prefix}-kind"]
        # Another kind was chosen: the fields that came belong to the one before.
        self.is_switched = bool(bound and data.get(f"{prefix}-shown", kind) != kind)
        initial = {"kind": kind, **content}
        self.form = form(data if bound else None, prefix=prefix, initial=initial)
        self.form.fields["kind"].choices = list(kinds.items())  # type: ignore[attr-defined]
        self.kind = kind
        fits = content.get("kind") == kind
        self.inner = makers[kind](
            prefix=prefix, content=content if fits else {}, data=data if bound and not self.is_switched else None
        )

    @property
    def key(self) -> str:
        return str(self.form["key"].value())

    @property
    def kind_label(self) -> str:
        return _(KINDS[self.kind].label)

    @property
    def is_open(self) -> bool:
        """What is wrong, or was chosen anew, is not folded away."""
        return self.has_errors or self.is_switched or not self.form.is_bound

    @property
    def has_errors(self) -> bool:
        wrong = self.form.is_told or any(rows.error for rows in self.inner.rowsets)
        settings = self.inner.settings
        rows = [row for rows in self.inner.rowsets for row in rows]
        return wrong or bool(settings and settings.is_told) or any(row.is_told for row in rows)

    @property
    def is_removed(self) -> bool:
        return bool(self.form.is_bound and "remove" in self.form.fields and self.form["remove"].value())

    def quiet(self) -> None:
        self.form.quiet()
        self.inner.quiet()

    def is_valid(self) -> bool:
        if self.is_removed:
            self.quiet()
            return True
        fine = self.form.is_valid()
        if self.is_switched and fine:
            self.form.add_error("kind", _("Loại vừa đổi. Hãy điền các mục của loại mới rồi lưu lại."))
        return self.inner.is_valid() and fine and not self.is_switched


class CompoundForms(KindForms):
    """Shared by gaps and situations: what is inside is told by its key."""

    inners: list[Inner]

    def add(self, prefix: str) -> None:
        for inner in self.inners:
            inner.inner.add(prefix)

    def quiet(self) -> None:
        super().quiet()
        for inner in self.inners:
            inner.quiet()

    def is_valid(self) -> bool:
        fine = [inner.is_valid() for inner in self.inners]
        return super().is_valid() and all(fine)

    def tell(self, problem: Problem) -> None:
        found = _inner_of(problem[1])
        inner = self.inner_named(found[1]) if found else None
        if found and inner:
            inner.inner.tell((problem[0], found[2]))
        else:
            self.error = self.error or said(problem[1])

    error = ""

    def inner_named(self, name: str) -> Inner | None:
        raise NotImplementedError


class BlanksForms(CompoundForms):
    """A block of fields for each gap that the text has."""

    code = "blanks"
    settings_form = PartOrAllForm
    makers: ClassVar[Mapping[str, type[KindForms]]] = {
        "short_text": kindforms.ShortTextForms,
        "numeric": kindforms.NumericForms,
        "single": kindforms.PlainChoiceForms,
    }

    def __init__(self, *, prefix: str = "", content: Mapping[str, Any] | None = None, data: Any = None) -> None:
        super().__init__(prefix=prefix, content=content, data=data)
        text = str((content or {}).get("text") or "")
        if data is not None:
            text = data.get(f"{prefix}-text" if prefix else "text") or ""
        known = {gap["key"]: gap for gap in self.before.get("gaps") or ()}
        self.inners = [
            Inner(
                prefix=self.name(f"cho-{key}"),
                form=InnerForm,
                kinds={code: f"{_(KINDS[code].label)}: {_(GAP_WORDS[code])}" for code in self.makers},
                content={"key": key, **_gap_content(known.get(key, {}))},
                data=data,
                makers=self.makers,
            )
            for key in dict.fromkeys(GAP.findall(text))
        ]

    def is_valid(self) -> bool:
        fine = super().is_valid()
        fresh = [inner.key for inner in self.inners if not inner.form.is_bound]
        if fresh:
            # Their fields were not on the page yet.
            self.error = _("Hãy ghi đáp án cho chỗ trống %(gaps)s rồi lưu lại.") % {"gaps": ", ".join(fresh)}
        return fine and not fresh

    def inner_named(self, name: str) -> Inner | None:
        return next((inner for inner in self.inners if inner.key == name), None)

    def values(self) -> dict[str, Any]:
        gaps = []
        for inner in self.inners:
            made = inner.inner.values()
            gap = {"key": inner.key, "kind": inner.kind, **made["settings"]}
            gaps.append({**gap, "options": made["options"]} if made["options"] else gap)
        return {"options": [], "settings": {**self.chosen, "gaps": gaps}}


def _gap_content(gap: Mapping[str, Any]) -> dict[str, Any]:
    """A gap as the content of a question."""
    return {"kind": gap["kind"], "options": gap.get("options") or [], "settings": gap} if gap else {}


class ScenarioForms(CompoundForms):
    """A block of fields for each question of the situation."""

    code = "scenario"

    def __init__(self, *, prefix: str = "", content: Mapping[str, Any] | None = None, data: Any = None) -> None:
        super().__init__(prefix=prefix, content=content, data=data)
        parts = list(self.before.get("parts") or ())
        sent = data.get(self.name("parts"), "") if data is not None else ""
        count = min(int(sent), MAX_PARTS) if sent.isdecimal() else max(1, len(parts))
        self.inners = [self._part(n, parts[n] if n < len(parts) else {}, data) for n in range(count)]

    def _part(self, number: int, content: Mapping[str, Any], data: Any) -> Inner:
        kinds = {code: _(KINDS[code].label) for code in Scenario.INNER}
        key = content.get("key") or f"p{number + 1}"
        return Inner(
            prefix=self.name(f"phan{number}"),
            form=PartForm,
            kinds=kinds,
            content={**content, "key": key},
            data=data,
            makers={code: FORMS[code] for code in kinds},
        )

    @property
    def may_add(self) -> bool:
        return len(self.inners) < MAX_PARTS

    def add(self, prefix: str) -> None:
        if prefix == self.name("phan") and self.may_add:
            self.inners.append(self._part(len(self.inners), {"key": self._free_key()}, None))
        else:
            super().add(prefix)

    def _free_key(self) -> str:
        taken = {inner.key for inner in self.inners}
        return next(key for key in (f"p{n}" for n in range(1, 99)) if key not in taken)

    @property
    def kept(self) -> list[Inner]:
        return [inner for inner in self.inners if not inner.is_removed]

    def inner_named(self, name: str) -> Inner | None:
        place = int(name) if name.isdecimal() else 0
        return self.kept[place - 1] if 1 <= place <= len(self.kept) else None

    def values(self) -> dict[str, Any]:
        parts = []
        for inner in self.kept:
            given = inner.form.cleaned_data
            parts.append(
                {
                    "key": inner.key,
                    "kind": inner.kind,
                    "text": given["text"],
                    "explanation": given["explanation"],
                    **inner.inner.values(),
                }
            )
        return {"options": [], "settings": {"parts": parts}}


#: The forms of every kind.
FORMS: Mapping[str, type[KindForms]] = {
    form.code: form
    for form in (
        kindforms.ChoiceForms,
        kindforms.MultipleForms,
        kindforms.TrueFalseForms,
        kindforms.ShortTextForms,
        kindforms.NumericForms,
        kindforms.MatchingForms,
        kindforms.OrderingForms,
        BlanksForms,
        kindforms.HotspotForms,
        ScenarioForms,
        kindforms.EssayForms,
    )
}
