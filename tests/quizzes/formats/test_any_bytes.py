"""Whatever is handed in: reading never raises, and every fault says where and what."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizzes.formats import FORMATS, Parsed, detect, parse, write
from quizzes.formats.base import MAX_BYTES, MAX_ENTRIES
from quizzes.formats.markup import text_of_html
from quizzes.questions import content_problems
from tests.factories.questions import contents, entries

BUSY = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = sorted(FORMATS)
GIFT = "Ai {=A ~B}\n"


def sound(parsed: Parsed) -> Parsed:
    """What must hold of everything that was read."""
    assert parsed.entries or parsed.faults
    assert all(fault.where and fault.problem for fault in parsed.faults)
    assert not any(fault.problem == "không đọc được tệp này" for fault in parsed.faults), "an error of ours"
    assert all(note.where and note.text for note in parsed.notes)
    assert not any(content_problems(entry.content) for entry in parsed.entries)
    return parsed


@pytest.mark.parametrize("format", ["auto", *NAMES])
@BUSY
@given(data=st.binary(max_size=400))
def test_any_bytes(format: str, data: bytes) -> None:
    sound(parse(data, format))


@pytest.mark.parametrize("format", ["auto", "gift", "aiken", "moodle", "qti"])
@BUSY
@given(text=st.lists(st.one_of(st.text(max_size=8), st.sampled_from(
    ("{", "}", "=", "~", "#", "\n", "\n\n", "->", "%50%", "::", "$CATEGORY:", "A. ", "B) ", "ĐÁP ÁN: B", "T",
     "<quiz>", "</quiz>", "..", ":",
     '<question type="cloze">', "<text>", "</text>", "{1:SA:=a}", "<p>", "[[1]]", "####", "1", "<![CDATA[", "]]>")
)), max_size=30).map("".join))  # fmt: skip
def test_any_text(format: str, text: str) -> None:
    for encoding in ("utf-8", "utf-16", "cp1258"):
        sound(parse(text.encode(encoding, "replace"), format))


@pytest.mark.parametrize("format", NAMES)
@BUSY
@given(data=st.data())
def test_damaged_files(format: str, data: Any) -> None:
    kind = (
        "single" if format == "aiken" else data.draw(st.sampled_from(("single", "numeric", "matching", "short_text")))
    )
    whole = bytearray(write([data.draw(entries([kind]))], format).data)
    # A workbook tells when it was written, so its length differs from run to run: what is drawn must not hang on it.
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, MAX_BYTES)) % max(1, len(whole))
        whole[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=6))
    sound(parse(bytes(whole), format))


def zipped(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


BOMB = b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><quiz>&b;</quiz>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>'


@pytest.mark.parametrize(
    ("data", "format", "told"),
    [
        (b"", "auto", "rỗng"),
        (b"\xef\xbb\xbf \r\n", "auto", "rỗng"),
        (b"\0" * 100, "auto", "rỗng"),
        (b"%PDF-1.7 abc", "auto", "không phải tệp câu hỏi"),
        (b"chi la mot doan van", "auto", "không phải tệp câu hỏi"),
        (b"x" * (MAX_BYTES + 1), "auto", "nặng hơn"),
        (BOMB, "auto", "DOCTYPE"),
        (OUTSIDE, "moodle", "DOCTYPE"),
        (BOMB, "qti", "DOCTYPE"),
        (b"<quiz><question></quiz>", "auto", "XML bị hỏng"),
        (b"<html></html>", "moodle", "không phải Moodle XML"),
        (b"<quiz/>", "auto", "không tìm thấy câu hỏi nào"),
        (zipped(**{"../a.xml": b"<x/>"}), "qti", "trỏ ra ngoài"),
        (zipped(**{"a.xml": b"<x>" + b" " * 30_000_000 + b"</x>"}), "auto", "quá nhiều dữ liệu"),
        (zipped(**{"imsmanifest.xml": BOMB}), "auto", "DOCTYPE"),
        (b"PK\x03\x04 torn", "qti", "hỏng"),
        (b"<quiz>" + b"<a>" * 50_000, "moodle", ""),
        (b"A;B\n1;2", "xlsx", "hàng tiêu đề"),
    ],
)  # fmt: skip
def test_files_refused_whole(data: bytes, format: str, told: str) -> None:
    parsed = sound(parse(data, format))
    assert not parsed.entries
    assert told in parsed.faults[0].problem


def test_deep_html_is_read() -> None:
    html = "<div>" * 5_000 + "Ai?"
    data = f'<quiz><question type="truefalse"><questiontext><text><![CDATA[{html}]]></text></questiontext>'
    data += '<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer>'
    data += "</question></quiz>"
    assert sound(parse(data.encode())).entries[0].content["text"] == "Ai?"


def test_no_more_than_so_many_questions() -> None:
    parsed = parse(("\n" + GIFT).encode() * (MAX_ENTRIES + 3), "gift")
    assert len(parsed.entries) == MAX_ENTRIES
    assert [f"hơn {MAX_ENTRIES} câu" in fault.problem for fault in parsed.faults] == [True]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16", b""), ("utf-16-le", b""), ("utf-16-be", b"")],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_every_encoding_and_line_ending(encoding: str, mark: bytes, ending: str, last: str) -> None:
    text = f"Thủ đô của nước ta là thành phố nào?\nA. Huế\nB. Hà Nội\nĐÁP ÁN: B{last}".replace("\n", ending)
    (entry,) = parse(mark + text.encode(encoding), "aiken").entries
    assert (entry.content["text"], entry.content["options"][1]["text"]) == (
        "Thủ đô của nước ta là thành phố nào?",
        "Hà Nội",
    )


@BUSY
@given(content=contents())
def test_contents_made_up_are_contents(content: dict[str, Any]) -> None:
    assert not content_problems(content)


@pytest.mark.parametrize("format", NAMES)
def test_a_file_is_known_by_its_bytes(format: str) -> None:
    assert detect("", write([parse(GIFT.encode()).entries[0]], format).data) == format


#: What made an earlier reader look at the same letters again and again, or trip over a value.
HOSTILE = [
    ("gift", "// [id:" * 20_000 + "\nAi {=A ~B}"),
    ("gift", "// [source_url:https://[]\nAi {=A ~B}"),
    ("auto", "<!DOCTYPE [" + "]" * 60_000),
    (
        "moodle",
        '<quiz><question type="cloze"><questiontext><text>' + "{1:SA:" * 20_000
        + "</text></questiontext></question></quiz>",
    ),
    ("xlsx", "Câu hỏi;Đáp án 1;Đáp án 2;Đáp án đúng;Nguồn\nAi;a;b;1;https://["),
    ("qti", "<assessmentItem><itemBody>" + "<textEntryInteraction/>" * 5_000 + "</itemBody></assessmentItem>"),
    ("moodle", '<?xml version="1.0" encoding="punycode"?><quiz>' + "a-" * 50_000 + "</quiz>"),
]  # fmt: skip
HOSTILE_HTML = ["<", "<a ", "</a", "<![x", "<sup>x", "<a>", '<a href="', "&lt;", "<!--", "<pre> "]


@pytest.mark.parametrize(("format", "text"), HOSTILE)
def test_hostile_files_are_read_to_their_end(format: str, text: str) -> None:
    sound(parse(text.encode(), format))


@pytest.mark.parametrize("piece", HOSTILE_HTML)
def test_hostile_html_is_read_to_its_end(piece: str) -> None:
    made = text_of_html(f"<p>Trước</p>{piece * (60_000 // len(piece))}")
    assert made.text.startswith("Trước")


def test_signs_that_no_database_keeps_are_dropped() -> None:
    rubric = [{"title": "Ý\ud800", "levels": [{"points": 0}, {"points": 1}]}]
    told = json.dumps({"kind": "essay", "code": "q\x001", "rubric": json.dumps(rubric)})
    body = f"<itemBody data-hocso='{told}'><p>Kể lại.</p><extendedTextInteraction/></itemBody>"
    (entry,) = parse(f"<assessmentItem>{body}</assessmentItem>".encode(), "qti").entries
    assert (entry.code, entry.content["settings"]["rubric"][0]["title"]) == ("q1", "Ý")
