"""What a file carries, leaves out and loses; pictures; keys that come back; what other systems write as QTI."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from quizzes.formats import FORMATS, Entry, Media, keys_kept, parse, template, write
from quizzes.formats.base import media_of
from quizzes.formats.xlsx import EXAMPLES
from quizzes.questions import content_normal
from tests.factories.questions import contents
from tests.quizzes.formats.test_any_bytes import zipped


def single(**fields: Any) -> dict[str, Any]:
    options = [{"text": "Huế", "correct": False, "feedback": "Chưa đúng."}, {"text": "Hà Nội", "correct": True}]
    return content_normal({"kind": "single", "text": "Thủ đô?", "options": options, **fields})


def essay() -> dict[str, Any]:
    rubric = [{"title": "Ý", "levels": [{"text": "Không", "points": 0}, {"text": "Có", "points": 1}]}]
    return content_normal({"kind": "essay", "text": "Kể lại.", "settings": {"rubric": rubric}})


def png(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "#0a5f53").save(out, "PNG")
    return out.getvalue()


PICTURE = Media("0b1e9c1a-0000-4000-8000-000000000001", "o-khoa.png", "image/png", png(4, 3))


def with_pictures() -> dict[str, Any]:
    content = single(media=[{"file": PICTURE.id, "alt": 'Ổ khoá <"&'}])
    content["options"][0]["media"] = {"file": PICTURE.id, "alt": "Cầu"}
    return content


@pytest.mark.parametrize("format", ["moodle", "qti"])
def test_pictures_travel_by_their_bytes(format: str) -> None:
    written = write([Entry(with_pictures())], format, [PICTURE])
    assert not written.left_out
    parsed = parse(written.data)
    (media,) = parsed.media
    assert (media.data, media.mime) == (PICTURE.data, "image/png")
    (entry,) = parsed.entries
    assert entry.content["media"] == [{"file": media.id, "alt": 'Ổ khoá <"&'}]
    assert entry.content["options"][0]["media"] == {"file": media.id, "alt": "Cầu"}


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_a_question_is_not_written_without_its_pictures(format: str) -> None:
    written = write([Entry(with_pictures(), code="q1"), Entry(single(), code="q2")], format)
    assert [fault.where for fault in written.left_out] == ["q1"]
    assert len(parse(written.data, format).entries) == 1


@pytest.mark.parametrize(
    ("format", "content", "told"),
    [
        ("aiken", essay(), "Aiken chỉ có câu chọn một đáp án"),
        ("xlsx", essay(), "Moodle XML"),
        ("gift", {**single(), "kind": "ordering"}, "GIFT không có loại câu này"),
    ],
)
def test_what_a_format_cannot_say_is_told(format: str, content: dict[str, Any], told: str) -> None:
    written = write([Entry(content, code="q1"), Entry(single(), code="q2")], format)
    (fault,) = written.left_out
    assert fault.where == "q1"
    assert told in fault.problem


def test_what_a_question_loses_is_told() -> None:
    written = write([Entry(single(explanation="Từ 1010."), code="q1")], "aiken")
    assert not written.left_out
    assert {fault.problem for fault in written.lost} == {
        "tệp không có phần giải thích",
        "tệp không có phản hồi của đáp án",
    }


def test_cells_are_text_whatever_they_begin_with() -> None:
    content = single(explanation="=HYPERLINK(1)")
    content["options"][0]["text"] = "@SUM(A1)"
    (entry,) = parse(write([Entry(content, name="-1+2")], "xlsx").data).entries
    assert (entry.name, entry.content["explanation"], entry.content["options"][0]["text"]) == (
        "-1+2", "=HYPERLINK(1)", "@SUM(A1)",
    )  # fmt: skip


def test_answers_that_are_numbers_are_not_taken_for_places() -> None:
    content = single()
    content["options"][0]["text"], content["options"][1]["text"] = "2", "1"
    (entry,) = parse(write([Entry(content)], "xlsx").data).entries
    assert [option["correct"] for option in entry.content["options"]] == [False, True]
    table = "Câu hỏi;Đáp án 1;Đáp án 2;Đáp án đúng\nAi?;2;1;2".encode()
    (fault,) = parse(table).faults
    assert fault.where == "hàng 2, cột Đáp án đúng"
    assert "hai cách" in fault.problem


def test_the_template_explains_every_kind_and_is_empty() -> None:
    assert [fault.problem for fault in parse(template()).faults] == ["không tìm thấy câu hỏi nào"]
    examples = [Entry(content_normal(entry.content), tags=entry.tags, difficulty=1) for entry in EXAMPLES]
    written = write(examples, "xlsx")
    assert not written.left_out
    assert [e.content["kind"] for e in parse(written.data).entries] == [e.content["kind"] for e in EXAMPLES]


def shuffled_keys(content: dict[str, Any]) -> dict[str, Any]:
    """The same with other keys, as a bank has them after years of editing."""
    names = {option["key"]: f"z{n}" for n, option in enumerate(content["options"])}
    return {**content, "options": [{**option, "key": names[option["key"]]} for option in content["options"]]}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=contents(("single", "multiple", "ordering")))
def test_keys_stay_what_they_were(content: dict[str, Any]) -> None:
    assert keys_kept(content, shuffled_keys(content)) == shuffled_keys(content)


def test_a_new_option_gets_a_key_of_its_own() -> None:
    before = single()
    now = single(options=[{"text": "Đà Nẵng", "correct": False}, {"text": "Hà Nội", "correct": True}])
    assert [option["key"] for option in keys_kept(now, before)["options"]] == ["c", "b"]


@pytest.mark.parametrize("data", [b"<svg/>", b"MZ\x90\x00", b"%PDF-1.4", b"<html>", b""])
def test_only_pictures_and_sounds_are_media(data: bytes) -> None:
    assert media_of(data, "a.png") is None


CHOICE_2 = """<?xml version="1.0"?><assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="c1" title="Thủ đô">
<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier"><correctResponse><value>B</value>
</correctResponse></responseDeclaration><itemBody><p>Trước.</p><choiceInteraction responseIdentifier="RESPONSE" maxChoices="1">
<prompt>Thủ đô nước ta?</prompt><simpleChoice identifier="A">Huế<feedbackInline identifier="A">Chưa đúng.</feedbackInline>
</simpleChoice><simpleChoice identifier="B">Hà <b>Nội</b></simpleChoice></choiceInteraction></itemBody></assessmentItem>"""  # noqa: E501
RANGE_3 = """<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="n1" title="Số">
<qti-response-declaration identifier="R" cardinality="single" base-type="float"/>
<qti-item-body><p>Số pi là <qti-text-entry-interaction response-identifier="R"/> phải không?</p></qti-item-body>
<qti-response-processing><qti-response-condition><qti-response-if><qti-and>
<qti-gte><qti-variable identifier="R"/><qti-base-value base-type="float">3.1</qti-base-value></qti-gte>
<qti-lte><qti-variable identifier="R"/><qti-base-value base-type="float">3.2</qti-base-value></qti-lte></qti-and>
<qti-set-outcome-value identifier="SCORE"><qti-base-value base-type="float">1</qti-base-value></qti-set-outcome-value>
</qti-response-if></qti-response-condition></qti-response-processing></qti-assessment-item>"""
ORDER_2 = """<assessmentItem identifier="o1" title="Bước"><responseDeclaration identifier="R" cardinality="ordered"
baseType="identifier"><correctResponse><value>y</value><value>x</value></correctResponse></responseDeclaration><itemBody>
<orderInteraction responseIdentifier="R"><prompt>Sắp xếp.</prompt><simpleChoice identifier="x">Nộp</simpleChoice>
<simpleChoice identifier="y">Đăng nhập</simpleChoice></orderInteraction></itemBody></assessmentItem>"""


def test_a_single_item_of_version_2() -> None:
    (entry,) = parse(CHOICE_2.encode()).entries
    assert (entry.code, entry.name, entry.content["text"]) == ("c1", "Thủ đô", "Trước.\nThủ đô nước ta?")
    assert [(o["key"], o["text"], o["correct"], o["feedback"]) for o in entry.content["options"]] == [
        ("a", "Huế", False, "Chưa đúng."), ("b", "Hà Nội", True, "")
    ]  # fmt: skip


def test_a_range_of_version_3() -> None:
    (entry,) = parse(RANGE_3.encode()).entries
    assert entry.content["text"] == "Số pi là _____ phải không?"
    assert entry.content["settings"]["accepted"][0]["value"] == "3.15"
    assert entry.content["settings"]["accepted"][0]["tolerance"] == "0.05"


def test_a_package_without_a_manifest() -> None:
    parsed = parse(zipped(**{"a.xml": CHOICE_2.encode(), "b.xml": ORDER_2.encode(), "c.xml": b"<broken"}))
    assert [entry.content["kind"] for entry in parsed.entries] == ["single", "ordering"]
    assert [option["text"] for option in parsed.entries[1].content["options"]] == ["Đăng nhập", "Nộp"]
    assert [fault.where for fault in parsed.faults] == ["tệp c.xml"]
