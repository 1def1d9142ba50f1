"""The form of every kind of question: what is there comes back as it was, what is wrong is said beside it."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given, settings

from cms.questions.compound import FORMS, BlanksForms, CompoundForms, ScenarioForms
from cms.questions.fields import TagsField, ViNumberField
from cms.questions.kindforms import KindForms
from quizzes.kinds import KINDS
from quizzes.questions import content_normal, content_problems
from tests.factories.questions import contents


def _of_form(form: Any) -> dict[str, str]:
    """What a browser sends of one form as it stands."""
    sent = {}
    for field in form:
        value = field.value()
        if field.field.widget.input_type == "checkbox" if hasattr(field.field.widget, "input_type") else False:
            if value:
                sent[field.html_name] = "on"
        elif value not in (None,):
            shown = field.field.prepare_value(value)
            sent[field.html_name] = str(shown)
    return sent


def sent_of(forms: KindForms) -> dict[str, str]:
    """What a browser sends of the fields of a kind as they stand."""
    sent = _of_form(forms.settings) if forms.settings is not None else {}
    for rows in forms.rowsets:
        sent[f"{rows.prefix}-rows"] = str(len(rows))
        for row in rows:
            sent |= _of_form(row)
    if isinstance(forms, ScenarioForms):
        sent[forms.name("parts")] = str(len(forms.inners))
    if isinstance(forms, CompoundForms):
        for inner in forms.inners:
            sent |= {**_of_form(inner.form), f"{inner.prefix}-shown": inner.kind, **sent_of(inner.inner)}
    return sent


def query(sent: dict[str, str]) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(sent)
    return data


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_has_a_form_and_an_explanation(kind):
    from cms.questions.reading import EXPLAINED

    assert FORMS[kind].code == kind
    assert EXPLAINED[kind].endswith(".")


@settings(max_examples=40, deadline=None)
@given(content=contents())
def test_a_form_sent_back_untouched_changes_nothing(content):
    content = content_normal(content)
    shown = FORMS[content["kind"]](content=content)
    sent = {**sent_of(shown), "text": content["text"]}
    again = FORMS[content["kind"]](content=content, data=query(sent))
    assert again.is_valid()
    values = {**content, **again.values()}
    assert content_problems(values) == []
    assert content_normal(values) == content


# --- Rows -----------------------------------------------------------------------------------------------------------
def rows_sent(prefix: str, *rows: dict[str, str], **others: str) -> QueryDict:
    """Rows as a browser sends them."""
    sent = {f"{prefix}-rows": str(len(rows)), **others}
    for n, row in enumerate(rows):
        sent |= {f"{prefix}-{n}-{name}": value for name, value in row.items()}
    return query(sent)


RIGHT, WRONG = {"text": "Dừng lại", "correct": "on"}, {"text": "Chuyển tiền"}


def test_four_rows_stand_at_first_and_one_more_comes_each_time():
    assert len(FORMS["single"]().rowsets[0]) == 4
    forms = FORMS["single"](data=rows_sent("dap-an", RIGHT, WRONG, {"feedback": "chưa có chữ"}, {}))
    forms.quiet()
    forms.add("dap-an")
    rows = list(forms.rowsets[0])
    assert len(rows) == 5
    # What was typed is there, and nothing is called wrong while it is being written.
    assert rows[0]["text"].value() == "Dừng lại"
    assert not any(row.errors for row in rows if row.is_bound)


def test_rows_cannot_be_made_without_end():
    assert len(FORMS["single"](data=query({"dap-an-rows": "99999999"})).rowsets[0]) == 40


def test_an_option_keeps_its_key_when_the_row_before_it_goes():
    content = {"kind": "single", "options": [{"key": k, "text": k.upper(), "correct": k == "a"} for k in "abc"]}
    sent = sent_of(FORMS["single"](content=content)) | {"dap-an-1-text": "", "dap-an-3-text": "D"}
    forms = FORMS["single"](content=content, data=query(sent))
    assert forms.is_valid()
    made = content_normal({**content, "text": "?", **forms.values()})
    assert [(o["key"], o["text"]) for o in made["options"]] == [("a", "A"), ("c", "C"), ("b", "D")]


@pytest.mark.parametrize(
    ("kind", "sent", "field", "told"),
    [
        ("single", rows_sent("dap-an", RIGHT, {"feedback": "Vì sao"}), "dap-an-1-text", "Đáp án này chưa có chữ."),
        ("single", rows_sent("dap-an", RIGHT, {**WRONG, "weight": "150"}), "dap-an-1-weight", "-100 đến 100"),
        ("single", rows_sent("dap-an", RIGHT, {**WRONG, "file": "x"}), "dap-an-1-alt", "lời mô tả"),
        ("numeric", rows_sent("chap-nhan", {"value": "một"}), "chap-nhan-0-value", "Hãy viết một số"),
        ("numeric", rows_sent("chap-nhan", {"value": "1.234"}), "chap-nhan-0-value", "1234 hoặc 1,234"),
        ("numeric", rows_sent("chap-nhan", {"tolerance": "1"}), "chap-nhan-0-value", "Chưa có số"),
        ("matching", rows_sent("cap", {"left": "113"}), "cap-0-right", "Vế phải chưa có chữ"),
        ("matching", rows_sent("cap", {"right": "Công an"}), "cap-0-left", "Vế trái chưa có chữ"),
        ("ordering", rows_sent("buoc", {"text": "Một", "place": "x"}), "buoc-0-place", "số nguyên"),
        ("hotspot", rows_sent("vi-tri", {"text": "Nút"}), "vi-tri-0-x", "Chưa có số"),
        (
            "hotspot",
            rows_sent("vi-tri", {"text": "Nút", "x": "90", "y": "0", "width": "20", "height": "10"}),
            "vi-tri-0-width",
            "ra ngoài hình",
        ),
        ("hotspot", rows_sent("vi-tri", {"text": "Nút", "x": "101"}), "vi-tri-0-x", "từ 0 đến 100"),
        (
            "essay",
            rows_sent("tieu-chi", {"title": "Rõ", "level_1_text": "tốt"}),
            "tieu-chi-0-level_1_points",
            "chưa ghi",
        ),
        ("true_false", query({}), "cach-right", ""),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(kind, sent, field, told):
    forms = FORMS[kind](data=sent)
    assert not forms.is_valid()
    every = [row for rows in forms.rowsets for row in rows] + ([forms.settings] if forms.settings else [])
    errors = {form.add_prefix(name): " ".join(found) for form in every for name, found in form.errors.items()}
    assert told in errors[field]


@pytest.mark.parametrize(
    ("problem", "row"),
    [("đáp án 2: weight phải là số", 1), ("có hai đáp án giống hệt nhau", None), ("đáp án 9: lạ", None)],
)
def test_problems_of_the_whole_find_their_row_or_stand_above(problem, row):
    forms = FORMS["single"](data=rows_sent("dap-an", RIGHT, WRONG))
    assert forms.is_valid()
    forms.tell(("options", problem))
    rows = forms.rowsets[0]
    assert [n for n, one in enumerate(rows) if one.errors] == ([] if row is None else [row])
    assert bool(rows.error) == (row is None)


# --- Gaps and parts -------------------------------------------------------------------------------------------------
def test_gaps_follow_the_text_and_ask_for_their_answers():
    forms = BlanksForms(data=query({"text": "Gọi [[1]] hoặc [[so]]."}))
    assert [inner.key for inner in forms.inners] == ["1", "so"]
    assert not forms.is_valid()
    assert "chỗ trống 1, so" in forms.error


def test_another_kind_of_gap_shows_its_own_fields_and_saves_nothing_yet():
    sent = {"text": "[[1]]", "cho-1-key": "1", "cho-1-kind": "numeric", "cho-1-shown": "short_text"}
    forms = BlanksForms(data=query(sent))
    assert forms.inners[0].inner.code == "numeric"
    assert not forms.is_valid()
    assert "Loại vừa đổi" in str(forms.inners[0].form.errors)


def test_a_part_is_added_behind_and_one_taken_out_leaves_the_others_their_keys():
    part = {"kind": "true_false", "explanation": "", "options": [
        {"key": "a", "text": "Đúng", "correct": True}, {"key": "b", "text": "Sai", "correct": False}]}  # fmt: skip
    content = {"kind": "scenario", "settings": {"parts": [{**part, "key": k, "text": k} for k in ("p1", "p2")]}}
    shown = ScenarioForms(content=content)
    shown.add("phan")
    assert [inner.key for inner in shown.inners] == ["p1", "p2", "p3"]
    sent = sent_of(ScenarioForms(content=content)) | {"phan0-remove": "on", "phan0-text": ""}
    forms = ScenarioForms(content=content, data=query(sent))
    assert forms.is_valid()
    assert [one["key"] for one in forms.values()["settings"]["parts"]] == ["p2"]


# --- Fields ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "kept"),
    [("1,5", "1.5"), ("1.5", "1.5"), ("1.234,5", "1234.5"), (" -2 ", "-2"), ("12", "12"), ("", ""), ("0,05", "0.05")],
)
def test_numbers_are_read_as_they_are_written_here(typed, kept):
    assert ViNumberField().clean(typed) == kept


def test_tags_are_words_between_commas_each_once():
    assert TagsField().clean(" an toàn, mật  khẩu,, an toàn ") == ["an toàn", "mật khẩu"]
