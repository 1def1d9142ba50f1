"""Whatever data file is wrong, and however: the error names file, line and field."""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal

import pytest

from cms.courseyaml import read_course
from cms.services.courses import _bank_load
from common.datafiles import Entry, read_csv, read_yaml
from common.errors import DataError
from courses.loading import topics_load
from kpi import loading as kpi_loading
from people.loading import audiences_load


def told(error):
    return (error.value.file, error.value.where, error.value.field)


def write(folder, text, name="du-lieu.yaml"):
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


GOOD = """\
# A remark, so that nothing stands on its own line number.
muc:
- code: mot
  ten: "  Một  "
  so: 3
  gio: 1.5
  ngay: 2026-11-22
  ma: [a, b, a]
  dung: true
- code: hai
"""


def test_what_is_right_is_read(tmp_path):
    one, two = Entry.read(write(tmp_path, GOOD)).coded("muc")
    assert (one.line, one.name, two.line, two.name) == (3, "mục 1 (mot)", 10, "mục 2 (hai)")
    assert (one.text("ten"), one.whole("so"), one.number("gio"), one.yes("dung")) == ("Một", 3, Decimal("1.5"), True)
    assert (one.texts("ma"), one.data["ngay"]) == (["a", "b"], date(2026, 11, 22))
    assert (two.text("ten", needed=False), two.whole("so", default=7), two.number("gio")) == ("", 7, None)
    assert (two.texts("ma", needed=False), two.yes("dung", False), two.part("ky").data) == ([], False, {})


def test_read_content_is_plain_data_without_line_numbers_in_it(tmp_path):
    content = read_yaml(write(tmp_path, "a: {b: [1, {c: hoa\u0300}]}\n"))
    assert content == {"a": {"b": [1, {"c": "hoà"}]}}
    assert json.loads(json.dumps(content)) == content


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (lambda e: e.text("so"), "so"),
        (lambda e: e.text("khong"), "khong"),
        (lambda e: e.text("ten", 2), "ten"),
        (lambda e: e.whole("ten"), "ten"),
        (lambda e: e.whole("so", 4), "so"),
        (lambda e: e.whole("dung"), "dung"),
        (lambda e: e.whole("gio"), "gio"),
        (lambda e: e.number("ten"), "ten"),
        (lambda e: e.number("dung"), "dung"),
        (lambda e: e.number("gio", high=1), "gio"),
        (lambda e: e.choice("ten", ["a"]), "ten"),
        (lambda e: e.choice("ma", ["a"]), "ma"),
        (lambda e: e.yes("so"), "so"),
        (lambda e: e.items("so"), "so"),
        (lambda e: e.items("khong"), "khong"),
        (lambda e: e.entries("khong"), "khong"),
        (lambda e: e.only({"code", "ten", "so", "gio", "ngay", "ma"}), "dung"),
    ],
)
def test_a_wrong_field_is_named_with_file_line_and_entry(tmp_path, ask, field):
    entry = Entry.read(write(tmp_path, GOOD)).coded("muc")[0]
    with pytest.raises(DataError) as wrong:
        ask(entry)
    assert told(wrong) == ("du-lieu.yaml", "dòng 3, mục 1 (mot)", field)


@pytest.mark.parametrize(
    ("text", "where", "field"),
    [
        ("muc:\n- code: [\n", "dòng 3", "YAML"),
        ("muc:\n- code: a\n  code: b\n", "dòng 3", "YAML"),
        ("muc:\n- [a]: b\n- ? [a]\n  : b\n", "dòng 2", "YAML"),
        ("muc:\n- ngay: 2026-02-31\n", "dòng 2", "YAML"),
        ("muc:\n- code: !!python/object:os.system x\n", "dòng 2", "YAML"),
        ("a: ớ\nmuc:\n- ờ\x07\n", "dòng 3", "YAML"),
        (b"muc:\n- code: a\n- code: \xe1\n", "dòng 3", "tệp"),
        ("", "dòng 1, cả tệp", "cả mục"),
        ("- a\n", "dòng 1, cả tệp", "cả mục"),
        ("\nkhac: 1\n", "dòng 2, cả tệp", "muc"),
        ("muc: 1\n", "dòng 1, cả tệp", "muc"),
        ("muc: []\n", "dòng 1, cả tệp", "muc"),
        ("muc:\n- code: a\n- b\n", "dòng 3, mục 2", "cả mục"),
        ("muc:\n- code: a\n- ten: b\n", "dòng 3, mục 2", "code"),
        ("muc:\n- code: a\n- {code: 12}\n", "dòng 3, mục 2 (12)", "code"),
        ("muc:\n- code: a\n\n- code: a\n", "dòng 4, mục 2 (a)", "code"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path, text, where, field):
    with pytest.raises(DataError) as wrong:
        Entry.read(write(tmp_path, text)).coded("muc")
    assert told(wrong) == ("du-lieu.yaml", where, field)


@pytest.mark.parametrize("read", [lambda file: read_csv(file, ["a"]), read_yaml])
def test_a_file_that_cannot_be_opened_is_named(tmp_path, read):
    with pytest.raises(DataError, match="không tìm thấy") as wrong:
        read(tmp_path / "vang")
    assert told(wrong) == ("vang", "cả tệp", "tệp")
    with pytest.raises(DataError, match="không đọc được"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("text", "where", "field"),
    [
        ("a,b\n1,2\n", None, None),
        ("\ufeffa,b\n1,2\n", None, None),
        ("", "dòng 1", "a, b"),
        ("a\n1\n", "dòng 1", "b"),
        ("a,b\n1,2\n3\n", "dòng 3", "số cột"),
        ("a,b\n1,2\n3,4,5\n", "dòng 3", "số cột"),
        (b"a,b\n1,2\n3,\xe1\n", "dòng 3", "tệp"),
        (f"a,b\n1,2\n3,{'x' * 140_000}\n", "dòng 3", "cả dòng"),
    ],
    ids=[0, "bom", "empty", "column", "few", "many", "bytes", "long"],
)
def test_a_wrong_csv_row_is_named_with_its_line(tmp_path, text, where, field):
    file = write(tmp_path, text, "du-lieu.csv")
    if where is None:
        assert read_csv(file, ["a", "b"]) == [{"a": "1", "b": "2", "line": "2"}]
        return
    with pytest.raises(DataError) as wrong:
        read_csv(file, ["a", "b"])
    assert told(wrong) == ("du-lieu.csv", where, field)


AUDIENCES = "audiences:\n- {code: a, name_vi: A, source: s, quote: q}\n"
TOPICS = "content_topics:\n- {code: T-A01, name_vi: A, group: g, source: s, quote: q}\n"


@pytest.mark.parametrize(
    ("load", "first", "second", "field"),
    [
        (audiences_load, AUDIENCES, "quote: ''", "quote"),
        (audiences_load, AUDIENCES, "quote: q, parent: zz", "parent"),
        (audiences_load, AUDIENCES, "quote: q, includes_minors: x", "includes_minors"),
        (topics_load, TOPICS, "group: g", "quote"),
        (topics_load, TOPICS, "group: g, quote: q, audience_codes: [zz]", "audience_codes"),
    ],
)
def test_lists_of_the_rooms_name_the_line(db, tmp_path, load, first, second, field):
    with pytest.raises(DataError) as wrong:
        load(file=write(tmp_path, f"{first}- {{code: b, name_vi: B, source: s, {second}}}\n"))
    assert told(wrong) == ("du-lieu.yaml", "dòng 3, mục 2 (b)", field)


def test_decisions_name_the_line(tmp_path):
    for file in kpi_loading.DATA.glob("*.yaml"):
        shutil.copy(file, tmp_path)
    (tmp_path / kpi_loading.FEEDS).write_text("feeds:\n\n- {code: BG23-N1, counts: có, why: x}\n", encoding="utf-8")
    with pytest.raises(DataError) as wrong:
        kpi_loading.read(tmp_path, "Bắc Giang")
    assert told(wrong) == (kpi_loading.FEEDS, "dòng 3, mục 1 (BG23-N1)", "counts")


COURSE = """\
slug: khoa-nho
code: KN-01
title: Khoá nhỏ
summary: Sau khoá này bạn thử được.
hours: 1.5
audiences: [nguoi_dan]
illustration: bia.svg
steps:
- kind: lesson
  slug: bai-1
  title: Bài một
  minutes: 8
  body:
  - type: text
    value: <p>Xin chào.</p>
bank:
- {code: c1, kind: single, text: Câu 1?, options: [{text: A, correct: true}, {text: B}], explanation: Vì thế.}
- {code: c2, kind: puzzle, text: Câu 2?, options: [{text: A, correct: true}, {text: B}], explanation: Vì thế.}
"""


def course_folder(tmp_path, text):
    folder = tmp_path / "khoa-nho"
    folder.mkdir()
    write(folder, text, "course.yaml")
    write(folder, '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="9"/>', "bia.svg")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "where", "field"),
    [
        ("minutes: 8", "minutes: 800", "dòng 9, phần 1 (bai-1)", "minutes"),
        ("type: text", "type: video", "dòng 14, phần 1 (bai-1), khối 1", "type"),
        ("<p>", "<script>", "dòng 14, phần 1 (bai-1), khối 1", "value"),
        ("hours: 1.5", "hours: 0", "dòng 1, khoá học", "hours"),
    ],
)
def test_courses_name_the_line(tmp_path, old, new, where, field):
    with pytest.raises(DataError) as wrong:
        read_course(course_folder(tmp_path, COURSE.replace(old, new)))
    assert told(wrong) == ("khoa-nho/course.yaml", where, field)


@pytest.mark.parametrize(
    ("old", "new", "where", "field"),
    [
        ("kind: puzzle", "kind: puzzle", "dòng 18, câu c2", "kind"),
        ("code: c2", "code: c1", "dòng 18, câu c1", "code"),
        ("code: c2, ", "", "dòng 18, câu thứ 2", "code"),
    ],
)
def test_questions_name_the_line(db, tmp_path, old, new, where, field):
    course = read_course(course_folder(tmp_path, COURSE.replace(old, new)))
    with pytest.raises(DataError) as wrong:
        _bank_load(course)
    assert told(wrong) == ("khoa-nho/course.yaml", where, field)
