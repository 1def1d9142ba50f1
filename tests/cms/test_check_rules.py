"""The rules by themselves: what they find in plain values, and what they leave alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.checks import rules
from cms.checks.plain import (
    ERROR,
    NOTE,
    WARNING,
    PlainEmpty,
    PlainHeading,
    PlainLink,
    PlainMedia,
    PlainPage,
    PlainPicture,
    PlainScenario,
    PlainText,
)
from cms.checks.richtext import read

GOOD = PlainPage(
    kind="lesson",
    texts=[PlainText("Khối 1 (Đoạn văn)", ["Mở ứng dụng VNeID trên điện thoại."] * 40)],
    minutes=4,
    summary="Bài này giúp bạn đăng nhập.",
    rule="marked",
    has_owner=True,
    has_review_date=True,
)
LONG = " ".join(["tiếng"] * 36) + "."


def _with(**fields):
    return replace(GOOD, **fields)


def _text(*paragraphs, spoken=False):
    return {"texts": [*GOOD.texts, PlainText("Khối 2", paragraphs, spoken)]}


def _headings(*levels):
    return {"headings": [PlainHeading("Khối 1", level, f"Mục {level}") for level in levels]}


def _link(words, **fields):
    return {"links": [PlainLink("Khối 1", words, **fields)]}


def _codes(page):
    return {finding.code for finding in rules.check(page)}


def test_a_sound_lesson_has_nothing_found():
    assert rules.check(GOOD) == []


@pytest.mark.parametrize(
    ("code", "level", "plain"),
    [
        ("unusable", ERROR, _with(problems=["Bài học chưa có nội dung."])),
        ("field_empty", ERROR, _with(empty=[PlainEmpty("Khối 2 (Các bước làm)", "Tiêu đề")])),
        ("field_empty", ERROR, _with(empty=[PlainEmpty("Khối 2 (Đoạn văn)")])),
        ("no_alt", ERROR, _with(pictures=[PlainPicture("Khối 2 (Hình)", " ")])),
        ("no_captions", ERROR, _with(media=[PlainMedia("Khối 2", "video", False, True)])),
        ("no_transcript", ERROR, _with(media=[PlainMedia("Khối 2", "video", True, False)])),
        ("no_transcript", ERROR, _with(media=[PlainMedia("Khối 2", "audio", False, False)])),
        ("no_transcript", ERROR, _with(media=[PlainMedia("Khối 2", "embed", False, False)])),
        ("no_right_choice", ERROR, _with(scenarios=[PlainScenario("Khối 2", 0)])),
        ("link_broken", ERROR, _with(**_link("Trợ giúp", problem="dẫn tới một trang không còn."))),
        ("heading_skipped", ERROR, _with(**_headings(3))),
        ("heading_skipped", ERROR, _with(**_headings(2, 4))),
        ("prerequisite_circle", ERROR, _with(circle=["A", "B", "A"])),
        ("no_task", ERROR, _with(rule="signed_off", task="  ")),
        ("no_scenario", ERROR, _with(rule="scenario")),
        ("long_sentence", WARNING, _with(**_text(LONG))),
        ("long_paragraph", WARNING, _with(**_text("Một câu ngắn. " * 41))),
        ("long_lesson", WARNING, _with(minutes=16)),
        ("long_lesson", WARNING, _with(minutes=None, tasks=60)),
        ("minutes_far", WARNING, _with(minutes=1, tasks=6)),
        ("minutes_far", WARNING, _with(minutes=14)),
        ("vague_link", WARNING, _with(**_link("Tại đây"))),
        ("vague_link", WARNING, _with(**_link("https://dichvucong.gov.vn/"))),
        ("link_outside", WARNING, _with(**_link("Cổng", url="https://x.vn", problem="hỏng", is_outside=True))),
        ("all_caps", WARNING, _with(**_text("KHÔNG đọc mã cho ai."))),
        ("all_caps", WARNING, _with(**_text("BAM VAO DAY ngay."))),
        ("no_summary", WARNING, _with(summary=" ")),
        ("no_owner", WARNING, _with(has_owner=False)),
        ("no_review_date", WARNING, _with(has_review_date=False)),
        ("only_pictures", WARNING, _with(texts=[], pictures=[PlainPicture("Khối 1", "Màn hình.")])),
        ("drawing_unread", NOTE, _with(pictures=[PlainPicture("Khối 1", "Sơ đồ.", is_drawing=True)])),
    ],
)
def test_what_is_found(code, level, plain):
    found = {finding.code: finding for finding in rules.check(plain)}
    assert code in found
    assert found[code].level == level
    assert found[code].where
    assert found[code].text


@pytest.mark.parametrize(
    "plain",
    [
        _with(**_text(" ".join(["tiếng"] * 35) + ".")),
        _with(**_text(LONG, spoken=True)),  # what was said stands as it was said
        _with(**_text("Giá 1.500.000 đồng, gọi 1900.1234 để hỏi.")),
        _with(**_text("Mã OTP, CCCD và VNeID do UBND cấp.")),
        _with(**_text("Tổ CNSCĐ và BCĐ CĐS họp.")),
        _with(**_headings(2, 3, 3, 2, 3)),
        _with(**_link("Cổng Dịch vụ công quốc gia")),
        _with(media=[PlainMedia("Khối 2", "video", True, True)]),
        _with(media=[PlainMedia("Khối 2", "audio", False, True)]),
        _with(rule="signed_off", task="Nộp ảnh chụp màn hình."),
        _with(rule="scenario", scenarios=[PlainScenario("Khối 2", 1)]),
        PlainPage(kind="module"),
    ],
)
def test_what_is_left_alone(plain):
    assert rules.check(plain) == []


def test_errors_come_first_and_nothing_twice():
    page = _with(summary="", pictures=[PlainPicture("Khối 1", "")] * 2, **_headings(3))
    found = rules.check(page)
    assert [finding.level for finding in found] == sorted((f.level for f in found), key=[ERROR, WARNING, NOTE].index)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("text", "count"),
    [("giấy chứng nhận", 3), ("1.500 đồng – hết!", 3), ("", 0), ("học-bạ; (số)", 2), ("a\n b  c", 3)],
)
def test_syllables_are_what_stands_between_spaces(text, count):
    assert rules.syllables(text) == count


def test_reading_time_counts_words_pictures_tasks_and_situations():
    page = PlainPage(kind="lesson", texts=[PlainText("Khối 1", ["tiếng " * 360])])
    assert rules.reading_seconds(page) == 120
    assert rules.reading_minutes(page) == 2
    more = replace(page, pictures=[PlainPicture("", "x")] * 2, tasks=3, scenarios=[PlainScenario("", 1)])
    assert rules.reading_seconds(more) == 120 + 24 + 60 + 30
    assert rules.reading_minutes(PlainPage(kind="lesson")) == 1


@given(st.lists(st.text(max_size=80), max_size=6), st.integers(0, 5), st.integers(0, 5))
def test_more_to_do_never_takes_less_time(paragraphs, pictures, tasks):
    page = PlainPage(
        kind="lesson",
        texts=[PlainText("", paragraphs)],
        pictures=[PlainPicture("", "x")] * pictures,
        tasks=tasks,
    )
    longer = replace(page, texts=[*page.texts, PlainText("", ["thêm một câu"])], tasks=tasks + 1)
    assert rules.reading_seconds(longer) >= rules.reading_seconds(page) + rules.SECONDS_A_TASK


@given(st.text(max_size=300))
def test_any_text_can_be_checked_and_no_syllable_is_lost_in_sentences(text):
    rules.check(_with(**_text(text)))
    assert sum(map(rules.syllables, rules.sentences(text))) <= rules.syllables(text) + text.count(".")


@given(st.lists(st.integers(1, 6), max_size=12))
def test_headings_are_refused_exactly_when_one_is_skipped(levels):
    skipped = any(here > before + 1 for before, here in zip([1, *levels], levels, strict=False))
    assert ("heading_skipped" in _codes(_with(**_headings(*levels)))) == skipped


@pytest.mark.parametrize(
    ("wanted", "asks", "way"),
    [
        (["b"], {}, []),
        (["a"], {}, ["a", "a"]),
        (["b"], {"b": ["a"]}, ["a", "b", "a"]),
        (["b"], {"b": ["c"], "c": ["a"]}, ["a", "b", "c", "a"]),
        (["b"], {"b": ["c"], "c": ["b"]}, []),  # a ring of others
        (["b", "c"], {"b": ["d"], "c": ["d"], "d": []}, []),
    ],
)
def test_a_circle_is_named_by_its_way(wanted, asks, way):
    assert rules.circle("a", wanted, asks) == way


@given(st.dictionaries(st.integers(0, 7), st.sets(st.integers(0, 7), max_size=4)), st.sets(st.integers(0, 7)))
def test_a_circle_is_found_exactly_when_the_start_reaches_itself(asks, wanted):
    reached, waiting = set(), list(wanted)
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting += [] if here == 0 else asks.get(here, ())
    way = rules.circle(0, wanted, asks)
    assert bool(way) == (0 in reached)
    if way:
        assert way[0] == way[-1] == 0
        assert way[1] in wanted
        assert all(later in asks[here] for here, later in zip(way[1:-1], way[2:], strict=True))


def test_rich_text_is_read_as_paragraphs_headings_and_links():
    found = read(
        '<h2>Mục một</h2><p>Câu <b>đậm</b> và <a linktype="page" id="7">trang</a>.<br/>Dòng hai</p>'
        '<ul><li>Một</li><li><a href="https://x.vn/a?b=1&amp;c=2">Ngoài</a></li></ul><h3>Mục &amp; nhỏ</h3>'
    )
    assert found.paragraphs == ["Câu đậm và trang.", "Dòng hai", "Một", "Ngoài"]
    assert found.headings == [(2, "Mục một"), (3, "Mục & nhỏ")]
    assert [(link.kind, link.target, link.url, link.words) for link in found.links] == [
        ("page", 7, "", "trang"),
        ("", None, "https://x.vn/a?b=1&c=2", "Ngoài"),
    ]


@given(st.text(max_size=200))
def test_any_text_can_be_read(text):
    read(text)


def test_minutes_that_nobody_stated_are_not_found_wrong():
    assert "minutes_far" not in _codes(_with(minutes=None, tasks=6))
